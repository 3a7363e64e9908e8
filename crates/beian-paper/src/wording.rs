//! What the forms say. The wording is our own, in the manner of such papers.

mod applications;
mod letters;
mod statements;
mod verification;

use beian_domain::{Certificate, CertificateKind, Personal, Principal, PrincipalRole, SponsorNature};
use chrono::Datelike;

use crate::document::{Block, Document, Mark, Piece, Row, Signatory, SignatureLine};
use crate::layout::Foot;
use crate::lines::printable;
use crate::{Form, Matter, Provider};

/// The words of a form.
pub(crate) fn document(form: Form, matter: &Matter<'_>, provider: &Provider) -> Document {
    let view = View { matter, provider };
    let blocks = match form {
        Form::VerificationForm => verification::verification_form(&view),
        Form::LegalRepresentativeLetter => letters::legal_representative(&view),
        Form::SponsorPrincipalLetter => letters::sponsor_principal(&view),
        Form::ServicePrincipalLetter => letters::service_principal(&view),
        Form::RenameLetter => letters::rename(&view),
        Form::PostedDossier => letters::posted_dossier(&view),
        Form::ChangeApplication => applications::change(&view),
        Form::SponsorCancellation => applications::cancel_sponsor(&view),
        Form::ServiceCancellation => applications::cancel_service(&view),
        Form::AccessCancellation => applications::cancel_access(&view),
        Form::CancellationStatement => applications::cancellation_statement(&view),
        Form::Pledge => statements::pledge(&view),
        Form::OwnershipStatement => statements::ownership(&view),
        Form::DomainHolderProof => statements::domain_holder(&view),
        Form::PartyBuildingLetter => statements::party_building(&view),
        Form::GuardianConsent => statements::guardian(&view),
        Form::EmploymentProof => statements::employment(&view),
        Form::ConstructionPlan => statements::construction_plan(&view),
    };
    Document { title: form.label(), blocks }
}

/// What stands at the foot of each page.
pub(crate) fn foot(matter: &Matter<'_>, provider: &Provider) -> Foot {
    let day = matter.day;
    let made = format!("{}年{}月{}日生成", day.year(), day.month(), day.day());
    let order = match matter.order {
        Some(order) => format!("备案订单号 {}　{made}", printable(&order.0)),
        None => made,
    };
    let mut asked = format!("接入服务提供者：{}", printable(&provider.name));
    for (label, value) in [("电话", &provider.telephone), ("地址", &provider.address)] {
        if let Some(value) = value {
            asked.push_str(&format!("　{label}：{}", printable(value)));
        }
    }
    Foot { order, provider: asked }
}

/// The matter as the forms ask for it: text that may be printed, empty if unknown.
struct View<'a> {
    matter: &'a Matter<'a>,
    provider: &'a Provider,
}

impl View<'_> {
    fn is_individual(&self) -> bool {
        self.matter.case.sponsor.nature.is_some_and(SponsorNature::is_individual)
    }

    /// How the sponsor speaks of itself.
    fn we(&self) -> &'static str {
        if self.is_individual() { "本人" } else { "我单位" }
    }

    fn sponsor_name(&self) -> String {
        personal(self.matter.case.sponsor.name.as_ref())
    }

    fn sponsor_certificate(&self) -> (String, String) {
        let certificate: &Certificate = &self.matter.case.sponsor.certificate;
        (kind(certificate.kind), personal(certificate.number.as_ref()))
    }

    fn sponsor_principal(&self) -> Person {
        Person::of(Some(&self.matter.case.sponsor.principal))
    }

    fn service_principal(&self) -> Person {
        Person::of(self.matter.case.service_principal())
    }

    /// The legal representative, if the case tells who that is.
    fn legal_representative(&self) -> Person {
        let principal = &self.matter.case.sponsor.principal;
        Person::of((principal.role == Some(PrincipalRole::LegalRepresentative)).then_some(principal))
    }

    fn service_name(&self) -> String {
        plain(self.matter.case.service.name.as_deref())
    }

    fn domain(&self) -> String {
        plain(self.matter.case.service.domain.as_deref())
    }

    fn sponsor_number(&self) -> String {
        // A service's number contains its sponsor's.
        let of_service = || self.matter.service_number.map(|number| number.sponsor().to_string());
        self.matter.sponsor_number.map(ToString::to_string).or_else(of_service).unwrap_or_default()
    }

    fn service_number(&self) -> String {
        self.matter.service_number.map(ToString::to_string).unwrap_or_default()
    }

    fn division(&self) -> String {
        plain(self.matter.names.division)
    }

    fn provider_name(&self) -> String {
        printable(&self.provider.name)
    }

    /// To the regulator, by way of the provider.
    fn addressee(&self) -> Block {
        let regulator = match self.matter.names.regulator {
            Some(name) => Piece::Said(printable(name)),
            None => Piece::Blank(5.0),
        };
        let tail = if self.matter.names.regulator.is_some() { "：" } else { "通信管理局：" };
        Block::Addressee(vec![regulator, tail.into()])
    }

    /// 我单位 or 本人, by name and certificate, as a sentence begins.
    fn sponsor_presented(&self) -> Vec<Piece> {
        let (_, number) = self.sponsor_certificate();
        let name = blank(self.sponsor_name(), 14.0);
        vec![self.we().into(), name, "（证件号码：".into(), blank(number, 11.0), "）".into()]
    }

    /// The sponsor as a table.
    fn sponsor_rows(&self) -> Vec<Row> {
        let (kind, number) = self.sponsor_certificate();
        vec![
            Row::wide("主办者名称", self.sponsor_name()),
            Row::pair(("证件类型", kind), ("证件号码", number)),
        ]
    }

    /// Who signs for the sponsor: a unit with its seal, a person with a fingerprint.
    fn sponsor_signs(&self, heading: &str, statement: &str) -> Signatory {
        let (heading, line, mark) = if self.is_individual() {
            (heading.replace("单位", "人"), "本人签字：", Mark::Fingerprint)
        } else {
            (heading.to_owned(), self.head_signs(), Mark::Seal)
        };
        let statement = statement.replace("我单位", self.we());
        Signatory { heading, statement, lines: vec![SignatureLine::Written(line), SignatureLine::Date], mark }
    }

    /// Who signs for a unit: not every kind of unit is a legal person.
    fn head_signs(&self) -> &'static str {
        use SponsorNature as N;
        match self.matter.case.sponsor.nature {
            Some(N::Government | N::Military | N::LawFirm | N::ReligiousBody) => "单位负责人签字：",
            _ => "法定代表人签字：",
        }
    }

    /// The provider, who looks at it and hands it on.
    fn provider_signs(&self, statement: &str) -> Signatory {
        Signatory {
            heading: "接入服务提供者".to_owned(),
            statement: format!("{}：{statement}", self.provider_name()),
            lines: vec![SignatureLine::Written("经办人签字："), SignatureLine::Date],
            mark: Mark::Seal,
        }
    }
}

/// Somebody in charge, as far as known.
#[derive(Default)]
struct Person {
    name: String,
    certificate_kind: String,
    certificate_number: String,
    mobile: String,
    emergency_phone: String,
    office_phone: String,
    email: String,
}

impl Person {
    fn of(principal: Option<&Principal>) -> Self {
        let Some(principal) = principal else { return Self::default() };
        Self {
            name: personal(principal.name.as_ref()),
            certificate_kind: kind(principal.certificate_kind),
            certificate_number: personal(principal.certificate_number.as_ref()),
            mobile: personal(principal.mobile.as_ref()),
            emergency_phone: personal(principal.emergency_phone.as_ref()),
            office_phone: personal(principal.office_phone.as_ref()),
            email: personal(principal.email.as_ref()),
        }
    }

    /// The person as a table.
    fn rows(self) -> Vec<Row> {
        vec![
            Row::pair(("姓名", self.name), ("证件类型", self.certificate_kind)),
            Row::pair(("证件号码", self.certificate_number), ("手机号码", self.mobile)),
            Row::pair(("应急联系电话", self.emergency_phone), ("电子邮箱", self.email)),
        ]
    }

    /// Accepts what is asked of them, by hand.
    fn signs(heading: &str, statement: &str) -> Signatory {
        Signatory {
            heading: heading.to_owned(),
            statement: statement.to_owned(),
            lines: vec![SignatureLine::Written("签字："), SignatureLine::Date],
            mark: Mark::None,
        }
    }
}

fn personal(value: Option<&Personal>) -> String {
    value.map(|value| printable(value.expose())).unwrap_or_default()
}

fn plain(value: Option<&str>) -> String {
    value.map(printable).unwrap_or_default()
}

fn kind(kind: Option<CertificateKind>) -> String {
    kind.map(|kind| kind.label().zh.into_owned()).unwrap_or_default()
}

/// A value in a sentence, or a rule of so many characters to write it on.
fn blank(value: String, characters: f32) -> Piece {
    if value.is_empty() { Piece::Blank(characters) } else { Piece::Filled(value) }
}

/// A day that is not known, to be written by hand.
fn blank_date() -> [Piece; 6] {
    [Piece::Blank(3.0), "年".into(), Piece::Blank(2.0), "月".into(), Piece::Blank(2.0), "日".into()]
}

/// A box to tick, ticked if the case says so.
fn choice(label: &str, state: Choice) -> String {
    format!("{}{label}", if state == Choice::Ticked { '■' } else { '□' })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Choice {
    Open,
    Ticked,
}

impl From<Option<bool>> for Choice {
    fn from(ticked: Option<bool>) -> Self {
        if ticked == Some(true) { Self::Ticked } else { Self::Open }
    }
}
