//! Examples that the checks are tested with.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::sync::LazyLock;

use beian_domain::{
    AccountId, AppPlatform, Case, CertificateKind, Diagnostic, DivisionCode, FilingKind, FormerCertificate,
    OrderNumber, OrderState, Personal, Release, RemedyAction, ResidentId, Resource, ResourceId, ResourceKind,
    ServiceKind, ServicePrincipal, Severity, SponsorNature, Whereabouts, practice,
};
use chrono::{DateTime, NaiveDate, Utc};
use uuid::Uuid;

use crate::{
    CodeFact, DomainRecord, Facts, FiledDomain, FiledSponsor, HeldRecord, Known, OpenOrder, Presence,
    RecordFact, RegulatorKind, ResourceFact, Rulebook, SponsorRecord, Standing, evaluate,
};

pub(crate) const COMPANY: &str = include_str!("../../../examples/cases/first-filing-company.toml");
pub(crate) const INDIVIDUAL: &str = include_str!("../../../examples/cases/first-filing-individual.toml");

/// Turns the clean example into one that a check fires on, or just does not.
pub(crate) struct Examples {
    pub(crate) firing: fn(&mut Example),
    pub(crate) silent: fn(&mut Example),
}

/// What a person answers who follows a check's advice, where the case on which
/// the check is silent differs from the firing one in another way.
pub(crate) fn mended(code: &str) -> Option<fn(&mut Example)> {
    let mended: fn(&mut Example) = match code {
        // Either another kind of certificate, or another nature.
        "SPN002" => |e| {
            e.case.sponsor.nature = Some(SponsorNature::Individual);
            e.case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
        },
        // Numbers of divisions that do not exist: no practice identities, and nobody's.
        "SPN005" => |e| {
            e.case.sponsor.certificate.number = p("91990101000000019M");
            e.case.sponsor.principal.certificate_number = p("990101199001010019");
            e.principal_number("990101199001010019");
        },
        "SPN009" => |e| e.settle("440304"),
        // Either the name that belongs to the number, or another number.
        "PER012" => |e| {
            if let Some(ServicePrincipal::Other(other)) = &mut e.case.service.principal {
                other.name.clone_from(&e.case.sponsor.principal.name);
            }
        },
        "SVC010" => |e| e.case.service.remark = Some("不涉及金融类前置审批，仅作课程介绍".to_owned()),
        "DOM006" => |e| e.case.sponsor.nature = Some(SponsorNature::Government),
        // The number of the record, if the record is the sponsor's own.
        "DOM007" => |e| {
            e.former_number("440305000000001");
            e.case.sponsor.certificate.number = p(practice::ORGANISATIONS[1].uscc);
        },
        "FLO002" | "FLO008" => |e| e.case.sponsor.certificate.number = p(practice::ORGANISATIONS[1].uscc),
        "PRV004" => Example::individual,
        "SPN006" | "SVC005" | "SVC008" | "SVC009" | "PRV003" | "PRV013" | "PRV009" | "PRV010" | "PRV011" => {
            clean
        }
        _ => return None,
    };
    Some(mended)
}

/// A case to judge.
#[derive(Clone)]
pub(crate) struct Example {
    pub(crate) case: Case,
    pub(crate) facts: Facts,
    pub(crate) day: NaiveDate,
}

impl Example {
    /// A company in Shenzhen whose case is clean.
    pub(crate) fn company() -> Self {
        Self { case: toml::from_str(COMPANY).unwrap(), facts: facts(), day: day("2026-11-22") }
    }

    /// Becomes an individual in Shenzhen whose case is clean.
    pub(crate) fn individual(&mut self) {
        self.case = toml::from_str(INDIVIDUAL).unwrap();
    }

    /// Moves sponsor and certificate to another county.
    pub(crate) fn settle(&mut self, county: &str) {
        self.case.sponsor.division = Some(division(county));
        self.case.sponsor.certificate.division = Some(division(county));
    }

    /// States a licence that the present one replaced.
    pub(crate) fn former_number(&mut self, number: &str) {
        self.case.sponsor.certificate.former = Some(FormerCertificate {
            number: Personal::new(number),
            ..former(Whereabouts::Surrendered).unwrap()
        });
    }

    /// Gives the service's principal, who is another than the sponsor's, a number.
    pub(crate) fn principal_number(&mut self, number: &str) {
        match &mut self.case.service.principal {
            Some(ServicePrincipal::Other(other)) => other.certificate_number = p(number),
            _ => unreachable!("the clean example has another principal"),
        }
    }

    /// Becomes an order about a record of this account, which `record` may still alter or take away.
    pub(crate) fn maintain(
        &mut self,
        kind: FilingKind,
        record: impl FnOnce(HeldRecord) -> Option<HeldRecord>,
    ) {
        self.case.kind = Some(kind);
        self.case.record = "粤ICP备2026000001号-1".parse().ok();
        let held = HeldRecord { division: self.case.sponsor.division, ..HeldRecord::of_this_account() };
        self.facts.record = Known::Known(record(held).map_or(RecordFact::NotHere, RecordFact::Held));
    }

    /// Becomes a change of one field.
    pub(crate) fn change(&mut self, kind: FilingKind, field: &'static str) {
        self.maintain(kind, |mut record| {
            record.changes = vec![field.into()];
            Some(record)
        });
    }

    /// Becomes a cancellation with a reason.
    pub(crate) fn cancel(&mut self, kind: FilingKind, change: impl FnOnce(&mut HeldRecord)) {
        self.maintain(kind, |mut record| {
            change(&mut record);
            Some(record)
        });
        self.case.cancellation.reason = Some(beian_domain::CancellationReason::SponsorsWish);
    }

    /// States an authorization code in the place of a resource of its own.
    pub(crate) fn code(&mut self, fact: CodeFact) {
        if let CodeFact::Usable(resource) = &fact {
            self.case.access.resource = Some(resource.reference.clone());
        }
        self.case.access.authorization_code = Some(CODE.to_owned());
        self.facts.authorization_code = Known::Known(fact);
    }

    /// The resource that the case names.
    pub(crate) fn resource(&mut self) -> &mut Resource {
        match &mut self.facts.resource {
            Known::Known(ResourceFact::Usable(resource)) => resource,
            _ => unreachable!("the clean example has a resource"),
        }
    }
}

/// An authorization code of the right form.
pub(crate) const CODE: &str = "7F3K-Q0AB-9XYZ-1CD9";

/// The server of another account, that a code opens. Its places are all taken,
/// which does not matter: the code is one.
pub(crate) fn friends_server() -> Resource {
    Resource { reference: "friends-server-1".to_owned(), used: 5, ..server() }
}

/// What a check says first of the clean company after a change. That nothing is
/// said is never for want of a fact.
pub(crate) fn said(code: &str, change: impl FnOnce(&mut Example)) -> Option<Diagnostic> {
    static RULEBOOK: LazyLock<Rulebook> = LazyLock::new(|| Rulebook::bundled().unwrap());
    said_by(&RULEBOOK, code, change)
}

/// The same by another rulebook.
pub(crate) fn said_by(
    rulebook: &Rulebook,
    code: &str,
    change: impl FnOnce(&mut Example),
) -> Option<Diagnostic> {
    let mut example = Example::company();
    change(&mut example);
    let verdict = evaluate(&example.case, &example.facts, rulebook, example.day);
    let missing = verdict.undetermined.iter().find(|u| u.code.0 == code);
    assert!(missing.is_none(), "{code} does not know: {missing:?}");
    verdict.diagnostics.into_iter().find(|d| d.code.0 == code)
}

/// The bundled rulebook with a text in it changed, for a value that no bureau has today.
pub(crate) fn edited(from: &str, to: &str) -> Rulebook {
    let escaped = |text: &str| text.replace('"', "\\\"");
    let text = String::from_utf8(Rulebook::bundled().unwrap().snapshot()).unwrap();
    assert!(text.contains(&escaped(from)), "{from} is in the rulebook");
    Rulebook::from_snapshot(text.replace(&escaped(from), &escaped(to)).as_bytes()).unwrap()
}

/// How grave that is.
pub(crate) fn severity(code: &str, change: impl FnOnce(&mut Example)) -> Option<Severity> {
    said(code, change).map(|found| found.severity)
}

/// What is offered against a finding.
pub(crate) fn actions(found: &Diagnostic) -> Vec<&RemedyAction> {
    found.remedies.iter().map(|remedy| &remedy.action).collect()
}

/// A resident identity number with its check character. The sequence 000, or a
/// division that does not exist, makes it nobody's.
pub(crate) fn resident(first17: &str) -> String {
    format!("{first17}{}", ResidentId::check_character(first17).unwrap())
}

/// A sponsor's record.
pub(crate) fn sponsor(number: &str, here: Presence) -> Known<SponsorRecord> {
    Known::Known(SponsorRecord::Filed(FiledSponsor {
        number: number.parse().unwrap(),
        here,
        standing: Standing::Active,
    }))
}

/// A domain's record.
pub(crate) fn filed_domain(number: &str, here: Presence) -> Known<DomainRecord> {
    Known::Known(DomainRecord::Filed(FiledDomain {
        service_number: Some(number.parse().unwrap()),
        sponsor_number: None,
        service_name: Some("习作旧站".to_owned()),
        here,
    }))
}

/// An open order.
pub(crate) fn open_order(here: Presence) -> OpenOrder {
    OpenOrder { number: OrderNumber("BA20261122-7F3KQ".to_owned()), state: OrderState::Draft, here }
}

/// Another account of this provider.
pub(crate) fn other_account() -> Presence {
    Presence::OtherAccount { masked_login: "x***".to_owned() }
}

/// The licence that the company's present one replaced.
pub(crate) fn former(whereabouts: Whereabouts) -> Option<FormerCertificate> {
    Some(FormerCertificate {
        kind: CertificateKind::BusinessLicence,
        number: Personal::new(practice::ORGANISATIONS[0].former_licence),
        whereabouts,
    })
}

pub(crate) fn clean(_: &mut Example) {}

/// Becomes an app whose case is clean.
pub(crate) fn app(example: &mut Example) {
    example.case.service.kind = ServiceKind::App;
    example.case.service.releases = [(AppPlatform::Android, practice::release())].into();
}

/// What that app is known by.
pub(crate) fn release_of(example: &mut Example) -> &mut Release {
    example.case.service.releases.get_mut(&AppPlatform::Android).unwrap()
}

pub(crate) fn p(text: &str) -> Option<Personal> {
    Some(Personal::new(text))
}

pub(crate) fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

pub(crate) fn division(code: &str) -> DivisionCode {
    code.parse().unwrap()
}

pub(crate) fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

pub(crate) fn server() -> Resource {
    Resource {
        id: ResourceId(Uuid::nil()),
        owner: AccountId(Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: Some(division("440300")),
        prepaid: true,
        bought_at: time("2026-11-21T16:00:00Z"),
        expires_at: Some(time("2027-02-21T16:00:00Z")),
        public_address: Some("203.0.113.7".parse().unwrap()),
        quota: 5,
        used: 4,
        server: None,
    }
}

fn facts() -> Facts {
    Facts {
        resource: Known::Known(ResourceFact::Usable(server())),
        resources: Known::Known(vec![server()]),
        ..Facts::unfiled(RegulatorKind::Practice)
    }
}
