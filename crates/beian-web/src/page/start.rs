//! Beginning an order: what is filed, nature, domain, certificate, and what follows from them.
//!
//! The certificate number comes last, so that it never stands in an address:
//! it goes straight from the form into the sealed order.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{BeginOutcome, Beginning, Diagnosis, Lookup, LookupQuery};
use beian_domain::{
    Case, CertificateKind, CertificateNumber, CertificateNumberError, DomainName, DomainNameError,
    FilingKind, Personal, Role, ServiceKind, SponsorNature,
};
use serde::Deserialize;

use super::order_number;
use crate::error::Problem;
use crate::finding::FindingView;
use crate::form::{
    Choice, Chosen, Control, FieldView, Fields, Hidden, More, QuestionPage, RemedyAt, order_path, posted,
};
use crate::plan::PlanView;
use crate::visit::{Visit, encode, page};
use crate::wizard::{Answer, Asking, Step, field, nature_choices, read};

/// What was answered so far, in the address.
#[derive(Deserialize, Default, Clone)]
pub(crate) struct SoFar {
    #[serde(default)]
    service: String,
    #[serde(default)]
    nature: String,
    #[serde(default)]
    domain: String,
}

impl SoFar {
    /// What was answered before, as the hidden fields of a form have it.
    fn posted(fields: &Fields) -> Self {
        let get = |name: &str| fields.get(name).to_owned();
        Self { service: get("service"), nature: get("nature"), domain: get("domain") }
    }

    /// What is to be filed: a website, if an address does not say.
    fn service(&self) -> ServiceKind {
        self.service.parse().unwrap_or_default()
    }

    fn nature(&self) -> Option<SponsorNature> {
        self.nature.parse().ok()
    }

    fn domain(&self) -> Option<DomainName> {
        DomainName::from_host(&self.domain).ok()
    }

    /// A page with what was answered so far.
    fn path(&self, page: &str) -> String {
        let mut path = format!("{page}?service={}", self.service().slug());
        if let Some(nature) = self.nature() {
            path.push_str(&format!("&nature={}", nature.slug()));
        }
        if let Some(domain) = self.domain() {
            path.push_str(&format!("&domain={}", encode(domain.as_unicode())));
        }
        path
    }

    /// The same as hidden fields of a form.
    fn hidden(&self) -> Hidden {
        let mut hidden = vec![("service", self.service().slug().to_owned())];
        hidden.extend(self.nature().map(|nature| ("nature", nature.slug().to_owned())));
        hidden.extend(self.domain().map(|domain| ("domain", domain.as_unicode().to_owned())));
        Hidden(hidden)
    }
}

/// First question: what is to be filed. The kind of *filing* is nobody's to know.
pub(crate) async fn service(visit: Visit, Query(so_far): Query<SoFar>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    page(&service_page(&visit, &so_far.service, None))
}

/// Takes the first answer.
pub(crate) async fn choose_service(visit: Visit, request: Request) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    match fields.get("service").parse::<ServiceKind>() {
        Ok(_) => Ok(Redirect::to(&SoFar::posted(&fields).path("/start/nature")).into_response()),
        Err(_) => {
            let form = service_page(&visit, "", Some(visit.t("start-service-missing")));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
        }
    }
}

/// Second question.
pub(crate) async fn nature(visit: Visit, Query(so_far): Query<SoFar>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    page(&nature_page(&visit, &so_far, None))
}

/// Takes the second answer.
pub(crate) async fn choose_nature(visit: Visit, request: Request) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let chosen = fields.get(&Answer::Nature.name());
    let so_far = SoFar { nature: chosen.to_owned(), ..SoFar::posted(&fields) };
    if so_far.nature().is_some() {
        return Ok(Redirect::to(&so_far.path("/start/domain")).into_response());
    }
    let form = nature_page(&visit, &so_far, Some(visit.t("start-nature-missing")));
    Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
}

/// Third question.
pub(crate) async fn domain(visit: Visit, Query(so_far): Query<SoFar>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    if so_far.nature().is_none() {
        return Ok(Redirect::to("/start").into_response());
    }
    page(&domain_page(&visit, &so_far, &so_far.domain, None))
}

/// Takes the third answer.
pub(crate) async fn choose_domain(visit: Visit, request: Request) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let typed = fields.get(&Answer::Domain.name());
    let so_far = SoFar { domain: typed.to_owned(), ..SoFar::posted(&fields) };
    if so_far.nature().is_none() {
        return Ok(Redirect::to("/start").into_response());
    }
    match DomainName::from_host(typed) {
        Ok(_) => Ok(Redirect::to(&so_far.path("/start/certificate")).into_response()),
        Err(error) => {
            let form = domain_page(&visit, &so_far, typed, Some(domain_error(&visit, &error)));
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response())
        }
    }
}

/// Fourth question.
pub(crate) async fn certificate(visit: Visit, Query(so_far): Query<SoFar>) -> Result<Response, Problem> {
    visit.signed_in_as(Role::Filer)?;
    let (Some(nature), Some(_)) = (so_far.nature(), so_far.domain()) else {
        return Ok(Redirect::to("/start").into_response());
    };
    page(&certificate_page(&visit, &so_far, nature, None))
}

/// What is asked of a certificate that was replaced. The record may bear its
/// number, and then only that number finds it (S03, S09).
const FORMER: [Answer; 3] = [Answer::FormerNumber, Answer::FormerKind, Answer::FormerWhereabouts];

/// Takes the fourth answer and begins.
pub(crate) async fn begin(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let so_far = SoFar::posted(&fields);
    let (Some(nature), Some(domain)) = (so_far.nature(), so_far.domain()) else {
        return Ok(Redirect::to("/start").into_response());
    };
    let mut form = certificate_page(&visit, &so_far, nature, Some(&fields));
    let kind = fields
        .get(&Answer::CertificateKind.name())
        .parse::<CertificateKind>()
        .ok()
        .filter(|kind| nature.certificate_kinds().contains(kind));
    let typed = fields.get(&Answer::CertificateNumber.name());
    let Some(kind) = kind else {
        form.fields[0].error = Some(visit.t("start-kind-missing"));
        if typed.is_empty() {
            form.fields[1].error = Some(visit.t("start-number-missing"));
        }
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    };
    let mut former = Case::default();
    former.sponsor.certificate.kind = Some(kind);
    for (place, answer) in FORMER.into_iter().enumerate() {
        if let Err(error) = read(answer, &fields, &mut former) {
            form.more.fields[place].error = Some(visit.with(error.key(), visit.t(&answer.key())));
            return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
        }
    }
    let former = former.sponsor.certificate.former;
    if let Some(former) = &former
        && let Err(error) = CertificateNumber::parse(former.kind, former.number.expose())
    {
        form.more.fields[0].error = Some(number_error(&visit, former.number.expose(), &error));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    }
    if let Err(error) = CertificateNumber::parse(kind, typed) {
        form.fields[1].error = Some(number_error(&visit, typed, &error));
        return Ok((StatusCode::UNPROCESSABLE_ENTITY, page(&form)?).into_response());
    }
    let service = so_far.service();
    let beginning = Beginning {
        service,
        nature,
        certificate_kind: kind,
        certificate_number: Personal::new(typed),
        former,
        domain: domain.as_unicode().to_owned(),
    };
    match visit.app.begin_order(user, beginning).await? {
        BeginOutcome::Begun(order) => Ok(Redirect::to(&order_path(&order.number, "/begun")).into_response()),
        BeginOutcome::Open(order) => Ok((StatusCode::CONFLICT, open_page(&visit, &order)?).into_response()),
        BeginOutcome::Blocked { diagnosis, verdict, plan } => {
            let go = |pointer: &str| match Step::owner(pointer) {
                Some(Step::Website) => Some(so_far.path("/start/domain")),
                Some(Step::Nature) => Some(so_far.path("/start/nature")),
                Some(Step::Certificate) => Some(so_far.path("/start/certificate")),
                _ => None,
            };
            let label = |kind: &FilingKind| visit.pick(&kind.label()).to_owned();
            let (kind, reason) = match &diagnosis {
                Diagnosis::Conflict { cause, kind } => {
                    (kind.as_ref().map(label), Some(visit.pick(&cause.label()).to_owned()))
                }
                Diagnosis::Undetermined { missing } => (None, Some(visit.pick(missing).to_owned())),
                Diagnosis::Kind(kind) => (Some(label(kind)), None),
            };
            let page = page(&BlockedPage {
                visit: &visit,
                remedy_at: None,
                domain: domain.as_unicode().to_owned(),
                kind,
                reason,
                plan: Some(PlanView::before_order(&visit, &plan, service)),
                findings: verdict
                    .diagnostics
                    .iter()
                    .map(|found| {
                        FindingView::before_order(&visit, found, go).with_plan(&visit, found, Some(&plan))
                    })
                    .collect(),
                other_domain: so_far.path("/start/domain"),
                other_certificate: so_far.path("/start/certificate"),
            })?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// The page that shows the order which is open instead.
pub(super) fn open_page(visit: &Visit, order: &beian_app::OrderSummary) -> Result<Response, Problem> {
    page(&OpenPage {
        visit,
        number: order.number.to_string(),
        domain: super::home::shown_domain(order.domain.as_deref()),
        state: visit.t(&format!("order-state-{}", order.state.slug())),
    })
}

#[derive(Template)]
#[template(path = "open.html")]
struct OpenPage<'a> {
    visit: &'a Visit,
    number: String,
    domain: String,
    state: String,
}

#[derive(Template)]
#[template(path = "blocked.html")]
struct BlockedPage<'a> {
    visit: &'a Visit,
    remedy_at: Option<RemedyAt>,
    domain: String,
    /// The kind of filing that the records call for, if that can be told.
    kind: Option<String>,
    /// The one cause for which they allow none as they are.
    reason: Option<String>,
    plan: Option<PlanView>,
    findings: Vec<FindingView>,
    other_domain: String,
    other_certificate: String,
}

#[derive(Template)]
#[template(path = "begun.html")]
struct BegunPage<'a> {
    visit: &'a Visit,
    remedy_at: Option<RemedyAt>,
    number: String,
    domain: String,
    kind: String,
    /// What the regulator answered of the domain, and when.
    evidence: String,
    /// What is missing, if the kind is not certain.
    missing: Option<String>,
    /// The proposed region and why.
    region: Option<(String, String)>,
    certificate_path: String,
    materials: Vec<String>,
    findings: Vec<FindingView>,
}

/// What was derived, with its evidence.
pub(crate) async fn begun(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order(user, &number).await?;
    let domain = view.order.domain();
    let looked_up = match &domain {
        Some(domain) => Some(visit.app.lookup(&LookupQuery::Domain(domain.clone())).await?),
        None => None,
    };
    let evidence = match looked_up {
        Some(Lookup::NotFiled { as_of }) => {
            visit.with("begun-asked-not-filed", visit.language.time_of_day(as_of))
        }
        Some(Lookup::Filed { first, .. }) => {
            visit.with("begun-asked-filed", first.service_number.map(|n| n.to_string()).unwrap_or_default())
        }
        Some(Lookup::Cancelled { .. } | Lookup::Unknown { .. }) | None => visit.t("begun-not-asked"),
    };
    let missing = match &view.diagnosis {
        Diagnosis::Undetermined { missing } => Some(visit.pick(missing).to_owned()),
        Diagnosis::Kind(_) | Diagnosis::Conflict { .. } => None,
    };
    let asked_already = [Step::Nature, Step::Certificate, Step::Website];
    page(&BegunPage {
        remedy_at: Some(RemedyAt::order(&number, view.order.revision, "begun")),
        domain: domain.map(|domain| domain.as_unicode().to_owned()).unwrap_or_default(),
        kind: visit.kind_of_filing(view.order.kind, view.order.case.service.kind),
        evidence,
        missing,
        region: view.region.as_ref().and_then(|region| {
            let name = visit.app.rulebook().division_name(region.division)?;
            Some((name, visit.pick(&region.why).to_owned()))
        }),
        certificate_path: Step::Certificate.path(&number),
        materials: view.required_materials.iter().map(|m| visit.pick(&m.label()).to_owned()).collect(),
        findings: view
            .verdict
            .diagnostics
            .iter()
            .filter(|found| {
                Step::owner(found.pointer.as_str()).is_some_and(|step| asked_already.contains(&step))
            })
            .map(|found| FindingView::of_order(&visit, found, &number))
            .collect(),
        number: number.to_string(),
        visit: &visit,
    })
}

fn service_page<'a>(visit: &'a Visit, chosen: &str, error: Option<String>) -> QuestionPage<'a> {
    let choices = ServiceKind::ALL.iter().map(|kind| Choice {
        value: kind.slug().to_owned(),
        label: visit.pick(&kind.label()).to_owned(),
        hint: Some(visit.t(&format!("start-service-{}-hint", kind.slug()))),
        chosen: Chosen::of(kind.slug() == chosen),
    });
    let mut service =
        FieldView::line("service", visit.t("start-service"), None, "", crate::form::Line::default());
    service.control = Control::Radios(choices.collect());
    service.error = error;
    question(visit, 1, "start-service", "/start", "/home".to_owned(), vec![service], Hidden::default())
}

fn nature_page<'a>(visit: &'a Visit, so_far: &SoFar, error: Option<String>) -> QuestionPage<'a> {
    let mut nature = plain_field(Answer::Nature, visit, "");
    nature.control = Control::Radios(nature_choices(visit, std::slice::from_ref(&so_far.nature)));
    nature.error = error;
    let back = so_far.path("/start");
    let hidden = SoFar { nature: String::new(), ..so_far.clone() }.hidden();
    let mut page = question(visit, 2, "step-nature", "/start/nature", back, vec![nature], hidden);
    page.title = Step::Nature.title(visit, so_far.service());
    page
}

fn domain_page<'a>(visit: &'a Visit, so_far: &SoFar, typed: &str, error: Option<String>) -> QuestionPage<'a> {
    let service = so_far.service();
    let mut domain = plain_field(Answer::Domain, visit, typed);
    domain.error = error;
    let hidden = SoFar { domain: String::new(), ..so_far.clone() }.hidden();
    let back = so_far.path("/start/nature");
    let mut page = question(visit, 3, "start-domain", "/start/domain", back, vec![domain], hidden);
    if !service.is_website() {
        page.title = visit.of_kind("start-domain-app", service);
        page.intro.push(visit.of_kind("start-domain-app-intro", service));
    }
    page
}

fn certificate_page<'a>(
    visit: &'a Visit,
    so_far: &SoFar,
    nature: SponsorNature,
    typed: Option<&Fields>,
) -> QuestionPage<'a> {
    let mut case = Case::default();
    case.sponsor.nature = Some(nature);
    // Most have the first kind of their nature.
    case.sponsor.certificate.kind = nature.certificate_kinds().first().copied();
    let asking = Asking {
        visit,
        case: &case,
        order: None,
        returned: &[],
        typed,
        province: None,
        resources: &[],
        codes: &[],
    };
    let fields = [Answer::CertificateKind, Answer::CertificateNumber]
        .into_iter()
        .map(|answer| field(answer, &asking, None))
        .collect();
    let back = so_far.path("/start/domain");
    let mut page =
        question(visit, 4, "step-certificate", "/start/certificate", back, fields, so_far.hidden());
    page.intro.push(visit.t("start-certificate-intro"));
    page.more = More {
        title: visit.t("more-certificate"),
        fields: FORMER.into_iter().map(|answer| field(answer, &asking, None)).collect(),
    };
    page
}

fn plain_field(answer: Answer, visit: &Visit, typed: &str) -> FieldView {
    let case = Case::default();
    let fields = Fields(vec![(answer.name(), typed.to_owned())]);
    let typed = (!typed.is_empty()).then_some(&fields);
    field(
        answer,
        &Asking {
            visit,
            case: &case,
            order: None,
            returned: &[],
            typed,
            province: None,
            resources: &[],
            codes: &[],
        },
        None,
    )
}

fn question<'a>(
    visit: &'a Visit,
    place: i64,
    title_key: &str,
    action: &str,
    back: String,
    fields: Vec<FieldView>,
    hidden: Hidden,
) -> QuestionPage<'a> {
    QuestionPage {
        visit,
        title: visit.t(title_key),
        caption: Some(visit.count("start-caption", place)),
        intro: Vec::new(),
        banner: None,
        back: Some(back),
        action: action.to_owned(),
        fields,
        hidden,
        button: visit.t("button-continue"),
        links: Vec::new(),
        general: Vec::new(),
        more: More::default(),
        remedy_at: None,
        at_order: None,
    }
}

/// What is wrong with a domain, in the visitor's words.
pub(crate) fn domain_error(visit: &Visit, error: &DomainNameError) -> String {
    match error {
        DomainNameError::Syntax { got } if got.is_empty() => visit.t("domain-missing"),
        DomainNameError::Syntax { got } => visit.with("domain-syntax", got),
        DomainNameError::Address { got } => visit.with("domain-address", got),
        DomainNameError::PublicSuffix { suffix } => visit.with("domain-suffix", suffix),
        DomainNameError::Subdomain { registrable, .. } => visit.with("domain-subdomain", registrable),
        DomainNameError::Length { got } => visit.count("domain-length", *got as i64),
    }
}

/// What is wrong with the number of a certificate, in the visitor's words.
pub(crate) fn number_error(visit: &Visit, typed: &str, error: &CertificateNumberError) -> String {
    match error {
        _ if typed.is_empty() => visit.t("start-number-missing"),
        CertificateNumberError::Form { length, .. } => visit.count("number-form", *length as i64),
        CertificateNumberError::CheckCharacter { expected, .. } => visit.with("number-check", expected),
        CertificateNumberError::DateOfBirth => visit.t("number-birth"),
    }
}
