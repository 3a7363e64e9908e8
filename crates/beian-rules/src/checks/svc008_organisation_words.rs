use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC008",
    slug: "service-name-organisation-words",
    family: Family::Service,
    title: fixed("个人网站名称像是单位的", "An individual's site is named like an organisation's"),
    what: fixed(
        "个人网站名称中的“公司”“协会”等字样",
        "Words such as 公司 and 协会 in the name of an individual's site",
    ),
    why: fixed(
        "个人不能备案单位性质的网站；属于单位的网站须以单位备案",
        "An individual cannot file an organisation's site; the organisation must file it",
    ),
    how: fixed(
        "改为个人网站的名称；网站属于单位时，以单位为主办者备案",
        "Give it a personal name, or let the organisation file it",
    ),
    sources: &[WEBSITE, BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.service.name = Some("习作读书协会".to_owned())
        },
        silent: |e| e.case.service.name = Some("习作读书协会".to_owned()),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(name) = stated(cx.case.service.name.as_ref()) else { return };
    if cx.is_individual() != Some(true) {
        return;
    }
    let pointer = Pointer::from("/service/name");
    let Some(words) = cx.dated(&cx.rulebook.national().organisation_words, &pointer, out) else { return };
    if let Some(word) = words.value.first_in(name) {
        let cause = text!("名称中有“{word}”", "The name has {word} in it");
        out.push(
            Finding::warning(pointer.clone(), cause)
                .source(words.source())
                .remedy(
                    fixed("改为个人网站的名称", "Give it a personal name"),
                    RemedyAction::Edit { pointer },
                )
                .remedy(
                    fixed("改以单位为主办者", "Let the organisation be the sponsor"),
                    RemedyAction::Edit { pointer: "/sponsor/nature".into() },
                ),
        );
    }
}
