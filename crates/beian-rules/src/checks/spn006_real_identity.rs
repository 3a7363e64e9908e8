use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN006",
    slug: "real-identity-at-practice-regulator",
    family: Family::Sponsor,
    title: fixed("练习管局不接收真实身份", "The practice regulator takes no real identity"),
    what: fixed(
        "练习环境中的证件号码是否为练习号码",
        "Whether a number is a made-up one, when the regulator is the practice one",
    ),
    why: fixed(
        "练习环境不应保存任何真实的个人信息",
        "Nothing personal that is real should be kept where people practise",
    ),
    how: fixed(
        "换用练习身份清单中的号码；要备案真实网站，请使用正式环境",
        "Use a number from the list of practice identities; for a real site use the real system",
    ),
    sources: &[PRACTICE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.certificate.number = p("9144030071526726XG"),
        silent: |e| {
            e.facts.regulator = RegulatorKind::Real;
            e.case.sponsor.certificate.number = p("9144030071526726XG")
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.facts.regulator == RegulatorKind::Real {
        return;
    }
    for (pointer, number) in parsed_numbers(cx) {
        if !beian_domain::practice::is_practice(number) {
            let cause = fixed(
                "该号码可能属于真实的人或单位，本系统连接的是练习管局",
                "The number may be that of a real person or unit, and this system is connected to the practice regulator",
            );
            let masked = Personal::new(number.as_str()).masked();
            out.push(Finding::error(pointer, cause).evidence("号码（已遮盖）", "Number, masked", masked));
        }
    }
}
