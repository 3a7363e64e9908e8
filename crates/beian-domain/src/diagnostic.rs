//! What is said about a case: one cause, its evidence, and ways out.

use std::borrow::Cow;
use std::fmt;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::{FilingKind, MaterialUse, Paper, Text};

/// The judgement of a case by the rulebook of a day.
///
/// It depends on the case, the facts, the rulebook and the day alone, and is
/// stored with an order so that a past decision can be replayed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Verdict {
    /// The day for which was judged, in China.
    pub day: NaiveDate,
    /// SHA-256 of the rulebook, in hexadecimal.
    pub rulebook: String,
    /// What was found, in the order of the case.
    pub diagnostics: Vec<Diagnostic>,
    /// What could not be judged, because a fact is missing.
    pub undetermined: Vec<Undetermined>,
}

impl Verdict {
    /// Whether nothing stands in the way of submission.
    pub fn is_clear(&self) -> bool {
        self.errors().next().is_none()
    }

    /// The findings that stand in the way of submission.
    pub fn errors(&self) -> impl Iterator<Item = &Diagnostic> {
        self.diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// The findings at a field or below it.
    pub fn at<'a>(&'a self, field: &'a str) -> impl Iterator<Item = &'a Diagnostic> {
        self.diagnostics.iter().filter(move |diagnostic| diagnostic.pointer.is_within(field))
    }
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// Its code, never reused.
    pub code: DiagnosticCode,
    /// How grave it is.
    pub severity: Severity,
    /// Where in the case.
    pub pointer: Pointer,
    /// What is wrong, in one short sentence.
    pub title: Text,
    /// Why it is wrong here: the one cause.
    pub cause: Text,
    /// What shows it. Personal data are masked.
    pub evidence: Vec<Evidence>,
    /// Where the rule is from.
    pub sources: Vec<Source>,
    /// Ways out, best first; at least one.
    pub remedies: Vec<Remedy>,
    /// The situations (S01 to S14) that it answers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub situations: Vec<Situation>,
}

/// A family of three letters and a number, for example `DOM003`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct DiagnosticCode(pub Cow<'static, str>);

impl fmt::Display for DiagnosticCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Good to know.
    Advice,
    /// The reviewer must look at it.
    Warning,
    /// It cannot be submitted like this.
    Error,
}

/// A place in the case: a JSON Pointer (RFC 6901), for example
/// `/sponsor/certificate/number`. Names are those of the case file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pointer(pub Cow<'static, str>);

impl Pointer {
    /// The pointer as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it points at `field` or below it.
    pub fn is_within(&self, field: &str) -> bool {
        self.0.strip_prefix(field).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl From<&'static str> for Pointer {
    fn from(text: &'static str) -> Self {
        Self(Cow::Borrowed(text))
    }
}

impl fmt::Display for Pointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Something that shows the cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Evidence {
    /// What it is.
    pub label: Text,
    /// Its value; personal data are masked.
    pub value: String,
}

/// Where a rule is from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// The law, notice, standard or page.
    pub citation: Cow<'static, str>,
    /// The day from which it holds or on which it was read; absent if not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Cow<'static, str>>,
}

/// A way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remedy {
    /// What to do, as an instruction.
    pub text: Text,
    /// What a button, a command or the planner does with it.
    pub action: RemedyAction,
}

/// The machine's side of a remedy: an operator of the planner. Applying it
/// removes the diagnostic that offers it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum RemedyAction {
    /// The person states a field anew.
    Edit {
        /// The field.
        pointer: Pointer,
    },
    /// The person compares a field with its document and corrects it if it was
    /// mistyped: a way out only if it was, so no plan counts on it.
    Review {
        /// The field.
        pointer: Pointer,
    },
    /// A field gets a value that is known to be right.
    Replace {
        /// The field.
        pointer: Pointer,
        /// The value, as a case file would have it.
        value: String,
    },
    /// A field is written in its normal form: full-width characters, blanks and
    /// lower case are the only things that change.
    Normalise {
        /// The field.
        pointer: Pointer,
    },
    /// A material is handed in (again).
    Upload {
        /// Which.
        purpose: MaterialUse,
    },
    /// A paper is got ready.
    Provide {
        /// Which.
        paper: Paper,
    },
    /// The case is filed as a kind that fits the records.
    UseKind {
        /// The kind.
        filing: FilingKind,
    },
    /// The number on record, that of the replaced certificate, is stated.
    UseFormerNumber,
    /// An open order is continued instead.
    OpenOrder {
        /// Its number.
        order: String,
    },
    /// An open order is withdrawn.
    WithdrawOrder {
        /// Its number.
        order: String,
    },
    /// The service's principal proves to be who they say (真实性核验).
    VerifyAuthenticity,
    /// A resource is bought or renewed with the provider.
    Resource,
    /// Nothing can be done before this day.
    Wait {
        /// The first day on which it can.
        until: NaiveDate,
    },
    /// Something outside the product must be done first.
    Outside {
        /// What.
        task: OutsideTask,
    },
}

/// What is done outside the product.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum OutsideTask {
    /// The filing is made in the account that holds record, order or certificate.
    UseHoldingAccount,
    /// The record is moved to this account by proof of possession (备案转移).
    TransferRecord,
    /// The filing under way at the other provider is finished there.
    FinishElsewhere,
    /// The filing under way at the other provider is withdrawn there.
    WithdrawElsewhere,
    /// The record is changed (变更备案) at the provider that holds it.
    ChangeRecord,
    /// The sponsor's own record is cancelled (注销主体).
    CancelRecord,
    /// A stranger's stale record of the domain is cancelled at its bureau.
    CancelStaleRecord,
    /// The shell record (空壳主体) is cancelled at its bureau.
    CancelShell,
    /// The account that owns a server issues an authorization code (备案授权码).
    AuthorizationCode,
    /// The domain moves to an approved registrar in mainland China.
    MoveRegistrar,
    /// The domain's real-name verification (域名实名认证) is passed.
    VerifyDomain,
    /// The domain is transferred to whom the rules let hold it (域名过户).
    TransferDomain,
    /// The domain is renewed (域名续费).
    RenewDomain,
    /// The certificate is renewed with its authority.
    RenewCertificate,
    /// A unit in mainland China files instead: a branch, or one yet to be founded.
    FileByLocalUnit,
    /// The bureau is asked to lift what only it can lift. Its answer is open, so
    /// no plan counts on it.
    Appeal,
    /// The service moves to a server outside mainland China, which needs no filing.
    HostOverseas,
}

/// A check that lacked a fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Undetermined {
    /// The check.
    pub code: DiagnosticCode,
    /// What it looks at.
    pub pointer: Pointer,
    /// The fact that is missing.
    pub missing: Text,
}

impl Situation {
    /// Every situation, in order.
    pub const ALL: [Self; 14] = [
        Self::S01,
        Self::S02,
        Self::S03,
        Self::S04,
        Self::S05,
        Self::S06,
        Self::S07,
        Self::S08,
        Self::S09,
        Self::S10,
        Self::S11,
        Self::S12,
        Self::S13,
        Self::S14,
    ];

    /// What it is called.
    pub fn title(self) -> Text {
        match self {
            Self::S01 => Text::new("备案地域", "Where to file"),
            Self::S02 => Text::new("域名已有备案", "The domain is filed already"),
            Self::S03 => Text::new("换过证件后新增接入", "Adding access after the certificate was replaced"),
            Self::S04 => Text::new("没有可用资源", "No resource can be used"),
            Self::S05 => Text::new("与工信部记录不一致", "It conflicts with the ministry's record"),
            Self::S06 => Text::new("主办者备案在其他账号下", "The sponsor is filed in another account"),
            Self::S07 => Text::new("主办者冲突", "Conflict of the sponsor"),
            Self::S08 => Text::new("域名冲突", "Conflict of the domain"),
            Self::S09 => Text::new("营业执照已更换", "The licence was replaced"),
            Self::S10 => Text::new("证件已在其他账号使用", "The certificate is used in another account"),
            Self::S11 => Text::new("域名在哪里注册", "Where the domain is registered"),
            Self::S12 => Text::new("域名备案在其他账号下", "The domain is filed in another account"),
            Self::S13 => Text::new("域名后缀不能备案", "The suffix cannot be filed"),
            Self::S14 => Text::new("已有未完成的订单", "Another order is open"),
        }
    }
}

/// A situation of the FAQ that the project began from, S01 to S14.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Situation {
    /// Region choice.
    S01,
    /// Domain already filed, on a new filing or new site.
    S02,
    /// Access filing with a merged certificate while the record has the old number.
    S03,
    /// No resource available.
    S04,
    /// Data conflict with the ministry's record.
    S05,
    /// Sponsor filed under another account.
    S06,
    /// Sponsor conflict.
    S07,
    /// Domain conflict.
    S08,
    /// Licence replaced.
    S09,
    /// Certificate used in another account.
    S10,
    /// Where must the domain be registered?
    S11,
    /// Domain recorded under another account.
    S12,
    /// Suffix cannot be filed.
    S13,
    /// A new order while another is open.
    S14,
}
