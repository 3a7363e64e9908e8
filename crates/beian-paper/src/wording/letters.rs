//! 授权书, 更名函 and 邮寄材料清单.

use super::{Person, View, blank, blank_date, kind, personal};
use crate::document::{Block, Cell, Content, Piece, Row};

const VALIDITY: &str = "本授权书自签署之日起三个月内提交有效；所在地通信管理局另有规定的，从其规定。\
                        签字请用正楷，不得涂改；随附被授权人有效证件的彩色扫描件。";
const RESPONSIBILITY: &str = "被授权人在上述范围内签署的文件和办理的事项，我单位均予承认，并承担相应的法律责任。\
                              被授权人无权再行委托。";
const TERM: &str = "授权期限自签署之日起，至负责人变更备案完成或者我单位书面撤销授权之日止。";
const ACCEPTANCE: &str = "本人已了解备案负责人的职责，接受上述授权，保证所留联系方式为本人使用并保持畅通。";

pub(super) fn legal_representative(view: &View<'_>) -> Vec<Block> {
    let grantor = view.legal_representative();
    // Whom the legal representative authorises: somebody else than themselves.
    let person = if grantor.name.is_empty() { view.sponsor_principal() } else { other_than_grantor(view) };
    let (_, number) = view.sponsor_certificate();
    let mut duty = vec![
        "本人".into(),
        blank(grantor.name, 6.0),
        "（证件号码：".into(),
        blank(grantor.certificate_number, 11.0),
        "）系".into(),
        blank(view.sponsor_name(), 14.0),
        "（证件号码：".into(),
        blank(number, 11.0),
        "）的法定代表人，现授权".into(),
        blank(person.name.clone(), 6.0),
        "担任本单位互联网信息服务备案的主体负责人和网站负责人".into(),
    ];
    duty.extend(site(view));
    duty.push("，代表本单位办理下列事项：".into());
    let mut blocks = vec![view.addressee(), Block::Paragraph(duty)];
    blocks.extend(powers());
    blocks.push(said(TERM));
    blocks.push(said(RESPONSIBILITY));
    blocks.push(Block::Table(authorised(person)));
    blocks.push(signatures(view));
    blocks.push(Block::Note(VALIDITY.to_owned()));
    blocks
}

pub(super) fn sponsor_principal(view: &View<'_>) -> Vec<Block> {
    let person = view.sponsor_principal();
    let mut duty = view.sponsor_presented();
    duty.extend([
        "现授权".into(),
        blank(person.name.clone(), 6.0),
        "担任".into(),
        view.we().into(),
        "互联网信息服务备案的主体负责人，代表".into(),
        view.we().into(),
        "办理下列事项：".into(),
    ]);
    let mut blocks = vec![view.addressee(), Block::Paragraph(duty)];
    blocks.extend(powers());
    blocks.push(said(TERM));
    blocks.push(said(RESPONSIBILITY));
    blocks.push(Block::Table(authorised(person)));
    blocks.push(signatures(view));
    blocks.push(Block::Note(VALIDITY.to_owned()));
    blocks
}

pub(super) fn service_principal(view: &View<'_>) -> Vec<Block> {
    let person = view.service_principal();
    let mut duty = view.sponsor_presented();
    duty.extend([
        "现授权".into(),
        blank(person.name.clone(), 6.0),
        "担任".into(),
        view.we().into(),
        "所办网站".into(),
        blank(view.service_name(), 8.0),
        "（域名：".into(),
        blank(view.domain(), 9.0),
        "）的网站负责人，负责该网站的备案核验、内容管理和网络与信息安全，并代表".into(),
        view.we().into(),
        "办理下列事项：".into(),
    ]);
    let mut blocks = vec![view.addressee(), Block::Paragraph(duty)];
    blocks.extend(powers());
    blocks.push(said(TERM));
    blocks.push(said(RESPONSIBILITY));
    blocks.push(Block::Table(authorised(person)));
    blocks.push(signatures(view));
    blocks.push(Block::Note(VALIDITY.to_owned()));
    blocks
}

pub(super) fn rename(view: &View<'_>) -> Vec<Block> {
    let certificate = &view.matter.case.sponsor.certificate;
    let (certificate_kind, number) = view.sponsor_certificate();
    let former_name = personal(view.matter.former_name);
    let mut news =
        vec!["我单位原名称为".into(), blank(former_name.clone(), 14.0), "，经登记机关核准，于".into()];
    news.extend(blank_date());
    news.extend([
        "更名为".into(),
        blank(view.sponsor_name(), 14.0),
        "。更名前后为同一主体，更名前的权利和义务由更名后的单位全部承继。".into(),
    ]);
    let request = vec![
        "我单位以原名称办理的互联网信息服务备案（主体备案号：".into(),
        blank(view.sponsor_number(), 10.0),
        "）继续由我单位使用和负责。特此函告，请据此办理备案信息的核验和变更。".into(),
    ];
    let mut rows = vec![
        Row::wide("更名前名称", former_name),
        Row::wide("更名后名称", view.sponsor_name()),
        Row::pair(("证件类型", certificate_kind), ("证件号码", number)),
    ];
    if let Some(former) = &certificate.former {
        let before = personal(Some(&former.number));
        rows.push(Row::pair(("原证件类型", kind(Some(former.kind))), ("原证件号码", before)));
    }
    rows.push(Row::pair(("主体备案号", view.sponsor_number()), ("核准变更文号", String::new())));
    vec![
        view.addressee(),
        Block::Paragraph(news),
        Block::Paragraph(request),
        Block::Table(rows),
        said("附：登记机关出具的名称变更核准文件，以及更名后的证件。"),
        Block::Signatures(vec![
            view.sponsor_signs("更名后单位", "以上情况属实。如有虚假，我单位愿承担由此产生的法律责任。"),
        ]),
    ]
}

pub(super) fn posted_dossier(view: &View<'_>) -> Vec<Block> {
    let mut purpose = view.sponsor_presented();
    purpose.extend(["就域名".into(), blank(view.domain(), 9.0), "的备案事宜邮寄下列材料，请予查收。".into()]);
    let mut rows = vec![numbered_header(&["材料名称", "份数", "备注"])];
    for (index, name) in
        ["域名证书（全部域名）", "网站建设方案书", "主办者证件复印件", "接入服务合同复印件", "", ""]
            .into_iter()
            .enumerate()
    {
        rows.push(numbered(index + 1, &[name, "", ""]));
    }
    let mut sender = view.sponsor_rows();
    let person = view.sponsor_principal();
    sender.push(Row::pair(("联系人", person.name), ("手机号码", person.mobile)));
    sender.push(Row::wide("退件地址", personal(view.matter.case.sponsor.address.as_ref())));
    sender.push(Row::pair(("快递公司", String::new()), ("快递单号", String::new())));
    vec![
        view.addressee(),
        Block::Paragraph(purpose),
        Block::Table(rows),
        Block::Table(sender),
        Block::Signatures(vec![view.sponsor_signs("寄件单位", "以上材料与原件一致，真实有效。")]),
        Block::Note("快递单号请同时填入备案订单的备注，以便管局核对。".to_owned()),
    ]
}

/// What is filed by somebody who may not be the one who signs for it.
fn other_than_grantor(view: &View<'_>) -> Person {
    let case = view.matter.case;
    match &case.service.principal {
        Some(beian_domain::ServicePrincipal::Other(other)) => Person::of(Some(other)),
        _ => Person::default(),
    }
}

fn site(view: &View<'_>) -> Vec<Piece> {
    vec![
        "（网站名称：".into(),
        blank(view.service_name(), 8.0),
        "，域名：".into(),
        blank(view.domain(), 9.0),
        "）".into(),
    ]
}

/// What a principal does for a sponsor.
fn powers() -> Vec<Block> {
    [
        "一、提交、修改备案信息和材料，办理备案、变更备案、新增接入和注销备案；",
        "二、完成短信核验、真实性核验，接听核验电话，接收通信管理局和接入服务提供者的通知；",
        "三、在备案信息发生变化时及时办理变更，配合备案信息核查和整改。",
    ]
    .into_iter()
    .map(|power| Block::Clause(vec![power.into()]))
    .collect()
}

/// The authorised person as a table, with their post to be written by hand.
fn authorised(person: Person) -> Vec<Row> {
    let mut rows = vec![Row::heading("被授权人")];
    rows.extend(person.rows());
    rows.push(Row::pair(("部门及职务", String::new()), ("与单位的关系", String::new())));
    rows
}

fn signatures(view: &View<'_>) -> Block {
    Block::Signatures(vec![
        Person::signs("被授权人", ACCEPTANCE),
        view.sponsor_signs("授权单位", &view.sponsor_name()),
    ])
}

fn said(text: &str) -> Block {
    Block::Paragraph(vec![text.into()])
}

/// The head of a list: a number, a wide column, and narrow ones.
pub(super) fn numbered_header(names: &[&str; 3]) -> Row {
    let label = |text: &str| Content::Label(text.to_owned());
    Row::line(columns(label("序号"), names.map(label)))
}

pub(super) fn numbered(number: usize, values: &[&str; 3]) -> Row {
    let value = |text: &str| Content::Value(text.to_owned());
    Row::line(columns(Content::Label(number.to_string()), values.map(value)))
}

fn columns(first: Content, others: [Content; 3]) -> Vec<Cell> {
    let mut cells = vec![Cell { width: 0.08, content: first }];
    cells.extend([0.46, 0.22, 0.24].into_iter().zip(others).map(|(width, content)| Cell { width, content }));
    cells
}
