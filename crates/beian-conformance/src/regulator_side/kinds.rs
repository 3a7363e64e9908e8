//! Every kind of filing after the first: what is taken, and each refusal with its code.

use std::net::Ipv4Addr;

use beian_domain::practice::ORGANISATIONS;
use beian_sandbox::samples;
use beian_wire::download::IssuedRecord;
use beian_wire::reply::{FilingState, QueryCondition, VerifyResult};
use beian_wire::upload::{
    AttachmentFormat, AttachmentOwner, AttachmentPurpose, ChangedAccess, ChangedRecord, ChangedWebsite,
    UploadOperation, Website,
};
use beian_wire::{CancellationKind, RecordKey};
use serde_json::{Value, json};

use super::content::{filing, identities};
use crate::stage::{Act, Stage, Stop, set};

const ADDRESS: Ipv4Addr = Ipv4Addr::new(203, 0, 113, 71);
/// An identifier that nothing has.
const NOBODY: u64 = 999_999;
const WRONG: &str = "not the filing password";

fn website(id: u64, domain: &str) -> Result<Website, Stop> {
    let (_, person) = identities(0, 1)?;
    Ok(samples::website(id, domain, &person))
}

fn text(value: &Value, pointer: &str) -> Result<String, Stop> {
    let found = value.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    found.ok_or_else(|| Stop::Trouble(format!("the steering interface gives no {pointer}")))
}

fn number(value: &Value, pointer: &str) -> Result<u64, Stop> {
    let found = value.pointer(pointer).and_then(Value::as_u64);
    found.ok_or_else(|| Stop::Trouble(format!("the steering interface gives no {pointer}")))
}

async fn theirs(stage: &Stage<'_>, organisation: usize, domain: &str) -> Result<Value, Stop> {
    let (organisation, _) = identities(organisation, 0)?;
    stage.seed(json!({ "certificate_number": organisation.uscc, "domain": domain })).await
}

fn only_site(record: &IssuedRecord) -> Result<&beian_wire::download::IssuedWebsite, Stop> {
    record.websites.first().ok_or_else(|| Stop::Trouble("a record without its website".to_owned()))
}

fn only_access(record: &IssuedRecord) -> Result<u64, Stop> {
    let access = only_site(record)?.accesses.first();
    access.map(|access| access.access_id).ok_or_else(|| Stop::Trouble("a website without access".to_owned()))
}

pub(super) async fn services(stage: &mut Stage<'_>) -> Act {
    let (filed, password) = stage.file(filing(3, 31, "xizuo-kit-3.cn")?).await?;
    let key = || RecordKey::Id(filed.sponsor.sponsor_id);
    let add = |sponsor, site, password| {
        UploadOperation::AddWebsites(vec![samples::added_service(sponsor, site, password)])
    };
    let fresh = || website(32, "xizuo-kit-3b.cn");
    let mut bare = samples::added_service(key(), fresh()?, None);
    bare.attachments.clear();
    let mut strange = fresh()?;
    strange.service_kind = Some(5);
    let cases = [
        ("a sponsor that is not in the register", add(RecordKey::Id(NOBODY), fresh()?, None), 1016),
        ("a domain that is filed", add(key(), website(32, "xizuo-kit-3.cn")?, None), 1005),
        ("an identifier of a service that is used", add(key(), website(31, "xizuo-kit-3b.cn")?, None), 1037),
        ("a wrong filing password", add(key(), fresh()?, Some(WRONG)), 1018),
        ("no pictures", UploadOperation::AddWebsites(vec![bare]), 5010),
        ("a kind of service that is none", add(key(), strange, None), 1999),
    ];
    for (case, operation, code) in cases {
        let got = stage.codes(operation).await?;
        stage.check(case, &set([code]), &got);
    }
    let got = stage.codes(add(key(), fresh()?, Some(&password))).await?;
    stage.check("a service with everything", &set([]), &got);
    let got = stage.codes(add(key(), website(33, "xizuo-kit-3c.cn")?, None)).await?;
    stage.check("another one while it is under way", &set([1052]), &got);
    Ok(())
}

pub(super) async fn accesses(stage: &mut Stage<'_>) -> Act {
    let record = theirs(stage, 4, "xizuo-kit-4.cn").await?;
    let password = text(&record, "/filing_password")?;
    let service = || text(&record, "/services/0/number").map(RecordKey::Number);
    let at: Ipv4Addr = text(&record, "/services/0/accesses/0/addresses/0")?
        .parse()
        .map_err(|_| Stop::Trouble("an address that is none".to_owned()))?;
    let cases = [
        ("a wrong filing password", samples::added_access(service()?, 41, ADDRESS, WRONG), 1018),
        ("the addresses of another access", samples::added_access(service()?, 41, at, &password), 1029),
        (
            "a service that is not in the register",
            samples::added_access(RecordKey::Id(NOBODY), 41, ADDRESS, &password),
            1016,
        ),
    ];
    for (case, operation, code) in cases {
        let got = stage.codes(operation).await?;
        stage.check(case, &set([code]), &got);
    }
    let got = stage.codes(samples::added_access(service()?, 41, ADDRESS, &password)).await?;
    stage.check("an access with everything", &set([]), &got);
    let other = Ipv4Addr::new(203, 0, 113, 72);
    let got = stage.codes(samples::added_access(service()?, 42, other, &password)).await?;
    stage.check("a second one of the same provider", &set([1038]), &got);
    Ok(())
}

fn site(record: &mut ChangedRecord, change: impl FnOnce(&mut ChangedWebsite)) {
    if let Some(site) = record.websites.first_mut() {
        change(site);
    }
}

fn access(record: &mut ChangedRecord, change: impl FnOnce(&mut ChangedAccess)) {
    site(record, |site| {
        if let Some(access) = site.accesses.first_mut() {
            change(access);
        }
    });
}

type Spoil = Box<dyn Fn(&mut ChangedRecord) + Send + Sync>;

pub(super) async fn changes(stage: &mut Stage<'_>) -> Act {
    let (filed, _) = stage.file(filing(5, 51, "xizuo-kit-5.cn")?).await?;
    let other = theirs(stage, 6, "xizuo-kit-6.cn").await?;
    let their_certificate = identities(6, 0)?.0.uscc;
    let change = |record| UploadOperation::Change(vec![record]);
    let province = filed.sponsor.address.province;
    let elsewhere = if province == 110_000 { 310_000 } else { 110_000 };
    let cases: Vec<(&str, Spoil, u16)> = vec![
        (
            "another province",
            Box::new(move |record| {
                let address = &mut record.sponsor.address;
                (address.province, address.city) = (elsewhere, elsewhere + 100);
                address.county = Some(elsewhere + 101);
            }),
            1046,
        ),
        (
            "another number of the sponsor",
            Box::new(|record| record.sponsor.filing_number = "粤ICP备2020999999号".into()),
            1016,
        ),
        (
            "an address that the record does not have",
            Box::new(|record| {
                access(record, |access| {
                    access.ip_ranges.iter_mut().for_each(|range| range.ip_id = Some(NOBODY));
                });
            }),
            1023,
        ),
        (
            "the certificate of a sponsor that is filed",
            Box::new(move |record| record.sponsor.certificate.number = their_certificate.into()),
            1003,
        ),
        (
            "a domain of another sponsor",
            Box::new(|record| {
                site(record, |site| {
                    site.home_url = None;
                    site.domains.iter_mut().for_each(|domain| domain.name = "xizuo-kit-6.cn".into());
                });
            }),
            1005,
        ),
        ("a wrong filing password", Box::new(|record| record.password = Some("0".repeat(32))), 1018),
    ];
    for (case, spoil, code) in cases {
        let mut record = samples::unchanged(&filed, 500);
        spoil(&mut record);
        let got = stage.codes(change(record)).await?;
        stage.check(case, &set([code]), &got);
    }
    // A record that somebody else serves.
    let mut record = samples::unchanged(&filed, 501);
    record.sponsor.sponsor_id = number(&other, "/id")?;
    record.sponsor.filing_number = text(&other, "/number")?;
    record.sponsor.certificate.number = their_certificate.into();
    let division: u32 = identities(6, 0)?.0.division.parse().unwrap_or_default();
    let address = &mut record.sponsor.address;
    (address.province, address.city) = (division / 10_000 * 10_000, division / 100 * 100);
    address.county = Some(division);
    let (their_site, their_number) = (number(&other, "/services/0/id")?, text(&other, "/services/0/number")?);
    site(&mut record, |site| {
        (site.website_id, site.filing_number, site.home_url) = (their_site, their_number, None);
        site.domains.iter_mut().for_each(|domain| domain.name = "xizuo-kit-6.cn".into());
    });
    let got = stage.codes(change(record)).await?;
    stage.check("the record of another provider", &set([1048]), &got);
    for round in 0..5 {
        let got = stage.codes(change(samples::unchanged(&filed, 510 + round))).await?;
        stage.check("a change of nothing", &set([]), &got);
        if round == 0 {
            let got = stage.codes(change(samples::unchanged(&filed, 520))).await?;
            stage.check("a second change meanwhile", &set([1017]), &got);
        }
        // The one that is under way is the one that was not refused at once.
        refuse_open(stage).await?;
    }
    let got = stage.codes(change(samples::unchanged(&filed, 530))).await?;
    stage.check("a sixth change within a day", &set([1051]), &got);
    Ok(())
}

/// Refuses what is under way, and takes the results.
async fn refuse_open(stage: &Stage<'_>) -> Act {
    let filings = stage.steer("filings", None).await?;
    let list = filings.pointer("/filings").and_then(Value::as_array).cloned().unwrap_or_default();
    let open = list.iter().rfind(|filing| {
        let state = filing.pointer("/state").and_then(Value::as_str);
        matches!(state, Some("awaiting_sms" | "awaiting_review"))
            && filing.pointer("/operation").and_then(Value::as_str) == Some("change")
    });
    let Some(id) = open.and_then(|filing| filing.pointer("/id")).and_then(Value::as_u64) else {
        return Err(Stop::Trouble("no change is under way".to_owned()));
    };
    stage.steer(&format!("filings/{id}/verify-sms"), Some(json!({}))).await?;
    stage.steer(&format!("filings/{id}/refuse"), Some(json!({ "opinion": "退回" }))).await?;
    stage.result_codes().await?;
    Ok(())
}

pub(super) async fn cancellations(stage: &mut Stage<'_>) -> Act {
    use CancellationKind::{Access, Sponsor, Website};
    let cancel = |kind, id, password: Option<&str>| {
        UploadOperation::Cancel(vec![samples::cancellation(kind, id, password)])
    };
    let (filed, password) = stage.file(filing(7, 71, "xizuo-kit-7.cn")?).await?;
    let (sponsor, service, own) =
        (filed.sponsor.sponsor_id, only_site(&filed)?.website_id, only_access(&filed)?);
    let other = theirs(stage, 8, "xizuo-kit-8.cn").await?;
    let their_password = text(&other, "/filing_password")?;
    let their_service = number(&other, "/services/0/id")?;
    let mut reasonless = samples::cancellation(Website, service, None);
    reasonless.reason = 7;
    for (case, operation, code) in [
        ("what is not in the register", cancel(Website, NOBODY, None), 1016),
        ("the service of another provider", cancel(Website, their_service, None), 1048),
        ("the last access of a service", cancel(Access, own, None), 1025),
        ("a reason that is none", UploadOperation::Cancel(vec![reasonless]), 1026),
        ("a sponsor without the filing password", cancel(Sponsor, sponsor, None), 1018),
    ] {
        let got = stage.codes(operation).await?;
        stage.check(case, &set([code]), &got);
    }
    // An access beside another provider's.
    let their_number = || text(&other, "/services/0/number").map(RecordKey::Number);
    let address = Ipv4Addr::new(203, 0, 113, 81);
    stage.done(samples::added_access(their_number()?, 81, address, &their_password)).await?;
    let beside = stage.filed().await?;
    let accesses = &only_site(&beside)?.accesses;
    let (mine, not_mine): (Vec<_>, Vec<_>) =
        accesses.iter().partition(|access| access.isp_access_id == Some(81));
    let (Some(mine), Some(not_mine)) = (mine.first(), not_mine.first()) else {
        return Err(Stop::Trouble("a service without both accesses".to_owned()));
    };
    let got = stage.codes(cancel(Access, not_mine.access_id, None)).await?;
    stage.check("the access of another provider", &set([1047]), &got);
    let got = stage.codes(cancel(Access, mine.access_id, None)).await?;
    stage.check("one's own access beside another", &set([]), &got);
    let got = stage.codes(cancel(Access, mine.access_id, None)).await?;
    stage.check("the same access again", &set([1032]), &got);

    let got = stage.codes(cancel(Website, service, None)).await?;
    stage.check("a service", &set([]), &got);
    let under_way = stage.last_filing().await?;
    let got = stage.codes(cancel(Website, service, None)).await?;
    stage.check("the same service again", &set([1030]), &got);
    let got = stage.codes(cancel(Sponsor, sponsor, Some(&password))).await?;
    stage.check("its sponsor meanwhile", &set([1043]), &got);
    approve(stage, under_way).await?;
    let items = stage.cancelled().await?.items;
    let gone = items.iter().any(|item| item.kind == Website && item.record_id == service);
    stage.holds("what was cancelled is told", &items.len(), || gone);
    let got = stage.codes(cancel(Website, service, None)).await?;
    stage.check("a service that is cancelled", &set([1050]), &got);

    let got = stage.codes(cancel(Sponsor, sponsor, Some(&password))).await?;
    stage.check("a sponsor with the filing password", &set([]), &got);
    let under_way = stage.last_filing().await?;
    let got = stage.codes(cancel(Sponsor, sponsor, Some(&password))).await?;
    stage.check("the same sponsor again", &set([1027]), &got);
    let got = stage.codes(samples_service(sponsor)?).await?;
    stage.check("a service for it meanwhile", &set([1052]), &got);
    approve(stage, under_way).await?;
    stage.cancelled().await?;
    let got = stage.codes(samples_service(sponsor)?).await?;
    stage.check("a service for a sponsor that is cancelled", &set([1049]), &got);

    // A service whose sponsor is being cancelled.
    let (filed, password) = stage.file(filing(7, 72, "xizuo-kit-7b.cn")?).await?;
    let (sponsor, service) = (filed.sponsor.sponsor_id, only_site(&filed)?.website_id);
    let got = stage.codes(cancel(Sponsor, sponsor, Some(&password))).await?;
    stage.check("a sponsor that was filed anew", &set([]), &got);
    let got = stage.codes(cancel(Website, service, None)).await?;
    stage.check("its service meanwhile", &set([1042]), &got);
    Ok(())
}

fn samples_service(sponsor: u64) -> Result<UploadOperation, Stop> {
    let site = website(79, "xizuo-kit-79.cn")?;
    let added = samples::added_service(RecordKey::Id(sponsor), site, None);
    Ok(UploadOperation::AddWebsites(vec![added]))
}

async fn approve(stage: &Stage<'_>, id: u64) -> Act {
    stage.steer(&format!("filings/{id}/verify-sms"), Some(json!({}))).await?;
    stage.steer(&format!("filings/{id}/approve"), Some(json!({ "opinion": "同意" }))).await?;
    stage.result_codes().await?;
    Ok(())
}

pub(super) async fn pictures(stage: &mut Stage<'_>) -> Act {
    let one = |picture| UploadOperation::SubmitMaterial(vec![picture]);
    let form = AttachmentPurpose::VERIFICATION_FORM;
    let certificate = AttachmentPurpose::SPONSOR_CERTIFICATE;
    let own = stage.status(QueryCondition::Domain("xizuo-kit-3.cn".to_owned())).await?.1.and_then(|state| {
        match state {
            FilingState::Filed { sponsor_number, website_number, .. } => sponsor_number.zip(website_number),
            FilingState::NotFiled => None,
        }
    });
    let Some((own_sponsor, own_site)) = own else {
        return Err(Stop::Trouble("the record of an act before is not filed".to_owned()));
    };
    let of_site = || AttachmentOwner::Website(RecordKey::Number(own_site.clone()));
    let of_sponsor = || AttachmentOwner::Sponsor(RecordKey::Number(own_sponsor.clone()));
    let their_site = {
        let (_, state) = stage.status(QueryCondition::Domain("xizuo-kit-6.cn".to_owned())).await?;
        match state {
            Some(FilingState::Filed { website_number: Some(number), .. }) => number,
            _ => return Err(Stop::Trouble("the record of an act before is not filed".to_owned())),
        }
    };
    let theirs = AttachmentOwner::Website(RecordKey::Number(their_site));
    let mut strange = samples::attachment(form, of_site());
    strange.format = AttachmentFormat(3);
    let mut broken = samples::attachment(form, of_site());
    broken.content_base64 = "AAAA".to_owned();
    let nobody = RecordKey::Number("粤ICP备2020999999号".into());
    for (case, picture, code) in [
        ("a picture for a record of the provider", samples::attachment(form, of_site()), 1060),
        ("one for another provider's record", samples::attachment(form, theirs), 1055),
        ("a format that is none", strange, 1056),
        ("a use that is none", samples::attachment(AttachmentPurpose(9), of_site()), 1057),
        (
            "a sponsor that is not in the register",
            samples::attachment(certificate, AttachmentOwner::Sponsor(nobody)),
            1058,
        ),
        (
            "a service that is not in the register",
            samples::attachment(form, AttachmentOwner::Website(RecordKey::Id(NOBODY))),
            1059,
        ),
        ("a use of the other party", samples::attachment(form, of_sponsor()), 1061),
        ("what is no picture", broken, 5010),
    ] {
        let got = stage.codes(one(picture)).await?;
        stage.check(case, &set([code]), &got);
    }
    Ok(())
}

pub(super) async fn queries(stage: &mut Stage<'_>) -> Act {
    let (code, state) = stage.status(QueryCondition::Domain("xizuo-kit-none.cn".to_owned())).await?;
    let got = format!("{code}, {state:?}");
    stage.holds("a domain that nobody filed is not filed", &got, || {
        (code, state) == (0, Some(FilingState::NotFiled))
    });
    let (code, state) = stage.status(QueryCondition::Domain("xizuo kit".to_owned())).await?;
    let got = format!("{code}, {state:?}");
    stage.holds("what is no domain is refused", &got, || code > 3);
    let uscc = ORGANISATIONS.get(3).map(|organisation| organisation.uscc).unwrap_or_default();
    let certificate = QueryCondition::Certificate { kind: 1, number: uscc.to_owned() };
    let (code, state) = stage.status(certificate).await?;
    let Some(FilingState::Filed { sponsor_number: Some(sponsor), .. }) = &state else {
        return Err(Stop::Trouble(format!("a sponsor of an act before is answered with {code}, {state:?}")));
    };
    stage.holds("a sponsor that is filed is found by its certificate", sponsor, || !sponsor.is_empty());
    for tries in 1..=5 {
        let (code, result) = stage.password(sponsor, WRONG).await?;
        let got = format!("{code}, {result:?}");
        let case = format!("a filing password is wrong for the {tries}. time");
        stage.holds(&case, &got, || (code, result) == (0, Some(VerifyResult::Wrong)));
    }
    let (code, _) = stage.password(sponsor, WRONG).await?;
    stage.check("and is not looked at for a sixth time", &22, &code);
    Ok(())
}
