use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO016",
    slug: "province-cannot-change",
    family: Family::Procedure,
    title: fixed("变更不能跨省", "A change moves no record to another province"),
    what: fixed(
        "变更后的主体所在省与备案时是否相同",
        "Whether the sponsor stays in the province where it is filed",
    ),
    why: fixed(
        "备案由所在省管局管理，变更不能改变省份（1046），跨省的须注销后重新备案",
        "A record belongs to the bureau of its province; a change cannot move it (1046): cancel it and file anew",
    ),
    how: fixed(
        "改回备案所在省；确已迁往外省的，先注销主体，再到新省份首次备案",
        "Choose the province of the record; if the sponsor has moved, cancel it and file anew there",
    ),
    sources: &[INTERFACE, BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.maintain(FilingKind::ChangeSponsor, |mut record| {
                record.division = Some(division("330106"));
                record.changes = vec!["/sponsor/division".into()];
                Some(record)
            })
        },
        silent: |e| {
            e.maintain(FilingKind::ChangeSponsor, |mut record| {
                record.division = Some(division("330106"));
                record.changes = vec!["/sponsor/division".into()];
                Some(record)
            });
            e.settle("330106");
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (true, Ok(RecordFact::Held(HeldRecord { division: Some(recorded), .. })), Some(stated)) =
        (cx.kind.purpose() == FilingPurpose::Change, cx.facts.record.get(), cx.case.sponsor.division)
    else {
        return;
    };
    if recorded.province() == stated.province() {
        return;
    }
    let (Some(old), Some(new)) = (cx.rulebook.province(*recorded), cx.rulebook.province(stated)) else {
        return;
    };
    let (old, new) = (&old.name, &new.name);
    let cause = text!("备案在{old}，变更后为{new}", "The record is in {old}, the change would move it to {new}"; old, new);
    let pointer = Pointer::from("/sponsor/division");
    out.push(
        Finding::error(pointer.clone(), cause)
            .evidence("备案所在省", "Province of the record", &old.zh)
            .evidence("所选省份", "Province that is chosen", &new.zh)
            .remedy(
                fixed("改回备案所在省", "Choose the province of the record"),
                RemedyAction::Edit { pointer },
            )
            .remedy(
                fixed(
                    "注销主体，再到新省份首次备案",
                    "Cancel the sponsor, and file anew in the new province",
                ),
                RemedyAction::UseKind { filing: FilingKind::CancelSponsor },
            ),
    );
}
