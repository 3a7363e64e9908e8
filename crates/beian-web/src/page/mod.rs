//! The pages, one file a part of the portal.

mod account;
mod addresses;
mod archive;
mod authenticity;
mod check;
mod check_number;
mod code_tables;
mod codes;
mod dashboard;
mod design;
mod desk;
mod drift;
mod duties;
mod filings;
mod forms;
mod help;
mod home;
mod impact;
mod import;
mod lookup;
mod material;
mod members;
mod notices;
mod operator;
mod order;
mod outlook;
mod passkeys;
mod readings;
mod reconcile;
mod record;
mod remedy;
mod review;
mod rows;
mod rulebook;
mod second_factor;
mod settings;
mod staff;
mod start;
mod tasks;
mod trail;
mod transfers;
mod typed;
mod unfiled_hosts;

use askama::Template;
use axum::Router;
use axum::response::{Html, Response};
use axum::routing::{get, post};
use beian_domain::OrderNumber;

use crate::Web;
use crate::error::Problem;
use crate::visit::Visit;

pub(crate) fn routes() -> Router<Web> {
    Router::new()
        .route("/", get(home::front))
        .route("/help", get(help::show))
        .route("/help/situations/{code}", get(help::situation).post(help::try_case))
        .route("/help/design", get(design::show))
        .route("/help/rules", get(help::rules))
        .route("/help/rules/{code}", get(help::rule))
        .route("/language/{language}", get(home::choose_language))
        .route("/can-i-file", get(outlook::show))
        .route("/lookup", get(lookup::show))
        .route("/check-number", get(check_number::show).post(check_number::check))
        .route("/sign-in", get(account::sign_in_form).post(account::sign_in))
        .route("/sign-up", get(account::sign_up_form).post(account::sign_up))
        .route("/sign-out", post(account::sign_out))
        .route("/sign-in/code", get(second_factor::ask_code).post(second_factor::give_code))
        .route("/sign-in/password", get(account::ask_password).post(account::choose_password))
        .route("/second-factor", get(second_factor::show).post(second_factor::confirm))
        .route("/second-factor/recovery-codes", post(second_factor::renew_recovery_codes))
        .route("/second-factor/give-up", post(second_factor::give_up))
        .route("/sign-in/passkey", get(passkeys::show).post(passkeys::give))
        .route("/sign-in/passkey/ask", post(passkeys::ask_to_use))
        .route("/second-factor/passkeys", post(passkeys::add))
        .route("/second-factor/passkeys/ask", post(passkeys::ask_to_add))
        .route("/second-factor/passkeys/{passkey}/remove", post(passkeys::remove))
        .route("/security/accounts", get(staff::list).post(staff::create))
        .route("/security/accounts/{account}/role", post(staff::change_role))
        .route("/security/accounts/{account}/lock", post(staff::lock))
        .route("/security/accounts/{account}/unlock", post(staff::unlock))
        .route("/security/accounts/{account}/password", post(staff::renew_password))
        .route("/security/accounts/{account}/second-factor", post(staff::reset_second_factor))
        .route("/audit/trail", get(trail::show).post(trail::verify))
        .route("/home", get(home::home))
        .route("/start", get(start::service).post(start::choose_service))
        .route("/start/nature", get(start::nature).post(start::choose_nature))
        .route("/start/domain", get(start::domain).post(start::choose_domain))
        .route("/start/certificate", get(start::certificate).post(start::begin))
        .route("/orders/{number}", get(order::show))
        .route("/orders/{number}/begun", get(start::begun))
        .route("/orders/{number}/status", get(order::status))
        .route("/orders/{number}/tasks", get(tasks::show))
        .route("/orders/{number}/edit/{step}", get(tasks::ask).post(tasks::answer))
        .route("/orders/{number}/typed/{step}", post(typed::keep))
        .route("/orders/{number}/typed/{step}/forget", post(typed::forget))
        .route("/orders/{number}/present", get(typed::others))
        .route("/orders/{number}/remedy", post(remedy::apply))
        .route("/orders/{number}/papers/{paper}/remove", post(remedy::take_paper_back))
        .route("/orders/{number}/route", get(order::route))
        .route("/orders/{number}/materials/{purpose}", get(material::show).post(material::hand_in))
        .route("/orders/{number}/materials/{purpose}/remove", post(material::remove))
        .route("/orders/{number}/check", get(check::show))
        .route("/orders/{number}/submit", post(check::submit))
        .route("/orders/{number}/withdraw", get(order::ask_withdraw).post(order::withdraw))
        .route("/orders/{number}/recall", post(order::recall))
        .route("/orders/{number}/resume", post(order::resume))
        .route("/orders/{number}/authenticity", get(authenticity::show).post(authenticity::begin))
        .route("/review/{number}/attest", post(authenticity::attest))
        .route("/orders/{number}/forms", get(forms::show))
        .route("/orders/{number}/forms/{form}", get(forms::file))
        .route("/filings/import", get(filings::show).post(filings::bring))
        .route("/filings/template/{format}", get(filings::template))
        .route("/filings/export", post(filings::export))
        .route("/archive", get(archive::show).post(archive::make))
        .route("/records/{number}", get(record::show))
        .route("/records/{number}/begin", post(record::begin))
        .route("/records/{number}/drift", post(drift::begin))
        .route("/pictures/{material}/{kind}", get(material::picture))
        .route("/codes", get(codes::show).post(codes::issue))
        .route("/codes/{code}/revoke", post(codes::revoke))
        .route("/review", get(desk::queue))
        .route("/review/next", get(review::next))
        .route("/review/bulk", post(desk::bulk))
        .route("/statistics", get(desk::statistics))
        .route("/review/{number}", get(review::show))
        .route("/review/{number}/approve", post(review::approve))
        .route("/review/{number}/return", post(review::send_back))
        .route("/review/{number}/claim", post(review::claim))
        .route("/review/{number}/calls", post(review::call))
        .route("/review/{number}/evidence", post(review::evidence))
        .route("/review/{number}/look", post(review::look))
        .route("/evidence/{id}", get(review::evidence_picture))
        .route("/members", get(members::show))
        .route("/members/invite", post(members::invite))
        .route("/members/ask", post(members::ask))
        .route("/members/answer", post(members::answer))
        .route("/members/change", post(members::change))
        .route("/members/remove", post(members::remove))
        .route("/members/leave", post(members::leave))
        .route("/members/work-for", post(members::work_for))
        .route("/transfers", get(transfers::list))
        .route("/transfers/new", get(transfers::form).post(transfers::request))
        .route("/transfers/{id}", get(transfers::show))
        .route("/transfers/{id}/proof", post(transfers::choose))
        .route("/transfers/{id}/code", post(transfers::code))
        .route("/transfers/{id}/look", post(transfers::look))
        .route("/transfers/{id}/object", post(transfers::object))
        .route("/transfers/{id}/cancel", post(transfers::cancel))
        .route("/operator/overview", get(dashboard::show))
        .route("/operator/transfers", get(transfers::desk))
        .route("/operator/transfers/{id}", post(transfers::decide))
        .route("/operator/resources", get(operator::resources))
        .route("/operator/import", get(import::show).post(import::bring))
        .route("/operator/accounts/kind", post(import::account_kind))
        .route("/operator/records", get(filings::show_records).post(filings::bring_records))
        .route("/operator/records/new", get(filings::one_record).post(filings::keep_record))
        .route("/operator/records/template/{format}", get(filings::record_template))
        .route("/operator/bridge", get(operator::bridge))
        .route("/operator/bridge/received/{name}", get(operator::received_file))
        .route("/operator/bridge/sent/{sequence}", get(operator::sent_file))
        .route("/operator/duties", get(duties::list))
        .route("/operator/duties/{id}", get(duties::show).post(duties::report))
        .route("/operator/duties/{id}/show", post(duties::show_plain))
        .route("/operator/unfiled-hosts", get(unfiled_hosts::list).post(unfiled_hosts::bring))
        .route("/operator/unfiled-hosts/tell", post(unfiled_hosts::tell))
        .route("/operator/unfiled-hosts/settle", post(unfiled_hosts::settle))
        .route("/operator/drift", get(drift::list))
        .route("/operator/drift/tell", post(drift::tell))
        .route("/operator/drift/look", post(drift::look))
        .route("/operator/drift/excuse", post(drift::excuse))
        .route("/operator/addresses", get(addresses::list))
        .route("/operator/addresses/register", post(addresses::register_drafts))
        .route("/operator/addresses/import", get(addresses::import).post(addresses::bring))
        .route("/operator/addresses/new/{kind}", get(addresses::new).post(addresses::add))
        .route("/operator/addresses/{id}", get(addresses::show))
        .route("/operator/addresses/{id}/show", post(addresses::show_plain))
        .route("/operator/addresses/{id}/edit", get(addresses::edit).post(addresses::restate))
        .route("/operator/addresses/{id}/register", post(addresses::register))
        .route("/operator/addresses/{id}/delete", get(addresses::before_deleting).post(addresses::delete))
        .route("/operator/addresses/{id}/give-up", post(addresses::give_up))
        .route("/operator/settings", get(settings::show))
        .route("/operator/reconcile", get(reconcile::show).post(reconcile::export))
        .route("/operator/code-tables", get(code_tables::show).post(code_tables::take_over))
        .route("/operator/code-tables/try", post(code_tables::look))
        .route("/operator/code-tables/back", post(code_tables::take_back))
        .route("/operator/rulebook", get(rulebook::show).post(rulebook::install))
        .route("/operator/rulebook/try", post(rulebook::look))
        .merge(notices::routes())
}

pub(crate) use archive::streamed;
pub(crate) use filings::{attached, content_named};
pub(crate) use lookup::query as lookup_query;
pub use settings::SETTING_ARGUMENTS;
pub(crate) use typed::AtOrder;

/// The number of an order in an address; anything else names no order.
pub(crate) fn order_number(text: &str) -> Result<OrderNumber, Problem> {
    let fits = text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-');
    if fits { Ok(OrderNumber(text.to_owned())) } else { Err(Problem::NotFound) }
}

#[derive(Template)]
#[template(path = "problem.html")]
struct ProblemPage<'a> {
    visit: &'a Visit,
    title: String,
    text: String,
    /// What to do: text and address.
    links: Vec<(String, String)>,
}

/// The page of a problem.
pub(crate) fn problem(visit: &Visit, problem: &Problem) -> Result<Response, Problem> {
    let key = problem.key();
    let text = match problem {
        Problem::TooLarge { limit } => visit.count(&format!("{key}-text"), (limit / (1024 * 1024)) as i64),
        Problem::TooOften { seconds } => visit.count(&format!("{key}-text"), *seconds),
        Problem::Refused { code, n } => visit.count(&format!("refused-{code}"), *n),
        _ => visit.t(&format!("{key}-text")),
    };
    let mut links = Vec::new();
    match problem {
        Problem::TooLarge { .. }
        | Problem::TooOften { .. }
        | Problem::Unreadable
        | Problem::Token
        | Problem::Refused { .. }
        | Problem::Regulator => {
            links.push((visit.t("link-back-to-page"), visit.back.clone()));
        }
        Problem::SignIn { back } => {
            links.push((visit.t("menu-sign-in"), format!("/sign-in?back={}", crate::visit::encode(back))));
        }
        Problem::Moved(Some(order)) | Problem::NotReturned(Some(order)) => {
            links.push((visit.t("link-to-order"), format!("/orders/{order}")));
        }
        _ => {}
    }
    links.push((visit.t("link-home"), visit.home().to_owned()));
    let page = ProblemPage { visit, title: visit.t(key), text, links };
    Ok(axum::response::IntoResponse::into_response(Html(page.render()?)))
}
