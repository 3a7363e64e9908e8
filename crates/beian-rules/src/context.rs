//! What a check sees, and how it says what it found.

use std::borrow::Cow;

use beian_domain::{
    Case, CertificateKind, CertificateNumber, CertificateNumberError, Diagnostic, DiagnosticCode, DomainName,
    DomainNameError, Evidence, FilingKind, OutsideTask, Paper, Personal, Pointer, Principal, Remedy,
    RemedyAction, ResidentId, ServicePrincipal, Severity, Source, Text, Undetermined,
};
use chrono::NaiveDate;

use crate::rulebook::{Dated, Province, Rulebook, Series};
use crate::{Check, ConflictCause, Diagnosis, Facts, diagnose};

/// Everything that a check may look at.
pub(crate) struct Context<'a> {
    pub(crate) case: &'a Case,
    pub(crate) facts: &'a Facts,
    pub(crate) rulebook: &'a Rulebook,
    pub(crate) day: NaiveDate,
    /// What the records say of the case.
    pub(crate) diagnosis: Diagnosis,
    /// The kind by which the case is judged.
    pub(crate) kind: FilingKind,
    /// What the domain was read as; absent if none was stated.
    read_domain: Option<Result<DomainName, DomainNameError>>,
    /// The domain to file, if a name below it was stated.
    registrable: Option<DomainName>,
    own_number: ReadNumber,
    former_number: ReadNumber,
    principal_number: ReadNumber,
    other_number: ReadNumber,
}

/// What a certificate number was read as; absent if it or its kind is not stated.
type ReadNumber = Option<Result<CertificateNumber, CertificateNumberError>>;

/// A certificate number that was stated, with what it was read as.
#[derive(Clone, Copy)]
pub(crate) struct StatedNumber<'c> {
    pub(crate) kind: CertificateKind,
    pub(crate) number: &'c Personal,
    pub(crate) read: &'c Result<CertificateNumber, CertificateNumberError>,
}

/// A person in charge, with the place of their answers.
#[derive(Clone, Copy)]
pub(crate) struct Person<'a> {
    pub(crate) principal: &'a Principal,
    base: &'static str,
}

/// The pointer of a person's field, without an allocation for those that exist.
macro_rules! person_field {
    ($base:literal, $field:expr) => {
        person_field!(
            $base, $field, "role", "name", "certificate-kind", "certificate-number", "mobile",
            "emergency-phone", "office-phone", "email"
        )
    };
    ($base:literal, $field:expr, $($name:literal),+) => {
        match $field {
            $($name => Cow::Borrowed(concat!($base, "/", $name)),)+
            other => Cow::Owned(format!(concat!($base, "/{}"), other)),
        }
    };
}

const SPONSOR_PRINCIPAL: &str = "/sponsor/principal";
const OTHER_PRINCIPAL: &str = "/service/principal/other";

impl Person<'_> {
    pub(crate) fn at(&self, field: &str) -> Pointer {
        Pointer(if self.is_sponsors() {
            person_field!("/sponsor/principal", field)
        } else {
            person_field!("/service/principal/other", field)
        })
    }

    fn is_sponsors(&self) -> bool {
        self.base == SPONSOR_PRINCIPAL
    }

    /// The person as a whole.
    pub(crate) fn whole(&self) -> Pointer {
        Pointer(Cow::Borrowed(self.base))
    }
}

impl<'a> Context<'a> {
    pub(crate) fn new(case: &'a Case, facts: &'a Facts, rulebook: &'a Rulebook, day: NaiveDate) -> Self {
        let diagnosis = diagnose(case, facts);
        let kind = diagnosis.judged_as(case);
        let typed = case.service.domain.as_deref().map(str::trim).filter(|typed| !typed.is_empty());
        let read_domain = typed.map(str::parse::<DomainName>);
        let registrable = match &read_domain {
            Some(Err(DomainNameError::Subdomain { registrable, .. })) => registrable.parse().ok(),
            _ => None,
        };
        let certificate = &case.sponsor.certificate;
        let principal = &case.sponsor.principal;
        let other = match &case.service.principal {
            Some(ServicePrincipal::Other(other)) => Some(other),
            _ => None,
        };
        Self {
            case,
            facts,
            rulebook,
            day,
            diagnosis,
            kind,
            read_domain,
            registrable,
            own_number: read(certificate.kind, certificate.number.as_ref()),
            former_number: certificate
                .former
                .as_ref()
                .and_then(|former| read(Some(former.kind), Some(&former.number))),
            principal_number: read(principal.certificate_kind, principal.certificate_number.as_ref()),
            other_number: other
                .and_then(|other| read(other.certificate_kind, other.certificate_number.as_ref())),
        }
    }

    /// The sponsor's certificate number.
    pub(crate) fn own_number(&self) -> Option<StatedNumber<'_>> {
        let certificate = &self.case.sponsor.certificate;
        stated_number(certificate.kind, certificate.number.as_ref(), &self.own_number)
    }

    /// The number of the certificate that the present one replaced.
    pub(crate) fn former_number(&self) -> Option<StatedNumber<'_>> {
        let former = self.case.sponsor.certificate.former.as_ref()?;
        stated_number(Some(former.kind), Some(&former.number), &self.former_number)
    }

    /// A person's certificate number.
    pub(crate) fn number_of(&self, person: Person<'a>) -> Option<StatedNumber<'_>> {
        let principal = person.principal;
        let read = if person.is_sponsors() { &self.principal_number } else { &self.other_number };
        stated_number(principal.certificate_kind, principal.certificate_number.as_ref(), read)
    }

    /// A person's resident identity number, if it is one.
    pub(crate) fn resident_id(&self, person: Person<'a>) -> Option<&ResidentId> {
        match self.number_of(person)?.read {
            Ok(CertificateNumber::ResidentId(id)) => Some(id),
            _ => None,
        }
    }

    /// What was stated as the domain: the name that it is, or why it is none.
    pub(crate) fn read_domain(&self) -> Option<Result<&DomainName, &DomainNameError>> {
        self.read_domain.as_ref().map(Result::as_ref)
    }

    /// The domain, if it can be read at all; what is below a registrable domain
    /// is read as that one, so that everything is said at once.
    pub(crate) fn domain(&self) -> Option<&DomainName> {
        self.read_domain.as_ref()?.as_ref().ok().or(self.registrable.as_ref())
    }

    /// Whether the one cause in the way is this.
    pub(crate) fn is_caused_by(&self, cause: ConflictCause) -> bool {
        self.diagnosis.cause() == Some(cause)
    }

    /// Whether the filer has a paper at hand.
    pub(crate) fn has(&self, paper: Paper) -> bool {
        self.case.papers.contains(&paper)
    }

    /// The sponsor's principal.
    pub(crate) fn sponsor_principal(&self) -> Person<'a> {
        Person { principal: &self.case.sponsor.principal, base: SPONSOR_PRINCIPAL }
    }

    /// The people: the sponsor's principal, and the service's if it is another.
    pub(crate) fn people(&self) -> impl Iterator<Item = Person<'a>> + use<'a> {
        std::iter::once(self.sponsor_principal()).chain(self.other_principal())
    }

    /// The service's principal, if it is not the sponsor's.
    pub(crate) fn other_principal(&self) -> Option<Person<'a>> {
        match &self.case.service.principal {
            Some(ServicePrincipal::Other(principal)) => Some(Person { principal, base: OTHER_PRINCIPAL }),
            _ => None,
        }
    }

    /// The province that the case is filed in, once it is answered.
    pub(crate) fn province(&self) -> Option<&'a Province> {
        self.rulebook.province(self.case.sponsor.division?)
    }

    /// What to call that province, answered or not.
    pub(crate) fn province_name(&self) -> &'a Text {
        static UNANSWERED: Text = fixed("该省", "the province");
        self.province().map_or(&UNANSWERED, |province| &province.name)
    }

    /// `Some(true)` for individuals, `Some(false)` for units.
    pub(crate) fn is_individual(&self) -> Option<bool> {
        self.case.sponsor.nature.map(beian_domain::SponsorNature::is_individual)
    }

    /// A dated value; if the rulebook has none for the day, that is said.
    pub(crate) fn dated<'s, T>(
        &self,
        series: &'s Series<T>,
        pointer: &Pointer,
        out: &mut Findings<'_>,
    ) -> Option<&'s Dated<T>> {
        let entry = series.at(self.day);
        if entry.is_none() {
            let day = self.day;
            out.undetermined(
                pointer.clone(),
                Text::new(
                    format!("规则库中没有 {day} 当日的规定"),
                    format!("The rulebook has no value for {day}"),
                ),
            );
        }
        entry
    }
}

fn read(kind: Option<CertificateKind>, number: Option<&Personal>) -> ReadNumber {
    let number = number.filter(|number| !number.expose().is_empty())?;
    Some(CertificateNumber::parse(kind?, number.expose()))
}

fn stated_number<'c>(
    kind: Option<CertificateKind>,
    number: Option<&'c Personal>,
    read: &'c ReadNumber,
) -> Option<StatedNumber<'c>> {
    Some(StatedNumber { kind: kind?, number: number?, read: read.as_ref()? })
}

/// What one check found.
pub(crate) struct Findings<'a> {
    check: &'a Check,
    day: NaiveDate,
    diagnostics: &'a mut Vec<Diagnostic>,
    undetermined: &'a mut Vec<Undetermined>,
}

impl<'a> Findings<'a> {
    pub(crate) fn new(
        check: &'a Check,
        day: NaiveDate,
        diagnostics: &'a mut Vec<Diagnostic>,
        undetermined: &'a mut Vec<Undetermined>,
    ) -> Self {
        Self { check, day, diagnostics, undetermined }
    }

    /// Adds a finding. Without a remedy of its own, it asks to edit the field
    /// in the way that the check tells.
    pub(crate) fn push(&mut self, finding: Finding) {
        let mut finding = finding.0;
        finding.code = DiagnosticCode(Cow::Borrowed(self.check.code));
        if finding.title.zh.is_empty() {
            finding.title = self.check.title.clone();
        }
        if finding.situations.is_empty() {
            finding.situations = self.check.situations.to_vec();
        }
        // A page that was read after the day of the judgement is no reason for it,
        // unless there is no other.
        let day = self.day.to_string();
        let known = |source: &&crate::CheckSource| source.date <= day.as_str();
        let is_unsourced = finding.sources.is_empty() && !self.check.sources.iter().any(|s| known(&s));
        finding.sources.extend(
            self.check
                .sources
                .iter()
                .filter(|source| is_unsourced || known(source))
                .map(|source| Source { citation: source.citation.into(), date: Some(source.date.into()) }),
        );
        if finding.remedies.is_empty() {
            let action = RemedyAction::Edit { pointer: finding.pointer.clone() };
            finding.remedies.push(Remedy { text: self.check.how.clone(), action });
        }
        self.diagnostics.push(finding);
    }

    /// Says that a fact is missing.
    pub(crate) fn undetermined(&mut self, pointer: Pointer, missing: Text) {
        let code = DiagnosticCode(Cow::Borrowed(self.check.code));
        self.undetermined.push(Undetermined { code, pointer, missing });
    }

    /// How to mend it, as the check tells.
    pub(crate) fn how(&self) -> Text {
        self.check.how.clone()
    }
}

/// A finding under construction.
pub(crate) struct Finding(Diagnostic);

impl Finding {
    pub(crate) fn error(pointer: impl Into<Pointer>, cause: Text) -> Self {
        Self::new(Severity::Error, pointer.into(), cause)
    }

    pub(crate) fn warning(pointer: impl Into<Pointer>, cause: Text) -> Self {
        Self::new(Severity::Warning, pointer.into(), cause)
    }

    pub(crate) fn advice(pointer: impl Into<Pointer>, cause: Text) -> Self {
        Self::new(Severity::Advice, pointer.into(), cause)
    }

    pub(crate) fn new(severity: Severity, pointer: Pointer, cause: Text) -> Self {
        Self(Diagnostic {
            code: DiagnosticCode(Cow::Borrowed("")),
            severity,
            pointer,
            title: Text::new("", ""),
            cause,
            evidence: Vec::new(),
            sources: Vec::new(),
            remedies: Vec::new(),
            situations: Vec::new(),
        })
    }

    /// Names the situations that the one cause is, of all that the check answers.
    pub(crate) fn caused_by(mut self, cause: ConflictCause) -> Self {
        self.0.situations = cause.situations().to_vec();
        self
    }

    /// Gives it a title of its own, where one check tells several causes.
    pub(crate) fn titled(mut self, title: Text) -> Self {
        self.0.title = title;
        self
    }

    /// Adds evidence; personal data must be masked before.
    pub(crate) fn evidence(mut self, zh: &'static str, en: &'static str, value: impl ToString) -> Self {
        self.0.evidence.push(Evidence { label: Text::new(zh, en), value: value.to_string() });
        self
    }

    pub(crate) fn source(mut self, source: Source) -> Self {
        self.0.sources.push(source);
        self
    }

    pub(crate) fn remedy(mut self, text: Text, action: RemedyAction) -> Self {
        self.0.remedies.push(Remedy { text, action });
        self
    }
}

/// The action of a task outside the product.
pub(crate) fn outside(task: OutsideTask) -> RemedyAction {
    RemedyAction::Outside { task }
}

/// A text with values in it, in both languages. What stands behind a semicolon has a wording in each (`zh`, `en`), and is
/// put in with its own.
macro_rules! text {
    ($zh:literal, $en:literal) => {
        ::beian_domain::Text::new(::std::format!($zh), ::std::format!($en))
    };
    ($zh:literal, $en:literal, ($($zh_value:expr),+), ($($en_value:expr),+)) => {
        ::beian_domain::Text::new(::std::format!($zh, $($zh_value),+), ::std::format!($en, $($en_value),+))
    };
    ($zh:literal, $en:literal; $($both:ident),+) => {
        ::beian_domain::Text::new(
            { $(let $both = &$both.zh;)+ ::std::format!($zh) },
            { $(let $both = &$both.en;)+ ::std::format!($en) },
        )
    };
    ($zh:literal, $en:literal, ($($zh_value:expr),+), ($($en_value:expr),+); $($both:ident),+) => {
        ::beian_domain::Text::new(
            { $(let $both = &$both.zh;)+ ::std::format!($zh, $($zh_value),+) },
            { $(let $both = &$both.en;)+ ::std::format!($en, $($en_value),+) },
        )
    };
}
pub(crate) use text;

/// A fixed text in both languages.
pub(crate) const fn fixed(zh: &'static str, en: &'static str) -> Text {
    Text { zh: Cow::Borrowed(zh), en: Cow::Borrowed(en) }
}
