use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC015",
    slug: "authorization-code-held",
    family: Family::Access,
    title: fixed("授权码正被另一个订单使用", "Another order files with this code"),
    what: fixed(
        "授权码是否已被本账号的另一个订单占用",
        "Whether another order of this account holds the code",
    ),
    why: fixed(
        "一个授权码只能备案一个网站；放弃那个订单，授权码随即可用",
        "One code is for one service; when that order is given up, the code is free at once",
    ),
    how: fixed(
        "放弃占用授权码的订单，或换用另一个授权码",
        "Give the order up that holds it, or use another code",
    ),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.code(CodeFact::Held { order: beian_domain::OrderNumber("BA20261122-7F3KQ".to_owned()) })
        },
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(CodeFact::Held { order }) = known(cx) else { return };
    let cause = text!(
        "授权码正被本账号的订单 {order} 使用，一个授权码只能备案一个网站",
        "Order {order} of this account files with the code, and one code is for one service"
    );
    out.push(finding(cause, another_code()).evidence("占用授权码的订单", "Order that holds the code", order));
}
