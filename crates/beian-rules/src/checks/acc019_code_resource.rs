use super::authorization::*;
use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC019",
    slug: "authorization-code-resource",
    family: Family::Access,
    title: fixed("授权码对应的资源不再符合条件", "The resource of the code does not qualify any more"),
    what: fixed(
        "授权码对应资源的产品类型、所在地、计费、时长、公网地址",
        "Kind, place, billing, term and public address of the code's resource",
    ),
    why: fixed(
        "签发授权码之后资源可能变化，例如释放了公网 IP",
        "A resource can change after the code was issued, for example lose its public address",
    ),
    how: fixed(
        "请签发方按所列条件处理资源，或换用另一个资源",
        "Have the issuer set right what is listed, or use another resource",
    ),
    sources: &[CODES_OF],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.code(CodeFact::Usable(beian_domain::Resource {
                public_address: None,
                ..crate::example::friends_server()
            }))
        },
        silent: |e| e.code(CodeFact::Usable(crate::example::friends_server())),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(CodeFact::Usable(resource)) = known(cx) else { return };
    let counts = |condition: &crate::Condition| condition.kind != crate::ConditionKind::Quota;
    let all = crate::resource::conditions(resource, cx.day, cx.rulebook);
    let failed: Vec<_> = all.iter().filter(|one| counts(one) && one.met == crate::Met::No).collect();
    for open in all.iter().filter(|one| counts(one) && one.met == crate::Met::Undetermined) {
        out.undetermined(Pointer::from(AT), open.expected.clone());
    }
    let Some(first) = failed.first() else { return };
    let cause = text!(
        "授权码对应的资源不符合条件：{}；实际为：{}",
        "The resource of the code does not qualify: expected {}, got {}",
        (&first.expected.zh, &first.got),
        (&first.expected.en, &first.got)
    );
    let mend = text!(
        "请签发方处理：{}；或签发另一台服务器的授权码",
        "Have the issuer mend it: {}; or issue a code of another server",
        (&first.fix.zh),
        (&first.fix.en)
    );
    let mut found = finding(cause, mend);
    for condition in failed {
        let Text { zh, en } = &condition.expected;
        found = found.evidence(
            "未满足的条件",
            "Condition that fails",
            format!("{zh} ({en}) ← {}", condition.got),
        );
    }
    out.push(found);
}
