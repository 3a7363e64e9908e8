use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN014",
    slug: "address-repeats-division",
    family: Family::Sponsor,
    title: fixed("通信地址重复了省市区县名称", "The address repeats the names of the division"),
    what: fixed(
        "通信地址是否以省市区县名称开头，或含“市辖区”",
        "Whether the address begins with the names of its division or has 市辖区 in it",
    ),
    why: fixed(
        "省市区县已按代码单独报送，地址中再写一遍会被多地管局退回",
        "The division is sent as codes; several bureaus return an address that repeats it",
    ),
    how: fixed(
        "通信地址只写区县以下的部分，例如“某某路1号101室”",
        "Give only what is below the county, for example a road, a number and a room",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.address = p("广东省深圳市南山区习作路1号"),
        silent: |e| e.case.sponsor.address = p("北京路1号101室"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(address) = answered(cx.case.sponsor.address.as_ref()) else { return };
    let address = address.expose();
    // 北京路 is a road: a province counts by its full name only.
    let repeats = |division: &beian_domain::DivisionCode| {
        !division.is_province()
            || cx.rulebook.division_name(*division).is_some_and(|name| address.starts_with(&name))
    };
    let named = cx.rulebook.division_of_address(address).filter(repeats);
    let cause = match named.and_then(|named| cx.rulebook.division_name(named)) {
        Some(name) => text!("通信地址以“{name}”开头", "The address begins with {name}"),
        // A province that refuses the word says so itself.
        None if address.contains("市辖区") && !super::prv017_address_words::is_refused(cx, "市辖区") => {
            text!("通信地址中有“市辖区”", "The address has 市辖区 in it")
        }
        None => return,
    };
    out.push(Finding::warning("/sponsor/address", cause));
}
