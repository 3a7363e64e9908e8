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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{p, said};

    fn judged(county: &str, address: &str) -> Option<String> {
        let found = said("SPN014", |e| {
            e.settle(county);
            e.case.sponsor.address = p(address);
        });
        found.map(|found| found.cause.zh.into_owned())
    }

    #[test]
    fn a_province_counts_by_its_full_name_and_a_city_or_county_by_any() {
        for (address, name) in [
            ("广东省习作路1号", "广东省"),
            ("深圳市习作路1号", "广东省深圳市"),
            ("深圳市南山区习作路1号", "广东省深圳市南山区"),
        ] {
            assert_eq!(judged("440305", address), Some(format!("通信地址以“{name}”开头")), "{address}");
        }
        assert_eq!(judged("440305", "广东路1号101室"), None);
    }

    #[test]
    fn a_city_that_is_none_is_told_once() {
        let found = judged("440305", "市辖区习作路1号101室");
        assert_eq!(found.as_deref(), Some("通信地址中有“市辖区”"));
        // Beijing refuses the word: PRV017 says so.
        assert_eq!(judged("110108", "市辖区习作路1号101室"), None);
        assert!(
            said("PRV017", |e| {
                e.settle("110108");
                e.case.sponsor.address = p("市辖区习作路1号101室");
            })
            .is_some()
        );
    }
}
