use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "SPN005",
    slug: "practice-identity-at-real-regulator",
    family: Family::Sponsor,
    title: fixed("练习身份不能报送真实的管局", "A practice identity cannot go to a real regulator"),
    what: fixed(
        "正式环境中的证件号码是否为练习号码",
        "Whether a number is a made-up one, when the regulator is real",
    ),
    why: fixed(
        "练习号码的主体部分取永不分配的值，真实的人和单位不会有",
        "Practice numbers have a part that is never assigned, so nobody real has them",
    ),
    how: fixed("填写真实证件上的号码", "Give the number of the real certificate"),
    sources: &[PRACTICE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples { firing: |e| e.facts.regulator = RegulatorKind::Real, silent: clean },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if cx.facts.regulator == RegulatorKind::Practice {
        return;
    }
    for (pointer, number) in parsed_numbers(cx) {
        if beian_domain::practice::is_practice(number) {
            let cause = fixed(
                "该号码是练习号码，本系统连接的是真实的管局",
                "The number is a practice number, and this system is connected to a real regulator",
            );
            let masked = Personal::new(number.as_str()).masked();
            out.push(Finding::error(pointer, cause).evidence("号码（已遮盖）", "Number, masked", masked));
        }
    }
}
