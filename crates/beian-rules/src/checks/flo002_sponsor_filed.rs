use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO002",
    slug: "sponsor-already-filed",
    family: Family::Procedure,
    title: fixed("该主办者已有备案号", "The sponsor is filed already"),
    what: fixed("所填证件号码是否已有主体备案", "Whether the certificate number has a record already"),
    why: fixed(
        "已有主体备案的主办者再做首次备案，会按主办者冲突退回；应办理新增网站或新增接入",
        "A second first filing is returned as a conflict; the sponsor adds a service or access instead",
    ),
    how: fixed(
        "登录原备案所在的账号办理新增网站，或核对证件号码",
        "Add a service in the account that holds the record, or check the certificate number",
    ),
    sources: &[INTERFACE, FAQ],
    situations: &[Situation::S06, Situation::S07, Situation::S10],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.facts.sponsor_record = Known::Known(SponsorRecord::Filed {
                number: "粤ICP备2026000001号".parse().unwrap_or_else(|_| unreachable!()),
                here: Presence::OtherAccount { masked_login: "x***".to_owned() },
            })
        },
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/sponsor/certificate/number");
    if is_blank(cx.case.sponsor.certificate.number.as_ref()) {
        return;
    }
    let (number, here) = match cx.facts.sponsor_record.get() {
        Ok(SponsorRecord::NotFiled) => return,
        Ok(SponsorRecord::Filed { number, here }) => (number, here),
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    let cause = text!(
        "该证件号码已有主体备案 {number}，不能再做首次备案",
        "The certificate number has the record {number}, so this is no first filing"
    );
    let finding = Finding::error(pointer.clone(), cause).evidence("主体备案号", "Filing number", number);
    let finding = match here {
        Presence::OtherAccount { masked_login } => {
            finding.evidence("本系统中的账号（已遮盖）", "Account here, masked", masked_login).remedy(
                text!("登录账号 {masked_login} 办理，或申请把备案转移到当前账号", "Sign in as {masked_login}, or ask for a transfer to this account"),
                RemedyAction::Outside,
            )
        }
        Presence::ThisAccount => finding.remedy(
            fixed("在本账号的备案下新增网站", "Add a service to the record of this account"),
            RemedyAction::Outside,
        ),
        Presence::Elsewhere => finding.remedy(
            fixed(
                "办理新增网站（原备案不在本接入商），资料须与原备案一致",
                "Add a service to the record that is with another provider; what is stated must equal that record",
            ),
            RemedyAction::Outside,
        ),
    };
    out.push(finding.remedy(
        fixed("号码填错的，改正证件号码", "If the number is wrong, correct it"),
        RemedyAction::Edit { pointer },
    ));
}
