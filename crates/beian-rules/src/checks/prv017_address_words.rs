use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV017",
    slug: "address-has-refused-word",
    family: Family::Province,
    title: fixed("通信地址含有该省不接受的词", "The address has a word that the province refuses"),
    what: fixed("通信地址中的“市辖区”等字样", "Words such as 市辖区 in the address for letters"),
    why: fixed(
        "“市辖区”是行政区划代码表中的层级，不是真实地名，该省见到即退回",
        "市辖区 is a level of the table of divisions and no place; the province returns addresses with it",
    ),
    how: fixed("删去该词，写真实的路名和门牌号", "Leave the word out and give road and number"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.case.sponsor.address = p("市辖区习作街2号202室")
        },
        silent: |e| {
            e.settle("110108");
            e.case.sponsor.address = p("习作街2号202室")
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(address) = answered(cx.case.sponsor.address.as_ref()) else { return };
    let Some(series) = cx.province().and_then(|province| province.address_refused_words.as_ref()) else {
        return;
    };
    let pointer = Pointer::from("/sponsor/address");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    if let Some(word) = rule.value.iter().find(|word| address.expose().contains(word.as_str())) {
        let name = cx.province_name();
        let cause =
            text!("{name}的地址中不能有“{word}”", "In {name} an address must not have {word} in it"; name);
        out.push(Finding::error(pointer, cause).source(rule.source()));
    }
}

/// Whether the province refuses a word in addresses.
pub(super) fn is_refused(cx: &Context<'_>, word: &str) -> bool {
    let words = cx.province().and_then(|province| province.address_refused_words.as_ref()?.at(cx.day));
    words.is_some_and(|words| words.value.iter().any(|refused| refused == word))
}
