use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN011",
    slug: "number-names-another-region",
    family: Family::Sponsor,
    title: fixed(
        "证件号码中的行政区划与证件住所不同",
        "The number names another division than the certificate",
    ),
    what: fixed("证件号码中的行政区划代码", "The division code inside the certificate number"),
    why: fixed(
        "号码中的代码在首次发证时固定，住所迁移后不变：以证件住所为准，仅作提示",
        "The code is frozen when a certificate is first issued; the printed address decides, and this is advice only",
    ),
    how: fixed(
        "核对证件上印的住所；住所确在所选区域则不必修改",
        "Look at the printed address; if it is in the chosen division, nothing is to be done",
    ),
    sources: &[GB_32100, GB_11643],
    situations: &[Situation::S01],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.settle("110108"), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let Some(stated) = cx.case.sponsor.certificate.division else { return };
    let Some(inside) = crate::region::number_division(cx.case).filter(|inside| *inside != stated) else {
        return;
    };
    let name = |division| cx.rulebook.division_name(division).unwrap_or_else(|| format!("{division}"));
    let (inside_name, stated_name) = (name(inside), name(stated));
    let cause = text!(
        "号码中的代码是{inside_name}，证件住所填的是{stated_name}",
        "The number has the code of {inside_name}, and the certificate's address is in {stated_name}"
    );
    let pointer = Pointer::from("/sponsor/certificate/division");
    out.push(
        Finding::advice(pointer.clone(), cause)
            .evidence("号码中的行政区划代码", "Code inside the number", inside)
            .remedy(out.how(), RemedyAction::Review { pointer }),
    );
}
