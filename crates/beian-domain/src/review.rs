//! What a reviewer (审核员) finds out and says beside the decision.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::authenticity::words;
use crate::{DiagnosticCode, Pointer, Text, UnknownCode};

words! {
    /// Whom a reviewer calls to check an order (电话核实).
    CallParty, "call party" {
        /// The person in charge of the sponsor (主体负责人).
        SponsorPrincipal, "sponsor-principal", "主体负责人", "Sponsor principal";
        /// The person in charge of the service (网站负责人).
        ServicePrincipal, "service-principal", "网站负责人", "Service principal";
        /// Whoever answers in an emergency (应急联系人).
        EmergencyContact, "emergency-contact", "应急联系电话", "Emergency telephone";
    }
}

words! {
    /// What came of a call.
    CallOutcome, "call outcome" {
        /// The right person answered (已接通).
        Answered, "answered", "已接通，本人确认", "Answered, and confirmed";
        /// Nobody answered; it is tried again (无人接听).
        NoAnswer, "no-answer", "无人接听", "No answer";
        /// The number leads to somebody else, or nowhere (号码有误).
        WrongNumber, "wrong-number", "空号或非本人", "Wrong number";
    }
}

words! {
    /// What is kept beside an order to show what a reviewer saw.
    EvidenceKind, "evidence kind" {
        /// What the register of companies (工商登记) said on a day.
        CompanyRegister, "company-register", "工商登记查询", "Company register";
        /// Whether the site was open (网站访问探测).
        SiteProbe, "site-probe", "网站访问探测", "Look at the site";
    }
}

/// Names a reason of the catalogue (驳回原因代码): `RTN` and three digits. Never used
/// for another reason.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ReturnReasonCode(String);

impl fmt::Display for ReturnReasonCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ReturnReasonCode {
    type Err = UnknownCode;

    fn from_str(text: &str) -> Result<Self, UnknownCode> {
        let digits = text.strip_prefix("RTN").unwrap_or_default();
        if digits.len() == 3 && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Self(text.to_owned()));
        }
        Err(UnknownCode { table: "return reason", got: text.chars().take(20).collect() })
    }
}

impl TryFrom<String> for ReturnReasonCode {
    type Error = UnknownCode;

    fn try_from(text: String) -> Result<Self, UnknownCode> {
        text.parse()
    }
}

impl From<ReturnReasonCode> for String {
    fn from(code: ReturnReasonCode) -> Self {
        code.0
    }
}

/// A reason out of the provider's catalogue, as it read when it was given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StandardReason {
    /// Which.
    pub code: ReturnReasonCode,
    /// What it says to the filer.
    pub text: Text,
    /// The rule that it follows from: its page tells how to mend it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<DiagnosticCode>,
}

/// A field that a reviewer wants mended; only these can then be edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReturnedField {
    /// The field; the whole case for a remark of a general kind.
    pub pointer: Pointer,
    /// What is wrong with it in the reviewer's own words; empty if the catalogue says it all.
    pub reason: String,
    /// What is wrong with it in the words of the catalogue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard: Option<StandardReason>,
}

impl ReturnedField {
    /// With a reviewer's own words alone.
    pub fn remark(pointer: Pointer, reason: impl Into<String>) -> Self {
        Self { pointer, reason: reason.into(), standard: None }
    }

    /// Whether it tells what is wrong.
    pub fn has_reason(&self) -> bool {
        self.standard.is_some() || !self.reason.trim().is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_has_a_code_of_one_form() {
        assert_eq!("RTN001".parse::<ReturnReasonCode>().unwrap().to_string(), "RTN001");
        for wrong in ["", "RTN1", "RTN0001", "SPN001", "RTN00a", "rtn001", "RTN００１"] {
            assert_eq!(wrong.parse::<ReturnReasonCode>().unwrap_err().got, wrong);
        }
    }

    #[test]
    fn what_was_returned_before_there_was_a_catalogue_still_reads() {
        let old = r#"{"pointer": "/service/name", "reason": "改"}"#;
        let field: ReturnedField = serde_json::from_str(old).unwrap();
        assert_eq!(field, ReturnedField::remark("/service/name".into(), "改"));
        assert!(field.has_reason() && !ReturnedField::remark("".into(), " ").has_reason());
    }
}
