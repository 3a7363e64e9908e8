//! The regulator as a state machine: it is told what happens and when, and
//! changes its register. It reads no clock, no file and no socket.

mod access;
mod addresses;
mod blacklist;
mod calls;
mod code_tables;
mod duties;
mod effect;
mod exchange;
mod intake;
mod lookup;
mod report;
mod review;
mod rows;
mod seed;
mod sms;
mod steering;

use std::collections::BTreeMap;

pub(crate) use blacklist::Listing;
pub(crate) use code_tables::MoreCodes;
pub(crate) use duties::{UnfiledList, Verification};
pub(crate) use review::{Decision, ReviewError};
pub(crate) use seed::{Seed, SeedError};
pub(crate) use sms::SmsEntry;

use crate::config::{Identities, Provider, Province, ReviewPolicy, SandboxConfig, SmsPolicy, province_of};
use crate::faults::{Faults, Struck};
use crate::request::Request;
use crate::sandbox::Moment;
use crate::state::{FORMAT, FORMAT_WITHOUT_REGISTER, Filing, State};
use crate::validation::Leniency;

/// The practice regulator.
pub(crate) struct Regulator {
    providers: BTreeMap<u64, Licensee>,
    review: ReviewPolicy,
    sms: SmsPolicy,
    state: State,
    /// What each filing asks for, read from its upload.
    requests: BTreeMap<u64, Request>,
    changed: bool,
    seen: access::SeenRandVals,
    wrong_passwords: access::WrongPasswords,
    pub(crate) faults: Faults,
    /// What happens to the call that is being answered.
    struck: Struck,
    leniency: Leniency,
}

/// A provider and the bureau that it belongs to.
struct Licensee {
    provider: Provider,
    bureau: Province,
}

/// Why a configuration or a register makes no regulator.
#[derive(Debug, thiserror::Error)]
pub enum RegulatorError {
    /// Two providers have the same number.
    #[error("expected a number for each provider, got {isp_id} twice")]
    ProviderTwice {
        /// The number.
        isp_id: u64,
    },
    /// The province has no bureau.
    #[error("expected one of the 31 provinces for the provider {isp_id}, got {got}")]
    Province {
        /// The provider.
        isp_id: u64,
        /// Its division.
        got: beian_domain::DivisionCode,
    },
    /// The register has another form than this version writes.
    #[error("expected a register of form {FORMAT}, got form {got}")]
    Format {
        /// The form of the file.
        got: u32,
    },
    /// An upload in the register cannot be opened any more.
    #[error(
        "expected upload {sequence} of provider {isp_id} to open with the configured secret, and it does not"
    )]
    Upload {
        /// The provider.
        isp_id: u64,
        /// Sequence number of the upload.
        sequence: u64,
    },
}

impl Regulator {
    /// A regulator with the kept register, or with an empty one.
    pub(crate) fn new(config: SandboxConfig, kept: Option<State>) -> Result<Self, RegulatorError> {
        // The checks know no other identities.
        let Identities::PracticeOnly = config.identities;
        let mut providers = BTreeMap::new();
        for provider in config.providers {
            let isp_id = provider.isp_id;
            let bureau = province_of(provider.province)
                .ok_or(RegulatorError::Province { isp_id, got: provider.province })?;
            if providers.insert(isp_id, Licensee { provider, bureau }).is_some() {
                return Err(RegulatorError::ProviderTwice { isp_id });
            }
        }
        let state = kept.unwrap_or_else(State::new);
        if ![FORMAT, FORMAT_WITHOUT_REGISTER].contains(&state.format) {
            return Err(RegulatorError::Format { got: state.format });
        }
        let mut regulator = Self {
            providers,
            review: config.review,
            sms: config.sms,
            state,
            requests: BTreeMap::new(),
            changed: false,
            seen: access::SeenRandVals::default(),
            wrong_passwords: access::WrongPasswords::default(),
            faults: Faults::default(),
            struck: Struck::default(),
            leniency: Leniency::default(),
        };
        regulator.read_requests()?;
        if regulator.state.format == FORMAT_WITHOUT_REGISTER {
            regulator.enter_old_filings();
            regulator.state_mut().format = FORMAT;
        }
        Ok(regulator)
    }

    /// Lets something pass that would be refused.
    pub(crate) fn let_pass(&mut self, leniency: Leniency) {
        self.leniency = leniency;
    }

    /// What is to be kept.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Whether the register differs from what was last kept.
    pub(crate) fn changed(&self) -> bool {
        self.changed
    }

    /// Notes that the register was kept.
    pub(crate) fn kept(&mut self) {
        self.changed = false;
    }

    /// Lets time pass: what was due since the last call happens now.
    pub(crate) fn advance(&mut self, moment: Moment<'_>) {
        self.expire_codes(moment);
    }

    fn state_mut(&mut self) -> &mut State {
        self.changed = true;
        &mut self.state
    }

    fn filing_mut(&mut self, id: u64) -> Option<&mut Filing> {
        self.changed = true;
        self.state.filings.get_mut(&id)
    }
}
