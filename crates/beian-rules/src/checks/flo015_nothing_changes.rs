use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO015",
    slug: "nothing-changes",
    family: Family::Procedure,
    title: fixed("没有任何变更", "Nothing changes"),
    what: fixed("变更备案是否改动了备案中的信息", "Whether a change changes anything on record"),
    why: fixed(
        "没有改动的变更会占用主体的在途名额，管局也不会受理",
        "A change of nothing keeps the sponsor from anything else, and the regulator does not take it",
    ),
    how: fixed("修改需要变更的信息，或放弃该订单", "State what is no longer so, or give the order up"),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.maintain(FilingKind::ChangeService, Some),
        silent: |e| {
            e.maintain(FilingKind::ChangeService, |mut record| {
                record.changes = vec!["/service/name".into()];
                Some(record)
            })
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let part = match cx.kind {
        FilingKind::ChangeSponsor => "/sponsor",
        FilingKind::ChangeService => "/service",
        FilingKind::ChangeAccess => "/access/resource",
        _ => return,
    };
    let pointer = Pointer::from(part);
    let record = match cx.facts.record.get() {
        Ok(RecordFact::Held(record)) => record,
        Ok(RecordFact::NotHere) => return,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    if record.changes.iter().any(|change| change.is_within(part)) {
        return;
    }
    let cause = fixed("所填信息与备案完全一致", "Everything is as it is on record");
    out.push(Finding::error(pointer.clone(), cause).remedy(
        fixed("修改需要变更的信息", "State anew what is to be changed"),
        RemedyAction::Edit { pointer },
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::said;

    #[test]
    fn a_change_changes_the_part_that_it_is_named_after() {
        let judged = |kind, changed: Option<&'static str>| {
            said("FLO015", |e| {
                e.maintain(kind, |mut record| {
                    record.changes = changed.into_iter().map(Pointer::from).collect();
                    Some(record)
                });
            })
            .map(|found| found.pointer.as_str().to_owned())
        };
        for (kind, part, change) in [
            (FilingKind::ChangeSponsor, "/sponsor", "/sponsor/address"),
            (FilingKind::ChangeService, "/service", "/service/name"),
            (FilingKind::ChangeAccess, "/access/resource", "/access/resource"),
        ] {
            assert_eq!(judged(kind, None).as_deref(), Some(part), "{kind:?}");
            assert_eq!(judged(kind, Some(change)), None, "{kind:?}");
            assert_eq!(judged(kind, Some("/materials/verification-form")).as_deref(), Some(part), "{kind:?}");
        }
        assert_eq!(judged(FilingKind::SupplementMaterials, None), None);
    }
}
