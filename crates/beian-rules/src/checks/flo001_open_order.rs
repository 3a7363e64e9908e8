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
    situations: &[Situation::S14, Situation::S07],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.facts.open_order = Known::Known(Some(OpenOrder {
                number: beian_domain::OrderNumber("BA20261122-7F3KQ".to_owned()),
                state: beian_domain::OrderState::Draft,
            }))
        },
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
    let number = &open.number;
    let cause = text!("订单 {number} 尚未完成", "Order {number} is not finished");
    out.push(
        Finding::error(pointer, cause)
            .evidence("订单号", "Order", number)
            .evidence("状态", "State", open.state)
            .remedy(out.how(), RemedyAction::OpenOrder { order: number.to_string() }),
    );
}
