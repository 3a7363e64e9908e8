//! Which forms there are.

use beian_domain::{MaterialUse, Paper, SponsorNature, Text};

macro_rules! forms {
    ($($variant:ident, $slug:literal, $zh:literal, $en:literal, $doc:literal;)+) => {
        /// A paper that can be made out of a case.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Form {
            $(#[doc = $doc] $variant,)+
        }

        impl Form {
            /// Every form.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in addresses and file names.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The title.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en)),+ }
            }
        }

        impl std::str::FromStr for Form {
            type Err = beian_domain::UnknownCode;

            fn from_str(slug: &str) -> Result<Self, beian_domain::UnknownCode> {
                Self::ALL.iter().copied().find(|form| form.slug() == slug)
                    .ok_or_else(|| beian_domain::UnknownCode { table: "form", got: slug.to_owned() })
            }
        }
    };
}

forms! {
    VerificationForm, "verification-form", "网站备案信息真实性核验单", "Verification form of a website filing",
        "真实性核验单: filer and provider vouch for what is filed.";
    LegalRepresentativeLetter, "legal-representative-letter", "法定代表人授权书",
        "Letter of authority from the legal representative",
        "法定代表人授权书: one person for both roles.";
    SponsorPrincipalLetter, "sponsor-principal-letter", "主体负责人授权书",
        "Letter of authority for the sponsor principal",
        "主体负责人授权书.";
    ServicePrincipalLetter, "service-principal-letter", "网站负责人授权书",
        "Letter of authority for the service principal",
        "网站负责人授权书.";
    Pledge, "pledge", "网站备案承诺书", "Pledge of the filer",
        "承诺书 of a unit or of an individual.";
    RenameLetter, "rename-letter", "更名函", "Letter on the change of name",
        "更名函.";
    ChangeApplication, "change-application", "备案信息变更申请书", "Application for a change of the record",
        "备案信息变更申请.";
    SponsorCancellation, "sponsor-cancellation", "注销主体备案申请书", "Application to cancel the sponsor's record",
        "注销主体申请: the number and every service under it.";
    ServiceCancellation, "service-cancellation", "注销网站备案申请书", "Application to cancel a service's record",
        "注销网站申请.";
    AccessCancellation, "access-cancellation", "取消接入申请书", "Application to end the access through a provider",
        "取消接入申请: the record stays.";
    CancellationStatement, "cancellation-statement", "注销备案声明函",
        "Statement for a cancellation without the recorded telephone",
        "注销声明函: for those who can no longer get the SMS.";
    OwnershipStatement, "ownership-statement", "域名归属声明", "Statement that the domains are the sponsor's",
        "域名归属声明.";
    DomainHolderProof, "domain-holder-proof", "域名持有者证明", "Proof of the domain holder's relation to the unit",
        "域名持有者证明.";
    PartyBuildingLetter, "party-building-letter", "网站党建备案信息确认函", "Party-building confirmation letter",
        "党建备案信息确认函.";
    GuardianConsent, "guardian-consent", "监护人知情同意书", "Guardian's consent",
        "监护人知情同意书.";
    EmploymentProof, "employment-proof", "工作及收入证明", "Proof of work and income",
        "工作或收入证明, for the employer to fill in.";
    ConstructionPlan, "construction-plan", "网站建设方案书", "Construction plan of the site",
        "网站建设方案书, with room for every part.";
    PostedDossier, "posted-dossier", "邮寄材料清单", "List of the papers posted to the bureau",
        "邮寄管局的材料: the list that lies on top.";
}

impl Form {
    /// The form that a paper (材料) is made with; none for those that somebody
    /// else issues: the police, a registrar, an authority, the bureau.
    pub fn of_paper(paper: Paper) -> Option<Self> {
        match paper {
            Paper::SponsorPrincipalLetter => Some(Self::SponsorPrincipalLetter),
            Paper::ServicePrincipalLetter => Some(Self::ServicePrincipalLetter),
            Paper::RenameLetter => Some(Self::RenameLetter),
            Paper::DomainHolderProof => Some(Self::DomainHolderProof),
            Paper::PartyBuildingLetter => Some(Self::PartyBuildingLetter),
            Paper::Pledge => Some(Self::Pledge),
            Paper::ConstructionPlan => Some(Self::ConstructionPlan),
            Paper::OwnershipStatement => Some(Self::OwnershipStatement),
            Paper::PostedDossier => Some(Self::PostedDossier),
            Paper::GuardianConsent => Some(Self::GuardianConsent),
            Paper::EmploymentProof => Some(Self::EmploymentProof),
            Paper::ResidenceProof
            | Paper::DomainCertificate
            | Paper::DomainRealNameProof
            | Paper::ApprovalDocument
            | Paper::BureauConfirmation => None,
        }
    }

    /// The form that a material (附件) is made with, if it is a paper.
    pub fn of_material(purpose: MaterialUse) -> Option<Self> {
        match purpose {
            MaterialUse::VerificationForm => Some(Self::VerificationForm),
            MaterialUse::SponsorCertificate
            | MaterialUse::SponsorPrincipalCertificate
            | MaterialUse::ServicePrincipalCertificate
            | MaterialUse::ServicePrincipalPhoto => None,
        }
    }

    /// Whether a sponsor of this nature can have a use for the form. Any form
    /// can be made for anybody; for others it makes no sense.
    pub fn suits(self, nature: SponsorNature) -> bool {
        match self {
            Self::LegalRepresentativeLetter
            | Self::SponsorPrincipalLetter
            | Self::ServicePrincipalLetter
            | Self::RenameLetter
            | Self::DomainHolderProof
            | Self::PartyBuildingLetter => !nature.is_individual(),
            Self::GuardianConsent | Self::EmploymentProof => nature.is_individual(),
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_paper_that_the_filer_writes_has_a_form() {
        let without: Vec<&str> = Paper::ALL
            .iter()
            .filter(|paper| Form::of_paper(**paper).is_none())
            .map(|paper| paper.slug())
            .collect();
        assert_eq!(
            without,
            [
                "residence-proof",
                "domain-certificate",
                "domain-real-name-proof",
                "approval-document",
                "bureau-confirmation"
            ]
        );
        for form in Form::ALL {
            assert_eq!(form.slug().parse::<Form>().unwrap(), *form);
        }
    }
}
