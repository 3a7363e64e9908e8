//! A plan as an itinerary.

use beian_domain::{Source, Text, Undetermined};
use beian_rules::{Automation, DaysRange, Goal, Obstacle, Outcome, Plan, Route, Step};
use chrono::NaiveDate;

use super::layout::{Table, wrap};
use crate::options::Language;

/// The plan as people read it: who does what where, until when, what it costs;
/// or the rule at which every way ends.
pub fn plan_text(name: &str, plan: &Plan, language: Language) -> String {
    let mut page = Page { language, lines: Vec::new(), known: Vec::new() };
    match &plan.outcome {
        Outcome::Route(route) => {
            page.line(headline(name, route, language));
            page.line(time(route, plan.day, language));
            page.route(route);
            if let Some(faster) = &route.faster {
                page.line(String::new());
                page.line(
                    language
                        .pick(
                            "更快的办法，但要放弃上面能保住的东西",
                            "Faster, but what the way above keeps is given up",
                        )
                        .to_owned(),
                );
                page.line(time(faster, plan.day, language));
                page.route(faster);
            }
        }
        Outcome::Impossible(obstacles) => {
            page.line(language.pick(
                format!("{name}：没有可行的路线"),
                format!("{name}: there is no route to a filing number"),
            ));
            for obstacle in obstacles {
                page.obstacle(obstacle);
            }
        }
        Outcome::Unfinished => page.line(language.pick(
            format!("{name}：可能的路线太多，没有算完"),
            format!("{name}: there are too many ways, the search was not finished"),
        )),
    }
    page.assumptions(plan);
    page.lines.join("\n")
}

fn headline(name: &str, route: &Route, language: Language) -> String {
    match &route.goal {
        Goal::Filed(kind) => {
            let kind = kind.label();
            language.pick(format!("{name}：办理{}", kind.zh), format!("{name}: {}", kind.en))
        }
        Goal::AlreadyFiled { number } => language.pick(
            format!("{name}：已在本接入商备案（{number}），无需再办"),
            format!("{name}: filed and connected here already ({number}), there is nothing to file"),
        ),
    }
}

fn time(route: &Route, day: NaiveDate, language: Language) -> String {
    let days = working_days(route.working_days, language);
    let (earliest, latest) = (route.earliest, route.latest);
    let mut text = language.pick(
        format!("{day} 起，{days}：最早 {earliest}，最晚 {latest}"),
        format!("from {day}, {days}: {earliest} at the earliest, {latest} at the latest"),
    );
    if !route.is_calendar_certain {
        text.push_str(
            language.pick(
                "（部分年份的放假安排尚未公布）",
                " (the holidays of a year in it are not published yet)",
            ),
        );
    }
    text
}

fn working_days(days: DaysRange, language: Language) -> String {
    match (days.from, days.to) {
        (0, 0) => language.pick("当天".to_owned(), "same day".to_owned()),
        (1, 1) => language.pick("1 个工作日".to_owned(), "1 working day".to_owned()),
        (from, to) if from == to => language.pick(format!("{to} 个工作日"), format!("{to} working days")),
        (from, to) => language.pick(format!("{from}–{to} 个工作日"), format!("{from}–{to} working days")),
    }
}

fn automation(step: &Step, language: Language) -> &'static str {
    match step.automation {
        Automation::Automatic => language.pick("自动完成", "automatic"),
        Automation::OneClick => language.pick("一键完成", "one click"),
        Automation::Prepared => language.pick("系统备好", "prepared"),
        Automation::Manual => language.pick("人工办理", "by hand"),
    }
}

fn cited(source: &Source) -> String {
    match &source.date {
        Some(date) => format!("{} ({date})", source.citation),
        None => source.citation.to_string(),
    }
}

struct Page {
    language: Language,
    lines: Vec<String>,
    /// Steps that were told, and are not told again at length.
    known: Vec<Text>,
}

impl Page {
    fn line(&mut self, line: String) {
        self.lines.push(line);
    }

    fn said(&mut self, first: &str, text: &str) {
        self.lines.push(wrap(first, text));
    }

    fn route(&mut self, route: &Route) {
        let language = self.language;
        // One table for all, so that columns stand below one another.
        let mut table = Table::new();
        for step in &route.steps {
            table.row(columns(
                step,
                language,
                working_days(step.working_days, language),
                over(step, language),
            ));
        }
        for step in &route.afterwards {
            table.row(columns(step, language, due(step, route, language), String::new()));
        }
        let mut columns = table.lines("    ").into_iter();
        for (index, step) in route.steps.iter().enumerate() {
            self.line(String::new());
            self.step(&format!("{:>2}. ", index + 1), step, columns.next());
        }
        if route.afterwards.iter().all(|step| self.known.contains(&step.text)) {
            return;
        }
        self.line(String::new());
        self.line(language.pick("取得备案号之后", "Once the number is there").to_owned());
        for step in &route.afterwards {
            self.step("  · ", step, columns.next());
        }
    }

    fn step(&mut self, number: &str, step: &Step, columns: Option<String>) {
        let language = self.language;
        self.said(number, language.of(&step.text));
        self.lines.extend(columns);
        if self.known.contains(&step.text) {
            return;
        }
        self.known.push(step.text.clone());
        if let Some(running) = &step.running_services {
            self.said(language.pick("    网站  ", "    sites   "), language.of(running));
        }
        if let Some(given_up) = &step.gives_up {
            self.said(language.pick("    代价  ", "    price   "), language.of(given_up));
        }
        let codes: Vec<String> = step.mends.iter().map(ToString::to_string).collect();
        if !codes.is_empty() {
            self.said(language.pick("    解决  ", "    mends   "), &codes.join(" "));
        }
        let mut known: Vec<&Source> = Vec::new();
        for source in &step.sources {
            if !known.contains(&source) {
                known.push(source);
                self.said(language.pick("    依据  ", "    source  "), &cited(source));
            }
        }
    }

    fn obstacle(&mut self, obstacle: &Obstacle) {
        let language = self.language;
        self.line(String::new());
        self.said(
            "    ",
            &format!("{} {} {}", obstacle.code, obstacle.pointer, language.of(&obstacle.title)),
        );
        self.said(language.pick("    原因  ", "    cause   "), language.of(&obstacle.cause));
        for source in &obstacle.sources {
            self.said(language.pick("    依据  ", "    source  "), &cited(source));
        }
        for remains in &obstacle.remains {
            self.said(
                language.pick("    尚可  ", "    try     "),
                &format!(
                    "{}{}",
                    language.of(remains),
                    language
                        .pick("（结果不定，不计入路线）", " (its outcome is open: no route counts on it)")
                ),
            );
        }
    }

    fn assumptions(&mut self, plan: &Plan) {
        let language = self.language;
        if plan.assumptions.is_empty() {
            return;
        }
        self.line(String::new());
        self.line(
            language.pick("以下情况不明，按无碍计算", "Not known, and taken for no obstacle").to_owned(),
        );
        for (missing, mut places) in grouped(&plan.assumptions, |one| one.code.to_string()) {
            places.dedup();
            self.said("  ? ", &format!("{}{}", language.of(missing), language.pick("：", ":")));
            self.said("    ", &places.join(" "));
        }
    }
}

/// What is missing, each once, with those who miss it.
pub(super) fn grouped(
    missing: &[Undetermined],
    who: impl Fn(&Undetermined) -> String,
) -> Vec<(&Text, Vec<String>)> {
    let mut groups: Vec<(&Text, Vec<String>)> = Vec::new();
    for one in missing {
        let place = who(one);
        match groups.iter_mut().find(|(text, _)| **text == one.missing) {
            Some((_, places)) => places.push(place),
            None => groups.push((&one.missing, vec![place])),
        }
    }
    groups
}

/// Who, where, by whose hand, how long, and when it is over.
fn columns(step: &Step, language: Language, takes: String, over: String) -> [String; 5] {
    let who = language.of(&step.who.label()).to_owned();
    [who, language.of(&step.place).to_owned(), automation(step, language).to_owned(), takes, over]
}

fn over(step: &Step, language: Language) -> String {
    let (earliest, latest) = step.over;
    if earliest == latest {
        language.pick(format!("{earliest} 办完"), format!("over on {earliest}"))
    } else {
        language.pick(format!("{earliest} 至 {latest} 办完"), format!("over {earliest} to {latest}"))
    }
}

/// Until when something is owed that follows the number.
fn due(step: &Step, route: &Route, language: Language) -> String {
    let (earliest, latest) = step.over;
    if (earliest, latest) == (route.earliest, route.latest) {
        language.pick("取得后即办", "at once").to_owned()
    } else {
        language.pick(
            format!("期限 {earliest} 至 {latest}，视取得之日"),
            format!("due {earliest} to {latest}, by the day of the number"),
        )
    }
}
