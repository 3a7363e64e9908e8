//! Address filing against the practice regulator: sources, what lies within them, refusals and lost answers.

use crate::support::{House, ISP_ID};
use beian_app::{AddressFilter, AddressRefusal, AppError, NumberedRange, TableFormat};
use beian_domain::{
    AddressContent, AddressField, AddressKind, AddressOperation, AddressRecordId, AddressState, RangeConflict,
};
use beian_store::{AuditSearch, DeliveryState, DeliverySubject, Subject};
use chrono::TimeDelta;
use serde_json::Value;

/// What somebody states: the usual answers, and these instead.
fn stated(kind: AddressKind, answers: &[(AddressField, &str)]) -> AddressContent {
    use AddressField as F;
    let usual = |field| match field {
        F::Unit if kind == AddressKind::Broadcast => "1",
        F::Unit => "1197",
        F::Manner => "used",
        F::Use => "static",
        F::Since => "2026-11-23",
        F::UserName => "练习单位",
        F::Nature => "enterprise",
        F::Division => "440305",
        F::Street => "练习路1号",
        F::Contact => "练习员",
        F::Phone => "0755-00000000",
        F::Email => "noc@example.com",
        F::Redirects => "no",
        F::GatewayAddress => "198.51.100.1",
        F::GatewayPlace => "练习机房",
        _ => "",
    };
    let answer = |field| {
        answers
            .iter()
            .find(|(own, _)| *own == field)
            .map_or_else(|| usual(field), |(_, text)| *text)
            .to_owned()
    };
    AddressContent::parse(kind, answer).unwrap()
}

fn range(kind: AddressKind, range: &str) -> AddressContent {
    stated(kind, &[(AddressField::Range, range)])
}

async fn state(house: &House, id: AddressRecordId) -> AddressState {
    house.app.address(&house.operator, id).await.unwrap().record.state()
}

async fn revision(house: &House, id: AddressRecordId) -> i64 {
    house.app.address(&house.operator, id).await.unwrap().record.revision
}

async fn registered(house: &House, content: AddressContent) -> AddressRecordId {
    let id = house.app.add_address(&house.operator, content).await.unwrap();
    house.app.register_address(&house.operator, id, revision(house, id).await).await.unwrap();
    house.app.work_until_idle().await;
    id
}

async fn register(house: &House) -> Vec<Value> {
    house.regulator.get("addresses").await["addresses"].as_array().unwrap().clone()
}

async fn trail(house: &House, id: AddressRecordId) -> Vec<String> {
    let subject = Subject::Other("addresses", id.0.to_string());
    let entries = house.store().await.read().audit_of(&subject).await.unwrap();
    entries.into_iter().map(|entry| entry.action).filter(|action| action.starts_with("address.")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn ranges_of_every_kind_are_filed_changed_and_deleted() {
    let house = House::open().await;
    let operator = &house.operator;
    let source = house.app.add_address(operator, range(AddressKind::Source, "203.0.113.0/24")).await.unwrap();
    assert_eq!(state(&house, source).await, AddressState::Draft);
    // What lies within it is stated meanwhile, and has to wait.
    let allocation =
        house.app.add_address(operator, range(AddressKind::Allocation, "203.0.113.0/26")).await.unwrap();
    let early = house.app.register_address(operator, allocation, 1).await;
    let waits = RangeConflict::SourceNotFiled { address: "203.0.113.0".parse().unwrap() };
    assert!(
        matches!(early, Err(AppError::Addresses(AddressRefusal::Range(found))) if found == waits),
        "{early:?}"
    );

    house.app.register_address(operator, source, 1).await.unwrap();
    assert_eq!(state(&house, source).await, AddressState::Queued(AddressOperation::Register));
    house.app.work_until_idle().await;
    assert_eq!(state(&house, source).await, AddressState::Filed);
    house.app.register_address(operator, allocation, 1).await.unwrap();
    house.app.work_until_idle().await;
    let broadcast = registered(&house, range(AddressKind::Broadcast, "203.0.113.0/24")).await;
    let own = stated(AddressKind::CustomerOwned, &[(AddressField::Range, "198.51.100.0/24")]);
    let own = registered(&house, own).await;
    assert_eq!(house.app.bridge_status().trouble, None, "nobody has to look at it");
    for id in [source, allocation, broadcast, own] {
        assert_eq!(state(&house, id).await, AddressState::Filed);
    }
    let filed = register(&house).await;
    let kinds: Vec<&str> = filed.iter().map(|record| record["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["source", "allocation", "broadcast", "customer-owned"]);
    let view = house.app.address(operator, source).await.unwrap();
    assert_eq!(view.record.register_id, filed[0]["id"].as_u64(), "the regulator's number is kept");
    assert_eq!(view.record.filed.as_ref(), Some(&view.record.content));
    assert_eq!(view.within.len(), 2, "the allocation and the broadcast");

    // A change goes under that number; the regulator's register has it then.
    let smaller = range(AddressKind::Allocation, "203.0.113.0/27");
    house
        .app
        .restate_address(operator, allocation, revision(&house, allocation).await, smaller)
        .await
        .unwrap();
    house.app.work_until_idle().await;
    assert_eq!(state(&house, allocation).await, AddressState::Filed);
    assert_eq!(register(&house).await[1]["last"], "203.0.113.31");

    // A source that carries something stays; then it goes.
    let carries = house.app.delete_address(operator, source, revision(&house, source).await).await;
    let expected = |error: &AppError| {
        matches!(error, AppError::Addresses(AddressRefusal::Range(RangeConflict::Carries { .. })))
    };
    assert!(carries.as_ref().is_err_and(expected), "{carries:?}");
    for id in [broadcast, allocation, source] {
        house.app.delete_address(operator, id, revision(&house, id).await).await.unwrap();
        house.app.work_until_idle().await;
        assert_eq!(state(&house, id).await, AddressState::Deleted);
    }
    let standing: Vec<bool> =
        register(&house).await.iter().map(|record| record["deleted"].is_null()).collect();
    assert_eq!(standing, [false, false, false, true]);
    let expected = [
        "address.add",
        "address.ask",
        "address.deliver",
        "address.accept",
        "address.ask",
        "address.deliver",
        "address.accept",
        "address.ask",
        "address.deliver",
        "address.accept",
    ];
    assert_eq!(trail(&house, allocation).await, expected);
    let page = house.app.addresses(operator, AddressFilter::Deleted, None).await.unwrap();
    let counts: Vec<u64> = page.counts.iter().map(|(_, count)| *count).collect();
    assert_eq!(counts, [0, 0, 1, 3]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_takes_effect_once_whatever_is_lost() {
    let house = House::open().await;
    let id =
        house.app.add_address(&house.operator, range(AddressKind::Source, "203.0.113.0/24")).await.unwrap();
    // The regulator takes the file and its answer is lost, twice over; and the result is handed out twice.
    house.regulator.fault("cut-reply", r#"{"next": 3}"#).await;
    house.app.register_address(&house.operator, id, 1).await.unwrap();
    let again = house.app.register_address(&house.operator, id, 1).await;
    assert!(matches!(again, Err(AppError::Stale { .. })), "a double click: {again:?}");
    for _ in 0..10 {
        house.app.work_until_idle().await;
        house.clock.advance(TimeDelta::minutes(10));
    }
    house.regulator.fault("duplicate-file", r#"{"next": 1}"#).await;
    house.app.work_until_idle().await;
    assert_eq!(state(&house, id).await, AddressState::Filed);
    assert_eq!(register(&house).await.len(), 1);
    let uploads = house.regulator.get("uploads").await;
    assert_eq!(uploads["uploads"].as_array().unwrap().len(), 1, "{uploads}");
    let delivery = house.store().await.read().delivery_of(DeliverySubject::Addresses(id)).await.unwrap();
    assert!(matches!(delivery.unwrap().state, DeliveryState::Delivered { sequence: 1, .. }));
    let expected = ["address.add", "address.ask", "address.deliver", "address.accept"];
    assert_eq!(trail(&house, id).await, expected);
    assert_eq!(house.app.bridge_status().trouble, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refusal_comes_with_its_cause_and_what_to_do_and_is_made_good() {
    let house = House::open().await;
    let operator = &house.operator;
    // A unit that the practice regulator does not know.
    let content = |unit| {
        let kind = AddressKind::Source;
        stated(kind, &[(AddressField::Range, "203.0.113.0/24"), (AddressField::Unit, unit)])
    };
    let id = registered(&house, content("4711")).await;
    let view = house.app.address(operator, id).await.unwrap();
    assert_eq!(view.record.state(), AddressState::Refused(AddressOperation::Register));
    assert_eq!((view.record.register_id, view.record.filed.is_some()), (None, false));
    let [reason] = view.reasons.as_slice() else { panic!("{:?}", view.reasons) };
    assert_eq!(reason.code, 2029);
    assert!(
        reason.official.zh.contains("来源单位不正确") && reason.official.en.contains("Wrong source unit")
    );
    assert!(reason.remedy.zh.contains("核对来源单位") && reason.remedy.en.contains("Check the number"));
    assert!(reason.particulars.contains("expected the number of a filing unit, got 4711"), "{reason:?}");

    // Stated anew, it waits to be asked for; the second request is another file, and is taken in.
    house.app.restate_address(operator, id, view.record.revision, content("1197")).await.unwrap();
    assert_eq!(state(&house, id).await, AddressState::Refused(AddressOperation::Register));
    house.app.register_address(operator, id, revision(&house, id).await).await.unwrap();
    house.app.work_until_idle().await;
    let view = house.app.address(operator, id).await.unwrap();
    assert_eq!((view.record.state(), view.reasons.len()), (AddressState::Filed, 0));
    assert_eq!(house.store().await.read().deliveries(10).await.unwrap().len(), 2);

    // A change that is refused leaves the register as it was, and can be given up.
    house.app.restate_address(operator, id, view.record.revision, content("4711")).await.unwrap();
    house.app.work_until_idle().await;
    let view = house.app.address(operator, id).await.unwrap();
    assert_eq!(view.record.state(), AddressState::Refused(AddressOperation::Change));
    assert_eq!(view.record.filed, Some(content("1197")));
    house.app.give_up_address(operator, id, view.record.revision).await.unwrap();
    let view = house.app.address(operator, id).await.unwrap();
    assert_eq!((view.record.state(), &view.record.content), (AddressState::Filed, &content("1197")));
    assert_eq!(register(&house).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_is_said_before_anything_leaves() {
    let house = House::open().await;
    let add = |content| house.app.add_address(&house.operator, content);
    let source = range(AddressKind::Source, "203.0.113.0/24");
    let id = add(source.clone()).await.unwrap();
    let twice = add(source).await;
    assert!(
        matches!(twice, Err(AppError::Addresses(AddressRefusal::Range(RangeConflict::Overlaps { with, .. }))) if with == id)
    );
    let outside = add(range(AddressKind::Allocation, "203.0.114.0/24")).await;
    assert!(matches!(
        outside,
        Err(AppError::Addresses(AddressRefusal::Range(RangeConflict::Sourceless { .. })))
    ));
    let ourselves = ISP_ID.to_string();
    for kind in [AddressKind::Source, AddressKind::Broadcast] {
        let own = stated(kind, &[(AddressField::Range, "192.0.2.0/24"), (AddressField::Unit, &ourselves)]);
        assert!(matches!(add(own).await, Err(AppError::Addresses(AddressRefusal::OwnUnit))), "{kind:?}");
    }
    // A draft that is given up takes nothing any more, and cannot come back.
    house.app.give_up_address(&house.operator, id, 1).await.unwrap();
    assert_eq!(state(&house, id).await, AddressState::Deleted);
    let late = house.app.register_address(&house.operator, id, revision(&house, id).await).await;
    assert!(matches!(late, Err(AppError::Stale { .. })), "{late:?}");
    add(range(AddressKind::Source, "203.0.113.0/25")).await.unwrap();
    house.app.work_until_idle().await;
    assert!(house.regulator.get("uploads").await["uploads"].as_array().unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn addresses_are_the_operators_alone_and_name_nobody_in_the_trail() {
    let house = House::open().await;
    let source = registered(&house, range(AddressKind::Source, "203.0.113.0/24")).await;
    let id = registered(&house, range(AddressKind::Allocation, "203.0.113.0/24")).await;
    let content = || range(AddressKind::Source, "192.0.2.0/24");
    for user in [&house.filer, &house.reviewer] {
        let app = &house.app;
        assert!(matches!(app.addresses(user, AddressFilter::Open, None).await, Err(AppError::Forbidden)));
        assert!(matches!(app.address(user, id).await, Err(AppError::Forbidden)));
        assert!(matches!(app.add_address(user, content()).await, Err(AppError::Forbidden)));
        assert!(matches!(app.restate_address(user, source, 1, content()).await, Err(AppError::Forbidden)));
        assert!(matches!(app.register_address(user, id, 1).await, Err(AppError::Forbidden)));
        assert!(matches!(app.delete_address(user, id, 1).await, Err(AppError::Forbidden)));
        assert!(matches!(app.give_up_address(user, id, 1).await, Err(AppError::Forbidden)));
        assert!(matches!(app.note_address_shown(user, id).await, Err(AppError::Forbidden)));
        assert!(matches!(app.register_drafts(user).await, Err(AppError::Forbidden)));
        assert!(matches!(app.import_addresses(user, b"kind,range").await, Err(AppError::Forbidden)));
    }
    let store = house.store().await;
    let trail = store.read().audit_page(&AuditSearch::Everything, None, 1_000).await.unwrap();
    let view = house.app.address(&house.operator, id).await.unwrap();
    let written = format!("{trail:?}{view:?}");
    for personal in ["练习员", "noc@", "0755-00000000", "练习路1号"] {
        assert!(!written.contains(personal), "{personal} is written out");
    }
    // The file that left is shown to operators with its people masked.
    let sent = house.app.sent_text(&house.operator, 2).await.unwrap();
    assert!(
        sent.contains("<Fpfs>1</Fpfs>") && !sent.contains("noc@") && !sent.contains("0755-00000000"),
        "{sent}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_regulator_has_is_held_against_what_was_filed() {
    let house = House::open().await;
    let source = registered(&house, range(AddressKind::Source, "203.0.113.0/24")).await;
    let allocation = registered(&house, range(AddressKind::Allocation, "203.0.113.0/26")).await;
    let broadcast = registered(&house, range(AddressKind::Broadcast, "203.0.113.0/24")).await;
    let own = stated(AddressKind::CustomerOwned, &[(AddressField::Range, "198.51.100.0/24")]);
    let own = registered(&house, own).await;
    // A change that was refused leaves what is filed; one that is not asked for yet counts for nothing.
    let smaller = range(AddressKind::Allocation, "203.0.113.0/27");
    let at = revision(&house, allocation).await;
    house.app.restate_address(&house.operator, allocation, at, smaller).await.unwrap();
    house.app.work_until_idle().await;
    house.app.add_address(&house.operator, range(AddressKind::Allocation, "203.0.113.64/26")).await.unwrap();
    let synchronised = async || {
        house.clock.advance(TimeDelta::days(1));
        house.regulator.post("synchronisation", "").await;
        house.app.work_until_idle().await;
        assert_eq!(house.app.bridge_status().trouble, None, "nobody has to look at it");
        house.app.reconciliation(&house.operator, None).await.unwrap().shown.unwrap()
    };
    let (_, report) = synchronised().await;
    assert_eq!((report.addresses.there, report.addresses.here), (4, 4));
    assert!(report.is_clean(), "what was filed by us is the same on both sides: {report:?}");

    // One that differs here, one that has another number, and one that was deleted at the regulator alone.
    let store = house.store().await;
    let mut tx = store.begin(beian_store::Actor::System);
    let mut record = tx.read().address(own).await.unwrap().unwrap();
    let other = [
        (AddressField::Range, "198.51.100.0/25"),
        (AddressField::Contact, "另一人"),
        (AddressField::GatewayPlace, "另一机房"),
    ];
    record.filed = Some(stated(AddressKind::CustomerOwned, &other));
    tx.update_address(&mut record, "address.test", Value::Null).await.unwrap();
    let mut record = tx.read().address(broadcast).await.unwrap().unwrap();
    let number = record.register_id.unwrap();
    record.register_id = Some(number + 1000);
    tx.update_address(&mut record, "address.test", Value::Null).await.unwrap();
    tx.commit().await.unwrap();
    let (day, report) = synchronised().await;
    let found = report.addresses;
    assert_eq!((found.there, found.here), (4, 4));
    let lone = |register_id| NumberedRange {
        kind: AddressKind::Broadcast,
        register_id,
        range: "203.0.113.0-203.0.113.255".to_owned(),
    };
    assert_eq!((found.only_there, found.only_here), (vec![lone(number)], vec![lone(number + 1000)]));
    let [(differing, fields)] = found.differing.as_slice() else { panic!("{:?}", found.differing) };
    assert_eq!(differing.range, "198.51.100.0-198.51.100.127");
    let shown: Vec<_> =
        fields.iter().map(|field| (field.field, field.theirs.as_str(), field.ours.as_str())).collect();
    assert_eq!(shown[0], (AddressField::Range, "198.51.100.0-198.51.100.255", "198.51.100.0-198.51.100.127"));
    assert_eq!(shown[1].0, AddressField::Contact);
    assert!(!shown[1].1.contains("练习员") && !shown[1].2.contains("另一人"), "masked: {shown:?}");
    assert_eq!(shown[2], (AddressField::GatewayPlace, "练习机房", "另一机房"));
    let file = house.app.reconciliation_file(&house.operator, day, TableFormat::Csv, |text| &text.en).await;
    let table = String::from_utf8(file.unwrap()).unwrap();
    assert_eq!(table.lines().count(), 1 + 2 + 3, "{table}");
    assert!(table.contains("customer-owned gateway-place"), "{table}");
    assert_eq!(state(&house, source).await, AddressState::Filed, "a report changes nothing");
}
