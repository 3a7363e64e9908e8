use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO018",
    slug: "filing-password-unstated",
    family: Family::Procedure,
    title: fixed("没有填写备案密码", "The filing password is not stated"),
    what: fixed(
        "新增接入、注销主体，以及向其他接入商的主体新增网站时，是否填写备案密码",
        "Whether the filing password is stated to add an access, to cancel a sponsor, or to add a service to another provider's record",
    ),
    why: fixed(
        "备案密码由管局在首次备案后发给主体负责人，接口在办理这些备案时必填（1018）",
        "The regulator gave it to the sponsor principal with the first number; the interface demands it here (1018)",
    ),
    how: fixed(
        "填写备案密码；忘记的，在工信部备案系统用备案号和证件号码找回",
        "State it; it is recovered on the ministry site with the number and the certificate",
    ),
    sources: &[INTERFACE, FAQ],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.cancel(FilingKind::CancelSponsor, |_| ()),
        silent: |e| {
            e.cancel(FilingKind::CancelSponsor, |_| ());
            e.case.filing_password = p("e10adc3949ba59abbe56e057f20f883e");
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let stated = cx.case.filing_password.as_ref().and_then(beian_domain::FilingPassword::from_digest);
    if !wants_filing_password(cx) || stated.is_some() {
        return;
    }
    let pointer = Pointer::from(FILING_PASSWORD);
    let cause = fixed("备案密码还没有填写", "The filing password is not stated yet");
    out.push(
        Finding::error(pointer.clone(), cause)
            .remedy(fixed("填写备案密码", "State the filing password"), RemedyAction::Edit { pointer }),
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::example::severity;

    #[test]
    fn a_service_for_another_providers_record_wants_it_and_one_for_our_own_does_not() {
        let added = |here: Presence| {
            severity("FLO018", |e| {
                e.facts.sponsor_record = sponsor("粤ICP备2026000001号", here);
                e.case.filing_password = None;
            })
        };
        assert_eq!(added(Presence::Elsewhere), Some(Severity::Error));
        assert_eq!(added(Presence::ThisAccount), None);
    }
}
