//! The form of a record of addresses: its fields, and what was typed into them.

use beian_domain::{
    AddressContent, AddressField, AddressFieldFault, AddressKind, AddressRangeError, AddressUse,
    AllocationManner, DivisionCode, SponsorNature, Text,
};

use crate::form::{Choice, Chosen, Control, FieldView, Fields, Group, Line};
use crate::visit::Visit;
use crate::wizard::nature_choices;

/// What a field is called.
pub(super) fn label(visit: &Visit, kind: AddressKind, field: AddressField) -> String {
    match field {
        AddressField::Unit => visit.t(&format!("address-unit-{}", kind.slug())),
        _ => visit.t(&format!("address-{}", field.slug())),
    }
}

/// What a field says, for people.
pub(super) fn shown(visit: &Visit, field: AddressField, text: &str) -> String {
    let picked = |label: Option<Text>| label.map(|label| visit.pick(&label).to_owned());
    let known = match field {
        AddressField::Manner => picked(text.parse().ok().map(AllocationManner::label)),
        AddressField::Use => picked(text.parse().ok().map(AddressUse::label)),
        AddressField::Nature => picked(text.parse().ok().map(SponsorNature::label)),
        AddressField::Redirects => Some(visit.t(&format!("address-redirects-{text}"))),
        AddressField::Since => text.parse().ok().map(|day| visit.day(&day)),
        AddressField::Division => {
            text.parse().ok().and_then(|division| visit.app.rulebook().division_name(division))
        }
        _ => None,
    };
    known.unwrap_or_else(|| text.to_owned())
}

/// The fields of a kind with what was typed.
pub(super) fn fields(visit: &Visit, kind: AddressKind, typed: &Fields) -> Vec<FieldView> {
    AddressField::ALL
        .into_iter()
        .filter(|field| field.is_of(kind))
        .map(|field| {
            let name = field.slug();
            let hint = hint_key(kind, field).map(|key| visit.t(key));
            let view =
                FieldView::line(name, label(visit, kind, field), hint, typed.get(name), Line::default());
            FieldView { control: control(visit, field, typed), ..view }
        })
        .collect()
}

fn hint_key(kind: AddressKind, field: AddressField) -> Option<&'static str> {
    use AddressField as F;
    Some(match (field, kind) {
        (F::Range, _) => "address-range-hint",
        (F::Manner, _) => "address-manner-hint",
        (F::Unit, AddressKind::Allocation) => "address-unit-allocation-hint",
        (F::Unit, AddressKind::CustomerOwned) => "address-unit-customer-owned-hint",
        (F::Unit, AddressKind::Broadcast) => "address-unit-broadcast-hint",
        (F::Unit, AddressKind::Source) => "address-unit-source-hint",
        (F::Phone, _) => "address-phone-hint",
        (F::Redirects, _) => "address-redirects-hint",
        (F::GatewayAddress, AddressKind::Allocation) => "address-gateway-hint",
        _ => return None,
    })
}

fn control(visit: &Visit, field: AddressField, typed: &Fields) -> Control {
    use AddressField as F;
    let value = typed.get(field.slug());
    let line = |keyboard| Control::Line(Line { keyboard, ..Line::default() });
    match field {
        F::Manner => Control::radios(
            visit,
            AllocationManner::ALL,
            AllocationManner::slug,
            AllocationManner::label,
            value,
        ),
        F::Use => Control::radios(visit, AddressUse::ALL, AddressUse::slug, AddressUse::label, value),
        F::Nature => Control::Radios(nature_choices(visit, &[value.to_owned()])),
        F::Redirects => Control::Radios(
            ["no", "yes"]
                .map(|answer| Choice {
                    value: answer.to_owned(),
                    label: visit.t(&format!("address-redirects-{answer}")),
                    hint: None,
                    chosen: Chosen::of(answer == value),
                })
                .into(),
        ),
        F::Division => Control::Select(cities(visit, value)),
        F::Since => {
            let part = |part: &str| typed.get(&format!("since-{part}")).to_owned();
            Control::Day { year: part("year"), month: part("month"), day: part("day") }
        }
        F::Remark => Control::Lines,
        F::Unit => line("numeric"),
        F::GatewayAddress => line("decimal"),
        F::Phone => line("tel"),
        F::Email => line("email"),
        _ => line(""),
    }
}

/// The cities of every province; of a province without cities, what lies directly below it. A county that was
/// filed otherwise stays what it is.
fn cities(visit: &Visit, typed: &str) -> Vec<Group> {
    let rulebook = visit.app.rulebook();
    let choice = |code: DivisionCode, name: &str| Choice {
        value: code.to_string(),
        label: name.to_owned(),
        hint: None,
        chosen: Chosen::of(typed == code.to_string()),
    };
    let mut groups: Vec<Group> = rulebook
        .divisions_below(None)
        .into_iter()
        .map(|(province, name)| Group {
            heading: name.to_owned(),
            choices: rulebook
                .divisions_below(Some(province))
                .into_iter()
                .map(|(city, name)| choice(city, name))
                .collect(),
        })
        .filter(|group: &Group| !group.choices.is_empty())
        .collect();
    let is_listed = groups.iter().flat_map(|group| &group.choices).any(Choice::is_chosen);
    if let Some(division) = typed.parse().ok().filter(|_| !is_listed)
        && let Some(name) = rulebook.division_name(division)
    {
        groups.insert(0, Group { heading: name.clone(), choices: vec![choice(division, &name)] });
    }
    groups
}

/// What was typed, as a record; or what is wrong, field by field.
pub(super) fn parse(
    visit: &Visit,
    kind: AddressKind,
    typed: &Fields,
) -> Result<AddressContent, Vec<(AddressField, String)>> {
    let stated = |field: AddressField| match field {
        AddressField::Since => {
            let part = |part: &str| typed.get(&format!("since-{part}"));
            let (year, month, day) = (part("year"), part("month"), part("day"));
            match year.is_empty() && month.is_empty() && day.is_empty() {
                true => String::new(),
                false => format!("{year}-{month:0>2}-{day:0>2}"),
            }
        }
        _ => typed.get(field.slug()).to_owned(),
    };
    AddressContent::parse(kind, stated).map_err(|errors| {
        errors.into_iter().map(|error| (error.field, fault_text(visit, &error.fault))).collect()
    })
}

/// What a record says, as if it had been typed.
pub(super) fn stated(content: &AddressContent) -> Fields {
    let mut typed = Vec::new();
    for field in AddressField::ALL {
        let Some(text) = content.stated(field) else { continue };
        let text = text.expose().to_owned();
        if field == AddressField::Since {
            let parts = ["since-year", "since-month", "since-day"].into_iter().zip(text.split('-'));
            typed.extend(parts.map(|(name, part)| (name.to_owned(), part.to_owned())));
        } else {
            typed.push((field.slug().to_owned(), text));
        }
    }
    Fields(typed)
}

fn fault_text(visit: &Visit, fault: &AddressFieldFault) -> String {
    let key = match fault {
        AddressFieldFault::Range(AddressRangeError::Form { .. }) => "address-fault-range",
        AddressFieldFault::Range(AddressRangeError::Reversed { .. }) => "address-fault-reversed",
        AddressFieldFault::Range(AddressRangeError::Zero) => "address-fault-zero",
        AddressFieldFault::Range(AddressRangeError::NotTheNetwork { expected, .. }) => {
            return visit.with("address-fault-network", expected);
        }
        AddressFieldFault::NotAUnit => "address-fault-unit",
        AddressFieldFault::NotAChoice => "address-fault-choice",
        AddressFieldFault::NotADay => "address-fault-day",
        AddressFieldFault::NotACity => "address-fault-city",
        AddressFieldFault::NotAPhone => "address-fault-phone",
        AddressFieldFault::NotAnEmail => "address-fault-email",
        AddressFieldFault::NotAnAddress => "address-fault-address",
        AddressFieldFault::Text { least, most } => {
            return visit.with("address-fault-text", format!("{least}–{most}"));
        }
    };
    visit.t(key)
}
