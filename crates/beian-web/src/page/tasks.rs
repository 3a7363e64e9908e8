//! The wizard: its task list, and one question a page.

use askama::Template;
use axum::extract::{Path, Query, Request};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{AppError, CodeView, Condition, Met, OrderView, SheetId, Typed, User};
use beian_domain::{Case, DivisionCode, OrderNumber, OrderState, Resource, Role, ServiceKind};
use serde::Deserialize;

use super::order_number;
use super::rows::{ConsequenceView, PaperRow, consequences, papers};
use super::typed::{AtOrder, sheet};
use crate::error::Problem;
use crate::form::{FORM_LIMIT, Fields, Hidden, More, QuestionPage, RemedyAt, order_path, read_form};
use crate::picture::{QrDrawing, qr_code};
use crate::security;
use crate::visit::{Visit, page};
use crate::wizard::{Answer, AnswerError, Asking, Scope, Section, Step, StepState, display, field, read};

#[derive(Template)]
#[template(path = "tasks.html")]
struct TasksPage<'a> {
    visit: &'a Visit,
    number: String,
    domain: String,
    kind: String,
    state: OrderState,
    consequences: Vec<ConsequenceView>,
    sections: Vec<TaskSection>,
    /// Whether the principal has proven who they are, if this kind wants it.
    proof: Option<StepState>,
    done: usize,
    total: usize,
    /// The page to go on with, if there is one left.
    next: Option<String>,
    is_ready: bool,
    papers: Vec<PaperRow>,
    /// This page's address, for the camera of a telephone.
    phone: Option<QrDrawing>,
    remedy_at: Option<RemedyAt>,
    at_order: AtOrder,
}

struct TaskSection {
    title: String,
    tasks: Vec<Task>,
}

struct Task {
    title: String,
    path: String,
    state: StepState,
}

/// The task list.
pub(crate) async fn show(visit: Visit, Path(number): Path<String>) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let view = visit.app.order(user, &number).await?;
    let order = &view.order;
    if !order.state().is_editable() {
        return Ok(Redirect::to(&order_path(&number, "")).into_response());
    }
    let unfinished = super::typed::unfinished(&visit, user, order).await?;
    let mut sections: Vec<TaskSection> = Vec::new();
    let (mut done, mut total, mut next) = (0, 0, None);
    for section in Section::ALL {
        let mut tasks = Vec::new();
        for step in Scope::of(&view).steps() {
            if step.section() != section {
                continue;
            }
            let state = match step.state(&order.case, &view.verdict, order.state(), &order.returned) {
                StepState::Locked => StepState::Locked,
                _ if unfinished.contains(&step) => StepState::Typed,
                state => state,
            };
            // What need not be answered is neither done nor left to do.
            match state {
                StepState::Optional => {}
                StepState::Done | StepState::Locked => {
                    total += 1;
                    done += 1;
                }
                StepState::NotStarted
                | StepState::Typed
                | StepState::NeedsAttention
                | StepState::Returned => {
                    total += 1;
                    next.get_or_insert_with(|| step.path(&number));
                }
            }
            tasks.push(Task {
                title: step.task(&visit, order.case.service.kind),
                path: step.path(&number),
                state,
            });
        }
        if !tasks.is_empty() {
            sections
                .push(TaskSection { title: visit.of_kind(section.key(), order.case.service.kind), tasks });
        }
    }
    let proof = order
        .kind
        .wants_proof_of_identity()
        .then(|| if view.lacks_proof_of_identity() { StepState::NotStarted } else { StepState::Done });
    if let Some(state) = proof {
        total += 1;
        if state == StepState::Done {
            done += 1;
        } else {
            next.get_or_insert_with(|| order_path(&number, "/authenticity"));
        }
    }
    page(&TasksPage {
        proof,
        domain: super::home::shown_domain(order.case.service.domain.as_deref()),
        kind: visit.kind_of_filing(order.kind, order.case.service.kind),
        consequences: consequences(&visit, &view),
        state: order.state(),
        is_ready: view.verdict.is_clear(),
        papers: papers(&visit, &view),
        phone: qr_code(&format!("{}{}", visit.config.public_url, order_path(&number, "/tasks"))),
        remedy_at: Some(RemedyAt::order(&number, order.revision, "tasks")),
        at_order: AtOrder::reading(&visit, order, "tasks"),
        number: number.to_string(),
        visit: &visit,
        sections,
        done,
        total,
        next,
    })
}

#[derive(Deserialize, Default)]
pub(crate) struct Asked {
    /// Set after an answer was kept to which the rules object.
    #[serde(default)]
    saved: Option<String>,
    /// What is told of the answer before, by its key.
    #[serde(default)]
    told: Option<String>,
    /// Another province's counties.
    #[serde(default)]
    province: Option<String>,
}

/// Asks a question.
pub(crate) async fn ask(
    visit: Visit,
    Path((number, slug)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let number = order_number(&number)?;
    let step = question_step(&slug)?;
    let view = visit.app.order(user, &number).await?;
    if !view.order.state().is_editable() {
        return Ok(Redirect::to(&order_path(&number, "")).into_response());
    }
    if !step.is_open(view.order.state(), &view.order.returned) {
        return Err(Problem::NotReturned(Some(number)));
    }
    let kept = visit.app.typed_page(user, &view.order, step.slug()).await?;
    let typed = kept.as_ref().map(|kept| Fields(kept.fields.clone()));
    // Who looks at another province's counties has left theirs behind.
    let typed =
        typed.filter(|typed| asked.province.is_none() && super::typed::is_new(step, typed, &view.order.case));
    let province = asked.province.as_deref().and_then(|code| code.parse::<DivisionCode>().ok());
    if asks_division(step)
        && (asked.province.as_deref() == Some("") || province_of(step, &view, None).is_none())
        && province.is_none()
        && typed.is_none()
    {
        return page(&ProvincesPage::new(&visit, &number, step));
    }
    let resources = resources_for(&visit, user, step).await?;
    let wanted = typed.as_ref().and_then(|typed| typed.get("province").parse().ok());
    let sheets = Sheets { own: visit.app.new_sheet(), after: kept.as_ref().map(|kept| kept.sheet) };
    let shown = Shown { typed: typed.as_ref(), errors: &[], sheets, province: province.or(wanted) };
    let mut form = step_page(&visit, &view, step, &resources, &shown);
    form.banner = told(&visit, asked.told.as_deref());
    if let (Some(kept), Some(_), Some(at_order)) = (&kept, &typed, &mut form.at_order) {
        form.banner = Some(visit.with("typed-restored", visit.moment(&kept.at)));
        at_order.is_restored = true;
    }
    if asked.saved.is_some()
        && form.fields.iter().chain(&form.more.fields).any(crate::form::FieldView::is_invalid)
    {
        form.banner = Some(visit.t("saved-but"));
        let next = Scope::of(&view).next(step);
        let to = next.map_or_else(|| order_path(&number, "/check"), |next| next.path(&number));
        form.links.insert(0, (visit.t("saved-go-on"), to));
    }
    page(&form)
}

/// Takes an answer.
pub(crate) async fn answer(
    visit: Visit,
    Path((number, slug)): Path<(String, String)>,
    request: Request,
) -> Result<Response, Problem> {
    let number = order_number(&number)?;
    let step = question_step(&slug)?;
    let fields = read_form(request).await?;
    let size: usize = fields.0.iter().map(|(name, value)| name.len() + value.len()).sum();
    if visit.user.is_none() && size <= KEPT_LIMIT {
        // The session is over; what was typed comes back after the password.
        let kept = visit.app.keep_typed(Typed { order: number.clone(), page: slug, fields: fields.0 })?;
        return super::account::sign_in_with(&visit, &step.path(&number), &kept);
    }
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.order(user, &number).await?;
    if !view.order.state().is_editable() {
        return Err(Problem::Moved(Some(number)));
    }
    let resources = resources_for(&visit, user, step).await?;
    let again = |status: StatusCode, banner: Option<String>, errors: &[(Answer, AnswerError)]| {
        let mut form = step_page(&visit, &view, step, &resources, &Shown::again(&visit, &fields, errors));
        form.banner = banner;
        page(&form).map(|page| (status, page).into_response())
    };
    // A session that was renewed while the form was open: what was typed stays,
    // and counts once it is sent with the new token.
    if security::check_token(&visit, fields.get("csrf")).is_err() {
        return again(StatusCode::FORBIDDEN, Some(visit.t("form-expired")), &[]);
    }
    let mut draft = view.order.case.clone();
    let errors: Vec<(Answer, AnswerError)> = step
        .answers()
        .into_iter()
        .filter_map(|answer| read(answer, &fields, &mut draft).err().map(|error| (answer, error)))
        .collect();
    if !errors.is_empty() {
        return again(StatusCode::UNPROCESSABLE_ENTITY, None, &errors);
    }
    let revision = fields.revision()?;
    let edit = |case: &mut Case| {
        for answer in step.answers() {
            // Each was read without an error a moment ago.
            let _ = read(answer, &fields, case);
        }
    };
    match visit.app.edit_order(user, &number, revision, edit).await {
        Ok(_) => {}
        // The same form sent twice, or another tab that says the same.
        Err(AppError::Stale { .. }) if draft == view.order.case => {}
        Err(AppError::Stale { .. }) => {
            return again(StatusCode::CONFLICT, Some(visit.t("form-stale")), &[]);
        }
        Err(error) => return Err(Problem::from(error).at(&number)),
    }
    // It counts now; a copy beside it would only look like more.
    visit.app.forget_typed_page(user, &number, step.slug()).await?;
    after(&visit, user, &number, step).await
}

/// Most bytes of answers that a sign-in form carries along: sealed, they must fit into it.
pub(super) const KEPT_LIMIT: usize = FORM_LIMIT / 2;

/// A question as it was answered when the session was over, for whoever has signed in since; the
/// order is perhaps not theirs to see.
pub(crate) async fn typed_again(visit: &Visit, typed: Typed) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let step = question_step(&typed.page)?;
    let view = visit.app.order(user, &typed.order).await?;
    if !view.order.state().is_editable() {
        return Err(Problem::Moved(Some(typed.order)));
    }
    let fields = Fields(typed.fields);
    let resources = resources_for(visit, user, step).await?;
    let mut form = step_page(visit, &view, step, &resources, &Shown::again(visit, &fields, &[]));
    form.banner = Some(visit.t("form-resumed"));
    page(&form)
}

/// Where an answer leads: to the next page, or, if the rules object to it, to
/// the same page, which says so.
async fn after(visit: &Visit, user: &User, number: &OrderNumber, step: Step) -> Result<Response, Problem> {
    let view = visit.app.order(user, number).await?;
    let order = &view.order;
    let state = step.state(&order.case, &view.verdict, OrderState::Draft, &[]);
    let to = if state == StepState::NeedsAttention {
        format!("{}?saved=1", step.path(number))
    } else if order.state() == OrderState::Returned {
        order_path(number, "/tasks")
    } else {
        let next = match Scope::of(&view).next(step) {
            Some(next) => next.path(number),
            None => order_path(number, "/check"),
        };
        // A wrong one has its finding at its field; that it is right or unknown is told once.
        match step {
            Step::FilingPassword => {
                let is_open = view.verdict.undetermined.iter().any(|gap| gap.code.0 == "FLO022");
                format!("{next}?told={}", if is_open { TOLD_UNKNOWN } else { TOLD_RIGHT })
            }
            _ => next,
        }
    };
    Ok(Redirect::to(&to).into_response())
}

const TOLD_RIGHT: &str = "password-right";
const TOLD_UNKNOWN: &str = "password-unknown";

/// What the regulator said of the filing password that was typed on the page before.
pub(crate) fn told(visit: &Visit, key: Option<&str>) -> Option<String> {
    match key? {
        TOLD_RIGHT => Some(visit.t("told-password-right")),
        TOLD_UNKNOWN => Some(visit.t("told-password-unknown")),
        _ => None,
    }
}

#[derive(Template)]
#[template(path = "provinces.html")]
struct ProvincesPage<'a> {
    visit: &'a Visit,
    title: String,
    back: String,
    provinces: Vec<(String, String)>,
}

impl<'a> ProvincesPage<'a> {
    fn new(visit: &'a Visit, number: &OrderNumber, step: Step) -> Self {
        let rulebook = visit.app.rulebook();
        Self {
            visit,
            // Only divisions are chosen so, and those are not the service's.
            title: step.title(visit, ServiceKind::default()),
            back: order_path(number, "/tasks"),
            provinces: rulebook
                .divisions_below(None)
                .into_iter()
                .map(|(code, name)| (format!("{}?province={code}", step.path(number)), name.to_owned()))
                .collect(),
        }
    }
}

pub(super) fn question_step(slug: &str) -> Result<Step, Problem> {
    Step::from_slug(slug).filter(|step| !matches!(step, Step::Material(_))).ok_or(Problem::NotFound)
}

fn asks_division(step: Step) -> bool {
    matches!(step, Step::CertificateDivision | Step::Division)
}

/// On what the account can file.
#[derive(Default)]
struct Servers {
    own: Vec<(Resource, Vec<Condition>)>,
    codes: Vec<CodeView>,
}

async fn resources_for(visit: &Visit, user: &User, step: Step) -> Result<Servers, Problem> {
    if step != Step::Resource {
        return Ok(Servers::default());
    }
    let own = visit.app.resources(user).await?;
    Ok(Servers { own, codes: visit.app.usable_codes(user).await? })
}

/// Whose counties are offered: the wanted ones, else where the answer lies,
/// else where the certificate says.
fn province_of(step: Step, view: &OrderView, wanted: Option<DivisionCode>) -> Option<DivisionCode> {
    let sponsor = &view.order.case.sponsor;
    let answered = match step {
        Step::CertificateDivision => sponsor.certificate.division,
        _ => sponsor.division,
    };
    wanted
        .or(answered)
        .or(sponsor.certificate.division)
        .or_else(|| view.region.as_ref().map(|region| region.division))
        .map(DivisionCode::province)
}

/// What a page shows that is not the order's.
struct Shown<'a> {
    /// What was typed, if it is shown in the place of what is stored.
    typed: Option<&'a Fields>,
    errors: &'a [(Answer, AnswerError)],
    sheets: Sheets,
    /// Whose counties are wanted.
    province: Option<DivisionCode>,
}

/// Which showing of the page this is, and whose text it goes on from.
struct Sheets {
    own: SheetId,
    after: Option<SheetId>,
}

impl<'a> Shown<'a> {
    /// The same sheet once more, as it came.
    fn again(visit: &Visit, fields: &'a Fields, errors: &'a [(Answer, AnswerError)]) -> Self {
        let own = sheet(fields, "sheet").unwrap_or_else(|| visit.app.new_sheet());
        Self {
            typed: Some(fields),
            errors,
            sheets: Sheets { own, after: sheet(fields, "after") },
            province: fields.get("province").parse().ok(),
        }
    }
}

fn step_page<'a>(
    visit: &'a Visit,
    view: &OrderView,
    step: Step,
    servers: &Servers,
    shown: &Shown<'_>,
) -> QuestionPage<'a> {
    let Shown { typed, errors, .. } = *shown;
    let order = &view.order;
    let number = &order.number;
    let mut case = order.case.clone();
    // What the address says is proposed before the person has to look for it.
    if step == Step::CertificateDivision && case.sponsor.certificate.division.is_none() {
        case.sponsor.certificate.division = view.region.as_ref().map(|region| region.division);
    }
    if step == Step::Division && case.sponsor.division.is_none() {
        case.sponsor.division =
            case.sponsor.certificate.division.or(view.region.as_ref().map(|region| region.division));
    }
    let province = province_of(step, view, shown.province);
    let asking = Asking {
        visit,
        case: &case,
        // Of what is only proposed there is nothing to find yet.
        order: step.is_answered(&order.case).then_some((number, &view.verdict)),
        returned: if order.state() == OrderState::Returned { &order.returned } else { &[] },
        typed,
        province,
        resources: &servers.own,
        codes: &servers.codes,
    };
    let as_field = |answer: Answer| {
        let error = errors.iter().find(|(at, _)| *at == answer).map(|(_, error)| *error);
        let mut field = field(answer, &asking, error);
        // Two tabs: what the other one stored stands beside what was typed here.
        if typed.is_some() && errors.is_empty() {
            let stored = display(answer, &order.case, visit).join(&visit.t("separator"));
            // Of nothing nobody need be told.
            if !answer.read(&order.case).is_empty() {
                field.hint = Some(visit.with("stored-now", stored));
            }
        }
        field
    };
    let (extra, asked): (Vec<Answer>, Vec<Answer>) =
        step.answers_in(&case).into_iter().partition(|answer| answer.is_extra());
    let fields = asked.into_iter().map(as_field).collect();
    let more = if extra.is_empty() {
        More::default()
    } else {
        More {
            title: visit.t(&format!("more-{}", step.slug())),
            fields: extra.into_iter().map(as_field).collect(),
        }
    };
    let kind = case.service.kind;
    let mut intro: Vec<String> = step.intro(visit, kind).into_iter().collect();
    if step == Step::Resource && servers.own.is_empty() {
        intro.push(visit.t("resource-none"));
    }
    // First what each of one's own lacks, which stands with it; then a code; then what to buy.
    let fits = |(_, all): &(Resource, Vec<Condition>)| all.iter().all(|one| one.met == Met::Yes);
    if step == Step::Resource && !servers.own.iter().any(fits) && servers.codes.is_empty() {
        intro.push(visit.t("resource-escalation"));
    }
    if asks_division(step)
        && let Some(region) = &view.region
        && let Some(name) = visit.app.rulebook().division_name(region.division)
    {
        intro.push(format!("{} {}", visit.with("region-proposed", name), visit.pick(&region.why)));
    }
    let after = shown.sheets.after.map(|sheet| sheet.0.to_string()).unwrap_or_default();
    let mut hidden = vec![
        ("revision", order.revision.to_string()),
        ("sheet", shown.sheets.own.0.to_string()),
        ("after", after),
    ];
    let mut links = Vec::new();
    if asks_division(step) {
        if let Some(province) = province {
            hidden.push(("province", province.to_string()));
        }
        links.push((visit.t("link-other-province"), format!("{}?province=", step.path(number))));
    }
    links.push((visit.t("link-task-list"), order_path(number, "/tasks")));
    let previous = Scope::of(view).previous(step);
    QuestionPage {
        visit,
        title: step.title(visit, kind),
        caption: Some(visit.of_kind(step.section().key(), kind)),
        intro,
        banner: None,
        back: Some(previous.map_or_else(|| order_path(number, "/tasks"), |previous| previous.path(number))),
        action: step.path(number),
        fields,
        hidden: Hidden(hidden),
        button: visit.t("button-save"),
        links,
        general: Vec::new(),
        more,
        remedy_at: Some(RemedyAt::order(number, order.revision, step.slug())),
        at_order: Some(AtOrder {
            keeps: step.answers().into_iter().any(|answer| !answer.is_secret()),
            ..AtOrder::reading(visit, order, step.slug())
        }),
    }
}
