//! Whole cases and their verdicts, by day.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use beian_domain::{
    AccountId, Case, CertificateKind, Diagnostic, DivisionCode, FormerCertificate, MaterialUse, OutsideTask,
    Personal, Pointer, RemedyAction, Resource, ResourceId, ResourceKind, Severity, Situation, Text, Verdict,
    Whereabouts, practice,
};
use beian_rules::{
    ConditionKind, DomainRecord, Facts, FiledDomain, FiledSponsor, Known, Met, Presence, RegulatorKind,
    ResourceFact, Rulebook, SponsorRecord, Standing, evaluate, required_materials, resource_conditions,
};
use chrono::{DateTime, NaiveDate, Utc};
use proptest::prelude::*;

fn case(name: &str) -> Case {
    let path = format!("{}/../../examples/cases/{name}.toml", env!("CARGO_MANIFEST_DIR"));
    toml::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn time(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

fn server() -> Resource {
    Resource {
        id: ResourceId(uuid::Uuid::nil()),
        owner: AccountId(uuid::Uuid::nil()),
        reference: "practice-server-1".to_owned(),
        kind: ResourceKind::CloudServer,
        division: Some("440300".parse().unwrap()),
        prepaid: true,
        bought_at: time("2026-11-22T04:00:00Z"),
        expires_at: Some(time("2027-11-22T04:00:00Z")),
        public_address: Some("203.0.113.7".parse().unwrap()),
        quota: 5,
        used: 0,
        server: None,
    }
}

fn unconnected() -> Facts {
    Facts::unknown(RegulatorKind::Practice, Text::new("未连接管局", "not connected to the regulator"))
}

fn facts() -> Facts {
    Facts {
        resource: Known::Known(ResourceFact::Usable(server())),
        resources: Known::Known(vec![server()]),
        ..Facts::unfiled(RegulatorKind::Practice)
    }
}

fn codes(verdict: &Verdict) -> Vec<&str> {
    verdict.diagnostics.iter().map(|diagnostic| diagnostic.code.0.as_ref()).collect()
}

#[test]
fn the_clean_examples_are_clear_and_fully_judged() {
    let rulebook = Rulebook::bundled().unwrap();
    for name in ["first-filing-company", "first-filing-individual"] {
        let verdict = evaluate(&case(name), &facts(), &rulebook, day("2026-11-22"));
        assert!(verdict.is_clear() && verdict.undetermined.is_empty(), "{name}: {verdict:#?}");
        assert!(verdict.diagnostics.iter().all(|d| d.severity == Severity::Advice), "{name}: {verdict:#?}");
        assert_eq!(verdict.rulebook, rulebook.digest());
    }
}

#[test]
fn every_mistake_is_told_at_once_where_it_is() {
    let rulebook = Rulebook::bundled().unwrap();
    let verdict = evaluate(&case("with-errors"), &unconnected(), &rulebook, day("2026-11-22"));
    let at =
        |pointer: &'static str| -> Vec<&str> { verdict.at(pointer).map(|d| d.code.0.as_ref()).collect() };
    assert_eq!(at("/sponsor/certificate/number"), ["SPN004"]);
    assert_eq!(at("/sponsor/certificate/valid-until"), ["SPN008"]);
    assert_eq!(at("/sponsor/division"), ["SPN009", "SPN010"]);
    assert_eq!(at("/sponsor/address"), ["SPN014"]);
    assert_eq!(at("/sponsor/principal/certificate-number"), ["PER003"]);
    assert_eq!(at("/sponsor/principal/mobile"), ["PER005"]);
    assert_eq!(at("/sponsor/principal/office-phone"), ["PER009"]);
    assert_eq!(at("/sponsor/principal/email"), ["PER008"]);
    assert_eq!(at("/service/name"), ["SVC002", "SVC003"]);
    assert_eq!(at("/service/domain"), ["DOM004"]);
    assert_eq!(at("/service/home-url"), ["SVC013"]);
    assert_eq!(at("/service/contents"), ["SVC011"]);
    assert_eq!(at("/service/languages"), ["SVC001"]);
    assert_eq!(at("/service/remark"), ["FLO003"]);
    assert_eq!(at("/access/resource"), ["ACC001"]);
    assert_eq!(at("/materials/sponsor-certificate"), ["MAT002"]);
    assert_eq!(at("/materials/verification-form"), ["MAT001"]);
    assert_eq!(at("/materials/service-principal-photo"), ["MAT003", "MAT004"]);
    let places: Vec<_> = verdict.diagnostics.iter().map(|d| d.pointer.as_str()).collect();
    assert!(
        places.windows(2).all(|two| section(two[0]) <= section(two[1])),
        "in the order of the case: {places:?}"
    );

    let replaced = verdict.at("/service/domain").next().unwrap();
    assert_eq!(
        replaced.remedies[0].action,
        RemedyAction::Replace { pointer: "/service/domain".into(), value: "xizuo-lianxi.cn".to_owned() }
    );
    // The check character is told, never put in: another character may be the wrong one.
    let number = verdict.at("/sponsor/certificate/number").next().unwrap();
    assert!(number.cause.zh.contains("应为 N"));
    assert!(number.remedies.iter().all(|r| matches!(r.action, RemedyAction::Edit { .. })));
}

fn section(pointer: &str) -> usize {
    ["/sponsor", "/service", "/access", "/materials", "/papers"]
        .iter()
        .position(|s| pointer.starts_with(s))
        .unwrap()
}

#[test]
fn nothing_answered_is_a_verdict_too() {
    let rulebook = Rulebook::bundled().unwrap();
    let verdict = evaluate(&Case::default(), &unconnected(), &rulebook, day("2026-11-22"));
    for pointer in ["/sponsor/nature", "/sponsor/principal/mobile", "/service/domain", "/access/resource"] {
        let found: Vec<_> = verdict.at(pointer).collect();
        assert!(matches!(found[..], [one] if one.severity == Severity::Error), "{pointer}: {found:?}");
    }
}

#[test]
fn a_missing_fact_is_undetermined_and_never_silence() {
    let rulebook = Rulebook::bundled().unwrap();
    let verdict = evaluate(&case("first-filing-company"), &unconnected(), &rulebook, day("2026-11-22"));
    let missing: Vec<_> = verdict.undetermined.iter().map(|u| u.code.0.as_ref()).collect();
    for code in ["DOM007", "FLO001", "FLO002", "ACC002", "ACC003", "ACC009"] {
        assert!(missing.contains(&code), "{code} in {missing:?}");
    }
    assert!(verdict.undetermined.iter().all(|u| u.missing.zh == "未连接管局"));
}

#[test]
fn before_the_first_dated_value_nothing_is_invented() {
    let rulebook = Rulebook::bundled().unwrap();
    let company = case("first-filing-company");
    let judged = |text| {
        let verdict = evaluate(&company, &facts(), &rulebook, day(text));
        verdict.undetermined.iter().filter(|u| u.code.0 == "PRV001").count()
    };
    assert_eq!((judged("2021-12-31"), judged("2022-01-01")), (1, 0));
}

#[test]
fn a_suffix_is_judged_by_the_list_of_the_day() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut company = case("first-filing-company");
    let mut judged = |domain: &str, county: &str, text: &str| -> Vec<String> {
        company.service.domain = Some(domain.to_owned());
        company.sponsor.division = Some(county.parse().unwrap());
        let verdict = evaluate(&company, &facts(), &rulebook, day(text));
        let mut about: Vec<String> = codes(&verdict)
            .into_iter()
            .chain(verdict.undetermined.iter().map(|u| u.code.0.as_ref()))
            .filter(|code| ["DOM005", "PRV003"].contains(code))
            .map(str::to_owned)
            .collect();
        about.sort();
        about
    };
    // .online was refused by the list of 2018 and is on the national one of 2020-07-24.
    assert_eq!(judged("xizuo.online", "440305", "2020-07-23"), ["DOM005"]);
    assert!(judged("xizuo.online", "440305", "2020-07-24").is_empty());
    // .rocks is on neither.
    assert_eq!(judged("xizuo.rocks", "440305", "2026-11-22"), ["DOM005"]);
    // .tel is on Beijing's list and not on the nation's; .red the other way round.
    assert_eq!(judged("xizuo.tel", "110108", "2026-11-22"), ["DOM005"]);
    assert_eq!(judged("xizuo.red", "110108", "2026-11-22"), ["PRV003"]);
    assert!(judged("xizuo.red", "440305", "2026-11-22").is_empty());
    // Beijing's list holds from 2019-01-01; the day before it is not known.
    assert_eq!(judged("xizuo.com", "110108", "2018-12-31"), ["PRV003"]);
    assert!(judged("xizuo.com", "110108", "2019-01-01").is_empty());
    for fine in ["xizuo.com.cn", "xizuo.gd.cn", "例子.中国", "xizuo.cn"] {
        assert!(judged(fine, "110108", "2026-11-22").is_empty(), "{fine}");
    }
}

#[test]
fn an_old_list_warns_where_a_fresh_one_forbids() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut company = case("first-filing-company");
    let mut judged = |domain: &str, county: &str, code: &str, text: &str| {
        company.service.domain = Some(domain.to_owned());
        company.sponsor.division = Some(county.parse().unwrap());
        let verdict = evaluate(&company, &facts(), &rulebook, day(text));
        verdict.diagnostics.into_iter().find(|d| d.code.0 == code)
    };
    // .tel is in no list of the nation, approved or refused; that of 2020-07-24 is trusted for two years.
    let severity = |found: Option<Diagnostic>| found.map(|found| found.severity);
    assert_eq!(severity(judged("xizuo.tel", "440305", "DOM005", "2022-07-23")), Some(Severity::Error));
    let old = judged("xizuo.tel", "440305", "DOM005", "2022-07-24").unwrap();
    assert_eq!(old.severity, Severity::Warning);
    assert!(old.cause.zh.contains("不能备案") && old.cause.zh.contains("已有 2 年"), "{}", old.cause.zh);
    assert!(old.situations.contains(&Situation::S13));
    assert_eq!(
        old.remedies[0].action,
        RemedyAction::Provide { paper: beian_domain::Paper::BureauConfirmation }
    );
    // What a list refuses by name is refused, however old it is.
    assert_eq!(severity(judged("xizuo.rocks", "440305", "DOM005", "2026-11-22")), Some(Severity::Error));
    // Beijing's own list is of 2019-01-01.
    assert_eq!(severity(judged("xizuo.red", "110108", "PRV003", "2020-12-31")), Some(Severity::Error));
    assert_eq!(severity(judged("xizuo.red", "110108", "PRV003", "2021-01-01")), Some(Severity::Warning));
}

#[test]
fn individuals_elsewhere_are_treated_as_their_province_says() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut person = case("first-filing-individual");
    let mut severity = |county: &str| {
        person.sponsor.division = Some(county.parse::<DivisionCode>().unwrap());
        let verdict = evaluate(&person, &facts(), &rulebook, day("2026-11-22"));
        let found = verdict.diagnostics.iter().find(|d| d.code.0 == "PRV002");
        found.map(|d| (d.severity, d.situations.contains(&Situation::S01)))
    };
    assert_eq!(severity("440106"), None, "within the province");
    assert_eq!(severity("140105"), Some((Severity::Error, true)), "Shanxi: local only");
    assert_eq!(severity("330106"), Some((Severity::Warning, true)), "Zhejiang: with proof");
    assert_eq!(severity("110108"), Some((Severity::Warning, true)), "Beijing: silent");
    assert_eq!(severity("130102"), None, "Hebei: allowed");
}

#[test]
fn a_real_regulator_never_gets_a_practice_identity_nor_the_other_way_round() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut company = case("first-filing-company");
    let mut real = facts();
    real.regulator = RegulatorKind::Real;
    let verdict = evaluate(&company, &real, &rulebook, day("2026-11-22"));
    let refused: Vec<_> =
        verdict.diagnostics.iter().filter(|d| d.code.0 == "SPN005").map(|d| &d.pointer).collect();
    assert_eq!(
        refused,
        [
            &Pointer::from("/sponsor/certificate/number"),
            &Pointer::from("/sponsor/principal/certificate-number"),
            &Pointer::from("/service/principal/other/certificate-number"),
        ]
    );
    company.sponsor.certificate.number = Some(Personal::new("9144030071526726XG"));
    let verdict = evaluate(&company, &facts(), &rulebook, day("2026-11-22"));
    assert!(codes(&verdict).contains(&"SPN006") && !verdict.is_clear());
}

#[test]
fn every_condition_of_a_resource_has_one_answer() {
    let rulebook = Rulebook::bundled().unwrap();
    let now = time("2026-11-22T04:00:00Z");
    let failed = |resource: &Resource| -> Vec<ConditionKind> {
        let all = resource_conditions(resource, now, &rulebook);
        assert_eq!(all.len(), 8);
        all.into_iter().filter(|c| c.met != Met::Yes).map(|c| c.kind).collect()
    };
    assert!(failed(&server()).is_empty(), "bought this second, usable this second");
    assert_eq!(failed(&Resource { kind: ResourceKind::LoadBalancer, ..server() }), [ConditionKind::Kind]);
    assert_eq!(failed(&Resource { division: None, ..server() }), [ConditionKind::Mainland]);
    assert_eq!(
        failed(&Resource { prepaid: false, expires_at: None, ..server() }),
        [ConditionKind::Prepaid, ConditionKind::Term, ConditionKind::Remaining]
    );
    for address in [None, Some("192.168.0.1"), Some("100.64.0.1"), Some("2001:db8::1")] {
        let public_address = address.map(|text| text.parse().unwrap());
        assert_eq!(
            failed(&Resource { public_address, ..server() }),
            [ConditionKind::PublicAddress],
            "{address:?}"
        );
    }
    let elsewhere = Resource { public_address: Some("8.8.8.8".parse().unwrap()), ..server() };
    assert_eq!(failed(&elsewhere), [ConditionKind::OwnAddress]);
    assert_eq!(failed(&Resource { used: 5, ..server() }), [ConditionKind::Quota]);
    // 16:00 UTC is the next day in China.
    let until =
        |text| Resource { bought_at: time("2026-01-01T00:00:00Z"), expires_at: Some(time(text)), ..server() };
    assert_eq!(failed(&until("2026-12-21T15:59:59Z")), [ConditionKind::Remaining]);
    assert!(failed(&until("2026-12-21T16:00:00Z")).is_empty());
    let early = resource_conditions(&server(), time("2021-12-30T00:00:00Z"), &rulebook);
    assert!(early.iter().any(|c| c.kind == ConditionKind::Kind && c.met == Met::Undetermined));
}

#[test]
fn a_unit_needs_its_principals_certificate_and_an_individual_does_not() {
    let rulebook = Rulebook::bundled().unwrap();
    let company = required_materials(
        &case("first-filing-company"),
        beian_domain::FilingKind::FirstFiling,
        &rulebook,
        day("2026-11-22"),
    );
    assert_eq!(company, MaterialUse::ALL);
    let person = required_materials(
        &case("first-filing-individual"),
        beian_domain::FilingKind::FirstFiling,
        &rulebook,
        day("2026-11-22"),
    );
    assert!(!person.contains(&MaterialUse::SponsorPrincipalCertificate));
}

/// A case with arbitrary text in every text field.
fn any_case() -> impl Strategy<Value = (Case, NaiveDate)> {
    let text = prop_oneof![
        ".{0,40}",
        "[0-9X]{15,18}",
        "(www\\.)?[a-z\\-]{1,12}\\.(cn|com\\.cn|io|中国|rocks)",
        "(广东|北京|海南)(省|市)?[深圳南山区海]{0,6}.{0,5}",
    ];
    let texts = proptest::collection::vec(proptest::option::of(text), 24);
    (texts, any::<bool>(), 0i64..20_000, any::<u8>()).prop_map(|(texts, company, days, choice)| {
        let mut case = if company { case("first-filing-company") } else { case("first-filing-individual") };
        let mut texts = texts.into_iter();
        let mut next = || texts.next().flatten();
        case.sponsor.nature = beian_domain::SponsorNature::ALL.get(usize::from(choice % 20)).copied();
        case.sponsor.certificate.kind =
            beian_domain::CertificateKind::ALL.get(usize::from(choice % 50)).copied();
        case.sponsor.division = DivisionCode::try_from(110_000 + u32::from(choice) * 2_000).ok();
        for field in [
            &mut case.sponsor.name,
            &mut case.sponsor.investor,
            &mut case.sponsor.address,
            &mut case.sponsor.remark,
            &mut case.sponsor.certificate.number,
            &mut case.sponsor.certificate.address,
            &mut case.sponsor.principal.name,
            &mut case.sponsor.principal.certificate_number,
            &mut case.sponsor.principal.mobile,
            &mut case.sponsor.principal.emergency_phone,
            &mut case.sponsor.principal.office_phone,
            &mut case.sponsor.principal.email,
        ] {
            *field = next().map(Personal::new);
        }
        case.service.name = next();
        case.service.domain = next();
        case.service.home_url = next();
        case.service.remark = next();
        case.access.resource = next();
        let day = NaiveDate::from_ymd_opt(1990, 1, 1).unwrap() + chrono::TimeDelta::days(days);
        (case, day)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]
    #[test]
    fn any_text_is_judged_without_panic_and_always_alike((case, day) in any_case()) {
        static RULEBOOK: std::sync::LazyLock<Rulebook> = std::sync::LazyLock::new(|| Rulebook::bundled().unwrap());
        for facts in [facts(), unconnected()] {
            let verdict = evaluate(&case, &facts, &RULEBOOK, day);
            prop_assert_eq!(&verdict, &evaluate(&case, &facts, &RULEBOOK, day));
            for diagnostic in &verdict.diagnostics {
                prop_assert!(!diagnostic.remedies.is_empty() && !diagnostic.sources.is_empty());
            }
        }
    }
}

fn sponsor(number: &str) -> Known<SponsorRecord> {
    Known::Known(SponsorRecord::Filed(FiledSponsor {
        number: number.parse().unwrap(),
        here: Presence::Elsewhere,
        standing: Standing::Active,
    }))
}

fn filed(number: &str) -> Known<DomainRecord> {
    Known::Known(DomainRecord::Filed(FiledDomain {
        service_number: Some(number.parse().unwrap()),
        sponsor_number: None,
        service_name: Some("习作旧网站".to_owned()),
        here: Presence::Elsewhere,
    }))
}

#[test]
fn a_filed_domain_names_the_record_and_every_way_out() {
    let rulebook = Rulebook::bundled().unwrap();
    let facts = Facts { domain_record: filed("蜀ICP备2026000009号-1"), ..facts() };
    let verdict = evaluate(&case("first-filing-company"), &facts, &rulebook, day("2026-11-22"));
    let found = verdict.diagnostics.iter().find(|d| d.code.0 == "DOM007").unwrap();
    assert_eq!(found.severity, Severity::Error);
    assert_eq!(found.evidence[0].value, "蜀ICP备2026000009号-1");
    assert!(!found.evidence.iter().any(|e| e.value.contains("习作旧网站")), "the name is masked");
    assert!(found.cause.zh.contains("可能是"), "what the query cannot tell is stated as possible");
    let actions: Vec<_> = found.remedies.iter().map(|remedy| &remedy.action).collect();
    assert_eq!(
        actions,
        [
            &RemedyAction::Outside { task: OutsideTask::CancelStaleRecord },
            &RemedyAction::Edit { pointer: "/service/domain".into() },
            &RemedyAction::Review { pointer: "/sponsor/certificate/former".into() },
            &RemedyAction::Review { pointer: "/sponsor/certificate/number".into() },
        ]
    );
    assert!(found.remedies[0].text.zh.contains("四川省通信管理局"));
    assert!(found.situations.contains(&Situation::S02));
}

#[test]
fn the_bureau_of_the_record_says_which_number_and_which_scan() {
    let rulebook = Rulebook::bundled().unwrap();
    let mut company = case("first-filing-company");
    let mut judged = |province: char, whereabouts, domain: Known<DomainRecord>, on: &str| {
        company.sponsor.certificate.former = Some(FormerCertificate {
            kind: CertificateKind::BusinessLicence,
            number: Personal::new(practice::ORGANISATIONS[0].former_licence),
            whereabouts,
        });
        let facts = Facts {
            former_record: sponsor(&format!("{province}ICP备2026000009号")),
            domain_record: domain,
            ..facts()
        };
        let verdict = evaluate(&company, &facts, &rulebook, day(on));
        let found = verdict.diagnostics.into_iter().find(|d| d.code.0 == "FLO007").unwrap();
        assert!(found.situations.contains(&Situation::S03) && found.situations.contains(&Situation::S09));
        let usable = found.remedies.iter().any(|r| r.action == RemedyAction::UseFormerNumber);
        (usable, found.cause.zh.into_owned())
    };
    let access = |province: char| filed(&format!("{province}ICP备2026000009号-1"));
    let service = || Known::Known(DomainRecord::NotFiled);
    // Guangdong takes the newest scan, Shaanxi one that bears the number on record.
    let (usable, cause) = judged('粤', Whereabouts::Surrendered, access('粤'), "2019-01-01");
    assert!(usable && cause.contains("传最新证件"), "{cause}");
    let (usable, cause) = judged('陕', Whereabouts::Surrendered, access('陕'), "2019-01-01");
    assert!(!usable && cause.contains("载有原号码"), "{cause}");
    assert!(judged('陕', Whereabouts::AtHand, access('陕'), "2019-01-01").0);
    // Jiangsu differs by kind.
    assert!(judged('苏', Whereabouts::Surrendered, access('苏'), "2019-01-01").0);
    assert!(!judged('苏', Whereabouts::Surrendered, service(), "2019-01-01").0);
    // Heilongjiang takes no scan but the newest.
    let (usable, cause) = judged('黑', Whereabouts::AtHand, access('黑'), "2019-01-01");
    assert!(usable && cause.contains("不收其他") && !cause.contains("变更主体"), "{cause}");
}

#[test]
fn every_situation_is_answered_by_a_check() {
    use Situation::*;
    let answered: std::collections::BTreeSet<_> =
        beian_rules::catalogue().iter().flat_map(|check| check.situations).copied().collect();
    for situation in [S01, S02, S03, S04, S05, S06, S07, S08, S09, S10, S11, S12, S13, S14] {
        assert!(answered.contains(&situation), "{situation:?}");
    }
}
