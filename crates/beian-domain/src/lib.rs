//! What an ICP filing *is*.
//!
//! This room knows the things that a filing is made of (certificate numbers,
//! domain names, filing numbers, sponsors, services, orders), what can be said
//! about them (diagnostics and remedies) and how an order lives. It does no
//! I/O, is never asynchronous and never asks what time it is: [`Clock`] and
//! [`Random`] are handed in.
//!
//! Two shapes of the same data matter:
//!
//! * [`Case`] is what a person has stated so far, in their own text, perhaps
//!   wrong and perhaps incomplete. It is what checks judge.
//! * [`Filing`] is what can be sent to the regulator: every part parsed. The
//!   only way to one is [`Filing::from_case`].

mod account;
mod addresses;
mod authenticity;
mod authorization;
mod case;
mod certificate;
mod codes;
mod contact;
mod diagnostic;
mod domain_name;
mod drift;
mod duty;
mod filing;
mod filing_number;
mod kind;
mod material;
mod member;
mod notice;
mod order;
mod paper;
mod personal;
pub mod practice;
mod record;
mod region;
mod release;
mod resource;
mod review;
mod text;
mod time;
mod transfer;
mod unfiled_host;

pub use account::{
    AccountId, AccountKind, LoginName, NotStaff, PasskeyName, PasskeyNameError, Role, StaffRole,
    UnknownAccountKind, UnknownRole,
};
pub use addresses::{
    AddressContent, AddressDetail, AddressEvent, AddressField, AddressFieldError, AddressFieldFault,
    AddressFinding, AddressKind, AddressOperation, AddressRange, AddressRangeError, AddressRecordId,
    AddressState, AddressUsage, AddressUser, Allocation, Gateway, Held, Holdings, InvalidAddressEvent,
    Origin, RangeConflict, UnitNumber,
};
pub use authenticity::{AuthenticityMethod, ProofState};
pub use authorization::{
    AuthorizationCode, AuthorizationCodeId, CodeEvent, CodePurpose, CodeRefusal, CodeState, CodeStatus,
    CodeText, CodeTextError, CodeUse,
};
pub use case::{
    Access, Cancellation, Case, Certificate, DomainHolderRelation, DomainRegistration, FormerCertificate,
    NumberStated, PlainCase, Principal, PrincipalRole, RegistrarPlace, Service, ServicePrincipal, Sponsor,
    Whereabouts,
};
pub use certificate::{
    CertificateNumber, CertificateNumberError, OrganisationCode, RegistrationNumber, ResidentId,
    UnifiedSocialCreditCode,
};
pub use codes::{
    AccessMethod, AddressUse, AllocationManner, AppPlatform, CancellationReason, CertificateKind,
    LanguageCode, ServiceContentCode, ServiceKind, SponsorNature, UnfiledHandling, UnknownCode,
    VerificationOutcome,
};
pub use contact::{ContactError, EmailAddress, MobileNumber, OfficePhone};
pub use diagnostic::{
    Diagnostic, DiagnosticCode, Evidence, OutsideTask, Pointer, Remedy, RemedyAction, Severity, Situation,
    Source, Undetermined, Verdict,
};
pub use domain_name::{DomainName, DomainNameError};
pub use drift::{
    DayTold, Drift, DriftClass, DriftEvent, DriftExcuse, DriftId, DriftKind, DriftLook, DriftRemedy,
    DriftState, InvalidDriftEvent, LookSchedule, NextLook, NotSeen, Observation,
};
pub use duty::{
    AnswerField, DutyAnswer, DutyAnswerError, DutyContent, DutyEvent, DutyId, DutyKind, DutyState,
    InvalidDutyEvent, UnfiledAnswer, VerificationAnswer,
};
pub use filing::{
    AddedAccess, AddedService, CancellationTarget, CancelledRecord, ChangedRecord, Enclosures, FiledAs,
    Filing, FilingAccess, FilingMaterial, FilingPassword, FilingPrincipal, FilingService, FilingSponsor,
    FirstFiling, IncompleteFiling, RegulatorIds, SuppliedMaterials,
};
pub use filing_number::{FilingNumberError, RecordNumber, ServiceFilingNumber, SponsorFilingNumber};
pub use kind::{FilingKind, FilingPurpose};
pub use material::{ImageFormat, Material, MaterialId, MaterialUse, PictureDoubt, UnknownMaterialUse};
pub use member::{InvalidMembershipEvent, MemberRole, MembershipEvent, MembershipId, MembershipState};
pub use notice::{NoticeChannel, NoticeClass, NoticeKind, NoticeLanguage};
pub use order::{InvalidTransition, OrderEvent, OrderId, OrderNumber, OrderState};
pub use paper::Paper;
pub use personal::Personal;
pub use record::RecordState;
pub use region::{DivisionCode, DivisionCodeError};
pub use release::{
    AppFingerprint, AppIdentifier, AppPublicKey, DigestKind, FilingRelease, Release, ReleaseError,
};
pub use resource::{Resource, ResourceId, ResourceKind, UnknownResourceKind};
pub use review::{CallOutcome, CallParty, EvidenceKind, ReturnReasonCode, ReturnedField, StandardReason};
pub use text::{NotInGbk, Text, check_gbk, normal_form};
pub use time::{Clock, ManualClock, Random, SeededRandom, new_uuid, truncate_to_micros};
pub use transfer::{InvalidTransferEvent, TransferEvent, TransferId, TransferProof, TransferState};
pub use unfiled_host::{
    HostSettlement, HostStanding, InvalidUnfiledHostEvent, UnfiledHostEvent, UnfiledHostId, UnfiledHostState,
};
