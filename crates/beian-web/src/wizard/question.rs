//! How each answer is asked for, and how what was posted is read.

use beian_app::{CodeView, Condition, Met};
use beian_domain::{
    AppPlatform, CancellationReason, Case, CertificateKind, DigestKind, DivisionCode, OrderNumber, Pointer,
    Resource, ReturnedField, SponsorNature, Verdict,
};
use chrono::{Datelike, NaiveDate};

use super::answer::{Answer, AnswerError, BY_CODE, OTHER, PersonAnswer, ReleaseAnswer, SAME_AS_SPONSOR};
use crate::finding::FindingView;
use crate::form::{Choice, Chosen, Control, FieldView, Fields, Group, Line};
use crate::visit::Visit;

/// What is known when a question is asked.
pub(crate) struct Asking<'a> {
    pub(crate) visit: &'a Visit,
    pub(crate) case: &'a Case,
    /// The order, and what the rules say of it.
    pub(crate) order: Option<(&'a OrderNumber, &'a Verdict)>,
    /// What a reviewer wants mended.
    pub(crate) returned: &'a [ReturnedField],
    /// What was typed, if it could not be kept: it is shown again.
    pub(crate) typed: Option<&'a Fields>,
    /// Whose counties are offered.
    pub(crate) province: Option<DivisionCode>,
    /// What can be filed on.
    pub(crate) resources: &'a [(Resource, Vec<Condition>)],
    /// Authorization codes that the account was given and that are free.
    pub(crate) codes: &'a [CodeView],
}

/// The field of an answer.
pub(crate) fn field(answer: Answer, asking: &Asking<'_>, error: Option<AnswerError>) -> FieldView {
    let visit = asking.visit;
    let name = answer.name();
    let key = answer.key();
    let pointer = answer.pointer();
    let stored = answer.read(asking.case);
    let values: Vec<String> = match asking.typed {
        Some(typed) => typed.all(&name).into_iter().map(str::to_owned).collect(),
        // The code that is stated is a choice above.
        None if answer == Answer::AuthorizationCode => Vec::new(),
        None if answer == Answer::Resource => match asking.case.access.stated_code() {
            Some(code) => vec![format!("{BY_CODE}{code}")],
            None => stored.clone(),
        },
        None => stored.clone(),
    };
    let hint_key = format!("{key}-hint");
    let label = label(answer, asking.case, visit);
    // Nobody needs to be told that an empty field is empty.
    let findings = match asking.order {
        Some((order, verdict)) if !stored.is_empty() && asking.typed.is_none() => verdict
            .at(&pointer)
            .filter(|found| super::Step::owner(found.pointer.as_str()) == super::Step::owner(&pointer))
            .map(|found| {
                let here = super::Step::owner(&pointer).map(|step| step.path(order));
                FindingView::of_order(visit, found, order).seen_at(here.as_deref())
            })
            .collect(),
        _ => Vec::new(),
    };
    FieldView {
        error: error.map(|error| visit.with(error.key(), &label)),
        hint: visit.language.has(&hint_key).then(|| visit.of_kind(&hint_key, asking.case.service.kind)),
        value: values.first().cloned().unwrap_or_default(),
        control: control(answer, asking, &values),
        findings,
        returned: asking
            .returned
            .iter()
            .filter(|field| {
                field.pointer.is_within(&pointer)
                    || (!field.pointer.as_str().is_empty()
                        && Pointer(pointer.clone().into()).is_within(field.pointer.as_str()))
            })
            .map(|field| visit.returned_reason(field))
            .collect(),
        name,
        label,
    }
}

/// The name of an answer: of a service, as its kind is called.
pub(crate) fn label(answer: Answer, case: &Case, visit: &Visit) -> String {
    match answer {
        Answer::Release(platform, ReleaseAnswer::Fingerprint) => {
            let rulebook = visit.app.rulebook();
            let digest = rulebook.platform(platform).and_then(|rule| rule.fingerprint);
            visit.with(&answer.key(), digest.map_or("MD5", DigestKind::name))
        }
        _ => visit.of_kind(&answer.key(), case.service.kind),
    }
}

/// Reads what was posted for an answer into the case.
pub(crate) fn read(answer: Answer, posted: &Fields, case: &mut Case) -> Result<(), AnswerError> {
    let name = answer.name();
    if answer.is_day() {
        let part = |part: &str| posted.get(&format!("{name}-{part}")).to_owned();
        let (year, month, day) = (part("year"), part("month"), part("day"));
        if year.is_empty() && month.is_empty() && day.is_empty() {
            return answer.write(case, &[]);
        }
        let day = day_of(&year, &month, &day).ok_or(AnswerError::NotADay)?;
        return answer.write(case, &[&day.to_string()]);
    }
    let values: Vec<&str> = posted.all(&name).into_iter().filter(|value| !value.is_empty()).collect();
    // Who types a code need not choose a server of their own.
    let is_by_code = answer == Answer::Resource && !posted.get(&Answer::AuthorizationCode.name()).is_empty();
    if is_by_code {
        return Ok(());
    }
    if values.is_empty() && !answer.is_optional() {
        return Err(AnswerError::Missing);
    }
    answer.write(case, &values)
}

fn day_of(year: &str, month: &str, day: &str) -> Option<NaiveDate> {
    let year: i32 = year.parse().ok().filter(|year| (1900..=2200).contains(year))?;
    NaiveDate::from_ymd_opt(year, month.parse().ok()?, day.parse().ok()?)
}

fn control(answer: Answer, asking: &Asking<'_>, values: &[String]) -> Control {
    let visit = asking.visit;
    let rulebook = visit.app.rulebook();
    let chosen = |value: &str| Chosen::of(values.iter().any(|v| v == value));
    let choice = |value: &str, label: String| Choice {
        chosen: chosen(value),
        value: value.to_owned(),
        label,
        hint: None,
    };
    let kinds = |kinds: &[CertificateKind]| {
        kinds.iter().map(|kind| choice(kind.slug(), visit.pick(&kind.label()).to_owned())).collect()
    };
    let line = |keyboard, autofill, width| Control::Line(Line { keyboard, autofill, width });
    match answer {
        Answer::Nature => Control::Radios(nature_choices(visit, values)),
        Answer::CertificateKind => Control::Radios(kinds(
            asking.case.sponsor.nature.map_or(CertificateKind::ALL, |n| n.certificate_kinds()),
        )),
        Answer::Person(_, PersonAnswer::CertificateKind) => {
            Control::Radios(kinds(CertificateKind::OF_PERSONS))
        }
        Answer::CertificateDivision | Answer::Division => Control::Select(counties(asking, values)),
        Answer::ValidUntil | Answer::RealNamedOn | Answer::DomainExpiresOn => {
            day_control(answer, asking, values)
        }
        Answer::CancellationReason => Control::Radios(
            CancellationReason::ALL
                .iter()
                .map(|reason| choice(reason.slug(), visit.pick(&reason.label()).to_owned()))
                .collect(),
        ),
        Answer::FilingPassword => Control::Password("off"),
        Answer::FormerKind => {
            let mut choices: Vec<Choice> =
                kinds(asking.case.sponsor.nature.map_or(CertificateKind::ALL, |n| n.certificate_kinds()));
            choices.insert(0, unstated(visit, values));
            Control::Radios(choices)
        }
        Answer::FormerWhereabouts | Answer::PrincipalRole | Answer::Registrar | Answer::DomainHolder => {
            let mut choices = vec![unstated(visit, values)];
            choices.extend(answer.words().into_iter().map(|word| {
                let label = word_label(visit, answer, &word);
                choice(&word, label)
            }));
            Control::Radios(choices)
        }
        Answer::Contents | Answer::Languages => {
            let table =
                if answer == Answer::Contents { rulebook.service_contents() } else { rulebook.languages() };
            let choices =
                table.iter().map(|code| choice(&code.code.to_string(), visit.pick(&code.name).to_owned()));
            Control::Checkboxes(choices.collect())
        }
        Answer::ServicePrincipal => Control::Radios(vec![
            Choice {
                hint: asking.case.sponsor.principal.name.as_ref().map(|name| name.expose().to_owned()),
                ..choice(SAME_AS_SPONSOR, visit.t("service-principal-same"))
            },
            choice(OTHER, visit.t("service-principal-other")),
        ]),
        Answer::Resource => Control::Radios(resource_choices(asking, values)),
        Answer::Platforms => Control::Checkboxes(
            AppPlatform::ALL
                .iter()
                .filter(|platform| platform.service_kind() == asking.case.service.kind)
                .map(|platform| choice(platform.slug(), visit.pick(&platform.label()).to_owned()))
                .collect(),
        ),
        Answer::Release(_, ReleaseAnswer::PublicKey) => Control::Lines,
        Answer::Release(..) => line("", "", ""),
        Answer::SponsorRemark
        | Answer::ServiceRemark
        | Answer::CancellationRemark
        | Answer::CertificateAddress
        | Answer::Address => Control::Lines,
        Answer::CertificateNumber
        | Answer::FormerNumber
        | Answer::Person(_, PersonAnswer::CertificateNumber) => line("", "", "number"),
        Answer::Person(_, PersonAnswer::Mobile) => line("tel", "tel-national", "phone"),
        Answer::Person(_, PersonAnswer::EmergencyPhone) => line("tel", "", "phone"),
        Answer::Person(_, PersonAnswer::OfficePhone) => line("tel", "", "phone"),
        Answer::Person(_, PersonAnswer::Email) => line("email", "email", ""),
        Answer::Person(_, PersonAnswer::Name) => line("", "name", "phone"),
        Answer::SponsorName => line("", "organization", ""),
        Answer::Domain | Answer::HomeUrl => line("url", "", ""),
        Answer::Investor | Answer::ServiceName => line("", "", ""),
        Answer::AuthorizationCode => line("", "", "number"),
    }
}

/// The choice to say nothing: what is chosen once can be taken back.
fn unstated(visit: &Visit, values: &[String]) -> Choice {
    Choice {
        value: String::new(),
        label: visit.t("answer-unstated"),
        hint: None,
        chosen: Chosen::of(values.iter().all(String::is_empty)),
    }
}

fn word_label(visit: &Visit, answer: Answer, word: &str) -> String {
    let choice = format!("{}-{word}", answer.name());
    visit.t(&format!("choice-{choice}"))
}

/// The two natures that nearly everybody has come first, each explained.
pub(crate) fn nature_choices(visit: &Visit, values: &[String]) -> Vec<Choice> {
    SponsorNature::ALL
        .iter()
        .map(|nature| {
            let hint_key = format!("nature-{}-hint", nature.slug());
            Choice {
                value: nature.slug().to_owned(),
                label: visit.pick(&nature.label()).to_owned(),
                hint: visit.language.has(&hint_key).then(|| visit.t(&hint_key)),
                chosen: Chosen::of(values.iter().any(|value| value == nature.slug())),
            }
        })
        .collect()
}

/// The counties of one province, by city.
fn counties(asking: &Asking<'_>, values: &[String]) -> Vec<Group> {
    let rulebook = asking.visit.app.rulebook();
    let choice = |code: DivisionCode, name: &str| Choice {
        chosen: Chosen::of(values.iter().any(|value| *value == code.to_string())),
        value: code.to_string(),
        label: name.to_owned(),
        hint: None,
    };
    let mut groups = Vec::new();
    let Some(province) = asking.province else { return groups };
    let mut direct = Vec::new();
    for (code, name) in rulebook.divisions_below(Some(province)) {
        if code.is_county() {
            direct.push(choice(code, name));
            continue;
        }
        let below: Vec<Choice> = rulebook
            .divisions_below(Some(code))
            .into_iter()
            .map(|(county, county_name)| choice(county, county_name))
            .collect();
        // A city without counties stands for itself.
        let choices = if below.is_empty() { vec![choice(code, name)] } else { below };
        groups.push(Group { heading: name.to_owned(), choices });
    }
    if !direct.is_empty() {
        let heading = rulebook.division_name(province).unwrap_or_default();
        groups.insert(0, Group { heading, choices: direct });
    }
    groups
}

fn day_control(answer: Answer, asking: &Asking<'_>, values: &[String]) -> Control {
    let name = answer.name();
    if let Some(typed) = asking.typed {
        let part = |part: &str| typed.get(&format!("{name}-{part}")).to_owned();
        return Control::Day { year: part("year"), month: part("month"), day: part("day") };
    }
    match values.first().and_then(|day| day.parse::<NaiveDate>().ok()) {
        Some(day) => Control::Day {
            year: day.year().to_string(),
            month: day.month().to_string(),
            day: day.day().to_string(),
        },
        None => Control::Day { year: String::new(), month: String::new(), day: String::new() },
    }
}

fn resource_choices(asking: &Asking<'_>, values: &[String]) -> Vec<Choice> {
    let visit = asking.visit;
    let stated = asking.case.access.stated_code();
    let by_code = |code: String, hint: String| Choice {
        label: visit.with("access-by-code", &code),
        chosen: Chosen::of(values.contains(&format!("{BY_CODE}{code}"))),
        value: format!("{BY_CODE}{code}"),
        hint: Some(hint),
    };
    // One that is stated stays a choice, whatever became of it.
    let known = |code: &str| asking.codes.iter().any(|view| view.code.text.to_string() == code);
    let stated = stated.filter(|code| !known(code)).map(|code| {
        let opened = asking.case.access.resource.clone();
        by_code(code.to_owned(), opened.unwrap_or_else(|| visit.t("access-code-unknown")))
    });
    let given = asking.codes.iter().map(|view| {
        let from = format!("{} · {}", view.resource, visit.with("access-code-from", &view.issuer));
        by_code(view.code.text.to_string(), from)
    });
    asking
        .resources
        .iter()
        .map(|(resource, conditions)| {
            let unmet: Vec<String> = conditions
                .iter()
                .filter(|condition| condition.met != Met::Yes)
                .map(|condition| {
                    let (name, fix) = (visit.pick(&condition.name), visit.pick(&condition.fix));
                    format!("{name}{}{} → {fix}", visit.t("colon"), condition.got)
                })
                .collect();
            let hint = if unmet.is_empty() {
                visit.t("resource-fits")
            } else {
                visit.with("resource-does-not-fit", unmet.join(&visit.t("separator")))
            };
            let address = resource.public_address.map(|address| format!(" · {address}")).unwrap_or_default();
            Choice {
                value: resource.reference.clone(),
                label: format!("{}{address}", resource.reference),
                hint: Some(hint),
                chosen: Chosen::of(values.contains(&resource.reference)),
            }
        })
        .chain(stated)
        .chain(given)
        .collect()
}

/// An answer as people read it.
pub(crate) fn display(answer: Answer, case: &Case, visit: &Visit) -> Vec<String> {
    let rulebook = visit.app.rulebook();
    let values = answer.read(case);
    if answer == Answer::ValidUntil && values.is_empty() {
        return vec![visit.t("valid-without-end")];
    }
    let name_of = |value: &String| -> Option<String> {
        match answer {
            Answer::CancellationReason => {
                value.parse::<CancellationReason>().ok().map(|reason| visit.pick(&reason.label()).to_owned())
            }
            Answer::Platforms => {
                value.parse::<AppPlatform>().ok().map(|platform| visit.pick(&platform.label()).to_owned())
            }
            Answer::Nature => {
                value.parse::<SponsorNature>().ok().map(|nature| visit.pick(&nature.label()).to_owned())
            }
            Answer::CertificateKind
            | Answer::FormerKind
            | Answer::Person(_, PersonAnswer::CertificateKind) => {
                value.parse::<CertificateKind>().ok().map(|kind| visit.pick(&kind.label()).to_owned())
            }
            Answer::CertificateDivision | Answer::Division => {
                let code: DivisionCode = value.parse().ok()?;
                Some(rulebook.division_name(code).unwrap_or_else(|| value.clone()))
            }
            Answer::ValidUntil | Answer::RealNamedOn | Answer::DomainExpiresOn => {
                value.parse::<NaiveDate>().ok().map(|day| visit.language.day(day))
            }
            Answer::FormerWhereabouts | Answer::PrincipalRole | Answer::Registrar | Answer::DomainHolder => {
                Some(word_label(visit, answer, value))
            }
            Answer::Contents | Answer::Languages => {
                let table = if answer == Answer::Contents {
                    rulebook.service_contents()
                } else {
                    rulebook.languages()
                };
                table
                    .iter()
                    .find(|code| code.code.to_string() == *value)
                    .map(|code| visit.pick(&code.name).to_owned())
            }
            Answer::ServicePrincipal => Some(visit.t(if value == OTHER {
                "service-principal-other"
            } else {
                "service-principal-same"
            })),
            _ => None,
        }
    };
    values.iter().map(|value| name_of(value).unwrap_or_else(|| value.clone())).collect()
}
