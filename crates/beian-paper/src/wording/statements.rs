//! 承诺书, 声明, 证明, 确认函, 同意书 and 方案书.

use beian_domain::DomainHolderRelation;

use super::{Choice, View, blank, blank_date, choice};
use crate::document::{Block, Mark, Piece, Row, Signatory, SignatureLine};

pub(super) fn pledge(view: &View<'_>) -> Vec<Block> {
    let mut opening = view.sponsor_presented();
    opening.extend([
        "申请办理网站".into(),
        blank(view.service_name(), 8.0),
        "（域名：".into(),
        blank(view.domain(), 9.0),
        "）的互联网信息服务备案，郑重承诺如下：".into(),
    ]);
    let we = view.we();
    let own = if view.is_individual() {
        "三、网站为个人性质，不含企业、单位或者其他组织的信息，不从事经营性互联网信息服务；"
    } else {
        "三、网站内容与备案的名称和服务内容相符；依法需要取得许可或者前置审批的，取得之前不提供相应服务；"
    };
    let mut blocks = vec![view.addressee(), Block::Paragraph(opening)];
    for clause in [
        format!("一、所提交的备案信息和材料真实、准确、完整，证件均在有效期内，负责人为{we}确认的人员；"),
        format!("二、备案信息发生变化时及时办理变更，终止服务时及时办理注销，并保持{we}所留联系方式畅通；"),
        own.to_owned(),
        "四、遵守国家法律法规，不制作、复制、发布、传播法律法规禁止的内容，落实网络与信息安全责任；"
            .to_owned(),
        format!("五、域名由{we}依法持有或者有权使用，按期续费，不出租、出借、转让备案号；"),
        "六、备案完成之前不开通网站；备案完成之后在网站首页底部标明备案号，并链接到备案管理系统；".to_owned(),
        "七、配合通信管理局、接入服务提供者和有关部门对备案信息和网站内容的核查。".to_owned(),
    ] {
        blocks.push(Block::Clause(vec![clause.into()]));
    }
    blocks.push(Block::Paragraph(vec![
        format!(
            "如违反上述承诺，{we}愿接受注销备案、关闭网站、列入备案黑名单等处理，并承担由此产生的法律责任。"
        )
        .into(),
    ]));
    blocks.push(Block::Table(view.sponsor_rows()));
    let signer = if view.is_individual() { "承诺人" } else { "承诺单位" };
    let principal = super::Person::signs("网站负责人", "本人已阅读并理解以上承诺，愿负责落实。");
    let sponsor = view.sponsor_signs(signer, &view.sponsor_name());
    blocks.push(Block::Signatures(if view.is_individual() {
        vec![sponsor]
    } else {
        vec![principal, sponsor]
    }));
    blocks
}

pub(super) fn ownership(view: &View<'_>) -> Vec<Block> {
    let mut opening = view.sponsor_presented();
    opening.extend([
        "声明：下列域名均由".into(),
        view.we().into(),
        "依法注册、实名认证并持有，用于所列网站，不存在代他人持有、出租或者出借的情形。".into(),
    ]);
    let mut rows = vec![super::letters::numbered_header(&["域名", "网站名称", "域名到期日"])];
    let expiry = view.matter.case.service.registration.expires_on;
    let expiry = expiry.map(|day| day.format("%Y年%-m月%-d日").to_string()).unwrap_or_default();
    rows.push(super::letters::numbered(1, &[&view.domain(), &view.service_name(), &expiry]));
    rows.extend((2..=10).map(|number| super::letters::numbered(number, &["", "", ""])));
    vec![
        view.addressee(),
        Block::Paragraph(opening),
        Block::Table(rows),
        Block::Paragraph(vec![
            format!("附：各域名的域名证书。如声明不实，{}愿承担由此产生的法律责任。", view.we()).into(),
        ]),
        Block::Signatures(vec![view.sponsor_signs("声明单位", &view.sponsor_name())]),
    ]
}

pub(super) fn domain_holder(view: &View<'_>) -> Vec<Block> {
    let holder = view.matter.case.service.registration.holder;
    let legal = view.legal_representative();
    // The case names the holder only where it is the legal representative.
    let (name, number) = if holder == Some(DomainHolderRelation::LegalRepresentative) {
        (legal.name, legal.certificate_number)
    } else {
        (String::new(), String::new())
    };
    let relations: Vec<String> = [
        (DomainHolderRelation::LegalRepresentative, "法定代表人"),
        (DomainHolderRelation::Shareholder, "股东"),
        (DomainHolderRelation::SeniorManager, "高级管理人员"),
        (DomainHolderRelation::Other, "其他："),
    ]
    .into_iter()
    .map(|(relation, label)| choice(label, holder.map(|holder| holder == relation).into()))
    .collect();
    let mut opening = view.sponsor_presented();
    opening.extend([
        "证明：域名".into(),
        blank(view.domain(), 9.0),
        "的持有者".into(),
        blank(name.clone(), 6.0),
        "与我单位存在下列关系，并同意我单位使用该域名开办网站、办理备案。".into(),
    ]);
    vec![
        view.addressee(),
        Block::Paragraph(opening),
        Block::Table(vec![
            Row::pair(("域名", view.domain()), ("网站名称", view.service_name())),
            Row::pair(("域名持有者", name), ("持有者证件号码", number)),
            Row::wide("与单位的关系", relations.join("　　")),
            Row::wide("主办单位", view.sponsor_name()),
            Row::wide("单位证件号码", view.sponsor_certificate().1),
        ]),
        Block::Paragraph(vec![
            "附：能够证明上述关系的材料（营业执照、公司章程、任职文件或者国家企业信用信息公示系统的查询结果），\
             以及域名证书。"
                .into(),
        ]),
        Block::Signatures(vec![
            super::Person::signs("域名持有者", "本人同意上述单位使用该域名，所述关系属实。"),
            view.sponsor_signs("证明单位", "以上情况属实，我单位对证明内容负责。"),
        ]),
    ]
}

pub(super) fn party_building(view: &View<'_>) -> Vec<Block> {
    let yes_no = || format!("{}　　{}", choice("是", Choice::Open), choice("否", Choice::Open));
    let person = view.service_principal();
    let empty = String::new;
    let mut opening = view.sponsor_presented();
    opening.extend(["就所办网站的党建备案信息确认如下，并保证情况属实。".into()]);
    let mut rows = vec![Row::heading("一、网站信息")];
    rows.extend(view.sponsor_rows());
    rows.extend([
        Row::pair(("网站名称", view.service_name()), ("网站域名", view.domain())),
        Row::pair(("网站负责人", person.name), ("手机号码", person.mobile)),
        Row::pair(("从业人员人数", empty()), ("党员人数", empty())),
        Row::heading("二、党组织信息"),
        Row::pair(("是否建立党组织", yes_no()), ("组织形式", empty())),
        Row::wide("党组织名称", empty()),
        Row::pair(("成立时间", empty()), ("隶属党组织", empty())),
        Row::pair(("党组织负责人", empty()), ("联系电话", empty())),
        Row::roomy("未建立的原因", empty(), 3),
        Row::roomy("联系党建工作的部门和人员", empty(), 3),
    ]);
    vec![
        view.addressee(),
        Block::Paragraph(opening),
        Block::Table(rows),
        Block::Signatures(vec![
            view.sponsor_signs("确认单位", "以上信息由我单位填写并核对，如有变化及时更新。"),
        ]),
    ]
}

pub(super) fn guardian(view: &View<'_>) -> Vec<Block> {
    let minor = view.sponsor_principal();
    let opening = vec![
        "本人".into(),
        Piece::Blank(6.0),
        "（身份证号码：".into(),
        Piece::Blank(11.0),
        "）系".into(),
        blank(view.sponsor_name(), 6.0),
        "（证件号码：".into(),
        blank(view.sponsor_certificate().1, 11.0),
        "）的监护人。本人已知悉并同意被监护人开办网站".into(),
        blank(view.service_name(), 8.0),
        "（域名：".into(),
        blank(view.domain(), 9.0),
        "）并办理互联网信息服务备案。".into(),
    ];
    let mut blocks = vec![view.addressee(), Block::Paragraph(opening)];
    for clause in [
        "一、本人了解网站开办者的法律义务，对被监护人开办、管理网站的行为履行监护职责；",
        "二、本人保证网站内容合法，备案信息真实；信息发生变化时，督促并协助及时办理变更；",
        "三、被监护人因网站产生的法律责任，由本人依法承担。",
    ] {
        blocks.push(Block::Clause(vec![clause.into()]));
    }
    let empty = String::new;
    blocks.push(Block::Table(vec![
        Row::heading("被监护人"),
        Row::pair(("姓名", view.sponsor_name()), ("证件号码", view.sponsor_certificate().1)),
        Row::pair(("手机号码", minor.mobile), ("应急联系电话", minor.emergency_phone)),
        Row::heading("监护人"),
        Row::pair(("姓名", empty()), ("身份证号码", empty())),
        Row::pair(("手机号码", empty()), ("与被监护人关系", empty())),
    ]));
    blocks
        .push(Block::Paragraph(vec!["附：监护人身份证件正反面、户口簿中监护人和被监护人的登记页。".into()]));
    let signer = |heading: &str| Signatory {
        heading: heading.to_owned(),
        statement: String::new(),
        lines: vec![SignatureLine::Written("签字："), SignatureLine::Date],
        mark: Mark::Fingerprint,
    };
    blocks.push(Block::Signatures(vec![signer("被监护人"), signer("监护人")]));
    blocks
}

pub(super) fn employment(view: &View<'_>) -> Vec<Block> {
    let mut opening = vec![
        "兹证明".into(),
        blank(view.sponsor_name(), 6.0),
        "（证件号码：".into(),
        blank(view.sponsor_certificate().1, 11.0),
        "）自".into(),
    ];
    opening.extend(blank_date());
    opening.extend([
        "起在我单位工作，任".into(),
        Piece::Blank(7.0),
        "一职，每月收入为人民币".into(),
        Piece::Blank(5.0),
        "元，能够以本人的劳动收入作为主要生活来源。".into(),
    ]);
    let empty = String::new;
    vec![
        view.addressee(),
        Block::Paragraph(opening),
        Block::Paragraph(vec!["本证明仅用于办理互联网信息服务备案。我单位对证明内容的真实性负责。".into()]),
        Block::Table(vec![
            Row::wide("工作单位名称", empty()),
            Row::pair(("单位证件号码", empty()), ("单位联系电话", empty())),
            Row::wide("单位地址", empty()),
        ]),
        Block::Signatures(vec![Signatory {
            heading: "证明单位".to_owned(),
            statement: String::new(),
            lines: vec![SignatureLine::Written("人事负责人签字："), SignatureLine::Date],
            mark: Mark::Seal,
        }]),
        Block::Note("本证明由工作单位填写；所在地通信管理局对开具日期有要求的，从其规定。".to_owned()),
    ]
}

pub(super) fn construction_plan(view: &View<'_>) -> Vec<Block> {
    let person = view.service_principal();
    let mut rows = vec![Row::heading("一、基本信息")];
    rows.extend(view.sponsor_rows());
    rows.extend([
        Row::pair(("网站名称", view.service_name()), ("网站域名", view.domain())),
        Row::pair(("网站负责人", person.name), ("手机号码", person.mobile)),
        Row::pair(("主体备案号", view.sponsor_number()), ("接入服务提供者", view.provider_name())),
    ]);
    let mut blocks = vec![Block::Table(rows)];
    for (title, parts) in [
        ("二、网站内容和栏目设置", &[("建站目的和服务对象", 4), ("栏目设置和内容", 7), ("页面设计", 5)][..]),
        ("三、人员和资金安排", &[("人员及分工", 4), ("资金来源和预算", 3)][..]),
        ("四、内容管理", &[("信息发布审核制度", 4), ("用户和评论管理", 4)][..]),
        ("五、系统部署", &[("服务器和接入", 4), ("软件和数据库", 3)][..]),
        ("六、网络与信息安全措施", &[("技术措施", 5), ("管理制度和日志留存", 5)][..]),
        ("七、应急预案", &[("联系人和处置流程", 6)][..]),
    ] {
        let mut rows = vec![Row::heading(title)];
        rows.extend(parts.iter().map(|(label, lines)| Row::roomy(label, String::new(), *lines)));
        blocks.push(Block::Table(rows));
    }
    blocks.push(Block::Signatures(vec![
        super::Person::signs("网站负责人", "本人负责本方案的落实。"),
        view.sponsor_signs("主办单位", &view.sponsor_name()),
    ]));
    blocks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_is_ticked_by_the_case_alone() {
        assert_eq!(choice("是", Choice::Open), "□是");
        assert_eq!(choice("是", Some(true).into()), "■是");
        assert_eq!(choice("是", Some(false).into()), "□是");
        assert_eq!(choice("是", None.into()), "□是");
    }
}
