//! Records that go to another account: proven, objected to, claimed.

use crate::dns::Malice;
use crate::support::House;
use beian_app::{
    AppError, ImportedRecord, MemberError, NameServer, PendingProof, Prospect, RecordOrder, TransferDecision,
    TransferError, TransferPart, TransferRequest, User,
};
use beian_domain::{
    Case, CertificateKind, FilingKind, NoticeChannel, NoticeKind, OrderState, Personal, Role,
    ServiceFilingNumber, ServiceKind, SponsorNature, TransferId, TransferProof, TransferState, practice,
};
use beian_rules::ConflictCause;
use beian_store::{Message, NoticeFilter};
use chrono::TimeDelta;

const NUMBER: &str = "粤ICP备2026000007号-1";
const DOMAIN: &str = "xizuo-transfer.cn";

fn number() -> ServiceFilingNumber {
    NUMBER.parse().unwrap()
}

fn content(organisation: usize, domain: &str) -> Case {
    let person = practice::PEOPLE[0];
    let organisation = practice::ORGANISATIONS[organisation];
    let mut case = Case::default();
    case.sponsor.nature = Some(SponsorNature::Enterprise);
    case.sponsor.name = Some(Personal::new(organisation.name));
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    case.sponsor.principal.name = Some(Personal::new(person.name));
    case.sponsor.principal.mobile = Some(Personal::new(person.mobile));
    case.service.domain = Some(domain.to_owned());
    case.service.name = Some("习作网络科技".to_owned());
    case
}

fn request() -> TransferRequest {
    TransferRequest {
        domain: DOMAIN.to_owned(),
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(practice::ORGANISATIONS[0].uscc),
    }
}

/// A record that nobody holds.
async fn import(house: &House) {
    let imported = ImportedRecord { service_number: number(), content: content(0, DOMAIN), ids: None };
    house.app.import_record(&house.operator, imported).await.unwrap().unwrap();
}

/// A record that the filer holds, claimed by certificate.
async fn held(house: &House) {
    import(house).await;
    let transfer = house.app.request_transfer(&house.filer, request()).await.unwrap();
    let revision = transfer.revision;
    let way = TransferProof::Certificate;
    house.app.choose_transfer_proof(&house.filer, transfer.id, revision, way).await.unwrap();
    let decision = TransferDecision::Prove;
    house.app.decide_transfer(&house.operator, transfer.id, revision + 1, decision).await.unwrap();
    assert_eq!(state(house, &house.filer, transfer.id).await, TransferState::Done, "nobody is to be heard");
    assert_eq!(house.app.records(&house.filer).await.unwrap().len(), 1);
}

async fn state(house: &House, user: &User, id: TransferId) -> TransferState {
    house.app.transfer(user, id).await.unwrap().transfer.state()
}

async fn ask(house: &House, user: &User, way: TransferProof) -> TransferId {
    let transfer = house.app.request_transfer(user, request()).await.unwrap();
    house.app.choose_transfer_proof(user, transfer.id, transfer.revision, way).await.unwrap();
    transfer.id
}

/// The newest code that waits to be sent, and to which number.
async fn code(house: &House) -> (String, String) {
    let store = house.store().await;
    // Newest first.
    let notices = store.read().notices(NoticeFilter::Of(NoticeChannel::Sms), 100).await.unwrap();
    notices
        .iter()
        .find_map(|notice| match &notice.message {
            Message::Sms { to, text } => {
                let code = text.split("验证码 ").nth(1)?.chars().take(6).collect();
                Some((code, to.expose().to_owned()))
            }
            _ => None,
        })
        .unwrap()
}

fn transfer_error<T: std::fmt::Debug>(result: Result<T, AppError>) -> TransferError {
    match result {
        Err(AppError::Transfer(error)) => error,
        other => panic!("{other:?}"),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_by_sms_proves_it_and_the_records_go_after_the_waiting_period() {
    let house = House::open().await;
    held(&house).await;
    // The holder has an order of the sponsor under way.
    let begun =
        house.app.begin_about_record(&house.filer, &number(), FilingKind::ChangeService).await.unwrap();
    let RecordOrder::Begun(order) = begun else { panic!("{begun:?}") };

    let id = ask(&house, &house.other, TransferProof::Sms).await;
    let view = house.app.transfer(&house.other, id).await.unwrap();
    assert_eq!(view.part, TransferPart::Requester);
    assert_eq!((view.services, view.sponsor), (None, None), "what it is is not told before it is proven");
    let (code, to) = code(&house).await;
    assert_eq!(to, practice::PEOPLE[0].mobile);
    assert_eq!(view.mobile_ending.unwrap(), practice::PEOPLE[0].mobile[9..]);

    // Five wrong codes, and the right one comes too late.
    let wrong = if code == "000000" { "000001" } else { "000000" };
    for left in (0..5).rev() {
        let error = transfer_error(house.app.prove_transfer_by_code(&house.other, id, wrong).await);
        assert_eq!(error, TransferError::WrongCode { left });
    }
    for typed in [wrong, &code] {
        let error = transfer_error(house.app.prove_transfer_by_code(&house.other, id, typed).await);
        assert_eq!(error, TransferError::CodeSpent);
    }
    // A new code; the old one is forgotten, and a minute too late is too late.
    let revision = house.app.transfer(&house.other, id).await.unwrap().transfer.revision;
    house.app.choose_transfer_proof(&house.other, id, revision, TransferProof::Sms).await.unwrap();
    house.clock.advance(TimeDelta::minutes(10));
    let (second, _) = self::code(&house).await;
    let error = transfer_error(house.app.prove_transfer_by_code(&house.other, id, &second).await);
    assert_eq!(error, TransferError::CodeSpent);
    house.app.choose_transfer_proof(&house.other, id, revision + 1, TransferProof::Sms).await.unwrap();
    let (third, _) = self::code(&house).await;
    let fourth = house.app.choose_transfer_proof(&house.other, id, revision + 2, TransferProof::Sms).await;
    assert_eq!(transfer_error(fourth), TransferError::NoMoreCodes);
    let by_dns = house.app.prove_transfer_by_dns(&house.other, id).await;
    assert_eq!(transfer_error(by_dns), TransferError::OtherWay);
    house.app.prove_transfer_by_code(&house.other, id, &format!(" {third} ")).await.unwrap();
    assert_eq!(state(&house, &house.other, id).await, TransferState::Waiting);

    // The holder is told, twice: that somebody asks, and that it is proven.
    let store = house.store().await;
    let inbox = store.read().inbox(house.filer.account, None, 100).await.unwrap();
    let told: Vec<_> = inbox.iter().map(|message| message.kind).collect();
    let general = NoticeKind::General;
    // Newest first; the oldest is about its own claim.
    assert_eq!(told, [NoticeKind::TransferRequested, general, general]);
    let holders = house.app.transfer(&house.filer, id).await.unwrap();
    assert_eq!((holders.part, holders.services), (TransferPart::Holder, Some(1)));
    assert_eq!(holders.other.as_deref(), Some("o****"));
    assert!(matches!(house.app.transfer(&house.reviewer, id).await, Err(AppError::NotFound)));

    house.clock.advance(TimeDelta::days(3) - TimeDelta::seconds(1));
    house.app.work_until_idle().await;
    assert_eq!(house.app.records(&house.filer).await.unwrap().len(), 1, "not a second early");
    house.clock.advance(TimeDelta::seconds(1));
    house.app.work_until_idle().await;
    assert_eq!(state(&house, &house.other, id).await, TransferState::Done);
    assert!(house.app.records(&house.filer).await.unwrap().is_empty());
    assert_eq!(house.app.records(&house.other).await.unwrap().len(), 1);
    assert!(matches!(house.app.record(&house.filer, &number()).await, Err(AppError::NotFound)));
    assert!(matches!(house.app.order(&house.filer, &order.number).await, Err(AppError::NotFound)));
    let moved = house.app.order(&house.other, &order.number).await.unwrap();
    assert_eq!(moved.order.state(), OrderState::Withdrawn, "it was somebody else's will");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_txt_record_on_a_real_name_server_proves_it() {
    let address = crate::dns::free_address();
    let house = House::open_asking(NameServer::At(address)).await;
    held(&house).await;
    let id = ask(&house, &house.other, TransferProof::Dns).await;
    let view = house.app.transfer(&house.other, id).await.unwrap();
    assert_eq!(view.record_name, format!("_beian-transfer.{DOMAIN}"));
    let Some(PendingProof::Dns { token }) = view.transfer.proof.clone() else { panic!("{view:?}") };
    assert_eq!(token.len(), 32);
    assert!(house.app.transfer(&house.filer, id).await.unwrap().transfer.proof.is_none(), "not the holder's");
    {
        let _server = crate::dns::serve(address, &view.record_name, "something-else").await;
        let error = transfer_error(house.app.prove_transfer_by_dns(&house.other, id).await);
        assert_eq!(error, TransferError::NotPublished);
    }
    let _server = crate::dns::serve(address, &view.record_name, &token).await;
    let revision = house.app.transfer(&house.other, id).await.unwrap().transfer.revision;
    house.app.choose_transfer_proof(&house.other, id, revision, TransferProof::Dns).await.unwrap();
    house.app.prove_transfer_by_dns(&house.other, id).await.unwrap();
    assert_eq!(state(&house, &house.other, id).await, TransferState::Waiting);
    let again = house.app.prove_transfer_by_dns(&house.other, id).await;
    assert!(matches!(transfer_error(again), TransferError::Moved(_)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_server_proves_nothing() {
    for malice in [Malice::Huge, Malice::Circle, Malice::Garbage, Malice::Silence, Malice::Refusal] {
        let house = House::open_asking(NameServer::At(crate::dns::hostile(malice))).await;
        held(&house).await;
        let id = ask(&house, &house.other, TransferProof::Dns).await;
        let before = house.app.transfer(&house.other, id).await.unwrap().transfer.revision;
        let looking = house.app.prove_transfer_by_dns(&house.other, id);
        let looked = tokio::time::timeout(std::time::Duration::from_secs(6), looking).await;
        let error = transfer_error(looked.expect("nobody waits longer for a page"));
        match malice {
            Malice::Huge => assert_eq!(error, TransferError::AnswerTooLarge),
            Malice::Circle => assert!(
                matches!(error, TransferError::Unanswered { .. } | TransferError::NotPublished),
                "{error:?}"
            ),
            Malice::Garbage | Malice::Silence | Malice::Refusal => {
                assert!(matches!(error, TransferError::Unanswered { .. }), "{malice:?}: {error:?}");
            }
        }
        let after = house.app.transfer(&house.other, id).await.unwrap().transfer;
        assert_eq!((after.revision, after.state()), (before, TransferState::ProofPending));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_stops_it_and_an_operator_decides() {
    let house = House::open().await;
    held(&house).await;
    for (decision, outcome) in [
        (TransferDecision::Uphold, TransferState::Refused),
        (TransferDecision::Overrule, TransferState::Done),
    ] {
        let id = ask(&house, &house.other, TransferProof::Certificate).await;
        let too_early = house.app.object_to_transfer(&house.filer, id, Personal::new("不同意")).await;
        assert!(matches!(transfer_error(too_early), TransferError::Moved(_)));
        let waiting = house.app.transfers_to_decide(&house.operator).await.unwrap();
        assert_eq!(waiting.len(), 1);
        let revision = waiting[0].transfer.revision;
        house.app.decide_transfer(&house.operator, id, revision, TransferDecision::Prove).await.unwrap();

        for (reason, got) in [(String::new(), 0), ("长".repeat(1_001), 1_001)] {
            let error = house.app.object_to_transfer(&house.filer, id, Personal::new(reason)).await;
            assert_eq!(transfer_error(error), TransferError::Reason { got });
        }
        let stranger = house.app.object_to_transfer(&house.other, id, Personal::new("x")).await;
        assert!(matches!(stranger, Err(AppError::NotFound)), "{stranger:?}");
        house.app.object_to_transfer(&house.filer, id, Personal::new("从未同意转移")).await.unwrap();
        house.clock.advance(TimeDelta::days(30));
        house.app.work_until_idle().await;
        assert_eq!(
            state(&house, &house.other, id).await,
            TransferState::Objected,
            "it does not go on by itself"
        );
        let view = &house.app.transfers_to_decide(&house.operator).await.unwrap()[0];
        assert_eq!(view.transfer.objection.as_ref().unwrap().expose(), "从未同意转移");
        let revision = view.transfer.revision;
        let filer = house.app.decide_transfer(&house.filer, id, revision, decision).await;
        assert!(matches!(filer, Err(AppError::Forbidden)), "{filer:?}");
        house.app.decide_transfer(&house.operator, id, revision, decision).await.unwrap();
        assert_eq!(state(&house, &house.other, id).await, outcome);
        let holder = if outcome == TransferState::Done { &house.other } else { &house.filer };
        assert_eq!(house.app.records(holder).await.unwrap().len(), 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_asked_for_has_its_own_answer_and_changes_nothing() {
    let house = House::open().await;
    held(&house).await;
    let own = house.app.request_transfer(&house.filer, request()).await;
    assert_eq!(transfer_error(own), TransferError::ToOneself);
    let mut wrong = request();
    wrong.certificate_number = Personal::new("1");
    assert_eq!(
        transfer_error(house.app.request_transfer(&house.other, wrong).await),
        TransferError::Unreadable
    );
    let mut unknown = request();
    unknown.domain = "xizuo-unknown.cn".to_owned();
    let mut stranger = request();
    stranger.certificate_number = Personal::new(practice::ORGANISATIONS[1].uscc);
    for request in [unknown, stranger] {
        let error = transfer_error(house.app.request_transfer(&house.other, request).await);
        assert_eq!(error, TransferError::UnknownRecord, "the domain alone is not enough");
    }
    assert!(house.app.transfers(&house.other).await.unwrap().is_empty());

    let transfer = house.app.request_transfer(&house.other, request()).await.unwrap();
    let twice = house.app.request_transfer(&house.other, request()).await;
    assert_eq!(transfer_error(twice), TransferError::UnderWay);
    let stale = house.app.choose_transfer_proof(&house.other, transfer.id, 7, TransferProof::Dns).await;
    assert!(matches!(stale, Err(AppError::Stale { expected: 7 })), "{stale:?}");
    // An operator cannot stand in for a proof that nobody asked them for.
    let decision = TransferDecision::Prove;
    let forced = house.app.decide_transfer(&house.operator, transfer.id, transfer.revision, decision).await;
    assert!(matches!(transfer_error(forced), TransferError::Moved(_)));

    // Unproven for a week, it is over.
    house.clock.advance(TimeDelta::days(7));
    house.app.work_until_idle().await;
    assert_eq!(state(&house, &house.other, transfer.id).await, TransferState::Expired);
    // Given up, it is over, too.
    let transfer = house.app.request_transfer(&house.other, request()).await.unwrap();
    house.app.cancel_transfer(&house.other, transfer.id, transfer.revision).await.unwrap();
    let after = house.app.choose_transfer_proof(&house.other, transfer.id, 2, TransferProof::Dns).await;
    assert!(matches!(transfer_error(after), TransferError::Moved(_)));

    // Nobody goes through domains.
    let mut answers = Vec::new();
    for n in 0..12 {
        let mut request = request();
        request.domain = format!("xizuo-{n}.cn");
        answers.push(transfer_error(house.app.request_transfer(&house.other, request).await));
    }
    assert!(answers.iter().filter(|error| **error == TransferError::UnknownRecord).count() <= 5);
    assert!(matches!(answers.last(), Some(TransferError::TooOften { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_files_for_as_many_sponsors_as_the_provider_allows() {
    let house = House::open().await;
    import(&house).await;
    // The filer has an order of another sponsor.
    let begun = house
        .app
        .begin_order(
            &house.filer,
            beian_app::Beginning {
                service: beian_domain::ServiceKind::Website,
                nature: SponsorNature::Enterprise,
                certificate_kind: CertificateKind::BusinessLicence,
                certificate_number: Personal::new(practice::ORGANISATIONS[1].uscc),
                former: None,
                domain: "xizuo-second.cn".to_owned(),
            },
        )
        .await
        .unwrap();
    let beian_app::BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
    let full = house.app.request_transfer(&house.filer, request()).await;
    assert!(matches!(full, Err(AppError::SponsorLimit { expected: 1, got: 2 })), "{full:?}");
    house.app.withdraw_order(&house.filer, &order.number, order.revision).await.unwrap();
    house.app.request_transfer(&house.filer, request()).await.unwrap();
    // What is to come counts, too.
    let beginning = beian_app::Beginning {
        service: beian_domain::ServiceKind::Website,
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(practice::ORGANISATIONS[1].uscc),
        former: None,
        domain: "xizuo-second.cn".to_owned(),
    };
    let full = house.app.begin_order(&house.filer, beginning).await;
    assert!(matches!(full, Err(AppError::SponsorLimit { expected: 1, got: 2 })), "{full:?}");
    assert_eq!(house.app.orders(&house.filer).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_owner_has_records_transferred() {
    let house = House::open().await;
    held(&house).await;
    let colleague = crate::support::sign_in(&house.app, "colleague", Role::Filer).await;
    let id = house
        .app
        .invite_member(&house.other, &colleague.login, beian_domain::MemberRole::Preparer)
        .await
        .unwrap();
    house.app.answer_membership(&colleague, id, beian_app::MemberAnswer::Agree).await.unwrap();
    let colleague = house.again(&colleague).await.for_account(house.other.account).unwrap();
    let asked = house.app.request_transfer(&colleague, request()).await;
    assert!(matches!(asked, Err(AppError::Member(MemberError::BeyondRole { .. }))), "{asked:?}");
    let transfer = house.app.request_transfer(&house.other, request()).await.unwrap();
    assert_eq!(house.app.transfers(&colleague).await.unwrap().len(), 1, "but it can be seen");
    let cancelled = house.app.cancel_transfer(&colleague, transfer.id, transfer.revision).await;
    assert!(matches!(cancelled, Err(AppError::Member(MemberError::BeyondRole { .. }))), "{cancelled:?}");
}

#[tokio::test]
async fn a_stranger_learns_that_a_domain_is_filed_here_and_not_whose() {
    let house = House::open().await;
    house.filed_order().await;
    let prospect = Prospect {
        service: ServiceKind::Website,
        domain: "xizuo-journey.cn".parse().unwrap(),
        nature: SponsorNature::Enterprise,
        certificate: CertificateKind::BusinessLicence,
        province: "440000".parse().unwrap(),
        sponsor_number: None,
    };
    let outlook = house.app.outlook(&prospect).await.unwrap();
    assert_eq!(outlook.diagnosis.cause(), Some(ConflictCause::DomainInOtherAccount));
    assert!(!outlook.findings.is_empty());
    let told = format!("{:?} {:?}", outlook.findings, outlook.plan);
    let instead = "（只告知备案人 / told to the filer alone）";
    assert!(told.contains(instead), "{told}");
    // What is told instead has the word in it that is the login, too.
    let rest = told.replace(instead, "");
    let login = house.filer.login.to_string();
    let masked = Personal::new(login.clone()).masked();
    assert!(!rest.contains(&login) && !rest.contains(&masked), "{rest}");
}
