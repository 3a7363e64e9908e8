//! How the installation is set up: what is set, by which argument or which key of the rulebook, and never a secret.
//! Nothing can be changed here: what is configured is changed where it is configured.

use askama::Template;
use axum::response::Response;
use beian_app::{
    Completeness, DriftSweep, HostIndexProblem, HostIndexView, MailWay, NameServer, Origin, RegulatorKind,
    SecondFactorPolicy, Settings, SmsWay, WebhookReach,
};
use beian_domain::{FilingKind, Role};
use serde_json::Value;

use super::drift::{not_seen_lines, sweep_line};
use crate::error::Problem;
use crate::visit::{Visit, page};

/// The arguments of `beian serve` that the page names. (The environment has each as `BEIAN_…`.)
pub const SETTING_ARGUMENTS: [&str; 17] = [
    "--provider",
    "--provider-en",
    "--public-url",
    "--regulator",
    "--regulator-credentials",
    "--regulator-kind",
    "--smtp",
    "--mail-from",
    "--sms-gateway",
    "--webhook-reach",
    "--face-vendor",
    "--tesseract",
    "--index",
    "--name-server",
    "--second-factor",
    "--poll-seconds",
    "--rulebook-key",
];

#[derive(Template)]
#[template(path = "settings.html")]
struct SettingsPage<'a> {
    visit: &'a Visit,
    sections: Vec<Section>,
    policies: Vec<Policy>,
    /// Where the policies are from, each once.
    citations: Vec<String>,
    /// Version of the program, digest of the rulebook and where that is from.
    versions: Vec<(String, String)>,
}

struct Section {
    title: String,
    rows: Vec<Row>,
}

/// Something that is configured.
struct Row {
    label: String,
    value: String,
    class: &'static str,
    /// The arguments that set it.
    set_by: &'static [&'static str],
}

/// Something that the provider has decided for itself.
struct Policy {
    label: String,
    values: Vec<String>,
    key: String,
    since: String,
    /// Which of the citations, from 1.
    citation: usize,
}

/// The page.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Operator)?;
    let settings = visit.app.settings(user)?;
    let rulebook = visit.app.rulebook_view(user)?;
    let origin = match rulebook.origin {
        Origin::Program => visit.t("rulebook-of-program"),
        Origin::Bundle { created_on } => visit.with("rulebook-of-bundle", visit.day(&created_on)),
    };
    let mut citations = Vec::new();
    page(&SettingsPage {
        sections: sections(
            &visit,
            &settings,
            visit.app.host_index(user)?,
            visit.app.drift_sweep(user).await?.as_ref(),
        ),
        policies: policies(&visit, &mut citations),
        citations,
        versions: vec![
            (visit.t("settings-program"), format!("beian {}", env!("CARGO_PKG_VERSION"))),
            (visit.t("rulebook-digest"), rulebook.rulebook.digest().to_owned()),
            (visit.t("rulebook-origin"), origin),
        ],
        visit: &visit,
    })
}

fn sections(
    visit: &Visit,
    settings: &Settings,
    index: Option<Result<HostIndexView, HostIndexProblem>>,
    drift: Option<&DriftSweep>,
) -> Vec<Section> {
    let row = |key: &str, value: String, class: &'static str, set_by: &'static [&'static str]| Row {
        label: visit.t(&format!("settings-{key}")),
        value,
        class,
        set_by,
    };
    let plain = |key: &str, value: String, set_by: &'static [&'static str]| row(key, value, "", set_by);
    let set = |key: &str, text: &str, class: &'static str, set_by: &'static [&'static str]| {
        row(key, visit.t(&format!("settings-{text}")), class, set_by)
    };
    let is_or =
        |is: bool, yes: &'static str, no: &'static str| if is { (yes, "good") } else { (no, "quiet") };
    let name = &visit.config.provider_name;
    let (regulator, regulator_class) = match settings.regulator {
        RegulatorKind::Practice => ("practice", "wait"),
        RegulatorKind::Real => ("real", "good"),
    };
    let (mail, mail_class) = match settings.mail {
        MailWay::Server => ("mail-server", "good"),
        MailWay::Files => ("mail-files", "wait"),
    };
    let (sms, sms_class) = match settings.sms {
        SmsWay::Gateway => ("sms-gateway", "good"),
        SmsWay::Kept => ("sms-kept", "wait"),
        SmsWay::Off => ("off", "quiet"),
    };
    let (reach, reach_class) = match settings.webhooks {
        WebhookReach::Public => ("reach-public", "good"),
        WebhookReach::Anywhere => ("reach-anywhere", "wait"),
    };
    let (faces, faces_class) = is_or(settings.has_face_vendor, "on", "faces-none");
    let (factor, factor_class) = match settings.second_factor {
        SecondFactorPolicy::Required => ("factor-required", "good"),
        SecondFactorPolicy::Optional => ("factor-optional", "quiet"),
    };
    let (sites, sites_class) = is_or(settings.looks_at_sites, "on", "off");
    let (reading, reading_class) = is_or(settings.reads_photographs, "on", "reading-none");
    let (installs, installs_class) = is_or(settings.takes_rulebooks, "on", "off");
    let name_server = match settings.name_server {
        NameServer::System => visit.t("settings-of-machine"),
        NameServer::At(address) => address.to_string(),
    };
    let (index, index_class) = match index {
        None => (visit.t("settings-off"), "quiet"),
        // A tag does not break on a narrow screen.
        Some(Ok(view)) => (index_facts(visit, &view), ""),
        Some(Err(HostIndexProblem::NotYet)) => (visit.t("settings-index-not-yet"), "wait"),
        Some(Err(HostIndexProblem::Failed(problem))) => (problem, ""),
    };
    // The provider's number says it: nobody has to set it.
    let licence =
        settings.licensed_in.map(|province| format!("{} ({})", visit.province(province), province.get()));
    let licence = licence.unwrap_or_else(|| visit.t("settings-licence-unknown"));
    let looks = match drift {
        None => vec![row("drift-sweep", visit.t("settings-off"), "quiet", &[])],
        Some(sweep) => {
            let not_seen = Some(not_seen_lines(visit, sweep)).filter(|lines| !lines.is_empty());
            let not_seen = not_seen.unwrap_or_else(|| visit.t("settings-drift-all-seen"));
            vec![plain("drift-sweep", sweep_line(visit, sweep), &[]), plain("drift-not-seen", not_seen, &[])]
        }
    };
    let section = |key: &str, rows: Vec<Row>| Section { title: visit.t(&format!("settings-{key}")), rows };
    vec![
        section(
            "about",
            vec![
                plain("name", format!("{} / {}", name.zh, name.en), &["--provider", "--provider-en"]),
                plain("address", visit.config.public_url.clone(), &["--public-url"]),
                set("factor", factor, factor_class, &["--second-factor"]),
            ],
        ),
        section(
            "regulator",
            vec![
                set("regulator-kind", regulator, regulator_class, &["--regulator", "--regulator-kind"]),
                plain("isp-id", settings.isp_id.to_string(), &["--regulator-credentials"]),
                plain("licence", licence, &["--regulator-credentials"]),
                plain(
                    "poll",
                    visit.count("settings-seconds", i64::from(settings.poll_seconds)),
                    &["--poll-seconds"],
                ),
            ],
        ),
        section(
            "ways",
            vec![
                set("mail", mail, mail_class, &["--smtp", "--mail-from"]),
                set("sms", sms, sms_class, &["--sms-gateway"]),
                set("webhooks", reach, reach_class, &["--webhook-reach"]),
            ],
        ),
        section(
            "helpers",
            vec![
                set("faces", faces, faces_class, &["--face-vendor"]),
                set("sites", sites, sites_class, &[]),
                set("reading", reading, reading_class, &["--tesseract"]),
                row("index", index, index_class, &["--index"]),
                plain("name-server", name_server, &["--name-server"]),
                set("rulebooks", installs, installs_class, &["--rulebook-key"]),
            ],
        ),
        section("drift", looks),
    ]
}

/// How much the index of host names knows, and which of its generations that is.
fn index_facts(visit: &Visit, view: &HostIndexView) -> String {
    let completeness = match view.completeness {
        Completeness::Complete => "settings-index-complete",
        Completeness::Partial => "settings-index-partial",
    };
    [
        visit.count("settings-index-domains", view.domains.cast_signed()),
        visit.count("settings-index-changes", view.changes.cast_signed()),
        visit.count("settings-index-generation", view.generation.cast_signed()),
        visit.t(completeness),
    ]
    .join(&visit.t("separator"))
}

/// What holds today of the provider's own file of the rulebook.
fn policies(visit: &Visit, citations: &mut Vec<String>) -> Vec<Policy> {
    let (rulebook, today) = (visit.app.rulebook(), visit.app.today());
    let values = rulebook.values().into_iter().filter(|value| value.file == "provider.toml");
    values
        .filter_map(|value| {
            let entry = value.at(today)?;
            let key = format!("provider-{}", value.key);
            let citation = citations.iter().position(|known| *known == entry.citation).unwrap_or_else(|| {
                citations.push(entry.citation.clone());
                citations.len() - 1
            });
            Some(Policy {
                // A provider's own rulebook may state what this program has no words for.
                label: if visit.language.has(&key) { visit.t(&key) } else { value.key.clone() },
                values: shown(visit, &value.key, &entry.value),
                since: visit.day(&entry.since.day()),
                citation: citation + 1,
                key: value.key.clone(),
            })
        })
        .collect()
}

fn shown(visit: &Visit, key: &str, value: &Value) -> Vec<String> {
    if key == "products" {
        return products(visit);
    }
    match value {
        Value::Array(all) => {
            let all: Vec<String> = all.iter().flat_map(|one| shown(visit, key, one)).collect();
            vec![all.join(&visit.t("separator"))]
        }
        Value::Object(parts) => parts
            .iter()
            .map(|(part, value)| format!("{part}{}{}", visit.t("colon"), shown(visit, key, value).join(" ")))
            .collect(),
        Value::Bool(true) => vec![visit.t("settings-on")],
        Value::Bool(false) => vec![visit.t("settings-off")],
        Value::String(text) => match text.parse::<FilingKind>() {
            Ok(kind) => vec![visit.pick(&kind.label()).to_owned()],
            Err(_) => vec![text.clone()],
        },
        other => vec![other.to_string()],
    }
}

/// What can be filed on, and how often.
fn products(visit: &Visit) -> Vec<String> {
    let (rulebook, today) = (visit.app.rulebook(), visit.app.today());
    let Some(products) = rulebook.provider().products_at(today) else { return Vec::new() };
    let open = products.iter().filter(|product| product.is_open(today));
    open.map(|product| {
        let kind = visit.t(&format!("resource-kind-{}", product.kind.slug()));
        format!("{kind}{}{}", visit.t("colon"), visit.count("settings-services", i64::from(product.services)))
    })
    .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use crate::language::Language;

    #[test]
    fn every_policy_of_the_rulebook_has_its_words() {
        let keys = include_str!("../../../../rulebook/provider.toml")
            .lines()
            .take_while(|line| !line.starts_with("[sources]"))
            .filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()))
            .filter_map(|line| line.split_once(" =").map(|(key, _)| key));
        let mut count = 0;
        for key in keys {
            count += 1;
            for language in Language::ALL {
                assert!(language.has(&format!("provider-{key}")), "{key} in {}", language.tag());
            }
        }
        assert!(count > 15, "{count}");
    }
}
