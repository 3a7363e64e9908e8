//! What keeps the regulator from taking or giving a file, by what can be done about it.

use beian_wire::MessageCode;

use crate::ExchangeError;

/// What stands in the way of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hindrance {
    /// There is no connection.
    Unreachable,
    /// A call was sent, and no answer came that can be trusted.
    NoAnswer,
    /// It is outside of the hours in which the regulator takes files (20).
    Hours,
    /// The regulator's system is under maintenance (901, 902).
    Maintenance,
    /// Too many files wait there to be worked through (15).
    Congestion,
    /// The right to hand in files is not open (19).
    Rights,
    /// The regulator does not know who calls: number, user name, password, random value
    /// or address (4, 5, 12, 16).
    Credentials,
    /// The provider is licensed in another province than the one called (13).
    Province,
    /// Earlier files are missing there (14).
    Missing,
    /// The file itself was refused, or a file from there cannot be opened.
    File,
    /// Refused with another code.
    Other,
}

impl Hindrance {
    /// Every one.
    pub const ALL: [Self; 11] = [
        Self::Unreachable,
        Self::NoAnswer,
        Self::Hours,
        Self::Maintenance,
        Self::Congestion,
        Self::Rights,
        Self::Credentials,
        Self::Province,
        Self::Missing,
        Self::File,
        Self::Other,
    ];

    /// Its name in texts and addresses.
    #[must_use]
    pub fn slug(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::NoAnswer => "no-answer",
            Self::Hours => "hours",
            Self::Maintenance => "maintenance",
            Self::Congestion => "congestion",
            Self::Rights => "rights",
            Self::Credentials => "credentials",
            Self::Province => "province",
            Self::Missing => "missing",
            Self::File => "file",
            Self::Other => "other",
        }
    }

    /// Whether the regulator looked at the file at all. One that it did not look at waits
    /// under the number it has, and so do those behind it: they would fare no better.
    #[must_use]
    pub fn is_about_the_file(self) -> bool {
        matches!(self, Self::File | Self::Other)
    }
}

impl ExchangeError {
    /// What stands in the way.
    #[must_use]
    pub fn hindrance(&self) -> Hindrance {
        match self {
            Self::Unreachable { .. } => Hindrance::Unreachable,
            Self::Uncertain { .. } => Hindrance::NoAnswer,
            Self::Corrupt { .. } => Hindrance::File,
            Self::Refused { code, .. } => of_code(*code),
        }
    }
}

fn of_code(code: MessageCode) -> Hindrance {
    match code {
        MessageCode::OUTSIDE_HOURS => Hindrance::Hours,
        MessageCode::UPLOAD_MAINTENANCE | MessageCode::DOWNLOAD_MAINTENANCE => Hindrance::Maintenance,
        MessageCode::QUEUE_FULL => Hindrance::Congestion,
        MessageCode::NOT_ENTITLED => Hindrance::Rights,
        MessageCode::WRONG_USER
        | MessageCode::WRONG_PASSWORD
        | MessageCode::NOT_AUTHENTICATED
        | MessageCode::SHORT_RANDOM => Hindrance::Credentials,
        MessageCode::OTHER_PROVINCE => Hindrance::Province,
        MessageCode::SEQUENCE_GAP => Hindrance::Missing,
        MessageCode::DECRYPTION_FAILED
        | MessageCode::HASH_MISMATCH
        | MessageCode::DECOMPRESSION_FAILED
        | MessageCode::WRONG_ENCRYPTION
        | MessageCode::WRONG_HASH
        | MessageCode::WRONG_COMPRESSION
        | MessageCode::FILE_COUNT
        | MessageCode::TOO_LARGE => Hindrance::File,
        _ => Hindrance::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_of_the_catalogue_has_its_hindrance() {
        let of = |wanted: Hindrance| {
            let refusals = MessageCode::all().map(|(code, _)| code).filter(|code| !code.is_success());
            refusals.filter(|code| of_code(*code) == wanted).map(|code| code.0).collect::<Vec<_>>()
        };
        assert_eq!(of(Hindrance::Hours), [20]);
        assert_eq!(of(Hindrance::Maintenance), [901, 902]);
        assert_eq!(of(Hindrance::Congestion), [15]);
        assert_eq!(of(Hindrance::Rights), [19]);
        assert_eq!(of(Hindrance::Credentials), [4, 5, 12, 16]);
        assert_eq!(of(Hindrance::Province), [13]);
        assert_eq!(of(Hindrance::Missing), [14]);
        assert_eq!(of(Hindrance::File), [6, 7, 8, 9, 10, 11, 17, 18]);
        assert_eq!(of(Hindrance::Other), [21, 22, 999]);
    }
}
