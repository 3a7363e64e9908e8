//! Resources, places and authorization codes, over the product as a whole.

use crate::support::{House, changed_rulebook, picture, signing_key};
use beian_app::{
    AppError, BeginOutcome, Beginning, CodeRequest, CodeView, LineOutcome, Reported, ResourceEvent,
    ResourceReport, Submission, User,
};
use beian_domain::{
    AccountKind, CertificateKind, Clock, CodeRefusal, CodeStatus, CodeText, MaterialUse, OrderNumber,
    OrderState, Personal, ResourceKind, ReturnedField, SeededRandom, ServicePrincipal, SponsorNature,
    Verdict, practice,
};
use beian_rules::SignedBundle;
use chrono::TimeDelta;

/// A server like the first one, with something changed.
fn server(house: &House, reference: &str) -> ResourceEvent {
    ResourceEvent {
        reference: reference.to_owned(),
        owner: house.filer.login.clone(),
        kind: ResourceKind::CloudServer,
        division: Some("440300".parse().unwrap()),
        prepaid: true,
        bought_at: house.clock.now(),
        expires_at: Some(house.clock.now() + TimeDelta::days(366)),
        public_address: Some("203.0.113.11".parse().unwrap()),
        quota: 5,
        server: None,
        at: None,
    }
}

async fn report(house: &House, event: ResourceEvent) {
    let kept = house.app.report_resource(event).await.unwrap();
    assert!(matches!(kept, ResourceReport::Kept { .. }), "{kept:?}");
}

async fn enterprise(house: &House) {
    house.app.report_account_kind(&house.filer.login, AccountKind::Enterprise).await.unwrap();
}

fn request(resource: &str, holder: &str) -> CodeRequest {
    CodeRequest { resource: resource.to_owned(), holder: holder.to_owned(), remark: "习作".to_owned() }
}

async fn issue(house: &House) -> CodeView {
    house.app.issue_code(&house.filer, request("srv-1", "other")).await.unwrap().unwrap()
}

/// Lets an account file for two sponsors; the program's own policy allows one.
async fn allow_two_sponsors(house: &House) {
    let two = changed_rulebook("account-sponsors = [{ value = 1,", "account-sponsors = [{ value = 2,");
    let bundle = SignedBundle::seal(&two, &signing_key(), "2026-11-23".parse().unwrap());
    house.app.install_rulebook(&house.operator, &bundle).await.unwrap();
}

/// An order with everything but where it is served.
async fn draft(house: &House, user: &User, organisation: usize, domain: &str) -> OrderNumber {
    let organisation = practice::ORGANISATIONS[organisation];
    let begun = house
        .app
        .begin_order(
            user,
            Beginning {
                service: beian_domain::ServiceKind::Website,
                nature: SponsorNature::Enterprise,
                certificate_kind: CertificateKind::BusinessLicence,
                certificate_number: Personal::new(organisation.uscc),
                former: None,
                domain: domain.to_owned(),
            },
        )
        .await
        .unwrap();
    let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
    let person = practice::PEOPLE[0];
    let fill = |case: &mut beian_domain::Case| {
        let sponsor = &mut case.sponsor;
        sponsor.name = Some(Personal::new(organisation.name));
        sponsor.investor = Some(Personal::new(organisation.name));
        sponsor.certificate.address = Some(Personal::new(organisation.address));
        sponsor.certificate.division = Some(organisation.division.parse().unwrap());
        sponsor.division = Some(organisation.division.parse().unwrap());
        sponsor.address = Some(Personal::new("习作路1号练习大厦101室"));
        let principal = &mut sponsor.principal;
        principal.name = Some(Personal::new(person.name));
        principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
        principal.certificate_number = Some(Personal::new(person.resident_id));
        principal.mobile = Some(Personal::new(person.mobile));
        principal.emergency_phone = Some(Personal::new(person.emergency_phone));
        principal.office_phone = Some(Personal::new("0755-00000000"));
        principal.email = Some(Personal::new(person.email));
        let service = &mut case.service;
        service.name = Some("习作网络科技".to_owned());
        service.contents = vec![8.try_into().unwrap()];
        service.languages = vec![1.try_into().unwrap()];
        service.principal = Some(ServicePrincipal::SameAsSponsor);
        service.remark = Some("企业介绍与产品展示".to_owned());
    };
    house.app.edit_order(user, &order.number, order.revision, fill).await.unwrap();
    for purpose in MaterialUse::ALL {
        house.app.hand_in_material(user, &order.number, purpose, picture()).await.unwrap();
    }
    house.app.attest_signature(&house.reviewer, &order.number, "当面签署").await.unwrap();
    order.number.clone()
}

async fn serve_on(
    house: &House,
    user: &User,
    number: &OrderNumber,
    resource: Option<&str>,
    code: Option<&str>,
) {
    let order = house.app.order(user, number).await.unwrap().order;
    let edit = |case: &mut beian_domain::Case| {
        case.access.resource = resource.map(str::to_owned);
        case.access.authorization_code = code.map(str::to_owned);
    };
    house.app.edit_order(user, number, order.revision, edit).await.unwrap();
}

async fn submit(house: &House, user: &User, number: &OrderNumber) -> Submission {
    let order = house.app.order(user, number).await.unwrap().order;
    house.app.submit_order(user, number, order.revision).await.unwrap()
}

fn access_codes(verdict: &Verdict) -> Vec<String> {
    let errors = verdict.errors().filter(|found| found.code.0.starts_with("ACC"));
    errors.map(|found| found.code.to_string()).collect()
}

async fn found(house: &House, user: &User, number: &OrderNumber) -> Vec<String> {
    access_codes(&house.app.order(user, number).await.unwrap().verdict)
}

async fn status(house: &House) -> CodeStatus {
    house.app.code_desk(&house.filer).await.unwrap().issued[0].code.state.status()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_reason_for_which_no_code_is_issued_has_its_code() {
    let house = House::open().await;
    let refusal = async |resource: &str, holder: &str| {
        let before = house.app.code_desk(&house.filer).await.unwrap().issued.len();
        let refused =
            house.app.issue_code(&house.filer, request(resource, holder)).await.unwrap().unwrap_err();
        assert_eq!(house.app.code_desk(&house.filer).await.unwrap().issued.len(), before);
        refused.code()
    };
    assert_eq!(refusal("srv-1", "other").await, "not-enterprise");
    enterprise(&house).await;
    assert_eq!(refusal("srv-9", "other").await, "unknown-resource");
    let stranger = ResourceEvent { owner: house.other.login.clone(), ..server(&house, "srv-2") };
    report(&house, stranger).await;
    assert_eq!(refusal("srv-2", "other").await, "unknown-resource", "somebody else's is none");
    report(&house, ResourceEvent { kind: ResourceKind::LightServer, ..server(&house, "light") }).await;
    let balancer = ResourceEvent {
        kind: ResourceKind::LoadBalancer,
        server: Some("srv-1".to_owned()),
        ..server(&house, "balancer")
    };
    report(&house, balancer).await;
    assert_eq!(refusal("light", "other").await, "no-codes-of-kind");
    assert_eq!(refusal("balancer", "other").await, "no-codes-of-kind", "not by the address of a balancer");
    report(&house, ResourceEvent { public_address: None, ..server(&house, "hidden") }).await;
    assert_eq!(refusal("hidden", "other").await, "unqualified-resource");
    let long = CodeRequest { remark: "长".repeat(201), ..request("srv-1", "other") };
    let long = house.app.issue_code(&house.filer, long).await.unwrap().unwrap_err();
    assert_eq!((long.code(), long.field()), ("long-remark", "remark"));
    // Staff do not file; names cannot be gone through.
    assert_eq!(refusal("srv-1", "reviewer").await, "unknown-account");
    for n in 0..4 {
        assert_eq!(refusal("srv-1", &format!("nobody-{n}")).await, "unknown-account");
    }
    assert_eq!(refusal("srv-1", "nobody-9").await, "too-often");
    for _ in 0..5 {
        issue(&house).await;
    }
    assert_eq!(refusal("srv-1", "other").await, "no-more-codes");
    assert!(matches!(house.app.code_desk(&house.reviewer).await, Err(AppError::Forbidden)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_goes_from_its_issuer_to_a_number() {
    let house = House::open().await;
    allow_two_sponsors(&house).await;
    enterprise(&house).await;
    let code = issue(&house).await;
    let text = code.code.text.to_string();
    assert_eq!(house.app.usable_codes(&house.other).await.unwrap().len(), 1);
    let number = draft(&house, &house.other, 0, "xizuo-journey.cn").await;
    serve_on(&house, &house.other, &number, None, Some(&text.to_lowercase())).await;
    let order = house.app.order(&house.other, &number).await.unwrap().order;
    assert_eq!(order.case.access.resource.as_deref(), Some("srv-1"), "the resource follows from the code");
    assert_eq!(order.case.access.authorization_code.as_deref(), Some(text.as_str()));
    assert_eq!(found(&house, &house.other, &number).await, [""; 0]);
    assert_eq!(status(&house).await, CodeStatus::Unused, "a draft holds nothing");

    let submitted = submit(&house, &house.other, &number).await;
    assert!(matches!(submitted, Submission::Submitted), "{submitted:#?}");
    assert_eq!(status(&house).await, CodeStatus::Held);
    let revoked = house.app.revoke_code(&house.filer, code.code.id).await.unwrap();
    assert_eq!(revoked, Err(CodeRefusal::HeldByOther));
    assert!(house.app.usable_codes(&house.other).await.unwrap().is_empty());

    // A second order of the same account is told which one holds it.
    let second = draft(&house, &house.other, 1, "xizuo-second.cn").await;
    serve_on(&house, &house.other, &second, None, Some(&text)).await;
    assert_eq!(found(&house, &house.other, &second).await, ["ACC015"]);

    // Given up, it is free; the second takes it, all the way to a number.
    let revision = house.app.order(&house.other, &number).await.unwrap().order.revision;
    house.app.withdraw_order(&house.other, &number, revision).await.unwrap();
    assert_eq!(status(&house).await, CodeStatus::Unused);
    assert!(matches!(submit(&house, &house.other, &second).await, Submission::Submitted));
    house.approve(&second).await;
    house.app.work_until_idle().await;
    let id = house.regulator.filing_ids().await[0];
    house.regulator.post(&format!("filings/{id}/verify-sms"), "{}").await;
    house.regulator.post(&format!("filings/{id}/approve"), r#"{"opinion":"同意"}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(house.app.order(&house.other, &second).await.unwrap().order.state(), OrderState::Filed);
    assert_eq!(status(&house).await, CodeStatus::Used);
    let revoked = house.app.revoke_code(&house.filer, code.code.id).await.unwrap();
    assert!(matches!(revoked, Err(CodeRefusal::UsedFor(_))));

    let third = draft(&house, &house.other, 0, "xizuo-third.cn").await;
    serve_on(&house, &house.other, &third, None, Some(&text)).await;
    assert_eq!(found(&house, &house.other, &third).await, ["ACC016"]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_becomes_of_a_server_becomes_of_its_codes() {
    let house = House::open().await;
    enterprise(&house).await;
    let code = issue(&house).await;
    let number = draft(&house, &house.other, 0, "xizuo-journey.cn").await;
    serve_on(&house, &house.other, &number, None, Some(&code.code.text.to_string())).await;
    let like = |change: fn(&mut ResourceEvent)| {
        let mut event = server(&house, "srv-1");
        change(&mut event);
        event
    };
    report(&house, like(|event| event.public_address = None)).await;
    assert_eq!(found(&house, &house.other, &number).await, ["ACC019"]);
    let refused = submit(&house, &house.other, &number).await;
    assert!(matches!(refused, Submission::HasErrors(_)));
    report(&house, like(|event| event.expires_at = Some(event.bought_at + TimeDelta::days(10)))).await;
    assert_eq!(found(&house, &house.other, &number).await, ["ACC017"]);
    assert_eq!(status(&house).await, CodeStatus::Expired);
    report(&house, like(|_| ())).await;
    assert_eq!(found(&house, &house.other, &number).await, [""; 0], "renewed, it is alive again");
    assert_eq!(status(&house).await, CodeStatus::Unused);
    house.app.revoke_code(&house.filer, code.code.id).await.unwrap().unwrap();
    assert_eq!(found(&house, &house.other, &number).await, ["ACC018"]);
    let elsewhere = house.app.revoke_code(&house.other, code.code.id).await;
    assert!(matches!(elsewhere, Err(AppError::NotFound)), "only its issuer knows of it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stranger_learns_nothing_of_a_code() {
    let house = House::open().await;
    enterprise(&house).await;
    let code = issue(&house).await;
    // The issuer is told that it is another's; the one that it names, nothing in the way.
    let own = draft(&house, &house.filer, 0, "xizuo-own.cn").await;
    serve_on(&house, &house.filer, &own, Some("srv-1"), Some(&code.code.text.to_string())).await;
    assert_eq!(found(&house, &house.filer, &own).await, ["ACC014"]);

    // A code of two others, and one that nobody issued, are the same to a third.
    let to_self = house.app.issue_code(&house.filer, request("srv-1", "filer")).await.unwrap().unwrap();
    let number = draft(&house, &house.other, 1, "xizuo-stranger.cn").await;
    let mut answers = Vec::new();
    for text in [to_self.code.text.clone(), CodeText::new(&SeededRandom::new(77))] {
        serve_on(&house, &house.other, &number, None, Some(&text.to_string())).await;
        let view = house.app.order(&house.other, &number).await.unwrap();
        assert_eq!(view.order.case.access.resource, None);
        let said: Vec<_> =
            view.verdict.errors().filter(|found| found.code.0.starts_with("ACC")).cloned().collect();
        answers.push(serde_json::to_string(&said).unwrap());
    }
    assert_eq!(answers[0], answers[1]);
    assert!(answers[0].contains("ACC013"));
    // One code that is no code at all costs no try; after five tries there is no answer.
    for seed in 0..8 {
        let text = CodeText::new(&SeededRandom::new(seed)).to_string();
        serve_on(&house, &house.other, &number, None, Some(&text)).await;
        house.app.order(&house.other, &number).await.unwrap();
    }
    let view = house.app.order(&house.other, &number).await.unwrap();
    assert_eq!(access_codes(&view.verdict), [""; 0]);
    let open = view.verdict.undetermined.iter().find(|open| open.code.0 == "ACC013").unwrap();
    assert!(open.missing.en.contains("too many"), "{open:?}");
    let refused = house.app.submit_order(&house.other, &number, view.order.revision).await;
    assert!(matches!(refused, Err(AppError::CodeTaken)), "{refused:?}");
    // Its own code is known all the same.
    let mine = issue(&house).await;
    serve_on(&house, &house.other, &number, None, Some(&mine.code.text.to_string())).await;
    assert!(matches!(submit(&house, &house.other, &number).await, Submission::Submitted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn who_comes_second_is_told_that_there_is_no_room() {
    let house = House::open().await;
    allow_two_sponsors(&house).await;
    report(&house, ResourceEvent { quota: 1, ..server(&house, "narrow") }).await;
    let mut numbers = Vec::new();
    for organisation in 0..2 {
        let number =
            draft(&house, &house.filer, organisation, &format!("xizuo-narrow{organisation}.cn")).await;
        serve_on(&house, &house.filer, &number, Some("narrow"), None).await;
        assert_eq!(found(&house, &house.filer, &number).await, [""; 0], "both see one place free");
        numbers.push(number);
    }
    let (first, second) =
        tokio::join!(submit(&house, &house.filer, &numbers[0]), submit(&house, &house.filer, &numbers[1]));
    let (won, lost) = match (first, second) {
        (Submission::Submitted, Submission::HasErrors(verdict)) => (0, verdict),
        (Submission::HasErrors(verdict), Submission::Submitted) => (1, verdict),
        other => panic!("exactly one is taken, got {other:#?}"),
    };
    assert_eq!(access_codes(&lost), ["ACC009"]);
    // Returned, the winner is not in its own way, though every place is taken.
    let number = &numbers[won];
    let order = house.app.order(&house.reviewer, number).await.unwrap().order;
    let mend = ReturnedField::remark("/access/resource".into(), "核对");
    house.app.return_order(&house.reviewer, number, order.revision, vec![mend]).await.unwrap();
    assert_eq!(found(&house, &house.filer, number).await, [""; 0]);
    assert!(matches!(submit(&house, &house.filer, number).await, Submission::Submitted));
    // Given up, it makes room for the loser.
    let order = house.app.order(&house.filer, number).await.unwrap().order;
    house.app.withdraw_order(&house.filer, number, order.revision).await.unwrap();
    assert!(matches!(submit(&house, &house.filer, &numbers[1 - won]).await, Submission::Submitted));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_of_resources_is_reported_line_by_line() {
    let house = House::open().await;
    let file = "reference,owner,kind,division,prepaid,bought_at,expires_at,public_address,quota,at\n\
        bulk-1,filer,cloud-server,440300,是,2026-10-01,2027-10-01,203.0.113.21,5,2026-11-01\n\
        bulk-2,nobody,cloud-server,440300,是,2026-10-01,2027-10-01,203.0.113.22,5,\n\
        bulk-1,filer,light-server,440300,是,2026-10-01,2027-10-01,203.0.113.23,5,\n\
        bulk-3,filer,toaster,440300,是,2026-10-01,2027-10-01,203.0.113.24,5,\n\
        bulk-4,filer,serverless-pack,440300,是,2026-10-01,2027-10-01,203.0.113.25,5,\n";
    let outcomes = async |file: &str| {
        let report = house.app.import_resources(&house.operator, file.as_bytes()).await.unwrap().unwrap();
        let word = |outcome: &LineOutcome<Reported>| match outcome {
            LineOutcome::Kept(kept) => format!("{kept:?}"),
            LineOutcome::Refused(refusal) => refusal.code().to_owned(),
        };
        let all: Vec<_> =
            report.lines.iter().map(|line| format!("{} {}", line.line, word(&line.outcome))).collect();
        all.join(", ")
    };
    let expected = "2 Created, 3 unknown-owner, 4 duplicate-line, 5 unknown-kind, 6 Created";
    assert_eq!(outcomes(file).await, expected);
    assert_eq!(outcomes(file).await, expected.replace("Created", "Unchanged"));
    let kept = house.app.resources(&house.filer).await.unwrap();
    let quota = |reference: &str| kept.iter().find(|(one, _)| one.reference == reference).unwrap().0.quota;
    assert_eq!((kept.len(), quota("bulk-1"), quota("bulk-4")), (3, 5, 2), "a pack carries two services");
    // News from before what is known changes nothing.
    let older = file.replace("2026-11-01", "2026-10-31").replace(",5,", ",4,");
    assert!(outcomes(&older).await.starts_with("2 Older"));
    let refused = house.app.import_resources(&house.operator, &[0xff, 0xfe, 0x41, 0]).await.unwrap();
    assert_eq!(refused.unwrap_err().code(), "utf-16");
    let forbidden = house.app.import_resources(&house.filer, file.as_bytes()).await;
    assert!(matches!(forbidden, Err(AppError::Forbidden)));
    let first = house.app.import_resources_of_cloud(file.as_bytes()).await.unwrap().unwrap();
    assert_eq!((first.count(Reported::Unchanged), first.codes().len()), (2, 3));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn reports_may_come_in_any_order() {
    let house = House::open().await;
    let now = house.clock.now();
    report(&house, ResourceEvent { at: Some(now), quota: 3, ..server(&house, "srv-5") }).await;
    let late = ResourceEvent { at: Some(now - TimeDelta::hours(1)), quota: 1, ..server(&house, "srv-5") };
    assert!(matches!(house.app.report_resource(late).await.unwrap(), ResourceReport::Older));
    let kept = house.app.resources(&house.filer).await.unwrap();
    assert_eq!(kept.iter().find(|(one, _)| one.reference == "srv-5").unwrap().0.quota, 3);
    let nobody = "nobody".parse().unwrap();
    let unknown = house.app.report_account_kind(&nobody, AccountKind::Enterprise).await;
    assert!(matches!(unknown, Err(AppError::NotFound)));
    let forbidden =
        house.app.set_account_kind(&house.filer, &house.filer.login, AccountKind::Enterprise).await;
    assert!(matches!(forbidden, Err(AppError::Forbidden)));
    house.app.set_account_kind(&house.operator, &house.filer.login, AccountKind::Enterprise).await.unwrap();
    assert_eq!(house.app.code_desk(&house.filer).await.unwrap().kind, AccountKind::Enterprise);
}
