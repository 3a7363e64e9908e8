use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV011",
    slug: "english-service-name",
    family: Family::Province,
    title: fixed("该省不接受英文网站名称", "The province does not take English names"),
    what: fixed("网站名称是否为英文", "Whether the name of the service is English"),
    why: fixed("该省要求网站名称为中文", "The province wants Chinese names"),
    how: fixed("改为中文名称", "Give a Chinese name"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("500103");
            e.case.service.name = Some("Xizuo Studio".to_owned())
        },
        silent: |e| {
            e.settle("310115");
            e.case.service.name = Some("Xizuo Studio".to_owned())
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::EnglishName as N;
    let (Some(name), Some(province), Some(individual)) =
        (stated(cx.case.service.name.as_ref()), cx.province(), cx.is_individual())
    else {
        return;
    };
    if has_chinese(name) || !name.chars().any(|c| c.is_ascii_alphabetic()) {
        return;
    }
    let pointer = Pointer::from("/service/name");
    let Some(rule) = cx.dated(&province.english_name, &pointer, out) else { return };
    let refused = match rule.value {
        N::NoneStated => false,
        N::Refused => true,
        N::RefusedForUnits => !individual,
        N::RefusedForIndividuals => individual,
    };
    if refused {
        let bureau = &province.name;
        let name = shortened(name);
        let cause = text!("{bureau}不接受英文名称“{name}”", "{bureau} does not take the English name “{name}”"; bureau);
        out.push(Finding::error(pointer, cause).source(rule.source()));
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::said;

    #[test]
    fn a_name_is_english_if_it_has_letters_and_nothing_chinese() {
        let judged = |individual, county: &str, name: &str| {
            said("PRV011", |e| {
                if individual {
                    e.individual();
                }
                e.settle(county);
                e.case.service.name = Some(name.to_owned());
            })
            .is_some()
        };
        let (chongqing, shandong, sichuan) = ("500103", "370102", "510104");
        assert!(judged(false, chongqing, "Xizuo Studio"));
        assert!(!judged(false, chongqing, "习作 Studio") && !judged(false, chongqing, "123"));
        assert!(!judged(true, chongqing, "Xizuo Studio"), "units only");
        assert!(judged(true, sichuan, "Xizuo Studio") && !judged(false, sichuan, "Xizuo Studio"));
        assert!(judged(true, shandong, "Xizuo Studio") && judged(false, shandong, "Xizuo Studio"));
    }
}
