use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PER001",
    slug: "person-unanswered",
    family: Family::Person,
    title: fixed("负责人信息没有填全", "Something about a principal is not answered"),
    what: fixed(
        "每位负责人的姓名、证件和联系方式；单位还有办公电话",
        "Every principal's name, certificate and ways to reach them; for units the office telephone too",
    ),
    why: fixed(
        "管局凭这些内容核实并联系负责人，缺一项即退回",
        "The regulator verifies and calls principals by them; one that is missing returns the filing",
    ),
    how: fixed("填写缺少的内容", "Fill in what is missing"),
    sources: &[INTERFACE, ORDER_33],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.emergency_phone = None,
        silent: |e| e.individual(),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let is_unit = cx.is_individual() == Some(false);
    for person in cx.people() {
        let principal = person.principal;
        unanswered(
            out,
            [
                (
                    person.at("name"),
                    is_blank(principal.name.as_ref()),
                    fixed("负责人姓名", "principal's name"),
                ),
                (
                    person.at("certificate-kind"),
                    principal.certificate_kind.is_none(),
                    fixed("负责人证件类型", "principal's kind of certificate"),
                ),
                (
                    person.at("certificate-number"),
                    is_blank(principal.certificate_number.as_ref()),
                    fixed("负责人证件号码", "principal's certificate number"),
                ),
                (
                    person.at("mobile"),
                    is_blank(principal.mobile.as_ref()),
                    fixed("手机号码", "mobile number"),
                ),
                (
                    person.at("emergency-phone"),
                    is_blank(principal.emergency_phone.as_ref()),
                    fixed("应急联系电话", "emergency telephone"),
                ),
                (
                    person.at("office-phone"),
                    is_unit && is_blank(principal.office_phone.as_ref()),
                    fixed("办公电话", "office telephone"),
                ),
                (person.at("email"), is_blank(principal.email.as_ref()), fixed("电子邮箱", "e-mail address")),
            ],
        );
    }
}
