//! The route to a number, as pages show it: who does what, where, until when.

use beian_app::{
    Automation, DaysRange, Goal, Obstacle, OrderView, Outcome, Party, Plan, Route, Step as PlanStep,
    StepAction,
};
use beian_domain::{OrderNumber, OrderState, ServiceKind, Source, Verdict};
use chrono::NaiveDate;

use crate::finding::{Act, act_at};
use crate::form::order_path;
use crate::visit::Visit;
use crate::wizard::Step;

/// A plan in the visitor's language.
pub(crate) struct PlanView {
    pub(crate) route: Option<RouteView>,
    /// The rules at which every way ends, if there is no route.
    pub(crate) obstacles: Vec<ObstacleView>,
    /// What was assumed not to stand in the way.
    pub(crate) assumptions: Vec<String>,
    /// By what it was made.
    pub(crate) made: String,
}

/// A route.
pub(crate) struct RouteView {
    pub(crate) goal: String,
    pub(crate) time: String,
    /// The kind cannot be handed in here yet.
    pub(crate) is_calendar_certain: bool,
    pub(crate) steps: Vec<StepView>,
    pub(crate) afterwards: Vec<StepView>,
    /// A faster one that gives something up.
    pub(crate) faster: Option<Box<RouteView>>,
}

/// A step.
pub(crate) struct StepView {
    pub(crate) text: String,
    pub(crate) act: Act,
    pub(crate) who: String,
    pub(crate) place: String,
    /// How long it takes, and until when.
    pub(crate) time: String,
    /// The key of how much of it the product takes over, where it is worth a word.
    pub(crate) automation: Option<&'static str>,
    pub(crate) running: Option<String>,
    pub(crate) gives_up: Option<String>,
    /// What is stated or handed in: name and page.
    pub(crate) parts: Vec<(String, Option<String>)>,
    pub(crate) sources: Vec<String>,
}

/// A rule at which every way ends.
pub(crate) struct ObstacleView {
    pub(crate) code: String,
    pub(crate) title: String,
    pub(crate) cause: String,
    pub(crate) sources: Vec<String>,
    pub(crate) remains: Vec<String>,
}

/// Where a plan is shown.
#[derive(Clone, Copy)]
struct At<'a> {
    visit: &'a Visit,
    /// The order, and the verdict whose ways out a click can take.
    order: Option<(&'a OrderNumber, &'a Verdict)>,
    /// What is to be filed.
    service: ServiceKind,
}

impl PlanView {
    /// The plan of an order, if it has one.
    pub(crate) fn of_order(visit: &Visit, view: &OrderView) -> Option<Self> {
        let at = At {
            visit,
            order: Some((&view.order.number, &view.verdict)),
            service: view.order.case.service.kind,
        };
        let mut shown = Self::new(at, view.plan.as_ref()?);
        // What a person or the regulator wants mended, no rule can know.
        let mend = match view.order.state() {
            OrderState::Returned => Some("order-next-returned"),
            OrderState::Refused => Some("order-next-refused"),
            _ => None,
        };
        if let (Some(key), Some(route)) = (mend, &mut shown.route) {
            route.steps.insert(0, StepView::mend(visit, key, &view.order.number));
        }
        Some(shown)
    }

    /// A plan before there is an order.
    pub(crate) fn before_order(visit: &Visit, plan: &Plan, service: ServiceKind) -> Self {
        Self::new(At { visit, order: None, service }, plan)
    }

    fn new(at: At<'_>, plan: &Plan) -> Self {
        let visit = at.visit;
        let (route, obstacles) = match &plan.outcome {
            Outcome::Route(route) => (Some(RouteView::new(at, route)), Vec::new()),
            Outcome::Impossible(obstacles) => {
                (None, obstacles.iter().map(|obstacle| ObstacleView::new(visit, obstacle)).collect())
            }
            // The page says so: no rule is in the way.
            Outcome::Unfinished => (None, Vec::new()),
        };
        let mut assumptions: Vec<String> =
            plan.assumptions.iter().map(|gap| visit.pick(&gap.missing).to_owned()).collect();
        assumptions.sort();
        assumptions.dedup();
        let digest: String = plan.rulebook.chars().take(12).collect();
        Self { route, obstacles, assumptions, made: format!("{} · {digest}", visit.day(&plan.day)) }
    }
}

impl RouteView {
    fn new(at: At<'_>, route: &Route) -> Self {
        let visit = at.visit;
        let goal = match &route.goal {
            Goal::Filed(kind) => visit.with("plan-goal-filed", visit.pick(&kind.label())),
            Goal::AlreadyFiled { number } => visit.with("plan-goal-already", number),
        };
        let steps = |steps: &[PlanStep]| steps.iter().map(|step| StepView::new(at, step)).collect();
        Self {
            goal,
            time: format!(
                "{}{}{}",
                duration(visit, route.working_days),
                visit.t("separator"),
                until(visit, route.earliest, route.latest)
            ),
            is_calendar_certain: route.is_calendar_certain,
            steps: steps(&route.steps),
            afterwards: steps(&route.afterwards),
            faster: route.faster.as_ref().map(|faster| Box::new(Self::new(at, faster))),
        }
    }
}

impl StepView {
    /// What was returned or refused is mended.
    fn mend(visit: &Visit, key: &str, order: &OrderNumber) -> Self {
        Self {
            text: visit.t(key),
            act: Act::Go(order_path(order, "/tasks")),
            who: visit.t("holder-filer"),
            place: visit.t("plan-here"),
            time: visit.t("plan-at-once"),
            automation: None,
            running: None,
            gives_up: None,
            parts: Vec::new(),
            sources: Vec::new(),
        }
    }

    fn new(at: At<'_>, step: &PlanStep) -> Self {
        let visit = at.visit;
        let act = match (&step.action, at.order) {
            (StepAction::Remedy { remedy }, Some((order, verdict))) => {
                let is_offered = verdict
                    .diagnostics
                    .iter()
                    .flat_map(|found| &found.remedies)
                    .any(|offered| offered.action == *remedy);
                match act_at(visit, remedy, order) {
                    // What a later step does is offered once the steps before it are done.
                    Act::Apply { .. } if !is_offered => Act::Outside,
                    act => act,
                }
            }
            _ => Act::Outside,
        };
        let mut parts: Vec<(String, Option<String>)> = Vec::new();
        if let StepAction::Complete { fields, .. } = &step.action {
            let owners: Vec<Step> = fields.iter().filter_map(|field| Step::owner(field.as_str())).collect();
            for owner in Step::ALL.into_iter().filter(|step| owners.contains(step)) {
                let name = owner.task(visit, at.service);
                if !parts.iter().any(|(known, _)| *known == name) {
                    parts.push((name, at.order.map(|(order, _)| owner.path(order))));
                }
            }
        }
        let text = |text: &Option<beian_domain::Text>| text.as_ref().map(|text| visit.pick(text).to_owned());
        Self {
            text: visit.pick(&step.text).to_owned(),
            who: who(visit, step),
            place: visit.pick(&step.place).to_owned(),
            time: time(visit, step),
            automation: match step.automation {
                Automation::Automatic => Some("plan-automatic"),
                // A click that there is nothing to click for yet is no help.
                Automation::OneClick if !matches!(act, Act::Outside) => Some("plan-one-click"),
                _ => None,
            },
            act,
            running: text(&step.running_services),
            gives_up: text(&step.gives_up),
            parts,
            sources: sources(&step.sources),
        }
    }
}

impl ObstacleView {
    fn new(visit: &Visit, obstacle: &Obstacle) -> Self {
        Self {
            code: obstacle.code.to_string(),
            title: visit.pick(&obstacle.title).to_owned(),
            cause: visit.pick(&obstacle.cause).to_owned(),
            sources: sources(&obstacle.sources),
            remains: obstacle.remains.iter().map(|text| visit.pick(text).to_owned()).collect(),
        }
    }
}

/// Who does a step, where, and until when, in one line.
pub(crate) fn who_where_when(visit: &Visit, step: &PlanStep) -> String {
    format!("{} · {} · {}", who(visit, step), visit.pick(&step.place), time(visit, step))
}

fn who(visit: &Visit, step: &PlanStep) -> String {
    match step.who {
        Party::Filer => visit.t("holder-filer"),
        other => visit.pick(&other.label()).to_owned(),
    }
}

fn time(visit: &Visit, step: &PlanStep) -> String {
    format!("{} · {}", duration(visit, step.working_days), until(visit, step.over.0, step.over.1))
}

/// Sources as people read them, each once.
pub(crate) fn sources(sources: &[Source]) -> Vec<String> {
    let mut texts: Vec<String> = Vec::new();
    for source in sources {
        let text = match &source.date {
            Some(date) => format!("{} ({date})", source.citation),
            None => source.citation.to_string(),
        };
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    texts
}

fn duration(visit: &Visit, days: DaysRange) -> String {
    match (days.from, days.to) {
        (_, 0) => visit.t("plan-at-once"),
        (from, to) if from == to => visit.count("plan-days", i64::from(to)),
        (from, to) => visit.with("plan-days-range", format!("{from}–{to}")),
    }
}

fn until(visit: &Visit, earliest: NaiveDate, latest: NaiveDate) -> String {
    if earliest == latest {
        visit.with("plan-until", visit.day(&latest))
    } else {
        visit.with("plan-until", format!("{} – {}", visit.day(&earliest), visit.day(&latest)))
    }
}
