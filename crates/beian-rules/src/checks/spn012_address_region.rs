use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN012",
    slug: "address-names-another-region",
    family: Family::Sponsor,
    title: fixed("证件住所的文字与所选区域不符", "The printed address is not in the chosen division"),
    what: fixed("证件住所开头的省市区县名称", "The names that the printed address begins with"),
    why: fixed(
        "备案区域以证件住所为准，文字与代码对不上会被退回",
        "The printed address decides where to file; a contradiction is returned",
    ),
    how: fixed(
        "核对证件住所与所选区域，改正填错的一项",
        "Compare the address with the division and correct the wrong one",
    ),
    sources: &[FAQ],
    situations: &[Situation::S01],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.address = p("北京市海淀区习作街2号202室"),
        silent: |e| e.case.sponsor.certificate.address = p("深圳市南山区习作路1号"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let certificate = &cx.case.sponsor.certificate;
    let (Some(division), Some(address)) = (certificate.division, answered(certificate.address.as_ref()))
    else {
        return;
    };
    let Some(named) = cx.rulebook.division_of_address(address.expose()) else { return };
    let within = named == division || named == division.city() || named == division.province();
    if within {
        return;
    }
    let name = |division| cx.rulebook.division_name(division).unwrap_or_else(|| format!("{division}"));
    let (named_name, chosen_name) = (name(named), name(division));
    let cause = text!(
        "证件住所以“{named_name}”开头，所选区域是{chosen_name}",
        "The address begins with {named_name}, the division chosen is {chosen_name}"
    );
    let mut finding = Finding::warning("/sponsor/certificate/division", cause);
    if cx.rulebook.divisions_below(Some(named)).is_empty() {
        finding = finding.remedy(
            text!("区域改为{named_name}", "Choose {named_name}"),
            RemedyAction::Replace {
                pointer: "/sponsor/certificate/division".into(),
                value: named.to_string(),
            },
        );
    }
    out.push(review(finding, "/sponsor/certificate/address"));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::example::{p, said};

    #[test]
    fn an_address_may_begin_with_the_county_its_city_or_its_province() {
        let judged = |address: &str| said("SPN012", |e| e.case.sponsor.certificate.address = p(address));
        for fits in ["深圳市南山区习作路1号", "深圳市习作路1号", "广东省习作路1号"] {
            assert_eq!(judged(fits), None, "{fits}");
        }
        for strange in ["深圳市福田区习作路1号", "广州市习作路1号", "湖南省习作路1号"]
        {
            assert!(judged(strange).is_some(), "{strange}");
        }
    }
}
