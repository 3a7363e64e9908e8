//! Made-up documents, strategies for more of them, and other programs to ask.
#![allow(dead_code, reason = "each test file uses its part")]

pub(crate) mod mutations;
pub(crate) mod schema;
mod strategies;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use beian_wire::download::*;
use beian_wire::upload::*;
use beian_wire::{
    Approval, CancellationKind, Certificate, FiledBy, InterfaceVersion, OperationKind, RecordKey, ResultCode,
    WireTime,
};

#[allow(unused_imports, reason = "not every test file needs more documents")]
pub(crate) use strategies::*;

/// What a program answers; the test fails if it cannot be started or reports a failure.
pub(crate) fn run(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let (output, success) = attempt(program, arguments, input);
    assert!(success, "{program} {arguments:?} failed: {}", String::from_utf8_lossy(&output));
    output
}

/// What a program writes to its outputs, and whether it was content.
pub(crate) fn attempt(program: &str, arguments: &[&str], input: &[u8]) -> (Vec<u8>, bool) {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} must be installed: {error}"));
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feeder = std::thread::spawn(move || stdin.write_all(&input));
    let output = child.wait_with_output().unwrap();
    // A program that needs no input may close it early.
    let _ = feeder.join().unwrap();
    let mut text = output.stdout;
    if !output.status.success() {
        text.extend(output.stderr);
    }
    (text, output.status.success())
}

pub(crate) fn our_schema(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name)
}

/// The ministry's schema of that name, where it lies beside the checkout.
pub(crate) fn ministry_schema(name: &str) -> Option<PathBuf> {
    reference(&format!("xsd/{name}"))
}

/// A file of what is known of the interface, where it lies beside the checkout or where
/// `BEIAN_TEST_REFERENCE` says.
pub(crate) fn reference(name: &str) -> Option<PathBuf> {
    let beside = Path::new(env!("CARGO_MANIFEST_DIR"))
        .ancestors()
        .skip(3)
        .take(2)
        .map(|folder| folder.join("shared/reference/miit"));
    let told = std::env::var_os("BEIAN_TEST_REFERENCE").map(PathBuf::from);
    let path = told.into_iter().chain(beside).map(|folder| folder.join(name)).find(|path| path.exists());
    if path.is_none() {
        eprintln!("skipped: {name} of the ministry is not there");
    }
    path
}

/// Which of the documents a schema accepts, in the order given.
pub(crate) fn validate(schema: &Path, documents: &[Vec<u8>]) -> Vec<bool> {
    let folder = tempfile::tempdir().unwrap();
    let names: Vec<String> = (0..documents.len()).map(|index| format!("{index}.xml")).collect();
    for (name, document) in names.iter().zip(documents) {
        fs::write(folder.path().join(name), document).unwrap();
    }
    let output = Command::new("xmllint")
        .args(["--noout", "--schema"])
        .arg(schema)
        .args(&names)
        .current_dir(folder.path())
        .output()
        .expect("xmllint must be installed");
    let text = String::from_utf8_lossy(&output.stderr);
    let lines: BTreeSet<&str> = text.lines().collect();
    let broken: BTreeSet<&str> = text
        .lines()
        .filter(|line| line.contains("parser error"))
        .filter_map(|line| line.split(':').next())
        .collect();
    names
        .iter()
        .map(|name| {
            let valid = lines.contains(format!("{name} validates").as_str());
            let invalid = lines.contains(format!("{name} fails to validate").as_str())
                || broken.contains(name.as_str());
            assert!(valid != invalid, "{name}: no verdict in {text}");
            valid
        })
        .collect()
}

/// Fails with xmllint's words unless the schema accepts the document.
pub(crate) fn assert_valid(schema: &Path, document: &[u8]) {
    let (text, valid) = attempt("xmllint", &["--noout", "--schema", schema.to_str().unwrap(), "-"], document);
    assert!(valid, "{}: {}", schema.display(), String::from_utf8_lossy(&text));
}

pub(crate) fn principal_details() -> PrincipalDetails {
    PrincipalDetails {
        office_phone: Some("010-00000001".into()),
        mobile: "13800000001".into(),
        email: "a@example-one.cn".into(),
        msn: Some("b@example-one.cn".into()),
        qq: Some("10001".into()),
        certificate_kind: Some(2),
        certificate_number: Some("110101199001010007".into()),
    }
}

/// A file in which every element stands, made-up throughout.
pub(crate) fn full_upload() -> UploadDocument {
    upload_of(UploadOperation::NewFiling(vec![FilingRecord {
        sponsor: full_sponsor(),
        websites: vec![full_website()],
        attachments: vec![full_attachment(AttachmentOwner::Website(2001))],
    }]))
}

pub(crate) fn upload_of(operation: UploadOperation) -> UploadDocument {
    UploadDocument { version: InterfaceVersion::v3_0(), operation, requesting_unit: 110_000_000_001 }
}

fn full_sponsor() -> Sponsor {
    Sponsor {
        isp_sponsor_id: 1001,
        name: "样本<一>&公司".into(),
        nature: Some(4),
        investor: Some("样本投资人".into()),
        address: Address {
            province: 110_000,
            city: 110_100,
            county: Some(110_108),
            detail: Some("样本路1号".into()),
        },
        certificate: Certificate {
            kind: 1,
            number: "91110000000000000X".into(),
            residence: "样本路2号".into(),
        },
        principal: SponsorPrincipal { name: Some("张样本".into()), details: principal_details() },
        filed_by: FiledBy::AccessProvider,
        remark: Some("备注一\r\n第二行".into()),
    }
}

fn full_website() -> Website {
    Website {
        isp_website_id: 2001,
        name: "样本网站;第二名称".into(),
        approvals: vec![Approval {
            kind: 3,
            number: "样字1号".into(),
            files: vec!["AAAA".into(), "AAA=".into()],
        }],
        contents: vec![8, 24],
        languages: vec![1, 12],
        domains: vec![Domain { isp_domain_id: 3001, name: "example-one.cn".into() }],
        accesses: vec![Access {
            isp_access_id: 4001,
            server_places: vec![2],
            methods: vec![5],
            ip_ranges: vec![IpRange {
                isp_ip_id: 5001,
                first: [192, 0, 2, 1].into(),
                last: [192, 0, 2, 9].into(),
            }],
        }],
        principal: WebsitePrincipal { name: "李样本".into(), details: principal_details() },
        home_url: Some("www.example-one.cn".into()),
        remark: Some("网站备注".into()),
        service_kind: None,
        releases: Vec::new(),
    }
}

fn full_attachment<K>(owner: AttachmentOwner<K>) -> Attachment<K> {
    Attachment {
        format: AttachmentFormat::JPEG,
        purpose: AttachmentPurpose::VERIFICATION_FORM,
        content_base64: "AAAA".into(),
        owner,
        remark: Some("核验单".into()),
    }
}

/// A file of every operation but a first filing, in which every element stands.
pub(crate) fn full_later_uploads() -> Vec<UploadDocument> {
    let number = || RecordKey::Number("京ICP备00000001号".into());
    let password = || "e10adc3949ba59abbe56e057f20f883e".to_owned();
    let (sponsor, website) = (full_sponsor(), full_website());
    let changed = ChangedRecord {
        sponsor: ChangedSponsor {
            sponsor_id: 900_001,
            name: sponsor.name,
            filing_number: "京ICP备00000001号".into(),
            nature: sponsor.nature,
            investor: sponsor.investor,
            address: sponsor.address,
            certificate: sponsor.certificate,
            principal: sponsor.principal,
            remark: sponsor.remark,
        },
        websites: vec![ChangedWebsite {
            website_id: 900_002,
            name: website.name.clone(),
            approvals: website.approvals.clone(),
            contents: vec![8, 24],
            languages: vec![1, 12],
            domains: vec![ChangedDomain {
                isp_domain_id: 3001,
                domain_id: Some(900_003),
                name: "example-one.cn".into(),
            }],
            accesses: vec![ChangedAccess {
                access_id: 900_004,
                server_places: vec![2],
                methods: vec![5],
                ip_ranges: vec![ChangedIpRange {
                    isp_ip_id: 5001,
                    ip_id: Some(900_005),
                    first: [192, 0, 2, 1].into(),
                    last: [192, 0, 2, 9].into(),
                }],
            }],
            principal: website.principal.clone(),
            filing_number: "京ICP备00000001号-1".into(),
            home_url: website.home_url.clone(),
            remark: website.remark.clone(),
            releases: Vec::new(),
        }],
        attachments: vec![full_attachment(AttachmentOwner::Sponsor(number()))],
        password: Some(password()),
    };
    [
        UploadOperation::AddWebsites(vec![AddedWebsites {
            sponsor: number(),
            websites: vec![website.clone()],
            attachments: vec![full_attachment(AttachmentOwner::Website(RecordKey::Id(2001)))],
            password: Some(password()),
        }]),
        UploadOperation::AddAccesses(vec![AddedAccess {
            website: RecordKey::Id(900_002),
            isp_access_id: 4001,
            server_places: vec![2],
            methods: vec![5],
            ip_ranges: website.accesses[0].ip_ranges.clone(),
            attachments: vec![full_attachment(AttachmentOwner::Website(number()))],
            password: password(),
        }]),
        UploadOperation::Change(vec![changed]),
        UploadOperation::Cancel(vec![Cancellation {
            kind: CancellationKind::Sponsor,
            record_id: 900_001,
            reason: 1,
            remark: Some("不再使用".into()),
            password: Some(password()),
        }]),
        UploadOperation::SubmitMaterial(vec![
            full_attachment(AttachmentOwner::Sponsor(number())),
            full_attachment(AttachmentOwner::Website(RecordKey::Id(900_002))),
        ]),
    ]
    .map(upload_of)
    .to_vec()
}

/// A file of cancellations in which every element stands.
pub(crate) fn full_cancellations() -> DownloadDocument {
    DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Cancellations(CancellationsFile {
            items: vec![CancelledItem {
                kind: CancellationKind::Website,
                record_id: 900_002,
                remark: Some("备注".into()),
            }],
        }),
    }
}

/// A file of filings in which every element stands.
pub(crate) fn full_filings() -> DownloadDocument {
    let time = |text: &str| text.parse::<WireTime>().unwrap();
    let details = IssuedDetails {
        office_phone: Some("010-00000001".into()),
        mobile: Some("13800000001".into()),
        msn: Some("b@example-one.cn".into()),
        qq: Some("10001".into()),
        certificate_kind: Some(2),
        certificate_number: Some("110101199001010007".into()),
    };
    let sponsor = IssuedSponsor {
        isp_sponsor_id: Some(1001),
        sponsor_id: 900_001,
        name: "样本公司".into(),
        nature: Some(4),
        address: IssuedAddress {
            province: 110_000,
            city: Some(110_100),
            county: Some(110_108),
            detail: Some("样本路1号".into()),
        },
        certificate: Certificate {
            kind: 1,
            number: "91110000000000000X".into(),
            residence: "样本路2号".into(),
        },
        principal: IssuedSponsorPrincipal {
            name: Some("张样本".into()),
            email: "a@example-one.cn".into(),
            details: details.clone(),
        },
        filing_number: Some("京ICP备00000001号".into()),
        filed_by: FiledBy::AccessProvider,
        investor: Some("样本投资人".into()),
        first_filed: time("2026-03-25 14:58:00"),
        last_changed: time("2026-03-26"),
        certificate_valid_until: Some(time("2027-03-26")),
        certificate_path: Some("/x".into()),
        certificate_serial: Some("1".into()),
        reviewer_name: Some("王样本".into()),
        reviewed_at: Some(time("2026-03-25 14:58:00.0")),
        remark: Some("备注".into()),
    };
    let website = IssuedWebsite {
        isp_website_id: Some(2001),
        website_id: 900_002,
        name: "样本网站".into(),
        approvals: vec![Approval { kind: 3, number: "样字1号".into(), files: vec!["AAAA".into()] }],
        contents: vec![8],
        languages: vec![1],
        domains: vec![IssuedDomain {
            isp_domain_id: Some(3001),
            domain_id: 900_003,
            name: "example-one.cn".into(),
        }],
        accesses: vec![IssuedAccess {
            isp_access_id: Some(4001),
            access_id: 900_004,
            provider_id: 110_000_000_001,
            server_places: vec![2],
            methods: vec![5],
            ip_ranges: vec![IssuedIpRange {
                isp_ip_id: Some(5001),
                ip_id: 900_005,
                first: [192, 0, 2, 1].into(),
                last: [192, 0, 2, 9].into(),
            }],
        }],
        principal: IssuedWebsitePrincipal {
            name: "李样本".into(),
            email: Some("a@example-one.cn".into()),
            details,
        },
        home_url: Some("www.example-one.cn".into()),
        remark: Some("网站备注".into()),
        first_filed: Some(time("2026-03-25 14:58:00")),
        last_changed: Some(time("2026-03-25 14:58:00")),
        filing_number: Some("京ICP备00000001号-1".into()),
    };
    DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Filings(FilingsFile {
            records: vec![IssuedRecord { sponsor, websites: vec![website], remark: Some("备注".into()) }],
        }),
    }
}

/// A file of results in which every element stands.
pub(crate) fn full_results(operation: OperationKind) -> DownloadDocument {
    DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Results(ResultsFile {
            items: vec![ResultItem {
                findings: vec![
                    Finding { code: ResultCode(1005), description: Some("域名冲突".into()) },
                    Finding { code: ResultCode(1041), description: None },
                ],
                operation,
                subject: Some("1001".into()),
                remark: Some("备注".into()),
            }],
            reviews: vec![Review {
                reviewer_name: Some("王样本".into()),
                reviewer_phone: Some("010-00000002".into()),
                reviewed_at: "2026-03-25 14:58:00".parse().unwrap(),
                opinion: Some("同意".into()),
                outcome: ReviewOutcome::Approved,
                operation: Some(operation),
                record_id: Some(1001),
            }],
        }),
    }
}
