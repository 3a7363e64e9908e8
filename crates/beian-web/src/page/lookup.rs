//! The public query: by domain, number or name.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use beian_app::{Lookup, LookupQuery, PublicRecord};
use beian_domain::{DomainName, DomainNameError, RecordNumber};
use serde::Deserialize;

use super::start::domain_error;
use crate::error::Problem;
use crate::visit::{Visit, page};

#[derive(Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
}

#[derive(Template)]
#[template(path = "lookup.html")]
struct LookupPage<'a> {
    visit: &'a Visit,
    asked: String,
    error: Option<String>,
    answer: Option<Answer>,
}

enum Answer {
    Filed { filings: Vec<Filing>, has_more: bool },
    NotFiled { text_key: &'static str, as_of: String },
    Unknown { reason: String },
}

struct Filing {
    rows: Vec<(&'static str, String)>,
    as_of: String,
    source_key: &'static str,
}

/// Asks and answers.
pub(crate) async fn show(visit: Visit, Query(asked): Query<Asked>) -> Result<Response, Problem> {
    let text: String = asked.q.trim().chars().take(300).collect();
    let mut page_of = LookupPage { visit: &visit, asked: text.clone(), error: None, answer: None };
    if text.is_empty() {
        return page(&page_of);
    }
    match query(&text) {
        Ok(query) => page_of.answer = Some(answer(&visit, visit.app.lookup(&query).await?)),
        Err(error) => page_of.error = Some(domain_error(&visit, &error)),
    }
    page(&page_of)
}

/// Reads what was typed: a number if it looks like one, a name if it has no dot and is not of Latin letters alone, else a
/// domain.
pub(crate) fn query(text: &str) -> Result<LookupQuery, DomainNameError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match compact.parse() {
        Ok(RecordNumber::Service(number)) => return Ok(LookupQuery::Number(number)),
        Ok(RecordNumber::Sponsor(number)) => return Ok(LookupQuery::Sponsor(number)),
        Err(_) => {}
    }
    let is_address =
        compact.contains(['.', '。', '．', '/', ':']) || compact.to_ascii_uppercase().contains("ICP");
    if !is_address && compact.chars().any(|c| !c.is_ascii() && c.is_alphabetic()) {
        return Ok(LookupQuery::Name(text.to_owned()));
    }
    DomainName::from_host(text).map(LookupQuery::Domain)
}

fn answer(visit: &Visit, lookup: Lookup) -> Answer {
    match lookup {
        Lookup::NotFiled { as_of } => {
            Answer::NotFiled { text_key: "lookup-not-filed-text", as_of: visit.moment(&as_of) }
        }
        Lookup::Cancelled { as_of } => {
            Answer::NotFiled { text_key: "lookup-cancelled-text", as_of: visit.moment(&as_of) }
        }
        Lookup::Unknown { reason } => Answer::Unknown { reason: visit.pick(&reason).to_owned() },
        Lookup::Filed { first, others, has_more } => {
            let filings = std::iter::once(*first).chain(others).map(|record| filing(visit, record));
            Answer::Filed { filings: filings.collect(), has_more }
        }
    }
}

fn filing(visit: &Visit, record: PublicRecord) -> Filing {
    let mut rows = Vec::new();
    let mut push = |key, value: Option<String>| rows.extend(value.map(|value| (key, value)));
    push("lookup-service-number", record.service_number.map(|number| number.to_string()));
    push("lookup-sponsor-number", record.sponsor_number.map(|number| number.to_string()));
    push("lookup-domain", record.domain.map(|domain| domain.as_unicode().to_owned()));
    push("lookup-sponsor", record.sponsor_name);
    push("lookup-service", record.service_name);
    Filing {
        rows,
        as_of: visit.moment(&record.as_of),
        source_key: if record.here { "lookup-source-here" } else { "lookup-source-regulator" },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_asked_is_told_by_its_form() {
        for (text, expected) in [
            ("粤ICP备2026000001号-1", "Number"),
            (" 粤ICP备 2026000001号 - 1 ", "Number"),
            ("粤ICP备2026000001号", "Sponsor"),
            ("习作网络科技有限公司", "Name"),
            ("习作 网络科技（练习）有限公司", "Name"),
            ("xizuo-pages.cn", "Domain"),
            ("https://www.xizuo-pages.cn/about", "Domain"),
            ("习作.cn", "Domain"),
        ] {
            let query = query(text).unwrap_or_else(|error| panic!("{text}: {error}"));
            assert!(format!("{query:?}").starts_with(expected), "{text}: {query:?}");
        }
        for text in ["", "xizuo", "粤ICP备20260号", "粤ICP备2026000001号-"] {
            assert!(query(text).is_err(), "{text}");
        }
    }
}
