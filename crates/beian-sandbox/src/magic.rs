//! Domains that force an outcome, so that a test of another system needs no console.
//!
//! The labels are of the practice range, which no filing of a real person has here anyway. What
//! follows the outcome is free, so that many filings can come to the same end.

use beian_domain::DomainName;

use crate::checks::code;

/// What a domain forces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// The codes count as entered, and the filing is approved.
    Approved,
    /// The codes count as entered, and the filing is refused by the reviewer.
    Refused,
    /// The codes expire at once.
    CodesExpired,
    /// The checks find a fault of this code.
    Finding(u16),
}

const APPROVED: &str = "xizuo-approved";
const REFUSED: &str = "xizuo-refused";
const EXPIRED: &str = "xizuo-expired";
const FINDING: &str = "xizuo-code-";

/// What a domain forces, if it does.
pub(crate) fn outcome_of(domain: &DomainName) -> Option<Outcome> {
    let label = domain.as_ascii().split('.').next()?;
    // More may follow, after a hyphen.
    let is =
        |stem: &str| label.strip_prefix(stem).is_some_and(|rest| rest.is_empty() || rest.starts_with('-'));
    if is(APPROVED) {
        return Some(Outcome::Approved);
    }
    if is(REFUSED) {
        return Some(Outcome::Refused);
    }
    if is(EXPIRED) {
        return Some(Outcome::CodesExpired);
    }
    let number = label.strip_prefix(FINDING)?.split('-').next()?.parse().ok()?;
    code::ALL.contains(&number).then_some(Outcome::Finding(number))
}

/// Every outcome, with a domain that forces it.
pub(crate) fn all() -> Vec<(String, Outcome)> {
    let people =
        [(APPROVED, Outcome::Approved), (REFUSED, Outcome::Refused), (EXPIRED, Outcome::CodesExpired)];
    let people = people.into_iter().map(|(stem, outcome)| (format!("{stem}-1.cn"), outcome));
    let codes = code::ALL.iter().map(|number| (format!("{FINDING}{number}-1.cn"), Outcome::Finding(*number)));
    people.chain(codes).collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    #[test]
    fn every_listed_domain_forces_what_it_says_and_no_other_does() {
        for (domain, outcome) in all() {
            assert_eq!(outcome_of(&domain.parse().unwrap()), Some(outcome), "{domain}");
        }
        for domain in ["xizuo-one.cn", "xizuo-approvedly.cn", "xizuo-code-1.cn", "xizuo-code-9999-1.cn"] {
            assert_eq!(outcome_of(&domain.parse().unwrap()), None, "{domain}");
        }
    }
}
