use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER013",
    slug: "name-with-digits-or-letters",
    family: Family::Person,
    title: fixed("姓名中有数字或字母", "The name has digits or letters in it"),
    what: fixed("持居民身份证的负责人姓名", "The name of a principal with a resident identity card"),
    why: fixed(
        "居民身份证上的姓名没有数字和英文字母，管局会与公安信息比对",
        "Names on resident identity cards have neither, and they are compared with police records",
    ),
    how: fixed("按身份证填写姓名", "Give the name as on the identity card"),
    sources: &[SUBJECT],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.name = p("习小明2"),
        silent: |e| e.case.sponsor.principal.name = p("习作·练习"),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    for person in cx.people() {
        let Some(name) = answered(person.principal.name.as_ref()) else { continue };
        if person.principal.certificate_kind == Some(CertificateKind::ResidentIdCard)
            && name.expose().chars().any(|c| c.is_ascii_alphanumeric())
        {
            let cause = fixed("姓名中有数字或英文字母", "There are digits or letters in the name");
            out.push(Finding::warning(person.at("name"), cause).evidence(
                "所填姓名（已遮盖）",
                "Name given, masked",
                name.masked(),
            ));
        }
    }
}
