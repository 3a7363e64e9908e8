//! How answers look: verdicts, plans and rules as text, JSON, SARIF and Markdown.

mod json;
mod layout;
mod markdown;
mod plan;
mod rule;
mod sarif;
mod situations;
mod text;

pub use markdown::{plan_markdown, verdict_markdown};
pub use plan::plan_text;

pub(crate) use json::{Answer, Failure, print_json};
pub(crate) use layout::{Table, pad};
pub(crate) use rule::{rule_json, rule_page, rule_text, rules_index, rules_list};
pub(crate) use sarif::{Judged, sarif};
pub(crate) use text::verdict_text;
