//! From the regulator's files to what happened.

use std::collections::BTreeMap;

use beian_domain::{
    CancellationTarget, CertificateKind, CertificateNumber, DomainName, RecordNumber, RegulatorIds,
    ServiceFilingNumber, SponsorFilingNumber,
};
use beian_wire::download::{
    BlacklistFile, CancellationsFile, DownloadContent, DownloadDocument, FilingsFile, IssuedSponsor,
    IssuedWebsite, ListChange, ResultItem, ResultsFile, ReviewOutcome, SyncedData,
};
use beian_wire::{CancellationKind, OperationKind, ResultCode};

/// What a result is about, as far as the regulator names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum About {
    /// Something that has no number of the regulator's yet, by the number it had in our
    /// file (`IspZtid`, `IspWzid`, `IspJrid`).
    Interface(u64),
    /// Something in the register, by the regulator's identifier.
    Recorded {
        /// What was asked for: it tells whose identifier it is. A change is named by the
        /// sponsor's, an added website by its sponsor's, a cancellation by that of
        /// what is cancelled, material by that of its owner.
        operation: OperationKind,
        /// The identifier (`Ztid`, `Wzid` or `Jrid`).
        id: u64,
    },
    /// Something in the register, by its filing number.
    Number(RecordNumber),
}

/// Something that the regulator says of what we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum News {
    /// It was refused, by a check or by a person.
    Refused {
        /// What.
        about: About,
        /// Every reason, in the regulator's words.
        opinion: String,
        /// The result codes that came with it.
        codes: Vec<u16>,
    },
    /// It was approved; what comes of it follows as [`News::Granted`],
    /// [`News::Changed`] or [`News::Cancelled`].
    Approved {
        /// What.
        about: About,
    },
    /// The pictures that a record lacked are there (1060): nothing more follows.
    Supplied {
        /// The record: its service if pictures of that were among them.
        about: About,
    },
    /// A first filing, an added service or an added access has its numbers.
    Granted {
        /// The filing, by the number it had in our file.
        interface_number: u64,
        /// The number of the sponsor.
        sponsor_number: SponsorFilingNumber,
        /// The number of the service.
        service_number: ServiceFilingNumber,
        /// What the regulator calls their parts.
        ids: RegulatorIds,
    },
    /// A record stands in the register as a change wanted it.
    Changed {
        /// The number of the sponsor.
        sponsor_number: SponsorFilingNumber,
        /// The number of the service.
        service_number: ServiceFilingNumber,
        /// What the regulator calls their parts; the sponsor and the service have the
        /// identifiers that the change named.
        ids: RegulatorIds,
    },
    /// Something is not in the register any more, whoever asked for it.
    Cancelled {
        /// What; a sponsor with all its services, a service with all its accesses,
        /// which are not told one by one.
        target: CancellationTarget,
    },
    /// Somebody or something is on the blacklist (黑名单) from now on, or not any more.
    Listed {
        /// Who or what. An entry that cannot be read is [`News::Unmatched`].
        entry: Listed,
        /// Which of both.
        standing: ListStanding,
    },
    /// Something that the provider is to deal with and to report on.
    Wanted(crate::duty::ReceivedDuty),
    /// What became of something that was asked for a record of addresses.
    Addresses(crate::addresses::AddressResult),
    /// The file has code tables: see [`crate::read_code_tables`].
    CodeTables,
    /// The file has filings or addresses of a full synchronisation: see [`crate::read_synchronisation`].
    Synchronisation,
    /// The report on an unfiled site was refused (5005 to 5007).
    ReportRefused {
        /// The number that its file was sent under, if the regulator tells it.
        sequence: Option<u64>,
        /// The domain that the result names.
        domain: String,
        /// Why, in the regulator's words.
        opinion: String,
        /// The result code.
        code: u16,
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
///
/// Filed data do not say what they answer. The highest of our own numbers in them
/// tells the last thing that was asked for: a website's or an access's own is a grant,
/// that of a domain or an address alone is a change. ASSUMED. A regulator that keeps
/// the first numbers through a change makes a second [`News::Granted`] of it: one of a
/// filing that is over already is to be read as [`News::Changed`].
pub fn read_news(document: &DownloadDocument) -> Vec<News> {
    match &document.content {
        DownloadContent::Results(file) => read_results(file),
        DownloadContent::Filings(file) => read_filings(file),
        DownloadContent::Cancellations(file) => read_cancellations(file),
        DownloadContent::Blacklist(file) => read_blacklist(file),
        DownloadContent::CodeTables(_) | DownloadContent::Synchronisation(SyncedData::Codes(_)) => {
            vec![News::CodeTables]
        }
        DownloadContent::Synchronisation(SyncedData::Filings(_) | SyncedData::Addresses(_)) => {
            vec![News::Synchronisation]
        }
        DownloadContent::IpResults(file) => crate::addresses::results(file),
        DownloadContent::UnfiledWebsites(sites) => crate::duty::unfiled_sites(sites),
        DownloadContent::VerificationTasks(tasks) => crate::duty::verification_tasks(tasks),
        other => vec![News::Unmatched { description: format!("a file of the kind {}", other.element()) }],
    }
}

/// Who or what is on the blacklist.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// A sponsor, by its certificate.
    Sponsor(CertificateNumber),
    /// A domain.
    Domain(DomainName),
}

/// How somebody or something stands to a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListStanding {
    /// On it.
    On,
    /// Not on it.
    Off,
}

fn read_blacklist(file: &BlacklistFile) -> Vec<News> {
    let standing = |change| match change {
        ListChange::Add | ListChange::Modify => ListStanding::On,
        ListChange::Delete => ListStanding::Off,
    };
    let unread =
        |what: &str| News::Unmatched { description: format!("an entry of the blacklist with {what}") };
    let mut news = Vec::new();
    for entry in &file.sponsors {
        let number = entry.sponsor.as_ref().and_then(|sponsor| {
            let certificate = &sponsor.certificate;
            let kind = CertificateKind::from_code(certificate.kind).ok()?;
            CertificateNumber::parse(kind, &certificate.number).ok()
        });
        news.push(match number {
            Some(number) => News::Listed { entry: Listed::Sponsor(number), standing: standing(entry.change) },
            None => unread("a certificate that is none"),
        });
    }
    for entry in &file.websites {
        for domain in &entry.website.domains {
            news.push(match DomainName::from_host(&domain.0) {
                Ok(domain) => {
                    News::Listed { entry: Listed::Domain(domain), standing: standing(entry.change) }
                }
                Err(_) => unread("a domain that is none"),
            });
        }
    }
    news
}

#[derive(Default)]
struct Judgement {
    reasons: Vec<String>,
    codes: Vec<u16>,
    verdict: Verdict,
}

#[derive(Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    #[default]
    None,
    Approved,
    Supplied,
    Refused,
}

impl Judgement {
    fn add(&mut self, other: Self) {
        self.reasons.extend(other.reasons);
        self.codes.extend(other.codes);
        self.verdict = self.verdict.max(other.verdict);
    }

    fn into_news(self, about: About) -> Option<News> {
        match self.verdict {
            Verdict::None => None,
            Verdict::Approved => Some(News::Approved { about }),
            Verdict::Supplied => Some(News::Supplied { about }),
            Verdict::Refused => {
                Some(News::Refused { about, opinion: self.reasons.join("；"), codes: self.codes })
            }
        }
    }
}

type Judgements = BTreeMap<(OperationKind, About), Judgement>;

fn read_results(file: &ResultsFile) -> Vec<News> {
    let mut news = Vec::new();
    let mut found = Judgements::new();
    for item in &file.items {
        read_item(item, &mut found, &mut news);
    }
    let mut reviewed = Judgements::new();
    for review in &file.reviews {
        // The schema lets both be absent; a first filing is the commonest.
        let operation = review.operation.unwrap_or(OperationKind::NewFiling);
        let Some(id) = review.record_id else {
            news.push(News::Unmatched { description: review.opinion.clone().unwrap_or_default() });
            continue;
        };
        let about = match operation {
            OperationKind::NewFiling | OperationKind::AddWebsite | OperationKind::AddAccess => {
                About::Interface(id)
            }
            _ => About::Recorded { operation, id },
        };
        let judgement = reviewed.entry((operation, about)).or_default();
        match review.outcome {
            ReviewOutcome::Approved => judgement.verdict = judgement.verdict.max(Verdict::Approved),
            ReviewOutcome::Rejected => {
                judgement.verdict = Verdict::Refused;
                judgement.reasons.extend(review.opinion.clone());
            }
        }
    }
    news.extend(
        joined(found, reviewed).into_iter().filter_map(|((_, about), judgement)| judgement.into_news(about)),
    );
    news
}

fn read_item(item: &ResultItem, found: &mut Judgements, news: &mut Vec<News>) {
    let subject = item.subject.as_deref().map(str::trim).filter(|subject| !subject.is_empty());
    let about = subject.and_then(|subject| about(item.operation, subject));
    for finding in &item.findings {
        let official = finding.code.explanation().map_or("", |explanation| explanation.chinese);
        let words = match finding.description.as_deref() {
            Some(description) if !description.is_empty() => format!("{official}（{description}）"),
            _ => official.to_owned(),
        };
        if let (Some(domain), 5005..=5007) = (subject, finding.code.0) {
            news.push(News::ReportRefused {
                sequence: finding.description.as_deref().and_then(sequence_of),
                domain: domain.to_owned(),
                opinion: words,
                code: finding.code.0,
            });
            continue;
        }
        let Some(about) = &about else {
            if !finding.code.is_success() {
                news.push(match subject {
                    None => News::FileRefused {
                        sequence: finding.description.as_deref().and_then(sequence_of),
                        opinion: words,
                        code: finding.code.0,
                    },
                    Some(subject) => News::Unmatched { description: format!("{subject}: {words}") },
                });
            }
            continue;
        };
        let judgement = found.entry((item.operation, about.clone())).or_default();
        judgement.codes.push(finding.code.0);
        let verdict = match finding.code {
            ResultCode::APPROVED => Verdict::Approved,
            ResultCode::MATERIAL_TAKEN => Verdict::Supplied,
            code if code.is_success() => Verdict::None,
            _ => {
                judgement.reasons.push(words);
                Verdict::Refused
            }
        };
        judgement.verdict = judgement.verdict.max(verdict);
    }
}

/// What the mark of a result names: by the interface our sponsor id for a first filing,
/// the sponsor for an added website, our access id or the website for an added
/// access, else what we handed in.
fn about(operation: OperationKind, subject: &str) -> Option<About> {
    let Ok(id) = subject.parse::<u64>() else {
        return subject.parse().ok().map(About::Number);
    };
    Some(match operation {
        OperationKind::NewFiling | OperationKind::AddAccess => About::Interface(id),
        _ => About::Recorded { operation, id },
    })
}

/// One filing can have findings and a review in one file: they are one piece of news,
/// and the person's words come first.
fn joined(found: Judgements, reviewed: Judgements) -> Judgements {
    let sole = |judgements: &Judgements, operation: OperationKind| {
        let mut keys = judgements.keys().filter(|(its, _)| *its == operation);
        keys.next().filter(|_| keys.next().is_none()).map(|(_, about)| about.clone())
    };
    // The two name an added website in different ways; where each names one, they mean
    // the same.
    let same: BTreeMap<OperationKind, About> = OperationKind::ALL
        .into_iter()
        .filter(|operation| sole(&found, *operation).is_some())
        .filter_map(|operation| Some((operation, sole(&reviewed, operation)?)))
        .collect();
    let mut whole = reviewed;
    for ((operation, about), judgement) in found {
        let about = same.get(&operation).cloned().unwrap_or(about);
        whole.entry((operation, about)).or_default().add(judgement);
    }
    join_material(&mut whole);
    whole
}

/// Pictures of a sponsor and of its service, sent in one file, have a result each: they
/// are one piece of news, about the service.
fn join_material(judgements: &mut Judgements) {
    let material = OperationKind::SubmitMaterial;
    let numbers: Vec<RecordNumber> = judgements
        .keys()
        .filter_map(|(operation, about)| match about {
            About::Number(number) if *operation == material => Some(number.clone()),
            _ => None,
        })
        .collect();
    for sponsor in numbers.iter().filter(|number| number.service().is_none()) {
        let mut services = numbers
            .iter()
            .filter(|number| number.service().is_some() && number.sponsor() == sponsor.sponsor());
        let (Some(service), None) = (services.next(), services.next()) else { continue };
        if let Some(judgement) = judgements.remove(&(material, About::Number(sponsor.clone()))) {
            judgements.entry((material, About::Number(service.clone()))).or_default().add(judgement);
        }
    }
}

/// The number in a description such as `upload 7: …`. The specification puts the
/// name of the file there (section on processing errors), which says nothing
/// when every file has the same name; the practice regulator tells the number
/// (ASSUMED).
pub(crate) fn sequence_of(description: &str) -> Option<u64> {
    description.strip_prefix("upload ")?.split(':').next()?.trim().parse().ok()
}

fn read_filings(file: &FilingsFile) -> Vec<News> {
    file.records
        .iter()
        .flat_map(|record| record.websites.iter().map(|website| read_website(&record.sponsor, website)))
        .collect()
}

fn read_website(sponsor: &IssuedSponsor, website: &IssuedWebsite) -> News {
    let numbers = || {
        let sponsor_number = sponsor.filing_number.as_deref()?.trim().parse().ok()?;
        let service_number = website.filing_number.as_deref()?.trim().parse().ok()?;
        Some((sponsor_number, service_number))
    };
    let news = numbers().zip(ids(sponsor, website)).and_then(|((sponsor_number, service_number), ids)| {
        Some(match last_asked(website)? {
            LastAsked::Grant(interface_number) => {
                News::Granted { interface_number, sponsor_number, service_number, ids }
            }
            LastAsked::Change => News::Changed { sponsor_number, service_number, ids },
        })
    });
    news.unwrap_or_else(|| News::Unmatched {
        description: format!(
            "website {} with the number {}",
            website.website_id,
            website.filing_number.as_deref().unwrap_or("(none)")
        ),
    })
}

/// Identifiers as our filings name them: one domain, our access, its address.
fn ids(sponsor: &IssuedSponsor, website: &IssuedWebsite) -> Option<RegulatorIds> {
    // Only what we handed in has numbers of ours; of several, the last one.
    let access = website.accesses.iter().max_by_key(|access| access.isp_access_id)?;
    Some(RegulatorIds {
        sponsor: sponsor.sponsor_id,
        service: website.website_id,
        domain: website.domains.first()?.domain_id,
        access: access.access_id,
        address: access.ip_ranges.first()?.ip_id,
    })
}

enum LastAsked {
    /// A website or an access, by the number it had in our file.
    Grant(u64),
    Change,
}

/// What was asked for last; `None` where nothing of it is ours.
fn last_asked(website: &IssuedWebsite) -> Option<LastAsked> {
    let (site, access) =
        (website.isp_website_id, website.accesses.iter().filter_map(|access| access.isp_access_id).max());
    let domain = website.domains.iter().filter_map(|domain| domain.isp_domain_id).max();
    let ranges = website.accesses.iter().flat_map(|access| &access.ip_ranges);
    let address = ranges.filter_map(|range| range.isp_ip_id).max();
    let granted = site.max(access);
    if domain.max(address) > granted {
        return Some(LastAsked::Change);
    }
    granted.map(LastAsked::Grant)
}

fn read_cancellations(file: &CancellationsFile) -> Vec<News> {
    let target = |kind, id| match kind {
        CancellationKind::Sponsor => CancellationTarget::Sponsor(id),
        CancellationKind::Website => CancellationTarget::Service(id),
        CancellationKind::Access => CancellationTarget::Access(id),
    };
    file.items.iter().map(|item| News::Cancelled { target: target(item.kind, item.record_id) }).collect()
}
