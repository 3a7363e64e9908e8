use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV019",
    slug: "several-filing-numbers",
    family: Family::Province,
    title: fixed("同一主办者有两个备案号", "The sponsor has two filing numbers"),
    what: fixed(
        "现证件号码和原证件号码是否各有一个主体备案",
        "Whether today's certificate number and the former one have a record each",
    ),
    why: fixed(
        "北京、天津一个主办者只能有一个备案号，多余的须先注销",
        "In Beijing and Tianjin a sponsor has one number, and the others are cancelled first",
    ),
    how: fixed("先注销多余的主体备案", "Have the record that is too many cancelled first"),
    sources: &[BUREAU],
    situations: &[Situation::S05],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("110108");
            e.facts.sponsor_record = sponsor("京ICP备2026000001号", Presence::Elsewhere);
            e.facts.former_record = sponsor("京ICP备2026000002号", Presence::Elsewhere)
        },
        silent: |e| {
            e.settle("110108");
            e.facts.sponsor_record = sponsor("京ICP备2026000001号", Presence::Elsewhere);
            e.facts.former_record = sponsor("京ICP备2026000001号", Presence::Elsewhere)
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let (Ok(present), Ok(former)) = (cx.facts.sponsor_record.get(), cx.facts.former_record.get()) else {
        return;
    };
    let (Some(present), Some(former)) = (present.filed(), former.filed()) else { return };
    let (present, former) = (&present.number, &former.number);
    let Some(series) = cx.province().and_then(|province| province.one_number_per_sponsor.as_ref()) else {
        return;
    };
    let pointer = Pointer::from("/sponsor/certificate/number");
    let Some(rule) = cx.dated(series, &pointer, out) else { return };
    if rule.value && present != former {
        let name = cx.province_name();
        let cause = text!(
            "{name}一个主办者只能有一个备案号，而现证件号码备案为 {present}，原证件号码备案为 {former}",
            "In {name} a sponsor has one number; today's certificate is filed as {present}, the former one as {former}"; name
        );
        out.push(
            Finding::error(pointer, cause)
                .evidence("现证件号码的备案", "Record by today's number", present)
                .evidence("原证件号码的备案", "Record by the former number", former)
                .source(rule.source())
                .remedy(out.how(), outside(OutsideTask::CancelRecord)),
        );
    }
}
