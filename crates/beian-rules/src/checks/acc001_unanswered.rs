use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "ACC001",
    slug: "resource-not-chosen",
    family: Family::Access,
    title: fixed("没有选择备案资源", "No resource is chosen"),
    what: fixed(
        "网站由哪个资源提供服务；没有选择时，账号中的每个资源差在哪里",
        "Which resource the service is served on; while none is chosen, what each of the account's lacks",
    ),
    why: fixed(
        "谁接入谁备案：备案必须对应本接入商的一个资源",
        "Who connects a site files it, so a filing needs a resource of this provider",
    ),
    how: fixed(
        "选择符合条件的资源；没有的，购买资源或使用授权码。若认为所列原因有误，可附上这份清单提交工单",
        "Choose a resource that qualifies; without one, buy one or use an authorization code. If a reason given is wrong, hand this list to support",
    ),
    sources: &[RESOURCE, ORDER_33],
    situations: &[Situation::S04],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.access.resource = None, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    // With an authorization code the resource follows: ACC020.
    if cx.case.access.stated_code().is_some() || stated(cx.case.access.resource.as_ref()).is_some() {
        return;
    }
    let pointer = Pointer::from("/access/resource");
    let choose = |finding: Finding| {
        finding.remedy(
            fixed("选择符合条件的资源", "Choose a resource that qualifies"),
            RemedyAction::Edit { pointer: pointer.clone() },
        )
    };
    let finding = |cause: Text| Finding::error(pointer.clone(), cause);
    let found = match cx.facts.resources.get() {
        Err(_) => choose(finding(fixed("尚未选择资源", "No resource was chosen"))),
        Ok(resources) if resources.is_empty() => {
            finding(fixed("账号中没有资源", "There is no resource in the account"))
        }
        Ok(resources) => {
            let judged: Vec<_> = resources
                .iter()
                .map(|resource| (resource, crate::resource::conditions(resource, cx.day, cx.rulebook)))
                .collect();
            let qualifies =
                |all: &[crate::Condition]| all.iter().all(|condition| condition.met == crate::Met::Yes);
            let fit: Vec<_> = judged.iter().filter(|(_, all)| qualifies(all)).map(|(one, _)| *one).collect();
            let (count, fitting) = (judged.len(), fit.len());
            let mut found = finding(text!(
                "尚未选择资源；账号中有 {count} 个资源，其中 {fitting} 个符合全部条件",
                "No resource was chosen; the account has {count}, of which {fitting} meet every condition"
            ));
            for (resource, all) in &judged {
                found = found.evidence("资源", "Resource", told(&resource.reference, all));
            }
            match fit.as_slice() {
                [] => found,
                [one] => found.remedy(
                    text!("选择 {}", "Choose {}", (&one.reference), (&one.reference)),
                    RemedyAction::Replace { pointer: pointer.clone(), value: one.reference.clone() },
                ),
                _ => choose(found),
            }
        }
    };
    out.push(
        found
            .remedy(
                fixed(
                    "服务器在其他账号的，请该账号签发备案授权码",
                    "If the server is another account's, have that account issue an authorization code",
                ),
                outside(OutsideTask::AuthorizationCode),
            )
            .remedy(
                text!(
                    "购买符合条件的资源：{}",
                    "Buy a resource that qualifies: {}",
                    (crate::resource::to_buy(cx.day, cx.rulebook).zh),
                    (crate::resource::to_buy(cx.day, cx.rulebook).en)
                ),
                RemedyAction::Resource,
            ),
    );
}

/// A resource with every condition that it does not meet and how it comes to,
/// in both languages.
fn told(reference: &str, all: &[crate::Condition]) -> String {
    let failed: Vec<_> = all
        .iter()
        .filter(|condition| condition.met != crate::Met::Yes)
        .map(|condition| {
            let (Text { zh, en }, fix) = (&condition.expected, &condition.fix);
            format!("{zh} ({en}) ← {} → {} ({})", condition.got, fix.zh, fix.en)
        })
        .collect();
    if failed.is_empty() {
        format!("{reference}：符合全部条件 (meets every condition)")
    } else {
        format!("{reference}：{}", failed.join("；"))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{Example, said, server};
    use crate::{Facts, Known, RegulatorKind, Rulebook, evaluate};
    use beian_domain::{OutsideTask, RemedyAction};

    #[test]
    fn every_resource_is_told_with_what_it_lacks() {
        let rulebook = Rulebook::bundled().unwrap();
        let mut example = Example::company();
        example.case.access.resource = None;
        let mut judged = |resources| {
            example.facts = Facts { resources, ..Facts::unfiled(RegulatorKind::Practice) };
            let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
            let found = verdict.diagnostics.into_iter().find(|d| d.code.0 == "ACC001").unwrap();
            let actions: Vec<_> = found.remedies.iter().map(|remedy| remedy.action.clone()).collect();
            (found.evidence, actions)
        };
        let mut abroad = server();
        abroad.reference = "abroad".to_owned();
        abroad.division = None;
        abroad.public_address = None;
        let code = RemedyAction::Outside { task: OutsideTask::AuthorizationCode };
        let choice = RemedyAction::Replace {
            pointer: "/access/resource".into(),
            value: "practice-server-1".to_owned(),
        };
        let (evidence, actions) = judged(Known::Known(vec![abroad.clone(), server()]));
        assert_eq!(actions, [choice, code.clone(), RemedyAction::Resource], "the only one that qualifies");
        assert!(evidence[0].value.starts_with("abroad：中国大陆") && evidence[0].value.contains("公网 IPv4"));
        assert!(evidence[1].value.contains("符合全部条件"));
        assert_eq!(judged(Known::Known(vec![abroad])).1, [code.clone(), RemedyAction::Resource]);
        assert_eq!(judged(Known::Known(Vec::new())).1, [code, RemedyAction::Resource]);
        let two = vec![server(), server()];
        assert!(matches!(judged(Known::Known(two)).1[0], RemedyAction::Edit { .. }));
    }

    #[test]
    fn an_account_without_a_resource_is_told_so() {
        let cause = |resources| {
            let found = said("ACC001", |e| {
                e.case.access.resource = None;
                e.facts.resources = Known::Known(resources);
            });
            found.unwrap().cause.zh.into_owned()
        };
        assert_eq!(cause(Vec::new()), "账号中没有资源");
        assert_eq!(cause(vec![server()]), "尚未选择资源；账号中有 1 个资源，其中 1 个符合全部条件");
    }
}
