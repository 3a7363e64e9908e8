use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC010",
    slug: "resource-address-not-ours",
    family: Family::Access,
    title: fixed("资源的 IP 不在本接入商的地址段内", "The resource's address is not one of this provider's"),
    what: fixed(
        "资源的公网地址是否在本接入商已报备的地址段内",
        "Whether the public address lies in the ranges that this provider has reported (IP 报备)",
    ),
    why: fixed(
        "谁接入谁备案：不属于本接入商的地址，接口按代码 1063 退回",
        "Who connects a site files it: an address of somebody else is returned with code 1063",
    ),
    how: fixed("改用本接入商地址段内的资源", "Use a resource with an address of this provider"),
    sources: &[INTERFACE, ORDER_33],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.resource().public_address = "8.8.8.8".parse().ok(), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::OwnAddress, out.how());
}
