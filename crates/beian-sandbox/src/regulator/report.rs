//! What the console's pages show of a filing.

use beian_domain::CancellationReason;
use beian_wire::package::decode_base64;
use beian_wire::upload::{Sponsor, Website};
use beian_wire::{OperationKind, ResultCode};
use chrono::{DateTime, Utc};

use super::Regulator;
use super::lookup::domain_names;
use super::rows::{attachment_row, challenge_row, principal_rows, push, sponsor_sections, website_section};
use crate::checks::Picture;
use crate::language::Language;
use crate::request::Request;
use crate::state::{Filing, RefusalCause, Stage};
use crate::views::{Detail, FilingRow, FindingRow, Group, Section, left, range, shown};

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

    pub(super) fn provider_name(&self, isp_id: u64) -> String {
        self.providers.get(&isp_id).map_or_else(|| isp_id.to_string(), |known| known.provider.name.clone())
    }

    pub(super) fn operation(&self, id: u64) -> Option<OperationKind> {
        Some(self.requests.get(&id)?.operation())
    }

    /// Whose filing it is and of which services: what it brings itself, else what the
    /// register says of what it is about.
    pub(super) fn parties(&self, id: u64) -> (Option<Sponsor>, Vec<Website>) {
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

    /// An attachment as a picture, with its media type; none if it is no picture.
    pub(crate) fn picture(&self, id: u64, index: usize) -> Option<(&'static str, Vec<u8>)> {
        let bytes = decode_base64(&self.requests.get(&id)?.attachments().get(index)?.content_base64)?;
        Some((Picture::of(&bytes)?.media_type(), bytes))
    }
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
