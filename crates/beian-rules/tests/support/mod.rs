//! The finite space of situations that a person can be in, and how each is made
//! into a case and facts.

use std::cell::RefCell;
use std::collections::BTreeMap;

use beian_domain::{
    AccountId, Case, CertificateKind, DivisionCode, DomainHolderRelation, DomainRegistration, FilingKind,
    FormerCertificate, OrderNumber, OrderState, Personal, RegistrarPlace, Resource, ResourceId, ResourceKind,
    ServicePrincipal, SponsorNature, Text, Whereabouts, practice,
};
use beian_rules::{
    Blacklist, Circumstances, CodeFact, DomainRecord, Facts, FiledDomain, FiledSponsor, Known, OpenOrder,
    Presence, RegulatorKind, ResourceFact, Rulebook, SponsorRecord, Standing, UnderWay,
};
use chrono::{Days, NaiveDate, NaiveTime};

macro_rules! dimension {
    ($name:ident { $($variant:ident),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub(crate) enum $name { $($variant),+ }
        impl $name {
            pub(crate) const ALL: &'static [Self] = &[$(Self::$variant),+];
        }
    };
}

dimension!(Chosen { Nothing, FirstFiling, AddService, AddAccess });
dimension!(Own { NotFiled, ThisAccount, OtherAccount, Elsewhere, Shell, Unanswered });
dimension!(Editions { NeverReplaced, Surrendered, AtHand });
dimension!(Domain {
    NotFiled,
    OwnThisAccount,
    OwnOtherAccount,
    OwnElsewhere,
    FormerThisAccount,
    FormerOtherAccount,
    FormerElsewhere,
    StrangerThisAccount,
    StrangerOtherAccount,
    StrangerElsewhere,
    HolderUntold,
    Unanswered,
});
dimension!(Pending {
    Nothing,
    OwnDraft,
    OwnAtRegulator,
    OrderInOtherAccount,
    DomainOrderInThisAccount,
    DomainOrderInOtherAccount,
    OwnFilingElsewhere,
    OthersFilingElsewhere,
    DomainBlacklisted,
    SponsorBlacklisted,
});
dimension!(Registration {
    Unstated,
    InOrder,
    Overseas,
    NotVerified,
    VerifiedToday,
    HeldByOther,
    HeldByLegalRepresentative,
    Expired,
    ExpiresSoon,
    SuffixRefused,
});
dimension!(Server {
    Usable,
    OfOtherAccount,
    NotFound,
    NotChosenOneQualifies,
    NotChosenNoneThere,
    WrongKind,
    Overseas,
    Postpaid,
    ShortTerm,
    ShortRemaining,
    NoAddress,
    Full,
    ExpiresDuringWaits,
    BalancerAlone,
    CodeUsable,
    CodeMistyped,
    CodeNotFound,
    CodeOfOther,
    CodeHeld,
    CodeUsed,
    CodeExpired,
    CodeRevoked,
    CodeWithoutAddress,
    CodeOfOtherResource,
    CodeUnasked,
});

/// A situation: one value of every dimension.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Situation {
    pub(crate) chosen: Chosen,
    pub(crate) own: Own,
    pub(crate) editions: Editions,
    pub(crate) former: Own,
    pub(crate) domain: Domain,
    pub(crate) pending: Pending,
    pub(crate) registration: Registration,
    pub(crate) server: Server,
    pub(crate) province: DivisionCode,
    pub(crate) nature: SponsorNature,
}

impl Situation {
    /// The rule by which the situation cannot exist, if it cannot.
    pub(crate) fn excluded(&self) -> Option<&'static str> {
        let is_on_record = |own: Own| matches!(own, Own::ThisAccount | Own::OtherAccount | Own::Elsewhere);
        if self.editions == Editions::NeverReplaced && self.former != Own::NotFiled {
            return Some("a certificate that was never replaced has no former number to be on record");
        }
        if self.nature == SponsorNature::Individual && self.editions != Editions::NeverReplaced {
            return Some("the merged certificate (三证合一) concerns units");
        }
        if self.own == Own::Unanswered
            && (self.former != Own::Unanswered && self.editions != Editions::NeverReplaced)
        {
            return Some("a regulator that does not answer answers for neither number");
        }
        if self.former == Own::Unanswered && self.own != Own::Unanswered {
            return Some("a regulator that answers for one number answers for the other");
        }
        if (self.own == Own::Unanswered) != (self.domain == Domain::Unanswered) {
            return Some("a regulator that does not answer for the sponsor does not answer for the domain");
        }
        match self.domain {
            Domain::OwnThisAccount | Domain::OwnOtherAccount | Domain::OwnElsewhere
                if !is_on_record(self.own) =>
            {
                Some("a domain is filed under a sponsor's number only if the sponsor has one with a service")
            }
            Domain::FormerThisAccount | Domain::FormerOtherAccount | Domain::FormerElsewhere
                if !is_on_record(self.former) =>
            {
                Some("a domain is filed under a former record only if that has a service")
            }
            _ => None,
        }
    }

    /// The case and what is known of it.
    pub(crate) fn realise(&self, rulebook: &Rulebook, day: NaiveDate) -> Circumstances {
        let mut case = model(self.nature, self.province, rulebook);
        case.kind = match self.chosen {
            Chosen::Nothing => None,
            Chosen::FirstFiling => Some(FilingKind::FirstFiling),
            Chosen::AddService => Some(FilingKind::AddService),
            Chosen::AddAccess => Some(FilingKind::AddAccess),
        };
        let whereabouts = match self.editions {
            Editions::NeverReplaced => None,
            Editions::Surrendered => Some(Whereabouts::Surrendered),
            Editions::AtHand => Some(Whereabouts::AtHand),
        };
        case.sponsor.certificate.former = whereabouts.map(|whereabouts| FormerCertificate {
            kind: CertificateKind::BusinessLicence,
            number: Personal::new(practice::ORGANISATIONS[0].former_licence),
            whereabouts,
        });
        let character = rulebook.province(self.province).unwrap().icp_abbreviation;
        let number = |serial: u32| format!("{character}ICP备2015{serial:06}号");
        let (own, former, stranger) = (number(1), number(2), "藏ICP备2015000003号".to_owned());
        let mut facts = Facts::unfiled(RegulatorKind::Practice);
        facts.sponsor_record = record(self.own, &own);
        facts.former_record = record(self.former, &former);
        facts.domain_record = self.domain_record(&own, &former, &stranger);
        self.pend(&mut facts);
        self.register(&mut case, day);
        self.serve(&mut case, &mut facts, day);
        Circumstances { case, facts, day }
    }

    fn domain_record(&self, own: &str, former: &str, stranger: &str) -> Known<DomainRecord> {
        let filed = |number: &str, here: Presence| {
            Known::Known(DomainRecord::Filed(FiledDomain {
                service_number: Some(format!("{number}-1").parse().unwrap()),
                sponsor_number: None,
                service_name: None,
                here,
            }))
        };
        match self.domain {
            Domain::NotFiled => Known::Known(DomainRecord::NotFiled),
            Domain::OwnThisAccount => filed(own, Presence::ThisAccount),
            Domain::OwnOtherAccount => filed(own, other()),
            Domain::OwnElsewhere => filed(own, Presence::Elsewhere),
            Domain::FormerThisAccount => filed(former, Presence::ThisAccount),
            Domain::FormerOtherAccount => filed(former, other()),
            Domain::FormerElsewhere => filed(former, Presence::Elsewhere),
            Domain::StrangerThisAccount => filed(stranger, Presence::ThisAccount),
            Domain::StrangerOtherAccount => filed(stranger, other()),
            Domain::StrangerElsewhere => filed(stranger, Presence::Elsewhere),
            Domain::HolderUntold => Known::Known(DomainRecord::Filed(FiledDomain {
                service_number: None,
                sponsor_number: None,
                service_name: None,
                here: Presence::Elsewhere,
            })),
            Domain::Unanswered => silent(),
        }
    }

    fn pend(&self, facts: &mut Facts) {
        let order = |here, state| {
            let number = OrderNumber("BA20261122-7F3KQ".to_owned());
            Known::Known(Some(OpenOrder { number, state, here }))
        };
        match self.pending {
            Pending::Nothing => {}
            Pending::OwnDraft => facts.open_order = order(Presence::ThisAccount, OrderState::Draft),
            Pending::OwnAtRegulator => {
                facts.open_order = order(Presence::ThisAccount, OrderState::AtRegulator);
            }
            Pending::OrderInOtherAccount => facts.open_order = order(other(), OrderState::ProviderReview),
            Pending::DomainOrderInThisAccount => {
                facts.domain_order = order(Presence::ThisAccount, OrderState::ProviderReview);
            }
            Pending::DomainOrderInOtherAccount => {
                facts.domain_order = order(other(), OrderState::ProviderReview);
            }
            Pending::OwnFilingElsewhere => facts.under_way = Known::Known(UnderWay::OwnFiling),
            Pending::OthersFilingElsewhere => {
                facts.under_way = Known::Known(UnderWay::OthersFilingOfDomain);
            }
            Pending::DomainBlacklisted => facts.blacklist = Known::Known(Blacklist::Domain),
            Pending::SponsorBlacklisted => facts.blacklist = Known::Known(Blacklist::Sponsor),
        }
    }

    fn register(&self, case: &mut Case, day: NaiveDate) {
        let before = |days| day.checked_sub_days(Days::new(days));
        let later = |days| day.checked_add_days(Days::new(days));
        let in_order = DomainRegistration {
            registrar: Some(RegistrarPlace::Here),
            holder: Some(DomainHolderRelation::Sponsor),
            real_named_on: before(60),
            expires_on: later(700),
        };
        case.service.registration = match self.registration {
            Registration::Unstated | Registration::SuffixRefused => DomainRegistration::default(),
            Registration::InOrder => in_order,
            Registration::Overseas => {
                DomainRegistration { registrar: Some(RegistrarPlace::Overseas), ..in_order }
            }
            Registration::NotVerified => DomainRegistration { real_named_on: None, ..in_order },
            Registration::VerifiedToday => DomainRegistration { real_named_on: Some(day), ..in_order },
            Registration::HeldByOther => {
                DomainRegistration { holder: Some(DomainHolderRelation::Other), ..in_order }
            }
            Registration::HeldByLegalRepresentative => {
                DomainRegistration { holder: Some(DomainHolderRelation::LegalRepresentative), ..in_order }
            }
            Registration::Expired => DomainRegistration { expires_on: before(1), ..in_order },
            Registration::ExpiresSoon => DomainRegistration { expires_on: later(40), ..in_order },
        };
        if self.registration == Registration::SuffixRefused {
            case.service.domain = Some("xizuo-lianxi.rocks".to_owned());
            case.service.home_url = None;
        }
    }

    fn serve(&self, case: &mut Case, facts: &mut Facts, day: NaiveDate) {
        let mut server = server(day, self.province);
        let noon = NaiveTime::from_hms_opt(4, 0, 0).unwrap();
        let at = |days| day.checked_add_days(Days::new(days)).map(|day| day.and_time(noon).and_utc());
        match self.server {
            Server::WrongKind => server.kind = ResourceKind::ElasticAddress,
            Server::BalancerAlone => server.kind = ResourceKind::LoadBalancer,
            Server::Overseas => server.division = None,
            Server::Postpaid => {
                server.prepaid = false;
                server.expires_at = None;
            }
            Server::ShortTerm => {
                server.bought_at = at(0).unwrap();
                server.expires_at = at(40);
            }
            Server::ShortRemaining => server.expires_at = at(10),
            Server::NoAddress => server.public_address = None,
            Server::Full => server.used = server.quota,
            Server::ExpiresDuringWaits => server.expires_at = at(45),
            _ => {}
        }
        facts.resources = Known::Known(vec![server.clone()]);
        case.access.resource = Some(server.reference.clone());
        facts.resource = match self.server {
            Server::OfOtherAccount => Known::Known(ResourceFact::OtherAccount),
            Server::NotFound => Known::Known(ResourceFact::NotFound),
            Server::NotChosenOneQualifies | Server::NotChosenNoneThere => {
                case.access.resource = None;
                Known::Unknown(Text::new("还没有选择资源", "no resource is chosen yet"))
            }
            _ => Known::Known(ResourceFact::Usable(server)),
        };
        if matches!(self.server, Server::NotChosenNoneThere | Server::OfOtherAccount | Server::NotFound) {
            facts.resources = Known::Known(Vec::new());
        }
        self.authorize(case, facts, day);
    }

    /// States an authorization code for a server of another account; its own
    /// account has none.
    fn authorize(&self, case: &mut Case, facts: &mut Facts, day: NaiveDate) {
        let opened = Resource { reference: "friends-server-1".to_owned(), ..server(day, self.province) };
        let fact = match self.server {
            Server::CodeUsable | Server::CodeOfOtherResource => CodeFact::Usable(opened.clone()),
            Server::CodeWithoutAddress => {
                CodeFact::Usable(Resource { public_address: None, ..opened.clone() })
            }
            Server::CodeMistyped | Server::CodeNotFound => CodeFact::NotFound,
            Server::CodeOfOther => CodeFact::IssuedToOther { masked_login: "x***".to_owned() },
            Server::CodeHeld => CodeFact::Held { order: OrderNumber("BA20261122-7F3KQ".to_owned()) },
            Server::CodeUsed => CodeFact::Used { service: "粤ICP备2026000009号-1".parse().unwrap() },
            Server::CodeExpired => CodeFact::Expired,
            Server::CodeRevoked => CodeFact::Revoked,
            Server::CodeUnasked => {
                facts.authorization_code = silent();
                facts.resources = Known::Known(Vec::new());
                case.access.authorization_code = Some("7F3K-Q0AB-9XYZ-1CD9".to_owned());
                return;
            }
            _ => return,
        };
        facts.resources = Known::Known(Vec::new());
        facts.resource = Known::Known(ResourceFact::OtherAccount);
        facts.authorization_code = Known::Known(fact);
        let last = if self.server == Server::CodeMistyped { '8' } else { '9' };
        case.access.authorization_code = Some(format!("7F3K-Q0AB-9XYZ-1CD{last}"));
        case.access.resource = Some(if self.server == Server::CodeOfOtherResource {
            "practice-server-9".to_owned()
        } else {
            opened.reference
        });
    }
}

fn other() -> Presence {
    Presence::OtherAccount { masked_login: "x***".to_owned() }
}

fn silent<T>() -> Known<T> {
    Known::Unknown(Text::new("管局没有答复", "the regulator does not answer"))
}

fn record(own: Own, number: &str) -> Known<SponsorRecord> {
    let filed = |here, standing| {
        let number = number.parse().unwrap();
        Known::Known(SponsorRecord::Filed(FiledSponsor { number, here, standing }))
    };
    match own {
        Own::NotFiled => Known::Known(SponsorRecord::NotFiled),
        Own::ThisAccount => filed(Presence::ThisAccount, Standing::Active),
        Own::OtherAccount => filed(other(), Standing::Active),
        Own::Elsewhere => filed(Presence::Elsewhere, Standing::Active),
        Own::Shell => filed(Presence::Elsewhere, Standing::Shell),
        Own::Unanswered => silent(),
    }
}

fn server(day: NaiveDate, province: DivisionCode) -> Resource {
    let noon = NaiveTime::from_hms_opt(4, 0, 0).unwrap();
    let at = |day: Option<NaiveDate>| day.map(|day| day.and_time(noon).and_utc());
    Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: Some(province),
        prepaid: true,
        bought_at: at(day.checked_sub_days(Days::new(200))).unwrap(),
        expires_at: at(day.checked_add_days(Days::new(400))),
        public_address: Some("203.0.113.7".parse().unwrap()),
        quota: 5,
        used: 0,
        server: None,
    }
}

thread_local! {
    static MODELS: RefCell<BTreeMap<(SponsorNature, DivisionCode), Case>> = RefCell::default();
}

/// A case of a nature and province that has nothing wrong with it.
pub(crate) fn model(nature: SponsorNature, province: DivisionCode, rulebook: &Rulebook) -> Case {
    MODELS.with_borrow_mut(|models| {
        models.entry((nature, province)).or_insert_with(|| new_model(nature, province, rulebook)).clone()
    })
}

fn new_model(nature: SponsorNature, province: DivisionCode, rulebook: &Rulebook) -> Case {
    let text = if nature.is_individual() {
        include_str!("../../../../examples/cases/first-filing-individual.toml")
    } else {
        include_str!("../../../../examples/cases/first-filing-company.toml")
    };
    let mut case: Case = toml::from_str(text).unwrap();
    let county = county_of(province, rulebook);
    let sponsor = &mut case.sponsor;
    sponsor.nature = Some(nature);
    sponsor.division = Some(county);
    sponsor.certificate.division = Some(county);
    let name = rulebook.division_name(county).unwrap();
    sponsor.certificate.address = Some(Personal::new(format!("{name}习作路1号练习大厦101室")));
    sponsor.certificate.valid_until = None;
    let kind = nature.certificate_kinds()[0];
    sponsor.certificate.kind = Some(kind);
    sponsor.certificate.number = Some(Personal::new(number_of(kind)));
    if nature.is_individual() {
        case.service.name = Some("小明的读书笔记本".to_owned());
        case.service.remark = Some("本站为个人网站，记录读书笔记与心得体会，不含任何企业、组织和商业内容，如有不实愿意接受注销备案并列入黑名单的处理".to_owned());
        sponsor.certificate.valid_until = NaiveDate::from_ymd_opt(2036, 3, 7);
    } else {
        case.service.remark = Some("展示本单位的产品与服务，不涉及前置审批内容".to_owned());
        sponsor.principal.role = Some(beian_domain::PrincipalRole::LegalRepresentative);
        // One person is legal representative and both principals: every bureau
        // takes that.
        case.service.principal = Some(ServicePrincipal::SameAsSponsor);
    }
    case.papers = beian_domain::Paper::ALL.to_vec();
    // Of 123456, which nobody has.
    case.filing_password = Some(Personal::new("e10adc3949ba59abbe56e057f20f883e"));
    case
}

fn number_of(kind: CertificateKind) -> &'static str {
    use CertificateKind as K;
    match kind {
        K::ResidentIdCard => practice::PEOPLE[0].resident_id,
        K::BusinessLicence
        | K::GovernmentUscc
        | K::InstitutionLegalPersonCertificate
        | K::InstitutionUscc
        | K::SocialGroupLegalPersonCertificate
        | K::MassOrganisationUscc => practice::ORGANISATIONS[0].uscc,
        _ => "X00000000X",
    }
}

/// The first county of a province.
fn county_of(province: DivisionCode, rulebook: &Rulebook) -> DivisionCode {
    let mut place = province;
    while let Some((below, _)) = rulebook.divisions_below(Some(place)).first() {
        place = *below;
    }
    place
}
