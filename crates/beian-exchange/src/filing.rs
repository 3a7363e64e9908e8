//! From a filing to the regulator's file, and from its files to what happened.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use beian_domain::{
    DivisionCode, Filing, FilingMaterial, FilingPrincipal, MaterialUse, ServiceFilingNumber,
    SponsorFilingNumber,
};
use beian_wire::download::{DownloadContent, DownloadDocument, FilingsFile, ResultsFile, ReviewOutcome};
use beian_wire::upload::{
    Access, Address, Attachment, AttachmentFormat, AttachmentOwner, AttachmentPurpose, Domain, FilingRecord,
    IpRange, PrincipalDetails, Sponsor, SponsorPrincipal, UploadDocument, UploadOperation, Website,
    WebsitePrincipal,
};
use beian_wire::{Certificate, FiledBy, InterfaceVersion, WriteError};

/// The file of a first filing (新增备案), in GBK.
///
/// `interface_number` stands for the sponsor and each of its parts in the file
/// (`IspZtid` and the like); the regulator's answers name it.
pub fn first_filing_file(filing: &Filing, interface_number: u64, isp_id: u64) -> Result<Vec<u8>, WriteError> {
    let sponsor = &filing.sponsor;
    let service = &filing.service;
    let record = FilingRecord {
        sponsor: Sponsor {
            isp_sponsor_id: interface_number,
            name: sponsor.name.expose().to_owned(),
            nature: Some(sponsor.nature.code()),
            investor: sponsor.investor.as_ref().map(|investor| investor.expose().to_owned()),
            address: Address {
                province: sponsor.division.province().get(),
                city: sponsor.division.city().get(),
                county: Some(sponsor.division).filter(|division| division.is_county()).map(DivisionCode::get),
                detail: Some(sponsor.address.expose().to_owned()),
            },
            certificate: Certificate {
                kind: sponsor.certificate_kind.code(),
                number: sponsor.certificate_number.as_str().to_owned(),
                residence: sponsor.certificate_address.expose().to_owned(),
            },
            principal: SponsorPrincipal {
                name: Some(sponsor.principal.name.expose().to_owned()),
                details: details(&sponsor.principal),
            },
            filed_by: FiledBy::AccessProvider,
            remark: sponsor.remark.as_ref().map(|remark| remark.expose().to_owned()),
        },
        websites: vec![Website {
            isp_website_id: interface_number,
            name: service.name.clone(),
            approvals: Vec::new(),
            contents: service.contents.iter().map(|code| code.get()).collect(),
            languages: service.languages.iter().map(|code| code.get()).collect(),
            domains: vec![Domain {
                isp_domain_id: interface_number,
                // People read the number's domain; GBK carries Chinese names.
                name: service.domain.as_unicode().to_owned(),
            }],
            accesses: vec![Access {
                isp_access_id: interface_number,
                server_places: vec![service.server_location],
                methods: vec![u8::try_from(service.access_method.code()).unwrap_or(4)],
                ip_ranges: vec![IpRange {
                    isp_ip_id: interface_number,
                    first: service.address,
                    last: service.address,
                }],
            }],
            principal: WebsitePrincipal {
                name: service.principal.name.expose().to_owned(),
                details: details(&service.principal),
            },
            home_url: Some(service.home_url.clone()),
            remark: service.remark.clone(),
        }],
        attachments: filing.materials.iter().map(|material| attachment(material, interface_number)).collect(),
    };
    UploadDocument {
        version: InterfaceVersion::v3_0(),
        operation: UploadOperation::NewFiling(vec![record]),
        requesting_unit: isp_id,
    }
    .to_gbk_xml()
}

fn details(principal: &FilingPrincipal) -> PrincipalDetails {
    PrincipalDetails {
        office_phone: principal.office_phone.as_ref().map(|phone| phone.as_str().to_owned()),
        mobile: principal.mobile.as_str().to_owned(),
        email: principal.email.as_str().to_owned(),
        msn: None,
        qq: None,
        certificate_kind: Some(principal.certificate_kind.code()),
        certificate_number: Some(principal.certificate_number.as_str().to_owned()),
    }
}

fn attachment(material: &FilingMaterial, interface_number: u64) -> Attachment {
    let owner = match material.purpose {
        MaterialUse::SponsorCertificate | MaterialUse::SponsorPrincipalCertificate => {
            AttachmentOwner::Sponsor(interface_number)
        }
        MaterialUse::VerificationForm
        | MaterialUse::ServicePrincipalCertificate
        | MaterialUse::ServicePrincipalPhoto => AttachmentOwner::Website(interface_number),
    };
    Attachment {
        format: AttachmentFormat(material.format.code().into()),
        purpose: AttachmentPurpose(material.purpose.code().into()),
        content_base64: BASE64.encode(&material.content),
        owner,
        remark: None,
    }
}

/// Something that the regulator says of a filing that we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It was refused, by a check or by a person.
    Refused {
        /// The filing, by the number it had in our file.
        interface_number: u64,
        /// Every reason, in the regulator's words.
        opinion: String,
        /// The result codes that came with it.
        codes: Vec<u16>,
    },
    /// It was approved; the number comes with [`News::Granted`].
    Approved {
        /// The filing.
        interface_number: u64,
    },
    /// It has its number.
    Granted {
        /// The filing.
        interface_number: u64,
        /// The number of the sponsor.
        sponsor_number: SponsorFilingNumber,
        /// The number of the service.
        service_number: ServiceFilingNumber,
    },
    /// A whole file was refused before its filings were looked at.
    FileRefused {
        /// The number that it was sent under, if the regulator tells it.
        sequence: Option<u64>,
        /// Why, in the regulator's words.
        opinion: String,
        /// The result code.
        code: u16,
    },
    /// Something that could not be laid at any filing's door: to be looked at by
    /// a person, never lost.
    Unmatched {
        /// What it was about, in the regulator's words.
        description: String,
    },
}

/// What a file from the regulator says, in its order.
pub fn read_news(document: &DownloadDocument) -> Vec<News> {
    match &document.content {
        DownloadContent::Results(file) => read_results(file),
        DownloadContent::Filings(file) => read_filings(file),
    }
}

fn read_results(file: &ResultsFile) -> Vec<News> {
    use std::collections::BTreeMap;

    #[derive(Default)]
    struct Judgement {
        reasons: Vec<String>,
        codes: Vec<u16>,
        is_refused: bool,
        is_approved: bool,
    }
    // One filing can have findings and a review in one file: they are one piece of news.
    let mut judgements: BTreeMap<u64, Judgement> = BTreeMap::new();
    let mut news = Vec::new();
    for item in &file.items {
        let number = item.subject.as_deref().and_then(|subject| subject.trim().parse::<u64>().ok());
        for finding in &item.findings {
            let official = finding.code.explanation().map_or("", |explanation| explanation.chinese);
            let words = match finding.description.as_deref() {
                Some(description) if !description.is_empty() => format!("{official}（{description}）"),
                _ => official.to_owned(),
            };
            let Some(number) = number else {
                if !finding.code.is_success() {
                    let sequence = finding.description.as_deref().and_then(sequence_of);
                    news.push(News::FileRefused { sequence, opinion: words, code: finding.code.0 });
                }
                continue;
            };
            let judgement = judgements.entry(number).or_default();
            judgement.codes.push(finding.code.0);
            if !finding.code.is_success() {
                judgement.is_refused = true;
                judgement.reasons.push(words);
            }
        }
    }
    for review in &file.reviews {
        let Some(number) = review.record_id else {
            news.push(News::Unmatched { description: review.opinion.clone().unwrap_or_default() });
            continue;
        };
        let judgement = judgements.entry(number).or_default();
        match review.outcome {
            ReviewOutcome::Approved => judgement.is_approved = true,
            ReviewOutcome::Rejected => {
                judgement.is_refused = true;
                // A person's words come before the official text of a code.
                judgement.reasons.splice(0..0, review.opinion.clone());
            }
        }
    }
    news.extend(judgements.into_iter().filter_map(|(interface_number, judgement)| {
        if judgement.is_refused {
            let opinion = judgement.reasons.join("；");
            Some(News::Refused { interface_number, opinion, codes: judgement.codes })
        } else if judgement.is_approved {
            Some(News::Approved { interface_number })
        } else {
            None
        }
    }));
    news
}

/// The number in a description such as `upload 7: …`. The specification puts the
/// name of the file there (section on processing errors), which says nothing
/// when every file has the same name; the practice regulator tells the number
/// (ASSUMED).
fn sequence_of(description: &str) -> Option<u64> {
    description.strip_prefix("upload ")?.split(':').next()?.trim().parse().ok()
}

fn read_filings(file: &FilingsFile) -> Vec<News> {
    let mut news = Vec::new();
    for record in &file.records {
        let sponsor_number = record.sponsor.filing_number.as_deref().and_then(|number| number.parse().ok());
        for website in &record.websites {
            let service_number = website.filing_number.as_deref().and_then(|number| number.parse().ok());
            news.push(match (website.isp_website_id, &sponsor_number, service_number) {
                (Some(interface_number), Some(sponsor_number), Some(service_number)) => News::Granted {
                    interface_number,
                    sponsor_number: SponsorFilingNumber::clone(sponsor_number),
                    service_number,
                },
                _ => News::Unmatched {
                    description: format!(
                        "website {} with the number {}",
                        website.website_id,
                        website.filing_number.as_deref().unwrap_or("(none)")
                    ),
                },
            });
        }
    }
    news
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;
    use std::net::Ipv4Addr;
    use std::process::{Command, Stdio};

    use beian_domain::{
        Case, CertificateKind, ImageFormat, LanguageCode, Personal, ServiceContentCode, ServicePrincipal,
        SponsorNature, practice,
    };
    use beian_wire::download::{Finding, ResultItem, Review};
    use beian_wire::{OperationKind, ResultCode};

    use super::*;

    fn filing() -> Filing {
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
        let materials = MaterialUse::ALL.map(|purpose| FilingMaterial {
            purpose,
            format: ImageFormat::Jpeg,
            content: vec![0xFF, 0xD8, 0xFF],
        });
        Filing::from_case(&case, Ipv4Addr::new(203, 0, 113, 7), 5, materials.to_vec()).unwrap()
    }

    #[test]
    fn the_file_of_a_filing_is_valid_for_an_independent_validator() {
        let file = first_filing_file(&filing(), 42, 440_000_000_001).unwrap();
        let schema = concat!(env!("CARGO_MANIFEST_DIR"), "/../beian-wire/schema/upload.xsd");
        let mut xmllint = Command::new("xmllint")
            .args(["--noout", "--nonet", "--schema", schema, "-"])
            .stdin(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("xmllint is installed (Debian: libxml2-utils)");
        xmllint.stdin.take().unwrap().write_all(&file).unwrap();
        let result = xmllint.wait_with_output().unwrap();
        assert!(result.status.success(), "{}", String::from_utf8_lossy(&result.stderr));
    }

    #[test]
    fn every_part_of_the_file_is_named_by_the_number_that_the_answers_name() {
        let file = first_filing_file(&filing(), 42, 440_000_000_001).unwrap();
        let UploadOperation::NewFiling(records) = UploadDocument::from_gbk_xml(&file).unwrap().operation;
        let record = &records[0];
        let website = &record.websites[0];
        assert_eq!((record.sponsor.isp_sponsor_id, website.isp_website_id), (42, 42));
        assert_eq!(record.sponsor.address.county, Some(440_305));
        assert_eq!(website.domains[0].name, "例子.中国");
        assert_eq!(website.accesses[0].ip_ranges[0].first, Ipv4Addr::new(203, 0, 113, 7));
        let owners: Vec<AttachmentOwner> =
            record.attachments.iter().map(|attachment| attachment.owner).collect();
        let (sponsor, website) = (AttachmentOwner::Sponsor(42), AttachmentOwner::Website(42));
        assert_eq!(owners, [sponsor, sponsor, website, website, website]);
    }

    fn item(subject: Option<&str>, code: u16, description: &str) -> ResultItem {
        ResultItem {
            findings: vec![Finding { code: ResultCode(code), description: Some(description.to_owned()) }],
            operation: OperationKind::NewFiling,
            subject: subject.map(str::to_owned),
            remark: None,
        }
    }

    fn review(record_id: u64, outcome: ReviewOutcome, opinion: &str) -> Review {
        Review {
            reviewer_name: None,
            reviewer_phone: None,
            reviewed_at: "2026-11-23 10:00:00".parse().unwrap(),
            opinion: Some(opinion.to_owned()),
            outcome,
            operation: Some(OperationKind::NewFiling),
            record_id: Some(record_id),
        }
    }

    fn news(items: Vec<ResultItem>, reviews: Vec<Review>) -> Vec<News> {
        read_results(&ResultsFile { items, reviews })
    }

    #[test]
    fn findings_and_a_review_of_one_filing_are_one_piece_of_news() {
        let found = news(
            vec![item(Some("7"), 1011, "Fzr_sjhm"), item(Some("7"), 1002, "")],
            vec![review(7, ReviewOutcome::Rejected, "请修改手机号码")],
        );
        let [News::Refused { interface_number: 7, opinion, codes }] = found.as_slice() else {
            panic!("{found:?}");
        };
        assert!(opinion.starts_with("请修改手机号码；") && opinion.contains("Fzr_sjhm"), "{opinion}");
        assert_eq!(codes, &[1011, 1002]);
        let approved =
            news(vec![item(Some("7"), 1001, "")], vec![review(7, ReviewOutcome::Approved, "同意")]);
        assert_eq!(approved, [News::Approved { interface_number: 7 }]);
        assert_eq!(
            news(vec![item(Some("7"), 1062, "")], Vec::new()),
            [],
            "a success without a decision is no news"
        );
    }

    #[test]
    fn a_fault_of_the_whole_file_is_laid_at_its_number() {
        let found = news(vec![item(None, 5001, "upload 12: /UploadData: …")], Vec::new());
        assert!(
            matches!(found.as_slice(), [News::FileRefused { sequence: Some(12), code: 5001, .. }]),
            "{found:?}"
        );
        let found = news(vec![item(None, 5001, "beianinfo.xml")], Vec::new());
        assert!(matches!(found.as_slice(), [News::FileRefused { sequence: None, .. }]), "{found:?}");
    }
}
