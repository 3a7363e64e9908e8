//! What the bureau wants of providers beside filings: unfiled sites to be dealt with (未备案网站处理)
//! and filed records to be verified (核实任务), and what was reported on them.

use std::net::Ipv4Addr;

use beian_domain::{DomainName, UnfiledHandling};
use beian_wire::download::{
    self, ResultItem, TaskAccess, TaskSponsor, TaskSponsorPrincipal, TaskWebsite, UnfiledWebsite,
    VerificationTask,
};
use beian_wire::upload::{
    UnfiledReport, VerificationOutcome, VerificationResult, VerifiedDomain, VerifiedIpRange,
};
use beian_wire::{OperationKind, ResultCode};
use serde::Deserialize;

use super::Regulator;
use super::exchange::{issued_sponsor, issued_website};
use crate::language::Language;
use crate::sandbox::Moment;
use crate::state::{Finding, ReportedDuty, Task, Unfiled};
use crate::views::{DutyReport, DutyRow, shown};

/// The site is not one of this provider's list.
const NOT_LISTED: u16 = 5005;
/// It was reported already.
const REPORTED: u16 = 5006;
/// A code that no table has.
const HANDLING: u16 = 5007;
/// There is no such sponsor among the tasks.
const NO_TASK: u16 = 1058;
const OTHER: u16 = 5999;

/// A list of unfiled sites for a provider.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct UnfiledList {
    /// The provider; without it the first one.
    provider: Option<u64>,
    sites: Vec<UnfiledSite>,
}

#[derive(Debug, Clone, Deserialize)]
struct UnfiledSite {
    domain: DomainName,
    address: Ipv4Addr,
}

impl UnfiledList {
    pub(crate) fn of_one(domain: DomainName, address: Ipv4Addr) -> Self {
        Self { provider: None, sites: vec![UnfiledSite { domain, address }] }
    }
}

/// A sponsor whose record is to be verified by a provider that serves it.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Verification {
    /// The regulator's identifier of the sponsor.
    pub(crate) sponsor: u64,
}

/// Reports of an upload.
pub(super) enum Reports {
    Unfiled(Vec<UnfiledReport>),
    Verified(Vec<VerificationResult>),
}

impl Regulator {
    /// Sends a provider a list of unfiled sites. `false` if there is no such provider, or nothing on the list.
    pub(crate) fn list_unfiled(&mut self, moment: Moment<'_>, list: &UnfiledList) -> bool {
        let provider = list.provider.or_else(|| self.providers.keys().next().copied());
        let Some(provider) = provider.filter(|provider| self.providers.contains_key(provider)) else {
            return false;
        };
        if list.sites.is_empty() {
            return false;
        }
        let mut sites = Vec::with_capacity(list.sites.len());
        for site in &list.sites {
            let id = self.state_mut().identifier();
            sites.push(UnfiledWebsite {
                record_id: id,
                domain: site.domain.as_ascii().to_owned(),
                languages: Vec::new(),
                address: site.address,
                detected: super::exchange::wire_time(moment.now),
                detections: Some(1),
                province: None,
                first_detected: super::exchange::wire_time(moment.now),
                provider: Some(provider),
                carrier: provider,
                remark: None,
            });
            let entry = Unfiled {
                provider,
                domain: site.domain.as_ascii().to_owned(),
                address: site.address,
                made: moment.now,
                report: None,
            };
            self.state_mut().duties.unfiled.insert(id, entry);
        }
        self.issue(moment, provider, download::DownloadContent::UnfiledWebsites(sites));
        true
    }

    /// Sends every provider that serves a sponsor the task to verify its record. `false` if nobody serves it.
    pub(crate) fn ask_verification(&mut self, moment: Moment<'_>, asked: &Verification) -> bool {
        let providers: Vec<u64> = self
            .state
            .register
            .live_sponsors()
            .filter(|(id, _)| *id == asked.sponsor)
            .flat_map(|(_, sponsor)| self.providers.keys().filter(|isp| sponsor.is_served_by(**isp)))
            .copied()
            .collect();
        let mut has_asked = false;
        for provider in providers {
            let Some(task) = self.task(moment, asked.sponsor, provider) else { continue };
            let id = self.state_mut().identifier();
            let entry = Task { provider, sponsor: asked.sponsor, made: moment.now, report: None };
            self.state_mut().duties.tasks.insert(id, entry);
            self.issue(moment, provider, download::DownloadContent::VerificationTasks(vec![task]));
            has_asked = true;
        }
        has_asked
    }

    fn task(&self, moment: Moment<'_>, id: u64, provider: u64) -> Option<VerificationTask> {
        let filed = self.state.register.sponsors.get(&id)?;
        let sponsor = issued_sponsor(id, filed, provider, moment.now)?;
        let principal = sponsor.principal;
        let websites: Vec<TaskWebsite> = filed
            .services
            .iter()
            .filter(|(_, service)| service.cancelled.is_none() && service.is_served_by(provider))
            .filter_map(|(id, service)| Some(task_website(issued_website(*id, service, provider)?, provider)))
            .collect();
        if websites.is_empty() {
            return None;
        }
        Some(VerificationTask {
            sponsor: TaskSponsor {
                sponsor_id: id,
                name: sponsor.name,
                nature: sponsor.nature,
                address: sponsor.address,
                certificate: sponsor.certificate,
                principal: TaskSponsorPrincipal {
                    name: principal.name,
                    office_phone: principal.details.office_phone,
                    mobile: principal.details.mobile,
                    email: principal.email,
                    msn: principal.details.msn,
                    qq: principal.details.qq,
                    certificate_kind: principal.details.certificate_kind,
                    certificate_number: principal.details.certificate_number,
                },
                investor: sponsor.investor,
                filed_by: sponsor.filed_by,
                first_filed: sponsor.first_filed,
                last_changed: Some(sponsor.last_changed),
                remark: sponsor.remark,
            },
            websites,
            remark: None,
        })
    }

    /// Takes in reports, and says what is wrong with each. Nothing comes of one that is right: that the file was
    /// taken is its receipt. ASSUMED. The number of reports.
    pub(super) fn take_in_reports(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        reports: Reports,
    ) -> usize {
        let mut refused = Vec::new();
        let fault = |code, text: String| Finding::new(code, &format!("upload {sequence}: {text}"));
        let count = match &reports {
            Reports::Unfiled(reports) => reports.len(),
            Reports::Verified(results) => results.len(),
        };
        match reports {
            Reports::Unfiled(reports) => {
                for report in reports {
                    if let Err((code, text)) = self.take_unfiled(moment, isp_id, sequence, &report) {
                        refused.push(refusal(Some(report.domain), &fault(code, text)));
                    }
                }
            }
            Reports::Verified(results) => {
                for result in results {
                    if let Err((code, text)) = self.take_verified(moment, isp_id, sequence, &result) {
                        refused.push(refusal(None, &fault(code, text)));
                    }
                }
            }
        }
        if !refused.is_empty() {
            self.issue_results(moment, isp_id, refused);
        }
        count
    }

    fn take_unfiled(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        report: &UnfiledReport,
    ) -> Result<(), (u16, String)> {
        if UnfiledHandling::from_code(report.handling).is_err() {
            return Err((HANDLING, format!("expected a code of the table, got {}", report.handling)));
        }
        let mut listed: Vec<&mut Unfiled> = self
            .state
            .duties
            .unfiled
            .values_mut()
            .filter(|entry| entry.provider == isp_id && entry.domain == report.domain)
            .filter(|entry| entry.address == report.address)
            .collect();
        if listed.is_empty() {
            return Err((NOT_LISTED, "expected a site of the list".to_owned()));
        }
        let Some(entry) = listed.iter_mut().find(|entry| entry.report.is_none()) else {
            return Err((REPORTED, "expected a site that was not reported".to_owned()));
        };
        entry.report = Some(ReportedDuty {
            at: moment.now,
            sequence,
            code: report.handling,
            opinion: report.opinion.clone(),
            by: report.reporter_name.clone(),
        });
        self.changed = true;
        Ok(())
    }

    fn take_verified(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        result: &VerificationResult,
    ) -> Result<(), (u16, String)> {
        if result.unit != isp_id {
            return Err((OTHER, format!("expected the unit {isp_id}, got {}", result.unit)));
        }
        let sponsor = result.record.sponsor.sponsor_id;
        let mut asked: Vec<&mut Task> = self
            .state
            .duties
            .tasks
            .values_mut()
            .filter(|task| task.provider == isp_id && task.sponsor == sponsor)
            .collect();
        if asked.is_empty() {
            return Err((NO_TASK, "expected a sponsor of a task".to_owned()));
        }
        let Some(task) = asked.iter_mut().find(|task| task.report.is_none()) else {
            return Err((OTHER, "expected a task that was not reported on".to_owned()));
        };
        task.report = Some(ReportedDuty {
            at: moment.now,
            sequence,
            code: match result.outcome {
                VerificationOutcome::Passed => 0,
                VerificationOutcome::Refused => 1,
            },
            opinion: result
                .errors
                .as_ref()
                .map_or_else(|| result.opinion.clone(), |errors| format!("{}；{errors}", result.opinion)),
            by: Some(result.verifier.clone()),
        });
        self.changed = true;
        Ok(())
    }

    /// Every duty for the console, newest first.
    pub(crate) fn duty_rows(&self, language: Language) -> Vec<DutyRow> {
        let row = |report: DutyReport| {
            let state = match &report.report {
                None => language.pick("等待上报", "waiting for a report").to_owned(),
                Some(done) => format!("{} · {}", outcome(report.kind, done.code, language), done.opinion),
            };
            DutyRow {
                id: report.id,
                kind: match report.kind {
                    "unfiled_site" => language.pick("未备案网站", "Unfiled site"),
                    _ => language.pick("核实任务", "Verification"),
                },
                subject: report.subject,
                provider: self.provider_name(report.provider),
                made: shown(report.made),
                state,
                reported: report.report.map(|report| shown(report.at)),
            }
        };
        self.duty_reports().into_iter().rev().map(row).collect()
    }

    /// Every duty for the steering interface, oldest first.
    pub(crate) fn duty_reports(&self) -> Vec<DutyReport> {
        let unfiled = self.state.duties.unfiled.iter().map(|(id, entry)| DutyReport {
            id: *id,
            kind: "unfiled_site",
            provider: entry.provider,
            subject: format!("{} ({})", entry.domain, entry.address),
            made: entry.made,
            report: entry.report.clone(),
        });
        let tasks = self.state.duties.tasks.iter().map(|(id, task)| DutyReport {
            id: *id,
            kind: "verification",
            provider: task.provider,
            subject: self
                .state
                .register
                .sponsors
                .get(&task.sponsor)
                .map_or_else(|| task.sponsor.to_string(), |sponsor| sponsor.number.to_string()),
            made: task.made,
            report: task.report.clone(),
        });
        let mut all: Vec<DutyReport> = unfiled.chain(tasks).collect();
        all.sort_by_key(|duty| duty.id);
        all
    }

    /// Sponsors that can be asked about: identifier and number.
    pub(crate) fn verifiable_sponsors(&self) -> Vec<(u64, String)> {
        let is_served = |isp: &u64, id: u64| {
            self.state.register.sponsors.get(&id).is_some_and(|sponsor| sponsor.is_served_by(*isp))
        };
        self.state
            .register
            .live_sponsors()
            .filter(|(id, _)| self.providers.keys().any(|isp| is_served(isp, *id)))
            .map(|(id, sponsor)| (id, sponsor.number.to_string()))
            .collect()
    }
}

fn outcome(kind: &str, code: u16, language: Language) -> String {
    let label = match kind {
        "unfiled_site" => UnfiledHandling::from_code(code).map(|handling| handling.label()),
        _ => beian_domain::VerificationOutcome::from_code(code).map(|outcome| outcome.label()),
    };
    label.map_or_else(|_| code.to_string(), |label| language.pick(&label.zh, &label.en).to_owned())
}

/// The interface has no operation for results about reports; the commonest stands in for it. ASSUMED.
fn refusal(subject: Option<String>, finding: &Finding) -> ResultItem {
    let description = Some(finding.particulars.clone());
    ResultItem {
        findings: vec![download::Finding { code: ResultCode(finding.code), description }],
        operation: OperationKind::NewFiling,
        subject,
        remark: None,
    }
}

fn task_website(site: download::IssuedWebsite, provider: u64) -> TaskWebsite {
    let access = |access: download::IssuedAccess| TaskAccess {
        access_id: access.access_id,
        server_places: access.server_places,
        methods: access.methods,
        ip_ranges: access
            .ip_ranges
            .into_iter()
            .map(|range| VerifiedIpRange { ip_id: range.ip_id, first: range.first, last: range.last })
            .collect(),
        filer: access.provider_id,
        filed_by: beian_wire::FiledBy::AccessProvider,
    };
    TaskWebsite {
        website_id: site.website_id,
        name: site.name,
        approvals: site.approvals,
        contents: site.contents,
        languages: site.languages,
        domains: site
            .domains
            .into_iter()
            .map(|domain| VerifiedDomain { domain_id: domain.domain_id, name: domain.name })
            .collect(),
        accesses: site
            .accesses
            .into_iter()
            .filter(|access| access.provider_id == provider)
            .map(access)
            .collect(),
        principal: site.principal,
        home_url: site.home_url,
        remark: site.remark,
        first_filed: site.first_filed,
        last_changed: site.last_changed,
    }
}
