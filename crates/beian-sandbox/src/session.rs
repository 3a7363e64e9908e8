//! Who is signed in to the review console.
//!
//! Sessions live in memory: a restart signs everybody out, the register stays.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::{Mutex, PoisonError};

use axum::http::HeaderMap;
use beian_domain::Random;
use chrono::{DateTime, TimeDelta, Utc};

use crate::config::Secret;
use crate::language::cookie;

/// Name of the session cookie.
pub(crate) const SESSION_COOKIE: &str = "regulator_session";

/// How long a session lasts without a request.
const IDLE: TimeDelta = TimeDelta::hours(8);
/// Wrong passwords that are looked at within [`WINDOW`]; more are refused unread.
const TRIES: usize = 10;
const WINDOW: TimeDelta = TimeDelta::minutes(5);
/// Sessions kept; the longest idle one goes first.
const MAXIMUM: usize = 64;

/// A signed-in reviewer.
#[derive(Clone)]
pub(crate) struct Session {
    /// Goes into every form of this session.
    pub(crate) csrf: String,
    last_seen: DateTime<Utc>,
}

impl Session {
    /// Whether a form was made for this session.
    pub(crate) fn accepts(&self, csrf: &str) -> bool {
        Secret::new(self.csrf.as_str()).matches(csrf)
    }
}

/// All sessions, by the value of their cookie.
#[derive(Default)]
pub(crate) struct Sessions(Mutex<Inner>);

#[derive(Default)]
struct Inner {
    open: BTreeMap<String, Session>,
    wrong: Vec<DateTime<Utc>>,
}

/// Why somebody is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NotLetIn {
    WrongPassword,
    TooManyTries,
}

impl Sessions {
    /// Opens a session and gives the value of its cookie.
    pub(crate) fn sign_in(
        &self,
        expected: &Secret,
        given: &str,
        now: DateTime<Utc>,
        random: &dyn Random,
    ) -> Result<String, NotLetIn> {
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.check_password(expected, given, now)?;
        let token = hexadecimal(random);
        let session = Session { csrf: hexadecimal(random), last_seen: now };
        if inner.open.len() >= MAXIMUM
            && let Some(oldest) =
                inner.open.iter().min_by_key(|(_, s)| s.last_seen).map(|(token, _)| token.clone())
        {
            inner.open.remove(&oldest);
        }
        inner.open.insert(token.clone(), session);
        Ok(token)
    }

    /// Judges the password of one call of the steering interface; wrong ones
    /// count together with those of the sign-in form.
    pub(crate) fn check_bearer(
        &self,
        expected: &Secret,
        given: &str,
        now: DateTime<Utc>,
    ) -> Result<(), NotLetIn> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).check_password(expected, given, now)
    }

    /// The session of a request, if its cookie is known and not stale.
    pub(crate) fn of_request(&self, headers: &HeaderMap, now: DateTime<Utc>) -> Option<Session> {
        let token = cookie(headers, SESSION_COOKIE)?;
        let mut inner = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        inner.open.retain(|_, session| now - session.last_seen < IDLE);
        let session = inner.open.get_mut(token)?;
        session.last_seen = now;
        Some(session.clone())
    }

    /// Closes the session of a request.
    pub(crate) fn sign_out(&self, headers: &HeaderMap) {
        if let Some(token) = cookie(headers, SESSION_COOKIE) {
            self.0.lock().unwrap_or_else(PoisonError::into_inner).open.remove(token);
        }
    }
}

impl Inner {
    fn check_password(&mut self, expected: &Secret, given: &str, now: DateTime<Utc>) -> Result<(), NotLetIn> {
        self.wrong.retain(|at| now - *at < WINDOW);
        if self.wrong.len() >= TRIES {
            return Err(NotLetIn::TooManyTries);
        }
        if expected.matches(given) {
            return Ok(());
        }
        self.wrong.push(now);
        Err(NotLetIn::WrongPassword)
    }
}

/// 256 bits that nobody can guess, in 64 hexadecimal digits.
fn hexadecimal(random: &dyn Random) -> String {
    let mut bytes = [0; 32];
    random.fill(&mut bytes);
    bytes.iter().fold(String::with_capacity(64), |mut text, byte| {
        // Writing into a String cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use axum::http::header;
    use beian_domain::SeededRandom;

    use super::*;

    fn at(minute: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(1_800_000_000 + minute * 60, 0).unwrap()
    }

    #[test]
    fn a_session_ends_when_idle_or_signed_out() {
        let (sessions, random, password) = (Sessions::default(), SeededRandom::new(1), Secret::new("right"));
        let token = sessions.sign_in(&password, "right", at(0), &random).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, format!("{SESSION_COOKIE}={token}").parse().unwrap());
        let session = sessions.of_request(&headers, at(479)).unwrap();
        assert!(session.accepts(&session.csrf) && !session.accepts("") && !session.accepts(&token));
        assert!(sessions.of_request(&headers, at(958)).is_some());
        assert!(sessions.of_request(&headers, at(958 + 480)).is_none());
        let token = sessions.sign_in(&password, "right", at(0), &random).unwrap();
        headers.insert(header::COOKIE, format!("{SESSION_COOKIE}={token}").parse().unwrap());
        sessions.sign_out(&headers);
        assert!(sessions.of_request(&headers, at(1)).is_none());
    }

    #[test]
    fn guessing_is_slow() {
        let (sessions, random, password) = (Sessions::default(), SeededRandom::new(1), Secret::new("right"));
        for _ in 0..TRIES {
            assert_eq!(sessions.sign_in(&password, "wrong", at(0), &random), Err(NotLetIn::WrongPassword));
        }
        assert_eq!(sessions.sign_in(&password, "right", at(4), &random), Err(NotLetIn::TooManyTries));
        assert!(sessions.sign_in(&password, "right", at(5), &random).is_ok());
    }
}
