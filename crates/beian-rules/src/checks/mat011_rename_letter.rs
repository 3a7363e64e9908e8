use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT011",
    slug: "rename-letter",
    family: Family::Material,
    title: fixed(
        "换证或更名后新增，该省要更名函",
        "After a new certificate or name the province wants a letter",
    ),
    what: fixed(
        "新增网站、新增接入时，换过证件或名称与备案不同的，是否备好更名函",
        "Whether the letter is at hand when something is added after the certificate or the name changed",
    ),
    why: fixed(
        "备案上还是原来的证件或名称，该省凭更名函确认是同一主办者",
        "The record still has the former certificate or name; by the letter the province knows that it is one sponsor",
    ),
    how: fixed(
        "出具加盖公章的更名函，写明前后名称和证件号码",
        "Write and seal a letter that names both names and numbers",
    ),
    sources: &[FAQ, BUREAU],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.former_number("440305000000001");
            e.case.kind = Some(FilingKind::AddAccess)
        },
        silent: |e| {
            e.settle("110108");
            e.case.kind = Some(FilingKind::AddAccess)
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    const PAPER: Paper = Paper::RenameLetter;
    if cx.kind == FilingKind::FirstFiling || cx.is_individual() != Some(false) || cx.has(PAPER) {
        return;
    }
    let renamed = cx
        .facts
        .differences
        .get()
        .is_ok_and(|differences| differences.iter().any(|d| d.pointer.as_str() == "/sponsor/name"));
    let replaced = cx.case.sponsor.certificate.former.is_some();
    let Some(province) = cx.province().filter(|_| renamed || replaced) else { return };
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(&province.rename_letter, &pointer, out) else { return };
    if rule.value {
        let name = &province.name;
        let cause = if renamed {
            text!(
                "名称与备案不同，{name}要求更名函",
                "The name is not that on record, and {name} wants a letter"; name
            )
        } else {
            text!("换过证件，{name}要求更名函", "The certificate was replaced, and {name} wants a letter"; name)
        };
        out.push(
            Finding::warning(pointer, cause)
                .source(rule.source())
                .remedy(out.how(), RemedyAction::Provide { paper: PAPER }),
        );
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{Example, said};

    /// A company in Beijing that adds an access.
    fn adds(example: &mut Example) {
        example.settle("110108");
        example.case.kind = Some(FilingKind::AddAccess);
    }

    #[test]
    fn it_is_a_units_and_not_for_a_first_filing() {
        let replaced = |change: fn(&mut Example)| {
            said("MAT011", |e| {
                adds(e);
                e.former_number("440305000000001");
                change(e);
            })
        };
        assert!(replaced(clean).is_some());
        assert_eq!(replaced(|e| e.case.kind = Some(FilingKind::FirstFiling)), None);
        assert_eq!(replaced(|e| e.case.sponsor.nature = Some(SponsorNature::Individual)), None);
        assert_eq!(replaced(|e| e.case.papers.push(Paper::RenameLetter)), None);
        assert_eq!(replaced(|e| e.settle("440305")), None, "Guangdong wants none");
    }

    #[test]
    fn another_name_than_the_recorded_calls_for_it_and_another_address_does_not() {
        let differs = |pointer: &'static str| {
            said("MAT011", |e| {
                adds(e);
                e.facts.differences = Known::Known(vec![RecordDifference {
                    pointer: pointer.into(),
                    stated: "深圳习*******司".to_owned(),
                    recorded: "深圳旧*******司".to_owned(),
                }]);
            })
        };
        assert!(differs("/sponsor/name").unwrap().cause.zh.starts_with("名称与备案不同"));
        assert_eq!(differs("/sponsor/address"), None);
    }
}
