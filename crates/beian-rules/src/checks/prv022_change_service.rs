use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV022",
    slug: "change-service-not-taken",
    family: Family::Province,
    title: fixed("该省不受理变更网站", "The bureau takes no change of a service alone"),
    what: fixed(
        "备案所在省的管局是否受理变更网站",
        "Whether the bureau of the record takes a change of a service by itself",
    ),
    why: fixed(
        "河南、江苏、贵州的管局不受理变更网站，只受理变更备案",
        "The bureaus of Henan, Jiangsu and Guizhou take a change of the whole record only",
    ),
    how: fixed(
        "改为办理变更主体，网站信息一并提交",
        "Make it a change of the sponsor: the service goes with it",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("320105");
            e.change(FilingKind::ChangeService, "/service/name");
        },
        silent: |e| e.change(FilingKind::ChangeService, "/service/name"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (FilingKind::ChangeService, Some(province)) = (cx.kind, cx.province()) else { return };
    let pointer = Pointer::from("/kind");
    let Some(rule) = cx.dated(&province.change_service_supported, &pointer, out) else { return };
    if rule.value {
        return;
    }
    let name = &province.name;
    let cause =
        text!("{name}管局不受理变更网站", "The bureau of {name} takes no change of a service alone"; name);
    out.push(Finding::error(pointer, cause).source(rule.source()).remedy(
        fixed("改为办理变更主体", "Make it a change of the sponsor"),
        RemedyAction::UseKind { filing: FilingKind::ChangeSponsor },
    ));
}
