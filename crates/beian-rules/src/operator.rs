//! What a remedy does: the operators of the planner, and what a button applies.

use std::net::{IpAddr, Ipv4Addr};

use beian_domain::{
    AccountId, Case, DivisionCode, FilingKind, Material, MaterialUse, NumberStated, OutsideTask, Pointer,
    RegistrarPlace, RemedyAction, Resource, ResourceId, ResourceKind, SponsorFilingNumber,
};
use chrono::{Days, Months, NaiveDate, NaiveTime};
use serde_json::Value;

use crate::doctor::{bureau_of, own_record};
use crate::{
    Blacklist, CodeFact, DomainRecord, Facts, FiledSponsor, Known, Presence, ResourceFact, Rulebook,
    SponsorRecord, Standing, UnderWay,
};

/// A case with all that is known of it on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Circumstances {
    /// The case.
    pub case: Case,
    /// What is known beside it.
    pub facts: Facts,
    /// The day, in China.
    pub day: NaiveDate,
}

/// Why an action changed nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotApplied {
    /// Only the person knows the right value.
    #[error("expected an answer at {pointer}")]
    NeedsAnswer {
        /// The field.
        pointer: Pointer,
    },
    /// It is not certain to help, or it leads elsewhere than to a number: no
    /// plan counts on it.
    #[error("its outcome is open, or leads elsewhere than to a number")]
    Open,
    /// The field does not exist or does not take the value.
    #[error("expected a value that {pointer} takes, got {got:?}")]
    Value {
        /// The field.
        pointer: Pointer,
        /// What was to be put there.
        got: String,
    },
}

impl Circumstances {
    /// Does what an action says, so that the diagnostic that offers it is gone.
    ///
    /// Of what lies outside the product the usual success is assumed: this is
    /// what a plan counts on, not a record of what happened.
    pub fn apply(&mut self, action: &RemedyAction, rulebook: &Rulebook) -> Result<(), NotApplied> {
        match action {
            RemedyAction::Edit { pointer } => Err(NotApplied::NeedsAnswer { pointer: pointer.clone() }),
            RemedyAction::Review { .. } => Err(NotApplied::Open),
            RemedyAction::OpenOrder { .. } => {
                self.facts.open_order = Known::Known(None);
                Ok(())
            }
            RemedyAction::WithdrawOrder { order } => {
                let is_it = |open: &Known<Option<crate::OpenOrder>>| matches!(open.get(), Ok(Some(open)) if open.number.0 == *order);
                if is_it(&self.facts.open_order) {
                    self.facts.open_order = Known::Known(None);
                }
                if is_it(&self.facts.domain_order) {
                    self.facts.domain_order = Known::Known(None);
                }
                Ok(())
            }
            RemedyAction::Resource => {
                self.use_new_resource(rulebook);
                Ok(())
            }
            RemedyAction::VerifyAuthenticity => {
                let until = self.day
                    + Days::new(u64::from(
                        rulebook.provider().authenticity_days.at(self.day).map_or(1, |entry| entry.value),
                    ));
                self.facts.authenticity = Known::Known(crate::Authenticity::ProvenUntil(until));
                Ok(())
            }
            RemedyAction::Wait { until } => {
                self.day = self.day.max(*until);
                Ok(())
            }
            RemedyAction::Outside { task } => self.done(*task, rulebook),
            RemedyAction::Replace { pointer, .. } => {
                apply_to_case(&mut self.case, action)?;
                self.look_up(pointer);
                Ok(())
            }
            RemedyAction::UseKind { .. }
            | RemedyAction::UseFormerNumber
            | RemedyAction::Normalise { .. }
            | RemedyAction::Upload { .. }
            | RemedyAction::Provide { .. } => apply_to_case(&mut self.case, action),
        }
    }

    /// Takes the answers at a field and below it from `model`, as a person would
    /// state them. Another domain brings its own registration and no record.
    pub fn answer(&mut self, pointer: &Pointer, model: &Case) -> Result<(), NotApplied> {
        if pointer.is_within("/service/domain") {
            self.case.service.registration = model.service.registration;
            self.case.service.domain.clone_from(&model.service.domain);
            self.case.service.home_url.clone_from(&model.service.home_url);
            self.use_unfiled_domain();
            return Ok(());
        }
        if pointer.is_within("/sponsor") || pointer.is_within("/service") {
            // What was stated anew is stated as on record.
            if let Known::Known(differences) = &mut self.facts.differences {
                differences.retain(|difference| difference.pointer != *pointer);
            }
        }
        if pointer.is_within("/filing-password") {
            self.facts.filing_password = Known::Known(crate::FilingPasswordAnswer::NotAsked);
        }
        if pointer.is_within("/record") {
            // Another record is meant: the one looked up before says nothing of it.
            self.facts.record = Known::Known(crate::RecordFact::Held(crate::HeldRecord::of_this_account()));
        } else if let Known::Known(crate::RecordFact::Held(record)) = &mut self.facts.record {
            // What was changed and is looked at again is stated as on record.
            let before = record.changes.len();
            record.changes.retain(|change| change != pointer);
            if record.changes.len() == before {
                record.changes.push(pointer.clone());
            }
        }
        if pointer.is_within("/access/authorization-code") {
            self.case.access.authorization_code.clone_from(&model.access.authorization_code);
            self.facts.authorization_code = Facts::no_code();
            self.look_up(&Pointer::from("/access/resource"));
            return Ok(());
        }
        if pointer.is_within("/access/resource") {
            self.drop_code();
            let chosen = model.access.resource.clone();
            let resources = self.facts.resources.get().map(Vec::as_slice).unwrap_or_default();
            let known = resources.iter().find(|resource| Some(&resource.reference) == chosen.as_ref());
            self.facts.resource = Known::Known(
                known.map_or(ResourceFact::NotFound, |resource| ResourceFact::Usable(resource.clone())),
            );
            self.case.access.resource = chosen;
            return Ok(());
        }
        // Where the records made the number doubtful, another is asked for again.
        use crate::ConflictCause as C;
        let doubtful = matches!(
            crate::diagnose(&self.case, &self.facts).cause(),
            Some(
                C::SponsorInOtherAccount
                    | C::DomainOfUnknownSponsor
                    | C::DomainOfOtherSponsor
                    | C::KindDoesNotFit
            )
        );
        let number = |case: &Case| {
            let certificate = &case.sponsor.certificate;
            (certificate.number.clone(), certificate.former.as_ref().map(|former| former.number.clone()))
        };
        let before = number(&self.case);
        let model = plain(model);
        let mut case = plain(&self.case);
        let value = model.pointer(pointer.as_str()).cloned();
        set(&mut case, pointer.as_str(), value);
        self.case = read(case).ok_or_else(|| NotApplied::Value {
            pointer: pointer.clone(),
            got: "an answer of another shape".to_owned(),
        })?;
        let after = number(&self.case);
        if doubtful && after.1 != before.1 && after.1.is_some() {
            self.facts.former_record = self.own_record_of_domain();
        }
        if doubtful && after.0 != before.0 && before.0.is_some() {
            self.facts.sponsor_record = self.own_record_of_domain();
        }
        Ok(())
    }

    /// The record by a number that was corrected: a domain on record is taken to
    /// be this sponsor's own, which is why the number was looked at.
    fn own_record_of_domain(&self) -> Known<SponsorRecord> {
        let own = match self.facts.domain_record.get() {
            Ok(DomainRecord::Filed(domain)) => domain.sponsor().map(|number| FiledSponsor {
                number: number.clone(),
                here: domain.here.clone(),
                standing: Standing::Active,
            }),
            _ => None,
        };
        Known::Known(own.map_or(SponsorRecord::NotFiled, SponsorRecord::Filed))
    }

    /// What was known of a resource that was chosen before holds no longer.
    fn look_up(&mut self, pointer: &Pointer) {
        if pointer.is_within("/access/resource") {
            let chosen = self.case.access.resource.as_deref().map(str::trim);
            if let Ok(CodeFact::Usable(opened)) = self.facts.authorization_code.get()
                && self.case.access.stated_code().is_some()
            {
                if Some(opened.reference.as_str()) == chosen {
                    self.facts.resource = Known::Known(ResourceFact::Usable(opened.clone()));
                    return;
                }
                self.drop_code();
            }
            let chosen = self.case.access.resource.as_deref().map(str::trim);
            let known = self.facts.resources.get().ok().and_then(|resources| {
                resources.iter().find(|resource| Some(resource.reference.as_str()) == chosen)
            });
            self.facts.resource = match known {
                Some(resource) => Known::Known(ResourceFact::Usable(resource.clone())),
                None => Known::Unknown(beian_domain::Text::new(
                    "还没有查询所选的资源",
                    "the resource that was chosen was not asked for yet",
                )),
            };
        }
    }

    /// The case is served on a resource of the account's own.
    fn drop_code(&mut self) {
        self.case.access.authorization_code = None;
        self.facts.authorization_code = Facts::no_code();
    }

    /// Whatever was known of the former domain holds no longer.
    pub(crate) fn use_unfiled_domain(&mut self) {
        self.facts.domain_record = Known::Known(DomainRecord::NotFiled);
        self.facts.domain_order = Known::Known(None);
        if matches!(self.facts.under_way.get(), Ok(UnderWay::OthersFilingOfDomain)) {
            self.facts.under_way = Known::Known(UnderWay::Nothing);
        }
        if matches!(self.facts.blacklist.get(), Ok(Blacklist::Domain)) {
            self.facts.blacklist = Known::Known(Blacklist::Nothing);
        }
    }

    /// Takes a filed domain whose holder the regulator did not tell for the
    /// sponsor's own, if the sponsor is on record.
    pub(crate) fn assume_own_domain(&mut self) {
        let own = own_record(&self.facts).ok().flatten().map(|own| own.filed.number.clone());
        if let (Some(own), Known::Known(DomainRecord::Filed(domain))) = (own, &mut self.facts.domain_record)
            && domain.sponsor().is_none()
        {
            domain.sponsor_number = Some(own);
        }
    }

    /// Chooses a resource of the account that meets every condition, if it has one.
    pub(crate) fn choose_qualifying_resource(&mut self, rulebook: &Rulebook) -> Result<(), NotApplied> {
        let resources = self.facts.resources.get().map(Vec::as_slice).unwrap_or_default();
        let qualifies = |resource: &&Resource| {
            crate::resource::conditions(resource, self.day, rulebook)
                .iter()
                .all(|condition| condition.met == crate::Met::Yes)
        };
        let resource = resources.iter().find(qualifies).cloned().ok_or(NotApplied::Open)?;
        self.drop_code();
        self.case.access.resource = Some(resource.reference.clone());
        self.facts.resource = Known::Known(ResourceFact::Usable(resource));
        Ok(())
    }

    fn done(&mut self, task: OutsideTask, rulebook: &Rulebook) -> Result<(), NotApplied> {
        let expected_number = self.expected_number(rulebook);
        let facts = &mut self.facts;
        match task {
            OutsideTask::UseHoldingAccount | OutsideTask::TransferRecord => {
                let come = |here: &mut Presence| {
                    if matches!(here, Presence::OtherAccount { .. }) {
                        *here = Presence::ThisAccount;
                    }
                };
                for record in [&mut facts.sponsor_record, &mut facts.former_record] {
                    if let Known::Known(SponsorRecord::Filed(filed)) = record {
                        come(&mut filed.here);
                    }
                }
                if let Known::Known(DomainRecord::Filed(filed)) = &mut facts.domain_record {
                    come(&mut filed.here);
                }
                if let Known::Known(Some(open)) = &mut facts.open_order {
                    come(&mut open.here);
                }
            }
            OutsideTask::WithdrawElsewhere => {
                facts.under_way = Known::Known(UnderWay::Nothing);
                facts.domain_order = Known::Known(None);
            }
            OutsideTask::FinishElsewhere => {
                facts.under_way = Known::Known(UnderWay::Nothing);
                if let (Ok(SponsorRecord::NotFiled), Some(number)) =
                    (facts.sponsor_record.get(), expected_number)
                {
                    facts.sponsor_record = Known::Known(SponsorRecord::Filed(FiledSponsor {
                        number,
                        here: Presence::Elsewhere,
                        standing: Standing::Active,
                    }));
                    self.assume_own_domain();
                }
            }
            OutsideTask::ChangeRecord => {
                if let Ok(Some(own)) = own_record(facts)
                    && own.bears == NumberStated::Former
                {
                    let filed = own.filed.clone();
                    facts.sponsor_record = Known::Known(SponsorRecord::Filed(filed));
                    facts.former_record = Known::Known(SponsorRecord::NotFiled);
                }
                facts.differences = Known::Known(Vec::new());
                self.case.sponsor.certificate.states = NumberStated::Current;
            }
            OutsideTask::CancelRecord | OutsideTask::CancelShell => {
                let number = own_record(facts).ok().flatten().map(|own| own.filed.number.clone());
                for record in [&mut facts.sponsor_record, &mut facts.former_record] {
                    if record.get().is_ok_and(|record| {
                        record.filed().is_some_and(|filed| Some(&filed.number) == number.as_ref())
                    }) {
                        *record = Known::Known(SponsorRecord::NotFiled);
                    }
                }
                let is_its = matches!(facts.domain_record.get(), Ok(DomainRecord::Filed(domain))
                    if domain.sponsor() == number.as_ref());
                if is_its {
                    facts.domain_record = Known::Known(DomainRecord::NotFiled);
                }
                self.case.sponsor.certificate.states = NumberStated::Current;
            }
            OutsideTask::CancelStaleRecord => {
                facts.domain_record = Known::Known(DomainRecord::NotFiled);
            }
            OutsideTask::AuthorizationCode => {
                self.use_new_resource(rulebook);
                self.case.access.authorization_code = Some(TO_BE_ISSUED.to_owned());
                if let Known::Known(ResourceFact::Usable(resource)) = &self.facts.resource {
                    self.facts.authorization_code = Known::Known(CodeFact::Usable(resource.clone()));
                }
            }
            OutsideTask::MoveRegistrar => {
                self.case.service.registration.registrar = Some(RegistrarPlace::Here);
                self.case.service.registration.real_named_on = Some(self.day);
            }
            OutsideTask::VerifyDomain => {
                self.case.service.registration.real_named_on = Some(self.day);
            }
            OutsideTask::TransferDomain => {
                let registration = &mut self.case.service.registration;
                registration.holder = Some(beian_domain::DomainHolderRelation::Sponsor);
                registration.real_named_on = Some(self.day);
            }
            OutsideTask::RenewDomain => {
                self.case.service.registration.expires_on = self.day.checked_add_months(Months::new(12));
            }
            OutsideTask::RenewCertificate => {
                self.case.sponsor.certificate.valid_until = self.day.checked_add_months(Months::new(120));
            }
            OutsideTask::FileByLocalUnit | OutsideTask::Appeal | OutsideTask::HostOverseas => {
                return Err(NotApplied::Open);
            }
        }
        Ok(())
    }

    /// A number as the bureau would issue it: the provider that finishes a
    /// filing gets one, which nobody knows yet.
    fn expected_number(&self, rulebook: &Rulebook) -> Option<SponsorFilingNumber> {
        let province = rulebook.province(self.case.sponsor.division?)?;
        format!("{}ICP备{}999999号", province.icp_abbreviation, self.day.format("%Y")).parse().ok()
    }

    fn use_new_resource(&mut self, rulebook: &Rulebook) {
        self.drop_code();
        let reference = "to-be-bought".to_owned();
        let resource = qualifying_resource(&reference, self.case.sponsor.division, self.day, rulebook);
        self.case.access.resource = Some(reference);
        self.facts.resource = Known::Known(ResourceFact::Usable(resource));
    }
}

/// Stands for a code that nobody has issued yet; its last character fits the others.
const TO_BE_ISSUED: &str = "0000-0000-0000-0000";

/// Does what an action says as far as it concerns the case alone.
pub fn apply_to_case(case: &mut Case, action: &RemedyAction) -> Result<(), NotApplied> {
    match action {
        RemedyAction::Replace { pointer, value } => {
            let refused = || NotApplied::Value { pointer: pointer.clone(), got: value.clone() };
            let mut whole = plain(case);
            // A value stands as a case file would have it: most are text, some
            // are not.
            let attempts = [Some(Value::String(value.clone())), serde_json::from_str(value).ok()];
            let changed = attempts.into_iter().flatten().find_map(|attempt| {
                set(&mut whole, pointer.as_str(), Some(attempt));
                read(whole.clone())
            });
            *case = changed.ok_or_else(refused)?;
        }
        RemedyAction::Normalise { pointer } => {
            let mut whole = plain(case);
            let text = whole.pointer(pointer.as_str()).and_then(Value::as_str).map(beian_domain::normal_form);
            set(&mut whole, pointer.as_str(), text.map(Value::String));
            *case = read(whole).ok_or_else(|| NotApplied::NeedsAnswer { pointer: pointer.clone() })?;
        }
        RemedyAction::Upload { purpose } => {
            case.materials.retain(|material| material.purpose != *purpose);
            case.materials.push(readable_picture(*purpose));
        }
        RemedyAction::Provide { paper } => {
            if !case.papers.contains(paper) {
                case.papers.push(*paper);
            }
        }
        RemedyAction::UseKind { filing } => {
            case.kind = Some(*filing);
            if *filing == FilingKind::FirstFiling {
                case.sponsor.certificate.states = NumberStated::Current;
            }
        }
        RemedyAction::UseFormerNumber => case.sponsor.certificate.states = NumberStated::Former,
        RemedyAction::Edit { pointer } | RemedyAction::Review { pointer } => {
            return Err(NotApplied::NeedsAnswer { pointer: pointer.clone() });
        }
        RemedyAction::OpenOrder { .. }
        | RemedyAction::WithdrawOrder { .. }
        | RemedyAction::Resource
        | RemedyAction::VerifyAuthenticity
        | RemedyAction::Wait { .. }
        | RemedyAction::Outside { .. } => return Err(NotApplied::Open),
    }
    Ok(())
}

/// A picture that every rule about pictures takes.
fn readable_picture(purpose: MaterialUse) -> Material {
    Material { purpose, id: None, bytes: Some(900_000), width: Some(2400), height: Some(1700) }
}

/// A resource that meets every condition of a day.
fn qualifying_resource(
    reference: &str,
    division: Option<DivisionCode>,
    day: NaiveDate,
    rulebook: &Rulebook,
) -> Resource {
    let kind = rulebook.provider().products_at(day).and_then(|products| {
        let is_it =
            |product: &&crate::Product| product.qualifies == crate::Qualifies::Itself && product.is_open(day);
        products.iter().find(is_it).map(|product| product.kind)
    });
    // A server may stand anywhere in the mainland: that of the sponsor will do.
    let anywhere = rulebook.provinces().next().map(|province| province.code);
    let noon = NaiveTime::from_hms_opt(12, 0, 0).unwrap_or_default();
    Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: reference.to_owned(),
        kind: kind.unwrap_or(ResourceKind::CloudServer),
        division: division.or(anywhere),
        prepaid: true,
        bought_at: day.and_time(noon).and_utc(),
        expires_at: day.checked_add_days(Days::new(370)).map(|end| end.and_time(noon).and_utc()),
        public_address: own_address(day, rulebook),
        quota: 5,
        used: 0,
        server: None,
    }
}

/// An address of the provider's own, or one for documents while its ranges are
/// not known.
fn own_address(day: NaiveDate, rulebook: &Rulebook) -> Option<IpAddr> {
    let ranges = rulebook.provider().address_ranges.as_ref().and_then(|ranges| ranges.at(day));
    let first = |range: &crate::AddressRange| {
        let (first, _) = String::from(*range).split_once('/').map(|(a, b)| (a.to_owned(), b.to_owned()))?;
        first.parse().ok().filter(IpAddr::is_ipv4)
    };
    ranges
        .and_then(|ranges| ranges.value.iter().find_map(first))
        .or(Some(IpAddr::V4(Ipv4Addr::new(203, 0, 113, 9))))
}

/// The bureau that has a say in the record of this case, for what is done there.
pub(crate) fn bureau_in_charge<'a>(
    circumstances: &Circumstances,
    rulebook: &'a Rulebook,
) -> Option<&'a crate::Province> {
    let domain = match circumstances.facts.domain_record.get() {
        Ok(DomainRecord::Filed(filed)) => filed.sponsor(),
        _ => None,
    };
    let own = own_record(&circumstances.facts).ok().flatten().map(|own| &own.filed.number);
    let by_number = own.or(domain).and_then(|number| bureau_of(number, rulebook));
    by_number.or_else(|| rulebook.province(circumstances.case.sponsor.division?))
}

fn plain(case: &Case) -> Value {
    serde_json::to_value(case.map(|personal| personal.expose().to_owned())).unwrap_or_default()
}

fn read(value: Value) -> Option<Case> {
    serde_json::from_value(value).ok()
}

/// Puts a value at a pointer, making the objects on the way; `None` takes it out.
fn set(whole: &mut Value, pointer: &str, value: Option<Value>) {
    let mut parts: Vec<&str> = pointer.split('/').skip(1).collect();
    let Some(last) = parts.pop() else { return };
    let mut place = whole;
    for part in parts {
        let Value::Object(fields) = place else { return };
        place = fields.entry(part).or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    if let Value::Object(fields) = place {
        match value {
            Some(value) => {
                fields.insert(last.to_owned(), value);
            }
            None => {
                fields.remove(last);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::Example;

    #[test]
    fn a_value_is_put_where_a_case_file_would_have_it() {
        let mut case = Example::company().case;
        let put = |case: &mut Case, pointer: &'static str, value: &str| {
            apply_to_case(case, &RemedyAction::Replace { pointer: pointer.into(), value: value.to_owned() })
        };
        put(&mut case, "/sponsor/division", "110108").unwrap();
        assert_eq!(case.sponsor.division.unwrap().to_string(), "110108");
        put(&mut case, "/service/contents", "[8, 9]").unwrap();
        assert_eq!(case.service.contents.len(), 2);
        put(&mut case, "/sponsor/certificate/states", "former").unwrap();
        assert_eq!(case.sponsor.certificate.states, NumberStated::Former);
        let before = case.clone();
        assert!(put(&mut case, "/sponsor/division", "nowhere").is_err());
        assert!(put(&mut case, "/no/such/field", "1").is_err());
        assert_eq!(case, before, "what is refused changes nothing");
    }

    #[test]
    fn a_resource_that_is_bought_meets_every_condition() {
        let rulebook = Rulebook::bundled().unwrap();
        let day = "2026-11-24".parse().unwrap();
        let resource = qualifying_resource("r", None, day, &rulebook);
        for condition in crate::resource::conditions(&resource, day, &rulebook) {
            assert_eq!(condition.met, crate::Met::Yes, "{condition:?}");
        }
    }
}
