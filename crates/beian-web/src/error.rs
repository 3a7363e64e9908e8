//! What can go wrong on the way to a page, and the page for it.
//!
//! A handler answers with a [`Problem`]; the outermost layer, which knows the
//! visitor's language, makes a page of it (or JSON below `/api`). No problem
//! carries personal data or the inside of the product to the outside.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use beian_app::{AppError, TransferError};
use beian_domain::OrderNumber;

/// Why there is no ordinary page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Problem {
    /// No such page, or it is not for this person to know of.
    NotFound,
    /// This method does not exist there.
    Method,
    /// Not with this role.
    Forbidden,
    /// Nobody is signed in: sign in and come back to this path.
    SignIn {
        /// Where they wanted to go.
        back: String,
    },
    /// The form carried no token of this session: it was made elsewhere, or
    /// the session ended while it was open.
    Token,
    /// The body is larger than is taken there.
    TooLarge {
        /// The limit in bytes.
        limit: usize,
    },
    /// Too often: try again in this many seconds.
    TooOften {
        /// How long to wait.
        seconds: i64,
    },
    /// The form cannot be read at all.
    Unreadable,
    /// The order stands elsewhere by now.
    Moved(Option<OrderNumber>),
    /// The order was returned, and this is not among the fields to mend.
    NotReturned(Option<OrderNumber>),
    /// The sponsor has another order under way.
    SponsorHasOpenOrder,
    /// The last place on the resource went to another order.
    NoPlace,
    /// The authorization code went to another order, or was taken back.
    CodeTaken,
    /// It cannot be as it was wanted: a transfer, a membership, one more sponsor.
    Refused {
        /// Which, for its text.
        code: &'static str,
        /// A number in the text, if there is one: seconds to wait, tries that are left.
        n: i64,
    },
    /// The regulator does not answer.
    Regulator,
    /// A fault of ours.
    Internal,
}

impl Problem {
    /// The status of the answer.
    pub(crate) fn status(&self) -> StatusCode {
        match self {
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Method => StatusCode::METHOD_NOT_ALLOWED,
            Self::Forbidden | Self::Token => StatusCode::FORBIDDEN,
            Self::SignIn { .. } => StatusCode::UNAUTHORIZED,
            Self::TooLarge { .. } => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooOften { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::Unreadable => StatusCode::BAD_REQUEST,
            Self::Moved(_)
            | Self::NotReturned(_)
            | Self::SponsorHasOpenOrder
            | Self::NoPlace
            | Self::CodeTaken => StatusCode::CONFLICT,
            Self::Refused { code, .. } if code.ends_with("-too-often") => StatusCode::TOO_MANY_REQUESTS,
            Self::Refused { .. } => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Regulator => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// The stem of its texts.
    pub(crate) fn key(&self) -> &'static str {
        match self {
            Self::NotFound => "problem-not-found",
            Self::Method => "problem-method",
            Self::Forbidden => "problem-forbidden",
            Self::SignIn { .. } => "problem-sign-in",
            Self::Token => "problem-token",
            Self::TooLarge { .. } => "problem-too-large",
            Self::TooOften { .. } => "problem-too-often",
            Self::Unreadable => "problem-unreadable",
            Self::Moved(_) => "problem-moved",
            Self::NotReturned(_) => "problem-not-returned",
            Self::SponsorHasOpenOrder => "problem-open-order",
            Self::NoPlace => "problem-no-place",
            Self::CodeTaken => "problem-code-taken",
            Self::Refused { .. } => "problem-refused",
            Self::Regulator => "problem-regulator",
            Self::Internal => "problem-internal",
        }
    }

    /// The same problem, at an order: its page then leads back there.
    pub(crate) fn at(self, order: &OrderNumber) -> Self {
        match self {
            Self::Moved(None) => Self::Moved(Some(order.clone())),
            Self::NotReturned(None) => Self::NotReturned(Some(order.clone())),
            other => other,
        }
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        match error {
            AppError::NotFound => Self::NotFound,
            AppError::Forbidden => Self::Forbidden,
            AppError::Stale { .. } | AppError::Transition(_) => Self::Moved(None),
            AppError::NotReturned { .. } => Self::NotReturned(None),
            AppError::SponsorHasOpenOrder => Self::SponsorHasOpenOrder,
            AppError::NoPlace { .. } => Self::NoPlace,
            AppError::CodeTaken => Self::CodeTaken,
            AppError::SponsorLimit { expected, .. } => {
                Self::Refused { code: "sponsor-limit", n: expected.into() }
            }
            AppError::Member(error) => Self::Refused { code: error.code(), n: 0 },
            AppError::Transfer(error) => Self::Refused {
                code: error.code(),
                n: match error {
                    TransferError::WrongCode { left } => left.into(),
                    TransferError::Reason { got } => i64::try_from(got).unwrap_or(i64::MAX),
                    _ => 0,
                },
            },
            AppError::Taken => Self::Refused { code: "order-taken", n: 0 },
            AppError::Regulator(_) => Self::Regulator,
            // The verdict offered it when the page was made, and does so no longer.
            AppError::NotOffered => Self::Moved(None),
            AppError::NothingReturned | AppError::Picture(_) | AppError::NoPrincipal => Self::Unreadable,
            other => {
                tracing::error!(error = %other, "a page could not be made");
                Self::Internal
            }
        }
    }
}

impl From<askama::Error> for Problem {
    fn from(error: askama::Error) -> Self {
        tracing::error!(%error, "a template could not be rendered");
        Self::Internal
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status().into_response();
        response.extensions_mut().insert(self);
        response
    }
}
