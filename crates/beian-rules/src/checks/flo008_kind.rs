use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO008",
    slug: "kind-does-not-fit",
    family: Family::Procedure,
    title: fixed("备案类型选错", "The kind of filing does not fit"),
    what: fixed(
        "所选备案类型与主办者、域名的备案状态是否相符",
        "Whether the kind that was chosen fits the records of sponsor and domain",
    ),
    why: fixed(
        "类型与记录不符的，管局按主办者冲突或域名冲突退回；类型本可由记录得出，不必选择",
        "A kind that does not fit is refused as a conflict; it follows from the records and need not be chosen",
    ),
    how: fixed("按记录得出的类型办理", "File it as the kind that follows from the records"),
    sources: &[FAQ, INTERFACE],
    situations: &[Situation::S02, Situation::S07, Situation::S08],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.kind = Some(beian_domain::FilingKind::FirstFiling);
            e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        },
        silent: |e| {
            e.case.kind = Some(beian_domain::FilingKind::AddService);
            e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let crate::Diagnosis::Conflict { cause: ConflictCause::KindDoesNotFit, kind: Some(fitting) } =
        &cx.diagnosis
    else {
        return;
    };
    let number = crate::doctor::own_record(cx.facts).ok().flatten().map(|own| own.filed.number.to_string());
    let domain = match cx.facts.domain_record.get() {
        Ok(DomainRecord::Filed(filed)) => filed.number(),
        _ => None,
    };
    let (chosen, fitting_name) = (cx.kind.label(), fitting.label());
    let cause = text!(
        "所选类型是{}，按备案记录应为{}",
        "{} was chosen; the records call for: {}",
        (chosen.zh, &fitting_name.zh),
        (chosen.en, &fitting_name.en)
    );
    let none = "无 (none)";
    out.push(
        Finding::error("/kind", cause)
            .evidence("主体备案号", "Number of the sponsor", number.as_deref().unwrap_or(none))
            .evidence("域名的备案号", "Number of the domain", domain.as_deref().unwrap_or(none))
            .remedy(
                text!("改为办理{}", "File it as: {}", (fitting_name.zh), (fitting_name.en)),
                RemedyAction::UseKind { filing: *fitting },
            )
            .remedy(
                fixed(
                    "对照证件核对号码；刚换过证件的，补填换证前的号码",
                    "Compare the certificate number; if the certificate was replaced, state the former number too",
                ),
                RemedyAction::Review { pointer: "/sponsor/certificate/number".into() },
            ),
    );
}
