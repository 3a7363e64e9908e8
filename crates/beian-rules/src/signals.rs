//! Signals of a fake filing (虚假备案线索): what is seldom wrong by itself, and worth a second
//! look. A signal tells its reason; it never refuses anything, that is for a person to do.

use beian_domain::{Case, Pointer, Text};
use chrono::{NaiveDate, TimeDelta};

use crate::Rulebook;
use crate::context::{fixed, text};

/// What an order has in common with the orders of other sponsors, what its sponsor went
/// through before, and what its pictures say.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Traces {
    /// Other sponsors with one of its mobile numbers.
    pub mobile_sponsors: u32,
    /// Other sponsors with one of its people in charge.
    pub person_sponsors: u32,
    /// Other sponsors with the same address for letters.
    pub address_sponsors: u32,
    /// Other sponsors that handed in one of its very pictures.
    pub picture_sponsors: u32,
    /// Other sponsors for whom the same account handed in orders lately.
    pub account_sponsors: u32,
    /// Earlier orders of the same sponsor that were returned, refused or given up.
    pub setbacks: u32,
    /// Photographs of its certificates on which a machine reads another number than was typed.
    pub other_readings: u32,
}

/// Something that is worth a second look.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signal {
    /// Which: `SIG` and three digits. Never used for another signal.
    pub code: &'static str,
    /// The field that it is about; the whole case if it is about no single one.
    pub pointer: Pointer,
    /// What was seen, and what is usual.
    pub reason: Text,
}

/// The signals of a case. Thresholds are the provider's; without them nothing is signalled.
pub fn signals(case: &Case, traces: &Traces, rulebook: &Rulebook, day: NaiveDate) -> Vec<Signal> {
    let Some(limits) = rulebook.provider().signals.as_ref().and_then(|series| series.at(day)) else {
        return Vec::new();
    };
    let limits = limits.value;
    let mut found = Vec::new();
    let mut signal = |code, pointer: &'static str, reason| {
        found.push(Signal { code, pointer: Pointer::from(pointer), reason });
    };
    let most = limits.shared_sponsors;
    if traces.mobile_sponsors > most.into() {
        let n = traces.mobile_sponsors;
        let reason = text!(
            "手机号码还出现在另外 {n} 个主体的订单中（通常不超过 {most} 个）",
            "The mobile number is in the orders of {n} other sponsors too (usual: at most {most})"
        );
        signal("SIG001", "/sponsor/principal/mobile", reason);
    }
    if traces.person_sponsors > most.into() {
        let n = traces.person_sponsors;
        let reason = text!(
            "负责人还负责另外 {n} 个主体的备案（通常不超过 {most} 个）",
            "The person in charge is so of {n} other sponsors too (usual: at most {most})"
        );
        signal("SIG002", "/sponsor/principal/name", reason);
    }
    if traces.picture_sponsors > 0 {
        let n = traces.picture_sponsors;
        let reason = text!(
            "完全相同的图片也出现在另外 {n} 个主体的订单中",
            "The very same picture is in the orders of {n} other sponsors"
        );
        signal("SIG003", "/materials", reason);
    }
    if traces.address_sponsors > most.into() {
        let n = traces.address_sponsors;
        let reason = text!(
            "通信地址与另外 {n} 个主体相同（通常不超过 {most} 个）",
            "The address for letters is that of {n} other sponsors too (usual: at most {most})"
        );
        signal("SIG004", "/sponsor/address", reason);
    }
    if traces.account_sponsors > limits.account_sponsors.into() {
        let (n, days, most) = (traces.account_sponsors, limits.account_days, limits.account_sponsors);
        let reason = text!(
            "该账号 {days} 天内还为另外 {n} 个主体提交了备案（通常不超过 {most} 个）",
            "In {days} days the account filed for {n} other sponsors too (usual: at most {most})"
        );
        signal("SIG005", "", reason);
    }
    if traces.setbacks >= limits.setbacks.into() {
        let n = traces.setbacks;
        let reason = text!(
            "该主体此前有 {n} 个订单被退回或放弃",
            "{n} earlier orders of the sponsor were returned, refused or given up"
        );
        signal("SIG006", "", reason);
    }
    if traces.other_readings > 0 {
        let n = traces.other_readings;
        let reason = text!(
            "有 {n} 份证件照片上识别出的证件号码与填写的不一致",
            "On {n} photographs of certificates a machine reads another number than was typed"
        );
        signal("SIG009", "/materials", reason);
    }
    if let Some(named_on) = case.service.registration.real_named_on
        && named_on <= day
        && day - named_on < TimeDelta::days(limits.domain_days.into())
    {
        let (age, days) = ((day - named_on).num_days(), limits.domain_days);
        let reason = text!(
            "域名实名认证通过仅 {age} 天（短于 {days} 天）",
            "The domain's holder was verified only {age} days ago (less than {days})"
        );
        signal("SIG007", "/service/domain", reason);
    }
    if let Some(label) = case.service.domain.as_deref().and_then(|domain| domain.split('.').next())
        && let Some(reason) = looks_random(label)
    {
        signal("SIG008", "/service/domain", reason);
    }
    found
}

/// Why a label looks as if nobody had chosen it. Short ones are left alone, and those that are
/// digits throughout, which are liked in China.
fn looks_random(label: &str) -> Option<Text> {
    let letters = label.bytes().filter(u8::is_ascii_alphabetic).count();
    let digits = label.bytes().filter(u8::is_ascii_digit).count();
    if label.len() < 8 || letters == 0 || label.starts_with("xn--") {
        return None;
    }
    let changes =
        label.as_bytes().windows(2).filter(|pair| pair[0].is_ascii_digit() != pair[1].is_ascii_digit());
    if digits >= 3 && changes.count() >= 4 {
        return Some(fixed(
            "域名字母与数字交错，像是随机生成的",
            "Letters and digits alternate in the domain, as if a machine had made it",
        ));
    }
    let mut run = 0;
    let longest = label
        .bytes()
        .map(|byte| {
            run = if byte.is_ascii_alphabetic() && !b"aeiouvyAEIOUVY".contains(&byte) { run + 1 } else { 0 };
            run
        })
        .max();
    // Initials of Chinese words are consonants; a dozen of them are no name any more.
    longest.filter(|longest| *longest >= 8).map(|_| {
        fixed(
            "域名是很长的一串辅音字母，像是随机生成的",
            "The domain is a long run of consonants, as if a machine had made it",
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(case: &Case, traces: Traces) -> Vec<&'static str> {
        let rulebook = Rulebook::bundled().unwrap();
        let day = "2026-11-25".parse().unwrap();
        signals(case, &traces, &rulebook, day).into_iter().map(|signal| signal.code).collect()
    }

    #[test]
    fn an_ordinary_order_gives_none_and_each_trace_gives_its_own() {
        let case = Case::default();
        let usual = Traces {
            mobile_sponsors: 2,
            person_sponsors: 2,
            address_sponsors: 2,
            picture_sponsors: 0,
            account_sponsors: 3,
            setbacks: 2,
            other_readings: 0,
        };
        assert_eq!(codes(&case, Traces::default()), [""; 0]);
        assert_eq!(codes(&case, usual), [""; 0]);
        for (more, code) in [
            (Traces { mobile_sponsors: 3, ..usual }, "SIG001"),
            (Traces { person_sponsors: 3, ..usual }, "SIG002"),
            (Traces { picture_sponsors: 1, ..usual }, "SIG003"),
            (Traces { address_sponsors: 3, ..usual }, "SIG004"),
            (Traces { account_sponsors: 4, ..usual }, "SIG005"),
            (Traces { setbacks: 3, ..usual }, "SIG006"),
            (Traces { other_readings: 1, ..usual }, "SIG009"),
        ] {
            assert_eq!(codes(&case, more), [code]);
        }
    }

    #[test]
    fn a_domain_is_signalled_when_it_is_new_or_looks_random() {
        let with = |domain: &str, named_on: &str| {
            let mut case = Case::default();
            case.service.domain = Some(domain.to_owned());
            case.service.registration.real_named_on = Some(named_on.parse().unwrap());
            codes(&case, Traces::default())
        };
        assert_eq!(with("xizuo.cn", "2026-11-18"), [""; 0], "seven days ago");
        assert_eq!(with("xizuo.cn", "2026-11-19"), ["SIG007"]);
        assert_eq!(with("xizuo.cn", "2026-11-26"), [""; 0], "a day to come is an error elsewhere");
        for ordinary in [
            "xizuo-journey.cn",
            "10086.cn",
            "12345678.cn",
            "zgjtysb.cn",
            "a1b2.cn",
            "xn--fiq228c5hs.cn",
            "china2026.cn",
        ] {
            assert_eq!(with(ordinary, "2020-01-01"), [""; 0], "{ordinary}");
        }
        for odd in ["x7k2q9f4.cn", "bcdfghjkl.cn"] {
            assert_eq!(with(odd, "2020-01-01"), ["SIG008"], "{odd}");
        }
    }
}
