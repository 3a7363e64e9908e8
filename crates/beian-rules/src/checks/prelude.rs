//! What the checks have in common.

pub(super) use beian_domain::{
    AppFingerprint, AppPlatform, AppPublicKey, CertificateKind, CertificateNumber, CertificateNumberError,
    CodeText, CodeTextError, DomainName, DomainNameError, FilingKind, FilingPurpose, OutsideTask, Paper,
    Personal, Pointer, PrincipalRole, RegistrarPlace, Release, RemedyAction, Severity, Situation,
    SponsorNature, Text,
};
#[cfg(test)]
pub(super) use beian_domain::{RecordState, ServiceKind, ServicePrincipal};
pub(super) use chrono::{Days, Months, NaiveDate};

pub(super) use crate::catalogue::{Check, CheckSource, Family};
pub(super) use crate::context::{Context, Finding, Findings, StatedNumber, fixed, outside, text};
#[cfg(test)]
pub(super) use crate::example::{
    Examples, app, clean, day, division, filed_domain, former, open_order, other_account, p, release_of,
    sponsor, time,
};
pub(super) use crate::facts::*;
pub(super) use crate::{ConflictCause, PlatformRule};

pub(super) const INTERFACE: CheckSource = CheckSource {
    citation: "工业和信息化部《ICP/IP地址/域名信息备案管理系统企业系统接口规范》V3.0",
    date: "2013-10",
};
pub(super) const CANCELLATION: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（注销备案）",
    date: "2022-01-01",
};
pub(super) const ORDER_33: CheckSource = CheckSource {
    citation: "信息产业部令第33号《非经营性互联网信息服务备案管理办法》",
    date: "2005-03-20",
};
pub(super) const GB_11643: CheckSource =
    CheckSource { citation: "GB 11643-1999《公民身份号码》", date: "1999-07-01" };
pub(super) const GB_32100: CheckSource = CheckSource {
    citation: "GB 32100-2015《法人和其他组织统一社会信用代码编码规则》",
    date: "2015-10-01",
};
pub(super) const GB_11714: CheckSource =
    CheckSource { citation: "GB 11714-1997《全国组织机构代码编制规则》", date: "1998-01-01" };
pub(super) const GS_15: CheckSource = CheckSource {
    citation: "GS15-2006《工商行政管理市场主体注册号编制规则》",
    date: "2007",
};
pub(super) const GB_2260: CheckSource =
    CheckSource { citation: "GB/T 2260-2007《中华人民共和国行政区划代码》", date: "2007" };
pub(super) const CODES: CheckSource = CheckSource {
    citation: "单位性质与证件类型对应表（备案信息填报表单）",
    date: "2023",
};
pub(super) const MATERIALS: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（备案材料上传）",
    date: "2022-01-01",
};
pub(super) const SUBJECT: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（主体与负责人信息填写要求）",
    date: "2022-01-01",
};
pub(super) const WEBSITE: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（网站信息填写要求）",
    date: "2022-01-01",
};
pub(super) const DOMAIN: CheckSource =
    CheckSource { citation: "tencentyun/qcloud-documents:备案准备/备案域名.md", date: "2022-01-01" };
pub(super) const RESOURCE: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:product/域名与网站/网站备案（备案云资源要求）",
    date: "2022-01-01",
};
pub(super) const FAQ: CheckSource = CheckSource {
    citation: "cloud.tencent.com 网站备案常见问题 验证备案信息",
    date: "2019-01-01",
};
pub(super) const BUREAU: CheckSource = CheckSource {
    citation: "tencentyun/qcloud-documents:备案准备/各省管局要求",
    date: "2022-01-01",
};
pub(super) const PRACTICE: CheckSource = CheckSource {
    citation: "beian 练习身份约定：号码主体部分取永不分配的值",
    date: "2026-11-22",
};

pub(super) const NOTICE_105: CheckSource = CheckSource {
    citation: "工信部信管〔2023〕105号《关于开展移动互联网应用程序备案工作的通知》",
    date: "2023-09-01",
};
pub(super) const NOTICE_264: CheckSource = CheckSource {
    citation: "工信部信管〔2017〕264号《关于规范互联网信息服务使用域名的通知》",
    date: "2018-01-01",
};
pub(super) const UTS_39: CheckSource = CheckSource {
    citation: "Unicode Technical Standard #39, Unicode Security Mechanisms, revision 30",
    date: "2024-09-03",
};

/// Whether a text was not answered.
pub(super) fn is_blank(value: Option<&Personal>) -> bool {
    value.is_none_or(|value| value.expose().is_empty())
}

/// The answer, if there is one.
pub(super) fn answered(value: Option<&Personal>) -> Option<&Personal> {
    value.filter(|value| !value.expose().is_empty())
}

/// A text that is not personal, if there is one, without surrounding space.
pub(super) fn stated(value: Option<&String>) -> Option<&str> {
    value.map(|value| value.trim()).filter(|value| !value.is_empty())
}

/// What was typed, for a sentence: whoever typed more knows the rest.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(80).collect()
}

/// Says of every missing answer that it is missing.
pub(super) fn unanswered<const COUNT: usize>(out: &mut Findings<'_>, fields: [(Pointer, bool, Text); COUNT]) {
    for (pointer, missing, label) in fields {
        if missing {
            let Text { zh, en } = &label;
            out.push(
                Finding::error(pointer.clone(), text!("“{zh}”尚未填写", "{en}: not answered"))
                    .remedy(text!("填写{zh}", "Fill in: {en}"), RemedyAction::Edit { pointer }),
            );
        }
    }
}

/// The bureau that issued a number, for people, in both languages.
pub(super) fn bureau_name(
    cx: &Context<'_>,
    number: Option<&beian_domain::SponsorFilingNumber>,
) -> (String, String) {
    match number.and_then(|number| crate::doctor::bureau_of(number, cx.rulebook)) {
        Some(province) => {
            (format!("{}通信管理局", province.name.zh), format!("the bureau of {}", province.name.en))
        }
        None => ("该备案所在省的通信管理局".to_owned(), "the bureau of that record".to_owned()),
    }
}

/// Adds who holds something here, and the two ways to it (S06, S10, S12).
pub(super) fn in_other_account(finding: Finding, here: &Presence) -> Finding {
    let finding = match here {
        Presence::OtherAccount { masked_login } => {
            finding.evidence("本系统中的账号（已遮盖）", "Account here, masked", masked_login).remedy(
                text!("登录账号 {masked_login} 办理", "Sign in as {masked_login}"),
                outside(OutsideTask::UseHoldingAccount),
            )
        }
        Presence::ThisAccount | Presence::Elsewhere => finding,
    };
    finding.remedy(
        fixed(
            "不能登录那个账号的，用短信、域名解析记录或证件证明归属，把备案转移到本账号",
            "If that account cannot be reached, prove that it is yours by SMS, a DNS record or the certificate, and have it transferred here",
        ),
        outside(OutsideTask::TransferRecord),
    )
}

/// The form that the numbers of a kind of certificate have.
pub(super) fn number_form(kind: CertificateKind, number: &str) -> Text {
    use CertificateKind as K;
    match kind {
        K::ResidentIdCard => fixed("18 位：17 位数字加 1 位数字或 X", "17 digits and a digit or X"),
        K::HongKongMacauResidencePermit => {
            fixed("以 81 或 82 开头的 18 位号码", "18 characters that begin with 81 or 82")
        }
        K::TaiwanResidencePermit => fixed("以 83 开头的 18 位号码", "18 characters that begin with 83"),
        K::BusinessLicence if number.len() == 15 => fixed("15 位数字", "15 digits"),
        K::BusinessLicence => fixed(
            "18 位统一社会信用代码（不含 I、O、S、V、Z），或 15 位注册号",
            "a unified social credit code of 18 characters (no I, O, S, V, Z) or a registration number of 15 digits",
        ),
        K::OrganisationCodeCertificate
        | K::InstitutionOrganisationCode
        | K::GovernmentOrganisationCode
        | K::SocialGroupOrganisationCode
        | K::PrivateNonEnterpriseOrganisationCode
        | K::FoundationOrganisationCode
        | K::LawFirmOrganisationCode => {
            fixed("8 位本体代码加 1 位校验码", "eight characters and a check character")
        }
        K::GovernmentUscc
        | K::InstitutionUscc
        | K::MassOrganisationUscc
        | K::InstitutionLegalPersonCertificate
        | K::SocialGroupLegalPersonCertificate
        | K::ForeignRepresentativeOffice => fixed(
            "18 位统一社会信用代码（不含 I、O、S、V、Z）",
            "a unified social credit code of 18 characters (no I, O, S, V, Z)",
        ),
        _ => fixed("1 至 64 位字母、数字、括号或连字符", "1 to 64 letters, digits, brackets or hyphens"),
    }
}

/// Says that a number has not the form of its kind of certificate.
pub(super) fn push_form(out: &mut Findings<'_>, pointer: Pointer, stated: StatedNumber<'_>) {
    let StatedNumber { kind, number, read } = stated;
    let form = match read {
        Err(CertificateNumberError::Form { .. }) => number_form(kind, number.expose()),
        Err(CertificateNumberError::DateOfBirth) => {
            fixed("第 7 至 14 位为真实存在的出生日期", "a date of birth that exists in characters 7 to 14")
        }
        _ => return,
    };
    let (label, length) = (kind.label(), number.expose().chars().count());
    let cause = text!(
        "{}的号码应为：{}；所填内容共 {length} 个字符，不符合",
        "{}: expected {}, got {length} characters that do not fit",
        (label.zh, form.zh),
        (label.en, form.en)
    );
    out.push(Finding::error(pointer, cause).evidence(
        "所填号码（已遮盖）",
        "Number given, masked",
        number.masked(),
    ));
}

/// Says that the check character of a number does not belong to the rest.
/// Which character is wrong cannot be told, so nothing is replaced.
pub(super) fn push_check_character(
    out: &mut Findings<'_>,
    pointer: Pointer,
    StatedNumber { number, read, .. }: StatedNumber<'_>,
) {
    if let Err(CertificateNumberError::CheckCharacter { expected, got }) = read {
        let cause = text!(
            "按其余各位计算，最后一位应为 {expected}，所填为 {got}：至少有一位写错。若其余各位与证件一致，最后一位就是 {expected}",
            "By the other characters the last one is {expected}, and {got} was given: at least one character is wrong. If the others are as on the certificate, the last one is {expected}"
        );
        out.push(Finding::error(pointer, cause).evidence(
            "所填号码（已遮盖）",
            "Number given, masked",
            number.masked(),
        ));
    }
}

/// Every certificate number of the case that is one, with its place.
pub(super) fn parsed_numbers<'c>(
    cx: &'c Context<'_>,
) -> impl Iterator<Item = (Pointer, &'c CertificateNumber)> {
    let own = [
        (Pointer::from("/sponsor/certificate/number"), cx.own_number()),
        (FORMER_NUMBER.into(), cx.former_number()),
    ];
    let people = cx.people().map(|person| (person.at("certificate-number"), cx.number_of(person)));
    own.into_iter().chain(people).filter_map(|(pointer, stated)| Some((pointer, stated?.read.as_ref().ok()?)))
}

/// The number of the certificate that the present one replaced.
pub(super) const FORMER_NUMBER: &str = "/sponsor/certificate/former/number";

/// The domain, if it can be read at all; what is below a registrable domain
/// is read as that one, so that everything is said at once.
pub(super) fn domain<'c>(cx: &'c Context<'_>) -> Option<&'c DomainName> {
    cx.domain()
}

/// The place of the filing password.
pub(super) const FILING_PASSWORD: &str = "/filing-password";

/// Whether the filing password (备案密码) is wanted: by its kind, or because a service is added
/// to a record that is another provider's.
pub(super) fn wants_filing_password(cx: &Context<'_>) -> bool {
    let is_elsewhere = || {
        let own = crate::doctor::own_record(cx.facts).ok().flatten();
        own.is_some_and(|own| own.filed.here == Presence::Elsewhere)
    };
    cx.kind.wants_filing_password() || (cx.kind == FilingKind::AddService && is_elsewhere())
}

/// What an app is known by, by platform.
pub(super) const RELEASES: &str = "/service/releases";

/// The place of what an app is known by on a platform.
pub(super) fn release_at(platform: AppPlatform, field: &str) -> Pointer {
    Pointer(format!("{RELEASES}/{}/{field}", platform.slug()).into())
}

/// What is stated of the platforms that this kind of service runs on.
pub(super) fn own_releases<'c>(cx: &'c Context<'_>) -> impl Iterator<Item = (AppPlatform, &'c Release)> {
    let service = &cx.case.service;
    let own = service.releases.iter().filter(|(platform, _)| platform.service_kind() == service.kind);
    own.map(|(platform, release)| (*platform, release))
}

/// What a platform demands, and where that is from.
pub(super) struct DatedPlatform<'c> {
    pub(super) value: &'c PlatformRule,
    pub(super) source: beian_domain::Source,
}

/// What a platform demands on the day; that the rulebook does not tell is said.
pub(super) fn platform_rule<'c>(
    cx: &'c Context<'_>,
    platform: AppPlatform,
    at: &Pointer,
    out: &mut Findings<'_>,
) -> Option<DatedPlatform<'c>> {
    let untold = || {
        let Text { zh, en } = platform.label();
        text!("规则库没有写明{zh}的应用标识", "the rulebook tells nothing of identifiers on {en}")
    };
    let Some(series) = &cx.rulebook.national().app_platforms else {
        out.undetermined(at.clone(), untold());
        return None;
    };
    let rules = cx.dated(series, at, out)?;
    let Some(value) = rules.value.iter().find(|rule| rule.platform == platform) else {
        out.undetermined(at.clone(), untold());
        return None;
    };
    Some(DatedPlatform { value, source: rules.source() })
}

/// A text field of the case with the most characters that the interface takes.
pub(super) struct TextField<'a> {
    pub(super) pointer: Pointer,
    pub(super) value: &'a str,
    pub(super) limit: usize,
}

/// Every text that goes to the regulator.
pub(super) fn text_fields<'a>(cx: &Context<'a>) -> impl Iterator<Item = TextField<'a>> {
    let (sponsor, service) = (&cx.case.sponsor, &cx.case.service);
    let certificate = &sponsor.certificate;
    let plain = |value: &'a Option<Personal>| value.as_ref().map(Personal::expose);
    let former = certificate.former.as_ref().map(|former| former.number.expose());
    let own: [(Pointer, Option<&'a str>, usize); 10] = [
        ("/sponsor/name".into(), plain(&sponsor.name), 255),
        ("/sponsor/investor".into(), plain(&sponsor.investor), 255),
        ("/sponsor/certificate/number".into(), plain(&certificate.number), 255),
        (FORMER_NUMBER.into(), former, 255),
        ("/sponsor/certificate/address".into(), plain(&certificate.address), 1024),
        ("/sponsor/address".into(), plain(&sponsor.address), 1024),
        ("/sponsor/remark".into(), plain(&sponsor.remark), 1024),
        ("/service/name".into(), service.name.as_deref(), 512),
        ("/service/home-url".into(), service.home_url.as_deref(), 255),
        ("/service/remark".into(), service.remark.as_deref(), 1024),
    ];
    let people = cx.people().flat_map(|person| {
        let principal: &'a beian_domain::Principal = person.principal;
        [
            ("name", &principal.name),
            ("certificate-number", &principal.certificate_number),
            ("mobile", &principal.mobile),
            ("emergency-phone", &principal.emergency_phone),
            ("office-phone", &principal.office_phone),
            ("email", &principal.email),
        ]
        .map(|(name, value)| (person.at(name), value.as_ref().map(Personal::expose), 128))
    });
    own.into_iter()
        .chain(people)
        .filter_map(|(pointer, value, limit)| value.map(|value| TextField { pointer, value, limit }))
}

/// Whether a text has Chinese characters in it.
pub(super) fn has_chinese(text: &str) -> bool {
    text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9FFF}' | '\u{20000}'..='\u{3FFFF}'))
}

/// The place of a material.
pub(super) fn material_at(purpose: beian_domain::MaterialUse) -> Pointer {
    use beian_domain::MaterialUse as M;
    match purpose {
        M::VerificationForm => "/materials/verification-form",
        M::SponsorCertificate => "/materials/sponsor-certificate",
        M::SponsorPrincipalCertificate => "/materials/sponsor-principal-certificate",
        M::ServicePrincipalCertificate => "/materials/service-principal-certificate",
        M::ServicePrincipalPhoto => "/materials/service-principal-photo",
    }
    .into()
}

/// Says that the chosen resource fails a condition (S04).
pub(super) fn push_condition(
    cx: &Context<'_>,
    out: &mut Findings<'_>,
    kind: crate::ConditionKind,
    way_out: Text,
) {
    let pointer = Pointer::from("/access/resource");
    // What an authorization code opens is somebody else's to mend: ACC019 says so.
    if cx.case.access.stated_code().is_some() || stated(cx.case.access.resource.as_ref()).is_none() {
        return;
    }
    let resource = match cx.facts.resource.get() {
        Ok(ResourceFact::Usable(resource)) => resource,
        Ok(ResourceFact::OtherAccount | ResourceFact::NotFound) => return,
        Err(missing) => return out.undetermined(pointer, missing.clone()),
    };
    if crate::resource::met(kind, resource, cx.day, cx.rulebook) == crate::Met::Yes {
        return;
    }
    let conditions = crate::resource::conditions(resource, cx.day, cx.rulebook);
    for condition in conditions.iter().filter(|condition| condition.kind == kind) {
        let (expected, got) = (&condition.expected, &condition.got);
        match condition.met {
            crate::Met::Yes => {}
            crate::Met::Undetermined => out.undetermined(pointer.clone(), expected.clone()),
            crate::Met::No => {
                let cause = text!(
                    "资源 {} 应满足：{}；实际为：{got}",
                    "Resource {}: expected {}, got {got}",
                    (&resource.reference, &expected.zh),
                    (&resource.reference, &expected.en)
                );
                let mut finding = Finding::error(pointer.clone(), cause)
                    .evidence("资源", "Resource", &resource.reference)
                    .evidence("实际", "Found", got)
                    .remedy(way_out.clone(), RemedyAction::Resource)
                    .remedy(
                        fixed("选择另一个符合条件的资源", "Choose another resource that qualifies"),
                        RemedyAction::Edit { pointer: pointer.clone() },
                    );
                if kind == crate::ConditionKind::Mainland {
                    finding = finding.remedy(
                        fixed(
                            "只在境外服务器上提供服务的，无需备案",
                            "A service on servers outside the mainland alone needs no filing",
                        ),
                        outside(OutsideTask::HostOverseas),
                    );
                }
                if let Some(source) = &condition.source {
                    finding = finding.source(source.clone());
                }
                out.push(finding);
            }
        }
    }
}

/// The place of a paper.
pub(super) fn paper_at(paper: Paper) -> Pointer {
    Pointer(format!("/papers/{}", paper.slug()).into())
}

/// Adds that a paper is got ready.
pub(super) fn provide(finding: Finding, paper: Paper) -> Finding {
    let Text { zh, en } = paper.label();
    finding.remedy(text!("备好{zh}", "Get ready: {en}"), RemedyAction::Provide { paper })
}

/// Adds that a field is compared with its document.
pub(super) fn review(finding: Finding, pointer: impl Into<Pointer>) -> Finding {
    finding.remedy(
        fixed("对照原件核对，填错的改正", "Compare it with the original, and correct it if it was mistyped"),
        RemedyAction::Review { pointer: pointer.into() },
    )
}

/// Says that a text differs from its normal form. Only how it is written
/// changes: what it means does not.
pub(super) fn push_not_normal(out: &mut Findings<'_>, pointer: Pointer) {
    let cause = fixed(
        "所填内容有全角字符、空格或小写字母，将按规范写法读取",
        "There are full-width characters, blanks or lower case letters in it; it is read in its normal form",
    );
    let action = RemedyAction::Normalise { pointer: pointer.clone() };
    let how = out.how();
    out.push(Finding::advice(pointer, cause).remedy(how, action));
}

/// Adds that a field is stated anew, or only written in its normal form if that
/// is all that is wrong with it.
pub(super) fn normalised(finding: Finding, pointer: Pointer, is_enough: bool) -> Finding {
    let (text, action) = if is_enough {
        (fixed("改为规范写法", "Write it in its normal form"), RemedyAction::Normalise { pointer })
    } else {
        (fixed("重新填写", "State it anew"), RemedyAction::Edit { pointer })
    };
    finding.remedy(text, action)
}

/// Whether a text is in its normal form already.
pub(super) fn is_normal(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_graphic() && !b.is_ascii_lowercase())
        || beian_domain::normal_form(text) == text
}

/// The first day on which somebody is so many years old; who was born on
/// 29 February is a year older on 1 March.
pub(super) fn birthday(birth: NaiveDate, years: u32) -> Option<NaiveDate> {
    let day = birth.checked_add_months(Months::new(12 * years))?;
    if day.years_since(birth) == Some(years) { Some(day) } else { day.succ_opt() }
}

/// The day by which the review is usually over, if it ends before that day: the
/// provider's own time and the bureau's usual one, in working days. Nothing is
/// said if `until` is late enough in any case.
pub(super) fn review_end_after(
    cx: &Context<'_>,
    until: NaiveDate,
    pointer: &Pointer,
    out: &mut Findings<'_>,
) -> Option<(NaiveDate, beian_domain::Source)> {
    let province = cx.province()?;
    let own = cx.dated(&cx.rulebook.provider().review_working_days, pointer, out)?;
    let bureau = cx.dated(&province.regulator_days, pointer, out)?;
    let count = own.value.saturating_add(bureau.value.to);
    // No holidays make so few days of work last longer.
    let late = cx.day.checked_add_days(Days::new(2 * u64::from(count) + 30))?;
    if until >= late {
        return None;
    }
    let end = cx.rulebook.working_days().after(cx.day, count).day;
    (until < end).then(|| (end, bureau.source()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_material_has_its_slug_as_its_place() {
        for purpose in beian_domain::MaterialUse::ALL {
            assert_eq!(material_at(purpose).as_str(), format!("/materials/{}", purpose.slug()));
        }
    }

    #[test]
    fn who_was_born_on_29_february_is_older_on_1_march() {
        let day = |text: &str| text.parse::<NaiveDate>();
        let born = day("2008-02-29").unwrap_or_default();
        assert_eq!(birthday(born, 18), day("2026-03-01").ok());
        assert_eq!(birthday(born, 16), day("2024-02-29").ok());
        let born = day("2008-11-23").unwrap_or_default();
        assert_eq!(birthday(born, 18), day("2026-11-23").ok());
    }
}
