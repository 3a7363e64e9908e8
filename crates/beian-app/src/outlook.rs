//! Can this be filed, and what will it take? For somebody who has no account
//! yet, from what stands on a certificate and in an address bar.

use beian_domain::{
    Case, CertificateKind, Diagnostic, DivisionCode, DomainName, FilingKind, MaterialUse, ServiceKind,
    SponsorFilingNumber, SponsorNature,
};
use beian_rules::{
    Circumstances, Diagnosis, FiledSponsor, Otherwise, Plan, Presence, SponsorRecord, Standing, StatedFacts,
};
use chrono::{DateTime, Utc};

use crate::{App, AppError};

/// What somebody wants to file. Nothing of it is personal: it may stand in an address.
#[derive(Debug, Clone)]
pub struct Prospect {
    /// What is to be filed.
    pub service: ServiceKind,
    /// Its domain.
    pub domain: DomainName,
    /// What its owner is.
    pub nature: SponsorNature,
    /// With which kind of certificate they file.
    pub certificate: CertificateKind,
    /// The province of the address on that certificate.
    pub province: DivisionCode,
    /// The number that the owner has from an earlier filing (主体备案号).
    pub sponsor_number: Option<SponsorFilingNumber>,
}

/// What stands between a [`Prospect`] and its number.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// The kind of filing, or the one cause for which there is none.
    pub diagnosis: Diagnosis,
    /// The kind by which it was judged.
    pub kind: FilingKind,
    /// What the rules say of what was stated.
    pub findings: Vec<Diagnostic>,
    /// The whole way, for somebody who has nothing yet.
    pub plan: Plan,
    /// What will have to be handed in.
    pub materials: Vec<MaterialUse>,
    /// When the domain was asked of the regulator, or how old our own record of it is;
    /// absent if nobody answered. Then the domain counts as not filed.
    pub answered_at: Option<DateTime<Utc>>,
}

/// The parts of a case that a [`Prospect`] states; what the rules say of others is for later.
const STATED: [&str; 6] =
    ["/kind", "/service", "/service/kind", "/service/domain", "/sponsor/nature", "/sponsor/certificate/kind"];

impl App {
    /// Derives, judges and plans as for an order, and keeps nothing.
    pub async fn outlook(&self, prospect: &Prospect) -> Result<Outlook, AppError> {
        let domain = self.domain_in_public(&prospect.domain).await?.ok();
        let (answered_at, domain_record) = domain.unzip();
        let sponsor_record = prospect.sponsor_number.clone().map(|number| {
            // Whose account has it is told to nobody who only types a number.
            let here = Presence::Elsewhere;
            SponsorRecord::Filed(FiledSponsor { number, here, standing: Standing::Active })
        });
        let facts = StatedFacts {
            otherwise: Otherwise::Absent,
            answered_at,
            domain_record,
            sponsor_record,
            ..StatedFacts::default()
        };
        let at = Circumstances {
            case: case_of(prospect),
            facts: facts.into_facts(self.inner.policy.regulator),
            day: self.today(),
        };
        self.with_rules(at, move |at, rulebook| {
            let diagnosis = beian_rules::diagnose(&at.case, &at.facts);
            let kind = diagnosis.judged_as(&at.case);
            let verdict = beian_rules::evaluate(&at.case, &at.facts, rulebook, at.day);
            let is_stated = |found: &Diagnostic| STATED.contains(&found.pointer.as_str());
            Outlook {
                kind,
                findings: verdict.diagnostics.into_iter().filter(is_stated).collect(),
                plan: beian_rules::plan(&at.case, &at.facts, rulebook, at.day),
                materials: beian_rules::required_materials(&at.case, kind, rulebook, at.day),
                diagnosis,
                answered_at,
            }
        })
        .await
    }
}

fn case_of(prospect: &Prospect) -> Case {
    let mut case = Case::default();
    case.service.kind = prospect.service;
    case.service.domain = Some(prospect.domain.as_unicode().to_owned());
    case.sponsor.nature = Some(prospect.nature);
    case.sponsor.certificate.kind = Some(prospect.certificate);
    case.sponsor.division = Some(prospect.province);
    case.sponsor.certificate.division = Some(prospect.province);
    case
}
