use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC012",
    slug: "language-unknown",
    family: Family::Service,
    title: fixed("语种代码不在代码表中", "A language code is not in the table"),
    what: fixed("网站语种的代码", "The codes of the languages"),
    why: fixed("代码表之外的代码会按“网站语言类别错误”退回", "The regulator returns codes outside its table"),
    how: fixed(
        "从列表中重新选择语种，网站用到的语种都要选",
        "Choose the languages from the list, every one that the site uses",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.service.languages = vec![18.try_into().unwrap_or_else(|_| unreachable!())],
        silent: |e| e.case.service.languages = vec![17.try_into().unwrap_or_else(|_| unreachable!())],
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let stated = &cx.case.service.languages;
    for (index, language) in stated.iter().enumerate() {
        if !stated[..index].contains(language)
            && !cx.rulebook.languages().iter().any(|row| row.code == language.get())
        {
            let cause = text!("代码 {language} 不存在", "There is no code {language}");
            out.push(Finding::error("/service/languages", cause).source(cx.rulebook.codes_source()));
        }
    }
}
