use super::prelude::*;
use crate::PartyBuildingLetter;

pub(super) const CHECK: Check = Check {
    code: "MAT008",
    slug: "party-building-letter",
    family: Family::Material,
    title: fixed("该省要党建备案信息确认函", "The province wants a party-building letter"),
    what: fixed("《网站党建备案信息确认函》", "The party-building confirmation letter (党建备案信息确认函)"),
    why: fixed("西藏、新疆要求随备案提交确认函", "Tibet and Xinjiang want it with a filing"),
    how: fixed("填写并盖章《网站党建备案信息确认函》", "Fill in and seal the confirmation letter"),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.settle("540102"),
        silent: |e| {
            e.settle("540102");
            e.case.papers.push(Paper::PartyBuildingLetter)
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    const PAPER: Paper = Paper::PartyBuildingLetter;
    let Some(province) = cx.province().filter(|_| !cx.has(PAPER)) else { return };
    let Some(series) = &province.party_building_letter else { return };
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    if rule.value == PartyBuildingLetter::FirstFiling && cx.kind != FilingKind::FirstFiling {
        return;
    }
    let name = &province.name;
    let cause = text!(
        "{name}要求提交《网站党建备案信息确认函》",
        "{name} wants the party-building confirmation letter"; name
    );
    out.push(
        Finding::warning(pointer, cause)
            .source(rule.source())
            .remedy(out.how(), RemedyAction::Provide { paper: PAPER }),
    );
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::severity;

    #[test]
    fn tibet_wants_it_with_a_first_filing_and_xinjiang_with_every_one() {
        let judged = |county: &str, kind| {
            severity("MAT008", |e| {
                e.settle(county);
                e.case.kind = Some(kind);
            })
        };
        let (tibet, xinjiang, guangdong) = ("540102", "650102", "440305");
        assert_eq!(judged(tibet, FilingKind::FirstFiling), Some(Severity::Warning));
        assert_eq!(judged(tibet, FilingKind::AddService), None);
        assert_eq!(judged(xinjiang, FilingKind::FirstFiling), Some(Severity::Warning));
        assert_eq!(judged(xinjiang, FilingKind::AddService), Some(Severity::Warning));
        assert_eq!(judged(guangdong, FilingKind::FirstFiling), None);
    }
}
