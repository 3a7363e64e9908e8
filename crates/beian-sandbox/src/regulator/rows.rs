//! How the parts of a filing are shown on the console's pages.

use beian_domain::CertificateKind;
use beian_wire::RecordKey;
use beian_wire::package::decode_base64;
use beian_wire::upload::{Access, Attachment, AttachmentOwner, PrincipalDetails, Sponsor, Website};

use super::lookup::{domain_names, nature_name};
use crate::checks::Picture;
use crate::language::Language;
use crate::state::Challenge;
use crate::views::{AttachmentRow, ChallengeRow, Section, range};

/// The sponsor and who answers for it.
pub(super) fn sponsor_sections(sponsor: &Sponsor, language: Language) -> Vec<Section> {
    let t = |chinese, english| language.pick(chinese, english);
    let mut sections = Vec::new();
    let address = &sponsor.address;
    let mut rows = vec![
        (t("名称", "Name"), sponsor.name.clone()),
        (t("性质", "Nature"), nature_name(sponsor.nature, language)),
        (
            t("证件", "Certificate"),
            format!("{} {}", kind_name(Some(sponsor.certificate.kind), language), sponsor.certificate.number),
        ),
        (t("证件住所", "Address on the certificate"), sponsor.certificate.residence.clone()),
        (
            t("通信地址", "Postal address"),
            format!(
                "{} / {} / {} {}",
                address.province,
                address.city,
                address.county.map_or_else(|| "—".to_owned(), |county| county.to_string()),
                address.detail.as_deref().unwrap_or_default()
            ),
        ),
    ];
    push(&mut rows, t("投资人或主管单位", "Investor or superior body"), sponsor.investor.as_ref());
    push(&mut rows, t("备注", "Remark"), sponsor.remark.as_ref());
    sections.push(Section { title: t("主办者", "Sponsor").to_owned(), rows });
    sections.push(Section {
        title: t("主体负责人", "Sponsor principal").to_owned(),
        rows: principal_rows(sponsor.principal.name.as_deref(), &sponsor.principal.details, language),
    });
    sections
}

pub(super) fn challenge_row(
    challenge: &Challenge,
    sponsor: Option<&Sponsor>,
    websites: &[Website],
    language: Language,
) -> ChallengeRow {
    let has = |details: &PrincipalDetails| {
        details.mobile.split([';', '；']).next() == Some(challenge.mobile.as_str())
    };
    let mut people: Vec<&str> = Vec::new();
    if let Some(sponsor) = sponsor
        && has(&sponsor.principal.details)
    {
        people.push(sponsor.principal.name.as_deref().unwrap_or(&sponsor.name));
    }
    for website in websites {
        if has(&website.principal.details) && !people.contains(&website.principal.name.as_str()) {
            people.push(&website.principal.name);
        }
    }
    let (state, tone) = match challenge.verified {
        Some(_) => (language.pick("已核验", "Verified"), "good"),
        None => (language.pick("待核验", "Waiting"), "wait"),
    };
    ChallengeRow {
        mobile: challenge.mobile.clone(),
        people: people.join(", "),
        suffixes: challenge.suffixes.join(", "),
        code: challenge.code.clone(),
        state,
        tone,
    }
}

pub(super) fn push(rows: &mut Vec<(&'static str, String)>, label: &'static str, value: Option<&String>) {
    if let Some(value) = value {
        rows.push((label, value.clone()));
    }
}

pub(super) fn principal_rows(
    name: Option<&str>,
    details: &PrincipalDetails,
    language: Language,
) -> Vec<(&'static str, String)> {
    let t = |chinese, english| language.pick(chinese, english);
    let mut rows = vec![(t("姓名", "Name"), name.unwrap_or("—").to_owned())];
    let number = details.certificate_number.as_deref().unwrap_or("—");
    rows.push((
        t("证件", "Certificate"),
        format!("{} {number}", kind_name(details.certificate_kind, language)),
    ));
    rows.push((t("手机号码", "Mobile"), details.mobile.clone()));
    push(&mut rows, t("办公电话", "Office telephone"), details.office_phone.as_ref());
    rows.push((t("电子邮箱", "E-mail"), details.email.clone()));
    rows
}

pub(super) fn website_section(website: &Website, language: Language) -> Section {
    let t = |chinese, english| language.pick(chinese, english);
    let list = |codes: &[u8]| codes.iter().map(u8::to_string).collect::<Vec<_>>().join(", ");
    let mut rows = vec![
        (t("接入商的网站标识", "Provider's id of the site"), website.isp_website_id.to_string()),
        (t("网站名称", "Name"), website.name.clone()),
        (t("域名", "Domains"), domain_names(website)),
    ];
    push(&mut rows, t("首页网址", "Home page"), website.home_url.as_ref());
    rows.push((t("服务内容代码", "Service content codes"), list(&website.contents)));
    rows.push((t("语种代码", "Language codes"), list(&website.languages)));
    for approval in &website.approvals {
        rows.push((t("前置审批", "Pre-approval"), format!("{} · {}", approval.kind, approval.number)));
    }
    for Access { server_places, methods, ip_ranges, .. } in &website.accesses {
        let ranges = ip_ranges.iter().map(|ip| range(ip.first, ip.last)).collect::<Vec<_>>().join(", ");
        let access = match language {
            Language::Chinese => {
                format!("放置地 {}，方式 {}，地址 {ranges}", list(server_places), list(methods))
            }
            Language::English => {
                format!("place {}, method {}, addresses {ranges}", list(server_places), list(methods))
            }
        };
        rows.push((t("接入", "Access"), access));
    }
    push(&mut rows, t("备注", "Remark"), website.remark.as_ref());
    Section { title: format!("{} · {}", t("网站", "Website"), website.name), rows }
}

fn kind_name(code: Option<u16>, language: Language) -> String {
    let Some(code) = code else { return "—".to_owned() };
    match CertificateKind::from_code(code) {
        Ok(kind) => {
            let label = kind.label();
            language.pick(&label.zh, &label.en).to_owned()
        }
        Err(error) => error.got,
    }
}

pub(super) fn attachment_row(
    index: usize,
    attachment: &Attachment<RecordKey>,
    language: Language,
) -> AttachmentRow {
    let t = |chinese, english| language.pick(chinese, english);
    let what = match attachment.purpose.0 {
        1 => t("核验单", "Verification form"),
        2 => t("主办单位证件", "Sponsor's certificate"),
        3 => t("主体负责人证件", "Sponsor principal's certificate"),
        4 => t("网站负责人证件", "Website principal's certificate"),
        5 => t("网站负责人核验照片", "Website principal's photograph"),
        _ => t("未知用途", "Unknown use"),
    };
    let key = match attachment.owner.key() {
        RecordKey::Id(id) => id.to_string(),
        RecordKey::Number(number) => number.clone(),
    };
    let owner = match attachment.owner {
        AttachmentOwner::Sponsor(_) => format!("{} {key}", t("主体", "sponsor")),
        AttachmentOwner::Website(_) => format!("{} {key}", t("网站", "website")),
    };
    let bytes = decode_base64(&attachment.content_base64);
    AttachmentRow {
        index,
        caption: format!("{what} · {owner}"),
        size: format!("{} {}", bytes.as_ref().map_or(0, Vec::len), t("字节", "bytes")),
        picture: bytes.as_deref().and_then(Picture::of).is_some(),
    }
}
