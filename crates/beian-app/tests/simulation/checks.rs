//! What must be true of a world at its end, whatever happened in it.

use std::collections::BTreeMap;

use beian_domain::{DutyAnswer, DutyState, NoticeKind, OrderState, UnfiledHandling};
use beian_store::{AuditReport, Delivery, DeliveryState, DeliverySubject, Duty, DutyFilter, Subject};
use serde_json::Value;

use crate::world::{Verdict, World};

/// Unless it holds, says so.
fn expect(holds: bool, what: impl FnOnce() -> String) -> Verdict {
    if holds { Ok(()) } else { Err(what()) }
}

/// Expects two to be equal.
fn equal<T: PartialEq + std::fmt::Debug>(what: &str, got: &T, expected: &T) -> Verdict {
    expect(got == expected, || format!("{what}: expected {expected:?}, got {got:?}"))
}

pub(crate) async fn check(world: &World<'_>) -> Verdict {
    let Ended { deliveries, filings } = nothing_lost_nothing_twice(world).await?;
    for (order, _) in &world.template.orders {
        an_order_ends_as_decided(world, order, &deliveries, &filings).await?;
    }
    every_duty_was_reported_once(world, &deliveries).await?;
    every_file_took_effect_once(world).await?;
    let report = world.store.read().verify_audit().await.unwrap();
    expect(matches!(report, AuditReport::Intact { .. }), || format!("audit trail: {report:?}"))?;
    equal("what needs a person", &world.troubles, &Vec::new())
}

struct Ended {
    /// In the order of their numbers.
    deliveries: Vec<(i64, Delivery)>,
    /// The regulator's filings, by the number of the file that they came with.
    filings: BTreeMap<i64, Value>,
}

/// The regulator has every delivery exactly once, byte by byte, under contiguous numbers.
async fn nothing_lost_nothing_twice(world: &World<'_>) -> Result<Ended, String> {
    let mut deliveries = Vec::new();
    for delivery in world.store.read().deliveries(1_000).await.unwrap() {
        match delivery.state {
            DeliveryState::Delivered { sequence, .. } => deliveries.push((sequence, delivery)),
            _ => return Err(format!("a delivery is open: {delivery:?}")),
        }
    }
    deliveries.sort_by_key(|(sequence, _)| *sequence);
    let sequences: Vec<i64> = deliveries.iter().map(|(sequence, _)| *sequence).collect();
    let contiguous: Vec<i64> = (1..).take(sequences.len()).collect();
    equal("numbers here", &sequences, &contiguous)?;

    let uploads = world.regulator.list("uploads").await;
    let taken: Vec<i64> = uploads.iter().map(|upload| upload["sequence"].as_i64().unwrap()).collect();
    equal("numbers at the regulator", &taken, &sequences)?;
    for upload in &uploads {
        let sequence = upload["sequence"].as_i64().unwrap();
        let package = world.store.read().package_of_sequence(sequence).await.unwrap().unwrap();
        equal(&format!("digest of {sequence}"), &upload["hash"], &Value::from(package.hash))?;
        equal(&format!("fault of {sequence}"), &upload["fault"], &Value::Null)?;
    }
    let mut filings = BTreeMap::new();
    for filing in world.regulator.list("filings").await {
        let sequence = filing["sequence"].as_i64().unwrap();
        let other = filings.insert(sequence, filing);
        expect(other.is_none(), || format!("file {sequence} made two filings"))?;
    }
    let is_of_order = |delivery: &Delivery| matches!(delivery.subject, DeliverySubject::Order(_));
    let of_orders: Vec<i64> =
        deliveries.iter().filter(|entry| is_of_order(&entry.1)).map(|entry| entry.0).collect();
    equal("files with filings", &filings.keys().copied().collect::<Vec<_>>(), &of_orders)?;
    Ok(Ended { deliveries, filings })
}

/// Its state, its trail and what its owner was told are what the regulator decided, each once.
async fn an_order_ends_as_decided(
    world: &World<'_>,
    number: &beian_domain::OrderNumber,
    deliveries: &[(i64, Delivery)],
    filings: &BTreeMap<i64, Value>,
) -> Verdict {
    let order = world.store.read().order_by_number(number).await.unwrap().unwrap();
    let own: Vec<&Value> = deliveries
        .iter()
        .filter(|(_, delivery)| delivery.subject == DeliverySubject::Order(order.id))
        .map(|(sequence, _)| &filings[sequence])
        .collect();
    let decided = |state: &str| own.iter().filter(|filing| filing["state"] == state).count();
    let (granted, refused) = (decided("approved"), decided("refused"));
    equal(&format!("{number}: decisions"), &(granted + refused), &own.len())?;

    let last = own.last().ok_or_else(|| format!("{number} was never delivered"))?;
    let opinion = order.refusal.as_ref().map(|refusal| refusal.opinion.clone()).unwrap_or_default();
    match order.state() {
        OrderState::Filed => {
            let filed_as = order.filed_as.as_ref().map(ToString::to_string);
            equal(&format!("{number}: number"), &last["site_numbers"][0], &Value::from(filed_as))?;
        }
        OrderState::Refused => {
            let theirs = last["opinion"].as_str().unwrap();
            expect(last["state"] == "refused" && opinion.contains(theirs), || {
                format!("{number}: refused here with {opinion}, there: {last}")
            })?;
        }
        other => return Err(format!("{number}: ended as {other}")),
    }

    let trail = world.store.read().audit_of(&Subject::Order(order.id)).await.unwrap();
    let trailed = |action: &str| trail.iter().filter(|entry| entry.action == action).count();
    for (action, expected) in [
        ("order.approve", own.len()),
        ("delivery.queue", own.len()),
        ("order.deliver", own.len()),
        ("delivery.complete", own.len()),
        ("order.grant", granted),
        ("order.refuse", refused),
    ] {
        equal(&format!("{number}: entries of {action}"), &trailed(action), &expected)?;
    }
    let inbox = world.store.read().inbox(order.owner, None, 1_000).await.unwrap();
    let told = |kind: NoticeKind| inbox.iter().filter(|message| message.kind == kind).count();
    for (kind, expected) in [
        (NoticeKind::OrderDelivered, own.len()),
        (NoticeKind::OrderFiled, granted),
        (NoticeKind::OrderRefused, refused),
    ] {
        equal(&format!("{number}: messages of {}", kind.slug()), &told(kind), &expected)?;
    }
    Ok(())
}

/// What the regulator listed came here once, and what an operator said of it came there once.
async fn every_duty_was_reported_once(world: &World<'_>, deliveries: &[(i64, Delivery)]) -> Verdict {
    let duties = world.store.read().duties(DutyFilter::Done, None, 1_000).await.unwrap();
    let listed = world.regulator.list("duties").await;
    equal("duties", &duties.len(), &listed.len())?;
    for entry in &listed {
        let (number, report) = (entry["id"].as_u64().unwrap(), &entry["report"]);
        let own: Vec<&Duty> = duties.iter().filter(|duty| duty.number == number).collect();
        let [duty] = own[..] else { return Err(format!("{number}: expected one duty, got {own:?}")) };
        equal(&format!("{number}: state"), &duty.state(), &DutyState::Reported)?;
        let Some(DutyAnswer::Handled(answer)) = &duty.answer else { return Err(format!("{duty:?}")) };
        let code = match answer.handling() {
            UnfiledHandling::Closed => 1,
            UnfiledHandling::NotOurs => 3,
            other => return Err(format!("{number}: nobody said {other:?}")),
        };
        equal(&format!("{number}: what was done"), &report["code"], &Value::from(code))?;
        let files: Vec<i64> = deliveries
            .iter()
            .filter(|(_, delivery)| delivery.subject == DeliverySubject::Duty(duty.id))
            .map(|(sequence, _)| *sequence)
            .collect();
        equal(
            &format!("{number}: files"),
            &Value::from(files),
            &Value::from(vec![report["sequence"].clone()]),
        )?;
        let trail =
            world.store.read().audit_of(&Subject::Other("duty", duty.id.0.to_string())).await.unwrap();
        for action in ["duty.receive", "delivery.queue", "duty.deliver", "delivery.complete"] {
            let entries = trail.iter().filter(|entry| entry.action == action).count();
            equal(&format!("{number}: entries of {action}"), &entries, &1)?;
        }
    }
    Ok(())
}

/// Every file of the regulator was applied once and acknowledged.
async fn every_file_took_effect_once(world: &World<'_>) -> Verdict {
    let files = world.regulator.list("downloads").await;
    for file in &files {
        let name = file["file_name"].as_str().unwrap();
        equal(&format!("{name}: acknowledged"), &file["acknowledged"], &Value::from(true))?;
        let trail = world.store.read().audit_of(&Subject::Other("file", name.to_owned())).await.unwrap();
        let applied = trail.iter().filter(|entry| entry.action == "received.apply").count();
        equal(&format!("{name}: how often it was applied"), &applied, &1)?;
    }
    let received = world.store.read().received_files(1_000).await.unwrap();
    equal("files received", &received.len(), &files.len())
}
