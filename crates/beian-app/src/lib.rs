//! What people do: prepare a filing, hand it in, decide it, and what the
//! product does by itself: carry it to the regulator and back.
//!
//! [`App`] is the one door for the portal, the API and the command line. Every
//! method takes the [`User`] who asks and looks into the one matrix
//! ([`is_allowed`]); whoever calls cannot forget it.

mod accounts;
mod addresses;
mod archive;
mod authenticity;
mod authorization;
mod bridge;
mod bulk;
mod child;
mod code_tables;
mod dashboard;
mod desk;
mod dns;
mod drift;
mod duties;
mod experience;
mod facts;
mod filing;
mod filing_password;
mod gateway;
mod host_index;
mod impact;
mod import;
mod limit;
mod lookup;
mod mail;
mod materials;
mod members;
mod notice;
mod orders;
mod outgoing;
mod outlook;
mod papers;
mod passkeys;
mod permission;
mod presence;
mod probe;
mod reading;
mod reconcile;
mod records;
mod remedies;
mod replay;
mod resources;
mod review;
mod rules;
mod second_factor;
mod settings;
mod shelf;
mod signals;
mod sms;
mod staff;
mod table;
mod timers;
mod trail;
mod transfers;
mod typed;
mod typed_pages;
mod unfiled_hosts;

use std::path::PathBuf;
use std::sync::Arc;

use beian_domain::{Clock, InvalidTransition, Pointer, Random};
use beian_exchange::RegulatorClient;
use beian_store::{Store, StoreError};
use chrono::TimeDelta;
use tokio::sync::{Mutex, Notify, Semaphore};

pub use accounts::{
    CodeWanted, EnrolmentWanted, MINIMUM_PASSWORD, PasswordWanted, Secret, SignInError, Standing, Underway,
    User,
};
pub use addresses::{
    ADDRESS_PAGE, AddressMark, AddressPage, AddressReason, AddressRefusal, AddressView, MOST_ADDRESS_LINES,
    MOST_REGISTERED,
};
pub use archive::Archive;
pub use authenticity::{AuthenticityView, FaceVendor, FaceVendorError, VendorPresence};
pub use authorization::{CodeDesk, CodeRequest, CodeView, IssueRefusal, REMARK_LIMIT};
pub use beian_exchange::Hindrance;
pub use beian_exchange::{
    CodeTableKind, DutyDetail, RecordField, UnfiledSite, VerifiableRecord, VerifiableService,
    filing_password_digest,
};
pub use beian_index::Completeness;
pub use beian_picture::{MAXIMUM_BYTES, PictureError};
pub use bridge::{BridgeProblem, BridgeStatus, BridgeView, Progress};
pub use bulk::{
    ImportedOrder, MOST_EXPORTED, MOST_FILING_LINES, TableContent, column_choices, column_heading,
};
pub use code_tables::{CodeDifference, CodeTableDesk, CodeTableSet, ComparedTable, TableStanding};
pub use dashboard::{AGES, CALENDAR_DAYS, Dashboard, DayDue, OrdersOfProvince, UnfiledSites};
pub use desk::{
    BulkAction, BulkReason, Comparison, DESK_PAGE, DESK_STATES, DESK_TEXT_LIMIT, DeskOrder, DeskPage,
    DeskQuery, EvidenceContent, KeptEvidence, MOST_BULK, RegisterExtract, ReviewCase, ReviewStatistics,
    ReviewerLine, ServiceLevel, SiteExtract, TakenBy,
};
pub use dns::NameServer;
pub use drift::{DRIFT_PAGE, DriftDesk, DriftWords, DriftingRecord, RecordHealth, drift_words};
pub use duties::{DUTY_PAGE, DutyList, DutyMark, DutyPage, DutyView, ListedDuty};
pub use experience::{EXPERIENCE_DAYS, Experience};
pub use facts::Question;
pub use gateway::{
    GatewayError, GatewayTimeouts, Gateways, HttpSms, NewWebhook, SmsFormat, SmsGateway, SmsSettingsError,
    WebhookReach, WebhookRefusal, WebhookView,
};
pub use host_index::{HostIndexProblem, HostIndexView, index_record};
pub use impact::{ChangedVerdict, FindingTitle, Impact, MOST_JUDGED, Standpoint, rulebook_impact};
pub use limit::Limiter;
pub use lookup::{Lookup, LookupQuery, MOST_LOOKED_UP, PublicRecord};
pub use mail::{MailError, Mailer};
pub use members::{MemberAnswer, MemberError, MemberView, MembersView};
pub use notice::{
    AfterDelivery, ChangedBy, Ending, FactorChange, InboxPage, NoticeDesk, NoticeEvent, NoticePreview,
    NoticeSettingsView, RenderedMail, RoleChange, render_inbox, render_mail, render_sms,
};
pub use orders::{BeginOutcome, Beginning, OrderView, Submission, TimelineAction, TimelineEntry};
pub use outlook::{Outlook, Prospect};
pub use papers::OrderForms;
pub use passkeys::{
    FRESH as PASSKEY_FRESH, FactorsWanted, MOST_PASSKEYS, PasskeyError, PasskeyRefusal, PasskeyView,
    PasskeysHere,
};
pub use permission::{Action, Relation, is_allowed};
pub use presence::Present;
pub use probe::{
    Chromium, ChromiumSandbox, Door, End, Page, Probe, ProbeReach, ProbeSettings, ProbeTimeouts, Read,
    Screenshot, SiteAuthorities, SiteLook, SiteReport, WhyNone,
};
pub use reading::{CertificateReading, Difference, FieldReading, ReadingOutcome, Tesseract, TesseractError};
pub use reconcile::{
    AddressDifference, AddressReconciliation, DifferingRecord, FieldDifference, NumberedRange,
    Reconciliation, ReconciliationDesk, Unmatched, reconcile, reconciliation_table,
};
pub use records::{RecordOrder, RecordView};
pub use remedies::is_one_click;
pub use replay::{Replay, ReplayError, replay};
pub use resources::{ResourceEvent, ResourceReport};
pub use rules::{RulebookTrial, RulebookView};
pub use second_factor::{
    Enrolled, Enrolling, Enrolment, FactorCode, FactorCodeError, FactorError, FactorStanding, RECOVERY_CODES,
    RecoveryCode, SecondFactorPolicy,
};
pub use settings::{MailWay, Settings, SmsWay};
pub use shelf::{Origin, Shelf, ShelfError};
pub use sms::SmsWindow;
pub use staff::{
    FactorReset, HasFactor, Named, NamingError, StaffError, StaffView, Whose, name_security_administrator,
    reset_password,
};
pub use table::{
    ImportRefusal, ImportReport, ImportedLine, LineOutcome, LineRefusal, MOST_IMPORT_BYTES,
    MOST_IMPORT_LINES, TableFormat,
};
pub use trail::TrailPage;
pub use transfers::{
    ImportedRecord, MOST_CODES, MOST_WRONG_CODES, OBJECTION_LIMIT, TransferDecision, TransferError,
    TransferPart, TransferRequest, TransferView,
};
pub use typed::Typed;
pub use typed_pages::Typing;
pub use unfiled_hosts::{HostReport, HostReportError, HostsOfCustomer, MOST_REPORT_BYTES, UnfiledHostDesk};

// What the portal shows of the rooms below comes through this door.
pub use beian_paper::{FontSource, Form, PaperError};
pub use beian_rules::{
    Authenticity, Automation, CaseFile, Check, CodeName, Condition, Consequence, DaysRange, Diagnosis, Goal,
    Known, Met, Obstacle, Outcome, Party, Plan, RegionProposal, RegulatorKind, Route, Signal, SiteDemand,
    SiteFit, SiteState, Step, StepAction, ValueChange, Weight, WorkingDay, catalogue,
};
pub use beian_store::{
    Actor, AddressFilter, AddressRecord, AuditEntry, AuditReport, BoundedCount, Delivery, DeliveryState,
    DeliverySubject, DriftCounts, DriftFilter, DriftMark, DriftSweep, Duty, EndpointId, FileKind,
    FilingRecord, InboxContent, InboxId, InboxMessage, LeadsTo, Membership, Message, Notice, NoticeId,
    NoticeSettings, NoticeState, Order, OrderSummary, PasskeyId, PendingProof, QueueMark, QueuedOrder,
    ReadMark, ReceivedFile, RecordedDrift, RecordedLook, Refusal, Reported, ReviewCall, SheetId,
    StoredMaterial, Transfer, TypedPage, UnfiledHost,
};

/// How this provider works.
#[derive(Debug, Clone)]
pub struct Policy {
    /// Its name, for pages and mail.
    pub provider_name: String,
    /// Where its portal is reached, for links in mail and for passkeys; no slash at the end.
    pub public_url: String,
    /// Practice regulator or real one: decides which identities are taken.
    pub regulator: RegulatorKind,
    /// The secret with which the provider's cloud reports resources.
    pub cloud_token: Secret,
    /// How long the bridge rests when there is nothing to do, in seconds.
    pub poll_seconds: u32,
    /// Whom to ask for the TXT record that proves a transfer.
    pub name_server: NameServer,
    /// Whether staff must have a second factor.
    pub second_factor: SecondFactorPolicy,
}

/// What an [`App`] is made of.
pub struct Parts {
    /// Where it is kept.
    pub store: Store,
    /// What may be filed.
    pub shelf: Shelf,
    /// The regulator.
    pub regulator: RegulatorClient,
    /// Sends mail.
    pub mailer: Mailer,
    /// Sends SMS and calls other systems.
    pub gateways: Gateways,
    /// Checks faces, if the provider has a vendor for it.
    pub vendor: Option<FaceVendor>,
    /// Looks at sites, if that is wanted.
    pub probe: Option<Probe>,
    /// Where the index of host names is that is kept up with the records, if one is.
    pub host_index: Option<PathBuf>,
    /// Reads text on photographs of certificates, if it is installed.
    pub tesseract: Option<Tesseract>,
    /// What forms are printed with.
    pub fonts: FontSource,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives chance.
    pub random: Arc<dyn Random>,
    /// How this provider works.
    pub policy: Policy,
}

/// The product. Cheap to clone.
#[derive(Clone)]
pub struct App {
    inner: Arc<Inner>,
}

struct Inner {
    store: Store,
    shelf: Shelf,
    regulator: RegulatorClient,
    mailer: Mailer,
    gateways: Gateways,
    vendor: Option<FaceVendor>,
    probe: Option<Probe>,
    host_index: Option<host_index::HostIndex>,
    tesseract: Option<Tesseract>,
    fonts: FontSource,
    clock: Arc<dyn Clock>,
    random: Arc<dyn Random>,
    policy: Policy,
    /// The portal as passkeys know it, where there can be any.
    relying_party: Option<passkeys::RelyingParty>,
    password_slots: Semaphore,
    picture_slots: Semaphore,
    rule_slots: Arc<Semaphore>,
    archive_slots: Arc<Semaphore>,
    installing: Mutex<()>,
    verifying: Mutex<()>,
    telling: limit::Telling,
    /// Wrong authorization codes and names that are no account's.
    guesses: limit::Telling,
    /// Invitations and questions of members, by who asks.
    invitations: Limiter,
    /// Codes by SMS, by sponsor.
    codes: Limiter,
    /// Look-ups of TXT records, by who asks.
    lookups: Limiter,
    answers: facts::AnswerCache,
    filing_passwords: filing_password::PasswordAnswers,
    /// Filing passwords that the regulator is asked for, by account.
    password_tries: Limiter,
    bridge: bridge::BridgeState,
    timers: timers::TimerState,
    presences: presence::Presences,
    readings: reading::ReadingState,
    wake: Notify,
    wake_outgoing: Notify,
    wake_index: Notify,
    wake_hosts: Notify,
    /// When unfiled hosts are looked at again.
    hosts_rest_until: std::sync::Mutex<Option<chrono::DateTime<chrono::Utc>>>,
    wake_reading: Notify,
    wake_drift: Notify,
    drift: drift::DriftPace,
}

impl App {
    /// Puts the product together.
    pub fn new(parts: Parts) -> Self {
        let inner = Inner {
            store: parts.store,
            shelf: parts.shelf,
            regulator: parts.regulator,
            mailer: parts.mailer,
            gateways: parts.gateways,
            vendor: parts.vendor,
            probe: parts.probe,
            host_index: parts.host_index.map(host_index::HostIndex::new),
            tesseract: parts.tesseract,
            fonts: parts.fonts,
            clock: parts.clock,
            random: parts.random,
            relying_party: passkeys::RelyingParty::at(&parts.policy.public_url),
            policy: parts.policy,
            password_slots: Semaphore::new(2),
            picture_slots: Semaphore::new(2),
            rule_slots: Arc::new(Semaphore::new(2)),
            archive_slots: Arc::new(Semaphore::new(4)),
            installing: Mutex::new(()),
            verifying: Mutex::new(()),
            telling: limit::Telling::default(),
            guesses: limit::Telling::default(),
            invitations: Limiter::new(10, TimeDelta::minutes(10), 10_000),
            codes: Limiter::new(3, TimeDelta::hours(1), 10_000),
            lookups: Limiter::new(10, TimeDelta::seconds(30), 10_000),
            answers: facts::AnswerCache::default(),
            filing_passwords: filing_password::PasswordAnswers::default(),
            password_tries: Limiter::new(5, TimeDelta::minutes(30), 10_000),
            bridge: bridge::BridgeState::default(),
            timers: timers::TimerState::default(),
            presences: presence::Presences::default(),
            readings: reading::ReadingState::default(),
            wake: Notify::new(),
            wake_outgoing: Notify::new(),
            wake_index: Notify::new(),
            wake_hosts: Notify::new(),
            hosts_rest_until: std::sync::Mutex::default(),
            wake_reading: Notify::new(),
            wake_drift: Notify::new(),
            drift: drift::DriftPace::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// How this provider works.
    pub fn policy(&self) -> &Policy {
        &self.inner.policy
    }

    /// The current time.
    pub fn now(&self) -> chrono::DateTime<chrono::Utc> {
        self.inner.clock.now()
    }

    /// Something was decided that the worker need not wait to see.
    pub(crate) fn wake_worker(&self) {
        self.inner.wake.notify_one();
        self.inner.wake_outgoing.notify_one();
    }

    /// Today's date in China, by which rules are chosen.
    pub fn today(&self) -> chrono::NaiveDate {
        (self.inner.clock.now() + chrono::TimeDelta::hours(8)).date_naive()
    }
}

/// Why something could not be done. Messages are for developers; the portal
/// has a page for each.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// There is no such thing, or it is not for this person to know of.
    #[error("not found")]
    NotFound,
    /// The matrix says no.
    #[error("this account may not do that")]
    Forbidden,
    /// Somebody changed it since it was read: two tabs, or a double click.
    #[error("it has been changed since revision {expected}")]
    Stale {
        /// The revision that was read.
        expected: i64,
    },
    /// The order does not stand where this could happen.
    #[error(transparent)]
    Transition(#[from] InvalidTransition),
    /// The order was returned, and these fields were not among those to mend.
    #[error("these fields were not returned for mending")]
    NotReturned {
        /// The fields.
        pointers: Vec<Pointer>,
    },
    /// The sponsor has an order under way already.
    #[error("the sponsor has an order under way")]
    SponsorHasOpenOrder,
    /// Who approved it first cannot be the second to approve it.
    #[error("expected another reviewer than the one who approved it first")]
    SecondReviewer,
    /// The last place on the resource went to another order.
    #[error("expected a free place on {resource}, got none")]
    NoPlace {
        /// The cloud's name for the resource.
        resource: String,
    },
    /// The authorization code went to another order, or was taken back.
    #[error("expected an authorization code that this order can hold")]
    CodeTaken,
    /// The account would file for more sponsors than the provider allows.
    #[error("expected at most {expected} sponsors of an account, got {got}")]
    SponsorLimit {
        /// Most that it may have.
        expected: u8,
        /// How many it would have.
        got: usize,
    },
    /// A membership cannot be so.
    #[error(transparent)]
    Member(#[from] MemberError),
    /// A transfer cannot be so.
    #[error(transparent)]
    Transfer(#[from] TransferError),
    /// A return names no field or gives no reason.
    #[error("expected at least one field with a reason")]
    NothingReturned,
    /// Another reviewer has taken the order, or it is not in review any more.
    #[error("expected an order in review that no other reviewer has taken")]
    Taken,
    /// There is no reviewer of that name.
    #[error("expected the name of a reviewer")]
    NoSuchReviewer,
    /// What nobody looked at is approved only without any doubt.
    #[error("expected no findings and no signals, got {findings} and {signals}")]
    Doubtful {
        /// Findings and undetermined checks.
        findings: usize,
        /// Signals of a fake filing.
        signals: usize,
    },
    /// More orders at once than are taken.
    #[error("expected at most {most} orders at once, got {got}")]
    TooManyAtOnce {
        /// How many are taken.
        most: usize,
        /// How many came.
        got: usize,
    },
    /// A text is longer than is kept.
    #[error("expected at most {most} characters, got {got}")]
    LongText {
        /// How many are kept.
        most: usize,
        /// How many came.
        got: usize,
    },
    /// Evidence names no source, or a day that has not come.
    #[error("expected evidence with its source and a day that has come")]
    UndatedEvidence,
    /// The verdict does not offer this way out, or a click cannot take it.
    #[error("expected a way out that the verdict offers")]
    NotOffered,
    /// A rulebook is not taken.
    #[error(transparent)]
    Rulebook(#[from] ShelfError),
    /// The file is not a picture that is taken.
    #[error(transparent)]
    Picture(#[from] PictureError),
    /// A record of addresses cannot be so.
    #[error(transparent)]
    Addresses(#[from] AddressRefusal),
    /// A webhook cannot go there.
    #[error(transparent)]
    Webhook(#[from] WebhookRefusal),
    /// The case cannot be made into a file for the regulator.
    #[error("the order cannot be sent: {0}")]
    Unsendable(String),
    /// The regulator was asked and there is no trustworthy answer.
    #[error("the regulator could not be asked: {0}")]
    Regulator(String),
    /// A form cannot be printed.
    #[error(transparent)]
    Paper(PaperError),
    /// The principal of the service is not stated yet, so nobody can prove to be them.
    #[error("expected the name and certificate of the service's principal")]
    NoPrincipal,
    /// The vendor of face checks did not do its part.
    #[error("the vendor of face checks failed: {0}")]
    Vendor(String),
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// A fault of the product.
    #[error("{0}")]
    Internal(String),
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale { expected, .. } => Self::Stale { expected },
            StoreError::NoPlace { resource, .. } => Self::NoPlace { resource },
            StoreError::CodeTaken => Self::CodeTaken,
            StoreError::Taken => Self::Taken,
            other => Self::Store(other),
        }
    }
}
