use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO009",
    slug: "differs-from-record",
    family: Family::Procedure,
    title: fixed("与备案记录不一致", "It differs from the record"),
    what: fixed(
        "新增网站、新增接入时所填信息与已有备案是否一致",
        "Whether what is stated equals the record when a service or access is added",
    ),
    why: fixed(
        "新增不改动已有备案；不一致的信息会按信息冲突退回",
        "Adding does not change the record; what differs is refused as a conflict",
    ),
    how: fixed(
        "备案已经过时的，先变更备案；所填有误的，按备案记录改正",
        "If the record is out of date, change it first; if it was mistyped, state what the record has",
    ),
    sources: &[FAQ, INTERFACE],
    situations: &[Situation::S05],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::ThisAccount);
            e.facts.differences = Known::Known(vec![RecordDifference {
                pointer: "/sponsor/name".into(),
                stated: "深圳习*******司".to_owned(),
                recorded: "深圳旧*******司".to_owned(),
            }])
        },
        silent: |e| e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::ThisAccount),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.kind == beian_domain::FilingKind::FirstFiling {
        return;
    }
    let differences = match cx.facts.differences.get() {
        Ok(differences) => differences,
        Err(missing) => return out.undetermined("/sponsor".into(), missing.clone()),
    };
    if !cx.is_caused_by(ConflictCause::DiffersFromRecord) {
        return;
    }
    let number = crate::doctor::own_record(cx.facts).ok().flatten().map(|own| own.filed.number.to_string());
    let number = number.unwrap_or_default();
    for RecordDifference { pointer, stated, recorded } in differences {
        let cause = text!(
            "备案 {number} 上是“{recorded}”，所填是“{stated}”",
            "The record {number} has {recorded}, and {stated} is stated"
        );
        out.push(
            Finding::error(pointer.clone(), cause)
                .evidence("备案记录（已遮盖）", "On record, masked", recorded)
                .evidence("所填（已遮盖）", "Stated, masked", stated)
                .evidence("备案号", "Filing number", &number)
                .remedy(
                    fixed(
                        "所填为现在的真实信息的，先做变更备案，把记录改过来",
                        "If what is stated is true now, have the record changed first",
                    ),
                    outside(OutsideTask::ChangeRecord),
                )
                .remedy(
                    fixed("所填有误的，按备案记录改正", "If it was mistyped, state what the record has"),
                    RemedyAction::Review { pointer: pointer.clone() },
                ),
        );
    }
}
