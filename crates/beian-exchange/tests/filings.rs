//! The files of every kind of filing, and what the regulator's files say of them.
#![cfg(test)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

mod schemas;

use std::net::Ipv4Addr;

use beian_domain::{
    AccessMethod, AppPlatform, CancellationReason, CancellationTarget, Case, CertificateKind, Enclosures,
    FiledAs, Filing, FilingAccess, FilingKind, FilingMaterial, ImageFormat, LanguageCode, MaterialUse,
    Personal, RegulatorIds, ServiceContentCode, ServiceKind, ServicePrincipal, SponsorNature, practice,
};
use beian_exchange::{About, News, OperationKind, filing_file, filing_password_digest, read_news};
use beian_wire::download::{
    CancellationsFile, CancelledItem, DownloadContent, DownloadDocument, FilingsFile, Finding, IssuedAccess,
    IssuedAddress, IssuedDetails, IssuedDomain, IssuedIpRange, IssuedRecord, IssuedSponsor,
    IssuedSponsorPrincipal, IssuedWebsite, IssuedWebsitePrincipal, ResultItem, ResultsFile, Review,
    ReviewOutcome,
};
use beian_wire::upload::{AttachmentOwner, UploadDocument, UploadOperation};
use beian_wire::{
    CancellationKind, Certificate, FiledBy, InterfaceVersion, RecordKey, ResultCode, WriteError,
};
use schemas::assert_valid;

const IDS: RegulatorIds = RegulatorIds { sponsor: 11, service: 22, domain: 33, access: 44, address: 55 };

fn case() -> Case {
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    let mut case = Case::default();
    let sponsor = &mut case.sponsor;
    sponsor.nature = Some(SponsorNature::Enterprise);
    sponsor.name = Some(Personal::new(organisation.name));
    sponsor.investor = Some(Personal::new(organisation.name));
    sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    sponsor.certificate.number = Some(Personal::new(organisation.uscc));
    sponsor.certificate.address = Some(Personal::new(organisation.address));
    sponsor.division = organisation.division.parse().ok();
    sponsor.address = Some(Personal::new("习作路1号 & <练习大厦>"));
    sponsor.principal.name = Some(Personal::new(person.name));
    sponsor.principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
    sponsor.principal.certificate_number = Some(Personal::new(person.resident_id));
    sponsor.principal.mobile = Some(Personal::new(person.mobile));
    sponsor.principal.office_phone = Some(Personal::new("0755-00000000"));
    sponsor.principal.email = Some(Personal::new(person.email));
    case.service.name = Some("习作".to_owned());
    case.service.domain = Some("例子.中国".to_owned());
    case.service.contents = vec![ServiceContentCode::try_from(8).unwrap()];
    case.service.languages = vec![LanguageCode::try_from(1).unwrap()];
    case.service.principal = Some(ServicePrincipal::SameAsSponsor);
    case.cancellation.reason = Some(CancellationReason::DomainGone);
    case.cancellation.remark = Some("域名已转让".to_owned());
    case.filing_password = Some(Personal::new(filing_password_digest("123456")));
    case
}

fn filing_of(case: &Case, kind: FilingKind) -> Filing {
    let materials = MaterialUse::ALL.map(|purpose| FilingMaterial {
        purpose,
        format: ImageFormat::Jpeg,
        content: vec![0xFF, 0xD8, 0xFF],
    });
    let enclosures = Enclosures {
        access: Some(FilingAccess {
            address: Ipv4Addr::new(203, 0, 113, 7),
            access_method: AccessMethod::Cloud,
            server_location: 5,
        }),
        materials: materials.to_vec(),
        record: Some(FiledAs {
            sponsor: "粤ICP备2026000001号".parse().unwrap(),
            service: Some("粤ICP备2026000001号-1".parse().unwrap()),
            ids: Some(IDS),
        }),
    };
    Filing::from_case(case, kind, enclosures).unwrap()
}

fn file(kind: FilingKind) -> Vec<u8> {
    filing_file(&filing_of(&case(), kind), 42, 440_000_000_001).unwrap()
}

fn operation(kind: FilingKind) -> UploadOperation {
    let document = UploadDocument::from_gbk_xml(&file(kind)).unwrap();
    assert_eq!((document.version, document.requesting_unit), (InterfaceVersion::v3_0(), 440_000_000_001));
    document.operation
}

fn key(number: &str) -> RecordKey {
    RecordKey::Number(number.to_owned())
}

#[test]
fn the_file_of_every_filing_is_valid_for_an_independent_validator() {
    for kind in FilingKind::ALL {
        assert_valid(&file(*kind));
    }
}

#[test]
fn every_part_of_a_first_filing_is_named_by_the_number_that_the_answers_name() {
    let UploadOperation::NewFiling(records) = operation(FilingKind::FirstFiling) else { panic!("XZBA") };
    let record = &records[0];
    let website = &record.websites[0];
    assert_eq!((record.sponsor.isp_sponsor_id, website.isp_website_id), (42, 42));
    assert_eq!(record.sponsor.address.county, Some(440_305));
    assert_eq!(website.domains[0].name, "例子.中国");
    assert_eq!(website.accesses[0].ip_ranges[0].first, Ipv4Addr::new(203, 0, 113, 7));
    let owners: Vec<AttachmentOwner> = record.attachments.iter().map(|attachment| attachment.owner).collect();
    let (sponsor, website) = (AttachmentOwner::Sponsor(42), AttachmentOwner::Website(42));
    assert_eq!(owners, [sponsor, sponsor, website, website, website]);
}

#[test]
fn additions_name_what_they_are_added_to_by_its_number() {
    let UploadOperation::AddWebsites(records) = operation(FilingKind::AddService) else { panic!("XZWZ") };
    let record = &records[0];
    assert_eq!(record.sponsor, key("粤ICP备2026000001号"));
    assert_eq!((record.websites[0].isp_website_id, record.websites[0].accesses[0].isp_access_id), (42, 42));
    assert_eq!(record.password.as_deref(), Some("e10adc3949ba59abbe56e057f20f883e"));
    assert_eq!(record.attachments[0].owner, AttachmentOwner::Sponsor(key("粤ICP备2026000001号")));
    assert_eq!(record.attachments[4].owner, AttachmentOwner::Website(RecordKey::Id(42)));

    let UploadOperation::AddAccesses(records) = operation(FilingKind::AddAccess) else { panic!("XZJR") };
    let record = &records[0];
    assert_eq!((&record.website, record.isp_access_id), (&key("粤ICP备2026000001号-1"), 42));
    assert_eq!(
        (record.server_places.as_slice(), record.methods.as_slice()),
        ([5].as_slice(), [5].as_slice())
    );
    assert_eq!(record.ip_ranges[0].isp_ip_id, 42);
    assert_eq!(record.password, "e10adc3949ba59abbe56e057f20f883e");
}

#[test]
fn a_change_names_every_part_by_the_regulators_identifier() {
    for kind in [FilingKind::ChangeSponsor, FilingKind::ChangeService, FilingKind::ChangeAccess] {
        let UploadOperation::Change(records) = operation(kind) else { panic!("BGBA") };
        let (sponsor, website) = (&records[0].sponsor, &records[0].websites[0]);
        assert_eq!((sponsor.sponsor_id, sponsor.filing_number.as_str()), (11, "粤ICP备2026000001号"));
        assert_eq!((website.website_id, website.filing_number.as_str()), (22, "粤ICP备2026000001号-1"));
        assert_eq!((website.domains[0].domain_id, website.domains[0].isp_domain_id), (Some(33), 42));
        let access = &website.accesses[0];
        assert_eq!((access.access_id, access.ip_ranges[0].ip_id), (44, Some(55)));
    }
}

#[test]
fn a_cancellation_names_what_is_given_up_and_why() {
    for (kind, target, id) in [
        (FilingKind::CancelSponsor, CancellationKind::Sponsor, 11),
        (FilingKind::CancelService, CancellationKind::Website, 22),
        (FilingKind::CancelAccess, CancellationKind::Access, 44),
    ] {
        let UploadOperation::Cancel(records) = operation(kind) else { panic!("ZXBA") };
        let record = &records[0];
        assert_eq!((record.kind, record.record_id, record.reason), (target, id, 2));
        assert_eq!(record.remark.as_deref(), Some("域名已转让"));
        assert!(record.password.is_some());
    }
    let UploadOperation::SubmitMaterial(pictures) = operation(FilingKind::SupplementMaterials) else {
        panic!("XZHYD")
    };
    assert_eq!(pictures.len(), 5);
    assert_eq!(pictures[4].owner, AttachmentOwner::Website(key("粤ICP备2026000001号-1")));
}

#[test]
fn a_service_that_is_no_website_is_told_in_a_version_of_our_own() {
    let mut app = case();
    app.service.kind = ServiceKind::App;
    app.service.releases = [(AppPlatform::Android, practice::release())].into();
    let file = filing_file(&filing_of(&app, FilingKind::FirstFiling), 42, 440_000_000_001).unwrap();
    let document = UploadDocument::from_gbk_xml(&file).unwrap();
    assert_eq!(document.version, InterfaceVersion::v3_0_extended());
    let UploadOperation::NewFiling(records) = document.operation else { panic!("XZBA") };
    let website = &records[0].websites[0];
    assert_eq!(website.service_kind, Some(6));
    let release = &website.releases[0];
    assert_eq!((release.platform, release.identifier.as_str()), (1, "cn.xizuo.lianxi"));
    let signed = practice::release();
    assert_eq!((&release.public_key, &release.fingerprint), (&signed.public_key, &signed.fingerprint));
    // What is in the register has its kind in its number; what it is known by can change.
    let file = filing_file(&filing_of(&app, FilingKind::ChangeService), 42, 440_000_000_001).unwrap();
    let document = UploadDocument::from_gbk_xml(&file).unwrap();
    assert_eq!(document.version, InterfaceVersion::v3_0_extended());
    let UploadOperation::Change(records) = document.operation else { panic!("BGBA") };
    assert_eq!(records[0].websites[0].releases, website.releases);
}

#[test]
fn what_the_interface_cannot_carry_is_refused_with_its_place() {
    let Filing::First(mut filing) = filing_of(&case(), FilingKind::FirstFiling) else { panic!("first") };
    filing.service.name = "𠮷".to_owned();
    let error = filing_file(&Filing::First(filing), 42, 1).unwrap_err();
    assert!(matches!(&error, WriteError::NotGbk { path, .. } if path.ends_with("/Wz_xx[1]/Wzmc")), "{error}");
}

fn item(operation: OperationKind, subject: Option<&str>, code: u16, description: &str) -> ResultItem {
    ResultItem {
        findings: vec![Finding { code: ResultCode(code), description: Some(description.to_owned()) }],
        operation,
        subject: subject.map(str::to_owned),
        remark: None,
    }
}

fn review(operation: OperationKind, record_id: u64, outcome: ReviewOutcome, opinion: &str) -> Review {
    Review {
        reviewer_name: None,
        reviewer_phone: None,
        reviewed_at: "2026-11-23 10:00:00".parse().unwrap(),
        opinion: Some(opinion.to_owned()),
        outcome,
        operation: Some(operation),
        record_id: Some(record_id),
    }
}

fn read(content: DownloadContent) -> Vec<News> {
    read_news(&DownloadDocument { version: InterfaceVersion::v3_0(), content })
}

fn news(items: Vec<ResultItem>, reviews: Vec<Review>) -> Vec<News> {
    read(DownloadContent::Results(ResultsFile { items, reviews }))
}

use OperationKind as O;

#[test]
fn findings_and_a_review_of_one_filing_are_one_piece_of_news() {
    let found = news(
        vec![item(O::NewFiling, Some("7"), 1011, "Fzr_sjhm"), item(O::NewFiling, Some("7"), 1002, "")],
        vec![review(O::NewFiling, 7, ReviewOutcome::Rejected, "请修改手机号码")],
    );
    let [News::Refused { about: About::Interface(7), opinion, codes }] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert!(opinion.starts_with("请修改手机号码；") && opinion.contains("Fzr_sjhm"), "{opinion}");
    assert_eq!(codes, &[1011, 1002]);
    let approved = news(
        vec![item(O::NewFiling, Some("7"), 1001, "")],
        vec![review(O::NewFiling, 7, ReviewOutcome::Approved, "同意")],
    );
    assert_eq!(approved, [News::Approved { about: About::Interface(7) }]);
    assert_eq!(
        news(vec![item(O::NewFiling, Some("7"), 1062, "")], Vec::new()),
        [],
        "a success without a decision is no news"
    );
}

#[test]
fn every_operation_is_named_as_the_interface_has_it() {
    let number = |text: &str| About::Number(text.parse().unwrap());
    let recorded = |operation, id| About::Recorded { operation, id };
    for (operation, subject, about) in [
        (O::NewFiling, "7", About::Interface(7)),
        (O::AddWebsite, "粤ICP备2026000001号", number("粤ICP备2026000001号")),
        (O::AddWebsite, "11", recorded(O::AddWebsite, 11)),
        (O::AddAccess, "7", About::Interface(7)),
        (O::AddAccess, "粤ICP备2026000001号-1", number("粤ICP备2026000001号-1")),
        (O::Change, "11", recorded(O::Change, 11)),
        (O::Change, "粤ICP备2026000001号", number("粤ICP备2026000001号")),
        (O::CancelAccess, "44", recorded(O::CancelAccess, 44)),
        (O::CancelSponsor, "11", recorded(O::CancelSponsor, 11)),
        (O::CancelWebsite, "22", recorded(O::CancelWebsite, 22)),
        (O::SubmitMaterial, "粤ICP备2026000001号-1", number("粤ICP备2026000001号-1")),
    ] {
        let found = news(vec![item(operation, Some(subject), 1016, "")], Vec::new());
        let [News::Refused { about: got, codes, .. }] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((got, codes.as_slice()), (&about, [1016].as_slice()), "{operation:?} {subject}");
    }
    for (operation, about) in [
        (O::NewFiling, About::Interface(7)),
        (O::AddWebsite, About::Interface(7)),
        (O::AddAccess, About::Interface(7)),
        (O::Change, recorded(O::Change, 7)),
        (O::CancelAccess, recorded(O::CancelAccess, 7)),
        (O::CancelSponsor, recorded(O::CancelSponsor, 7)),
        (O::CancelWebsite, recorded(O::CancelWebsite, 7)),
    ] {
        let found = news(Vec::new(), vec![review(operation, 7, ReviewOutcome::Approved, "同意")]);
        assert_eq!(found, [News::Approved { about }]);
    }
    let strange = news(vec![item(O::Change, Some("样本"), 1016, "")], Vec::new());
    assert!(matches!(strange.as_slice(), [News::Unmatched { .. }]), "{strange:?}");
}

#[test]
fn an_added_website_that_is_named_in_two_ways_is_one_piece_of_news() {
    let found = news(
        vec![item(O::AddWebsite, Some("粤ICP备2026000001号"), 1002, "")],
        vec![review(O::AddWebsite, 42, ReviewOutcome::Rejected, "名称不妥")],
    );
    let [News::Refused { about: About::Interface(42), opinion, codes }] = found.as_slice() else {
        panic!("{found:?}")
    };
    assert!(opinion.starts_with("名称不妥"));
    assert_eq!(codes, &[1002]);
}

#[test]
fn material_of_a_sponsor_and_its_service_is_one_piece_of_news() {
    let both = |second| {
        news(
            vec![
                item(O::SubmitMaterial, Some("粤ICP备2026000001号"), 1060, ""),
                item(O::SubmitMaterial, Some("粤ICP备2026000001号-1"), second, ""),
            ],
            Vec::new(),
        )
    };
    let about = About::Number("粤ICP备2026000001号-1".parse().unwrap());
    assert_eq!(both(1060), [News::Supplied { about: about.clone() }]);
    let found = both(1057);
    assert!(
        matches!(found.as_slice(), [News::Refused { about: got, codes, .. }] if *got == about && codes.contains(&1057)),
        "{found:?}"
    );
}

#[test]
fn a_fault_of_the_whole_file_is_laid_at_its_number() {
    let found = news(vec![item(O::NewFiling, None, 5001, "upload 12: /UploadData: …")], Vec::new());
    assert!(
        matches!(found.as_slice(), [News::FileRefused { sequence: Some(12), code: 5001, .. }]),
        "{found:?}"
    );
    let found = news(vec![item(O::NewFiling, None, 5001, "beianinfo.xml")], Vec::new());
    assert!(matches!(found.as_slice(), [News::FileRefused { sequence: None, .. }]), "{found:?}");
}

#[test]
fn what_is_not_in_the_register_any_more_is_told() {
    let item = |kind, record_id| CancelledItem { kind, record_id, remark: None };
    let items = vec![
        item(CancellationKind::Sponsor, 11),
        item(CancellationKind::Website, 22),
        item(CancellationKind::Access, 44),
    ];
    let targets =
        [CancellationTarget::Sponsor(11), CancellationTarget::Service(22), CancellationTarget::Access(44)];
    assert_eq!(
        read(DownloadContent::Cancellations(CancellationsFile { items })),
        targets.map(|target| News::Cancelled { target })
    );
}

/// Our numbers of a website, its domain, its access and its address, as the register
/// echoes them.
fn filed(site: Option<u64>, domain: Option<u64>, access: Option<u64>, address: Option<u64>) -> Vec<News> {
    let time = || "2026-11-23 10:00:00".parse().unwrap();
    let (organisation, person) = (practice::ORGANISATIONS[0], practice::PEOPLE[0]);
    let sponsor = IssuedSponsor {
        isp_sponsor_id: site,
        sponsor_id: 11,
        name: organisation.name.to_owned(),
        nature: Some(4),
        address: IssuedAddress { province: 440_000, city: None, county: None, detail: None },
        certificate: Certificate {
            kind: 1,
            number: organisation.uscc.to_owned(),
            residence: organisation.address.to_owned(),
        },
        principal: IssuedSponsorPrincipal {
            name: Some(person.name.to_owned()),
            email: person.email.to_owned(),
            details: IssuedDetails::default(),
        },
        filing_number: Some("粤ICP备2026000001号".to_owned()),
        filed_by: FiledBy::AccessProvider,
        investor: None,
        first_filed: time(),
        last_changed: time(),
        certificate_valid_until: None,
        certificate_path: None,
        certificate_serial: None,
        reviewer_name: None,
        reviewed_at: None,
        remark: None,
    };
    let issued_access = |isp_access_id, access_id, isp_ip_id, ip_id| IssuedAccess {
        isp_access_id,
        access_id,
        provider_id: 440_000_000_001,
        server_places: vec![5],
        methods: vec![5],
        ip_ranges: vec![IssuedIpRange {
            isp_ip_id,
            ip_id,
            first: Ipv4Addr::new(203, 0, 113, 7),
            last: Ipv4Addr::new(203, 0, 113, 7),
        }],
    };
    let website = IssuedWebsite {
        isp_website_id: site,
        website_id: 22,
        name: "习作".to_owned(),
        approvals: Vec::new(),
        contents: vec![8],
        languages: vec![1],
        domains: vec![IssuedDomain { isp_domain_id: domain, domain_id: 33, name: "xizuo-one.cn".to_owned() }],
        // The first is another provider's.
        accesses: vec![issued_access(None, 1, None, 2), issued_access(access, 44, address, 55)],
        principal: IssuedWebsitePrincipal {
            name: person.name.to_owned(),
            email: None,
            details: IssuedDetails::default(),
        },
        home_url: None,
        remark: None,
        first_filed: None,
        last_changed: None,
        filing_number: Some("粤ICP备2026000001号-1".to_owned()),
    };
    let records = vec![IssuedRecord { sponsor, websites: vec![website], remark: None }];
    read(DownloadContent::Filings(FilingsFile { records }))
}

#[test]
fn filed_data_tell_grants_from_changes_by_our_highest_number() {
    let sponsor_number = "粤ICP备2026000001号".parse().unwrap();
    let service_number: beian_domain::ServiceFilingNumber = "粤ICP备2026000001号-1".parse().unwrap();
    let granted = |interface_number| News::Granted {
        interface_number,
        sponsor_number: beian_domain::SponsorFilingNumber::clone(&sponsor_number),
        service_number: service_number.clone(),
        ids: IDS,
    };
    let changed = News::Changed {
        sponsor_number: sponsor_number.clone(),
        service_number: service_number.clone(),
        ids: IDS,
    };
    let all = |number| filed(Some(number), Some(number), Some(number), Some(number));
    assert_eq!(all(42), [granted(42)], "a first filing");
    assert_eq!(filed(None, None, Some(60), Some(60)), [granted(60)], "an access to another's website");
    assert_eq!(filed(Some(42), Some(42), Some(60), Some(60)), [granted(60)], "a second access");
    assert_eq!(filed(Some(42), Some(70), Some(42), Some(70)), std::slice::from_ref(&changed), "a change");
    assert_eq!(filed(None, Some(70), Some(60), Some(70)), [changed], "a change after an added access");
    let found = filed(None, None, None, None);
    assert!(matches!(found.as_slice(), [News::Unmatched { .. }]), "nothing of it is ours: {found:?}");
}
