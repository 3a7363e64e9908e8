//! What is in a file: whole files, and each fault of a first filing with its code.

use std::net::Ipv4Addr;

use beian_domain::practice::{ORGANISATIONS, Organisation, PEOPLE, Person};
use beian_sandbox::samples;
use beian_wire::Approval;
use beian_wire::InterfaceVersion;
use beian_wire::download::DownloadContent;
use beian_wire::upload::{
    Access, AttachmentFormat, AttachmentOwner, AttachmentPurpose, Domain, FilingRecord, IpRange,
    UploadDocument, UploadOperation, Website,
};

use serde_json::{Value, json};

use crate::stage::{Act, Stage, Stop, set};

const PNG: &str = "iVBORw0KGgp4eHh4eHh4eHh4eHh4eHh4eHh4eElFTkSuQmCC";

/// An organisation and a person of the practice lists, by place.
pub(super) fn identities(organisation: usize, person: usize) -> Result<(Organisation, Person), Stop> {
    let few = || Stop::Trouble("too few practice identities".to_owned());
    let organisation = *ORGANISATIONS.get(organisation).ok_or_else(few)?;
    Ok((organisation, *PEOPLE.get(person).ok_or_else(few)?))
}

/// A first filing with one website.
pub(super) fn filing(organisation: usize, id: u64, domain: &str) -> Result<FilingRecord, Stop> {
    let (organisation, person) = identities(organisation, 0)?;
    Ok(samples::first_filing(&organisation, &person, vec![samples::website(id, domain, &person)]))
}

fn first(records: Vec<FilingRecord>) -> UploadOperation {
    UploadOperation::NewFiling(records)
}

pub(super) async fn whole_files(stage: &mut Stage<'_>) -> Act {
    let mut record = filing(0, 1, "xizuo-kit-0.cn")?;
    // In ASCII, so that it can be changed as text.
    let practice = || "Practice".to_owned();
    record.sponsor.name = practice();
    record.sponsor.investor = None;
    record.sponsor.address.detail = None;
    record.sponsor.certificate.residence = practice();
    record.sponsor.principal.name = Some(practice());
    for site in &mut record.websites {
        site.name = practice();
        site.principal.name = practice();
    }
    let unit = stage.subject.isp_id;
    let document = UploadDocument {
        version: InterfaceVersion::v3_0(),
        operation: first(vec![record]),
        requesting_unit: unit,
    };
    let bytes = document.to_gbk_xml().map_err(|error| Stop::Trouble(error.to_string()))?;
    let good = String::from_utf8(bytes).map_err(|_| Stop::Trouble("a file beyond ASCII".to_owned()))?;
    let garbled = b"<?xml version=\"1.0\" encoding=\"GBK\"?><UploadData>\x80\xFF</UploadData>".to_vec();
    let cases: [(&str, Vec<u8>, u16); 7] = [
        ("another version", good.replace("version=\"V.3.0\"", "version=\"V.2.1\"").into_bytes(), 5004),
        (
            "the number of another provider",
            good.replace(&format!("<Qqdwid>{unit}</Qqdwid>"), "<Qqdwid>7</Qqdwid>").into_bytes(),
            5003,
        ),
        ("a value beyond the schema", good.replace("<Bbfs>1</Bbfs>", "<Bbfs>7</Bbfs>").into_bytes(), 5001),
        ("an operation that is not open", good.replace("XZBA", "XZCJM").into_bytes(), 5011),
        ("bytes that are no GBK", garbled, 5008),
        ("half a document", b"<UploadData><ICP>".to_vec(), 5001),
        ("a document type", b"<!DOCTYPE a><UploadData/>".to_vec(), 5001),
    ];
    for (case, xml, code) in cases {
        let taken = stage.hand_in(&xml).await?;
        if taken != 0 {
            stage.check(case, &0, &taken);
            continue;
        }
        let got = stage.result_codes().await?;
        stage.check(case, &set([code]), &got);
    }
    Ok(())
}

type Spoil = fn(&mut FilingRecord);

fn site(record: &mut FilingRecord, change: impl FnOnce(&mut Website)) {
    if let Some(site) = record.websites.first_mut() {
        change(site);
    }
}

fn domain(record: &mut FilingRecord, change: impl FnOnce(&mut Domain)) {
    site(record, |site| {
        if let Some(only) = site.domains.first_mut() {
            change(only);
        }
    });
}

fn access(record: &mut FilingRecord, change: impl FnOnce(&mut Access)) {
    site(record, |site| {
        if let Some(only) = site.accesses.first_mut() {
            change(only);
        }
    });
}

fn range(first: [u8; 4], last: [u8; 4]) -> Vec<IpRange> {
    vec![IpRange { isp_ip_id: 1, first: Ipv4Addr::from(first), last: Ipv4Addr::from(last) }]
}

/// What is changed in a filing that would be taken, and the code that it must give.
fn spoiled() -> Vec<(&'static str, Spoil, u16)> {
    vec![
        ("a nature that is none", |r| r.sponsor.nature = Some(8), 1014),
        ("a certificate of persons for an organisation", |r| r.sponsor.certificate.kind = 2, 1008),
        ("a kind of certificate that is none", |r| r.sponsor.certificate.kind = 99, 1008),
        ("a wrong check character", |r| r.sponsor.certificate.number = "91440305000000000M".into(), 1008),
        (
            "an organisation that may exist",
            |r| r.sponsor.certificate.number = "9144030071526726XG".into(),
            1999,
        ),
        ("a city for a province", |r| r.sponsor.address.province = 440_300, 1019),
        ("a county of another city", |r| r.sponsor.address.county = Some(440_104), 1019),
        ("no name of the principal", |r| r.sponsor.principal.name = None, 1044),
        ("no office telephone", |r| r.sponsor.principal.details.office_phone = None, 1010),
        ("a mobile number that is none", |r| r.sponsor.principal.details.mobile = "12800000001".into(), 1011),
        (
            "a mail address that is none",
            |r| r.sponsor.principal.details.email = "nobody@nowhere".into(),
            1009,
        ),
        ("a QQ number that is none", |r| r.sponsor.principal.details.qq = Some("12a45".into()), 1013),
        (
            "a resident number with a wrong check character",
            |r| r.sponsor.principal.details.certificate_number = Some("440305199003070007".into()),
            1015,
        ),
        (
            "no telephone of the service's principal",
            |r| site(r, |site| site.principal.details.office_phone = None),
            1031,
        ),
        ("a domain that is none", |r| domain(r, |only| only.name = "xizuo_one.cn".into()), 1004),
        ("a domain twice", |r| site(r, |site| site.domains.extend(site.domains.first().cloned())), 1039),
        (
            "a website twice",
            |r| {
                let again = r.websites.first().cloned().map(|mut site| {
                    site.domains.iter_mut().for_each(|domain| {
                        domain.name = "xizuo-kit-again.cn".into();
                        domain.isp_domain_id += 1;
                    });
                    site.home_url = None;
                    site
                });
                r.websites.extend(again);
            },
            1037,
        ),
        (
            "a home page of another domain",
            |r| site(r, |site| site.home_url = Some("www.xizuo-other.cn".into())),
            1041,
        ),
        ("a content that is none", |r| site(r, |site| site.contents = vec![8, 25]), 1034),
        ("a language that is none", |r| site(r, |site| site.languages = vec![18]), 1066),
        (
            "a prior approval that is none",
            |r| site(r, |site| site.approvals = vec![approval(7, samples::JPEG)]),
            1033,
        ),
        ("a way of access that is none", |r| access(r, |only| only.methods = vec![6]), 1035),
        ("a place of servers that is none", |r| access(r, |only| only.server_places = vec![35]), 1036),
        (
            "a range from its end",
            |r| access(r, |only| only.ip_ranges = range([203, 0, 113, 9], [203, 0, 113, 8])),
            1006,
        ),
        (
            "a private address",
            |r| access(r, |only| only.ip_ranges = range([10, 0, 0, 1], [10, 0, 0, 1])),
            1006,
        ),
        (
            "a format of picture that is none",
            |r| r.attachments.iter_mut().take(1).for_each(|picture| picture.format = AttachmentFormat(3)),
            1056,
        ),
        (
            "a use of picture that is none",
            |r| r.attachments.push(samples::attachment(AttachmentPurpose(6), AttachmentOwner::Website(1))),
            1057,
        ),
        (
            "a picture of the other party",
            |r| {
                let owner = AttachmentOwner::Sponsor(r.sponsor.isp_sponsor_id);
                r.attachments.push(samples::attachment(AttachmentPurpose::VERIFICATION_FORM, owner));
            },
            1061,
        ),
        (
            "a picture that is another thing",
            |r| {
                r.attachments.iter_mut().take(1).for_each(|picture| picture.content_base64 = PNG.into());
            },
            5010,
        ),
        ("no picture of the certificate", |r| drop(r.attachments.drain(..1)), 5010),
    ]
}

fn approval(kind: u8, file: &str) -> Approval {
    Approval { kind, number: "practice-1".to_owned(), files: vec![file.to_owned()] }
}

pub(super) async fn first_filings(stage: &mut Stage<'_>) -> Act {
    for (case, spoil, code) in spoiled() {
        let mut record = filing(0, 1, "xizuo-kit-0.cn")?;
        spoil(&mut record);
        let got = stage.codes(first(vec![record])).await?;
        let passed = got.is_empty();
        stage.check(case, &set([code]), &got);
        if passed {
            // It is under way now, and would be in the way of all that follow.
            return Err(Stop::Trouble("a filing that must be refused was taken".to_owned()));
        }
    }
    let got = stage.codes(first(vec![filing(0, 1, "xizuo-kit-0.cn")?])).await?;
    stage.check("the same filing without a fault", &set([]), &got);
    Ok(())
}

pub(super) async fn taken(stage: &mut Stage<'_>) -> Act {
    // On its way since the act before.
    let got = stage.codes(first(vec![filing(0, 2, "xizuo-kit-0b.cn")?])).await?;
    stage.check("a sponsor whose filing is under way", &set([1052]), &got);
    let got = stage.codes(first(vec![filing(1, 3, "xizuo-kit-0.cn")?])).await?;
    stage.check("a domain whose filing is under way", &set([1039]), &got);
    let (_, password) = stage.file(filing(1, 4, "xizuo-kit-1.cn")?).await?;
    stage.holds("a first filing brings a filing password", &"none", || !password.is_empty());
    let got = stage.codes(first(vec![filing(1, 5, "xizuo-kit-1b.cn")?])).await?;
    stage.check("a sponsor that is filed", &set([1003]), &got);
    let got = stage.codes(first(vec![filing(2, 6, "xizuo-kit-1.cn")?])).await?;
    stage.check("a domain that is filed", &set([1005]), &got);
    listed(stage).await
}

/// Who and what is on the blacklist.
async fn listed(stage: &mut Stage<'_>) -> Act {
    let sponsor = json!({ "certificate_number": identities(2, 0)?.0.uscc, "listed": "on" });
    let domain = json!({ "domain": "xizuo-kit-listed.cn", "listed": "on" });
    let listing = |mut listing: Value| {
        if let Some(listed) = listing.pointer_mut("/listed") {
            *listed = json!("off");
        }
        listing
    };
    for (case, on, record, code) in [
        ("a sponsor on the blacklist", &sponsor, filing(2, 7, "xizuo-kit-2.cn")?, 1065),
        ("a domain on the blacklist", &domain, filing(2, 8, "xizuo-kit-listed.cn")?, 1064),
    ] {
        stage.steer("blacklist", Some(on.clone())).await?;
        let told = matches!(stage.next_file().await?, Some(DownloadContent::Blacklist(_)));
        stage.holds("who is put on the blacklist is told to the provider", &told, || told);
        let got = stage.codes(first(vec![record])).await?;
        stage.check(case, &set([code]), &got);
        stage.steer("blacklist", Some(listing(on.clone()))).await?;
        stage.next_file().await?;
    }
    Ok(())
}
