use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC003",
    slug: "resource-kind",
    family: Family::Access,
    title: fixed("该类产品不能用于备案", "This kind of product does not qualify"),
    what: fixed("资源的产品类型", "The resource's kind of product"),
    why: fixed(
        "负载均衡、弹性公网 IP 等须依附于服务器，不能单独备案",
        "Load balancers and elastic addresses stand on a server and do not qualify by themselves",
    ),
    how: fixed("改用云服务器或轻量应用服务器", "Use a cloud server or a light server"),
    sources: &[RESOURCE],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.resource().kind = beian_domain::ResourceKind::ElasticAddress,
        silent: |e| e.resource().kind = beian_domain::ResourceKind::LightServer,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    push_condition(cx, out, crate::ConditionKind::Kind, out.how());
}
