//! Findings of a verdict, as pages show them: cause, evidence, source, and the
//! ways out as links and buttons.

use beian_app::{Plan, StepAction};
use beian_domain::{Diagnostic, OrderNumber, OutsideTask, RemedyAction, Role, Severity};

use crate::visit::Visit;
use crate::wizard::Step;

/// A finding in the visitor's language.
#[derive(Debug, Clone)]
pub(crate) struct FindingView {
    pub(crate) code: String,
    pub(crate) severity: Severity,
    pub(crate) title: String,
    pub(crate) cause: String,
    pub(crate) evidence: Vec<(String, String)>,
    pub(crate) sources: Vec<String>,
    pub(crate) remedies: Vec<RemedyView>,
}

/// A way out.
#[derive(Debug, Clone)]
pub(crate) struct RemedyView {
    pub(crate) text: String,
    pub(crate) act: Act,
    /// Who does it, where and until when, if it is on the route and not done here.
    pub(crate) note: Option<String>,
}

/// What a click on a way out does.
#[derive(Debug, Clone)]
pub(crate) enum Act {
    /// Leads to a page.
    Go(String),
    /// Is done at once. `action` is what the server is told, as JSON; `label` is on
    /// the button if it is not the text itself.
    Apply { action: String, label: Option<String> },
    /// Nothing here: it is done elsewhere.
    Outside,
}

/// What a click on a way out does at an order.
pub(crate) fn act_at(visit: &Visit, action: &RemedyAction, order: &OrderNumber) -> Act {
    let page_of = |pointer: &str| Step::owner(pointer).map(|step| step.path(order));
    match action {
        RemedyAction::Edit { pointer } | RemedyAction::Review { pointer } => {
            page_of(pointer.as_str()).map_or(Act::Outside, Act::Go)
        }
        RemedyAction::Upload { purpose } => Act::Go(Step::Material(*purpose).path(order)),
        RemedyAction::OpenOrder { order } => order_page(order, ""),
        RemedyAction::WithdrawOrder { order } => order_page(order, "/withdraw"),
        RemedyAction::Resource => Act::Go(Step::Resource.path(order)),
        RemedyAction::Outside { task: OutsideTask::TransferRecord } => {
            Act::Go(format!("/transfers/new?order={order}"))
        }
        RemedyAction::VerifyAuthenticity => Act::Go(crate::form::order_path(order, "/authenticity")),
        action if beian_app::is_one_click(action) => match serde_json::to_string(action) {
            Ok(json) => Act::Apply {
                action: json,
                label: matches!(action, RemedyAction::Provide { .. }).then(|| visit.t("remedy-have-paper")),
            },
            Err(_) => Act::Outside,
        },
        _ => Act::Outside,
    }
}

/// A page of an order. That of another account has a description in the place of
/// its number, and no page for this one.
fn order_page(order: &str, rest: &str) -> Act {
    match crate::page::order_number(order) {
        Ok(number) => Act::Go(crate::form::order_path(&number, rest)),
        Err(_) => Act::Outside,
    }
}

impl FindingView {
    /// A finding of an order, with its ways out at that order.
    pub(crate) fn of_order(visit: &Visit, diagnostic: &Diagnostic, order: &OrderNumber) -> Self {
        // The ways out are the filer's to take; a reviewer reads them.
        if visit.user.as_ref().is_none_or(|user| user.role != Role::Filer) {
            return Self::new(visit, diagnostic, |_| Act::Outside);
        }
        Self::new(visit, diagnostic, |action| act_at(visit, action, order))
    }

    /// A finding before there is an order: `go` knows the page of a field.
    pub(crate) fn before_order(
        visit: &Visit,
        diagnostic: &Diagnostic,
        go: impl Fn(&str) -> Option<String>,
    ) -> Self {
        let act = |action: &RemedyAction| match action {
            RemedyAction::Edit { pointer }
            | RemedyAction::Review { pointer }
            | RemedyAction::Replace { pointer, .. } => go(pointer.as_str()).map_or(Act::Outside, Act::Go),
            RemedyAction::OpenOrder { order } => order_page(order, ""),
            RemedyAction::WithdrawOrder { order } => order_page(order, "/withdraw"),
            RemedyAction::Outside { task: OutsideTask::TransferRecord } => {
                Act::Go("/transfers/new".to_owned())
            }
            // The number of the certificate before this one is asked for beside this one's.
            RemedyAction::UseFormerNumber => go("/sponsor/certificate/number").map_or(Act::Outside, Act::Go),
            _ => Act::Outside,
        };
        Self::new(visit, diagnostic, act)
    }

    fn new(visit: &Visit, diagnostic: &Diagnostic, act: impl Fn(&RemedyAction) -> Act) -> Self {
        Self {
            code: diagnostic.code.to_string(),
            severity: diagnostic.severity,
            title: visit.pick(&diagnostic.title).to_owned(),
            cause: visit.pick(&diagnostic.cause).to_owned(),
            evidence: diagnostic
                .evidence
                .iter()
                .map(|evidence| (visit.pick(&evidence.label).to_owned(), evidence.value.clone()))
                .collect(),
            sources: crate::plan::sources(&diagnostic.sources),
            remedies: diagnostic
                .remedies
                .iter()
                .map(|remedy| RemedyView {
                    text: visit.pick(&remedy.text).to_owned(),
                    act: act(&remedy.action),
                    note: None,
                })
                .collect(),
        }
    }

    /// With what the plan knows of ways out that are taken elsewhere.
    pub(crate) fn with_plan(mut self, visit: &Visit, diagnostic: &Diagnostic, plan: Option<&Plan>) -> Self {
        let Some(route) = plan.and_then(Plan::route) else { return self };
        for (shown, remedy) in self.remedies.iter_mut().zip(&diagnostic.remedies) {
            let step = [Some(route), route.faster.as_deref()]
                .into_iter()
                .flatten()
                .flat_map(|route| &route.steps)
                .find(|step| matches!(&step.action, StepAction::Remedy { remedy: done } if *done == remedy.action));
            if matches!(shown.act, Act::Outside) {
                shown.note = step.map(|step| crate::plan::who_where_when(visit, step));
            }
        }
        self
    }

    /// As it is shown on a page: a way out that leads to that very page is no link.
    pub(crate) fn seen_at(mut self, here: Option<&str>) -> Self {
        for remedy in &mut self.remedies {
            if matches!(&remedy.act, Act::Go(path) if Some(path.as_str()) == here) {
                remedy.act = Act::Outside;
            }
        }
        self
    }

    pub(crate) fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The class of its box.
    pub(crate) fn class(&self) -> &'static str {
        match self.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Advice => "advice",
        }
    }

    /// The key of the word for its gravity.
    pub(crate) fn severity_key(&self) -> &'static str {
        match self.severity {
            Severity::Error => "severity-error",
            Severity::Warning => "severity-warning",
            Severity::Advice => "severity-advice",
        }
    }
}
