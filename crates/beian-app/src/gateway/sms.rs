//! SMS through a provider's gateway: an HTTP call whose form is configured.

use std::collections::BTreeMap;

use beian_domain::Personal;
use reqwest::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use reqwest::{StatusCode, Url};
use serde::Deserialize;
use serde_json::Value;

use super::{Gateways, Outcome, call_problem};

/// How an SMS leaves.
#[derive(Debug, Clone)]
pub enum SmsGateway {
    /// Not at all.
    Off,
    /// It is kept for the operator to look at: for practice.
    Practice,
    /// Over HTTP.
    Http(Box<HttpSms>),
}

/// A gateway over HTTP. Read from a file such as
///
/// ```toml
/// url = "https://sms.example.com/send"
/// format = "json"                       # or "form"
/// header = "Authorization"              # carries the secret; optional
/// secret = "Bearer …"
/// [fields]                              # `{mobile}` and `{text}` are filled in
/// phone = "{mobile}"
/// content = "【示例云】{text}"
/// [accepted]                            # what a good answer says, besides its status; optional
/// pointer = "/code"
/// equals = "OK"
/// ```
#[derive(Clone)]
pub struct HttpSms {
    url: Url,
    format: SmsFormat,
    header: Option<(HeaderName, HeaderValue)>,
    fields: BTreeMap<String, String>,
    accepted: Option<Accepted>,
}

/// How the fields are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SmsFormat {
    /// One JSON object.
    Json,
    /// As the form of a page.
    Form,
}

#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Accepted {
    pointer: String,
    equals: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct SmsFile {
    url: String,
    format: SmsFormat,
    header: Option<String>,
    secret: Option<String>,
    fields: BTreeMap<String, String>,
    accepted: Option<Accepted>,
}

/// Why a file does not describe a gateway. It never repeats the secret.
#[derive(Debug, thiserror::Error)]
pub enum SmsSettingsError {
    /// It is not such a file.
    #[error("expected url, format and fields of an SMS gateway{}: {problem}", line.map(|line| format!(" (line {line})")).unwrap_or_default())]
    File {
        /// What is wrong.
        problem: String,
        /// Where, if that is known.
        line: Option<usize>,
    },
    /// The address is not one.
    #[error("expected an http or https address of the SMS gateway")]
    Url,
    /// Header or secret are not ones, or one is there without the other.
    #[error("expected both header and secret of the SMS gateway, in ASCII")]
    Header,
    /// Nothing carries the number, or nothing the text.
    #[error("expected a field with {{mobile}} and a field with {{text}}")]
    Fields,
}

impl std::fmt::Debug for HttpSms {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HttpSms").field("format", &self.format).finish_non_exhaustive()
    }
}

/// How much of an answer is read, in bytes.
const MOST_READ: usize = 16 * 1024;

impl HttpSms {
    /// Reads the file of a gateway.
    pub fn from_toml(text: &str) -> Result<Self, SmsSettingsError> {
        let file: SmsFile = toml::from_str(text).map_err(|error| SmsSettingsError::File {
            problem: error.message().to_owned(),
            line: error.span().map(|span| text[..span.start.min(text.len())].lines().count().max(1)),
        })?;
        let url = Url::parse(&file.url).map_err(|_| SmsSettingsError::Url)?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(SmsSettingsError::Url);
        }
        let header = match (file.header, file.secret) {
            (None, None) => None,
            (Some(name), Some(secret)) => {
                let name: HeaderName = name.parse().map_err(|_| SmsSettingsError::Header)?;
                let mut value: HeaderValue = secret.parse().map_err(|_| SmsSettingsError::Header)?;
                value.set_sensitive(true);
                Some((name, value))
            }
            _ => return Err(SmsSettingsError::Header),
        };
        let carries = |part: &str| file.fields.values().any(|template| template.contains(part));
        if !carries("{mobile}") || !carries("{text}") {
            return Err(SmsSettingsError::Fields);
        }
        Ok(Self { url, format: file.format, header, fields: file.fields, accepted: file.accepted })
    }

    fn filled(&self, to: &Personal, text: &str) -> Vec<(&str, String)> {
        let fill = |template: &str| {
            // Piece by piece: what is filled in is not looked at for more to fill in.
            let mobile = |piece: &str| piece.replace("{mobile}", to.expose());
            template.split("{text}").map(mobile).collect::<Vec<_>>().join(text)
        };
        self.fields.iter().map(|(name, template)| (name.as_str(), fill(template))).collect()
    }
}

impl Gateways {
    /// Sends an SMS.
    pub(crate) async fn send_sms(&self, to: &Personal, text: &str) -> Outcome {
        let gateway = match &self.sms {
            SmsGateway::Off => return Outcome::Never("no SMS gateway is configured".to_owned()),
            SmsGateway::Practice => return Outcome::Sent,
            SmsGateway::Http(gateway) => gateway,
        };
        let fields = gateway.filled(to, text);
        let mut request = self.client.post(gateway.url.clone());
        request = match gateway.format {
            SmsFormat::Form => request.form(&fields),
            SmsFormat::Json => {
                let object: serde_json::Map<String, Value> =
                    fields.into_iter().map(|(name, value)| (name.to_owned(), value.into())).collect();
                request.header(CONTENT_TYPE, "application/json").body(Value::Object(object).to_string())
            }
        };
        if let Some((name, secret)) = &gateway.header {
            request = request.header(name, secret);
        }
        let mut answer = match request.send().await {
            Ok(answer) => answer,
            Err(error) => return Outcome::Again(call_problem(&error)),
        };
        let status = answer.status();
        if !status.is_success() {
            let problem = format!("the gateway answered {}", status.as_u16());
            let may_pass = status.is_server_error()
                || matches!(status, StatusCode::REQUEST_TIMEOUT | StatusCode::TOO_MANY_REQUESTS);
            return if may_pass { Outcome::Again(problem) } else { Outcome::Never(problem) };
        }
        let Some(accepted) = &gateway.accepted else { return Outcome::Sent };
        let mut body = Vec::new();
        loop {
            match answer.chunk().await {
                Ok(None) => break,
                Ok(Some(piece)) if body.len() + piece.len() <= MOST_READ => body.extend_from_slice(&piece),
                Ok(Some(_)) => return Outcome::Again("the gateway answered more than is read".to_owned()),
                Err(error) => return Outcome::Again(call_problem(&error)),
            }
        }
        judge(accepted, &body)
    }
}

fn judge(accepted: &Accepted, body: &[u8]) -> Outcome {
    let Ok(answer) = serde_json::from_slice::<Value>(body) else {
        return Outcome::Again("the gateway answered something that is not JSON".to_owned());
    };
    let got = match answer.pointer(&accepted.pointer) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Bool(truth)) => truth.to_string(),
        _ => "nothing".to_owned(),
    };
    if got == accepted.equals {
        return Outcome::Sent;
    }
    let got: String = got.chars().filter(|c| !c.is_control()).take(60).collect();
    Outcome::Again(format!("expected {} at {}, got {got}", accepted.equals, accepted.pointer))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    const FILE: &str = r#"
        url = "https://sms.example.com/send"
        format = "json"
        header = "Authorization"
        secret = "Bearer s3cret"
        [fields]
        phone = "+86{mobile}"
        content = "【习作云】{text}"
        [accepted]
        pointer = "/code"
        equals = "0"
    "#;

    #[test]
    fn fields_are_filled_in_once() {
        let gateway = HttpSms::from_toml(FILE).unwrap();
        let filled = gateway.filled(&Personal::new("13800000001"), "写着 {mobile} 和 {text}");
        assert_eq!(
            filled,
            [
                ("content", "【习作云】写着 {mobile} 和 {text}".to_owned()),
                ("phone", "+8613800000001".to_owned()),
            ]
        );
        assert!(!format!("{gateway:?}").contains("s3cret"));
    }

    #[test]
    fn a_file_that_says_too_little_is_refused_without_its_secret() {
        for (before, after) in [
            ("https://sms.example.com/send", "ftp://sms.example.com"),
            ("header = \"Authorization\"", ""),
            ("{text}", "text"),
            ("{mobile}", "mobile"),
            ("format = \"json\"", "format = \"xml\""),
            ("equals", "equal"),
        ] {
            let error = HttpSms::from_toml(&FILE.replace(before, after)).unwrap_err();
            assert!(!error.to_string().contains("s3cret"), "{error}");
        }
    }

    #[test]
    fn an_answer_is_judged_by_what_it_says() {
        let accepted = Accepted { pointer: "/code".to_owned(), equals: "0".to_owned() };
        assert_eq!(judge(&accepted, br#"{"code":0}"#), Outcome::Sent);
        assert_eq!(judge(&accepted, br#"{"code":"0"}"#), Outcome::Sent);
        for answer in [&br#"{"code":17}"#[..], b"{}", b"<html>", b"[]"] {
            assert!(matches!(judge(&accepted, answer), Outcome::Again(_)));
        }
    }
}
