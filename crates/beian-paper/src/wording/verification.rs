//! 真实性核验单.

use beian_domain::{FilingKind, NumberStated, ServicePrincipal};

use super::{Choice, Person, View, choice, kind, personal, plain};
use crate::document::{Block, Cell, Content, Row, Signatory, SignatureLine};

pub(super) fn verification_form(view: &View<'_>) -> Vec<Block> {
    let mut rows = sponsor(view);
    rows.extend(service(view));
    rows.extend(checks(view));
    let statement = "我单位已核对本表所填信息和所附材料，确认真实、准确、完整；信息有变化时及时办理变更备案。\
                     如有虚假，愿承担由此产生的法律责任。";
    vec![
        Block::Table(rows),
        Block::Signatures(vec![
            sponsor_signs(view, statement),
            view.provider_signs(
                "已按上列各项核验主办者和负责人的证件及网站信息，核验结果如实填写，并对核验行为负责。",
            ),
        ]),
    ]
}

/// On this form, those in charge sign, not the legal representative.
fn sponsor_signs(view: &View<'_>, statement: &str) -> Signatory {
    let mut signatory = view.sponsor_signs("主办单位", statement);
    let one_person = matches!(view.matter.case.service.principal, Some(ServicePrincipal::SameAsSponsor));
    let first = if view.is_individual() { "本人签字：" } else { "主体负责人签字：" };
    signatory.lines = vec![SignatureLine::Written(first)];
    if !one_person {
        signatory.lines.push(SignatureLine::Written("网站负责人签字："));
    }
    signatory.lines.push(SignatureLine::Date);
    signatory
}

fn sponsor(view: &View<'_>) -> Vec<Row> {
    let case = view.matter.case;
    let sponsor = &case.sponsor;
    let nature = sponsor.nature.map(|nature| nature.label().zh.into_owned()).unwrap_or_default();
    let kinds: Vec<String> = FilingKind::ALL
        .iter()
        .filter(|kind| kind.purpose() == beian_domain::FilingPurpose::File)
        .map(|kind| choice(&kind.label().zh, case.kind.map(|stated| stated == *kind).into()))
        .collect();
    let certificate = &sponsor.certificate;
    // What the filing states; beside it the other of the two.
    let stated = certificate.stated();
    let mut rows = vec![
        Row::heading("一、主办者信息"),
        Row::pair(("主办者性质", nature), ("备案类型", kinds.join(" "))),
        Row::wide("主办者名称", view.sponsor_name()),
        Row::pair(("证件类型", kind(stated.0)), ("证件号码", personal(stated.1))),
        Row::wide("证件住所", personal(certificate.address.as_ref())),
        Row::pair(("所属区域", view.division()), ("主体备案号", view.sponsor_number())),
        Row::wide("通信地址", personal(sponsor.address.as_ref())),
    ];
    if let Some(former) = &certificate.former {
        let row = match certificate.states {
            NumberStated::Current => Row::pair(
                ("原证件类型", kind(Some(former.kind))),
                ("原证件号码", personal(Some(&former.number))),
            ),
            NumberStated::Former => Row::pair(
                ("现证件类型", kind(certificate.kind)),
                ("现证件号码", personal(certificate.number.as_ref())),
            ),
        };
        rows.insert(4, row);
    }
    if view.is_individual() {
        // The sponsor is the person in charge: only what is not above.
        let person = view.sponsor_principal();
        rows.push(Row::pair(("手机号码", person.mobile), ("应急联系电话", person.emergency_phone)));
        rows.push(Row::wide("电子邮箱", person.email));
    } else {
        rows.push(Row::wide("投资人或主管单位", personal(sponsor.investor.as_ref())));
        rows.extend(person("主体负责人", view.sponsor_principal()));
    }
    let remark = personal(sponsor.remark.as_ref());
    if !remark.is_empty() {
        rows.push(Row::wide("主体备注", remark));
    }
    rows
}

fn service(view: &View<'_>) -> Vec<Row> {
    let service = &view.matter.case.service;
    let mut rows = vec![
        Row::heading("二、网站信息"),
        Row::pair(("网站名称", view.service_name()), ("网站域名", view.domain())),
        Row::pair(("首页网址", plain(service.home_url.as_deref())), ("网站备案号", view.service_number())),
        Row::pair(
            ("服务内容", listed(view.matter.names.contents)),
            ("语种", listed(view.matter.names.languages)),
        ),
    ];
    rows.extend(person("网站负责人", view.service_principal()));
    let remark = plain(service.remark.as_deref());
    if !remark.is_empty() {
        rows.push(Row::wide("网站备注", remark));
    }
    rows
}

fn person(label: &str, person: Person) -> Vec<Row> {
    let phones = [person.emergency_phone, person.office_phone];
    let phones: Vec<String> = phones.into_iter().filter(|phone| !phone.is_empty()).collect();
    vec![
        Row::pair((label, person.name), ("证件类型", person.certificate_kind)),
        Row::pair(("证件号码", person.certificate_number), ("手机号码", person.mobile)),
        Row::pair(("应急和办公电话", phones.join("、")), ("电子邮箱", person.email)),
    ]
}

fn checks(view: &View<'_>) -> Vec<Row> {
    let holder = if view.is_individual() {
        "域名由主办者本人持有并已通过实名认证"
    } else {
        "域名由主办单位或者规定允许的持有者持有并已通过实名认证"
    };
    let certificate = if view.is_individual() {
        "已核验主办者身份证件，与本人及所填信息一致"
    } else {
        "已核验主办单位证件，在有效期内，与所填信息一致"
    };
    let mut rows = vec![Row::heading("三、接入服务提供者核验记录")];
    for check in [
        certificate,
        "已核验负责人身份证件，与本人及所填信息一致",
        "已以视频或者当面方式确认网站负责人为其本人",
        holder,
        "网站名称和服务内容相符；需要前置审批的，批准文件已提交",
    ] {
        rows.push(Row::line(vec![
            Cell { width: 0.74, content: Content::Statement(check.to_owned()) },
            Cell {
                width: 0.26,
                content: Content::Statement(format!(
                    "{}　　{}",
                    choice("是", Choice::Open),
                    choice("否", Choice::Open)
                )),
            },
        ]));
    }
    rows
}

fn listed(names: &[&str]) -> String {
    let names: Vec<String> = names.iter().map(|name| plain(Some(name))).collect();
    names.join("、")
}
