use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM007",
    slug: "domain-already-filed",
    family: Family::Domain,
    title: fixed("该域名已有备案", "The domain is filed already"),
    what: fixed(
        "工信部已有的域名备案是否属于本主办者、在哪里接入",
        "Whose the ministry's record of the domain is, and who connects it",
    ),
    why: fixed(
        "一个域名只能有一个备案；属于他人的域名不能备案，已接入的不能再接入",
        "A domain has one filing; what is another's cannot be filed, and what is connected is not connected again",
    ),
    how: fixed("换用没有备案的域名", "Use a domain that is not filed"),
    sources: &[INTERFACE, FAQ],
    situations: &[
        Situation::S02,
        Situation::S03,
        Situation::S05,
        Situation::S06,
        Situation::S08,
        Situation::S09,
        Situation::S12,
    ],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere),
        silent: |e| {
            e.facts.sponsor_record = sponsor("京ICP备2026000009号", Presence::Elsewhere);
            e.facts.domain_record = filed_domain("京ICP备2026000009号-1", Presence::Elsewhere);
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use ConflictCause as C;
    let pointer = Pointer::from("/service/domain");
    if domain(cx).is_none() {
        return;
    }
    let filed = match cx.facts.domain_record.get() {
        Ok(DomainRecord::NotFiled) => return,
        Ok(DomainRecord::Filed(filed)) => filed,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    let number = filed.number().unwrap_or_default();
    let cause = match &cx.diagnosis {
        crate::Diagnosis::Undetermined { missing } => return out.undetermined(pointer, missing.clone()),
        crate::Diagnosis::Conflict { cause: C::DomainInOtherAccount, .. } => text!(
            "域名的备案 {number} 在本接入商的另一个账号下",
            "The domain is filed as {number}, in another account of this provider"
        ),
        crate::Diagnosis::Conflict { cause: C::DomainConnectedHere, .. } => text!(
            "该域名已在本接入商备案并接入（{number}），只能变更、注销或取消接入",
            "The domain is filed and connected here already ({number}): it can only be changed or cancelled"
        ),
        crate::Diagnosis::Conflict { cause: C::DomainOfUnknownSponsor, .. } => text!(
            "域名已在备案 {number} 名下，而按所填证件号码查不到主体备案：可能是他人的旧备案，也可能是贵单位换证前的备案",
            "The domain is filed under {number}, and the certificate number given has no record: it is possibly a stranger's stale record, or your own from before the certificate was replaced"
        ),
        crate::Diagnosis::Conflict { cause: C::DomainOfOtherSponsor, .. } => text!(
            "域名已备案为 {number}，与所填证件号码对应的主体备案号不同",
            "The domain is filed as {number}, which is not of the sponsor with the certificate number given"
        ),
        // Another cause is told by another check; one at a time.
        crate::Diagnosis::Conflict { .. } | crate::Diagnosis::Kind(_) => return,
    };
    let mut finding = Finding::error(pointer.clone(), cause).evidence("备案号", "Filing number", &number);
    if let Some(cause) = cx.diagnosis.cause() {
        finding = finding.caused_by(cause);
    }
    if let Some(name) = &filed.service_name {
        let masked = Personal::new(name.as_str()).masked();
        finding = finding.evidence("已备案网站名称（已遮盖）", "Name of the filed service, masked", masked);
    }
    if let Some(at) = cx.facts.answered_at {
        finding = finding.evidence("查询时间", "As of", at.format("%Y-%m-%d %H:%M UTC"));
    }
    let another = RemedyAction::Edit { pointer: pointer.clone() };
    if cx.is_caused_by(C::DomainConnectedHere) {
        out.push(finding.remedy(out.how(), another));
        return;
    }
    if cx.is_caused_by(C::DomainInOtherAccount) {
        out.push(in_other_account(finding, &filed.here).remedy(out.how(), another));
        return;
    }
    let (bureau_zh, bureau_en) = bureau_name(cx, filed.sponsor());
    out.push(
        finding
            .remedy(
                text!(
                    "备案是他人遗留的，向{bureau_zh}提交域名证书和注销申请，注销后再备案",
                    "If it is a stranger's stale record, have it cancelled at {bureau_en} with the domain certificate, then file"
                ),
                outside(OutsideTask::CancelStaleRecord),
            )
            .remedy(out.how(), another)
            .remedy(
                fixed(
                    "备案属于本主办者换证之前的，填写换证前的证件号码：办理的是新增接入",
                    "If it is this sponsor's own from before its certificate was replaced, state the former number too: then it is an access filing",
                ),
                RemedyAction::Review { pointer: "/sponsor/certificate/former".into() },
            )
            .remedy(
                fixed("对照证件核对号码，填错的改正", "Compare the number with the certificate, and correct it if it is wrong"),
                RemedyAction::Review { pointer: "/sponsor/certificate/number".into() },
            ),
    );
}
