//! The reasons with which reviewers return orders (驳回原因).

use beian_domain::{DiagnosticCode, Pointer, ReturnReasonCode, StandardReason, Text};
use serde::Deserialize;

use super::file::Wrong;

/// `reasons.toml`. A rulebook from before there was a catalogue has none.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Reasons {
    #[serde(default)]
    reason: Vec<ReturnReason>,
}

/// A reason of the catalogue.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct ReturnReason {
    /// Which.
    pub code: ReturnReasonCode,
    /// The places at which it is offered, and all below them; `""` is the order as a whole.
    fields: Vec<String>,
    /// The check whose page tells how to mend it.
    rule: Option<String>,
    zh: String,
    en: String,
    /// It is not to be given any more.
    #[serde(default)]
    withdrawn: bool,
}

impl ReturnReason {
    /// Whether it is offered at a place.
    fn is_for(&self, place: &Pointer) -> bool {
        !self.withdrawn
            && self.fields.iter().any(|field| match field.as_str() {
                "" => place.as_str().is_empty(),
                field => place.is_within(field),
            })
    }

    /// As it is given.
    pub fn to_standard(&self) -> StandardReason {
        StandardReason {
            code: self.code.clone(),
            text: Text::new(self.zh.clone(), self.en.clone()),
            rule: self.rule.clone().map(|rule| DiagnosticCode(rule.into())),
        }
    }
}

impl Reasons {
    pub(super) fn resolve(self) -> Result<Self, Wrong> {
        for (index, reason) in self.reason.iter().enumerate() {
            let pointer = format!("/reason/{index}");
            if self.reason.iter().take(index).any(|earlier| earlier.code == reason.code) {
                return Err(Wrong::at(format!("{pointer}/code"), "each code once", reason.code.to_string()));
            }
            if let Some(rule) = &reason.rule
                && !crate::catalogue().iter().any(|check| check.code == rule)
            {
                return Err(Wrong::at(format!("{pointer}/rule"), "the code of a check", rule.clone()));
            }
            if let Some(field) = reason.fields.iter().find(|f| !f.is_empty() && !f.starts_with('/')) {
                return Err(Wrong::at(format!("{pointer}/fields"), "a pointer into a case", field.clone()));
            }
        }
        Ok(self)
    }

    pub(super) fn of(&self, code: &str) -> Option<&ReturnReason> {
        self.reason.iter().find(|reason| reason.code.to_string() == code)
    }

    pub(super) fn at(&self, place: &Pointer) -> impl Iterator<Item = &ReturnReason> {
        let place = place.clone();
        self.reason.iter().filter(move |reason| reason.is_for(&place))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Reasons, Wrong> {
        toml::from_str::<Reasons>(text).unwrap().resolve()
    }

    #[test]
    fn a_reason_is_offered_at_its_fields_and_below_them() {
        let reasons = read(
            "[[reason]]\ncode = 'RTN001'\nfields = ['/sponsor/name']\nrule = 'SPN015'\nzh = '一'\nen = 'one'\n\
             [[reason]]\ncode = 'RTN002'\nfields = ['']\nzh = '二'\nen = 'two'\n\
             [[reason]]\ncode = 'RTN003'\nfields = ['/sponsor']\nzh = '三'\nen = 'three'\nwithdrawn = true\n\
             [[reason]]\ncode = 'RTN004'\nfields = ['/sponsor']\nzh = '四'\nen = 'four'\n",
        )
        .unwrap();
        let at = |place: &'static str| -> Vec<String> {
            reasons.at(&Pointer::from(place)).map(|reason| reason.code.to_string()).collect()
        };
        assert_eq!(at("/sponsor/name"), ["RTN001", "RTN004"]);
        assert_eq!(at("/sponsor/names"), ["RTN004"]);
        assert_eq!(at(""), ["RTN002"], "and not what is below everything");
        assert_eq!(at("/service/name"), [""; 0]);
    }

    #[test]
    fn a_wrong_catalogue_is_refused_with_its_place() {
        let one = "[[reason]]\ncode = 'RTN001'\nfields = ['/a']\nzh = '一'\nen = 'one'\n";
        assert_eq!(read(&format!("{one}{one}")).unwrap_err().pointer, "/reason/1/code");
        let rule = one.replace("zh", "rule = 'SPN999'\nzh");
        assert_eq!(read(&rule).unwrap_err().pointer, "/reason/0/rule");
        assert_eq!(read(&one.replace("'/a'", "'a'")).unwrap_err().pointer, "/reason/0/fields");
        assert!(toml::from_str::<Reasons>(&one.replace("RTN001", "SPN001")).is_err());
    }
}
