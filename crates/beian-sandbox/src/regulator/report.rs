//! What pages and the steering interface show of the register.

use beian_domain::{CancellationReason, CertificateKind};
use beian_wire::package::decode_base64;
use beian_wire::upload::{Access, Attachment, AttachmentOwner, PrincipalDetails, Sponsor, Website};
use beian_wire::{OperationKind, RecordKey, ResultCode};
use chrono::{DateTime, Utc};

use super::Regulator;
use super::lookup::{domain_names, nature_name};
use crate::checks::Picture;
use crate::language::Language;
use crate::request::Request;
use crate::state::{Challenge, DownloadContent, Filing, RefusalCause, Stage, UploadOutcome};
use crate::views::{
    AttachmentRow, ChallengeRow, Detail, DownloadRow, FilingReport, FilingRow, FindingReport, FindingRow,
    Group, MessageReport, ProviderExchange, Section, SmsReport, UploadRow, left, range, shown,
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
            let (sponsor, websites) = self.parties(*id);
            group.rows.push(FilingRow {
                id: *id,
                kind: self.operation(*id).map(|operation| operation_name(operation, language)),
                sponsor: sponsor.map(|sponsor| sponsor.name).unwrap_or_default(),
                domains: websites.iter().map(domain_names).collect::<Vec<_>>().join(", "),
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

    fn operation(&self, id: u64) -> Option<OperationKind> {
        Some(self.requests.get(&id)?.operation())
    }

    /// Whose filing it is and of which services: what it brings itself, else what the
    /// register says of what it is about.
    fn parties(&self, id: u64) -> (Option<Sponsor>, Vec<Website>) {
        let Some((filing, request)) = self.state.filings.get(&id).zip(self.requests.get(&id)) else {
            return (None, Vec::new());
        };
        let target = &filing.target;
        let filed = target.sponsor.and_then(|id| Some((id, self.state.register.sponsors.get(&id)?)));
        let sponsor = request.sponsor().or_else(|| filed.map(|(id, sponsor)| sponsor.data.to_sponsor(id)));
        let mut websites = request.websites();
        if websites.is_empty() {
            let services = target.services.iter().filter_map(|id| self.state.register.service(*id));
            websites = services.map(|filed| filed.service.to_website(filed.service_id)).collect();
        }
        (sponsor, websites)
    }

    /// A filing with all its data.
    pub(crate) fn detail(&self, id: u64, now: DateTime<Utc>, language: Language) -> Option<Detail> {
        let filing = self.state.filings.get(&id)?;
        let request = self.requests.get(&id)?;
        let operation = request.operation();
        let (sponsor, websites) = self.parties(id);
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
            heading: format!(
                "{} {id} · {} · {}",
                t("备案申请", "Filing"),
                operation_name(operation, language),
                sponsor.as_ref().map(|sponsor| sponsor.name.as_str()).unwrap_or_default()
            ),
            state: state_line(filing, language),
            tone,
            approve: match operation {
                OperationKind::NewFiling | OperationKind::AddWebsite => {
                    t("通过并发号", "Approve and issue numbers")
                }
                _ => t("通过", "Approve"),
            },
            sms_note,
            reviewable: matches!(filing.stage, Stage::AwaitingReview),
            findings,
            challenges: filing
                .challenges
                .iter()
                .map(|challenge| challenge_row(challenge, sponsor.as_ref(), &websites, language))
                .collect(),
            sections: self.sections(id, filing, language),
            attachments: request
                .attachments()
                .iter()
                .enumerate()
                .map(|(index, a)| attachment_row(index, a, language))
                .collect(),
        })
    }

    fn sections(&self, id: u64, filing: &Filing, language: Language) -> Vec<Section> {
        let t = |chinese, english| language.pick(chinese, english);
        let mut sections = Vec::new();
        if let Stage::Approved { at, opinion, registration } = &filing.stage {
            let mut rows = Vec::new();
            if let Some(registration) = registration {
                rows.push((t("主体备案号", "Filing number of the sponsor"), registration.number.to_string()));
                push(&mut rows, t("备案密码", "Filing password"), registration.password.as_ref());
            }
            rows.push((t("通过时间", "Approved"), shown(*at)));
            rows.push((t("审核意见", "Opinion"), opinion.clone()));
            rows.extend(
                registration
                    .iter()
                    .flat_map(|registration| &registration.sites)
                    .map(|site| (t("网站备案号", "Filing number of the site"), site.number.to_string())),
            );
            sections.push(Section { title: t("审核结果", "Result").to_owned(), rows });
            let messages = self.messages(id);
            if !messages.is_empty() {
                let rows = messages.into_iter().map(|message| (t("收件人", "To"), message.line()));
                let title = t("已发的短信和邮件（模拟）", "Messages and mails sent (simulated)");
                sections.push(Section { title: title.to_owned(), rows: rows.collect() });
            }
        }
        if let Stage::Refused { at, opinion, .. } = &filing.stage {
            let rows =
                vec![(t("退回时间", "Refused"), shown(*at)), (t("审核意见", "Opinion"), opinion.clone())];
            sections.push(Section { title: t("审核结果", "Result").to_owned(), rows });
        }
        sections.extend(self.asked(id, language));
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
                (
                    t("上报标识", "Marked by the provider with"),
                    self.requests.get(&id).map(Request::subject).unwrap_or_default(),
                ),
            ],
        });
        let (sponsor, websites) = self.parties(id);
        if let Some(sponsor) = &sponsor {
            sections.extend(sponsor_sections(sponsor, language));
        }
        for website in &websites {
            sections.push(website_section(website, language));
            sections.push(Section {
                title: format!("{} · {}", t("网站负责人", "Website principal"), website.name),
                rows: principal_rows(Some(&website.principal.name), &website.principal.details, language),
            });
        }
        sections
    }

    /// What a filing about the register wants of it.
    fn asked(&self, id: u64, language: Language) -> Option<Section> {
        let t = |chinese, english| language.pick(chinese, english);
        let filing = self.state.filings.get(&id)?;
        let sponsor = self.state.register.sponsors.get(&filing.target.sponsor?)?;
        let mut rows = vec![(t("主体备案号", "Filing number of the sponsor"), sponsor.number.to_string())];
        for service in filing.target.services.iter().filter_map(|id| sponsor.services.get(id)) {
            rows.push((t("网站备案号", "Filing number of the site"), service.number.to_string()));
        }
        match self.requests.get(&id)? {
            Request::AddAccess(record) => {
                let ranges = record.ip_ranges.iter().map(|ip| range(ip.first, ip.last));
                rows.push((
                    t("新接入的地址", "Addresses of the access"),
                    ranges.collect::<Vec<_>>().join(", "),
                ));
            }
            Request::Cancel(record) => {
                let reason = CancellationReason::from_code(record.reason).map(|reason| reason.label());
                rows.push((
                    t("注销理由", "Reason"),
                    reason.map_or_else(|error| error.got, |l| language.pick(&l.zh, &l.en).to_owned()),
                ));
                push(&mut rows, t("理由说明", "More about it"), record.remark.as_ref());
            }
            _ => {}
        }
        Some(Section { title: t("所涉备案", "The record it is about").to_owned(), rows })
    }

    /// What the regulator would send to the people of an approved filing: the filing
    /// password goes to the sponsor's principal, and to nobody else. Nothing is sent.
    fn messages(&self, id: u64) -> Vec<MessageReport> {
        let stage = self.state.filings.get(&id).map(|filing| &filing.stage);
        let Some(Stage::Approved { registration: Some(registration), .. }) = stage else {
            return Vec::new();
        };
        let (Some(password), (Some(sponsor), _)) = (&registration.password, self.parties(id)) else {
            return Vec::new();
        };
        let text =
            format!("您的备案已通过，主体备案号 {}，备案密码 {password}，请妥善保管。", registration.number);
        let details = sponsor.principal.details;
        [details.mobile, details.email].map(|to| MessageReport { to, text: text.clone() }).into()
    }

    /// An attachment as a picture, with its media type; none if it is no picture.
    pub(crate) fn picture(&self, id: u64, index: usize) -> Option<(&'static str, Vec<u8>)> {
        let bytes = decode_base64(&self.requests.get(&id)?.attachments().get(index)?.content_base64)?;
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
                        DownloadContent::Cancelled => t("注销数据", "Cancelled data (ZXSJ)"),
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
        let mut report = FilingReport {
            id,
            operation: operation_slug(self.operation(id)?),
            provider: filing.provider,
            sequence: filing.sequence,
            position: filing.position,
            state: filing.stage.name(),
            domains: self
                .parties(id)
                .1
                .into_iter()
                .flat_map(|site| site.domains)
                .map(|domain| domain.name)
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
            messages: self.messages(id),
        };
        if let Some(sponsor) = filing.target.sponsor.and_then(|id| self.state.register.sponsors.get(&id)) {
            report.sponsor_number = Some(sponsor.number.to_string());
            let services = filing.target.services.iter().filter_map(|id| sponsor.services.get(id));
            report.site_numbers = services.map(|service| service.number.to_string()).collect();
        }
        match &filing.stage {
            Stage::Rejected { findings } => {
                let list = findings
                    .iter()
                    .map(|f| FindingReport { code: f.code, particulars: f.particulars.clone() });
                report.findings = list.collect();
            }
            Stage::Approved { opinion, registration, .. } => {
                report.opinion = Some(opinion.clone());
                report.filing_password =
                    registration.as_ref().and_then(|registration| registration.password.clone());
            }
            Stage::Refused { opinion, .. } => report.opinion = Some(opinion.clone()),
            Stage::AwaitingSms { .. } | Stage::AwaitingReview => {}
        }
        Some(report)
    }
}

/// The sponsor and who answers for it.
fn sponsor_sections(sponsor: &Sponsor, language: Language) -> Vec<Section> {
    let t = |chinese, english| language.pick(chinese, english);
    let mut sections = Vec::new();
    let address = &sponsor.address;
    let mut rows = vec![
        (t("名称", "Name"), sponsor.name.clone()),
        (t("性质", "Nature"), nature_name(sponsor.nature, language)),
        (
            t("证件", "Certificate"),
            format!("{} {}", kind_name(Some(sponsor.certificate.kind), language), sponsor.certificate.number),
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
    sections
}

/// What a filing asks for.
fn operation_name(operation: OperationKind, language: Language) -> &'static str {
    let (chinese, english) = match operation {
        OperationKind::NewFiling => ("首次备案", "First filing"),
        OperationKind::AddWebsite => ("新增网站", "Add service"),
        OperationKind::AddAccess => ("新增接入", "Add access"),
        OperationKind::Change => ("变更备案", "Change"),
        OperationKind::CancelAccess => ("取消接入", "Cancel access"),
        OperationKind::CancelSponsor => ("注销主体", "Cancel sponsor"),
        OperationKind::CancelWebsite => ("注销网站", "Cancel service"),
        OperationKind::SubmitMaterial => ("补交材料", "Supplement materials"),
    };
    language.pick(chinese, english)
}

/// The name of an operation in the steering interface.
fn operation_slug(operation: OperationKind) -> &'static str {
    match operation {
        OperationKind::NewFiling => "first_filing",
        OperationKind::AddWebsite => "add_service",
        OperationKind::AddAccess => "add_access",
        OperationKind::Change => "change",
        OperationKind::CancelAccess => "cancel_access",
        OperationKind::CancelSponsor => "cancel_sponsor",
        OperationKind::CancelWebsite => "cancel_service",
        OperationKind::SubmitMaterial => "supplement_materials",
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
        Stage::Approved { registration: Some(_), .. } => t("已通过并发号", "Approved, numbers issued"),
        Stage::Approved { .. } => t("已通过", "Approved"),
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
        Stage::Approved { registration, .. } => registration
            .iter()
            .flat_map(|registration| &registration.sites)
            .map(|site| site.number.to_string())
            .collect(),
        Stage::Refused { opinion, .. } => vec![opinion.chars().take(60).collect()],
    }
}

fn challenge_row(
    challenge: &Challenge,
    sponsor: Option<&Sponsor>,
    websites: &[Website],
    language: Language,
) -> ChallengeRow {
    let has = |details: &PrincipalDetails| {
        details.mobile.split([';', '；']).next() == Some(challenge.mobile.as_str())
    };
    let mut people: Vec<&str> = Vec::new();
    if let Some(sponsor) = sponsor
        && has(&sponsor.principal.details)
    {
        people.push(sponsor.principal.name.as_deref().unwrap_or(&sponsor.name));
    }
    for website in websites {
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

fn attachment_row(index: usize, attachment: &Attachment<RecordKey>, language: Language) -> AttachmentRow {
    let t = |chinese, english| language.pick(chinese, english);
    let what = match attachment.purpose.0 {
        1 => t("核验单", "Verification form"),
        2 => t("主办单位证件", "Sponsor's certificate"),
        3 => t("主体负责人证件", "Sponsor principal's certificate"),
        4 => t("网站负责人证件", "Website principal's certificate"),
        5 => t("网站负责人核验照片", "Website principal's photograph"),
        _ => t("未知用途", "Unknown use"),
    };
    let key = match attachment.owner.key() {
        RecordKey::Id(id) => id.to_string(),
        RecordKey::Number(number) => number.clone(),
    };
    let owner = match attachment.owner {
        AttachmentOwner::Sponsor(_) => format!("{} {key}", t("主体", "sponsor")),
        AttachmentOwner::Website(_) => format!("{} {key}", t("网站", "website")),
    };
    let bytes = decode_base64(&attachment.content_base64);
    AttachmentRow {
        index,
        caption: format!("{what} · {owner}"),
        size: format!("{} {}", bytes.as_ref().map_or(0, Vec::len), t("字节", "bytes")),
        picture: bytes.as_deref().and_then(Picture::of).is_some(),
    }
}
