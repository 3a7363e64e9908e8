//! Forms and letters of an order, filled in, ready to sign.

use beian_domain::{Case, FilingKind, OrderNumber, Personal, RecordNumber, RemedyAction};
use beian_paper::{Change, ChangedItem, Form, Matter, Names, PaperError, Provider};

use crate::permission::Action;
use crate::{App, AppError, OrderView, User};

/// The forms of an order.
#[derive(Debug)]
pub struct OrderForms {
    /// Those that its kind and the verdict ask for.
    pub needed: Vec<Form>,
    /// The others that make sense for such a sponsor.
    pub others: Vec<Form>,
}

impl App {
    /// The forms of an order.
    pub async fn order_forms(&self, user: &User, number: &OrderNumber) -> Result<OrderForms, AppError> {
        let view = self.order(user, number).await?;
        let needed = needed(&view);
        let nature = view.order.case.sponsor.nature;
        let others = Form::ALL
            .iter()
            .copied()
            .filter(|form| !needed.contains(form) && nature.is_none_or(|nature| form.suits(nature)))
            .collect();
        Ok(OrderForms { needed, others })
    }

    /// A form of an order as a PDF file: personal data in plain text, for who may see the order.
    pub async fn order_form(
        &self,
        user: &User,
        number: &OrderNumber,
        form: Form,
    ) -> Result<Vec<u8>, AppError> {
        let order = self.find_order(user, number, Action::ViewOrder).await?;
        let recorded = self.recorded(&order).await?;
        let rulebook = self.rulebook();
        let case = order.case.clone();
        let division = case.sponsor.division;
        let regulator = division
            .and_then(|division| rulebook.province(division))
            .map(|province| format!("{}通信管理局", province.short_name));
        let division = division.and_then(|division| rulebook.division_name(division));
        let names = |codes: Vec<u8>, name: fn(&beian_rules::Rulebook, u8) -> Option<&beian_domain::Text>| {
            codes
                .into_iter()
                .filter_map(|code| name(&rulebook, code).map(|text| text.zh.clone().into_owned()))
                .collect::<Vec<String>>()
        };
        let contents = names(
            case.service.contents.iter().map(|code| code.get()).collect(),
            beian_rules::Rulebook::service_content,
        );
        let languages = names(
            case.service.languages.iter().map(|code| code.get()).collect(),
            beian_rules::Rulebook::language,
        );
        let provider =
            Provider { name: self.inner.policy.provider_name.clone(), telephone: None, address: None };
        let day = self.today();
        let number = order.number.clone();
        let fonts = self.inner.fonts.clone();
        // Laying out is computing, not waiting.
        let work = tokio::task::spawn_blocking(move || {
            let contents: Vec<&str> = contents.iter().map(String::as_str).collect();
            let languages: Vec<&str> = languages.iter().map(String::as_str).collect();
            let changes = recorded.as_ref().map(|recorded| changes(recorded, &case)).unwrap_or_default();
            let renamed = recorded
                .as_ref()
                .and_then(|recorded| recorded.sponsor.name.as_ref())
                .filter(|name| Some(*name) != case.sponsor.name.as_ref());
            let reason = case.cancellation.reason.map(|reason| reason.label().zh.into_owned());
            let (sponsor_number, service_number) = match &case.record {
                Some(RecordNumber::Sponsor(number)) => (Some(number), None),
                Some(RecordNumber::Service(number)) => (Some(number.sponsor()), Some(number)),
                None => (None, None),
            };
            let matter = Matter {
                case: &case,
                order: Some(&number),
                sponsor_number,
                service_number,
                former_name: renamed,
                changes: &changes,
                reason: reason.as_deref(),
                names: Names {
                    regulator: regulator.as_deref(),
                    division: division.as_deref(),
                    contents: &contents,
                    languages: &languages,
                },
                day,
            };
            beian_paper::render(form, &matter, &provider, &fonts)
        });
        let rendered = work.await.map_err(|error| AppError::Internal(error.to_string()))?;
        rendered.map_err(|error| match error {
            PaperError::MissingCharacters { .. } | PaperError::TooLong { .. } => AppError::Paper(error),
            other => AppError::Internal(other.to_string()),
        })
    }
}

/// What the kind of an order and its verdict ask for, in the order of the forms.
fn needed(view: &OrderView) -> Vec<Form> {
    let kind = match view.order.kind {
        FilingKind::ChangeSponsor | FilingKind::ChangeService | FilingKind::ChangeAccess => {
            Some(Form::ChangeApplication)
        }
        FilingKind::CancelService => Some(Form::ServiceCancellation),
        FilingKind::CancelSponsor => Some(Form::SponsorCancellation),
        FilingKind::CancelAccess => Some(Form::AccessCancellation),
        _ => None,
    };
    let materials = view.required_materials.iter().filter_map(|purpose| Form::of_material(*purpose));
    let at_hand = view.order.case.papers.iter().filter_map(|paper| Form::of_paper(*paper));
    let wanted =
        view.verdict.diagnostics.iter().flat_map(|found| &found.remedies).filter_map(|remedy| match &remedy
            .action
        {
            RemedyAction::Provide { paper } => Form::of_paper(*paper),
            _ => None,
        });
    let asked: Vec<Form> = kind.into_iter().chain(materials).chain(at_hand).chain(wanted).collect();
    Form::ALL.iter().copied().filter(|form| asked.contains(form)).collect()
}

/// What a change changes, as its application states it.
fn changes(recorded: &Case, stated: &Case) -> Vec<Change> {
    fn plain(text: Option<&String>) -> Option<Personal> {
        text.map(|text| Personal::new(text.as_str()))
    }
    let (a, b) = (&recorded.sponsor, &stated.sponsor);
    let (c, d) = (&recorded.service, &stated.service);
    let kind =
        |case: &Case| case.sponsor.certificate.kind.map(|kind| Personal::new(kind.label().zh.into_owned()));
    let principal = |case: &Case| case.service_principal().cloned();
    let (e, f) = (principal(recorded), principal(stated));
    let name = |person: &Option<beian_domain::Principal>| person.as_ref().and_then(|p| p.name.clone());
    let mobile = |person: &Option<beian_domain::Principal>| person.as_ref().and_then(|p| p.mobile.clone());
    [
        (ChangedItem::SponsorName, a.name.clone(), b.name.clone()),
        (ChangedItem::SponsorCertificateKind, kind(recorded), kind(stated)),
        (ChangedItem::SponsorCertificateNumber, a.certificate.number.clone(), b.certificate.number.clone()),
        (ChangedItem::CertificateAddress, a.certificate.address.clone(), b.certificate.address.clone()),
        (ChangedItem::Address, a.address.clone(), b.address.clone()),
        (ChangedItem::Investor, a.investor.clone(), b.investor.clone()),
        (ChangedItem::SponsorPrincipal, a.principal.name.clone(), b.principal.name.clone()),
        (ChangedItem::SponsorPrincipalContact, a.principal.mobile.clone(), b.principal.mobile.clone()),
        (ChangedItem::ServiceName, plain(c.name.as_ref()), plain(d.name.as_ref())),
        (ChangedItem::Domain, plain(c.domain.as_ref()), plain(d.domain.as_ref())),
        (ChangedItem::HomeUrl, plain(c.home_url.as_ref()), plain(d.home_url.as_ref())),
        (ChangedItem::ServicePrincipal, name(&e), name(&f)),
        (ChangedItem::ServicePrincipalContact, mobile(&e), mobile(&f)),
        (
            ChangedItem::Access,
            plain(recorded.access.resource.as_ref()),
            plain(stated.access.resource.as_ref()),
        ),
        (ChangedItem::Remark, plain(c.remark.as_ref()), plain(d.remark.as_ref())),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(item, before, after)| Change { item, before, after })
    .collect()
}
