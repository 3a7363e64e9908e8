use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "DOM007",
    slug: "domain-already-filed",
    family: Family::Domain,
    title: fixed("该域名已有备案", "The domain is filed already"),
    what: fixed("工信部是否已有该域名的备案记录", "Whether the ministry has a record of the domain"),
    why: fixed(
        "一个域名只能有一个备案；已备案的域名再做首次备案或新增网站会按域名冲突退回",
        "A domain has one filing only; another first filing of it is returned as a conflict",
    ),
    how: fixed("换用没有备案的域名", "Use a domain that is not filed"),
    sources: &[INTERFACE, FAQ],
    situations: &[
        Situation::S02,
        Situation::S03,
        Situation::S05,
        Situation::S08,
        Situation::S09,
        Situation::S12,
    ],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.facts.domain_record = Known::Known(DomainRecord::Filed(FiledDomain {
                service_number: "京ICP备2026000009号-1".parse().ok(),
                sponsor_number: None,
                service_name: Some("习作旧站".to_owned()),
                here: Presence::Elsewhere,
            }))
        },
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/service/domain");
    if domain(cx).is_none() {
        return;
    }
    let filed = match cx.facts.domain_record.get() {
        Ok(DomainRecord::NotFiled) => return,
        Ok(DomainRecord::Filed(filed)) => filed,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    let cause = match crate::derive_kind(cx.facts) {
        crate::KindDerivation::Conflict { reason, .. } => reason,
        crate::KindDerivation::Kind(_) => fixed(
            "域名已在本主办者名下备案、由其他接入商接入：应办理新增接入",
            "The domain is filed under this sponsor through another provider: this is an access filing",
        ),
        crate::KindDerivation::Undetermined { .. } => fixed(
            "工信部已有该域名的备案；所属主办者尚不能确定",
            "The ministry has a record of the domain; whose it is cannot be told yet",
        ),
    };
    let mut finding = Finding::error(pointer.clone(), cause);
    let bureau = filed
        .sponsor()
        .and_then(|number| cx.rulebook.provinces().find(|p| p.icp_abbreviation == number.province()));
    if let Some(number) = filed.number() {
        finding = finding.evidence("备案号", "Filing number", number);
    }
    if let Some(name) = &filed.service_name {
        let masked = Personal::new(name.as_str()).masked();
        finding = finding.evidence("已备案网站名称（已遮盖）", "Name of the filed service, masked", masked);
    }
    if let Presence::OtherAccount { masked_login } = &filed.here {
        finding = finding.evidence("本系统中的账号（已遮盖）", "Account here, masked", masked_login).remedy(
            text!(
                "登录账号 {masked_login} 办理，或申请把备案转移到当前账号",
                "Sign in as {masked_login}, or ask for a transfer to this account"
            ),
            RemedyAction::Outside,
        );
    }
    let (bureau_zh, bureau_en) = match bureau {
        Some(province) => (province.short_name.clone(), format!("its bureau ({})", province.short_name)),
        None => ("该备案所在省".to_owned(), "its bureau".to_owned()),
    };
    finding = finding.remedy(out.how(), RemedyAction::Edit { pointer });
    finding = match (cx.facts.sponsor_record.get(), bureau.and_then(|p| p.old_certificate_add_access.at(cx.day))) {
        (Ok(SponsorRecord::NotFiled), Some(route)) => finding
            .source(route.source())
            .remedy(old_number(route.value), RemedyAction::Edit { pointer: NUMBER.into() }),
        _ => finding.remedy(
            fixed(
                "域名属于本主办者的，办理新增接入，证件号码填备案上的那一个（可能是换证前的旧号码）",
                "If it is this sponsor's own, make an access filing, with the certificate number on the record (possibly the old one)",
            ),
            RemedyAction::Edit { pointer: NUMBER.into() },
        ),
    };
    out.push(finding.remedy(
        text!(
            "备案是他人遗留的，向{bureau_zh}通信管理局提交域名证书和注销申请，注销后再备案",
            "If it is a stranger's stale record, have it cancelled at {bureau_en} with the domain certificate, then file"
        ),
        RemedyAction::Outside,
    ));
}

const NUMBER: &str = "/sponsor/certificate/number";

/// What the bureau of the record wants when that is the sponsor's own from
/// before its certificate was replaced (三证合一).
fn old_number(route: crate::OldCertificateRoute) -> Text {
    use crate::OldCertificateRoute as R;
    match route {
        R::OriginalNumberNewestScanThenChange
        | R::OriginalNumberNewestScanThenChangeAtOriginal
        | R::OriginalNumberThenChangeAtOriginal
        | R::OriginalNumberEitherScanThenChange => fixed(
            "备案属于本主办者换证之前的，填写换证前的原号码，上传最新证件，接入之后再变更主体",
            "If the record is this sponsor's own from before its certificate was replaced: give the old number, upload the newest certificate, and change the sponsor after the access filing",
        ),
        R::OriginalNumberNewestScanOnly => fixed(
            "备案属于本主办者换证之前的，填写换证前的原号码，并且只能上传最新证件",
            "If the record is this sponsor's own from before its certificate was replaced: give the old number and upload the newest certificate, no other",
        ),
        R::ChangeFirst | R::ChangeOrCancelFirst => fixed(
            "备案属于本主办者换证之前的，先在原接入商变更主体，再在此办理接入",
            "If the record is this sponsor's own from before its certificate was replaced: change the sponsor at the old provider first, then make the access filing",
        ),
        R::OriginalNumberOriginalScan => fixed(
            "备案属于本主办者换证之前的，填写换证前的原号码，上传载有该号码的证件；原证件已收回的，先在原接入商变更主体",
            "If the record is this sponsor's own from before its certificate was replaced: give the old number and upload a certificate that bears it; without one, change the sponsor at the old provider first",
        ),
    }
}
