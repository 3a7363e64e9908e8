//! Strategies for documents of every kind.

use beian_wire::download::*;
use beian_wire::upload::*;
use beian_wire::{
    Approval, CancellationKind, Certificate, FiledBy, InterfaceVersion, OperationKind, RecordKey, ResultCode,
    WireTime,
};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

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
                releases: Vec::new(),
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
                releases: website.releases,
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
