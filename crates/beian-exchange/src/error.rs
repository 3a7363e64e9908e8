//! What can go wrong in a call, and whether the call may have taken effect.

use beian_wire::package::PackageError;
use beian_wire::soap::EnvelopeError;
use beian_wire::{FileName, MessageCode, Method, ReadError};
use thiserror::Error;

/// Why a call did not succeed. Holds no secret, no address and no content of files.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExchangeError {
    /// No connection: the call has certainly not reached the regulator.
    #[error("{method}: the regulator cannot be reached: {reason}")]
    Unreachable {
        /// The method called.
        method: Method,
        /// Why.
        reason: ConnectFailure,
    },
    /// The call was sent, but there is no answer to be trusted: it may have taken
    /// effect or not.
    #[error("{method}: no trustworthy answer: {reason}")]
    Uncertain {
        /// The method called.
        method: Method,
        /// Why.
        reason: Uncertainty,
    },
    /// The regulator answered that it will not.
    #[error("{method}: refused with {code}: {message}")]
    Refused {
        /// The method called.
        method: Method,
        /// The regulator's code.
        code: MessageCode,
        /// Its words, or the official text where it gave none.
        message: String,
    },
    /// A file from the regulator cannot be used. It must not be acknowledged.
    #[error("file {name}: {cause}")]
    Corrupt {
        /// The file.
        name: FileName,
        /// What is wrong with it.
        cause: Corruption,
    },
}

impl ExchangeError {
    /// Whether the call may have taken effect.
    #[must_use]
    pub fn delivery(&self) -> Delivery {
        match self {
            Self::Unreachable { .. } => Delivery::NotDelivered,
            Self::Uncertain { .. } => Delivery::Unknown,
            Self::Refused { .. } | Self::Corrupt { .. } => Delivery::Answered,
        }
    }
}

/// Whether a failed call may have taken effect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Delivery {
    /// It never left: the same may be sent again.
    NotDelivered,
    /// Nobody knows: ask the regulator what it has (see [`crate::resume()`]).
    Unknown,
    /// The regulator has judged it.
    Answered,
}

/// Why there is no connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ConnectFailure {
    /// Nobody listens there.
    #[error("connection refused")]
    Refused,
    /// It took too long.
    #[error("no connection in time")]
    TimedOut,
    /// The name does not resolve, there is no way there, or TLS failed.
    #[error("no connection")]
    Other,
}

/// Why an answer cannot be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Uncertainty {
    /// It did not come in time.
    #[error("no answer in time")]
    TimedOut,
    /// The connection broke before its end.
    #[error("the connection broke")]
    Cut,
    /// It was longer than it may be.
    #[error("the answer is longer than {max} bytes")]
    TooLarge {
        /// The limit in bytes.
        max: usize,
    },
    /// It came with another HTTP status than 200.
    #[error("HTTP status {status}")]
    Status {
        /// The status.
        status: u16,
    },
    /// It is no envelope, or a fault.
    #[error(transparent)]
    Envelope(#[from] EnvelopeError),
    /// The document inside is not what the method answers.
    #[error("the answer is not the method's: {0}")]
    Document(#[from] ReadError),
    /// It says success but lacks what a success must bring.
    #[error("the answer says {code} but lacks its content")]
    Incomplete {
        /// The code it says.
        code: MessageCode,
    },
}

/// What is wrong with a file.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum Corruption {
    /// It does not decipher, its digest is wrong, or it does not unzip.
    #[error(transparent)]
    Package(#[from] PackageError),
    /// Its XML cannot be read, or is of a kind that is not supported.
    #[error(transparent)]
    Document(#[from] ReadError),
}

impl Corruption {
    /// The regulator's own code for the same fault, to sort faults by.
    #[must_use]
    pub fn message_code(&self) -> MessageCode {
        match self {
            Self::Package(error) => error.message_code(),
            Self::Document(_) => MessageCode::OTHER,
        }
    }
}
