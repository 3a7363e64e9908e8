use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC008",
    slug: "resource-without-public-address",
    family: Family::Access,
    title: fixed("资源没有公网 IPv4 地址", "The resource has no public IPv4 address"),
    what: fixed("资源的公网地址", "The resource's public address"),
    why: fixed(
        "接口报送 IPv4 地址，没有公网地址就无法说明网站从哪里接入",
        "The interface takes an IPv4 address; without one it cannot be told where the site is connected",
    ),
    how: fixed("为资源分配公网 IPv4 地址", "Give the resource a public IPv4 address"),
    sources: &[INTERFACE, RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.resource().public_address = "10.0.0.7".parse().ok(), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::PublicAddress, out.how());
}
