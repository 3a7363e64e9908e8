use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SVC005",
    slug: "service-name-reserved-words",
    family: Family::Service,
    title: fixed("网站名称含有国家机构才能用的词", "The name has words that only national bodies may use"),
    what: fixed("网站名称中的“中国”“中华”“国家”等字样", "Words such as 中国, 中华, 国家 in the name"),
    why: fixed(
        "非国家级单位的网站名称不得使用；个人一律不得使用",
        "Only national bodies may use them, and individuals never",
    ),
    how: fixed(
        "去掉这些字样；确有批文的单位在备注中说明并上传批文",
        "Leave the words out; a unit with a permission says so in the remark",
    ),
    sources: &[WEBSITE, BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.service.name = Some("中国读书笔记".to_owned())
        },
        silent: |e| {
            e.case.sponsor.nature = Some(SponsorNature::Government);
            e.case.service.name = Some("国家公园介绍".to_owned())
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use SponsorNature as N;
    let (Some(name), Some(nature)) = (stated(cx.case.service.name.as_ref()), cx.case.sponsor.nature) else {
        return;
    };
    if matches!(nature, N::Government | N::PublicInstitution | N::Military | N::MassOrganisation) {
        return;
    }
    let pointer = Pointer::from("/service/name");
    let Some(words) = cx.dated(&cx.rulebook.national().reserved_name_words, &pointer, out) else { return };
    let own_name = cx.case.sponsor.name.as_ref().map_or("", Personal::expose);
    for word in words.value.iter().filter(|word| name.contains(*word)) {
        let severity = if nature.is_individual() { Severity::Error } else { Severity::Warning };
        if severity == Severity::Warning && own_name.contains(word) {
            continue;
        }
        let cause = text!("名称中有“{word}”", "The name has {word} in it");
        out.push(Finding::new(severity, pointer.clone(), cause).source(words.source()));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::severity;

    #[test]
    fn a_unit_may_use_the_word_that_its_own_name_has_and_an_individual_may_not() {
        let unit = |own: &str| {
            severity("SVC005", |e| {
                e.case.sponsor.name = p(own);
                e.case.service.name = Some("中国习作".to_owned());
            })
        };
        assert_eq!(unit("深圳习作网络科技有限公司"), Some(Severity::Warning));
        assert_eq!(unit("中国习作有限公司"), None);
        assert_eq!(unit("国家习作有限公司"), Some(Severity::Warning), "another word");
        let individual = severity("SVC005", |e| {
            e.individual();
            e.case.sponsor.name = p("习人民");
            e.case.service.name = Some("习人民的读书笔记".to_owned());
        });
        assert_eq!(individual, Some(Severity::Error));
    }
}
