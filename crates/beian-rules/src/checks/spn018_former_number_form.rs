use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN018",
    slug: "former-certificate-number-form",
    family: Family::Sponsor,
    title: fixed("原证件号码的格式不对", "The former certificate number has the wrong form"),
    what: fixed(
        "换证前的证件号码的位数和字符是否符合其证件类型",
        "Length and characters of the number of the replaced certificate",
    ),
    why: fixed(
        "系统按原证件号码查询已有备案，格式不对就查不到",
        "Records are looked up by it, and with a malformed number none is found",
    ),
    how: fixed(
        "对照原证件或备案记录核对号码",
        "Compare the number with the former certificate or with the record",
    ),
    sources: &[GB_32100, GB_11714, GS_15],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.former_number("44030500000"),
        silent: |e| e.former_number("440305000000001"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if let Some(former) = &cx.case.sponsor.certificate.former {
        push_form(out, FORMER_NUMBER.into(), former.kind, &former.number);
    }
}
