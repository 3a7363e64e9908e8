//! The public query.

use askama::Template;
use axum::extract::Query;
use axum::response::Response;
use beian_app::{Lookup, LookupQuery};
use beian_domain::{DomainName, ServiceFilingNumber};
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
    Filed { rows: Vec<(&'static str, String)>, as_of: String, source_key: &'static str },
    NotFiled { as_of: String },
    Unknown { reason: String },
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

/// Reads what was typed: a number if it looks like one, else a domain.
pub(crate) fn query(text: &str) -> Result<LookupQuery, beian_domain::DomainNameError> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    match compact.parse::<ServiceFilingNumber>() {
        Ok(number) => Ok(LookupQuery::Number(number)),
        Err(_) => DomainName::from_host(text).map(LookupQuery::Domain),
    }
}

fn answer(visit: &Visit, lookup: Lookup) -> Answer {
    match lookup {
        Lookup::NotFiled { as_of } => Answer::NotFiled { as_of: visit.moment(&as_of) },
        Lookup::Unknown { reason } => Answer::Unknown { reason: visit.pick(&reason).to_owned() },
        Lookup::Filed(record) => {
            let mut rows = Vec::new();
            let mut push = |key, value: Option<String>| rows.extend(value.map(|value| (key, value)));
            push("lookup-service-number", record.service_number.map(|number| number.to_string()));
            push("lookup-sponsor-number", record.sponsor_number.map(|number| number.to_string()));
            push("lookup-domain", record.domain.map(|domain| domain.as_unicode().to_owned()));
            push("lookup-sponsor", record.sponsor_name);
            push("lookup-service", record.service_name);
            Answer::Filed {
                rows,
                as_of: visit.moment(&record.as_of),
                source_key: if record.here { "lookup-source-here" } else { "lookup-source-regulator" },
            }
        }
    }
}
