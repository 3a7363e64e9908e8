//! The register of addresses: sources, allocations, broadcasts and customers' own ranges, of every provider.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use beian_domain::{AddressKind, AddressRange};
use beian_wire::download::{self, IpFinding, IpResult, IpResults, RecordOperation, RelatedIp};
use beian_wire::ip::{IpRecords, SyncedKey};
use beian_wire::upload::{IpDeletions, IpOperation};
use beian_wire::{MAX_RECORDS, ResultCode};

use super::Regulator;
use crate::checks::addresses::{Caller, Claim, UNITS, claims, code};
use crate::language::Language;
use crate::sandbox::Moment;
use crate::state::{FiledRange, Finding};
use crate::views::{AddressReport, AddressRow, shown};

/// What a file with new records calls its lists, in the order of the wire's records.
const NEW: [&str; 4] = ["XZBA/Xzly/Ly", "XZBA/Xzfp/Fpsy", "XZBA/Xzgbjs/Jsxx", "XZBA/Zdip/Zdxx"];
/// What a file with changes calls them.
const CHANGED: [&str; 4] = ["XGBA/Xgly/Ly_xx", "XGBA/Xgfp/Fpsy", "XGBA/Xggbjs/Jsxx", "XGBA/XgZd/Zdxx"];

/// Adds a record of a file to another file, under another key.
fn copy<K: Clone>(
    from: &IpRecords<K>,
    kind: AddressKind,
    position: usize,
    key: SyncedKey,
    to: &mut IpRecords<SyncedKey>,
) {
    match kind {
        AddressKind::Source => {
            to.sources.extend(from.sources.get(position).map(|record| record.clone().synchronised(key)));
        }
        AddressKind::Allocation => {
            to.allocations
                .extend(from.allocations.get(position).map(|record| record.clone().synchronised(key)));
        }
        AddressKind::Broadcast => {
            to.broadcasts
                .extend(from.broadcasts.get(position).map(|record| record.clone().synchronised(key)));
        }
        AddressKind::CustomerOwned => {
            to.customer_owned
                .extend(from.customer_owned.get(position).map(|record| record.clone().synchronised(key)));
        }
    }
}

/// What a finding says, and the records that it is about.
struct Found {
    finding: Finding,
    related: Vec<u64>,
}

impl Regulator {
    /// Takes in records about addresses and answers each at once: nobody reviews them. ASSUMED. The number of
    /// records.
    pub(super) fn take_in_addresses(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        sequence: u64,
        operation: &IpOperation,
    ) -> usize {
        let mut results = IpResults::default();
        let mut count = 0;
        let mut answer = |kind, result| {
            count += 1;
            list_of(&mut results, kind).push(result);
        };
        let is_provider = |number: u64| self.providers.contains_key(&number);
        match operation {
            IpOperation::Register(records) => {
                let claims = claims(records, NEW, &Caller { provider: isp_id, is_provider: &is_provider });
                for claim in claims {
                    let (kind, own) = (claim.kind, claim.key.isp_record_id);
                    let (record_id, faults) = self.enter_range(moment, (isp_id, sequence), own, claim);
                    let operation = RecordOperation::Register;
                    answer(
                        kind,
                        self.address_result((isp_id, sequence), operation, (record_id, Some(own)), faults),
                    );
                }
            }
            IpOperation::Change(records) => {
                let claims =
                    claims(records, CHANGED, &Caller { provider: isp_id, is_provider: &is_provider });
                for claim in claims {
                    let (kind, id) = (claim.kind, claim.key.record_id);
                    let faults = self.change_range(moment, (isp_id, sequence), id, claim);
                    let operation = RecordOperation::Change;
                    answer(
                        kind,
                        self.address_result((isp_id, sequence), operation, (Some(id), None), faults),
                    );
                }
            }
            IpOperation::Delete(IpDeletions { sources, allocations, customer_owned, broadcasts }) => {
                // What lies within others goes first.
                for (kind, list, keys) in [
                    (AddressKind::Broadcast, "Scgbjs/Jsxx", broadcasts),
                    (AddressKind::Allocation, "Scfp/Fpsy", allocations),
                    (AddressKind::CustomerOwned, "Sczd/Zdxx", customer_owned),
                    (AddressKind::Source, "Scly/Ly", sources),
                ] {
                    for (index, key) in keys.iter().enumerate() {
                        let path = format!("/UploadData/IP/SCBA/{list}[{}]", index + 1);
                        let faults = self.delete_range(moment, isp_id, kind, key.record_id, &path);
                        let operation = RecordOperation::Delete;
                        answer(
                            kind,
                            self.address_result(
                                (isp_id, sequence),
                                operation,
                                (Some(key.record_id), None),
                                faults,
                            ),
                        );
                    }
                }
            }
        }
        if count > 0 {
            self.issue(moment, isp_id, download::DownloadContent::IpResults(results));
        }
        count
    }

    /// What the register has of a provider's addresses, in files of as many records as one may have: as the uploads
    /// say it, which are kept.
    pub(super) fn synchronised_addresses(&self, isp_id: u64) -> Vec<IpRecords<SyncedKey>> {
        let mut uploads: BTreeMap<u64, IpOperation> = BTreeMap::new();
        let mut files = Vec::new();
        let mut file = IpRecords::default();
        for (record_id, filed) in self.live(isp_id) {
            let (sequence, position) = filed.said_in;
            let said = match uploads.entry(sequence) {
                Entry::Occupied(read) => read.into_mut(),
                Entry::Vacant(place) => match self.address_upload(isp_id, sequence) {
                    Some(operation) => place.insert(operation),
                    None => continue,
                },
            };
            let key = SyncedKey { record_id, isp_record_id: filed.isp_id, unit: isp_id };
            match said {
                IpOperation::Register(records) => copy(records, filed.kind, position, key, &mut file),
                IpOperation::Change(records) => copy(records, filed.kind, position, key, &mut file),
                IpOperation::Delete(_) => {}
            }
            if file.count() == MAX_RECORDS {
                files.push(std::mem::take(&mut file));
            }
        }
        if file.count() > 0 {
            files.push(file);
        }
        files
    }

    fn enter_range(
        &mut self,
        moment: Moment<'_>,
        (isp_id, sequence): (u64, u64),
        own: u64,
        claim: Claim<beian_wire::ip::OwnKey>,
    ) -> (Option<u64>, Vec<Found>) {
        let known = self.live(isp_id).find(|(_, filed)| filed.kind == claim.kind && filed.isp_id == own);
        if let Some((id, _)) = known {
            let expected = "a number that no record has";
            let finding = fault(code::NUMBER_FILED, &format!("{}/IspId", claim.path), expected, &own);
            return (None, vec![Found { finding, related: vec![id] }]);
        }
        let (range, faults) = self.judge_range(isp_id, None, &claim);
        let (Some(range), true) = (range, faults.is_empty()) else { return (None, faults) };
        let id = self.state_mut().identifier();
        let filed = FiledRange {
            provider: isp_id,
            kind: claim.kind,
            isp_id: own,
            first: range.first(),
            last: range.last(),
            summary: claim.summary,
            said_in: (sequence, claim.position),
            filed: moment.now,
            changed: None,
            deleted: None,
        };
        self.state_mut().addresses.insert(id, filed);
        (Some(id), faults)
    }

    fn change_range(
        &mut self,
        moment: Moment<'_>,
        (isp_id, sequence): (u64, u64),
        id: u64,
        claim: Claim<beian_wire::ip::RegisterKey>,
    ) -> Vec<Found> {
        if let Err(finding) = self.own_record(isp_id, claim.kind, id, &claim.path) {
            return vec![finding];
        }
        let (range, mut faults) = self.judge_range(isp_id, Some(id), &claim);
        if let Some(range) = range {
            faults.extend(self.bereft(isp_id, id, Some(range), &claim.path));
        }
        if let (Some(range), true) = (range, faults.is_empty())
            && let Some(filed) = self.state_mut().addresses.get_mut(&id)
        {
            (filed.first, filed.last, filed.summary) = (range.first(), range.last(), claim.summary);
            filed.said_in = (sequence, claim.position);
            filed.changed = Some(moment.now);
        }
        faults
    }

    fn delete_range(
        &mut self,
        moment: Moment<'_>,
        isp_id: u64,
        kind: AddressKind,
        id: u64,
        path: &str,
    ) -> Vec<Found> {
        if let Err(finding) = self.own_record(isp_id, kind, id, path) {
            return vec![finding];
        }
        let faults: Vec<Found> = self.bereft(isp_id, id, None, path).into_iter().collect();
        if faults.is_empty()
            && let Some(filed) = self.state_mut().addresses.get_mut(&id)
        {
            filed.deleted = Some(moment.now);
        }
        faults
    }

    fn own_record(&self, isp_id: u64, kind: AddressKind, id: u64, path: &str) -> Result<(), Found> {
        let at = format!("{path}/Id");
        let filed = self.state.addresses.get(&id);
        let finding = match filed.filter(|filed| filed.deleted.is_none() && filed.kind == kind) {
            None => fault(code::NOT_IN_REGISTER, &at, &format!("a record of the kind {}", kind.slug()), &id),
            Some(filed) if filed.provider != isp_id => {
                fault(code::NOT_YOURS, &at, "a record of your own", &id)
            }
            Some(_) => return Ok(()),
        };
        Err(Found { finding, related: Vec::new() })
    }

    /// A record's own faults, and what of the register stands against its range.
    fn judge_range<K>(
        &self,
        isp_id: u64,
        id: Option<u64>,
        claim: &Claim<K>,
    ) -> (Option<AddressRange>, Vec<Found>) {
        let own = claim.findings.list().iter().cloned();
        let mut faults: Vec<Found> = own.map(|finding| Found { finding, related: Vec::new() }).collect();
        let Some(range) = claim.range else { return (None, faults) };
        let at = format!("{}/Qsip", claim.path);
        let taken: Vec<(u64, &FiledRange)> = self
            .state
            .addresses
            .iter()
            .filter(|(other, filed)| Some(**other) != id && filed.deleted.is_none())
            .filter(|(_, filed)| exclude_one_another(claim.kind, filed.kind))
            // An allocation is its provider's; who allocates on hands the same addresses to the next.
            .filter(|(_, filed)| filed.provider == isp_id || is_first_hand(claim.kind))
            .filter(|(_, filed)| filed.range().is_some_and(|filed| filed.overlaps(range)))
            .map(|(id, filed)| (*id, filed))
            .collect();
        if !taken.is_empty() {
            let is_same = taken.iter().any(|(_, filed)| {
                filed.provider == isp_id && filed.kind == claim.kind && filed.range() == Some(range)
            });
            let code = match (is_same, claim.kind) {
                (true, AddressKind::Broadcast) => code::BROADCAST_FILED,
                (true, _) => code::FILED,
                (false, _) => code::CONFLICT,
            };
            let finding = fault(code, &at, "a range that is not filed", &range);
            faults.push(Found { finding, related: taken.into_iter().map(|(id, _)| id).collect() });
        }
        if let Some(outside) = range.first_outside(self.carriers(isp_id, claim.kind, id)) {
            let finding =
                fault(code::NO_SOURCE, &at, "a range whose source is filed", &format!("{outside} without"));
            faults.push(Found { finding, related: Vec::new() });
        }
        (Some(range), faults)
    }

    /// The first record that would be left without a source if this one had `then` for its range.
    fn bereft(&self, isp_id: u64, id: u64, then: Option<AddressRange>, path: &str) -> Option<Found> {
        let kind = self.state.addresses.get(&id)?.kind;
        let (other, filed) = self.live(isp_id).find(|(other, filed)| {
            let carriers = self.carriers(isp_id, filed.kind, Some(id));
            let remaining = then.filter(|_| carries(kind, filed.kind));
            *other != id
                && carries(kind, filed.kind)
                && filed
                    .range()
                    .is_some_and(|range| range.first_outside(carriers.into_iter().chain(remaining)).is_some())
        })?;
        let expected = "a source that nothing depends on";
        let got = filed.range().map(|range| range.to_string()).unwrap_or_default();
        Some(Found { finding: fault(code::CONFLICT, path, expected, &got), related: vec![other] })
    }

    /// The ranges of a provider that may carry one of `kind`, without `id`; everything where it needs none.
    fn carriers(&self, isp_id: u64, kind: AddressKind, id: Option<u64>) -> Vec<AddressRange> {
        if matches!(kind, AddressKind::Source | AddressKind::CustomerOwned) {
            return "0.0.0.1-255.255.255.255".parse().into_iter().collect();
        }
        self.live(isp_id)
            .filter(|(other, filed)| Some(*other) != id && carries(filed.kind, kind))
            .filter_map(|(_, filed)| filed.range())
            .collect()
    }

    /// What stands in the register of a provider.
    fn live(&self, isp_id: u64) -> impl Iterator<Item = (u64, &FiledRange)> {
        self.state
            .addresses
            .iter()
            .filter(move |(_, filed)| filed.provider == isp_id && filed.deleted.is_none())
            .map(|(id, filed)| (*id, filed))
    }

    fn address_result(
        &self,
        (isp_id, sequence): (u64, u64),
        operation: RecordOperation,
        (record_id, isp_record_id): (Option<u64>, Option<u64>),
        faults: Vec<Found>,
    ) -> IpResult {
        let related = |id: &u64| {
            let filed = self.state.addresses.get(id)?;
            Some(RelatedIp {
                // Another provider's is named by its range alone.
                record_id: (filed.provider == isp_id).then_some(*id),
                isp_record_id: None,
                first: filed.first,
                last: filed.last,
                remark: None,
            })
        };
        let mut findings: Vec<IpFinding> = faults
            .iter()
            .map(|found| IpFinding {
                code: ResultCode(found.finding.code),
                description: format!("upload {sequence}: {}", found.finding.particulars)
                    .chars()
                    .take(255)
                    .collect(),
                related: found.related.iter().filter_map(related).collect(),
            })
            .collect();
        if findings.is_empty() {
            let description = format!("upload {sequence}: IP备案操作成功");
            findings.push(IpFinding { code: ResultCode::IP_DONE, description, related: Vec::new() });
        }
        IpResult { findings, record_id, operation, isp_record_id, remark: None }
    }

    /// The register of addresses for the console, newest first.
    pub(crate) fn address_rows(&self, language: Language) -> Vec<AddressRow> {
        let t = |chinese, english| language.pick(chinese, english);
        let row = |report: AddressReport| AddressRow {
            id: report.id,
            kind: match report.kind {
                "source" => t("来源", "Source"),
                "allocation" => t("分配", "Allocation"),
                "broadcast" => t("广播", "Broadcast"),
                _ => t("自带 IP", "Customer's own"),
            },
            range: crate::views::range(report.first, report.last),
            provider: self.provider_name(report.provider),
            summary: report.summary,
            filed: shown(report.changed.unwrap_or(report.filed)),
            state: match report.deleted {
                None => t("在册", "In the register").to_owned(),
                Some(at) => format!("{} {}", t("已删除", "Deleted"), shown(at)),
            },
        };
        self.address_reports().into_iter().rev().map(row).collect()
    }

    /// The register of addresses for the steering interface, oldest first.
    pub(crate) fn address_reports(&self) -> Vec<AddressReport> {
        let report = |(id, filed): (&u64, &FiledRange)| AddressReport {
            id: *id,
            kind: filed.kind.slug(),
            provider: filed.provider,
            first: filed.first,
            last: filed.last,
            summary: filed.summary.clone(),
            filed: filed.filed,
            changed: filed.changed,
            deleted: filed.deleted,
        };
        self.state.addresses.iter().map(report).collect()
    }

    /// The filing units that are known here: number and name.
    pub(crate) fn filing_units(&self, language: Language) -> Vec<(u64, String)> {
        let units =
            UNITS.iter().map(|unit| (unit.number, language.pick(unit.chinese, unit.english).to_owned()));
        let providers = self.providers.iter().map(|(id, known)| (*id, known.provider.name.clone()));
        units.chain(providers).collect()
    }
}

fn fault(code: u16, path: &str, expected: &str, got: &dyn std::fmt::Display) -> Finding {
    Finding::new(code, &format!("{path}: expected {expected}, got {got}"))
}

fn list_of(results: &mut IpResults, kind: AddressKind) -> &mut Vec<IpResult> {
    match kind {
        AddressKind::Source => &mut results.sources,
        AddressKind::Allocation => &mut results.allocations,
        AddressKind::Broadcast => &mut results.broadcasts,
        AddressKind::CustomerOwned => &mut results.customer_owned,
    }
}

/// Whether ranges of both kinds have no address in common.
fn exclude_one_another(left: AddressKind, right: AddressKind) -> bool {
    left == right || (is_first_hand(left) && is_first_hand(right))
}

/// Whether addresses come to a provider by such a record, so that no two providers have them.
fn is_first_hand(kind: AddressKind) -> bool {
    matches!(kind, AddressKind::Source | AddressKind::CustomerOwned)
}

/// Whether ranges of one kind lie within those of another.
fn carries(outer: AddressKind, inner: AddressKind) -> bool {
    match inner {
        AddressKind::Allocation => outer == AddressKind::Source,
        AddressKind::Broadcast => is_first_hand(outer),
        AddressKind::Source | AddressKind::CustomerOwned => false,
    }
}
