use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC001",
    slug: "service-unanswered",
    family: Family::Service,
    title: fixed("网站信息没有填全", "Something about the service is not answered"),
    what: fixed(
        "网站名称、域名、服务内容、语种和网站负责人",
        "The service's name, domain, contents, languages and principal",
    ),
    why: fixed("这些内容报送管局时必填", "They are mandatory when the filing is sent"),
    how: fixed("填写缺少的内容", "Fill in what is missing"),
    sources: &[INTERFACE, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.languages.clear(),
        silent: |e| e.case.service.home_url = None,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let service = &cx.case.service;
    let Text { zh, en } = service.kind.label();
    let en = en.to_lowercase();
    unanswered(
        out,
        [
            (
                "/service/name".into(),
                stated(service.name.as_ref()).is_none(),
                text!("{zh}名称", "name of the {en}"),
            ),
            ("/service/domain".into(), stated(service.domain.as_ref()).is_none(), fixed("域名", "domain")),
            ("/service/contents".into(), service.contents.is_empty(), fixed("服务内容", "service contents")),
            (
                "/service/languages".into(),
                service.languages.is_empty(),
                text!("{zh}语种", "languages of the {en}"),
            ),
            (
                "/service/principal".into(),
                service.principal.is_none(),
                text!("{zh}负责人", "principal of the {en}"),
            ),
        ],
    );
}
