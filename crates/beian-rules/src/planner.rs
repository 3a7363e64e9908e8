//! The planner: the shortest route from a situation to a filing number, or the
//! rule for which there is none.

mod itinerary;
mod search;

use beian_domain::{Case, DiagnosticCode, FilingKind, Pointer, RemedyAction, Source, Text, Undetermined};
use chrono::NaiveDate;
use serde::Serialize;

use crate::{Change, Circumstances, DaysRange, Facts, Rulebook, evaluate};

/// What leads from a case to a number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Plan {
    /// The day for which it was made, in China.
    pub day: NaiveDate,
    /// SHA-256 of the rulebook, in hexadecimal.
    pub rulebook: String,
    /// The route, or why there is none.
    pub outcome: Outcome,
    /// What is not known, and was assumed not to stand in the way.
    pub assumptions: Vec<Undetermined>,
    /// How many positions were looked at.
    pub considered: usize,
}

/// What comes of planning.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It can be done.
    Route(Route),
    /// It cannot: every way ends at one of these rules.
    Impossible(Vec<Obstacle>),
    /// It was not decided: there are more ways than were looked at. No situation
    /// is known in which this happens.
    Unfinished,
}

/// Steps in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Route {
    /// Where it leads.
    pub goal: Goal,
    /// What is done, in this order.
    pub steps: Vec<Step>,
    /// What is owed once the number is there.
    pub afterwards: Vec<Step>,
    /// From the day of the plan to the goal, in working days.
    pub working_days: DaysRange,
    /// The earliest day of the goal.
    pub earliest: NaiveDate,
    /// The latest day of the goal, if every step takes its longest.
    pub latest: NaiveDate,
    /// Whether all of its days lie in years whose holidays are published.
    pub is_calendar_certain: bool,
    /// A faster route that gives something up, if there is one.
    pub faster: Option<Box<Route>>,
}

/// Where a route leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Goal {
    /// A number is granted for a filing of this kind.
    Filed(FilingKind),
    /// The domain is filed and connected here already: there is nothing to file.
    AlreadyFiled {
        /// Its number.
        number: String,
    },
}

/// One step of a route.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Step {
    /// What a button, a command or the product itself does.
    pub action: StepAction,
    /// What is done, as an instruction.
    pub text: Text,
    /// The findings that are gone after it.
    pub mends: Vec<DiagnosticCode>,
    /// Who does it.
    pub who: Party,
    /// Where.
    pub place: Text,
    /// How long it takes, in working days.
    pub working_days: DaysRange,
    /// The days on which it is over, earliest and latest.
    pub over: (NaiveDate, NaiveDate),
    /// Whether the product does it by itself.
    pub automation: Automation,
    /// What becomes of services that run on the record or the domain.
    pub running_services: Option<Text>,
    /// What is given up by it.
    pub gives_up: Option<Text>,
    /// Where its duration or rule is from.
    pub sources: Vec<Source>,
}

/// The machine's side of a step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "step")]
pub enum StepAction {
    /// A remedy is applied.
    Remedy {
        /// It.
        remedy: RemedyAction,
    },
    /// The regulator is asked (again); the plan is made anew with its answer.
    AskRegulator,
    /// Fields are stated, pictures handed in and papers got ready.
    Complete {
        /// The fields and materials.
        fields: Vec<Pointer>,
        /// The fewest changes that do it.
        changes: Vec<Change>,
    },
    /// The order is handed in.
    Submit,
    /// The provider reviews it (初审).
    ProviderReview,
    /// The regulator's messages are answered (短信核验).
    VerifySms,
    /// The regulator reviews it and grants the number (管局审核).
    RegulatorReview,
    /// The sponsor's record is changed to the new certificate.
    ChangeSponsor,
    /// The number is put on the page.
    ShowNumber,
    /// The service is filed with public security (公安备案).
    FileWithPolice,
}

/// Who does a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Party {
    /// The filer.
    Filer,
    /// The product.
    System,
    /// This provider's reviewer.
    Reviewer,
    /// The provider that holds the record or the other filing.
    OtherProvider,
    /// The regulator.
    Regulator,
    /// A person in charge, by their own telephone.
    Principal,
    /// The domain's registrar.
    Registrar,
    /// The holder of another account here.
    OtherAccount,
    /// An authority other than the regulator.
    Authority,
}

impl Party {
    /// The name for people.
    pub fn label(self) -> Text {
        match self {
            Self::Filer => Text::new("备案人", "Filer"),
            Self::System => Text::new("系统自动", "Automatic"),
            Self::Reviewer => Text::new("接入商初审员", "Provider's reviewer"),
            Self::OtherProvider => Text::new("原接入商", "The other provider"),
            Self::Regulator => Text::new("管局", "Regulator"),
            Self::Principal => Text::new("负责人本人", "The principal in person"),
            Self::Registrar => Text::new("域名注册商", "Domain registrar"),
            Self::OtherAccount => Text::new("其他账号的持有人", "Holder of the other account"),
            Self::Authority => Text::new("发证或主管机关", "Competent authority"),
        }
    }
}

/// Whether the product does a step by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Automation {
    /// It does.
    Automatic,
    /// It offers a button; a person decides.
    OneClick,
    /// It prepares the papers or tells where; a person does it.
    Prepared,
    /// It is somebody else's.
    Manual,
}

/// A rule at which every way ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub struct Obstacle {
    /// The check.
    pub code: DiagnosticCode,
    /// Where in the case.
    pub pointer: Pointer,
    /// The rule.
    pub title: Text,
    /// Why it holds here.
    pub cause: Text,
    /// Where it is from.
    pub sources: Vec<Source>,
    /// What is left, though no plan counts on it.
    pub remains: Vec<Text>,
}

/// Finds the shortest route from a case to its number: first by what it gives
/// up, then by working days, then by steps. The plan depends on the arguments
/// alone, like a verdict.
///
/// Missing facts are assumed not to stand in the way, and listed: then the
/// first step is to ask.
pub fn plan(case: &Case, facts: &Facts, rulebook: &Rulebook, day: NaiveDate) -> Plan {
    let verdict = evaluate(case, facts, rulebook, day);
    let start = Circumstances { case: case.clone(), facts: facts.clone(), day };
    let (start, unanswered) = itinerary::assume(start, rulebook);
    let found = search::search(start.clone(), rulebook, search::Order::KeepMost);
    let considered = found.considered;
    let outcome = match found.result {
        Ok(path) => {
            let mut route = itinerary::route(&start, &path, unanswered, rulebook);
            if path.given_up == 0 && path.working_days > 0 {
                let faster = search::search(start.clone(), rulebook, search::Order::Fastest);
                if let Ok(other) = faster.result
                    && other.working_days < path.working_days
                {
                    let other = itinerary::route(&start, &other, unanswered, rulebook);
                    route.faster = Some(Box::new(other));
                }
            }
            Outcome::Route(route)
        }
        Err(search::NoPath::Obstacles(obstacles)) => Outcome::Impossible(obstacles),
        Err(search::NoPath::Cut) => Outcome::Unfinished,
    };
    Plan {
        day,
        rulebook: rulebook.digest().to_owned(),
        outcome,
        assumptions: verdict.undetermined,
        considered,
    }
}

impl Plan {
    /// The route, if there is one.
    pub fn route(&self) -> Option<&Route> {
        match &self.outcome {
            Outcome::Route(route) => Some(route),
            Outcome::Impossible(_) | Outcome::Unfinished => None,
        }
    }
}
