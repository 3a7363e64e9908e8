//! What the checks on authorization codes have in common.

use super::prelude::*;

/// Where a code is stated.
pub(super) const AT: &str = "/access/authorization-code";

pub(super) const CODES_OF: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（备案授权码）",
    date: "2022-01-01",
};

/// What is known of the code that the case states, if it states one.
pub(super) fn known<'c>(cx: &'c Context<'_>) -> Option<&'c CodeFact> {
    cx.case.access.stated_code()?;
    cx.facts.authorization_code.get().ok()
}

/// A finding at the code, with the ways out that all of them have: another code,
/// a resource of one's own, a new one.
pub(super) fn finding(cause: Text, from_issuer: Text) -> Finding {
    Finding::error(Pointer::from(AT), cause)
        .remedy(from_issuer, outside(OutsideTask::AuthorizationCode))
        .remedy(
            fixed("改用本账号中符合条件的资源", "Use a resource of this account that qualifies"),
            RemedyAction::Edit { pointer: Pointer::from("/access/resource") },
        )
        .remedy(fixed("购买符合条件的资源", "Buy a resource that qualifies"), RemedyAction::Resource)
}

/// The way out for what may be a slip of the pen.
pub(super) fn mistyped(finding: Finding) -> Finding {
    finding.remedy(
        fixed("核对授权码是否抄写有误", "Look whether the code was copied wrongly"),
        RemedyAction::Review { pointer: Pointer::from(AT) },
    )
}

/// A new code from whoever owns the server.
pub(super) fn another_code() -> Text {
    fixed("请服务器所在账号签发新的授权码", "Have the account that owns the server issue a new code")
}
