//! The conversation with the regulator over HTTP.
//!
//! [`RegulatorClient`] makes the calls and says of each failure whether it may have
//! taken effect ([`Delivery`]); [`resume()`] tells how to go on after one that may
//! have; [`filing_file`], [`duty_file`], [`address_file`] and [`read_news`] stand between our filings,
//! the provider's duties and ranges, and the regulator's files. No database and no decisions here.

mod addresses;
mod client;
mod code_tables;
mod duty;
mod endpoint;
mod error;
mod file;
mod hindrance;
mod news;

mod resume;
mod synchronisation;
mod transport;

pub use addresses::{
    AddressAbout, AddressOutcome, AddressRequest, AddressResult, RegisteredAddress, address_fields,
    address_file,
};
pub use beian_wire::package::{Algorithms, Package};
pub use beian_wire::{
    Explanation, MessageCode, OperationKind, ResultCode, WriteError, filing_password_digest, masked_text,
};
pub use client::{
    DownloadedFile, FetchedFile, FilingStatus, PasswordVerdict, PreviousUpload, QueryCondition, Queue,
    RegulatorClient, SealedUpload,
};
pub use code_tables::{CodeTable, CodeTableKind, read_code_tables};
pub use duty::{
    DutyDetail, DutyError, ReceivedDuty, ReportContext, UnfiledSite, VerifiableRecord, VerifiableService,
    duty_file, province_of_provider, read_duty,
};
pub use endpoint::{Endpoint, SetupError, Timeouts};
pub use error::{ConnectFailure, Corruption, Delivery, ExchangeError, Uncertainty};
pub use file::filing_file;
pub use hindrance::Hindrance;
pub use news::{About, ListStanding, Listed, News, read_news};
pub use resume::{Resume, resume};
pub use synchronisation::{RecordField, RegisteredService, Synchronised, codes, read_synchronisation};
