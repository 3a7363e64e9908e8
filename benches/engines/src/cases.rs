//! The cases, what is known beside them, and what the rulebook says.

use beian_domain::{
    AccountId, Case, DivisionCode, MaterialUse, PlainCase, Principal, ResidentId, Resource, ResourceId,
    ResourceKind, ServicePrincipal, SponsorNature,
};
use beian_rules::{
    Facts, FiledSponsor, Known, Presence, RegulatorKind, ResourceFact, Rulebook, SponsorRecord, Standing,
};
use chrono::{DateTime, Days, Months, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

const COMPANY: &str = include_str!("../../../examples/cases/first-filing-company.toml");
const SUFFIXES: &str = include_str!("../../../rulebook/suffixes.toml");
const MATERIALS: &str = include_str!("../../../rulebook/materials.toml");

/// The checks that are compared.
#[derive(Clone)]
pub(crate) struct Rules {
    pub(crate) codes: Vec<&'static str>,
}

/// A case with what is known of it, in the forms that the engines take.
pub(crate) struct Input {
    /// The one check of the twenty that fires.
    pub(crate) fires: Option<&'static str>,
    pub(crate) case: Case,
    pub(crate) facts: Facts,
    /// [`Line`] as JSON.
    pub(crate) line: String,
    /// The same for the other engines: in their words, with what is the same
    /// for many checks (people, telephones, days as numbers) made ready.
    pub(crate) shaped: String,
}

/// What ours reads from JSON.
#[derive(Clone, Serialize, Deserialize)]
pub(crate) struct Line<C> {
    pub(crate) case: C,
    pub(crate) resource: Resource,
    pub(crate) sponsor_filed: bool,
}

pub(crate) fn today() -> NaiveDate {
    "2026-11-24".parse().expect("a day")
}

pub(crate) fn inputs() -> Vec<Input> {
    let company: PlainCase = toml::from_str(COMPANY).expect("the example is a case");
    let clean = Line { case: company, resource: resource(), sponsor_filed: false };
    let mut inputs = vec![input(None, &clean)];
    for (code, spoil) in VARIANTS {
        let mut line = clean.clone();
        spoil(&mut line);
        inputs.push(input(Some(code), &line));
    }
    inputs
}

type Spoil = fn(&mut Line<PlainCase>);

/// For each check a case that it fires on, and none of the others.
const VARIANTS: [(&str, Spoil); 20] = [
    ("SPN004", |l| l.case.sponsor.certificate.number = text("91440305000000000M")),
    ("SPN007", |l| l.case.sponsor.certificate.valid_until = "2026-11-01".parse().ok()),
    ("SPN008", |l| l.case.sponsor.certificate.valid_until = "2027-01-15".parse().ok()),
    ("SPN009", |l| l.case.sponsor.division = division("440304")),
    ("PER004", |l| other(l).certificate_number = text("110108198511200004")),
    ("PER005", |l| other(l).mobile = text("12800000002")),
    ("PER006", |l| l.case.sponsor.principal.mobile = text("19200000001")),
    ("PER010", |l| l.case.sponsor.principal.certificate_number = resident("44030520110522000")),
    ("SVC002", |l| l.case.service.name = text("习作")),
    ("SVC005", |l| l.case.service.name = text("中国习作网络")),
    ("SVC010", |l| l.case.service.name = text("习作理财讲堂")),
    ("DOM005", |l| l.case.service.domain = text("xizuo.rocks")),
    ("DOM006", |l| l.case.service.domain = text("xizuo.gov.cn")),
    ("ACC006", |l| l.resource.expires_at = "2027-02-18T16:00:00Z".parse().ok()),
    ("ACC007", |l| {
        l.resource.bought_at = time("2026-01-01T00:00:00Z");
        l.resource.expires_at = "2026-12-20T16:00:00Z".parse().ok();
    }),
    ("MAT001", |l| drop(l.case.materials.pop())),
    ("MAT002", |l| l.case.materials[0].bytes = Some(9 * 1024 * 1024 + 1)),
    ("FLO002", |l| l.sponsor_filed = true),
    ("PRV001", |l| {
        let same = text("13800000001");
        let other = other(l);
        (other.mobile, other.emergency_phone) = (same.clone(), same.clone());
        l.case.sponsor.principal.emergency_phone = same;
    }),
    ("PRV010", |l| {
        l.case.sponsor.division = division("370102");
        l.case.sponsor.certificate.division = division("370102");
        l.case.service.name = text("习作技术社区站");
    }),
];

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

fn division(code: &str) -> Option<DivisionCode> {
    code.parse().ok()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().expect("a time")
}

/// A practice number of a person, with its check character.
fn resident(first17: &str) -> Option<String> {
    ResidentId::check_character(first17).map(|check| format!("{first17}{check}"))
}

fn other(line: &mut Line<PlainCase>) -> &mut Principal<String> {
    match &mut line.case.service.principal {
        Some(ServicePrincipal::Other(other)) => other,
        _ => panic!("the example has a service principal of its own"),
    }
}

fn resource() -> Resource {
    Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: division("440300"),
        prepaid: true,
        bought_at: time("2026-11-21T16:00:00Z"),
        expires_at: Some(time("2027-02-28T16:00:00Z")),
        public_address: "203.0.113.7".parse().ok(),
        quota: 5,
        used: 4,
    }
}

fn input(fires: Option<&'static str>, line: &Line<PlainCase>) -> Input {
    let text = serde_json::to_string(line).expect("a line");
    let read: Line<Case> = serde_json::from_str(&text).expect("a line");
    Input {
        fires,
        facts: facts(read.resource, read.sponsor_filed),
        case: read.case,
        shaped: shaped(line).to_string(),
        line: text,
    }
}

/// What is known, for ours.
pub(crate) fn facts(resource: Resource, sponsor_filed: bool) -> Facts {
    let sponsor_record = match "粤ICP备2026000001号".parse() {
        Ok(number) if sponsor_filed => SponsorRecord::Filed(FiledSponsor {
            number,
            here: Presence::OtherAccount { masked_login: "x***".to_owned() },
            standing: Standing::Active,
        }),
        _ => SponsorRecord::NotFiled,
    };
    Facts {
        sponsor_record: Known::Known(sponsor_record),
        resource: Known::Known(ResourceFact::Usable(resource.clone())),
        resources: Known::Known(vec![resource]),
        ..Facts::unfiled(RegulatorKind::Practice)
    }
}

/// Names with `_`, which all three languages read without quotes.
fn shaped(line: &Line<PlainCase>) -> Value {
    let case = renamed(serde_json::to_value(&line.case).expect("a case"));
    let mut people = vec![case["sponsor"]["principal"].clone()];
    people.extend(case["service"]["principal"].get("other").cloned());
    let phones: Vec<&Value> =
        people.iter().flat_map(|person| [&person["mobile"], &person["emergency_phone"]]).collect();
    let facts = json!({
        "bought_day": number(china_day(line.resource.bought_at)),
        "expires_day": line.resource.expires_at.map(|at| number(china_day(at))),
        "sponsor_filed": line.sponsor_filed,
        "valid_until_day": line.case.sponsor.certificate.valid_until.map(number),
    });
    json!({ "case": case, "facts": facts, "people": people, "phones": phones })
}

fn renamed(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            map.into_iter().map(|(key, value)| (key.replace('-', "_"), renamed(value))).collect()
        }
        Value::Array(list) => list.into_iter().map(renamed).collect(),
        other => other,
    }
}

fn china_day(at: DateTime<Utc>) -> NaiveDate {
    (at + chrono::TimeDelta::hours(8)).date_naive()
}

fn number(day: NaiveDate) -> i64 {
    day.signed_duration_since(NaiveDate::default()).num_days()
}

/// What the rulebook says on the day, for the other engines. What only depends
/// on the day is made ready here, and lists that are looked into are objects,
/// which every engine searches by hash or tree.
pub(crate) fn book(rulebook: &Rulebook) -> Value {
    let (today, national, provider) = (today(), rulebook.national(), rulebook.provider());
    macro_rules! of {
        ($series:expr) => {
            &$series.at(today).expect("a rule of the day").value
        };
    }
    let later = |months: u8| today.checked_add_months(Months::new(u32::from(months))).expect("a day");
    let in_days = |months: u8| today.checked_add_days(Days::new(30 * u64::from(months))).expect("a day");
    let months_left = *of!(provider.resource_months_left);
    let born_by = |years: u8| match years {
        0 => "99999999".to_owned(),
        years => {
            let day = today.checked_sub_months(Months::new(12 * u32::from(years))).expect("a day");
            day.format("%Y%m%d").to_string()
        }
    };
    let provinces: serde_json::Map<String, Value> = rulebook
        .provinces()
        .map(|province| {
            let distinct = of!(province.distinct_numbers);
            let value = json!({
                "born_by_unit": born_by(*of!(province.min_age_unit)),
                "born_by_individual": born_by(*of!(province.min_age_individual)),
                "same_person": distinct.same_person,
                "two_persons": distinct.two_persons,
                "approval_words": of!(province.approval_name_words),
            });
            (province.code.to_string()[..2].to_owned(), value)
        })
        .collect();
    let suffixes: toml::Table = toml::from_str(SUFFIXES).expect("suffixes");
    let rows = |key: &str| suffixes[key].as_array().expect("a list").iter();
    let approved = rows("list")
        .filter(|list| list["kind"].as_str() == Some("approved") && list.get("scope").is_none())
        .max_by_key(|list| list.get("from").or(list.get("observed-on")).and_then(toml::Value::as_str))
        .expect("an approved list");
    let restricted: serde_json::Map<String, Value> = rows("restricted")
        .map(|row| (row["suffix"].as_str().expect("a suffix").to_owned(), json!(row["natures"])))
        .collect();
    let materials: toml::Table = toml::from_str(MATERIALS).expect("materials");
    let materials: Vec<Value> = MaterialUse::ALL
        .into_iter()
        .filter_map(|purpose| {
            let row = materials["requirement"]
                .as_array()?
                .iter()
                .find(|row| row["material"].as_str() == Some(purpose.slug()))?;
            Some(json!({ "material": purpose.slug(), "when": row["series"][0]["value"]["when"] }))
        })
        .collect();
    let exempt = [
        SponsorNature::Government,
        SponsorNature::PublicInstitution,
        SponsorNature::Military,
        SponsorNature::MassOrganisation,
    ];
    let words: Vec<String> = of!(national.pre_approval_words)
        .iter()
        .map(|approval| serde_json::to_value(&approval.words).expect("words"))
        .flat_map(|words| serde_json::from_value::<Vec<String>>(words).expect("words"))
        .collect();
    json!({
        "today": number(today),
        "certificate_until": number(later(*of!(national.certificate_months_left))),
        "remaining_until": number(later(months_left).min(in_days(months_left))),
        "term_days": 30 * i64::from(*of!(provider.resource_term_months)),
        "min_name_characters": of!(national.min_name_characters),
        "reserved_words": of!(national.reserved_name_words),
        "exempt_natures": exempt,
        "pre_approval_words": words,
        "prefixes": set(of!(rulebook.mobile_prefixes()).iter().map(String::as_str)),
        "suffixes": set(approved["suffixes"].as_array().expect("a list").iter().filter_map(|s| s.as_str())),
        "restricted": restricted,
        "materials": materials,
        "max_bytes": of!(provider.material_max_bytes),
        "provinces": provinces,
        "uscc": values("0123456789ABCDEFGHJKLMNPQRTUWXY"),
        "uscc_check": checks("0123456789ABCDEFGHJKLMNPQRTUWXY", |sum| (31 - sum) % 31),
        "uscc_weights": [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28],
        "digits": values("0123456789"),
        "resident_check": checks("10X98765432", |sum| sum),
        "resident_weights": [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2],
    })
}

fn set<'a>(members: impl Iterator<Item = &'a str>) -> Value {
    members.map(|member| (member.to_owned(), json!(true))).collect()
}

/// What each character counts.
fn values(alphabet: &str) -> Value {
    alphabet.chars().enumerate().map(|(value, character)| (character.to_string(), json!(value))).collect()
}

/// The check character for each remainder.
fn checks(alphabet: &str, place: fn(usize) -> usize) -> Value {
    let characters: Vec<String> = alphabet.chars().map(String::from).collect();
    (0..characters.len()).map(|sum| json!(characters[place(sum)])).collect()
}
