//! Made-up documents, strategies for more of them, and other programs to ask.
#![allow(dead_code, reason = "each test file uses its part")]

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
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

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
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/reference/miit/xsd").join(name);
    if !path.exists() {
        eprintln!("skipped: {name} of the ministry is not there");
    }
    path.exists().then_some(path)
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

/// Text that can be written, of so many characters; not blank, since an empty
/// element counts as absent in what the regulator sends.
pub(crate) fn text(min: usize, max: usize) -> impl Strategy<Value = String> {
    let any = prop_oneof![
        4 => proptest::char::range(' ', '~'),
        2 => proptest::sample::select("甲乙丙备案网站·—（）０ＡⅠ㈠丂鿀".chars().filter(|c| *c != '鿀').collect::<Vec<_>>()),
        1 => proptest::char::range('\u{4E00}', '\u{9FA5}'),
        1 => proptest::sample::select(vec!['\t', '\n', '\r', '<', '>', '&', '"', '\'', ']']),
    ];
    let few = max.min(min + 24);
    (proptest::char::range('a', 'z'), vec(any, min.max(1) - 1..few))
        .prop_map(|(first, rest)| std::iter::once(first).chain(rest).collect())
}

fn id() -> impl Strategy<Value = u64> {
    prop_oneof![1..10_000_u64, Just(i64::MAX.unsigned_abs())]
}

fn region() -> impl Strategy<Value = u32> {
    100_000..999_999_u32
}

fn codes(most: usize) -> impl Strategy<Value = Vec<u8>> {
    vec(1..=64_u8, 1..=most)
}

fn base64() -> impl Strategy<Value = String> {
    vec("[A-Za-z0-9+/]{4}", 1..4).prop_map(|parts| parts.concat())
}

fn certificate(longest: usize) -> impl Strategy<Value = Certificate> {
    (1..=999_u16, text(1, longest), text(1, 1024)).prop_map(|(kind, number, residence)| Certificate {
        kind,
        number,
        residence,
    })
}

fn approvals() -> impl Strategy<Value = Vec<Approval>> {
    vec(
        (1..=64_u8, text(1, 512), vec(base64(), 1..4)).prop_map(|(kind, number, files)| Approval {
            kind,
            number,
            files,
        }),
        0..3,
    )
}

fn details() -> impl Strategy<Value = PrincipalDetails> {
    let optional = (
        option::of(text(11, 128)),
        option::of(text(6, 128)),
        option::of(text(5, 128)),
        option::of(1..=999_u16),
        option::of(text(1, 128)),
    );
    (text(11, 128), text(6, 128), optional).prop_map(
        |(mobile, email, (office_phone, msn, qq, certificate_kind, certificate_number))| PrincipalDetails {
            office_phone,
            mobile,
            email,
            msn,
            qq,
            certificate_kind,
            certificate_number,
        },
    )
}

fn sponsor() -> impl Strategy<Value = Sponsor> {
    let address = (region(), region(), option::of(region()), option::of(text(1, 1024)))
        .prop_map(|(province, city, county, detail)| Address { province, city, county, detail });
    let principal =
        (option::of(text(1, 128)), details()).prop_map(|(name, details)| SponsorPrincipal { name, details });
    let filed_by = prop_oneof![Just(FiledBy::Sponsor), Just(FiledBy::AccessProvider)];
    let optional = (option::of(1..=999_u16), option::of(text(1, 255)), option::of(text(1, 1024)));
    (id(), text(1, 255), address, certificate(255), principal, filed_by, optional).prop_map(
        |(isp_sponsor_id, name, address, certificate, principal, filed_by, (nature, investor, remark))| {
            Sponsor {
                isp_sponsor_id,
                name,
                nature,
                investor,
                address,
                certificate,
                principal,
                filed_by,
                remark,
            }
        },
    )
}

fn website() -> impl Strategy<Value = Website> {
    let domain = (id(), text(4, 128)).prop_map(|(isp_domain_id, name)| Domain { isp_domain_id, name });
    let range = (id(), 1..=u32::MAX, 1..=u32::MAX).prop_map(|(isp_ip_id, first, last)| IpRange {
        isp_ip_id,
        first: first.into(),
        last: last.into(),
    });
    let access = (id(), codes(64), codes(3), vec(range, 1..3)).prop_map(
        |(isp_access_id, server_places, methods, ip_ranges)| Access {
            isp_access_id,
            server_places,
            methods,
            ip_ranges,
        },
    );
    let principal = (text(1, 128), details()).prop_map(|(name, details)| WebsitePrincipal { name, details });
    let optional = (option::of(text(4, 255)), option::of(text(1, 1024)));
    (
        id(),
        text(1, 512),
        approvals(),
        codes(64),
        codes(256),
        vec(domain, 1..3),
        vec(access, 1..3),
        principal,
        optional,
    )
        .prop_map(
            |(
                isp_website_id,
                name,
                approvals,
                contents,
                languages,
                domains,
                accesses,
                principal,
                (home_url, remark),
            )| Website {
                isp_website_id,
                name,
                approvals,
                contents,
                languages,
                domains,
                accesses,
                principal,
                home_url,
                remark,
                service_kind: None,
            },
        )
}

fn record_key() -> impl Strategy<Value = RecordKey> {
    prop_oneof![id().prop_map(RecordKey::Id), text(1, 128).prop_map(RecordKey::Number)]
}

fn attachment<K: Clone + std::fmt::Debug + 'static>(
    key: impl Strategy<Value = K> + Clone + 'static,
) -> impl Strategy<Value = Attachment<K>> {
    let owner =
        prop_oneof![key.clone().prop_map(AttachmentOwner::Sponsor), key.prop_map(AttachmentOwner::Website)];
    (1..9_u32, 1..9_u32, base64(), owner, option::of(text(1, 256))).prop_map(
        |(format, purpose, content_base64, owner, remark)| Attachment {
            format: AttachmentFormat(format),
            purpose: AttachmentPurpose(purpose),
            content_base64,
            owner,
            remark,
        },
    )
}

fn attachments() -> impl Strategy<Value = Vec<Attachment<RecordKey>>> {
    vec(attachment(record_key().boxed()), 0..3)
}

fn password() -> impl Strategy<Value = String> {
    "[0-9a-f]{32}"
}

fn changed_record() -> impl Strategy<Value = ChangedRecord> {
    let changed_sponsor = (sponsor(), text(1, 128)).prop_map(|(sponsor, filing_number)| ChangedSponsor {
        sponsor_id: sponsor.isp_sponsor_id,
        name: sponsor.name,
        filing_number,
        nature: sponsor.nature,
        investor: sponsor.investor,
        address: sponsor.address,
        // The ministry's schema forgot the others here.
        certificate: Certificate { kind: sponsor.certificate.kind % 11 + 1, ..sponsor.certificate },
        principal: sponsor.principal,
        remark: sponsor.remark,
    });
    let changed_website =
        (website(), text(1, 128), option::of(id())).prop_map(|(website, filing_number, theirs)| {
            let domain = |domain: Domain| ChangedDomain {
                isp_domain_id: domain.isp_domain_id,
                domain_id: theirs,
                name: domain.name,
            };
            let range = |range: IpRange| ChangedIpRange {
                isp_ip_id: range.isp_ip_id,
                ip_id: theirs,
                first: range.first,
                last: range.last,
            };
            let access = |access: Access| ChangedAccess {
                access_id: access.isp_access_id,
                server_places: access.server_places,
                methods: access.methods,
                ip_ranges: access.ip_ranges.into_iter().map(range).collect(),
            };
            ChangedWebsite {
                website_id: website.isp_website_id,
                name: website.name,
                approvals: website.approvals,
                contents: website.contents,
                languages: website.languages,
                domains: website.domains.into_iter().map(domain).collect(),
                accesses: website.accesses.into_iter().map(access).collect(),
                principal: website.principal,
                filing_number,
                home_url: website.home_url,
                remark: website.remark,
            }
        });
    (changed_sponsor, vec(changed_website, 1..3), attachments(), option::of(password())).prop_map(
        |(sponsor, websites, attachments, password)| ChangedRecord {
            sponsor,
            websites,
            attachments,
            password,
        },
    )
}

fn cancellation_kind() -> impl Strategy<Value = CancellationKind> {
    proptest::sample::select(vec![
        CancellationKind::Sponsor,
        CancellationKind::Website,
        CancellationKind::Access,
    ])
}

fn upload_operation() -> impl Strategy<Value = UploadOperation> {
    let record = (sponsor(), vec(website(), 1..3), vec(attachment((1..10_000_u64).boxed()), 0..3))
        .prop_map(|(sponsor, websites, attachments)| FilingRecord { sponsor, websites, attachments });
    let added_websites = (record_key(), vec(website(), 1..3), attachments(), option::of(password()))
        .prop_map(|(sponsor, websites, attachments, password)| AddedWebsites {
            sponsor,
            websites,
            attachments,
            password,
        });
    let added_access = (record_key(), website(), attachments(), password()).prop_map(
        |(key, website, attachments, password)| {
            let Access { isp_access_id, server_places, methods, ip_ranges } = website.accesses[0].clone();
            AddedAccess {
                website: key,
                isp_access_id,
                server_places,
                methods,
                ip_ranges,
                attachments,
                password,
            }
        },
    );
    let cancellation =
        (cancellation_kind(), id(), 1..=999_u16, option::of(text(1, 1000)), option::of(password())).prop_map(
            |(kind, record_id, reason, remark, password)| Cancellation {
                kind,
                record_id,
                reason,
                remark,
                password,
            },
        );
    prop_oneof![
        vec(record, 1..3).prop_map(UploadOperation::NewFiling),
        vec(added_websites, 1..3).prop_map(UploadOperation::AddWebsites),
        vec(added_access, 1..3).prop_map(UploadOperation::AddAccesses),
        vec(changed_record(), 1..3).prop_map(UploadOperation::Change),
        vec(cancellation, 1..4).prop_map(UploadOperation::Cancel),
        vec(attachment(record_key().boxed()), 1..4).prop_map(UploadOperation::SubmitMaterial),
    ]
}

pub(crate) fn upload_document() -> impl Strategy<Value = UploadDocument> {
    (upload_operation(), id()).prop_map(|(operation, requesting_unit)| UploadDocument {
        version: InterfaceVersion::v3_0(),
        operation,
        requesting_unit,
    })
}

pub(crate) fn cancellations_document() -> impl Strategy<Value = DownloadDocument> {
    let item = (cancellation_kind(), id(), option::of(text(1, 300)))
        .prop_map(|(kind, record_id, remark)| CancelledItem { kind, record_id, remark });
    vec(item, 1..4).prop_map(|items| DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Cancellations(CancellationsFile { items }),
    })
}

fn time() -> impl Strategy<Value = WireTime> {
    prop_oneof![
        "20[0-9]{2}-0[1-9]-[012][1-8]",
        "20[0-9]{2}-0[1-9]-[012][1-8] [01][0-9]:[0-5][0-9]:[0-5][0-9](\\.[0-9])?"
    ]
    .prop_map(|text| text.parse().unwrap())
}

pub(crate) fn operation() -> impl Strategy<Value = OperationKind> {
    proptest::sample::select(OperationKind::ALL.to_vec())
}

pub(crate) fn results_document() -> impl Strategy<Value = DownloadDocument> {
    let finding = (1..u16::MAX, option::of(text(1, 255)))
        .prop_map(|(code, description)| Finding { code: ResultCode(code), description });
    let item =
        (vec(finding, 1..4), operation(), option::of(text(1, 255)), option::of(text(1, 300))).prop_map(
            |(findings, operation, subject, remark)| ResultItem { findings, operation, subject, remark },
        );
    let outcome = prop_oneof![Just(ReviewOutcome::Approved), Just(ReviewOutcome::Rejected)];
    let review = (
        option::of(text(1, 128)),
        option::of(text(11, 128)),
        time(),
        option::of(text(1, 1024)),
        outcome,
        option::of(operation()),
        option::of(id()),
    )
        .prop_map(
            |(reviewer_name, reviewer_phone, reviewed_at, opinion, outcome, operation, record_id)| Review {
                reviewer_name,
                reviewer_phone,
                reviewed_at,
                opinion,
                outcome,
                operation,
                record_id,
            },
        );
    (vec(item, 0..4), vec(review, 0..4)).prop_map(|(items, reviews)| DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Results(ResultsFile { items, reviews }),
    })
}

fn issued_details(longest: usize) -> impl Strategy<Value = IssuedDetails> {
    (
        option::of(text(11, 128)),
        option::of(text(11, 128)),
        option::of(text(6, 128)),
        option::of(text(5, 128)),
        option::of(1..=999_u16),
        option::of(text(1, longest)),
    )
        .prop_map(|(office_phone, mobile, msn, qq, certificate_kind, certificate_number)| {
            IssuedDetails { office_phone, mobile, msn, qq, certificate_kind, certificate_number }
        })
}

fn issued_sponsor() -> impl Strategy<Value = IssuedSponsor> {
    let address = (region(), option::of(region()), option::of(region()), option::of(text(1, 1024)))
        .prop_map(|(province, city, county, detail)| IssuedAddress { province, city, county, detail });
    let principal = (option::of(text(1, 128)), text(6, 128), issued_details(255))
        .prop_map(|(name, email, details)| IssuedSponsorPrincipal { name, email, details });
    let filed_by = prop_oneof![Just(FiledBy::Sponsor), Just(FiledBy::AccessProvider)];
    let optional = (
        option::of(id()),
        option::of(1..=999_u16),
        option::of(text(1, 128)),
        option::of(text(1, 255)),
        option::of(text(1, 1024)),
    );
    let paper = (
        option::of(time()),
        option::of(text(1, 255)),
        option::of(text(1, 128)),
        option::of(text(1, 128)),
        option::of(time()),
    );
    (id(), text(1, 255), address, certificate(128), principal, filed_by, (time(), time()), optional, paper)
        .prop_map(
            |(
                sponsor_id,
                name,
                address,
                certificate,
                principal,
                filed_by,
                (first_filed, last_changed),
                optional,
                paper,
            )| {
                let (isp_sponsor_id, nature, filing_number, investor, remark) = optional;
                let (
                    certificate_valid_until,
                    certificate_path,
                    certificate_serial,
                    reviewer_name,
                    reviewed_at,
                ) = paper;
                IssuedSponsor {
                    isp_sponsor_id,
                    sponsor_id,
                    name,
                    nature,
                    address,
                    certificate,
                    principal,
                    filing_number,
                    filed_by,
                    investor,
                    first_filed,
                    last_changed,
                    certificate_valid_until,
                    certificate_path,
                    certificate_serial,
                    reviewer_name,
                    reviewed_at,
                    remark,
                }
            },
        )
}

fn issued_website() -> impl Strategy<Value = IssuedWebsite> {
    let domain = (option::of(id()), id(), text(4, 128))
        .prop_map(|(isp_domain_id, domain_id, name)| IssuedDomain { isp_domain_id, domain_id, name });
    let range =
        (option::of(id()), id(), 1..=u32::MAX, 1..=u32::MAX).prop_map(|(isp_ip_id, ip_id, first, last)| {
            IssuedIpRange { isp_ip_id, ip_id, first: first.into(), last: last.into() }
        });
    let access = (option::of(id()), id(), id(), codes(3), codes(3), vec(range, 1..3)).prop_map(
        |(isp_access_id, access_id, provider_id, server_places, methods, ip_ranges)| IssuedAccess {
            isp_access_id,
            access_id,
            provider_id,
            server_places,
            methods,
            ip_ranges,
        },
    );
    let principal = (text(1, 128), option::of(text(6, 128)), issued_details(128))
        .prop_map(|(name, email, details)| IssuedWebsitePrincipal { name, email, details });
    let optional = (
        option::of(id()),
        option::of(text(4, 255)),
        option::of(text(1, 1024)),
        option::of(time()),
        option::of(time()),
        option::of(text(1, 128)),
    );
    (
        id(),
        text(1, 512),
        approvals(),
        vec(1..=64_u8, 0..3),
        codes(3),
        vec(domain, 1..3),
        vec(access, 1..3),
        principal,
        optional,
    )
        .prop_map(
            |(website_id, name, approvals, contents, languages, domains, accesses, principal, optional)| {
                let (isp_website_id, home_url, remark, first_filed, last_changed, filing_number) = optional;
                IssuedWebsite {
                    isp_website_id,
                    website_id,
                    name,
                    approvals,
                    contents,
                    languages,
                    domains,
                    accesses,
                    principal,
                    home_url,
                    remark,
                    first_filed,
                    last_changed,
                    filing_number,
                }
            },
        )
}

pub(crate) fn filings_document() -> impl Strategy<Value = DownloadDocument> {
    let record = (issued_sponsor(), vec(issued_website(), 1..3), option::of(text(1, 300)))
        .prop_map(|(sponsor, websites, remark)| IssuedRecord { sponsor, websites, remark });
    vec(record, 1..3).prop_map(|records| DownloadDocument {
        version: InterfaceVersion::v3_0(),
        content: DownloadContent::Filings(FilingsFile { records }),
    })
}
