use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO011",
    slug: "domain-in-other-order",
    family: Family::Procedure,
    title: fixed("域名在另一个订单中", "The domain is in another order"),
    what: fixed(
        "本系统是否有其他主办者为同一域名办理的订单",
        "Whether another sponsor's open order here is for the same domain",
    ),
    why: fixed(
        "一个域名同时只能在一份备案中，否则管局按域名冲突退回",
        "A domain is in one filing at a time; the regulator refuses a second one as a conflict",
    ),
    how: fixed(
        "由那个订单的账号放弃它，或换用其他域名",
        "Have that order withdrawn by its account, or use another domain",
    ),
    sources: &[FAQ, INTERFACE],
    situations: &[Situation::S08, Situation::S12],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.domain_order = Known::Known(Some(open_order(other_account()))),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let pointer = Pointer::from("/service/domain");
    if domain(cx).is_none() {
        return;
    }
    let order = match cx.facts.domain_order.get() {
        Ok(None) => return,
        Ok(Some(order)) => order,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    if !cx.is_caused_by(ConflictCause::DomainInOtherOrder) {
        return;
    }
    let another =
        (fixed("换用其他域名", "Use another domain"), RemedyAction::Edit { pointer: pointer.clone() });
    out.push(match &order.here {
        Presence::ThisAccount => {
            let number = &order.number;
            Finding::error(
                pointer,
                text!(
                    "本账号的订单 {number} 正在为另一主办者办理该域名",
                    "Order {number} of this account files this domain for another sponsor"
                ),
            )
            .evidence("订单号", "Order", number)
            .remedy(
                text!("放弃订单 {number}", "Withdraw order {number}"),
                RemedyAction::WithdrawOrder { order: number.to_string() },
            )
            .remedy(another.0, another.1)
        }
        Presence::OtherAccount { .. } | Presence::Elsewhere => Finding::error(
            pointer,
            fixed(
                "本接入商的另一个账号正在为其他主办者办理该域名",
                "Another account of this provider files this domain for another sponsor",
            ),
        )
        .remedy(
            fixed(
                "域名属于自己的，请对方放弃其订单",
                "If the domain is yours, have the other account withdraw its order",
            ),
            outside(OutsideTask::WithdrawElsewhere),
        )
        .remedy(another.0, another.1),
    });
}
