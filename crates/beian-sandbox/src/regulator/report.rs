//! What pages and the steering interface show of the register.

use beian_domain::CertificateKind;
use beian_wire::ResultCode;
use beian_wire::package::decode_base64;
use beian_wire::upload::{Access, Attachment, AttachmentOwner, FilingRecord, PrincipalDetails, Website};
use chrono::{DateTime, Utc};

use super::Regulator;
use super::lookup::{domain_names, nature_name};
use crate::checks::Picture;
use crate::language::Language;
use crate::state::{Challenge, DownloadContent, Filing, RefusalCause, Stage, UploadOutcome};
use crate::views::{
    AttachmentRow, ChallengeRow, Detail, DownloadRow, FilingReport, FilingRow, FindingReport, FindingRow,
    Group, ProviderExchange, Section, SmsReport, UploadRow, left, range, shown,
};

impl Regulator {
    /// The console's list, what needs an action first.
    pub(crate) fn groups(&self, now: DateTime<Utc>, language: Language) -> Vec<Group> {
        let t = |chinese, english| language.pick(chinese, english);
        let mut groups = vec![
            self.group(
                "awaiting_review",
                t("待审核", "Waiting for review"),
                t("没有待审核的申请。", "Nothing waits for review."),
                t("提示", "Note"),
            ),
            self.group(
                "awaiting_sms",
                t("待短信核验", "Waiting for SMS verification"),
                t("没有等待短信核验的申请。", "Nothing waits for an SMS code."),
                t("验证码", "Codes"),
            ),
            self.group(
                "rejected",
                t("自动检查未通过", "Refused by the checks"),
                t("没有被自动检查退回的申请。", "The checks refused nothing."),
                t("问题", "Faults"),
            ),
            self.group(
                "approved",
                t("已通过", "Approved"),
                t("还没有通过的申请。", "Nothing approved yet."),
                t("备案号", "Numbers"),
            ),
            self.group(
                "refused",
                t("已退回", "Refused"),
                t("没有被退回的申请。", "Nothing refused."),
                t("意见", "Opinion"),
            ),
        ];
        for (id, filing) in self.state.filings.iter().rev() {
            let Some(group) = groups.iter_mut().find(|group| group.anchor == filing.stage.name()) else {
                continue;
            };
            let record = self.records.get(id);
            group.rows.push(FilingRow {
                id: *id,
                sponsor: record.map(|record| record.sponsor.name.clone()).unwrap_or_default(),
                domains: record
                    .map(|record| record.websites.iter().map(domain_names).collect::<Vec<_>>().join(", "))
                    .unwrap_or_default(),
                provider: self.provider_name(filing.provider),
                received: shown(filing.received),
                lines: lines(filing, now, language),
            });
        }
        groups
    }

    fn group(
        &self,
        anchor: &'static str,
        title: &'static str,
        empty: &'static str,
        last_column: &'static str,
    ) -> Group {
        Group { anchor, title, empty, last_column, rows: Vec::new() }
    }

    fn provider_name(&self, isp_id: u64) -> String {
        self.providers.get(&isp_id).map_or_else(|| isp_id.to_string(), |known| known.provider.name.clone())
    }

    /// A filing with all its data.
    pub(crate) fn detail(&self, id: u64, now: DateTime<Utc>, language: Language) -> Option<Detail> {
        let filing = self.state.filings.get(&id)?;
        let record = self.records.get(&id)?;
        let t = |chinese, english| language.pick(chinese, english);
        let tone = match filing.stage {
            Stage::Approved { .. } => "good",
            Stage::Rejected { .. } | Stage::Refused { .. } => "bad",
            _ => "wait",
        };
        let findings = match &filing.stage {
            Stage::Rejected { findings } => findings
                .iter()
                .map(|finding| FindingRow {
                    code: finding.code,
                    text: ResultCode(finding.code)
                        .explanation()
                        .map_or("", |text| t(text.chinese, text.english)),
                    particulars: finding.particulars.clone(),
                })
                .collect(),
            _ => Vec::new(),
        };
        let sms_note = filing.codes_expire().map_or_else(String::new, |expires| {
            format!("{} {} · {}", t("有效至", "Valid until"), shown(expires), left(expires, now, language))
        });
        Some(Detail {
            heading: format!("{} {id} · {}", t("备案申请", "Filing"), record.sponsor.name),
            state: state_line(filing, language),
            tone,
            sms_note,
            reviewable: matches!(filing.stage, Stage::AwaitingReview),
            findings,
            challenges: filing
                .challenges
                .iter()
                .map(|challenge| challenge_row(challenge, record, language))
                .collect(),
            sections: self.sections(filing, record, language),
            attachments: record
                .attachments
                .iter()
                .enumerate()
                .map(|(index, a)| attachment_row(index, a, language))
                .collect(),
        })
    }

    fn sections(&self, filing: &Filing, record: &FilingRecord, language: Language) -> Vec<Section> {
        let t = |chinese, english| language.pick(chinese, english);
        let sponsor = &record.sponsor;
        let address = &sponsor.address;
        let mut sections = Vec::new();
        if let Stage::Approved { at, opinion, registration } = &filing.stage {
            let mut rows = vec![
                (t("主体备案号", "Filing number of the sponsor"), registration.number.to_string()),
                (t("备案密码", "Filing password"), registration.password.clone()),
                (t("通过时间", "Approved"), shown(*at)),
                (t("审核意见", "Opinion"), opinion.clone()),
            ];
            rows.extend(
                registration
                    .sites
                    .iter()
                    .map(|site| (t("网站备案号", "Filing number of the site"), site.number.to_string())),
            );
            sections.push(Section { title: t("审核结果", "Result").to_owned(), rows });
        }
        if let Stage::Refused { at, opinion, .. } = &filing.stage {
            let rows =
                vec![(t("退回时间", "Refused"), shown(*at)), (t("审核意见", "Opinion"), opinion.clone())];
            sections.push(Section { title: t("审核结果", "Result").to_owned(), rows });
        }
        sections.push(Section {
            title: t("来源", "Origin").to_owned(),
            rows: vec![
                (
                    t("接入商", "Provider"),
                    format!("{} ({})", self.provider_name(filing.provider), filing.provider),
                ),
                (
                    t("上报序号", "Upload"),
                    format!("{} · {} {}", filing.sequence, t("第几条记录：", "record"), filing.position + 1),
                ),
                (t("收到时间", "Received"), shown(filing.received)),
                (t("接入商的主体标识", "Provider's id of the sponsor"), sponsor.isp_sponsor_id.to_string()),
            ],
        });
        let mut rows = vec![
            (t("名称", "Name"), sponsor.name.clone()),
            (t("性质", "Nature"), nature_name(sponsor.nature, language)),
            (
                t("证件", "Certificate"),
                format!(
                    "{} {}",
                    kind_name(Some(sponsor.certificate.kind), language),
                    sponsor.certificate.number
                ),
            ),
            (t("证件住所", "Address on the certificate"), sponsor.certificate.residence.clone()),
            (
                t("通信地址", "Postal address"),
                format!(
                    "{} / {} / {} {}",
                    address.province,
                    address.city,
                    address.county.map_or_else(|| "—".to_owned(), |county| county.to_string()),
                    address.detail.as_deref().unwrap_or_default()
                ),
            ),
        ];
        push(&mut rows, t("投资人或主管单位", "Investor or superior body"), sponsor.investor.as_ref());
        push(&mut rows, t("备注", "Remark"), sponsor.remark.as_ref());
        sections.push(Section { title: t("主办者", "Sponsor").to_owned(), rows });
        sections.push(Section {
            title: t("主体负责人", "Sponsor principal").to_owned(),
            rows: principal_rows(sponsor.principal.name.as_deref(), &sponsor.principal.details, language),
        });
        for website in &record.websites {
            sections.push(website_section(website, language));
            sections.push(Section {
                title: format!("{} · {}", t("网站负责人", "Website principal"), website.name),
                rows: principal_rows(Some(&website.principal.name), &website.principal.details, language),
            });
        }
        sections
    }

    /// An attachment as a picture, with its media type; none if it is no picture.
    pub(crate) fn picture(&self, id: u64, index: usize) -> Option<(&'static str, Vec<u8>)> {
        let bytes = decode_base64(&self.records.get(&id)?.attachments.get(index)?.content_base64)?;
        Some((Picture::of(&bytes)?.media_type(), bytes))
    }

    /// The conversation with every provider.
    pub(crate) fn exchanges(&self, language: Language) -> Vec<ProviderExchange> {
        let t = |chinese, english| language.pick(chinese, english);
        let one = |isp_id: &u64| {
            let exchange = self.state.exchanges.get(isp_id);
            let uploads =
                exchange.into_iter().flat_map(|exchange| &exchange.uploads).map(|(sequence, upload)| {
                    let (outcome, filings, fault) = match &upload.outcome {
                        UploadOutcome::Faulty(faults) => {
                            let code = faults.first().map(|fault| fault.code);
                            (
                                format!("{} {}", t("文件有误", "faulty file"), code.unwrap_or_default()),
                                Vec::new(),
                                code,
                            )
                        }
                        UploadOutcome::Filings(ids) => {
                            let list = ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ");
                            (format!("{} {list}", t("申请", "filings")), ids.clone(), None)
                        }
                    };
                    UploadRow {
                        sequence: *sequence,
                        hash: upload.package.hash_base64().to_owned(),
                        received: upload.received,
                        at: shown(upload.first_received),
                        outcome,
                        filings,
                        fault,
                    }
                });
            let downloads =
                exchange.into_iter().flat_map(|exchange| &exchange.downloads).map(|download| DownloadRow {
                    file_name: download.file_name.clone(),
                    content: match download.content {
                        DownloadContent::Results => t("备案结果", "Results (BAJG)"),
                        DownloadContent::FiledData => t("备案数据", "Filed data (BASJ)"),
                    },
                    kind: download.content,
                    at: shown(download.made),
                    acknowledged: download
                        .acknowledged
                        .map_or_else(|| t("等待回执", "waiting").to_owned(), shown),
                    is_acknowledged: download.acknowledged.is_some(),
                });
            ProviderExchange {
                id: *isp_id,
                name: self.provider_name(*isp_id),
                uploads: uploads.collect(),
                downloads: downloads.collect(),
            }
        };
        self.providers.keys().map(one).collect()
    }

    /// Every filing for the steering interface, oldest first.
    pub(crate) fn filing_reports(&self) -> Vec<FilingReport> {
        self.state.filings.keys().filter_map(|id| self.filing_report(*id)).collect()
    }

    /// One filing for the steering interface.
    pub(crate) fn filing_report(&self, id: u64) -> Option<FilingReport> {
        let filing = self.state.filings.get(&id)?;
        let record = self.records.get(&id)?;
        let mut report = FilingReport {
            id,
            provider: filing.provider,
            sequence: filing.sequence,
            position: filing.position,
            state: filing.stage.name(),
            domains: record
                .websites
                .iter()
                .flat_map(|site| &site.domains)
                .map(|domain| domain.name.clone())
                .collect(),
            findings: Vec::new(),
            sms: filing
                .challenges
                .iter()
                .map(|challenge| SmsReport {
                    mobile: challenge.mobile.clone(),
                    code: challenge.code.clone(),
                    certificate_suffixes: challenge.suffixes.clone(),
                    verified: challenge.verified.is_some(),
                })
                .collect(),
            sms_expires: filing.codes_expire(),
            opinion: None,
            sponsor_number: None,
            site_numbers: Vec::new(),
            filing_password: None,
        };
        match &filing.stage {
            Stage::Rejected { findings } => {
                let list = findings
                    .iter()
                    .map(|f| FindingReport { code: f.code, particulars: f.particulars.clone() });
                report.findings = list.collect();
            }
            Stage::Approved { opinion, registration, .. } => {
                report.opinion = Some(opinion.clone());
                report.sponsor_number = Some(registration.number.to_string());
                report.site_numbers = registration.sites.iter().map(|site| site.number.to_string()).collect();
                report.filing_password = Some(registration.password.clone());
            }
            Stage::Refused { opinion, .. } => report.opinion = Some(opinion.clone()),
            Stage::AwaitingSms { .. } | Stage::AwaitingReview => {}
        }
        Some(report)
    }
}

fn state_line(filing: &Filing, language: Language) -> String {
    let t = |chinese, english| language.pick(chinese, english).to_owned();
    match &filing.stage {
        Stage::Rejected { .. } => {
            t("自动检查未通过，结果已下发", "Refused by the checks; the result is on its way")
        }
        Stage::AwaitingSms { .. } => t("待短信核验", "Waiting for SMS verification"),
        Stage::AwaitingReview => t("待审核", "Waiting for review"),
        Stage::Approved { .. } => t("已通过并发号", "Approved, numbers issued"),
        Stage::Refused { cause: RefusalCause::Reviewer, .. } => t("审核退回", "Refused by the reviewer"),
        Stage::Refused { cause: RefusalCause::SmsExpired, .. } => {
            t("短信核验超时，退回", "Returned: SMS codes expired")
        }
        Stage::Refused { cause: RefusalCause::SmsWrongEntries, .. } => {
            t("短信核验错误次数过多，退回", "Returned: too many wrong SMS entries")
        }
    }
}

/// What the list says about a filing.
fn lines(filing: &Filing, now: DateTime<Utc>, language: Language) -> Vec<String> {
    match &filing.stage {
        Stage::Rejected { findings } => {
            findings.iter().take(3).map(|finding| finding.code.to_string()).collect()
        }
        Stage::AwaitingSms { expires, .. } => filing
            .challenges
            .iter()
            .filter(|challenge| challenge.verified.is_none())
            .map(|challenge| format!("{} → {}", challenge.mobile, challenge.code))
            .chain([left(*expires, now, language)])
            .collect(),
        Stage::AwaitingReview => vec![language.pick("打开后审核", "Open to review").to_owned()],
        Stage::Approved { registration, .. } => {
            registration.sites.iter().map(|site| site.number.to_string()).collect()
        }
        Stage::Refused { opinion, .. } => vec![opinion.chars().take(60).collect()],
    }
}

fn challenge_row(challenge: &Challenge, record: &FilingRecord, language: Language) -> ChallengeRow {
    let has = |details: &PrincipalDetails| {
        details.mobile.split([';', '；']).next() == Some(challenge.mobile.as_str())
    };
    let mut people: Vec<&str> = Vec::new();
    if has(&record.sponsor.principal.details) {
        people.push(record.sponsor.principal.name.as_deref().unwrap_or(&record.sponsor.name));
    }
    for website in &record.websites {
        if has(&website.principal.details) && !people.contains(&website.principal.name.as_str()) {
            people.push(&website.principal.name);
        }
    }
    let (state, tone) = match challenge.verified {
        Some(_) => (language.pick("已核验", "Verified"), "good"),
        None => (language.pick("待核验", "Waiting"), "wait"),
    };
    ChallengeRow {
        mobile: challenge.mobile.clone(),
        people: people.join(", "),
        suffixes: challenge.suffixes.join(", "),
        code: challenge.code.clone(),
        state,
        tone,
    }
}

fn push(rows: &mut Vec<(&'static str, String)>, label: &'static str, value: Option<&String>) {
    if let Some(value) = value {
        rows.push((label, value.clone()));
    }
}

fn principal_rows(
    name: Option<&str>,
    details: &PrincipalDetails,
    language: Language,
) -> Vec<(&'static str, String)> {
    let t = |chinese, english| language.pick(chinese, english);
    let mut rows = vec![(t("姓名", "Name"), name.unwrap_or("—").to_owned())];
    let number = details.certificate_number.as_deref().unwrap_or("—");
    rows.push((
        t("证件", "Certificate"),
        format!("{} {number}", kind_name(details.certificate_kind, language)),
    ));
    rows.push((t("手机号码", "Mobile"), details.mobile.clone()));
    push(&mut rows, t("办公电话", "Office telephone"), details.office_phone.as_ref());
    rows.push((t("电子邮箱", "E-mail"), details.email.clone()));
    rows
}

fn website_section(website: &Website, language: Language) -> Section {
    let t = |chinese, english| language.pick(chinese, english);
    let list = |codes: &[u8]| codes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let mut rows = vec![
        (t("接入商的网站标识", "Provider's id of the site"), website.isp_website_id.to_string()),
        (t("网站名称", "Name"), website.name.clone()),
        (t("域名", "Domains"), domain_names(website)),
    ];
    push(&mut rows, t("首页网址", "Home page"), website.home_url.as_ref());
    rows.push((t("服务内容代码", "Service content codes"), list(&website.contents)));
    rows.push((t("语种代码", "Language codes"), list(&website.languages)));
    for approval in &website.approvals {
        rows.push((t("前置审批", "Pre-approval"), format!("{} · {}", approval.kind, approval.number)));
    }
    for Access { server_places, methods, ip_ranges, .. } in &website.accesses {
        let ranges = ip_ranges.iter().map(|ip| range(ip.first, ip.last)).collect::<Vec<_>>().join(", ");
        let access = match language {
            Language::Chinese => {
                format!("放置地 {}，方式 {}，地址 {ranges}", list(server_places), list(methods))
            }
            Language::English => {
                format!("place {}, method {}, addresses {ranges}", list(server_places), list(methods))
            }
        };
        rows.push((t("接入", "Access"), access));
    }
    push(&mut rows, t("备注", "Remark"), website.remark.as_ref());
    Section { title: format!("{} · {}", t("网站", "Website"), website.name), rows }
}

fn kind_name(code: Option<u16>, language: Language) -> String {
    let Some(code) = code else { return "—".to_owned() };
    match CertificateKind::from_code(code) {
        Ok(kind) => {
            let label = kind.label();
            language.pick(&label.zh, &label.en).to_owned()
        }
        Err(error) => error.got,
    }
}

fn attachment_row(index: usize, attachment: &Attachment, language: Language) -> AttachmentRow {
    let t = |chinese, english| language.pick(chinese, english);
    let what = match attachment.purpose.0 {
        1 => t("核验单", "Verification form"),
        2 => t("主办单位证件", "Sponsor's certificate"),
        3 => t("主体负责人证件", "Sponsor principal's certificate"),
        4 => t("网站负责人证件", "Website principal's certificate"),
        5 => t("网站负责人核验照片", "Website principal's photograph"),
        _ => t("未知用途", "Unknown use"),
    };
    let owner = match attachment.owner {
        AttachmentOwner::Sponsor(id) => format!("{} {id}", t("主体", "sponsor")),
        AttachmentOwner::Website(id) => format!("{} {id}", t("网站", "website")),
    };
    let bytes = decode_base64(&attachment.content_base64);
    AttachmentRow {
        index,
        caption: format!("{what} · {owner}"),
        size: format!("{} {}", bytes.as_ref().map_or(0, Vec::len), t("字节", "bytes")),
        picture: bytes.as_deref().and_then(Picture::of).is_some(),
    }
}
