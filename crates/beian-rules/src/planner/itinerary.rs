//! From a way that was found to the steps that people read: who, where, how
//! long, until when.

use beian_domain::{
    Diagnostic, DiagnosticCode, FilingKind, NumberStated, OutsideTask, Pointer, RemedyAction, Source, Text,
};
use chrono::NaiveDate;

use super::search::{Move, Path, gives_up_record};
use super::{Automation, Goal, Party, Route, Step, StepAction};
use crate::context::{fixed, text};
use crate::doctor::{Then, former_number_use, number_route, own_record};
use crate::operator::bureau_in_charge;
use crate::{
    Circumstances, DaysRange, Facts, Known, Province, ResourceFact, Rulebook, cheapest_edit, diagnose,
};

/// Whether the regulator must be asked before a plan is more than a guess.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Unanswered {
    /// It answered all that it can.
    Nothing,
    /// It was not asked or did not answer.
    Records,
}

/// Puts in the place of what is not known what does not stand in the way.
pub(super) fn assume(mut start: Circumstances, rulebook: &Rulebook) -> (Circumstances, Unanswered) {
    fn take<T>(fact: &mut Known<T>, assumed: Known<T>) -> bool {
        let is_missing = fact.get().is_err();
        if is_missing {
            *fact = assumed;
        }
        is_missing
    }
    let facts = &mut start.facts;
    let free = Facts::unfiled(facts.regulator);
    let asked = [
        take(&mut facts.domain_record, free.domain_record),
        take(&mut facts.sponsor_record, free.sponsor_record),
        take(&mut facts.former_record, free.former_record),
    ];
    take(&mut facts.differences, free.differences);
    take(&mut facts.open_order, free.open_order);
    take(&mut facts.domain_order, free.domain_order);
    take(&mut facts.under_way, free.under_way);
    take(&mut facts.blacklist, free.blacklist);
    take(&mut facts.resources, free.resources);
    if start.case.access.stated_code().is_some() {
        if facts.authorization_code.get().is_err() {
            start.assume_code(rulebook);
        }
    } else if facts.resource.get().is_err() && start.case.access.resource.is_some() {
        start.assume_resource(rulebook);
    }
    // A domain whose holder the regulator does not tell is taken for one's own.
    let is_untold = matches!(start.facts.domain_record.get(), Ok(crate::DomainRecord::Filed(domain)) if domain.sponsor().is_none());
    start.assume_own_domain();
    let unanswered =
        if is_untold || asked.contains(&true) { Unanswered::Records } else { Unanswered::Nothing };
    (start, unanswered)
}

/// The time that a step takes, reckoned from a day.
struct Reckoning<'a> {
    rulebook: &'a Rulebook,
    start: NaiveDate,
    total: DaysRange,
    over: (NaiveDate, NaiveDate),
    is_certain: bool,
}

impl Reckoning<'_> {
    fn pass(&mut self, days: DaysRange) -> (NaiveDate, NaiveDate) {
        let calendar = self.rulebook.working_days();
        let earliest = calendar.after(self.over.0, days.from);
        let latest = calendar.after(self.over.1, days.to);
        self.is_certain &= earliest.is_certain && latest.is_certain;
        self.total.from = self.total.from.saturating_add(days.from);
        self.total.to = self.total.to.saturating_add(days.to);
        self.over = (earliest.day, latest.day);
        self.over
    }

    fn wait(&mut self, until: NaiveDate) -> DaysRange {
        let days = |from| {
            let count = self.rulebook.working_days().between(from, until);
            u16::try_from(count.days).unwrap_or(u16::MAX)
        };
        // Who comes later waits shorter.
        let range = DaysRange { from: days(self.over.0), to: days(self.over.1) };
        self.total.from = self.total.from.saturating_add(range.from);
        self.total.to = self.total.to.saturating_add(range.to);
        self.over = (self.over.0.max(until), self.over.1.max(until));
        range
    }
}

pub(super) fn route(
    start: &Circumstances,
    path: &Path,
    unanswered: Unanswered,
    rulebook: &Rulebook,
) -> Route {
    let mut time = Reckoning {
        rulebook,
        start: start.day,
        total: DaysRange { from: 0, to: 0 },
        over: (start.day, start.day),
        is_certain: true,
    };
    let mut steps = Vec::new();
    if unanswered == Unanswered::Records {
        steps.push(ask(&mut time));
    }
    for done in &path.moves {
        steps.push(step_of(done, &mut time, rulebook));
    }
    if let Some(number) = &path.already_filed {
        return finish(time, Goal::AlreadyFiled { number: number.clone() }, steps, Vec::new());
    }
    if !path.formal.is_empty() {
        steps.push(complete(&path.end, &path.formal, &mut time));
    }
    let end = &path.end;
    let kind = diagnose(&end.case, &end.facts).judged_as(&end.case);
    let province = end.case.sponsor.division.and_then(|division| rulebook.province(division));
    steps.extend(procedure(kind, province, &mut time, rulebook));
    let afterwards = afterwards(end, kind, &time, rulebook);
    finish(time, Goal::Filed(kind), steps, afterwards)
}

fn finish(time: Reckoning<'_>, goal: Goal, steps: Vec<Step>, afterwards: Vec<Step>) -> Route {
    debug_assert!(time.over.0 >= time.start);
    Route {
        goal,
        steps,
        afterwards,
        working_days: time.total,
        earliest: time.over.0,
        latest: time.over.1,
        is_calendar_certain: time.is_certain,
        faster: None,
    }
}

const NOTHING: DaysRange = DaysRange { from: 0, to: 0 };

/// How long a move takes, in working days. Waiting is reckoned by its day.
pub(super) fn duration(action: &RemedyAction, at: &Circumstances, rulebook: &Rulebook) -> DaysRange {
    sourced_duration(action, at, rulebook).map_or(NOTHING, |(days, _)| days)
}

fn sourced_duration(
    action: &RemedyAction,
    at: &Circumstances,
    rulebook: &Rulebook,
) -> Option<(DaysRange, Source)> {
    let durations = rulebook.durations();
    let series = match action {
        RemedyAction::Outside { task } => durations.of_task(*task)?,
        RemedyAction::Resource => &durations.resource,
        RemedyAction::Provide { paper } => durations.of_paper(*paper),
        RemedyAction::Edit { pointer } if pointer.is_within("/service/domain") => &durations.new_domain,
        _ => return None,
    };
    let entry = series.reckoned(at.day)?;
    Some((entry.value, entry.source()))
}

fn step_of(done: &Move, time: &mut Reckoning<'_>, rulebook: &Rulebook) -> Step {
    let timed = sourced_duration(&done.action, &done.before, rulebook);
    let working_days = match &done.action {
        RemedyAction::Wait { until } => time.wait(*until),
        _ => {
            let days = timed.as_ref().map_or(NOTHING, |(days, _)| *days);
            time.pass(days);
            days
        }
    };
    let (who, place, automation) = performer(&done.action, &done.before, rulebook);
    let mut sources: Vec<Source> = timed.into_iter().map(|(_, source)| source).collect();
    sources.extend(done.mended.sources.first().cloned());
    Step {
        mends: vec![done.mended.code.clone()],
        text: done.text.clone(),
        who,
        place,
        working_days,
        over: time.over,
        automation,
        running_services: consequence(&done.action),
        gives_up: given_up(&done.action, &done.before),
        sources,
        action: StepAction::Remedy { remedy: done.action.clone() },
    }
}

fn codes(found: &[Diagnostic]) -> Vec<DiagnosticCode> {
    let mut codes: Vec<DiagnosticCode> = found.iter().map(|found| found.code.clone()).collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Who does it, where, and how much of it the product takes over.
fn performer(action: &RemedyAction, at: &Circumstances, rulebook: &Rulebook) -> (Party, Text, Automation) {
    use Automation as A;
    let here = || fixed("本系统", "Here");
    let bureau = || match bureau_in_charge(at, rulebook) {
        Some(province) => {
            let name = &province.name;
            text!("{name}通信管理局", "Bureau of {name}"; name)
        }
        None => fixed("备案所在省通信管理局", "Bureau of the record"),
    };
    let original = || fixed("原接入商", "The provider that holds the record");
    let registrar = || fixed("域名注册商", "The domain's registrar");
    match action {
        RemedyAction::Replace { .. }
        | RemedyAction::Normalise { .. }
        | RemedyAction::UseKind { .. }
        | RemedyAction::UseFormerNumber
        | RemedyAction::OpenOrder { .. }
        | RemedyAction::WithdrawOrder { .. } => (Party::Filer, here(), A::OneClick),
        RemedyAction::Edit { pointer } if pointer.is_within("/service/domain") => {
            (Party::Filer, registrar(), A::Manual)
        }
        RemedyAction::Edit { .. } | RemedyAction::Review { .. } | RemedyAction::Upload { .. } => {
            (Party::Filer, here(), A::Prepared)
        }
        RemedyAction::Provide { .. } => (Party::Filer, here(), A::Prepared),
        RemedyAction::Resource => {
            (Party::Filer, fixed("本接入商控制台", "This provider's console"), A::OneClick)
        }
        RemedyAction::VerifyAuthenticity => (Party::Principal, here(), A::OneClick),
        RemedyAction::Wait { .. } => (Party::System, here(), A::Automatic),
        RemedyAction::Outside { task } => match task {
            OutsideTask::UseHoldingAccount => {
                (Party::Filer, fixed("持有备案的账号", "The account that holds it"), A::OneClick)
            }
            OutsideTask::TransferRecord => (Party::Filer, here(), A::Prepared),
            OutsideTask::FinishElsewhere | OutsideTask::WithdrawElsewhere => {
                (Party::OtherProvider, fixed("在办的接入商", "The provider that has it under way"), A::Manual)
            }
            OutsideTask::ChangeRecord => (Party::OtherProvider, original(), A::Prepared),
            OutsideTask::CancelRecord => (Party::Filer, bureau(), A::Prepared),
            OutsideTask::CancelStaleRecord | OutsideTask::CancelShell => {
                (Party::Regulator, bureau(), A::Prepared)
            }
            OutsideTask::AuthorizationCode => (
                Party::OtherAccount,
                fixed("持有服务器的账号", "The account that owns the server"),
                A::Prepared,
            ),
            OutsideTask::MoveRegistrar
            | OutsideTask::VerifyDomain
            | OutsideTask::TransferDomain
            | OutsideTask::RenewDomain => (Party::Registrar, registrar(), A::Manual),
            OutsideTask::RenewCertificate => {
                (Party::Authority, fixed("发证机关", "The authority that issued it"), A::Manual)
            }
            OutsideTask::FileByLocalUnit | OutsideTask::Appeal | OutsideTask::HostOverseas => {
                (Party::Filer, bureau(), A::Manual)
            }
        },
    }
}

/// What becomes of services that run.
fn consequence(action: &RemedyAction) -> Option<Text> {
    let RemedyAction::Outside { task } = action else { return None };
    Some(match task {
        OutsideTask::CancelRecord => fixed(
            "该主体下全部网站的备案号一并注销，立即或在 1–20 个工作日内停止访问，不可恢复",
            "All numbers of the sponsor go; its sites go offline at once or within 20 working days, for good",
        ),
        OutsideTask::CancelStaleRecord => fixed(
            "注销生效后，以该备案接入的旧网站停止访问",
            "Whatever runs on the stale record goes offline once it is cancelled",
        ),
        OutsideTask::CancelShell => {
            fixed("空壳主体下没有网站，不影响访问", "A shell has no service: nothing goes offline")
        }
        OutsideTask::ChangeRecord => fixed("变更期间网站照常访问", "Services stay online during the change"),
        OutsideTask::TransferRecord => fixed("转移不影响访问", "The transfer changes nothing for visitors"),
        OutsideTask::MoveRegistrar | OutsideTask::TransferDomain => {
            fixed("域名解析不变，网站照常访问", "The domain keeps resolving: services stay online")
        }
        _ => return None,
    })
}

fn given_up(action: &RemedyAction, at: &Circumstances) -> Option<Text> {
    if let RemedyAction::Edit { pointer } = action
        && pointer.is_within("/service/domain")
    {
        let domain = at.case.service.domain.clone().unwrap_or_default();
        return Some(text!("放弃域名 {domain}", "The domain {domain} is given up"));
    }
    gives_up_record(action).then(|| {
        let number = own_record(&at.facts).ok().flatten().map(|own| own.filed.number.to_string());
        let number = number.unwrap_or_default();
        text!("放弃备案号 {number}", "The number {number} is given up")
    })
}

fn ask(time: &mut Reckoning<'_>) -> Step {
    Step {
        action: StepAction::AskRegulator,
        text: fixed(
            "查询管局：主办者和域名是否已有备案。得到答复后重新计算路线",
            "Ask the regulator whether sponsor and domain are filed; the plan is made anew with its answer",
        ),
        mends: Vec::new(),
        who: Party::System,
        place: fixed("管局查询接口", "The regulator's query"),
        working_days: NOTHING,
        over: time.pass(NOTHING),
        automation: Automation::Automatic,
        running_services: None,
        gives_up: None,
        sources: Vec::new(),
    }
}

/// One step for everything that is only stated, uploaded or got ready.
fn complete(end: &Circumstances, formal: &[Diagnostic], time: &mut Reckoning<'_>) -> Step {
    let edit = cheapest_edit(&end.case, &end.facts, time.rulebook, end.day);
    let mut fields: Vec<Pointer> = formal.iter().map(|found| found.pointer.clone()).collect();
    fields.sort();
    fields.dedup();
    let count = fields.len();
    Step {
        action: StepAction::Complete { fields, changes: edit.changes },
        text: text!("填写或改正 {count} 处信息和材料", "State or mend {count} fields and materials"),
        mends: codes(formal),
        who: Party::Filer,
        place: fixed("本系统", "Here"),
        working_days: NOTHING,
        over: time.pass(NOTHING),
        automation: Automation::Prepared,
        running_services: None,
        gives_up: None,
        sources: Vec::new(),
    }
}

/// What every filing goes through.
fn procedure(
    kind: FilingKind,
    province: Option<&Province>,
    time: &mut Reckoning<'_>,
    rulebook: &Rulebook,
) -> Vec<Step> {
    let day = time.over.1;
    let here = || fixed("本系统", "Here");
    let step = |action, text, who, place, days, automation, time: &mut Reckoning<'_>| Step {
        action,
        text,
        mends: Vec::new(),
        who,
        place,
        working_days: days,
        over: time.pass(days),
        automation,
        running_services: None,
        gives_up: None,
        sources: Vec::new(),
    };
    let mut submit = step(
        StepAction::Submit,
        text!("提交{}订单", "Hand in the order: {}", (kind.label().zh), (kind.label().en)),
        Party::Filer,
        here(),
        NOTHING,
        Automation::OneClick,
        time,
    );
    submit.running_services = Some(match kind {
        FilingKind::FirstFiling | FilingKind::AddService => {
            fixed("取得备案号之前网站不得开通访问", "The service stays closed until the number is granted")
        }
        FilingKind::AddAccess => fixed(
            "原接入不受影响；初审通过后可在本接入商开通访问",
            "The present access goes on; here it opens once the provider's review is passed",
        ),
        FilingKind::ChangeSponsor | FilingKind::ChangeService | FilingKind::ChangeAccess => {
            fixed("变更期间网站照常访问", "Services stay online during the change")
        }
        FilingKind::CancelService => fixed(
            "网站立即或在 1–20 个工作日内停止访问，备案号不可恢复",
            "The service goes offline at once or within 20 working days; its number is gone for good",
        ),
        FilingKind::CancelSponsor => fixed(
            "主体下全部网站停止访问，备案号一并注销，不可恢复",
            "All services of the sponsor go offline, and their numbers are gone for good",
        ),
        FilingKind::CancelAccess => fixed(
            "网站在本接入商停止访问，备案号仍然有效",
            "The service goes offline here; its number remains",
        ),
        FilingKind::SupplementMaterials => fixed("不影响访问", "Nothing changes for visitors"),
    });
    let review = rulebook.provider().review_working_days.at(day);
    let mut reviewed = step(
        StepAction::ProviderReview,
        fixed("接入商初审", "The provider reviews it"),
        Party::Reviewer,
        here(),
        DaysRange { from: 1, to: review.map_or(2, |entry| entry.value) },
        Automation::Manual,
        time,
    );
    reviewed.sources.extend(review.map(crate::Dated::source));
    let mut steps = vec![submit, reviewed];
    if province.and_then(|p| p.sms_verification.at(day)).is_none_or(|sms| sms.value) {
        let hours = rulebook.national().sms_hours.at(day);
        let shown = hours.map_or(24, |entry| entry.value);
        let mut sms = step(
            StepAction::VerifySms,
            text!("收到短信后 {shown} 小时内完成短信核验", "Answer the regulator's SMS within {shown} hours"),
            Party::Principal,
            fixed("工信部备案管理系统", "The ministry's site"),
            DaysRange { from: 0, to: 1 },
            Automation::Manual,
            time,
        );
        sms.sources.extend(hours.map(crate::Dated::source));
        steps.push(sms);
    }
    // The bureau's usual time, or the longest that the law allows it.
    let usual = province.and_then(|province| province.regulator_days.at(day));
    let legal = rulebook.national().regulator_working_days.at(day);
    let days =
        usual.map_or(DaysRange { from: 1, to: legal.map_or(20, |entry| entry.value) }, |entry| entry.value);
    let place = province.map_or_else(
        || fixed("省通信管理局", "The bureau of the province"),
        |province| {
            let name = &province.name;
            text!("{name}通信管理局", "Bureau of {name}"; name)
        },
    );
    let mut granted = step(
        StepAction::RegulatorReview,
        fixed("管局审核，发放备案号", "The regulator reviews it and grants the number"),
        Party::Regulator,
        place,
        days,
        Automation::Manual,
        time,
    );
    granted.sources.extend(usual.map(crate::Dated::source));
    granted.sources.extend(legal.map(crate::Dated::source));
    steps.push(granted);
    steps
}

/// What is owed once the number is there.
fn afterwards(end: &Circumstances, kind: FilingKind, time: &Reckoning<'_>, rulebook: &Rulebook) -> Vec<Step> {
    let granted = time.over;
    let later = |days: u16| {
        let calendar = rulebook.working_days();
        (calendar.after(granted.0, days).day, calendar.after(granted.1, days).day)
    };
    let step = |action, text, place, days, over| Step {
        action,
        text,
        mends: Vec::new(),
        who: Party::Filer,
        place,
        working_days: days,
        over,
        automation: Automation::Prepared,
        running_services: None,
        gives_up: None,
        sources: Vec::new(),
    };
    let mut owed = Vec::new();
    if end.case.sponsor.certificate.states == NumberStated::Former
        && let Ok(Some(own)) = own_record(&end.facts)
        && let Some(route) = number_route(own.filed, kind, rulebook, end.day)
        && let Some(usage) = former_number_use(route.value)
        && usage.then != Then::Nothing
    {
        let due = bureau_in_charge(end, rulebook)
            .and_then(|bureau| bureau.change_due_working_days.as_ref())
            .and_then(|series| series.at(end.day));
        let place = match usage.then {
            Then::ChangeAtOriginal => fixed("原接入商", "The provider that holds the record"),
            Then::ChangeHere | Then::Nothing => fixed("本系统", "Here"),
        };
        let (text, days) = match due {
            Some(due) => {
                let days = due.value;
                (
                    text!(
                        "在 {days} 个工作日内把主体变更为新证件",
                        "Change the sponsor to the new certificate within {days} working days"
                    ),
                    days,
                )
            }
            None => (fixed("把主体变更为新证件", "Change the sponsor to the new certificate"), 0),
        };
        let mut change =
            step(StepAction::ChangeSponsor, text, place, DaysRange { from: 0, to: days }, later(days));
        change.sources.push(route.source());
        change.sources.extend(due.map(crate::Dated::source));
        owed.push(change);
    }
    owed.push(step(
        StepAction::ShowNumber,
        fixed(
            "在首页底部放上备案号，并链接到 https://beian.miit.gov.cn",
            "Put the number at the foot of the home page, linked to https://beian.miit.gov.cn",
        ),
        fixed("网站首页", "The home page"),
        NOTHING,
        granted,
    ));
    if let Some(days) = rulebook.national().police_filing_days.at(end.day) {
        let shown = days.value;
        let over =
            |from: NaiveDate| from.checked_add_days(chrono::Days::new(u64::from(shown))).unwrap_or(from);
        let mut police = step(
            StepAction::FileWithPolice,
            text!(
                "开通之日起 {shown} 日内办理公安备案",
                "File with public security within {shown} days of opening"
            ),
            fixed("全国互联网安全管理服务平台", "The platform of public security"),
            NOTHING,
            (over(granted.0), over(granted.1)),
        );
        police.sources.push(days.source());
        owed.push(police);
    }
    owed
}

impl Circumstances {
    /// Takes the authorization code that the case states for a good one.
    fn assume_code(&mut self, rulebook: &Rulebook) {
        let stated = self.case.access.authorization_code.clone();
        let issued = RemedyAction::Outside { task: OutsideTask::AuthorizationCode };
        if self.apply(&issued, rulebook).is_ok() {
            self.case.access.authorization_code = stated;
        }
    }

    /// Takes the resource that the case names for one that qualifies.
    fn assume_resource(&mut self, rulebook: &Rulebook) {
        let named = self.case.access.resource.clone();
        if self.apply(&RemedyAction::Resource, rulebook).is_ok() {
            self.case.access.resource.clone_from(&named);
            if let (Known::Known(ResourceFact::Usable(resource)), Some(name)) =
                (&mut self.facts.resource, named)
            {
                resource.reference = name;
            }
        }
    }
}
