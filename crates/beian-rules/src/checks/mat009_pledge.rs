use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "MAT009",
    slug: "pledge",
    family: Family::Material,
    title: fixed("该省要承诺书", "The province wants a pledge"),
    what: fixed("该省要求的承诺书是否已备好", "Whether the pledges that the province wants are at hand"),
    why: fixed(
        "部分省要求主办者签署本省的承诺书，缺少或用错表格会被退回",
        "Some provinces want a pledge on their own form; without it, or on another form, the filing is returned",
    ),
    how: fixed("下载该省的表格，按要求签字、盖章或按手印", "Get the province's form and sign it as it asks"),
    sources: &[BUREAU, MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.case.papers.clear(), silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::{Signer, Who};
    const PAPER: Paper = Paper::Pledge;
    let (Some(individual), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let Some(series) = province.pledges.as_ref().filter(|_| !cx.has(PAPER)) else { return };
    let pointer = paper_at(PAPER);
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    let concerned = |who: Who| match who {
        Who::Any => true,
        Who::Individual => individual,
        Who::Unit => !individual,
    };
    let wanted: Vec<_> = rule.value.iter().filter(|pledge| concerned(pledge.who)).collect();
    if wanted.is_empty() {
        return;
    }
    let name = &province.name;
    let forms: Vec<_> = wanted.iter().map(|pledge| format!("《{}》", pledge.form)).collect();
    let forms = forms.join("、");
    let mut finding = Finding::warning(pointer, text!("{name}要求{forms}", "{name} wants {forms}"; name));
    for pledge in wanted {
        let (zh, en) = match pledge.signer {
            Signer::SponsorPrincipal => ("主体负责人签署", "Signed by the sponsor's principal"),
            Signer::ServicePrincipal => ("网站负责人签署", "Signed by the service's principal"),
        };
        finding = finding.evidence(zh, en, &pledge.form);
    }
    out.push(finding.source(rule.source()).remedy(out.how(), RemedyAction::Provide { paper: PAPER }));
}
