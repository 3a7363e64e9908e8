//! The columns of a table of filings: where each stands in a case, what it is
//! called, and how it is read and written. One table, so that what is exported is
//! what is imported.

use beian_domain::{
    CancellationReason, Case, CertificateKind, FilingKind, Paper, PlainCase, RecordState, ServiceKind,
    SponsorNature, Text,
};
use beian_rules::{CodeName, Rulebook};
use serde_json::{Map, Value, json};

use crate::table::{Fields, LineRefusal, shortened};

/// A column of a case.
pub(super) struct Column {
    /// Its name in the API; also taken as its heading.
    pub(super) name: &'static str,
    /// Where it stands in the case (JSON Pointer).
    pointer: &'static str,
    zh: &'static str,
    en: &'static str,
    form: Form,
}

/// A column beside the case: what it is called in both languages.
pub(super) struct Beside {
    pub(super) name: &'static str,
    zh: &'static str,
    en: &'static str,
}

/// How the text of a cell is read and written.
#[derive(Clone, Copy)]
enum Form {
    /// As it is typed.
    Text,
    /// One of a few.
    One(fn() -> Vec<(&'static str, Text)>),
    /// Some of a few, with semicolons between them.
    Some(fn() -> Vec<(&'static str, Text)>),
    /// Some of a table of the rulebook.
    Codes(fn(&Rulebook) -> &[CodeName]),
    /// A division's code; its name may follow.
    Division,
    /// A day of the calendar.
    Day,
    /// The sponsor's principal, or somebody else, who has columns of their own.
    Principal,
}

const SAME: &str = "same-as-sponsor";
const OTHER: &str = "other";
/// Most characters of a text, as in the wizard.
const TEXT_LIMIT: usize = 2_000;

macro_rules! columns {
    ($($name:literal, $pointer:literal, $form:expr, $zh:literal, $en:literal;)+) => {
        /// Every column of a case but those of pictures and the filing password: neither
        /// belongs into a table.
        pub(super) const COLUMNS: &[Column] = &[
            $(Column { name: $name, pointer: $pointer, zh: $zh, en: $en, form: $form },)+
        ];
    };
}

columns! {
    "sponsor_nature", "/sponsor/nature", Form::One(natures), "主办单位性质", "Sponsor nature";
    "sponsor_name", "/sponsor/name", Form::Text, "主办单位名称", "Sponsor name";
    "certificate_kind", "/sponsor/certificate/kind", Form::One(certificates), "主办单位证件类型", "Sponsor certificate kind";
    "certificate_number", "/sponsor/certificate/number", Form::Text, "主办单位证件号码", "Sponsor certificate number";
    "certificate_address", "/sponsor/certificate/address", Form::Text, "证件住所", "Address on the certificate";
    "certificate_division", "/sponsor/certificate/division", Form::Division, "证件住所所在区域", "Division on the certificate";
    "certificate_valid_until", "/sponsor/certificate/valid-until", Form::Day, "证件有效期至", "Certificate valid until";
    "former_kind", "/sponsor/certificate/former/kind", Form::One(certificates), "原证件类型", "Former certificate kind";
    "former_number", "/sponsor/certificate/former/number", Form::Text, "原证件号码", "Former certificate number";
    "former_whereabouts", "/sponsor/certificate/former/whereabouts", Form::One(whereabouts), "原证件去向", "Former certificate whereabouts";
    "number_stated", "/sponsor/certificate/states", Form::One(numbers), "填报的证件", "Certificate that is stated";
    "investor", "/sponsor/investor", Form::Text, "投资人或主管单位", "Investor or superior unit";
    "division", "/sponsor/division", Form::Division, "所属区域", "Division";
    "address", "/sponsor/address", Form::Text, "通信地址", "Address for letters";
    "sponsor_remark", "/sponsor/remark", Form::Text, "主体备注", "Sponsor remark";
    "principal_role", "/sponsor/principal/role", Form::One(roles), "主体负责人身份", "Sponsor principal role";
    "principal_name", "/sponsor/principal/name", Form::Text, "主体负责人姓名", "Sponsor principal name";
    "principal_certificate_kind", "/sponsor/principal/certificate-kind", Form::One(certificates), "主体负责人证件类型", "Sponsor principal certificate kind";
    "principal_certificate_number", "/sponsor/principal/certificate-number", Form::Text, "主体负责人证件号码", "Sponsor principal certificate number";
    "principal_mobile", "/sponsor/principal/mobile", Form::Text, "主体负责人手机", "Sponsor principal mobile";
    "principal_emergency_phone", "/sponsor/principal/emergency-phone", Form::Text, "主体负责人应急电话", "Sponsor principal emergency telephone";
    "principal_office_phone", "/sponsor/principal/office-phone", Form::Text, "主体负责人办公电话", "Sponsor principal office telephone";
    "principal_email", "/sponsor/principal/email", Form::Text, "主体负责人邮箱", "Sponsor principal e-mail";
    "service_kind", "/service/kind", Form::One(services), "服务类型", "Service kind";
    "service_name", "/service/name", Form::Text, "网站名称", "Service name";
    "domain", "/service/domain", Form::Text, "域名", "Domain";
    "home_url", "/service/home-url", Form::Text, "首页网址", "Home page";
    "registrar", "/service/registration/registrar", Form::One(registrars), "域名注册商所在", "Registrar";
    "domain_holder", "/service/registration/holder", Form::One(holders), "域名持有者", "Domain holder";
    "domain_real_named_on", "/service/registration/real-named-on", Form::Day, "域名实名认证日期", "Domain verified on";
    "domain_expires_on", "/service/registration/expires-on", Form::Day, "域名到期日期", "Domain expires on";
    "contents", "/service/contents", Form::Codes(Rulebook::service_contents), "服务内容", "Contents";
    "languages", "/service/languages", Form::Codes(Rulebook::languages), "语种", "Languages";
    "service_principal", "/service/principal", Form::Principal, "网站负责人", "Service principal";
    "service_principal_role", "/service/principal/other/role", Form::One(roles), "网站负责人身份", "Service principal role";
    "service_principal_name", "/service/principal/other/name", Form::Text, "网站负责人姓名", "Service principal name";
    "service_principal_certificate_kind", "/service/principal/other/certificate-kind", Form::One(certificates), "网站负责人证件类型", "Service principal certificate kind";
    "service_principal_certificate_number", "/service/principal/other/certificate-number", Form::Text, "网站负责人证件号码", "Service principal certificate number";
    "service_principal_mobile", "/service/principal/other/mobile", Form::Text, "网站负责人手机", "Service principal mobile";
    "service_principal_emergency_phone", "/service/principal/other/emergency-phone", Form::Text, "网站负责人应急电话", "Service principal emergency telephone";
    "service_principal_office_phone", "/service/principal/other/office-phone", Form::Text, "网站负责人办公电话", "Service principal office telephone";
    "service_principal_email", "/service/principal/other/email", Form::Text, "网站负责人邮箱", "Service principal e-mail";
    "service_remark", "/service/remark", Form::Text, "网站备注", "Service remark";
    "resource", "/access/resource", Form::Text, "接入资源", "Resource";
    "authorization_code", "/access/authorization-code", Form::Text, "备案授权码", "Authorization code";
    "papers", "/papers", Form::Some(papers), "已备材料", "Papers at hand";
    "record", "/record", Form::Text, "备案号", "Record number";
    "cancellation_reason", "/cancellation/reason", Form::One(reasons), "注销理由", "Cancellation reason";
    "cancellation_remark", "/cancellation/remark", Form::Text, "注销说明", "Cancellation remark";
}

/// What an export of orders says beside each case. `kind` alone is read again.
pub(super) const OF_ORDERS: &[Beside] = &[
    Beside { name: "order", zh: "订单号", en: "Order" },
    Beside { name: "kind", zh: "备案类型", en: "Filing kind" },
    Beside { name: "state", zh: "订单状态", en: "Order state" },
    Beside { name: "filed_as", zh: "取得的备案号", en: "Filed as" },
];

/// What a table of records says beside each case.
pub(super) const OF_RECORDS: &[Beside] = &[
    Beside { name: "service_number", zh: "网站备案号", en: "Service filing number" },
    Beside { name: "record_state", zh: "备案状态", en: "Record state" },
    Beside { name: "sponsor_id", zh: "管局主体ID", en: "Regulator's sponsor id" },
    Beside { name: "service_id", zh: "管局网站ID", en: "Regulator's service id" },
    Beside { name: "domain_id", zh: "管局域名ID", en: "Regulator's domain id" },
    Beside { name: "access_id", zh: "管局接入ID", en: "Regulator's access id" },
    Beside { name: "address_id", zh: "管局IP ID", en: "Regulator's address id" },
];

/// What begins an order, and so must be filled in.
pub(super) const REQUIRED_OF_ORDERS: [&str; 4] =
    ["sponsor_nature", "certificate_kind", "certificate_number", "domain"];
/// What a record cannot be without.
pub(super) const REQUIRED_OF_RECORDS: [&str; 7] = [
    "service_number",
    "sponsor_nature",
    "sponsor_name",
    "certificate_kind",
    "certificate_number",
    "service_name",
    "domain",
];

macro_rules! labelled {
    ($($name:ident: $type:ty;)+) => {
        $(fn $name() -> Vec<(&'static str, Text)> {
            <$type>::ALL.iter().map(|value| (value.slug(), value.label())).collect()
        })+
    };
}

labelled! {
    natures: SponsorNature;
    certificates: CertificateKind;
    services: ServiceKind;
    papers: Paper;
    reasons: CancellationReason;
}

/// Kinds of filing, for the column beside the case.
pub(super) fn kind_named(text: &str) -> Option<FilingKind> {
    FilingKind::ALL.iter().copied().find(|kind| is_called(kind.slug(), &kind.label(), text))
}

/// States of records, as they are written and read.
pub(super) fn record_states() -> [(RecordState, Text); 3] {
    [
        (RecordState::Active, Text::new("有效", "Active")),
        (RecordState::AccessEnded, Text::new("已取消接入", "Access ended")),
        (RecordState::Cancelled, Text::new("已注销", "Cancelled")),
    ]
}

fn whereabouts() -> Vec<(&'static str, Text)> {
    vec![
        ("surrendered", Text::new("已收回", "Taken back by the authority")),
        ("at-hand", Text::new("仍持有", "Still at hand")),
    ]
}

fn numbers() -> Vec<(&'static str, Text)> {
    vec![("current", Text::new("现证件", "Today's")), ("former", Text::new("原证件", "The former one"))]
}

fn roles() -> Vec<(&'static str, Text)> {
    vec![
        ("legal-representative", Text::new("法定代表人", "Legal representative")),
        ("authorised", Text::new("被授权人", "Authorised person")),
    ]
}

fn registrars() -> Vec<(&'static str, Text)> {
    vec![
        ("here", Text::new("本接入商", "This provider")),
        ("mainland", Text::new("境内注册商", "In mainland China")),
        ("overseas", Text::new("境外注册商", "Elsewhere")),
    ]
}

fn holders() -> Vec<(&'static str, Text)> {
    vec![
        ("sponsor", Text::new("主办者", "The sponsor")),
        ("legal-representative", Text::new("法定代表人", "Legal representative")),
        ("shareholder", Text::new("股东", "Shareholder")),
        ("senior-manager", Text::new("高级管理人员", "Senior manager")),
        ("other", Text::new("其他", "Somebody else")),
    ]
}

fn principals() -> Vec<(&'static str, Text)> {
    vec![
        (SAME, Text::new("同主体负责人", "Same as sponsor principal")),
        (OTHER, Text::new("另一人", "Another person")),
    ]
}

impl Column {
    /// Its heading in both languages.
    pub(super) fn heading(&self) -> Text {
        Text::new(self.zh, self.en)
    }

    /// What may be filled in, in a few words.
    fn expected(&self) -> String {
        let list = |choices: Vec<(&str, Text)>| {
            choices
                .into_iter()
                .map(|(slug, label)| format!("{} ({slug})", label.zh))
                .collect::<Vec<_>>()
                .join(", ")
        };
        match self.form {
            Form::Text => format!("≤ {TEXT_LIMIT}"),
            Form::One(choices) | Form::Some(choices) => list(choices()),
            Form::Codes(_) => "1-64;…".to_owned(),
            Form::Division => "6 × 0-9".to_owned(),
            Form::Day => "2026-11-24".to_owned(),
            Form::Principal => list(principals()),
        }
    }

    /// The text of a cell as the case has it; nothing if it cannot be read.
    fn parse(&self, text: &str, rulebook: &Rulebook) -> Option<Value> {
        match self.form {
            Form::Text => Some(json!(text)),
            Form::One(choices) => chosen(&choices(), text).map(|slug| json!(slug)),
            Form::Some(choices) => {
                let choices = choices();
                items(text)
                    .map(|item| chosen(&choices, item))
                    .collect::<Option<Vec<_>>>()
                    .map(|all| json!(all))
            }
            Form::Codes(table) => {
                let code = |item: &str| {
                    let digits: String = item.chars().take_while(char::is_ascii_digit).collect();
                    let named = || table(rulebook).iter().find(|row| is_called("", &row.name, item));
                    digits
                        .parse()
                        .ok()
                        .or_else(|| named().map(|row| row.code))
                        .filter(|code| (1..=64).contains(code))
                };
                items(text).map(code).collect::<Option<Vec<u8>>>().map(|codes| json!(codes))
            }
            Form::Division => {
                let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
                let division = digits.parse::<beian_domain::DivisionCode>().ok()?;
                serde_json::to_value(division).ok()
            }
            Form::Day => {
                let day = text
                    .get(..10)
                    .filter(|_| text.get(10..).is_some_and(|rest| rest.trim_start().starts_with("00:00")));
                let day = day.unwrap_or(text);
                let forms = ["%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"];
                let day = forms.iter().find_map(|form| chrono::NaiveDate::parse_from_str(day, form).ok())?;
                serde_json::to_value(day).ok()
            }
            Form::Principal => match chosen(&principals(), text)? {
                SAME => Some(json!(SAME)),
                _ => Some(json!({ OTHER: {} })),
            },
        }
    }

    /// What the case has, as the text of a cell.
    fn text(&self, whole: &Value, pick: fn(&Text) -> &str, rulebook: &Rulebook) -> String {
        let Some(value) = whole.pointer(self.pointer) else { return String::new() };
        let label = |choices: Vec<(&str, Text)>, slug: &str| {
            let known = choices.into_iter().find(|(known, _)| *known == slug);
            known.map_or_else(|| slug.to_owned(), |(_, label)| pick(&label).to_owned())
        };
        let list = |write: &dyn Fn(&Value) -> String| {
            value
                .as_array()
                .map(|all| all.iter().map(write).collect::<Vec<_>>().join(";"))
                .unwrap_or_default()
        };
        let string = |value: &Value| match value {
            Value::String(text) => text.clone(),
            Value::Null => String::new(),
            other => other.to_string(),
        };
        match self.form {
            Form::Text | Form::Day => string(value),
            Form::One(choices) => label(choices(), &string(value)),
            Form::Some(choices) => list(&|item| label(choices(), &string(item))),
            Form::Codes(table) => list(&|item| {
                let named = table(rulebook).iter().find(|row| item.as_u64() == Some(row.code.into()));
                match named {
                    Some(row) => format!("{item} {}", pick(&row.name)),
                    None => item.to_string(),
                }
            }),
            Form::Division => {
                let code = string(value);
                let name = code.parse().ok().and_then(|division| rulebook.division_name(division));
                name.map_or(code.clone(), |name| format!("{code} {name}"))
            }
            Form::Principal => label(principals(), if value.is_string() { SAME } else { OTHER }),
        }
    }
}

/// The parts of a list; names of the rulebook have commas and `、` of their own.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split([';', '；', '\n']).map(str::trim).filter(|item| !item.is_empty())
}

fn chosen<'a>(choices: &[(&'a str, Text)], text: &str) -> Option<&'a str> {
    choices.iter().find(|(slug, label)| is_called(slug, label, text)).map(|(slug, _)| *slug)
}

fn is_called(slug: &str, label: &Text, text: &str) -> bool {
    text == label.zh || text.eq_ignore_ascii_case(&label.en) || text.eq_ignore_ascii_case(slug)
}

/// The column that a heading names, in either language or by its own name.
pub(super) fn named(beside: &'static [Beside], heading: &str) -> Option<&'static str> {
    // A template marks what must be filled in.
    let heading = heading.trim_end_matches('*').trim();
    let is = |name: &str, zh: &str, en: &str| {
        heading.eq_ignore_ascii_case(zh)
            || heading.eq_ignore_ascii_case(en)
            || heading.to_ascii_lowercase().replace(['-', ' '], "_") == name
    };
    let of_case =
        COLUMNS.iter().find(|column| is(column.name, column.zh, column.en)).map(|column| column.name);
    of_case.or_else(|| {
        beside.iter().find(|beside| is(beside.name, beside.zh, beside.en)).map(|beside| beside.name)
    })
}

/// What may be chosen in a column; nothing if it is typed.
pub(super) fn choices(name: &str) -> Vec<(&'static str, Text)> {
    match COLUMNS.iter().find(|column| column.name == name).map(|column| column.form) {
        Some(Form::One(choices)) => choices(),
        Some(Form::Principal) => principals(),
        _ => Vec::new(),
    }
}

/// The columns of a table: name and heading.
pub(super) fn listed(beside: &[Beside]) -> Vec<(&'static str, Text)> {
    let beside = beside.iter().map(|beside| (beside.name, Text::new(beside.zh, beside.en)));
    beside.chain(COLUMNS.iter().map(|column| (column.name, column.heading()))).collect()
}

/// The heading of a table, in one language.
pub(super) fn headings(beside: &[Beside], required: &[&str], pick: fn(&Text) -> &str) -> Vec<String> {
    let mark = |name| if required.contains(&name) { "*" } else { "" };
    listed(beside).into_iter().map(|(name, heading)| format!("{}{}", pick(&heading), mark(name))).collect()
}

/// The cells of a case.
pub(super) fn cells(case: &Case, pick: fn(&Text) -> &str, rulebook: &Rulebook) -> Vec<String> {
    let whole = crate::orders::plain(case);
    COLUMNS.iter().map(|column| column.text(&whole, pick, rulebook)).collect()
}

/// The column in which something stands that the rules have found.
pub(super) fn column_at(pointer: &str) -> Option<&'static str> {
    COLUMNS.iter().find(|column| pointer == column.pointer).map(|column| column.name)
}

/// The case of a line: everything that is filled in, read; or the first field that cannot be.
pub(super) fn read_case(
    fields: &Fields<'_>,
    required: &[&'static str],
    rulebook: &Rulebook,
) -> Result<Case, LineRefusal> {
    let mut whole = Value::Object(Map::new());
    for column in COLUMNS {
        let Some(text) = fields.stated(column.name, TEXT_LIMIT)? else {
            if required.contains(&column.name) {
                return Err(LineRefusal::Missing { column: column.name });
            }
            continue;
        };
        let wrong =
            || LineRefusal::Value { column: column.name, got: shortened(text), expected: column.expected() };
        let value = column.parse(text, rulebook).ok_or_else(wrong)?;
        // Who is said to be the sponsor's principal has no columns of their own.
        put(&mut whole, column.pointer, value).ok_or_else(wrong)?;
    }
    for (column, pointer, part) in [
        ("former_kind", "/sponsor/certificate/former", "kind"),
        ("former_number", "/sponsor/certificate/former", "number"),
    ] {
        if whole.pointer(pointer).is_some_and(|former| former.get(part).is_none()) {
            return Err(LineRefusal::Missing { column });
        }
    }
    let record = whole.pointer("/record").and_then(Value::as_str).map(str::to_owned);
    let plain: PlainCase = serde_json::from_value(whole).map_err(|_| LineRefusal::Value {
        // Everything else was read as what it is.
        column: "record",
        got: shortened(&record.unwrap_or_default()),
        expected: "粤ICP备2026000001号-1".to_owned(),
    })?;
    Ok(plain.map(|text| beian_domain::Personal::new(text.clone())))
}

/// Puts a value where a pointer leads; nothing if something else is in the way.
fn put(whole: &mut Value, pointer: &str, value: Value) -> Option<()> {
    let mut at = whole;
    let mut parts = pointer.split('/').skip(1).peekable();
    while let Some(part) = parts.next() {
        let object = at.as_object_mut()?;
        if parts.peek().is_none() {
            object.insert(part.to_owned(), value);
            return Some(());
        }
        at = object.entry(part).or_insert_with(|| Value::Object(Map::new()));
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_columns_and_no_two_choices_are_called_alike() {
        for beside in [OF_ORDERS, OF_RECORDS] {
            let all: Vec<String> = headings(beside, &[], |text| &text.zh)
                .into_iter()
                .chain(headings(beside, &[], |text| &text.en))
                .map(|heading| heading.to_ascii_lowercase())
                .collect();
            assert_eq!(all.iter().collect::<BTreeSet<_>>().len(), all.len());
            for heading in &all {
                assert!(named(beside, heading).is_some(), "{heading}");
            }
        }
        for column in COLUMNS {
            let Form::One(choices) = column.form else { continue };
            for (slug, label) in choices() {
                for text in [slug, &label.zh, &label.en] {
                    assert_eq!(chosen(&choices(), text), Some(slug), "{} {text}", column.name);
                }
            }
        }
    }

    /// A new field of a case must get its column, or a reason for having none.
    #[test]
    fn every_field_of_a_case_has_its_column() {
        let schema = serde_json::to_value(schemars::schema_for!(PlainCase)).unwrap();
        let mut fields = Vec::new();
        collect(&schema, &schema, "", &mut fields);
        let none = |field: &str| {
            // Releases are a list of their own below a line: apps are filed in the portal.
            ["/kind", "/filing-password", "/materials", "/service/releases"].contains(&field)
                || ["/service/principal", "/service/principal/other"].contains(&field)
        };
        let missing: Vec<_> =
            fields.iter().filter(|field| !none(field) && column_at(field).is_none()).collect();
        assert!(fields.len() > 40 && missing.is_empty(), "{missing:?} of {fields:?}");
    }

    fn collect(schema: &Value, root: &Value, at: &str, found: &mut Vec<String>) {
        if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
            return collect(root.pointer(&reference[1..]).unwrap(), root, at, found);
        }
        for part in ["anyOf", "oneOf", "allOf"] {
            let variants = schema.get(part).and_then(Value::as_array).cloned().unwrap_or_default();
            let is_choice = |variant: &&Value| variant.get("const").is_some();
            if variants.iter().any(|variant| is_choice(&variant)) && !found.iter().any(|known| known == at) {
                found.push(at.to_owned());
            }
            for variant in variants.iter().filter(|variant| !is_choice(variant)) {
                collect(variant, root, at, found);
            }
        }
        let properties = schema.get("properties").and_then(Value::as_object).cloned().unwrap_or_default();
        if properties.is_empty() && !at.is_empty() && !found.iter().any(|known| known == at) {
            let is_leaf =
                schema.get("type").is_some_and(|kind| kind != "null") || schema.get("enum").is_some();
            if is_leaf {
                found.push(at.to_owned());
            }
        }
        for (name, part) in &properties {
            collect(part, root, &format!("{at}/{name}"), found);
        }
    }
}
