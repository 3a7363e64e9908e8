use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO002",
    slug: "sponsor-in-other-account",
    family: Family::Procedure,
    title: fixed("该主办者备案在其他账号下", "The sponsor is filed in another account"),
    what: fixed(
        "所填证件号码的主体备案是否在本接入商的其他账号下",
        "Whether the sponsor's record is in another account of this provider",
    ),
    why: fixed(
        "备案由持有它的账号办理；换账号前须先把备案转移过来",
        "A record is worked on in the account that holds it; to use another, it is transferred first",
    ),
    how: fixed(
        "登录持有备案的账号，或用证明把备案转移到本账号；不必找离职的同事",
        "Sign in to the account that holds it, or transfer it here by proof; nobody who left need be found",
    ),
    sources: &[FAQ],
    situations: &[Situation::S06, Situation::S10],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.sponsor_record = sponsor("粤ICP备2026000001号", other_account()),
        silent: |e| e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::ThisAccount),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/sponsor/certificate/number");
    if is_blank(cx.case.sponsor.certificate.number.as_ref()) {
        return;
    }
    let own = match crate::doctor::own_record(cx.facts) {
        Ok(None) => return,
        Ok(Some(own)) => own,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    if !cx.is_caused_by(ConflictCause::SponsorInOtherAccount) {
        return;
    }
    let number = &own.filed.number;
    let cause = text!(
        "主体备案 {number} 在本接入商的另一个账号下",
        "The record {number} is in another account of this provider"
    );
    let finding = Finding::error(pointer.clone(), cause).evidence("主体备案号", "Filing number", number);
    out.push(in_other_account(finding, &own.filed.here).remedy(
        fixed(
            "对照证件核对号码，填错的改正",
            "Compare the number with the certificate, and correct it if it is wrong",
        ),
        RemedyAction::Review { pointer },
    ));
}
