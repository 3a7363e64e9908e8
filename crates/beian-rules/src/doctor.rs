//! The conflict doctor: which kind of filing it is (备案类型), or the one cause
//! for which the records allow none as they are.

use beian_domain::{
    Case, FilingKind, NumberStated, RecordState, ServiceFilingNumber, Situation, SponsorFilingNumber, Text,
};

use crate::{
    Blacklist, DomainRecord, Facts, FiledDomain, FiledSponsor, OldCertificateRoute, Presence, Province,
    RecordFact, Rulebook, SponsorRecord, Standing, UnderWay,
};

/// What the records say of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Diagnosis {
    /// It can be filed, as this kind.
    Kind(FilingKind),
    /// It cannot be filed as things are, for this one cause.
    Conflict {
        /// The cause.
        cause: ConflictCause,
        /// The kind that the records call for once the cause is gone, if that
        /// can be told.
        kind: Option<FilingKind>,
    },
    /// A fact is missing.
    Undetermined {
        /// Which, and why.
        missing: Text,
    },
}

macro_rules! causes {
    ($($(#[$doc:meta])* $variant:ident, $slug:literal, $code:literal, [$($situation:ident),*], $zh:literal, $en:literal;)+) => {
        /// Why records allow no filing as they are: a closed list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum ConflictCause {
            $($(#[$doc])* $variant,)+
        }

        impl ConflictCause {
            /// Every cause, gravest first: of several the first is told.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The name in the API.
            pub fn slug(self) -> &'static str {
                match self { $(Self::$variant => $slug),+ }
            }

            /// The code of the check that tells it.
            pub fn code(self) -> &'static str {
                match self { $(Self::$variant => $code),+ }
            }

            /// The situations of the FAQ that it is.
            pub fn situations(self) -> &'static [Situation] {
                match self { $(Self::$variant => &[$(Situation::$situation),*]),+ }
            }

            /// Its name for people.
            pub fn label(self) -> Text {
                match self { $(Self::$variant => Text::new($zh, $en)),+ }
            }
        }
    };
}

causes! {
    /// The regulator has the sponsor or the domain on its blacklist.
    Blacklisted, "blacklisted", "FLO010", [], "在管局黑名单中", "On the regulator's blacklist";
    /// This account has an open order of the sponsor.
    OrderOpenHere, "order-open-here", "FLO001", [S14], "本账号有未完成的订单", "An order of this account is open";
    /// Another account here has an open order of the sponsor.
    OrderOpenInOtherAccount, "order-open-in-other-account", "FLO001", [S07, S10, S14], "其他账号有该主办者未完成的订单", "An order of another account is open";
    /// No record of this provider has the number that a change or a cancellation names.
    RecordNotHere, "record-not-here", "FLO012", [], "本接入商没有该备案", "The record is not with this provider";
    /// The record that a change or a cancellation names was cancelled.
    RecordCancelled, "record-cancelled", "FLO013", [], "备案已注销", "The record was cancelled";
    /// Another sponsor's open order here is for the domain.
    DomainInOtherOrder, "domain-in-other-order", "FLO011", [S08, S12], "域名在另一个订单中", "The domain is in another order";
    /// A filing of the sponsor is under way at another provider.
    OwnFilingUnderWay, "own-filing-under-way", "FLO006", [S07, S08], "在其他接入商有在途备案", "A filing is under way at another provider";
    /// Another sponsor's filing of the domain is under way at another provider.
    OthersFilingUnderWay, "others-filing-under-way", "FLO006", [S08], "域名在其他主办者的在途备案中", "The domain is in another sponsor's filing";
    /// The domain is filed and connected here, in another account.
    DomainInOtherAccount, "domain-in-other-account", "DOM007", [S06, S12], "域名备案在其他账号下", "The domain is filed in another account";
    /// The domain is filed and connected here, in this account.
    DomainConnectedHere, "domain-connected-here", "DOM007", [S02, S12], "域名已在本接入商备案", "The domain is filed and connected here";
    /// The sponsor's record is here, in another account.
    SponsorInOtherAccount, "sponsor-in-other-account", "FLO002", [S06, S10], "主体备案在其他账号下", "The sponsor is filed in another account";
    /// The domain is filed, and no number given has a record.
    DomainOfUnknownSponsor, "domain-of-unknown-sponsor", "DOM007", [S02, S03, S05, S09], "域名已备案，所填证件查不到主体", "The domain is filed, the certificate is not";
    /// The domain is filed under another sponsor.
    DomainOfOtherSponsor, "domain-of-other-sponsor", "DOM007", [S02, S05, S08], "域名备案在其他主办者名下", "The domain is filed under another sponsor";
    /// The record is a shell, without service and access.
    SponsorIsShell, "sponsor-is-shell", "FLO005", [S07], "主体备案是空壳", "The sponsor's record is a shell";
    /// The kind that was chosen is not the one that the records call for.
    KindDoesNotFit, "kind-does-not-fit", "FLO008", [S02, S07, S08], "备案类型选错", "The kind of filing does not fit";
    /// The record bears the number of a replaced certificate.
    FormerNumberOnRecord, "former-number-on-record", "FLO007", [S03, S09], "备案上是换证前的证件号码", "The record bears the former certificate number";
    /// What is stated is not what the record has.
    DiffersFromRecord, "differs-from-record", "FLO009", [S05], "与备案记录不一致", "It differs from the record";
}

/// Finds the kind of filing, or the one cause in its way. Nobody is asked for
/// the kind; one that was chosen all the same is held against the records.
pub fn diagnose(case: &Case, facts: &Facts) -> Diagnosis {
    if let Some(kind) = case.kind.filter(|kind| kind.is_about_own_record()) {
        return from_record_here(facts, kind);
    }
    match (before_records(facts), from_records(case, facts)) {
        (Some(cause), Diagnosis::Kind(kind)) => Diagnosis::Conflict { cause, kind: Some(kind) },
        (Some(cause), Diagnosis::Conflict { kind, .. }) => Diagnosis::Conflict { cause, kind },
        (Some(cause), Diagnosis::Undetermined { .. }) => Diagnosis::Conflict { cause, kind: None },
        (None, by_records) => by_records,
    }
}

/// For a change, a cancellation or materials: the record must be here, in this account, and hold.
fn from_record_here(facts: &Facts, kind: FilingKind) -> Diagnosis {
    use ConflictCause as C;
    let conflict = |cause| Diagnosis::Conflict { cause, kind: Some(kind) };
    if let Ok(Some(open)) = facts.open_order.get() {
        return conflict(match open.here {
            Presence::ThisAccount => C::OrderOpenHere,
            Presence::OtherAccount { .. } | Presence::Elsewhere => C::OrderOpenInOtherAccount,
        });
    }
    match facts.record.get() {
        Err(missing) => Diagnosis::Undetermined { missing: missing.clone() },
        Ok(RecordFact::NotHere) => conflict(C::RecordNotHere),
        Ok(RecordFact::Held(record)) => match (&record.here, record.state) {
            // Whose it is, is not told to somebody who types numbers.
            (Presence::Elsewhere | Presence::OtherAccount { .. }, _) => conflict(C::RecordNotHere),
            (Presence::ThisAccount, RecordState::AccessEnded) => conflict(C::RecordNotHere),
            (Presence::ThisAccount, RecordState::Cancelled) => conflict(C::RecordCancelled),
            (Presence::ThisAccount, RecordState::Active) => Diagnosis::Kind(kind),
        },
    }
}

/// What stands in the way whatever the records say. What nobody can know before
/// the regulator refuses is no reason to say nothing: it is undetermined in the
/// checks, and counts as absent here.
fn before_records(facts: &Facts) -> Option<ConflictCause> {
    use ConflictCause as C;
    if !matches!(facts.blacklist.get(), Ok(Blacklist::Nothing) | Err(_)) {
        return Some(C::Blacklisted);
    }
    if let Ok(Some(open)) = facts.open_order.get() {
        return Some(match open.here {
            Presence::ThisAccount => C::OrderOpenHere,
            Presence::OtherAccount { .. } | Presence::Elsewhere => C::OrderOpenInOtherAccount,
        });
    }
    if let Ok(Some(_)) = facts.domain_order.get() {
        return Some(C::DomainInOtherOrder);
    }
    match facts.under_way.get() {
        Ok(UnderWay::OwnFiling) => Some(C::OwnFilingUnderWay),
        Ok(UnderWay::OthersFilingOfDomain) => Some(C::OthersFilingUnderWay),
        Ok(UnderWay::Nothing) | Err(_) => None,
    }
}

/// The sponsor's own record, by whichever number found it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct OwnRecord<'a> {
    pub(crate) filed: &'a FiledSponsor,
    /// Which number the record bears.
    pub(crate) bears: NumberStated,
}

/// The record by today's number, or else by the former one. If today's number
/// has a record but the domain hangs on that of the former, the latter counts.
pub(crate) fn own_record(facts: &Facts) -> Result<Option<OwnRecord<'_>>, &Text> {
    let current = facts.sponsor_record.get()?.filed();
    let former = facts.former_record.get().map(SponsorRecord::filed);
    let current = current.map(|filed| OwnRecord { filed, bears: NumberStated::Current });
    let by_former = |filed| OwnRecord { filed, bears: NumberStated::Former };
    match (current, former) {
        (Some(current), Ok(Some(former))) => match facts.domain_record.get() {
            Ok(DomainRecord::Filed(domain)) if domain.sponsor() == Some(&former.number) => {
                Ok(Some(by_former(former)))
            }
            _ => Ok(Some(current)),
        },
        (Some(current), _) => Ok(Some(current)),
        (None, former) => former.map(|former| former.map(by_former)),
    }
}

fn from_records(case: &Case, facts: &Facts) -> Diagnosis {
    use ConflictCause as C;
    let conflict = |cause, kind| Diagnosis::Conflict { cause, kind };
    let (own, domain) = match (own_record(facts), facts.domain_record.get()) {
        (Ok(own), Ok(domain)) => (own, domain),
        (Err(missing), _) | (_, Err(missing)) => {
            return Diagnosis::Undetermined { missing: missing.clone() };
        }
    };
    let (own, kind) = match (own, domain) {
        (None, DomainRecord::NotFiled) => return fitting(case, FilingKind::FirstFiling),
        (None, DomainRecord::Filed(domain)) => {
            return conflict(
                match domain.here {
                    Presence::ThisAccount => C::DomainConnectedHere,
                    Presence::OtherAccount { .. } => C::DomainInOtherAccount,
                    Presence::Elsewhere => C::DomainOfUnknownSponsor,
                },
                None,
            );
        }
        (Some(own), DomainRecord::NotFiled) if own.filed.standing == Standing::Shell => {
            return conflict(C::SponsorIsShell, Some(FilingKind::FirstFiling));
        }
        (Some(own), DomainRecord::NotFiled) => (own, FilingKind::AddService),
        (Some(own), DomainRecord::Filed(domain)) => match domain.sponsor() {
            None => {
                return Diagnosis::Undetermined {
                    missing: Text::new(
                        "工信部查询未返回该域名的主体备案号，无法判断是否属于本主办者",
                        "The ministry's query did not tell the sponsor's number of the domain, so whose it is is not known",
                    ),
                };
            }
            Some(holder) if *holder != own.filed.number => {
                return conflict(C::DomainOfOtherSponsor, Some(FilingKind::AddService));
            }
            Some(_) => match domain.here {
                Presence::OtherAccount { .. } => return conflict(C::DomainInOtherAccount, None),
                Presence::ThisAccount | Presence::Elsewhere if stands_beside(case, domain) => {
                    (own, FilingKind::AddService)
                }
                Presence::ThisAccount => return conflict(C::DomainConnectedHere, None),
                Presence::Elsewhere => (own, FilingKind::AddAccess),
            },
        },
    };
    if matches!(own.filed.here, Presence::OtherAccount { .. }) {
        return conflict(C::SponsorInOtherAccount, Some(kind));
    }
    let fitting = fitting(case, kind);
    if fitting != Diagnosis::Kind(kind) {
        return fitting;
    }
    if own.bears != case.sponsor.certificate.states {
        return conflict(C::FormerNumberOnRecord, Some(kind));
    }
    match facts.differences.get() {
        Ok(differences) if !differences.is_empty() => conflict(C::DiffersFromRecord, Some(kind)),
        _ => Diagnosis::Kind(kind),
    }
}

/// Whether a service is filed beside the one that holds its domain: an app and the website of
/// one sponsor are served by one domain as a rule, and each has a number of its own.
fn stands_beside(case: &Case, filed: &FiledDomain) -> bool {
    let holder = filed.service_number.as_ref().map(ServiceFilingNumber::kind).unwrap_or_default();
    !case.service.kind.is_website() || !holder.is_website()
}

/// The kind that the records call for, unless another was chosen.
fn fitting(case: &Case, kind: FilingKind) -> Diagnosis {
    match case.kind {
        Some(chosen) if chosen != kind => {
            Diagnosis::Conflict { cause: ConflictCause::KindDoesNotFit, kind: Some(kind) }
        }
        _ => Diagnosis::Kind(kind),
    }
}

impl Diagnosis {
    /// The kind by which a case is judged: the one chosen, or the one that the
    /// records call for, or else a first filing.
    pub fn judged_as(&self, case: &Case) -> FilingKind {
        let derived = match self {
            Self::Kind(kind) => Some(*kind),
            Self::Conflict { kind, .. } => *kind,
            Self::Undetermined { .. } => None,
        };
        case.kind.or(derived).unwrap_or(FilingKind::FirstFiling)
    }

    /// The cause, if there is one.
    pub fn cause(&self) -> Option<ConflictCause> {
        match self {
            Self::Conflict { cause, .. } => Some(*cause),
            Self::Kind(_) | Self::Undetermined { .. } => None,
        }
    }
}

/// The province whose bureau issued a number.
pub(crate) fn bureau_of<'a>(number: &SponsorFilingNumber, rulebook: &'a Rulebook) -> Option<&'a Province> {
    rulebook.province_by_abbreviation(number.province())
}

/// What to do with a number from before a certificate was replaced (三证合一), by
/// the bureau of the record, for the kind of filing.
pub(crate) fn number_route<'a>(
    own: &FiledSponsor,
    kind: FilingKind,
    rulebook: &'a Rulebook,
    day: chrono::NaiveDate,
) -> Option<&'a crate::Dated<OldCertificateRoute>> {
    let bureau = bureau_of(&own.number, rulebook)?;
    match kind {
        FilingKind::AddAccess => bureau.old_certificate_add_access.at(day),
        FilingKind::AddService | FilingKind::FirstFiling => bureau.old_certificate_add_service.at(day),
        // The number on record is what a change is made to, and what a cancellation ends.
        _ => None,
    }
}

/// How a number from before a certificate was replaced is used.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct FormerNumberUse {
    pub(crate) scan: Scan,
    pub(crate) then: Then,
}

/// Which certificate is uploaded with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Scan {
    /// The newest, no other.
    Newest,
    /// One in force that bears the number.
    BearingNumber,
    /// Either of the two.
    Either,
    /// The bureau does not say which.
    NotStated,
}

/// What is changed afterwards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Then {
    /// Nothing.
    Nothing,
    /// The sponsor, here.
    ChangeHere,
    /// The sponsor, at the provider that holds the record.
    ChangeAtOriginal,
}

/// How the former number is used on a route; `None` if it cannot be.
pub(crate) fn former_number_use(route: OldCertificateRoute) -> Option<FormerNumberUse> {
    use OldCertificateRoute as R;
    let (scan, then) = match route {
        R::OriginalNumberNewestScanThenChange => (Scan::Newest, Then::ChangeHere),
        R::OriginalNumberNewestScanOnly => (Scan::Newest, Then::Nothing),
        R::OriginalNumberOriginalScan => (Scan::BearingNumber, Then::Nothing),
        R::OriginalNumberNewestScanThenChangeAtOriginal => (Scan::Newest, Then::ChangeAtOriginal),
        R::OriginalNumberThenChangeAtOriginal => (Scan::NotStated, Then::ChangeAtOriginal),
        R::OriginalNumberEitherScanThenChange => (Scan::Either, Then::ChangeHere),
        R::ChangeFirst | R::ChangeOrCancelFirst => return None,
    };
    Some(FormerNumberUse { scan, then })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use beian_domain::ServiceKind;

    use crate::{Known, RegulatorKind};

    fn filed(number: &str, here: Presence) -> DomainRecord {
        DomainRecord::Filed(FiledDomain {
            service_number: Some(number.parse().unwrap()),
            sponsor_number: None,
            service_name: None,
            here,
        })
    }

    fn sponsor(number: &str, here: Presence) -> SponsorRecord {
        SponsorRecord::Filed(FiledSponsor {
            number: number.parse().unwrap(),
            here,
            standing: Standing::Active,
        })
    }

    const OWN: &str = "粤ICP备2026000001号";
    const OWN_SITE: &str = "粤ICP备2026000001号-1";

    struct Records {
        current: SponsorRecord,
        former: SponsorRecord,
        domain: DomainRecord,
    }

    fn of(records: Records, change: impl Fn(&mut Case, &mut Facts)) -> Diagnosis {
        let mut facts = Facts::unfiled(RegulatorKind::Practice);
        facts.sponsor_record = Known::Known(records.current);
        facts.former_record = Known::Known(records.former);
        facts.domain_record = Known::Known(records.domain);
        let mut case = Case::default();
        change(&mut case, &mut facts);
        diagnose(&case, &facts)
    }

    fn plain(current: SponsorRecord, domain: DomainRecord) -> Diagnosis {
        of(Records { current, former: SponsorRecord::NotFiled, domain }, |_, _| ())
    }

    #[test]
    fn the_records_decide_the_kind() {
        let elsewhere = || sponsor(OWN, Presence::Elsewhere);
        assert_eq!(
            plain(SponsorRecord::NotFiled, DomainRecord::NotFiled),
            Diagnosis::Kind(FilingKind::FirstFiling)
        );
        assert_eq!(plain(elsewhere(), DomainRecord::NotFiled), Diagnosis::Kind(FilingKind::AddService));
        assert_eq!(
            plain(elsewhere(), filed(OWN_SITE, Presence::Elsewhere)),
            Diagnosis::Kind(FilingKind::AddAccess)
        );
        let nameless = DomainRecord::Filed(FiledDomain {
            service_number: None,
            sponsor_number: None,
            service_name: None,
            here: Presence::Elsewhere,
        });
        assert!(matches!(plain(elsewhere(), nameless), Diagnosis::Undetermined { .. }));
        let nothing = Facts::unknown(RegulatorKind::Real, Text::new("未连接", "not connected"));
        assert_eq!(
            diagnose(&Case::default(), &nothing),
            Diagnosis::Undetermined { missing: Text::new("未连接", "not connected") }
        );
    }

    #[test]
    fn one_cause_is_named_and_it_is_the_right_one() {
        use ConflictCause as C;
        let other = || Presence::OtherAccount { masked_login: "x***".to_owned() };
        let none = SponsorRecord::NotFiled;
        let cause = |current: &SponsorRecord, domain: DomainRecord| plain(current.clone(), domain).cause();
        let here = sponsor(OWN, Presence::ThisAccount);
        assert_eq!(cause(&none, filed(OWN_SITE, Presence::Elsewhere)), Some(C::DomainOfUnknownSponsor));
        assert_eq!(cause(&none, filed(OWN_SITE, other())), Some(C::DomainInOtherAccount));
        assert_eq!(cause(&here, filed(OWN_SITE, Presence::ThisAccount)), Some(C::DomainConnectedHere));
        assert_eq!(cause(&here, filed(OWN_SITE, other())), Some(C::DomainInOtherAccount));
        let strange = || filed("京ICP备2026000009号-1", Presence::Elsewhere);
        assert_eq!(cause(&here, strange()), Some(C::DomainOfOtherSponsor));
        assert_eq!(cause(&sponsor(OWN, other()), DomainRecord::NotFiled), Some(C::SponsorInOtherAccount));
        let shell = SponsorRecord::Filed(FiledSponsor {
            number: OWN.parse().unwrap(),
            here: Presence::Elsewhere,
            standing: Standing::Shell,
        });
        assert_eq!(cause(&shell, DomainRecord::NotFiled), Some(C::SponsorIsShell));
    }

    #[test]
    fn an_app_is_filed_beside_the_website_of_its_domain() {
        let of_app = |here: Presence, domain: DomainRecord| {
            let current = sponsor(OWN, here);
            of(Records { current, former: SponsorRecord::NotFiled, domain }, |case, _| {
                case.service.kind = ServiceKind::App;
            })
        };
        for here in [Presence::ThisAccount, Presence::Elsewhere] {
            let added = of_app(here.clone(), filed(OWN_SITE, here.clone()));
            assert_eq!(added, Diagnosis::Kind(FilingKind::AddService), "{here:?}");
        }
        let strange = of_app(Presence::ThisAccount, filed("京ICP备2026000009号-1", Presence::Elsewhere));
        assert_eq!(strange.cause(), Some(ConflictCause::DomainOfOtherSponsor));
        let website = plain(
            sponsor(OWN, Presence::ThisAccount),
            filed("粤ICP备2026000001号-2A", Presence::ThisAccount),
        );
        assert_eq!(website, Diagnosis::Kind(FilingKind::AddService), "nor does an app keep a website away");
    }

    #[test]
    fn both_numbers_are_tried() {
        let records = || Records {
            current: SponsorRecord::NotFiled,
            former: sponsor(OWN, Presence::Elsewhere),
            domain: filed(OWN_SITE, Presence::Elsewhere),
        };
        let expected = Diagnosis::Conflict {
            cause: ConflictCause::FormerNumberOnRecord,
            kind: Some(FilingKind::AddAccess),
        };
        assert_eq!(of(records(), |_, _| ()), expected);
        let stated = of(records(), |case, _| case.sponsor.certificate.states = NumberStated::Former);
        assert_eq!(stated, Diagnosis::Kind(FilingKind::AddAccess));
        // A second record by today's number does not hide the one that holds the domain.
        let two = of(records(), |_, facts| {
            facts.sponsor_record = Known::Known(sponsor("粤ICP备2026000002号", Presence::Elsewhere))
        });
        assert_eq!(two, expected);
        // And a former one does not hide today's, which holds the domain.
        let todays = of(records(), |_, facts| {
            facts.sponsor_record = Known::Known(sponsor(OWN, Presence::Elsewhere));
            facts.former_record = Known::Known(sponsor("粤ICP备2026000002号", Presence::Elsewhere));
        });
        assert_eq!(todays, Diagnosis::Kind(FilingKind::AddAccess));
        // A former number that could not be asked leaves it open.
        let silent = of(records(), |_, facts| facts.former_record = Known::Unknown(Text::new("无", "none")));
        assert!(matches!(silent, Diagnosis::Undetermined { .. }));
    }

    #[test]
    fn a_kind_that_was_chosen_is_held_against_the_records() {
        let chosen = |kind, current, domain| {
            of(Records { current, former: SponsorRecord::NotFiled, domain }, |case, _| case.kind = Some(kind))
        };
        let wrong = |kind| Diagnosis::Conflict { cause: ConflictCause::KindDoesNotFit, kind: Some(kind) };
        let elsewhere = || sponsor(OWN, Presence::Elsewhere);
        assert_eq!(
            chosen(FilingKind::FirstFiling, elsewhere(), filed(OWN_SITE, Presence::Elsewhere)),
            wrong(FilingKind::AddAccess)
        );
        assert_eq!(
            chosen(FilingKind::AddAccess, elsewhere(), DomainRecord::NotFiled),
            wrong(FilingKind::AddService)
        );
        assert_eq!(
            chosen(FilingKind::AddService, SponsorRecord::NotFiled, DomainRecord::NotFiled),
            wrong(FilingKind::FirstFiling)
        );
        assert_eq!(
            chosen(FilingKind::AddService, elsewhere(), DomainRecord::NotFiled),
            Diagnosis::Kind(FilingKind::AddService)
        );
    }

    #[test]
    fn what_is_under_way_comes_before_the_records() {
        let first = || Records {
            current: SponsorRecord::NotFiled,
            former: SponsorRecord::NotFiled,
            domain: DomainRecord::NotFiled,
        };
        let cause = |change: fn(&mut Facts)| of(first(), |_, facts| change(facts)).cause();
        assert_eq!(
            cause(|facts| facts.under_way = Known::Known(UnderWay::OwnFiling)),
            Some(ConflictCause::OwnFilingUnderWay)
        );
        assert_eq!(
            cause(|facts| facts.blacklist = Known::Known(Blacklist::Sponsor)),
            Some(ConflictCause::Blacklisted)
        );
        // The regulator's query does not tell these two: silence is no conflict.
        assert_eq!(
            cause(|facts| {
                facts.under_way = Known::Unknown(Text::new("无", "none"));
                facts.blacklist = Known::Unknown(Text::new("无", "none"));
            }),
            None
        );
    }
}
