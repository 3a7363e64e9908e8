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
