//! Authorization codes (备案授权码): a company lets another account file one
//! service on a server of its own.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{AccountId, OrderId, Random, ResourceId, ServiceFilingNumber};

/// Identifies an authorization code; the code itself is a [`CodeText`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct AuthorizationCodeId(pub Uuid);

/// A code as its issuer hands it on: 15 characters of chance and one that
/// checks them, in four groups, for example `7F3K-Q0AB-9XYZ-1CD9`.
///
/// Read tolerantly: in lower case, with or without hyphens and blanks, and with
/// `O`, `I`, `L` for the digits that they are mistaken for.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CodeText(String);

/// A text that is no authorization code, whatever was issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeTextError {
    /// Too short, too long, or with a character that no code has.
    #[error("expected 16 letters and digits in four groups, got {got} characters")]
    Form {
        /// How many characters there are beside hyphens and blanks.
        got: usize,
    },
    /// The last character does not fit the others: a slip of the pen.
    #[error("expected the last character to fit the fifteen before it")]
    Check,
}

/// Characters that are not mistaken for one another, each worth its place.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 16;

impl CodeText {
    /// A new code: 75 bits of chance.
    pub fn new(random: &dyn Random) -> Self {
        let mut bytes = [0; LENGTH - 1];
        random.fill(&mut bytes);
        let mut values: Vec<u8> = bytes.iter().map(|byte| byte & 31).collect();
        values.push(check_value(&values));
        Self(values.iter().map(|value| character(*value)).collect())
    }

    /// The sixteen characters without hyphens, by which a code is found.
    pub fn compact(&self) -> &str {
        &self.0
    }
}

fn character(value: u8) -> char {
    char::from(ALPHABET[usize::from(value & 31)])
}

/// Luhn's algorithm for 32 characters: it notices every single wrong character
/// and every exchange of neighbours but that of the first with the last.
fn check_value(values: &[u8]) -> u8 {
    let sum: u32 = values
        .iter()
        .rev()
        .enumerate()
        .map(|(place, value)| {
            let weighted = u32::from(*value) * if place.is_multiple_of(2) { 2 } else { 1 };
            weighted / 32 + weighted % 32
        })
        .sum();
    u8::try_from((32 - sum % 32) % 32).unwrap_or_default()
}

impl FromStr for CodeText {
    type Err = CodeTextError;

    fn from_str(text: &str) -> Result<Self, CodeTextError> {
        let mut values = Vec::with_capacity(LENGTH);
        let mut got = 0;
        for c in crate::normal_form(text).chars().filter(|c| !c.is_whitespace() && *c != '-') {
            got += 1;
            let c = match c.to_ascii_uppercase() {
                'O' => '0',
                'I' | 'L' => '1',
                other => other,
            };
            if let Some(value) = ALPHABET.iter().position(|known| char::from(*known) == c) {
                values.push(u8::try_from(value).unwrap_or_default());
            }
            if got > LENGTH {
                break;
            }
        }
        if got != LENGTH || values.len() != LENGTH {
            return Err(CodeTextError::Form { got });
        }
        let (chance, check) = values.split_at(LENGTH - 1);
        if check != [check_value(chance)] {
            return Err(CodeTextError::Check);
        }
        Ok(Self(values.iter().map(|value| character(*value)).collect()))
    }
}

impl fmt::Display for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (a, rest) = self.0.split_at(4);
        let (b, rest) = rest.split_at(4);
        let (c, d) = rest.split_at(4);
        write!(f, "{a}-{b}-{c}-{d}")
    }
}

/// Whoever may read a log need not be able to use what others were given.
impl fmt::Debug for CodeText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CodeText({}-****-****-****)", &self.0[..4])
    }
}

impl crate::Access {
    /// The authorization code that is stated, as typed, without surrounding space.
    pub fn stated_code(&self) -> Option<&str> {
        self.authorization_code.as_deref().map(str::trim).filter(|code| !code.is_empty())
    }
}

/// How a code is used, whatever becomes of its server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeUse {
    /// Nobody files with it (未使用).
    Unused,
    /// An order that was handed in files with it (使用中).
    Held(OrderId),
    /// A service is filed with it (已使用), for good.
    Used(ServiceFilingNumber),
}

/// Where a code stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeState {
    /// It can be used, or is: its server's term is long enough.
    Live(CodeUse),
    /// The term of its server is too short or over (已失效); what it was is kept,
    /// for renewal revives it.
    Expired(CodeUse),
    /// Its issuer took it back before anybody used it (已撤销), for good.
    Revoked,
}

/// What happens to a code after it was issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodeEvent {
    /// An order is handed in with it.
    Hold(OrderId, CodePurpose),
    /// That order is given up.
    Release(OrderId),
    /// That order is filed.
    Consume(OrderId, ServiceFilingNumber),
    /// Its issuer takes it back.
    Revoke,
    /// The term of its server has become too short.
    Expire,
    /// Its server was renewed.
    Revive,
}

/// What an order files with a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CodePurpose {
    /// A service that has no number through us: first filing, new service, new access.
    NewService,
    /// A change (变更备案) of a service on record.
    ChangeOf(ServiceFilingNumber),
}

/// Why something cannot happen to a code.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodeRefusal {
    /// Another order holds it: one code, one service.
    #[error("expected a code that no order holds, got one held by another")]
    HeldByOther,
    /// A service is filed with it: only a change of that service may use it.
    #[error("expected a code for no service or the same, got the one of {0}")]
    UsedFor(ServiceFilingNumber),
    /// It is expired.
    #[error("expected a code whose server lasts long enough, got an expired one")]
    Expired,
    /// It was taken back.
    #[error("expected a code that was not revoked")]
    Revoked,
    /// That order does not hold it.
    #[error("expected a code that this order holds")]
    NotHeld,
    /// Nothing to revive: it lives.
    #[error("expected an expired code")]
    NotExpired,
}

impl CodeUse {
    fn hold(self, order: OrderId, purpose: &CodePurpose) -> Result<Self, CodeRefusal> {
        match (self, purpose) {
            (Self::Unused, _) => Ok(Self::Held(order)),
            // An order that was returned is handed in again.
            (Self::Held(holder), _) if holder == order => Ok(Self::Held(order)),
            (Self::Held(_), _) => Err(CodeRefusal::HeldByOther),
            // The service keeps it; a change of the same service holds nothing more.
            (Self::Used(service), CodePurpose::ChangeOf(changed)) if service == *changed => {
                Ok(Self::Used(service))
            }
            (Self::Used(service), _) => Err(CodeRefusal::UsedFor(service)),
        }
    }

    fn release(self, order: OrderId) -> Result<Self, CodeRefusal> {
        match self {
            Self::Held(holder) if holder == order => Ok(Self::Unused),
            Self::Used(service) => Err(CodeRefusal::UsedFor(service)),
            Self::Unused | Self::Held(_) => Err(CodeRefusal::NotHeld),
        }
    }

    fn consume(self, order: OrderId, service: &ServiceFilingNumber) -> Result<Self, CodeRefusal> {
        match self {
            Self::Held(holder) if holder == order => Ok(Self::Used(service.clone())),
            Self::Used(own) if own == *service => Ok(Self::Used(own)),
            Self::Used(own) => Err(CodeRefusal::UsedFor(own)),
            Self::Unused | Self::Held(_) => Err(CodeRefusal::NotHeld),
        }
    }
}

impl CodeState {
    /// A code that was just issued.
    pub const ISSUED: Self = Self::Live(CodeUse::Unused);

    /// The state after `event`; every pair is decided.
    pub fn after(self, event: &CodeEvent) -> Result<Self, CodeRefusal> {
        use CodeEvent as E;
        match (self, event) {
            (Self::Revoked, _) => Err(CodeRefusal::Revoked),
            (Self::Live(used), E::Hold(order, purpose)) => used.hold(*order, purpose).map(Self::Live),
            (Self::Expired(_), E::Hold(..)) => Err(CodeRefusal::Expired),
            // What an order does to its end happens whether or not the server lasts:
            // a number that was granted is granted.
            (Self::Live(used), E::Release(order)) => used.release(*order).map(Self::Live),
            (Self::Expired(used), E::Release(order)) => used.release(*order).map(Self::Expired),
            (Self::Live(used), E::Consume(order, service)) => used.consume(*order, service).map(Self::Live),
            (Self::Expired(used), E::Consume(order, service)) => {
                used.consume(*order, service).map(Self::Expired)
            }
            (Self::Live(CodeUse::Unused) | Self::Expired(CodeUse::Unused), E::Revoke) => Ok(Self::Revoked),
            (Self::Live(CodeUse::Held(_)) | Self::Expired(CodeUse::Held(_)), E::Revoke) => {
                Err(CodeRefusal::HeldByOther)
            }
            (Self::Live(CodeUse::Used(service)) | Self::Expired(CodeUse::Used(service)), E::Revoke) => {
                Err(CodeRefusal::UsedFor(service))
            }
            (Self::Live(used), E::Expire) => Ok(Self::Expired(used)),
            (Self::Expired(_), E::Expire) => Err(CodeRefusal::Expired),
            (Self::Expired(used), E::Revive) => Ok(Self::Live(used)),
            (Self::Live(_), E::Revive) => Err(CodeRefusal::NotExpired),
        }
    }

    /// As the state is shown.
    pub fn status(&self) -> CodeStatus {
        match self {
            Self::Live(CodeUse::Unused) => CodeStatus::Unused,
            Self::Live(CodeUse::Held(_)) => CodeStatus::Held,
            Self::Live(CodeUse::Used(_)) => CodeStatus::Used,
            Self::Expired(_) => CodeStatus::Expired,
            Self::Revoked => CodeStatus::Revoked,
        }
    }

    /// How it is used, unless it was revoked.
    pub fn usage(&self) -> Option<&CodeUse> {
        match self {
            Self::Live(used) | Self::Expired(used) => Some(used),
            Self::Revoked => None,
        }
    }
}

/// The five words for where a code stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CodeStatus {
    /// 未使用.
    Unused,
    /// 使用中.
    Held,
    /// 已使用.
    Used,
    /// 已失效.
    Expired,
    /// 已撤销.
    Revoked,
}

impl CodeStatus {
    /// Every status.
    pub const ALL: [Self; 5] = [Self::Unused, Self::Held, Self::Used, Self::Expired, Self::Revoked];

    /// The name in the API.
    pub fn slug(self) -> &'static str {
        match self {
            Self::Unused => "unused",
            Self::Held => "held",
            Self::Used => "used",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// A code with whom it concerns (备案授权码).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizationCode {
    /// Our identifier.
    pub id: AuthorizationCodeId,
    /// The code.
    pub text: CodeText,
    /// The account that issued it: the owner of the resource.
    pub issuer: AccountId,
    /// The one account that may file with it.
    pub holder: AccountId,
    /// The resource that it opens.
    pub resource: ResourceId,
    /// A note of the issuer's.
    pub remark: String,
    /// Where it stands.
    pub state: CodeState,
    /// When it was issued.
    pub issued_at: DateTime<Utc>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SeededRandom;

    fn order(n: u8) -> OrderId {
        OrderId(Uuid::from_bytes([n; 16]))
    }

    fn service(n: u8) -> ServiceFilingNumber {
        format!("粤ICP备202600000{n}号-1").parse().unwrap()
    }

    fn states() -> Vec<CodeState> {
        let uses = [CodeUse::Unused, CodeUse::Held(order(1)), CodeUse::Used(service(1))];
        let live = uses.iter().cloned().map(CodeState::Live);
        let expired = uses.iter().cloned().map(CodeState::Expired);
        live.chain(expired).chain([CodeState::Revoked]).collect()
    }

    fn events() -> Vec<CodeEvent> {
        use CodeEvent as E;
        let mut all = vec![E::Revoke, E::Expire, E::Revive];
        for n in [1, 2] {
            all.push(E::Hold(order(n), CodePurpose::NewService));
            all.push(E::Hold(order(n), CodePurpose::ChangeOf(service(n))));
            all.push(E::Release(order(n)));
            all.push(E::Consume(order(n), service(n)));
        }
        all
    }

    /// The whole table, written out: a change of the machine shows here.
    #[test]
    fn every_pair_of_state_and_event_is_decided() {
        let word = |state: &CodeState| match state {
            CodeState::Expired(used) => {
                format!("expired-{}", CodeState::Live(used.clone()).status().slug())
            }
            other => other.status().slug().to_owned(),
        };
        let mut table = String::new();
        for state in states() {
            for event in events() {
                let after = state.clone().after(&event);
                let Ok(next) = after else { continue };
                let name = match &event {
                    CodeEvent::Hold(by, CodePurpose::NewService) => format!("hold-{}", by.0.as_bytes()[0]),
                    CodeEvent::Hold(by, _) => format!("change-{}", by.0.as_bytes()[0]),
                    CodeEvent::Release(by) => format!("release-{}", by.0.as_bytes()[0]),
                    CodeEvent::Consume(by, _) => format!("consume-{}", by.0.as_bytes()[0]),
                    other => format!("{other:?}").to_lowercase(),
                };
                table.push_str(&format!("{} {name} {}\n", word(&state), word(&next)));
            }
        }
        assert_eq!(
            table,
            "unused revoke revoked\nunused expire expired-unused\n\
             unused hold-1 held\nunused change-1 held\nunused hold-2 held\nunused change-2 held\n\
             held expire expired-held\nheld hold-1 held\nheld change-1 held\n\
             held release-1 unused\nheld consume-1 used\n\
             used expire expired-used\nused change-1 used\nused consume-1 used\n\
             expired-unused revoke revoked\nexpired-unused revive unused\n\
             expired-held revive held\nexpired-held release-1 expired-unused\nexpired-held consume-1 expired-used\n\
             expired-used revive used\nexpired-used consume-1 expired-used\n"
        );
    }

    proptest::proptest! {
        #[test]
        fn one_code_serves_one_service(choices in proptest::collection::vec(0usize..11, 0..80)) {
            let mut state = CodeState::ISSUED;
            let mut served: Option<ServiceFilingNumber> = None;
            let mut is_revoked = false;
            for choice in choices {
                let event = events().swap_remove(choice);
                let before = state.clone();
                match state.after(&event) {
                    Err(_) => state = before,
                    Ok(next) => {
                        proptest::prop_assert!(!is_revoked, "what is revoked stays so");
                        if let (CodeEvent::Revoke, Some(service)) = (&event, &served) {
                            proptest::prop_assert!(false, "{service} lost its code");
                        }
                        // Nobody takes a code from the order that holds it.
                        if let (Some(CodeUse::Held(before)), Some(CodeUse::Held(after))) = (before.usage(), next.usage()) {
                            proptest::prop_assert_eq!(before, after);
                        }
                        if let Some(CodeUse::Used(service)) = next.usage() {
                            proptest::prop_assert_eq!(served.get_or_insert_with(|| service.clone()), service);
                        } else {
                            proptest::prop_assert!(served.is_none(), "what is used stays used");
                        }
                        is_revoked = next == CodeState::Revoked;
                        state = next;
                    }
                }
            }
        }

        #[test]
        fn a_code_is_read_as_it_is_written(seed in 0u64..10_000) {
            let code = CodeText::new(&SeededRandom::new(seed));
            proptest::prop_assert_eq!(&code.to_string().parse::<CodeText>().unwrap(), &code);
            let loose = code.to_string().to_lowercase().replace('-', " ").replace('0', "o").replace('1', "l");
            proptest::prop_assert_eq!(&loose.parse::<CodeText>().unwrap(), &code);
        }

        #[test]
        fn a_wrong_character_is_noticed(seed in 0u64..1_000, place in 0usize..16, step in 1usize..32) {
            let code = CodeText::new(&SeededRandom::new(seed));
            let mut text: Vec<u8> = code.compact().bytes().collect();
            let value = ALPHABET.iter().position(|known| *known == text[place]).unwrap();
            text[place] = ALPHABET[(value + step) % 32];
            let text = String::from_utf8(text).unwrap();
            proptest::prop_assert_eq!(text.parse::<CodeText>(), Err(CodeTextError::Check));
        }

        #[test]
        fn no_text_is_too_much(text in "\\PC{0,80}") {
            let _ = text.parse::<CodeText>();
        }
    }

    #[test]
    fn what_is_no_code_says_so() {
        for (text, got) in [("", 0), ("7F3K", 4), ("7F3K-Q0AB-9XYZ-1CDNE", 17), ("7F3K-Q0AB-9XYZ-1CD!", 16)] {
            assert_eq!(text.parse::<CodeText>(), Err(CodeTextError::Form { got }), "{text}");
        }
        let code = CodeText::new(&SeededRandom::new(1));
        let wide: String =
            code.to_string().chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect();
        assert_eq!(wide.parse::<CodeText>().unwrap(), code, "typed with a Chinese keyboard");
        assert!(!format!("{code:?}").contains(&code.compact()[4..]));
    }
}
