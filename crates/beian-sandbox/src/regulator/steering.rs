//! What the steering interface tells of filings, of the register and of the conversation.

use beian_wire::OperationKind;

use super::Regulator;
use crate::language::Language;
use crate::register::{FiledAccess, FiledService};
use crate::state::{DownloadContent, Stage, UploadOutcome};
use crate::views::{
    AccessReport, DownloadRow, FilingReport, FindingReport, MessageReport, ProviderExchange, RecordReport,
    ServiceReport, SmsReport, UploadRow, range, shown,
};

impl Regulator {
    /// What the regulator would send to the people of an approved filing: the filing
    /// password goes to the sponsor's principal, and to nobody else. Nothing is sent.
    pub(super) fn messages(&self, id: u64) -> Vec<MessageReport> {
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

    /// A sponsor of the register for the steering interface.
    pub(crate) fn record_report(&self, id: u64) -> Option<RecordReport> {
        let sponsor = self.state.register.sponsors.get(&id)?;
        let access = |(id, access): (&u64, &FiledAccess)| AccessReport {
            id: *id,
            provider: access.provider,
            addresses: access.ranges.iter().map(|ip| range(ip.first, ip.last)).collect(),
            cancelled: access.cancelled.is_some(),
        };
        let service = |(id, service): (&u64, &FiledService)| ServiceReport {
            id: *id,
            number: service.number.to_string(),
            domains: service.domains.iter().map(|domain| domain.name.clone()).collect(),
            cancelled: service.cancelled.is_some(),
            accesses: service.accesses.iter().map(access).collect(),
        };
        Some(RecordReport {
            id,
            number: sponsor.number.to_string(),
            filing_password: sponsor.password.clone(),
            cancelled: sponsor.cancelled.is_some(),
            services: sponsor.services.iter().map(service).collect(),
        })
    }

    /// The whole register for the steering interface, oldest sponsor first.
    pub(crate) fn record_reports(&self) -> Vec<RecordReport> {
        self.state.register.sponsors.keys().filter_map(|id| self.record_report(*id)).collect()
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
                        UploadOutcome::Reports(count) => {
                            (format!("{} {count}", t("处理结果", "reports")), Vec::new(), None)
                        }
                        UploadOutcome::Addresses(count) => {
                            (format!("{} {count}", t("IP 备案", "address records")), Vec::new(), None)
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
                        DownloadContent::Blacklist => t("黑名单列表", "Blacklist (HMDLB)"),
                        DownloadContent::UnfiledSites => t("未备案网站列表", "Unfiled sites (WBAWZLB)"),
                        DownloadContent::Synchronisation => t("备案数据同步", "Full synchronisation (SJTB)"),
                        DownloadContent::CodeTables => t("基础代码", "Code tables (JCDM)"),
                        DownloadContent::AddressResults => {
                            t("IP 备案结果", "Results about addresses (IP/BAJG)")
                        }
                        DownloadContent::VerificationTasks => t("核实任务", "Verification tasks (HSRW)"),
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
