use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO001",
    slug: "another-order-open",
    family: Family::Procedure,
    title: fixed("该主办者另有未完成的订单", "The sponsor has another open order"),
    what: fixed("同一主办者在本系统是否有未完成的订单", "Whether the same sponsor has an open order here"),
    why: fixed(
        "一个主办者同时只能有一份备案在办，否则管局按主办者冲突退回",
        "A sponsor has one filing under way at a time; the regulator returns a second one as a conflict",
    ),
    how: fixed("继续办理未完成的订单，或先放弃它", "Continue the open order, or withdraw it first"),
    sources: &[INTERFACE, FAQ],
    situations: &[Situation::S14, Situation::S07, Situation::S10],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.open_order = Known::Known(Some(open_order(Presence::ThisAccount))),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/sponsor");
    if is_blank(cx.case.sponsor.certificate.number.as_ref()) {
        return;
    }
    let open = match cx.facts.open_order.get() {
        Ok(None) => return,
        Ok(Some(open)) => open,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    let cause = cx.diagnosis.cause().filter(|cause| cause.code() == CHECK.code);
    let Some(conflict) = cause else { return };
    let finding = match &open.here {
        Presence::ThisAccount => {
            let number = &open.number;
            let cause = text!("订单 {number} 尚未完成", "Order {number} is not finished");
            let finding = Finding::error(pointer, cause)
                .evidence("订单号", "Order", number)
                .evidence("状态", "State", open.state)
                .remedy(
                    text!("继续办理订单 {number}", "Continue order {number}"),
                    RemedyAction::OpenOrder { order: number.to_string() },
                );
            match open.state.after(&beian_domain::OrderEvent::Withdraw) {
                Ok(_) => finding.remedy(
                    text!("放弃订单 {number}，改办本单", "Withdraw order {number} and go on with this one"),
                    RemedyAction::WithdrawOrder { order: number.to_string() },
                ),
                // What is on its way to the regulator is nobody's to withdraw.
                Err(_) => finding,
            }
        }
        // Whose it is and what it is called are not for this account to know.
        Presence::OtherAccount { .. } | Presence::Elsewhere => in_other_account(
            Finding::error(
                pointer,
                fixed(
                    "该证件已在本接入商的另一个账号中提交备案申请",
                    "Another account of this provider has an order under way with this certificate",
                ),
            ),
            &open.here,
        ),
    };
    out.push(finding.caused_by(conflict));
}
