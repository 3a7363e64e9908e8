//! What a registry (域名注册管理机构) says of a domain, in RDAP (RFC 9083). Of all that it says, which is much and can name
//! people, the domain's own name and its day are read.

use beian_domain::{DomainName, NotSeen};
use chrono::{DateTime, NaiveDate};
use serde::Deserialize;

use crate::probe::clean;
use crate::timers::china_day;

/// Until when a domain is registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Registration {
    /// Until this day, as it is in China.
    Until(NaiveDate),
    /// It is not registered.
    Nobodys,
}

/// Why a registry did not tell.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RdapError {
    /// It gave no answer, or asked to wait.
    #[error("expected an answer of the registry, got {got}")]
    Silent {
        /// What happened instead.
        got: String,
    },
    /// It is at no place that may be called.
    #[error("expected a registry at a public address, got {got}")]
    MayNotBeCalled {
        /// Where it is.
        got: String,
    },
    /// It answered with something else.
    #[error("expected a domain as RFC 9083 has it, got {got}")]
    NoDomain {
        /// With what.
        got: String,
    },
    /// It answered about another.
    #[error("expected the domain {expected}, got {got}")]
    OtherDomain {
        /// Which was asked for.
        expected: String,
        /// About which.
        got: String,
    },
    /// It did not tell its day.
    #[error("expected one day with the event \"expiration\", got {got}")]
    NoDay {
        /// What stands there.
        got: String,
    },
}

impl RdapError {
    /// Why the registration was not looked at.
    pub(crate) fn not_seen(&self) -> NotSeen {
        match self {
            Self::Silent { .. } => NotSeen::RegistrySilent,
            Self::MayNotBeCalled { .. } => NotSeen::RegistryNotPublic,
            Self::NoDomain { .. } => NotSeen::RegistryUnreadable,
            Self::OtherDomain { .. } => NotSeen::RegistryOfOther,
            Self::NoDay { .. } => NotSeen::RegistryTellsNoDay,
        }
    }
}

/// The object class "domain" (RFC 9083, 5.3), as far as it is read.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Domain {
    object_class_name: Option<String>,
    ldh_name: Option<String>,
    events: Option<Vec<Event>>,
}

/// RFC 9083, 4.5.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Event {
    event_action: Option<String>,
    event_date: Option<String>,
}

/// Reads an answer about a domain.
pub(crate) fn read(text: &str, domain: &DomainName) -> Result<NaiveDate, RdapError> {
    let answer: Domain =
        serde_json::from_str(text).map_err(|error| RdapError::NoDomain { got: clean(&error.to_string()) })?;
    if let Some(class) = answer.object_class_name.filter(|class| class != "domain") {
        return Err(RdapError::NoDomain { got: format!("the object class {:?}", clean(&class)) });
    }
    let name = answer.ldh_name.ok_or_else(|| RdapError::NoDomain { got: "no ldhName".to_owned() })?;
    if !name.strip_suffix('.').unwrap_or(&name).eq_ignore_ascii_case(domain.as_ascii()) {
        return Err(RdapError::OtherDomain { expected: domain.as_ascii().to_owned(), got: clean(&name) });
    }
    let mut told: Option<NaiveDate> = None;
    for event in answer.events.unwrap_or_default() {
        // RDAP's words are in lower case; not every registry's are.
        if !event.event_action.is_some_and(|action| action.eq_ignore_ascii_case("expiration")) {
            continue;
        }
        let date = event.event_date.unwrap_or_default();
        let moment = DateTime::parse_from_rfc3339(&date)
            .map_err(|_| RdapError::NoDay { got: format!("{:?}", clean(&date)) })?;
        let day = china_day(moment.to_utc());
        if let Some(other) = told.filter(|other| *other != day) {
            return Err(RdapError::NoDay { got: format!("{other} and {day}") });
        }
        told = Some(day);
    }
    told.ok_or_else(|| RdapError::NoDay { got: "no such event".to_owned() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;

    /// What stands in RFC 9083, 5.3, cut to a few parts of each kind, with an event "expiration" among those of 4.5.
    const OF_THE_STANDARD: &str = r#"{
        "objectClassName": "domain",
        "handle": "XXXX",
        "ldhName": "xn--fo-5ja.example",
        "unicodeName": "fóo.example",
        "variants": [{
            "relation": ["registered", "conjoined"],
            "variantNames": [{ "ldhName": "xn--fo-cka.example", "unicodeName": "fõo.example" }]
        }],
        "status": ["locked", "transfer prohibited"],
        "publicIds": [{ "type": "ENS_Auth ID", "identifier": "1234567890" }],
        "nameservers": [{
            "objectClassName": "nameserver",
            "handle": "XXXX",
            "ldhName": "ns1.example.com",
            "status": ["active"],
            "ipAddresses": { "v6": ["2001:db8::123", "2001:db8::124"], "v4": ["192.0.2.1", "192.0.2.2"] },
            "events": [{ "eventAction": "last changed", "eventDate": "1991-12-31T23:59:59Z" }]
        }],
        "secureDNS": { "zoneSigned": true, "delegationSigned": true, "maxSigLife": 604800 },
        "port43": "whois.example.net",
        "events": [
            { "eventAction": "registration", "eventDate": "1990-12-31T23:59:59Z" },
            { "eventAction": "last changed", "eventDate": "1991-12-31T23:59:59Z", "eventActor": "joe@example.com" },
            { "eventAction": "expiration", "eventDate": "2027-12-31T15:59:59Z" }
        ],
        "entities": [{
            "objectClassName": "entity",
            "handle": "XXXX",
            "vcardArray": ["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Joe User"]]],
            "roles": ["registrant"],
            "events": [{ "eventAction": "expiration", "eventDate": "1999-01-01T00:00:00Z" }]
        }]
    }"#;

    /// As the registry of com answers: the name in capitals, a registrar with its own events, notices.
    const OF_VERISIGN: &str = r#"{"objectClassName":"domain","handle":"2336799_DOMAIN_COM-VRSN","ldhName":"EXAMPLE.COM",
        "links":[{"value":"https:\/\/rdap.verisign.com\/com\/v1\/domain\/EXAMPLE.COM","rel":"self",
            "href":"https:\/\/rdap.verisign.com\/com\/v1\/domain\/EXAMPLE.COM","type":"application\/rdap+json"}],
        "status":["client delete prohibited","client transfer prohibited","client update prohibited"],
        "entities":[{"objectClassName":"entity","handle":"376","roles":["registrar"],
            "publicIds":[{"type":"IANA Registrar ID","identifier":"376"}],
            "vcardArray":["vcard",[["version",{},"text","4.0"],["fn",{},"text","RESERVED-IANA"]]],
            "entities":[{"objectClassName":"entity","roles":["abuse"],"vcardArray":["vcard",[["version",{},"text","4.0"]]]}]}],
        "events":[{"eventAction":"registration","eventDate":"1995-08-14T04:00:00Z"},
            {"eventAction":"expiration","eventDate":"2027-08-13T04:00:00Z"},
            {"eventAction":"last changed","eventDate":"2026-08-14T07:01:44Z"},
            {"eventAction":"last update of RDAP database","eventDate":"2026-11-22T03:15:08Z"}],
        "secureDNS":{"delegationSigned":true,"dsData":[{"keyTag":370,"algorithm":13,"digestType":2,"digest":"BE74"}]},
        "nameservers":[{"objectClassName":"nameserver","ldhName":"A.IANA-SERVERS.NET"}],
        "rdapConformance":["rdap_level_0","icann_rdap_technical_implementation_guide_1"],
        "notices":[{"title":"Terms of Use","description":["Service subject to Terms of Use."]}]}"#;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_registry_tells_the_day_of_the_domain_itself() {
        let standard = read(OF_THE_STANDARD, &"fóo.example".parse().unwrap());
        assert_eq!(standard, Ok(day("2027-12-31")));
        assert_eq!(read(OF_VERISIGN, &"example.com".parse().unwrap()), Ok(day("2027-08-13")));
        let late = OF_VERISIGN.replace("2027-08-13T04:00:00Z", "2027-08-13T16:00:00.000Z");
        assert_eq!(read(&late, &"example.com".parse().unwrap()), Ok(day("2027-08-14")), "already, in China");
        let west = OF_VERISIGN.replace("2027-08-13T04:00:00Z", "2027-08-13T23:00:00-05:00");
        assert_eq!(read(&west, &"example.com".parse().unwrap()), Ok(day("2027-08-14")));
        let rooted = OF_VERISIGN.replace("\"EXAMPLE.COM\"", "\"Example.com.\"");
        assert_eq!(read(&rooted, &"example.com".parse().unwrap()), Ok(day("2027-08-13")));
    }

    #[test]
    fn what_is_no_such_answer_tells_nothing() {
        use NotSeen::{RegistryOfOther, RegistryTellsNoDay, RegistryUnreadable};
        let domain = "example.com".parse().unwrap();
        let with = |before: &str, after: &str| {
            assert!(OF_VERISIGN.contains(before), "{before}");
            OF_VERISIGN.replace(before, after)
        };
        let expiration = r#"{"eventAction":"expiration","eventDate":"2027-08-13T04:00:00Z"}"#;
        for (text, why) in [
            (String::new(), RegistryUnreadable),
            ("<html>Too many requests</html>".to_owned(), RegistryUnreadable),
            ("[]".to_owned(), RegistryUnreadable),
            ("{}".to_owned(), RegistryUnreadable),
            ("[".repeat(100_000), RegistryUnreadable),
            (OF_VERISIGN[..400].to_owned(), RegistryUnreadable),
            (with(r#""objectClassName":"domain""#, r#""objectClassName":"entity""#), RegistryUnreadable),
            (with(r#""ldhName":"EXAMPLE.COM","#, ""), RegistryUnreadable),
            (with(r#""ldhName":"EXAMPLE.COM""#, r#""ldhName":5"#), RegistryUnreadable),
            (with(r#""EXAMPLE.COM""#, r#""EXAMPLE.COM.CN""#), RegistryOfOther),
            (with(r#""EXAMPLE.COM""#, r#""""#), RegistryOfOther),
            (with(r#""EXAMPLE.COM""#, "\"<b>\u{202e}\\u001b[31m\""), RegistryOfOther),
            (with(expiration, "{}"), RegistryTellsNoDay),
            (with(r#""expiration""#, r#""registrar expiration""#), RegistryTellsNoDay),
            (with("2027-08-13T04:00:00Z", "2027-08-13"), RegistryTellsNoDay),
            (with("2027-08-13T04:00:00Z", "2027-02-30T04:00:00Z"), RegistryTellsNoDay),
            (with("2027-08-13T04:00:00Z", "13.8.2027"), RegistryTellsNoDay),
            (with(r#","eventDate":"2027-08-13T04:00:00Z""#, ""), RegistryTellsNoDay),
            (with(r#""last changed""#, r#""expiration""#), RegistryTellsNoDay),
        ] {
            let error = read(&text, &domain).unwrap_err();
            assert_eq!(error.not_seen(), why, "{error}");
            let told = error.to_string();
            assert!(told.starts_with("expected ") && told.contains(", got "), "{told}");
            assert!(told.len() < 500 && !told.contains(['\u{1b}', '\u{202e}']), "{told:?}");
        }
    }
}
