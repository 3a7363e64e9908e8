//! 变更申请, 注销申请 and 注销声明函.

use super::{View, blank, personal, plain};
use crate::document::{Block, Cell, Content, Piece, Row, RowHeight};

/// Rows of a list of changes, so that some can be added by hand.
const CHANGES: usize = 6;

pub(super) fn change(view: &View<'_>) -> Vec<Block> {
    let mut request = view.sponsor_presented();
    request.extend([
        "因备案信息发生变化，申请将下列事项变更，请予办理。主体备案号：".into(),
        blank(view.sponsor_number(), 10.0),
        "；网站备案号：".into(),
        blank(view.service_number(), 11.0),
        "。".into(),
    ]);
    let mut rows = vec![change_row(
        Content::Label("序号".to_owned()),
        ["变更事项", "变更前（现登记）", "变更后"].map(|name| Content::Label(name.to_owned())),
    )];
    for (index, change) in view.matter.changes.iter().enumerate() {
        rows.push(change_row(
            Content::Label((index + 1).to_string()),
            [
                Content::Value(change.item.label().zh.into_owned()),
                Content::Value(personal(change.before.as_ref())),
                Content::Value(personal(change.after.as_ref())),
            ],
        ));
    }
    for number in view.matter.changes.len() + 1..=CHANGES {
        let empty = || Content::Value(String::new());
        rows.push(change_row(Content::Label(number.to_string()), [empty(), empty(), empty()]));
    }
    let person = view.sponsor_principal();
    vec![
        view.addressee(),
        Block::Paragraph(request),
        Block::Table(rows),
        Block::Table(vec![
            Row::roomy("变更原因", plain(view.matter.reason), 3),
            Row::pair(("联系人", person.name), ("手机号码", person.mobile)),
        ]),
        Block::Signatures(vec![
            view.sponsor_signs(
                "申请单位",
                "变更后的信息真实、准确，证明材料随附；如有虚假，我单位愿承担法律责任。",
            ),
            view.provider_signs("已核对变更事项及其证明材料，同意提交。"),
        ]),
    ]
}

fn change_row(number: Content, others: [Content; 3]) -> Row {
    let mut cells = vec![Cell { width: 0.08, content: number }];
    cells.extend([0.22, 0.35, 0.35].into_iter().zip(others).map(|(width, content)| Cell { width, content }));
    Row::line(cells)
}

pub(super) fn cancel_sponsor(view: &View<'_>) -> Vec<Block> {
    let mut request = view.sponsor_presented();
    request.extend([
        "申请注销互联网信息服务主体备案，主体备案号：".into(),
        blank(view.sponsor_number(), 10.0),
        "。该主体名下的全部网站及其接入信息一并注销。".into(),
    ]);
    cancellation(
        view,
        request,
        "已知悉：注销后主体备案号及其名下全部网站的备案号均失效且不可恢复；各网站须停止在境内接入服务；\
         再次开办网站须重新备案，部分域名后缀可能不再受理。",
    )
}

pub(super) fn cancel_service(view: &View<'_>) -> Vec<Block> {
    let mut request = view.sponsor_presented();
    request.extend([
        "申请注销网站".into(),
        blank(view.service_name(), 8.0),
        "（域名：".into(),
        blank(view.domain(), 9.0),
        "；网站备案号：".into(),
        blank(view.service_number(), 11.0),
        "）的备案。主体备案及名下其他网站的备案不变。".into(),
    ]);
    cancellation(
        view,
        request,
        "已知悉：注销后该网站备案号失效且不可恢复，网站须停止在境内接入服务；所注销的是名下最后一个网站的，\
         主体将成为空壳主体，可能被通信管理局清理。",
    )
}

pub(super) fn cancel_access(view: &View<'_>) -> Vec<Block> {
    let mut request = view.sponsor_presented();
    request.extend([
        "申请取消网站".into(),
        blank(view.service_name(), 8.0),
        "（域名：".into(),
        blank(view.domain(), 9.0),
        "；网站备案号：".into(),
        blank(view.service_number(), 11.0),
        "）在".into(),
        blank(view.provider_name(), 12.0),
        "的接入。主体和网站的备案不变。".into(),
    ]);
    cancellation(
        view,
        request,
        "已知悉：取消后该域名不得再通过上述接入服务提供者提供服务；备案号仍然有效，但长期没有接入信息的备案，\
         可能被通信管理局注销。",
    )
}

fn cancellation(view: &View<'_>, request: Vec<Piece>, consequences: &str) -> Vec<Block> {
    let person = view.sponsor_principal();
    let mut rows = view.sponsor_rows();
    rows.extend([
        Row::pair(("主体备案号", view.sponsor_number()), ("网站备案号", view.service_number())),
        Row::pair(("网站名称", view.service_name()), ("网站域名", view.domain())),
        Row::pair(("主体负责人", person.name), ("手机号码", person.mobile)),
        Row::roomy("申请原因", plain(view.matter.reason), 4),
        Row {
            cells: vec![
                Cell { width: 0.17, content: Content::Label("后果告知".to_owned()) },
                Cell { width: 0.83, content: Content::Statement(consequences.to_owned()) },
            ],
            height: RowHeight::Line,
        },
    ]);
    vec![
        view.addressee(),
        Block::Paragraph(request),
        Block::Table(rows),
        Block::Signatures(vec![
            view.sponsor_signs(
                "申请单位",
                "本申请系我单位真实意愿，上述后果已经知悉，由此产生的责任由我单位承担。",
            ),
            view.provider_signs("已核对申请人身份和申请事项，同意提交。"),
        ]),
    ]
}

pub(super) fn cancellation_statement(view: &View<'_>) -> Vec<Block> {
    let mut state = view.sponsor_presented();
    state.extend([
        "申请注销互联网信息服务备案（主体备案号：".into(),
        blank(view.sponsor_number(), 10.0),
        "；网站备案号：".into(),
        blank(view.service_number(), 11.0),
        "；域名：".into(),
        blank(view.domain(), 9.0),
        "）。因备案登记的手机号码".into(),
        // The case has the number of today; that of the record is the one that is lost.
        Piece::Blank(8.0),
        "已停用或者无法使用，不能接收注销验证短信，现声明如下：".into(),
    ]);
    let mut blocks = vec![view.addressee(), Block::Paragraph(state)];
    let we = view.we();
    for clause in [
        format!("一、注销备案系{we}真实意愿，所附证件为{we}现行有效证件，请以本声明代替短信验证；"),
        format!("二、{we}知悉备案注销后不可恢复，网站须停止在境内接入服务；"),
        format!("三、因注销产生的纠纷和责任，由{we}自行承担，与接入服务提供者无关；"),
        format!("四、核实本声明时，请联系以下电话，{we}保证接听。"),
    ] {
        blocks.push(Block::Clause(vec![clause.into()]));
    }
    let mut rows = view.sponsor_rows();
    let person = view.sponsor_principal();
    rows.push(Row::pair(("核实联系人", person.name), ("现用手机号码", person.mobile)));
    rows.push(Row::roomy("注销原因", plain(view.matter.reason), 3));
    blocks.push(Block::Table(rows));
    blocks.push(Block::Paragraph(vec!["附：主办者证件和负责人身份证件的彩色扫描件。".into()]));
    blocks.push(Block::Signatures(vec![view.sponsor_signs("声明单位", &view.sponsor_name())]));
    blocks
}
