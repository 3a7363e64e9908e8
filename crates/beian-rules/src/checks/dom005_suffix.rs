use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM005",
    slug: "suffix-not-approved",
    family: Family::Domain,
    title: fixed("该域名后缀不能备案", "A domain with this suffix cannot be filed"),
    what: fixed("域名后缀在备案当日是否获批", "Whether the suffix was approved on the day of filing"),
    why: fixed(
        "只有工信部批准的后缀可以备案；名单有日期，会过时",
        "Only suffixes that the ministry approved can be filed; lists have dates and go stale",
    ),
    how: fixed(
        "换用已获批后缀的域名；名单之后新获批的，以工信部网站查询为准",
        "Use a domain with an approved suffix; for one approved since, the ministry's site decides",
    ),
    sources: &[DOMAIN],
    situations: &[Situation::S13],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.domain = Some("xizuo.rocks".to_owned()),
        silent: |e| {
            e.day = day("2020-07-23");
            e.case.service.domain = Some("xizuo.beer".to_owned())
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(domain) = domain(cx) else { return };
    push_suffix(cx, out, domain, None);
}

/// Judges the suffix by the lists of a scope.
pub(super) fn push_suffix(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    domain: &DomainName,
    scope: Option<beian_domain::DivisionCode>,
) {
    use crate::rulebook::{Certainty, SuffixJudgement as J};
    let pointer = Pointer::from("/service/domain");
    let (suffix, day) = (domain.suffix(), cx.day);
    match cx.rulebook.judge_suffix(domain, scope, cx.day) {
        J::Approved => {}
        J::NoList => out.undetermined(
            pointer,
            text!("规则库中没有 {day} 当日有效的后缀名单", "The rulebook has no list of suffixes for {day}"),
        ),
        J::Refused { list, certainty } => {
            let origin = match certainty {
                Certainty::Received => "管局下发 (sent by the regulator)",
                Certainty::PossiblyStale => "规则库，可能已过时 (the rulebook's, possibly stale)",
            };
            let age = cx.day.years_since(list.since.day()).unwrap_or(0);
            let is_certain = certainty == Certainty::Received
                || age < TRUSTED_YEARS
                || cx.rulebook.is_named_refused(domain, scope, cx.day);
            if !is_certain && cx.has(Paper::BureauConfirmation) {
                return;
            }
            let (source, count) = (list.source(), list.len());
            let date = source.date.clone().unwrap_or_default();
            let mut finding = if is_certain {
                let cause = text!(
                    "后缀 .{suffix} 按 {date} 的名单不能备案",
                    "By the list of {date} the suffix .{suffix} cannot be filed"
                );
                Finding::error(pointer.clone(), cause)
            } else {
                let cause = text!(
                    "后缀 .{suffix} 不在 {date} 的获批名单中，按该名单不能备案；名单已有 {age} 年，其后是否获批须查询",
                    "The suffix .{suffix} is not on the list of approved ones of {date} and by it cannot be filed; the list is {age} years old, and whether it was approved since is to be looked up"
                );
                provide(Finding::warning(pointer.clone(), cause), Paper::BureauConfirmation).evidence(
                    "名单已有多少年",
                    "Age of the list in years",
                    age,
                )
            };
            finding = finding
                .evidence("名单日期", "Date of the list", &date)
                .evidence("名单来源", "Origin of the list", origin)
                .evidence("名单中的后缀数", "Suffixes in the list", count)
                .evidence(
                    "查询处",
                    "Where to look it up",
                    "https://beian.miit.gov.cn 公共查询 → 基础代码查询 → 域名类型",
                )
                .source(source);
            out.push(
                finding
                    .remedy(
                        fixed("换用已获批后缀的域名", "Use a domain with an approved suffix"),
                        RemedyAction::Edit { pointer },
                    )
                    .remedy(
                        fixed(
                            "不在中国内地提供服务的，可把域名解析到境外服务器，无需备案",
                            "Point the domain to a server outside the mainland, which needs no filing",
                        ),
                        outside(OutsideTask::HostOverseas),
                    ),
            );
        }
    }
}

/// A copied list that is older may have been overtaken: of the 39 suffixes that
/// were refused in 2018, twenty were approved two and a half years later.
const TRUSTED_YEARS: u32 = 2;
