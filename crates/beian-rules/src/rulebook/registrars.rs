//! Registrars (域名注册商) and holders of domains.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use super::Series;
use super::file::rulebook_file;

rulebook_file! {
    /// What is asked of a domain's registrar and holder everywhere.
    pub struct Registrars {
        plain {}
        series {
            /// Whether the registrar must be a domestic one.
            must_be_domestic: bool,
            /// Whether the registrar must be approved by the ministry.
            must_be_approved: bool,
            /// Whether a domain at a foreign registrar must be transferred in before it is filed.
            transfer_in_first: bool,
            /// Days until the real name of a domain that is registered with the provider itself shows.
            real_name_days: u8,
            /// Working days until the real name of a domain that is registered elsewhere shows.
            real_name_working_days_elsewhere: u8,
            /// Whether a picture of the real-name data is needed for a domain that is registered elsewhere.
            real_name_picture_elsewhere: bool,
            /// Who may hold a unit's domain, unless its province is stricter.
            unit_holders: UnitHolders,
        }
        optional {
            /// Names of the approved registrars. No source of ours has the list; an operator can add it.
            approved: Vec<String>,
        }
    }
}

impl Registrars {
    /// Whether a registrar is approved on a day, by its full Chinese name;
    /// `None` while the rulebook has no list for that day.
    pub fn is_approved(&self, name: &str, day: NaiveDate) -> Option<bool> {
        let approved = &self.approved.as_ref()?.at(day)?.value;
        Some(approved.iter().any(|listed| listed == name.trim()))
    }
}

/// Who may hold a unit's domain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct UnitHolders {
    /// Who may without more.
    pub freely: Vec<Holder>,
    /// Who may with the ministry's proof form (工信部证明).
    pub with_proof_form: Vec<Holder>,
}

/// Whose a domain is, seen from the sponsor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Holder {
    /// The unit itself.
    Unit,
    /// Its legal representative (法定代表人).
    LegalRepresentative,
    /// A shareholder (股东).
    Shareholder,
    /// A principal (负责人).
    Principal,
    /// A senior manager (高级管理人员).
    SeniorManager,
}
