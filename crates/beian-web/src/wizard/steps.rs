//! Every page of the wizard: which answers it owns, when it is asked for, and
//! how far it is.

use beian_domain::{
    AppPlatform, Case, FilingKind, FilingPurpose, MaterialUse, OrderNumber, OrderState, Pointer,
    ReturnedField, ServiceKind, ServicePrincipal, Severity, Verdict,
};

use beian_app::OrderView;

use super::answer::{Answer, PersonAnswer, ReleaseAnswer, Whose};
use crate::form::order_path;
use crate::visit::Visit;

/// A page of the wizard: one question, or a few that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Nature,
    Certificate,
    SponsorName,
    CertificateAddress,
    CertificateDivision,
    CertificateValidity,
    Division,
    Address,
    Investor,
    Identity(Whose),
    Phones(Whose),
    Email(Whose),
    OfficePhone(Whose),
    SponsorRemark,
    Platforms,
    Release(AppPlatform),
    ServiceName,
    Website,
    Contents,
    Languages,
    ServicePrincipal,
    ServiceRemark,
    Resource,
    Cancellation,
    FilingPassword,
    Material(MaterialUse),
}

/// What is asked depends on the kind of filing, on what was answered, and on what is on record.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) kind: FilingKind,
    pub(crate) case: &'a Case,
    /// The materials that the rules require.
    pub(crate) materials: &'a [MaterialUse],
    /// Whether this account has the sponsor on record: then it is not asked again.
    pub(crate) sponsor: SponsorKnown,
}

/// Whether the sponsor is on record with this account.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum SponsorKnown {
    Yes,
    No,
}

impl<'a> Scope<'a> {
    /// Of an order.
    pub(crate) fn of(view: &'a OrderView) -> Self {
        Self {
            kind: view.order.kind,
            case: &view.order.case,
            materials: &view.required_materials,
            sponsor: if view.recorded.is_some() { SponsorKnown::Yes } else { SponsorKnown::No },
        }
    }

    /// The pages, in order.
    pub(crate) fn steps(self) -> Vec<Step> {
        Step::ALL.into_iter().filter(|step| step.applies(self)).collect()
    }

    /// The page after another.
    pub(crate) fn next(self, after: Step) -> Option<Step> {
        self.steps().into_iter().skip_while(|step| *step != after).nth(1)
    }

    /// The page before another.
    pub(crate) fn previous(self, before: Step) -> Option<Step> {
        self.steps().into_iter().take_while(|step| *step != before).last()
    }
}

/// A part of the task list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Section {
    Request,
    Sponsor,
    SponsorPrincipal,
    Service,
    Access,
    Materials,
}

/// How far a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StepState {
    /// Nothing is answered.
    NotStarted,
    /// Nothing is answered, and nothing need be.
    Optional,
    /// Something is typed that is not handed in.
    Typed,
    /// Something stands in the way of submission.
    NeedsAttention,
    /// A reviewer wants it mended.
    Returned,
    /// Answered, and the rules have no objection.
    Done,
    /// It was not returned, so it cannot be changed now.
    Locked,
}

impl Section {
    /// Every part, in order.
    pub(crate) const ALL: [Self; 6] =
        [Self::Request, Self::Sponsor, Self::SponsorPrincipal, Self::Service, Self::Access, Self::Materials];

    /// The key of its title.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Request => "section-request",
            Self::Sponsor => "section-sponsor",
            Self::SponsorPrincipal => "section-principal",
            Self::Service => "section-service",
            Self::Access => "section-access",
            Self::Materials => "section-materials",
        }
    }
}

impl StepState {
    /// The key of its word.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::NotStarted => "state-not-started",
            Self::Optional => "state-optional",
            Self::Typed => "state-typed",
            Self::NeedsAttention => "state-needs-attention",
            Self::Returned => "state-returned",
            Self::Done => "state-done",
            Self::Locked => "state-locked",
        }
    }

    /// The class of its tag.
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::NotStarted => "todo",
            Self::Typed => "warning",
            Self::Optional | Self::Locked => "quiet",
            Self::NeedsAttention | Self::Returned => "bad",
            Self::Done => "good",
        }
    }
}

impl Step {
    /// Every page, in the order in which they are asked.
    pub(crate) const ALL: [Self; 41] = [
        Self::Cancellation,
        Self::FilingPassword,
        Self::Nature,
        Self::Certificate,
        Self::SponsorName,
        Self::CertificateAddress,
        Self::CertificateDivision,
        Self::CertificateValidity,
        Self::Division,
        Self::Address,
        Self::Investor,
        Self::SponsorRemark,
        Self::Identity(Whose::Sponsor),
        Self::Phones(Whose::Sponsor),
        Self::Email(Whose::Sponsor),
        Self::OfficePhone(Whose::Sponsor),
        Self::Website,
        Self::Platforms,
        Self::Release(AppPlatform::Android),
        Self::Release(AppPlatform::Ios),
        Self::Release(AppPlatform::HarmonyOs),
        Self::Release(AppPlatform::WeChat),
        Self::Release(AppPlatform::Alipay),
        Self::Release(AppPlatform::Douyin),
        Self::Release(AppPlatform::Baidu),
        Self::Release(AppPlatform::QuickApp),
        Self::ServiceName,
        Self::Contents,
        Self::Languages,
        Self::ServicePrincipal,
        Self::Identity(Whose::Service),
        Self::Phones(Whose::Service),
        Self::Email(Whose::Service),
        Self::OfficePhone(Whose::Service),
        Self::ServiceRemark,
        Self::Resource,
        Self::Material(MaterialUse::SponsorCertificate),
        Self::Material(MaterialUse::SponsorPrincipalCertificate),
        Self::Material(MaterialUse::ServicePrincipalCertificate),
        Self::Material(MaterialUse::VerificationForm),
        Self::Material(MaterialUse::ServicePrincipalPhoto),
    ];

    /// Its name in addresses.
    pub(crate) fn slug(self) -> &'static str {
        match self {
            Self::Nature => "nature",
            Self::Certificate => "certificate",
            Self::SponsorName => "sponsor-name",
            Self::CertificateAddress => "certificate-address",
            Self::CertificateDivision => "certificate-division",
            Self::CertificateValidity => "certificate-validity",
            Self::Division => "division",
            Self::Address => "address",
            Self::Investor => "investor",
            Self::Identity(Whose::Sponsor) => "principal-identity",
            Self::Identity(Whose::Service) => "service-principal-identity",
            Self::Phones(Whose::Sponsor) => "principal-phones",
            Self::Phones(Whose::Service) => "service-principal-phones",
            Self::Email(Whose::Sponsor) => "principal-email",
            Self::Email(Whose::Service) => "service-principal-email",
            Self::OfficePhone(Whose::Sponsor) => "principal-office-phone",
            Self::OfficePhone(Whose::Service) => "service-principal-office-phone",
            Self::SponsorRemark => "sponsor-remark",
            Self::Platforms => "platforms",
            Self::Release(AppPlatform::Android) => "release-android",
            Self::Release(AppPlatform::Ios) => "release-ios",
            Self::Release(AppPlatform::HarmonyOs) => "release-harmonyos",
            Self::Release(AppPlatform::WeChat) => "release-wechat",
            Self::Release(AppPlatform::Alipay) => "release-alipay",
            Self::Release(AppPlatform::Douyin) => "release-douyin",
            Self::Release(AppPlatform::Baidu) => "release-baidu",
            Self::Release(AppPlatform::QuickApp) => "release-quick-app",
            Self::ServiceName => "service-name",
            Self::Website => "website",
            Self::Contents => "contents",
            Self::Languages => "languages",
            Self::ServicePrincipal => "service-principal",
            Self::ServiceRemark => "service-remark",
            Self::Resource => "resource",
            Self::Cancellation => "cancellation",
            Self::FilingPassword => "filing-password",
            Self::Material(purpose) => purpose.slug(),
        }
    }

    /// The page of a name in an address.
    pub(crate) fn from_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|step| step.slug() == slug)
    }

    /// The part that it belongs to.
    pub(crate) fn section(self) -> Section {
        match self {
            Self::Nature
            | Self::Certificate
            | Self::SponsorName
            | Self::CertificateAddress
            | Self::CertificateDivision
            | Self::CertificateValidity
            | Self::Division
            | Self::Address
            | Self::Investor
            | Self::SponsorRemark => Section::Sponsor,
            Self::Identity(Whose::Sponsor)
            | Self::Phones(Whose::Sponsor)
            | Self::Email(Whose::Sponsor)
            | Self::OfficePhone(Whose::Sponsor) => Section::SponsorPrincipal,
            Self::Platforms
            | Self::Release(_)
            | Self::ServiceName
            | Self::Website
            | Self::Contents
            | Self::Languages
            | Self::ServicePrincipal
            | Self::Identity(Whose::Service)
            | Self::Phones(Whose::Service)
            | Self::Email(Whose::Service)
            | Self::OfficePhone(Whose::Service)
            | Self::ServiceRemark => Section::Service,
            Self::Cancellation | Self::FilingPassword => Section::Request,
            Self::Resource => Section::Access,
            Self::Material(_) => Section::Materials,
        }
    }

    /// What it asks; nothing for a page that takes a picture.
    pub(crate) fn answers(self) -> Vec<Answer> {
        use PersonAnswer as P;
        use ReleaseAnswer as R;
        match self {
            Self::Nature => vec![Answer::Nature],
            Self::Certificate => vec![
                Answer::CertificateKind,
                Answer::CertificateNumber,
                // First the number: without it there is no former certificate.
                Answer::FormerNumber,
                Answer::FormerKind,
                Answer::FormerWhereabouts,
            ],
            Self::SponsorName => vec![Answer::SponsorName],
            Self::CertificateAddress => vec![Answer::CertificateAddress],
            Self::CertificateDivision => vec![Answer::CertificateDivision],
            Self::CertificateValidity => vec![Answer::ValidUntil],
            Self::Division => vec![Answer::Division],
            Self::Address => vec![Answer::Address],
            Self::Investor => vec![Answer::Investor],
            Self::Identity(whose) => [P::Name, P::CertificateKind, P::CertificateNumber]
                .into_iter()
                .map(|what| Answer::Person(whose, what))
                .chain((whose == Whose::Sponsor).then_some(Answer::PrincipalRole))
                .collect(),
            Self::Phones(whose) => {
                [P::Mobile, P::EmergencyPhone].into_iter().map(|what| Answer::Person(whose, what)).collect()
            }
            Self::Email(whose) => vec![Answer::Person(whose, P::Email)],
            Self::OfficePhone(whose) => vec![Answer::Person(whose, P::OfficePhone)],
            Self::SponsorRemark => vec![Answer::SponsorRemark],
            Self::Platforms => vec![Answer::Platforms],
            Self::Release(platform) => {
                let signed = [R::PublicKey, R::Fingerprint].into_iter();
                [R::Identifier]
                    .into_iter()
                    .chain(signed.filter(|_| platform.is_signed_by_maker()))
                    .map(|what| Answer::Release(platform, what))
                    .collect()
            }
            Self::ServiceName => vec![Answer::ServiceName],
            Self::Website => vec![
                Answer::Domain,
                Answer::HomeUrl,
                Answer::Registrar,
                Answer::DomainHolder,
                Answer::RealNamedOn,
                Answer::DomainExpiresOn,
            ],
            Self::Contents => vec![Answer::Contents],
            Self::Languages => vec![Answer::Languages],
            Self::ServicePrincipal => vec![Answer::ServicePrincipal],
            Self::ServiceRemark => vec![Answer::ServiceRemark],
            Self::Cancellation => vec![Answer::CancellationReason, Answer::CancellationRemark],
            Self::FilingPassword => vec![Answer::FilingPassword],
            Self::Resource => vec![Answer::Resource, Answer::AuthorizationCode],
            Self::Material(_) => Vec::new(),
        }
    }

    /// The places in the case that it owns.
    pub(crate) fn pointers(self) -> Vec<String> {
        match self {
            Self::Material(purpose) => vec![format!("/materials/{}", purpose.slug())],
            other => other.answers().into_iter().map(Answer::pointer).collect(),
        }
    }

    /// The page that owns a place: the one that asks for it, else for something
    /// below it, so that "/sponsor" leads to the first page of the sponsor.
    pub(crate) fn owner(pointer: &str) -> Option<Self> {
        let within = |a: &str, b: &str| Pointer(a.to_owned().into()).is_within(b);
        Self::ALL
            .into_iter()
            .flat_map(|step| step.pointers().into_iter().map(move |own| (step, own)))
            .filter(|(_, own)| within(pointer, own))
            // The principal of the service has a page, and so have its parts.
            .max_by_key(|(_, own)| own.len())
            .or_else(|| {
                Self::ALL
                    .into_iter()
                    .flat_map(|step| step.pointers().into_iter().map(move |own| (step, own)))
                    .find(|(_, own)| !pointer.is_empty() && within(own, pointer))
            })
            .map(|(step, _)| step)
            // What no page asks for by itself is at home beside its neighbours:
            // which of two certificate numbers is stated, with the numbers.
            .or_else(|| {
                let (part, _) = pointer.rsplit_once('/')?;
                part.get(1..).is_some_and(|part| part.contains('/')).then(|| Self::owner(part)).flatten()
            })
    }

    /// What it asks in this case.
    pub(crate) fn answers_in(self, case: &Case) -> Vec<Answer> {
        let is_individual = case.sponsor.nature.is_some_and(|nature| nature.is_individual());
        let mut answers = self.answers();
        answers.retain(|answer| match answer {
            Answer::PrincipalRole => !is_individual,
            // Nobody opens the home page of an app.
            Answer::HomeUrl => case.service.kind.is_website(),
            _ => true,
        });
        answers
    }

    /// Whether it is asked for.
    pub(crate) fn applies(self, scope: Scope<'_>) -> bool {
        let Scope { kind, case, materials, sponsor } = scope;
        let is_asked = match self.section() {
            Section::Request => match self {
                Self::Cancellation => kind.purpose() == FilingPurpose::Cancel,
                // To another provider's record nothing is added without it.
                _ => {
                    kind.wants_filing_password()
                        || (kind == FilingKind::AddService && sponsor == SponsorKnown::No)
                }
            },
            Section::Sponsor | Section::SponsorPrincipal => match kind {
                FilingKind::FirstFiling | FilingKind::AddAccess | FilingKind::ChangeSponsor => true,
                FilingKind::AddService => sponsor == SponsorKnown::No,
                _ => false,
            },
            Section::Service => kind.purpose() == FilingPurpose::File || kind == FilingKind::ChangeService,
            Section::Access => kind.purpose() == FilingPurpose::File || kind == FilingKind::ChangeAccess,
            Section::Materials => true,
        };
        let is_unit = case.sponsor.nature.is_none_or(|nature| !nature.is_individual());
        let has_other = matches!(case.service.principal, Some(ServicePrincipal::Other(_)));
        is_asked
            && match self {
                Self::Investor | Self::OfficePhone(Whose::Sponsor) => is_unit,
                Self::Platforms => !case.service.kind.is_website(),
                Self::Release(platform) => {
                    platform.service_kind() == case.service.kind
                        && case.service.releases.contains_key(&platform)
                }
                Self::OfficePhone(Whose::Service) => is_unit && has_other,
                Self::Identity(Whose::Service)
                | Self::Phones(Whose::Service)
                | Self::Email(Whose::Service) => has_other,
                Self::Material(purpose) => {
                    materials.contains(&purpose)
                        // Which picture the regulator lacks, its letter says.
                        || kind == FilingKind::SupplementMaterials
                        || (kind.purpose() == FilingPurpose::Change
                            && case.materials.iter().any(|material| material.purpose == purpose))
                }
                _ => true,
            }
    }

    /// The stem of its texts. All platforms share theirs, and what is no website has a
    /// domain but no home page.
    fn stem(self, kind: ServiceKind) -> &'static str {
        match self {
            Self::Release(_) => "release",
            Self::Website if !kind.is_website() => "domain",
            other => other.slug(),
        }
    }

    /// Its question.
    pub(crate) fn title(self, visit: &Visit, kind: ServiceKind) -> String {
        self.worded(visit, kind, &format!("step-{}", self.stem(kind)))
    }

    /// Its name in the task list.
    pub(crate) fn task(self, visit: &Visit, kind: ServiceKind) -> String {
        self.worded(visit, kind, &format!("task-{}", self.stem(kind)))
    }

    /// What is said below its question, if there is something.
    pub(crate) fn intro(self, visit: &Visit, kind: ServiceKind) -> Option<String> {
        let key = format!("step-{}-intro", self.stem(kind));
        visit.language.has(&key).then(|| self.worded(visit, kind, &key))
    }

    fn worded(self, visit: &Visit, kind: ServiceKind, key: &str) -> String {
        match self {
            Self::Release(platform) => visit.with(key, visit.pick(&platform.label())),
            _ => visit.of_kind(key, kind),
        }
    }

    /// Its address.
    pub(crate) fn path(self, order: &OrderNumber) -> String {
        match self {
            Self::Material(purpose) => order_path(order, &format!("/materials/{}", purpose.slug())),
            other => order_path(order, &format!("/edit/{}", other.slug())),
        }
    }

    /// Whether something is stated on it.
    pub(crate) fn is_answered(self, case: &Case) -> bool {
        match self {
            Self::Material(purpose) => case.materials.iter().any(|material| material.purpose == purpose),
            other => other.answers().into_iter().any(|answer| !answer.read(case).is_empty()),
        }
    }

    /// The reasons for which a reviewer wants it mended.
    pub(crate) fn returned(self, returned: &[ReturnedField]) -> Vec<&ReturnedField> {
        let own = self.pointers();
        returned
            .iter()
            .filter(|field| {
                own.iter().any(|own| {
                    field.pointer.is_within(own)
                        || (!field.pointer.as_str().is_empty()
                            && Pointer(own.clone().into()).is_within(field.pointer.as_str()))
                })
            })
            .collect()
    }

    /// Whether it can be changed now.
    pub(crate) fn is_open(self, state: OrderState, returned: &[ReturnedField]) -> bool {
        state.is_editable()
            && (state != OrderState::Returned
                || returned.is_empty()
                || returned.iter().any(|field| field.pointer.as_str().is_empty())
                || !self.returned(returned).is_empty())
    }

    /// How far it is.
    pub(crate) fn state(
        self,
        case: &Case,
        verdict: &Verdict,
        state: OrderState,
        returned: &[ReturnedField],
    ) -> StepState {
        if !self.returned(returned).is_empty() && state.is_editable() {
            return StepState::Returned;
        }
        if !self.is_open(state, returned) {
            return StepState::Locked;
        }
        let pointers = self.pointers();
        let has_error = verdict.diagnostics.iter().any(|found| {
            found.severity == Severity::Error
                && Self::owner(found.pointer.as_str()) == Some(self)
                && pointers.iter().any(|own| found.pointer.is_within(own))
        });
        match (self.is_answered(case), has_error) {
            (true, true) => StepState::NeedsAttention,
            (true, false) => StepState::Done,
            (false, false)
                if self.answers().iter().all(|answer| answer.is_optional())
                    && !matches!(self, Self::Material(_)) =>
            {
                StepState::Optional
            }
            (false, _) => StepState::NotStarted,
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use beian_domain::{Principal, SponsorNature};

    #[test]
    fn every_place_of_the_case_has_exactly_one_page() {
        let mut seen = std::collections::BTreeMap::new();
        for step in Step::ALL {
            assert_eq!(Step::from_slug(step.slug()), Some(step), "slugs are unique");
            for pointer in step.pointers() {
                assert_eq!(Step::owner(&pointer), Some(step), "{pointer}");
                assert!(seen.insert(pointer.clone(), step).is_none(), "{pointer} is asked for twice");
            }
        }
        // The leaves of a case, by its own serialisation.
        let mut case: Case = Case::default();
        case.service.principal = Some(ServicePrincipal::Other(Principal::empty()));
        assert_eq!(Step::owner("/service/principal/other/mobile"), Some(Step::Phones(Whose::Service)));
        assert_eq!(Step::owner("/service/principal"), Some(Step::ServicePrincipal));
        assert_eq!(Step::owner("/service/contents/0"), Some(Step::Contents));
        assert_eq!(Step::owner("/sponsor/certificate/states"), Some(Step::Certificate));
        assert_eq!(Step::owner("/sponsor/certificate/former"), Some(Step::Certificate));
        assert_eq!(Step::owner("/service/registration"), Some(Step::Website));
        assert_eq!(Step::owner("/sponsor"), Some(Step::Nature));
        assert_eq!(Step::owner("/materials"), Some(Step::Material(MaterialUse::SponsorCertificate)));
        assert_eq!(Step::owner(""), None);
        assert_eq!(Step::owner("/nothing"), None);
    }

    #[test]
    fn what_does_not_apply_is_not_asked() {
        let mut case = Case::default();
        case.sponsor.nature = Some(SponsorNature::Individual);
        fn scope<'a>(case: &'a Case, materials: &'a [MaterialUse]) -> Scope<'a> {
            Scope { kind: FilingKind::FirstFiling, case, materials, sponsor: SponsorKnown::No }
        }
        let certificate = [MaterialUse::SponsorCertificate];
        let steps = scope(&case, &certificate).steps();
        assert!(!steps.contains(&Step::Investor) && !steps.contains(&Step::OfficePhone(Whose::Sponsor)));
        assert!(!steps.contains(&Step::Identity(Whose::Service)));
        assert_eq!(
            scope(&case, &certificate).next(Step::Resource),
            Some(Step::Material(MaterialUse::SponsorCertificate))
        );
        assert_eq!(scope(&case, &[]).previous(Step::Nature), None);
        case.service.principal = Some(ServicePrincipal::Other(Principal::empty()));
        assert!(scope(&case, &[]).steps().contains(&Step::Identity(Whose::Service)));
    }

    #[test]
    fn every_kind_asks_for_what_it_changes_and_no_more() {
        let case = Case::default();
        let sections = |kind, sponsor| {
            let mut sections: Vec<Section> = Scope { kind, case: &case, materials: &[], sponsor }
                .steps()
                .into_iter()
                .map(Step::section)
                .collect();
            sections.dedup();
            sections
        };
        use FilingKind as K;
        use Section as S;
        let all = [S::Sponsor, S::SponsorPrincipal, S::Service, S::Access];
        assert_eq!(sections(K::FirstFiling, SponsorKnown::No), all);
        let elsewhere = [&[S::Request][..], &all].concat();
        assert_eq!(sections(K::AddService, SponsorKnown::No), elsewhere);
        assert_eq!(sections(K::AddService, SponsorKnown::Yes), [S::Service, S::Access]);
        assert_eq!(sections(K::AddAccess, SponsorKnown::No)[0], S::Request);
        assert_eq!(sections(K::ChangeSponsor, SponsorKnown::Yes), [S::Sponsor, S::SponsorPrincipal]);
        assert_eq!(sections(K::ChangeService, SponsorKnown::Yes), [S::Service]);
        assert_eq!(sections(K::ChangeAccess, SponsorKnown::Yes), [S::Access]);
        for kind in [K::CancelService, K::CancelSponsor, K::CancelAccess] {
            assert_eq!(sections(kind, SponsorKnown::Yes), [S::Request]);
        }
        assert_eq!(sections(K::SupplementMaterials, SponsorKnown::Yes), [S::Materials]);
    }

    #[test]
    fn a_returned_order_opens_what_was_returned_and_nothing_else() {
        let returned = [ReturnedField::remark(Pointer::from("/sponsor/principal/mobile"), "空号")];
        let open = |step: Step| step.is_open(OrderState::Returned, &returned);
        assert!(open(Step::Phones(Whose::Sponsor)));
        assert!(!open(Step::SponsorName) && !open(Step::Phones(Whose::Service)));
        assert!(Step::SponsorName.is_open(OrderState::Draft, &[]));
        assert!(!Step::SponsorName.is_open(OrderState::ProviderReview, &[]));
        let whole = [ReturnedField::remark(Pointer::from(""), "重填")];
        assert!(Step::SponsorName.is_open(OrderState::Returned, &whole));
    }
}
