//! SMS verification (短信核验): one code per mobile number, 24 hours, five
//! wrong entries.

use std::collections::BTreeMap;

use beian_domain::Random;
use beian_wire::CancellationKind;
use beian_wire::upload::PrincipalDetails;
use chrono::{DateTime, TimeDelta, Utc};

use super::{Decision, Regulator};
use crate::config::{ReviewPolicy, SmsPolicy};
use crate::magic::Outcome;
use crate::register::{PersonData, ServiceData, SponsorData};
use crate::request::Request;
use crate::sandbox::Moment;
use crate::state::{Challenge, Filing, RefusalCause, Stage, Target};

/// How long a code is good.
pub(crate) const VALIDITY: TimeDelta = TimeDelta::hours(24);
/// Wrong entries that are allowed; one more returns the filing.
pub(crate) const WRONG_ENTRIES: u8 = 5;

/// What an entry on the public page did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SmsEntry {
    /// Right; so many other mobile numbers of the filing still have to verify.
    Verified { waiting: usize },
    /// No filing waits for this mobile number.
    NothingPending,
    /// Wrong code or certificate number; so many wrong entries are still allowed.
    Wrong { left: u8 },
    /// Wrong once too often: the filing went back to the provider.
    Returned,
}

/// A person who gets a code.
pub(crate) struct Recipient {
    pub(crate) mobile: String,
    pub(crate) certificate_number: String,
}

impl Recipient {
    /// A principal, at the first mobile number. A person who files is the principal, and
    /// has given the certificate as sponsor.
    fn of(details: &PrincipalDetails, otherwise: &str) -> Self {
        Self {
            mobile: details.mobile.split([';', '；']).next().unwrap_or_default().to_owned(),
            certificate_number: details.certificate_number.clone().unwrap_or_else(|| otherwise.to_owned()),
        }
    }
}

impl Regulator {
    /// Who gets a code for a filing, by kind:
    ///
    /// * first filing: the sponsor's principal and the principal of every website;
    /// * added services and accesses: the principals of these services;
    /// * change: the sponsor's principal where the sponsor's data change, a service's
    ///   where that service's do, at the *new* number; remarks count for nothing, and
    ///   neither do addresses (ASSUMED: they are the provider's to tell);
    /// * cancelled sponsor: its principal; cancelled service: that service's;
    /// * cancelled access, material: nobody.
    pub(super) fn recipients(&self, request: &Request, target: &Target) -> Vec<Recipient> {
        let register = &self.state.register;
        let filed = target.sponsor.and_then(|id| register.sponsors.get(&id));
        let brought = request.sponsor();
        let certificate = match (&brought, filed) {
            (Some(sponsor), _) => sponsor.certificate.number.as_str(),
            (None, Some(sponsor)) => sponsor.data.certificate_number.as_str(),
            (None, None) => "",
        };
        let person = |person: &PersonData| Recipient::of(&person.to_details(), certificate);
        let of_services = || {
            let services = target.services.iter().filter_map(|id| register.service(*id));
            services.map(|filed| person(&filed.service.data.principal)).collect()
        };
        let websites = request.websites();
        match request {
            Request::First(record) => std::iter::once(&record.sponsor.principal.details)
                .chain(websites.iter().map(|website| &website.principal.details))
                .map(|details| Recipient::of(details, certificate))
                .collect(),
            Request::AddService(_) => websites
                .iter()
                .map(|website| Recipient::of(&website.principal.details, certificate))
                .collect(),
            Request::AddAccess(_) => of_services(),
            Request::Change(_) => {
                let sponsor = brought
                    .as_ref()
                    .zip(filed)
                    .filter(|(new, old)| SponsorData::of(new).differs_from(&old.data));
                let services = websites.iter().filter(|new| {
                    register
                        .service(new.isp_website_id)
                        .is_some_and(|old| ServiceData::of(new).differs_from(&old.service.data))
                });
                sponsor
                    .map(|(new, _)| &new.principal.details)
                    .into_iter()
                    .chain(services.map(|website| &website.principal.details))
                    .map(|details| Recipient::of(details, certificate))
                    .collect()
            }
            Request::Cancel(record) => match record.kind {
                CancellationKind::Sponsor => {
                    filed.map(|sponsor| person(&sponsor.data.principal)).into_iter().collect()
                }
                CancellationKind::Website => of_services(),
                CancellationKind::Access => Vec::new(),
            },
            Request::Material(_) => Vec::new(),
        }
    }

    /// Sends a code to every distinct mobile number, or counts them as entered.
    pub(super) fn begin_verification(&mut self, moment: Moment<'_>, id: u64, recipients: &[Recipient]) {
        let mut by_mobile: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for recipient in recipients {
            let suffixes = by_mobile.entry(&recipient.mobile).or_default();
            let suffix = last_six(&recipient.certificate_number);
            if !suffixes.contains(&suffix) {
                suffixes.push(suffix);
            }
        }
        let verified = match self.sms {
            SmsPolicy::Console => None,
            SmsPolicy::VerifyAll => Some(moment.now),
        };
        let challenges = by_mobile
            .into_iter()
            .map(|(mobile, suffixes)| Challenge {
                mobile: mobile.to_owned(),
                code: six_digits(moment.random),
                suffixes,
                verified,
            })
            .collect();
        if let Some(filing) = self.filing_mut(id) {
            filing.challenges = challenges;
            filing.stage = Stage::AwaitingSms { expires: moment.now + VALIDITY, wrong: 0 };
        }
        self.end_verification_if_done(moment, id);
    }

    /// One entry on the public page.
    ///
    /// Several filings may wait for the same number; the code tells them apart.
    /// An entry that is right for none of them counts against all of them, so
    /// that waiting for several gives nobody more guesses.
    pub(crate) fn enter_code(
        &mut self,
        moment: Moment<'_>,
        mobile: &str,
        code: &str,
        suffix: &str,
    ) -> SmsEntry {
        let suffix = suffix.to_ascii_uppercase();
        let waiting: Vec<u64> = self
            .state()
            .filings
            .iter()
            .filter(|(_, filing)| filing.pending(mobile).is_some())
            .map(|(id, _)| *id)
            .collect();
        if waiting.is_empty() {
            return SmsEntry::NothingPending;
        }
        let right = waiting.iter().copied().find(|id| {
            self.state()
                .filings
                .get(id)
                .and_then(|filing| filing.pending(mobile))
                .is_some_and(|challenge| challenge.code == code && challenge.suffixes.contains(&suffix))
        });
        if let Some(id) = right {
            let mut left = 0;
            if let Some(filing) = self.filing_mut(id) {
                for challenge in filing.challenges.iter_mut().filter(|c| c.mobile == mobile) {
                    challenge.verified = Some(moment.now);
                }
                left = filing.challenges.iter().filter(|c| c.verified.is_none()).count();
            }
            self.end_verification_if_done(moment, id);
            return SmsEntry::Verified { waiting: left };
        }
        let mut most = 0;
        for id in waiting {
            let Some(Filing { stage: Stage::AwaitingSms { wrong, .. }, .. }) = self.filing_mut(id) else {
                continue;
            };
            *wrong += 1;
            let count = *wrong;
            most = most.max(count);
            if count > WRONG_ENTRIES {
                self.refuse(
                    moment,
                    id,
                    "短信核验：验证码输入错误超过5次，退回。",
                    RefusalCause::SmsWrongEntries,
                );
            }
        }
        match WRONG_ENTRIES.checked_sub(most) {
            Some(left) => SmsEntry::Wrong { left },
            None => SmsEntry::Returned,
        }
    }

    /// Enters every outstanding code of a filing, for demonstrations.
    pub(crate) fn enter_all_codes(&mut self, moment: Moment<'_>, id: u64) {
        if let Some(filing) = self.filing_mut(id) {
            for challenge in &mut filing.challenges {
                challenge.verified.get_or_insert(moment.now);
            }
        }
        self.end_verification_if_done(moment, id);
    }

    /// Lets a filing come to the outcome that its domain forces, whoever else decides.
    pub(super) fn force(&mut self, moment: Moment<'_>, id: u64, forced: Option<Outcome>) {
        let decision = match forced {
            None | Some(Outcome::Finding(_)) => return,
            Some(Outcome::CodesExpired) => {
                if let Some(filing) = self.filing_mut(id)
                    && let Stage::AwaitingSms { expires, .. } = &mut filing.stage
                {
                    *expires = moment.now;
                }
                return self.expire_codes(moment);
            }
            Some(Outcome::Approved) => Decision::Approve,
            Some(Outcome::Refused) => Decision::Refuse,
        };
        self.enter_all_codes(moment, id);
        // Where the policy has approved it, there is nothing left to decide.
        let _ = self.review(moment, id, decision, "指定结果（练习）");
    }

    /// Returns the filings whose codes were not entered in time.
    pub(super) fn expire_codes(&mut self, moment: Moment<'_>) {
        let late: Vec<u64> = self
            .state()
            .filings
            .iter()
            .filter(|(_, filing)| matches!(filing.stage, Stage::AwaitingSms { expires, .. } if expires <= moment.now))
            .map(|(id, _)| *id)
            .collect();
        for id in late {
            self.refuse(moment, id, "短信核验：24小时内未完成核验，退回。", RefusalCause::SmsExpired);
        }
    }

    fn end_verification_if_done(&mut self, moment: Moment<'_>, id: u64) {
        let review = self.review;
        let Some(filing) = self.filing_mut(id) else { return };
        let done = matches!(filing.stage, Stage::AwaitingSms { .. })
            && filing.challenges.iter().all(|challenge| challenge.verified.is_some());
        if !done {
            return;
        }
        filing.stage = Stage::AwaitingReview;
        if review == ReviewPolicy::ApproveAll {
            self.approve(moment, id, "自动审核通过（练习）");
        }
    }
}

impl Filing {
    /// The code that this filing still waits for from a mobile number.
    fn pending(&self, mobile: &str) -> Option<&Challenge> {
        if !matches!(self.stage, Stage::AwaitingSms { .. }) {
            return None;
        }
        self.challenges.iter().find(|challenge| challenge.mobile == mobile && challenge.verified.is_none())
    }

    /// When the codes expire, while they are waited for.
    pub(crate) fn codes_expire(&self) -> Option<DateTime<Utc>> {
        match self.stage {
            Stage::AwaitingSms { expires, .. } => Some(expires),
            _ => None,
        }
    }
}

fn last_six(number: &str) -> String {
    let characters: Vec<char> = number.chars().collect();
    let start = characters.len().saturating_sub(6);
    characters[start..].iter().collect::<String>().to_ascii_uppercase()
}

/// A code of six digits, every one equally likely.
fn six_digits(random: &dyn Random) -> String {
    const FAIR: u32 = u32::MAX / 1_000_000 * 1_000_000;
    let mut bytes = [0; 4];
    // A draw above the last whole million would favour small codes. Each try
    // fails with a chance of 1 in 4000; a source that always fails is broken.
    for _ in 0..64 {
        random.fill(&mut bytes);
        let drawn = u32::from_le_bytes(bytes);
        if drawn < FAIR {
            return format!("{:06}", drawn % 1_000_000);
        }
    }
    format!("{:06}", u32::from_le_bytes(bytes) % 1_000_000)
}

#[cfg(test)]
mod tests {
    use beian_domain::SeededRandom;

    use super::*;

    #[test]
    fn codes_have_six_digits_and_differ() {
        let random = SeededRandom::new(7);
        let codes: Vec<String> = (0..50).map(|_| six_digits(&random)).collect();
        assert!(codes.iter().all(|code| code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())));
        let mut distinct = codes.clone();
        distinct.sort_unstable();
        distinct.dedup();
        assert!(distinct.len() > 45);
    }

    #[test]
    fn a_short_number_is_its_own_suffix() {
        assert_eq!(last_six("33010619780402000x"), "02000X");
        assert_eq!(last_six("ab1"), "AB1");
    }
}
