use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV002",
    slug: "individual-files-elsewhere",
    family: Family::Province,
    title: fixed("个人在证件所在省以外备案", "An individual files outside the province of the certificate"),
    what: fixed(
        "个人主办者的备案省份与证件省份",
        "The province that an individual files in and that of the certificate",
    ),
    why: fixed(
        "有的省只受理本省证件，有的省要居住证明",
        "Some provinces take their own certificates only, others want a proof of residence",
    ),
    how: fixed(
        "改在证件所在省备案，或准备该省要求的居住证明",
        "File in the province of the certificate, or get the proof that the province wants",
    ),
    sources: &[FAQ, BUREAU],
    situations: &[Situation::S01],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.individual();
            e.case.sponsor.division = Some(division("140105"))
        },
        silent: |e| {
            e.individual();
            e.case.sponsor.division = Some(division("130102"))
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::ElsewhereRule as R;
    let sponsor = &cx.case.sponsor;
    let (Some(chosen), Some(certified), Some(true), Some(province)) =
        (sponsor.division, sponsor.certificate.division, cx.is_individual(), cx.province())
    else {
        return;
    };
    if chosen.province() == certified.province() {
        return;
    }
    let pointer = Pointer::from("/sponsor/division");
    let Some(rule) = cx.dated(&province.individual_from_elsewhere, &pointer, out) else { return };
    let name = &province.name;
    let wordings = |of: fn(&Text) -> &str| rule.value.proofs.iter().map(of).collect::<Vec<_>>();
    let proofs = Text::new(wordings(|proof| &proof.zh).join("、"), wordings(|proof| &proof.en).join("; "));
    let (severity, cause) = match rule.value.rule {
        R::Allowed => return,
        R::LocalOnly => (
            Severity::Error,
            text!(
                "{name}只受理本省证件的个人",
                "{name} takes individuals with a certificate of its own only"; name
            ),
        ),
        R::WithProof => (
            Severity::Warning,
            text!(
                "{name}受理外省证件的个人，须提供：{proofs}（其一）",
                "{name} takes individuals from elsewhere with one of: {proofs}"; name, proofs
            ),
        ),
        R::NoneStated => (
            Severity::Warning,
            text!(
                "{name}的要求没有写明是否受理外省证件，请先向管局确认",
                "{name} does not say whether it takes certificates from elsewhere: ask its bureau"; name
            ),
        ),
    };
    let paper = match rule.value.rule {
        R::WithProof => Some(Paper::ResidenceProof),
        R::NoneStated => Some(Paper::BureauConfirmation),
        R::Allowed | R::LocalOnly => None,
    };
    if paper.is_some_and(|paper| cx.has(paper)) {
        return;
    }
    let mut finding = Finding::new(severity, pointer, cause)
        .evidence(
            "证件所在区域",
            "Division of the certificate",
            cx.rulebook.division_name(certified).unwrap_or_default(),
        )
        .source(rule.source());
    if cx.rulebook.divisions_below(Some(certified)).is_empty() {
        finding = finding.remedy(
            fixed("改在证件所在区县备案", "File where the certificate is from"),
            RemedyAction::Replace { pointer: "/sponsor/division".into(), value: certified.to_string() },
        );
    }
    if let Some(paper) = paper {
        let Text { zh, en } = paper.label();
        finding = finding.remedy(text!("备好{zh}", "Get ready: {en}"), RemedyAction::Provide { paper });
    }
    out.push(finding.remedy(
        fixed("改正备案区域", "Correct the division"),
        RemedyAction::Edit { pointer: "/sponsor/division".into() },
    ));
}
