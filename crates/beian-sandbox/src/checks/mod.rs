//! What the regulator checks by itself (系统自动校验) before anybody sees a filing.

mod addition;
pub(crate) mod addresses;
mod attachments;
mod cancellation;
mod change;
mod context;
mod fields;
mod material;
mod record;

use std::fmt::Display;

pub(crate) use context::{Context, Sibling};
pub(crate) use fields::Picture;
pub(crate) use record::{Taken, identity};

use crate::request::Request;
use crate::state::{Finding, Target};

/// Judges one record of an upload; `path` is its place in the file. Says what was found,
/// and what of the register it is about.
pub(crate) fn check(request: &Request, path: &str, context: &Context<'_>) -> (Findings, Target) {
    let mut findings = Findings::default();
    let found = &mut findings;
    let target = match request {
        Request::First(record) => {
            record::check(found, record, path, context.taken);
            Target::default()
        }
        Request::AddService(record) => addition::services(found, record, path, context),
        Request::AddAccess(record) => addition::access(found, record, path, context),
        Request::Change(record) => change::check(found, record, path, context),
        Request::Cancel(record) => cancellation::check(found, record, path, context),
        Request::Material(pictures) => material::check(found, pictures, path, context),
    };
    (findings, target)
}

/// Result codes of the interface that the checks give.
pub(crate) mod code {
    pub(crate) const SPONSOR_CONFLICT: u16 = 1003;
    pub(crate) const DOMAIN: u16 = 1004;
    pub(crate) const DOMAIN_CONFLICT: u16 = 1005;
    pub(crate) const ADDRESS: u16 = 1006;
    pub(crate) const CERTIFICATE: u16 = 1008;
    pub(crate) const EMAIL: u16 = 1009;
    pub(crate) const OFFICE_PHONE: u16 = 1010;
    pub(crate) const MOBILE: u16 = 1011;
    pub(crate) const QQ: u16 = 1013;
    pub(crate) const NATURE: u16 = 1014;
    pub(crate) const RESIDENT_ID: u16 = 1015;
    pub(crate) const NOT_IN_REGISTER: u16 = 1016;
    pub(crate) const CHANGE_IN_PROGRESS: u16 = 1017;
    pub(crate) const FILING_PASSWORD: u16 = 1018;
    pub(crate) const DIVISION: u16 = 1019;
    pub(crate) const ADDRESS_NOT_IN_REGISTER: u16 = 1023;
    pub(crate) const LAST_ACCESS: u16 = 1025;
    pub(crate) const CANCELLATION_REASON: u16 = 1026;
    pub(crate) const SPONSOR_CANCELLATION_REPEATED: u16 = 1027;
    pub(crate) const SAME_ACCESS: u16 = 1029;
    pub(crate) const SERVICE_CANCELLATION_REPEATED: u16 = 1030;
    pub(crate) const SITE_PRINCIPAL_PHONE: u16 = 1031;
    pub(crate) const ACCESS_CANCELLATION_REPEATED: u16 = 1032;
    pub(crate) const APPROVAL: u16 = 1033;
    pub(crate) const SERVICE_CONTENT: u16 = 1034;
    pub(crate) const ACCESS_METHOD: u16 = 1035;
    pub(crate) const SERVER_PLACE: u16 = 1036;
    pub(crate) const SITE_REPEATED: u16 = 1037;
    pub(crate) const ACCESS_REPEATED: u16 = 1038;
    pub(crate) const DOMAIN_REPEATED: u16 = 1039;
    pub(crate) const HOME_PAGE: u16 = 1041;
    pub(crate) const SPONSOR_BEING_CANCELLED: u16 = 1042;
    pub(crate) const SERVICE_BEING_CANCELLED: u16 = 1043;
    pub(crate) const SPONSOR_PRINCIPAL_NAME: u16 = 1044;
    pub(crate) const PROVINCE: u16 = 1046;
    pub(crate) const ACCESS_NOT_YOURS: u16 = 1047;
    pub(crate) const NOT_YOURS: u16 = 1048;
    pub(crate) const SPONSOR_CANCELLED: u16 = 1049;
    pub(crate) const SERVICE_CANCELLED: u16 = 1050;
    pub(crate) const TOO_MANY_CHANGES: u16 = 1051;
    pub(crate) const IN_PROGRESS: u16 = 1052;
    pub(crate) const NOT_ITS_MATERIAL: u16 = 1055;
    pub(crate) const ATTACHMENT_FORMAT: u16 = 1056;
    pub(crate) const ATTACHMENT_USE: u16 = 1057;
    pub(crate) const NO_SUCH_SPONSOR: u16 = 1058;
    pub(crate) const NO_SUCH_SERVICE: u16 = 1059;
    pub(crate) const MATERIAL_TAKEN: u16 = 1060;
    pub(crate) const ATTACHMENT_OWNER: u16 = 1061;
    pub(crate) const DOMAIN_LISTED: u16 = 1064;
    pub(crate) const SPONSOR_LISTED: u16 = 1065;
    pub(crate) const LANGUAGE: u16 = 1066;
    pub(crate) const OTHER: u16 = 1999;
    pub(crate) const SCHEMA: u16 = 5001;
    pub(crate) const UNIT_MISMATCH: u16 = 5003;
    pub(crate) const VERSION: u16 = 5004;
    pub(crate) const ILLEGAL_CHARACTER: u16 = 5008;
    pub(crate) const ATTACHMENT: u16 = 5010;
    pub(crate) const NOT_OPEN: u16 = 5011;

    /// Those that refuse something.
    pub(crate) const ALL: [u16; 57] = [
        SPONSOR_CONFLICT,
        DOMAIN,
        DOMAIN_CONFLICT,
        ADDRESS,
        CERTIFICATE,
        EMAIL,
        OFFICE_PHONE,
        MOBILE,
        QQ,
        NATURE,
        RESIDENT_ID,
        NOT_IN_REGISTER,
        CHANGE_IN_PROGRESS,
        FILING_PASSWORD,
        DIVISION,
        ADDRESS_NOT_IN_REGISTER,
        LAST_ACCESS,
        CANCELLATION_REASON,
        SPONSOR_CANCELLATION_REPEATED,
        SAME_ACCESS,
        SERVICE_CANCELLATION_REPEATED,
        SITE_PRINCIPAL_PHONE,
        ACCESS_CANCELLATION_REPEATED,
        APPROVAL,
        SERVICE_CONTENT,
        ACCESS_METHOD,
        SERVER_PLACE,
        SITE_REPEATED,
        ACCESS_REPEATED,
        DOMAIN_REPEATED,
        HOME_PAGE,
        SPONSOR_BEING_CANCELLED,
        SERVICE_BEING_CANCELLED,
        SPONSOR_PRINCIPAL_NAME,
        PROVINCE,
        ACCESS_NOT_YOURS,
        NOT_YOURS,
        SPONSOR_CANCELLED,
        SERVICE_CANCELLED,
        TOO_MANY_CHANGES,
        IN_PROGRESS,
        NOT_ITS_MATERIAL,
        ATTACHMENT_FORMAT,
        ATTACHMENT_USE,
        NO_SUCH_SPONSOR,
        NO_SUCH_SERVICE,
        ATTACHMENT_OWNER,
        DOMAIN_LISTED,
        SPONSOR_LISTED,
        LANGUAGE,
        OTHER,
        SCHEMA,
        UNIT_MISMATCH,
        VERSION,
        ILLEGAL_CHARACTER,
        ATTACHMENT,
        NOT_OPEN,
    ];
}

/// The faults of one record, in the order of its fields.
#[derive(Default)]
pub(crate) struct Findings(Vec<Finding>);

impl Findings {
    /// A result file holds so many for one record; a record with more is
    /// refused for the first ones.
    const MAXIMUM: usize = 100;

    fn add(&mut self, code: u16, path: &str, expected: &str, got: &impl Display) {
        self.add_text(code, path, &format!("expected {expected}, got {got}"));
    }

    fn add_text(&mut self, code: u16, path: &str, text: &str) {
        if self.0.len() < Self::MAXIMUM {
            self.0.push(Finding::new(code, &format!("{path}: {text}")));
        }
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn list(&self) -> &[Finding] {
        &self.0
    }

    pub(crate) fn into_list(self) -> Vec<Finding> {
        self.0
    }
}
