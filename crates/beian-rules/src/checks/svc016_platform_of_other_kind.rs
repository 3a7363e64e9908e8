use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC016",
    slug: "platform-of-other-kind",
    family: Family::Service,
    title: fixed("所填平台不属于这类服务", "The platform is not one of this kind of service"),
    what: fixed("所选的运行平台与服务类型", "The platforms chosen and the kind of service"),
    why: fixed(
        "网站、APP、小程序和快应用分别备案、分别编号，一个备案只能是其中一类",
        "Websites, apps, mini-programs and quick-apps are filed and numbered apart: one filing is of one kind",
    ),
    how: fixed(
        "取消选择该平台；确有其他类服务的，另行备案",
        "Leave the platform out; file what runs there by itself",
    ),
    sources: &[NOTICE_105],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            app(e);
            e.case.service.releases.insert(AppPlatform::WeChat, Release::default());
        },
        silent: app,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let kind = cx.case.service.kind;
    let foreign = cx.case.service.releases.keys().filter(|platform| platform.service_kind() != kind);
    for platform in foreign {
        let (name, runs, filed) = (platform.label(), platform.service_kind().label(), kind.label());
        let cause = text!(
            "{}上运行的是{}，本次备案的是{}",
            "What runs on {} is a {}; this filing is of a {}",
            (name.zh, runs.zh, filed.zh),
            (name.en, runs.en.to_lowercase(), filed.en.to_lowercase())
        );
        let at = Pointer(format!("{RELEASES}/{}", platform.slug()).into());
        out.push(
            Finding::error(at, cause).remedy(out.how(), RemedyAction::Edit { pointer: RELEASES.into() }),
        );
    }
}
