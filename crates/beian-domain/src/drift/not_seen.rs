//! Why something of a record was not looked at.

use serde::{Deserialize, Serialize};

/// Why something was not looked at: no finding, and no all-clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NotSeen {
    /// The name server gave no answer that can be trusted.
    NameServerSilent,
    /// It is not known which addresses are ours.
    RangesUnknown,
    /// The domain does not lead here: the site is not ours to call.
    NotServedHere,
    /// It leads into a network that must not be called.
    MayNotBeCalled,
    /// The site gave no answer.
    SiteSilent,
    /// The site answered with something else than a page.
    NoPage,
    /// A provider's page stands in its place (未备案拦截页).
    BlockPage,
    /// The site's robots.txt keeps programs away.
    RobotsForbid,
    /// The site's robots.txt could not be read: then programs stay away (RFC 9309, 2.3.1.4).
    RobotsUnreadable,
    /// Visitors are sent on to another domain, whose number stands there.
    SentElsewhere,
    /// The page has no text before a script has run.
    ScriptOnly,
    /// A picture leads to the regulator's site, and may show the number.
    InPicture,
    /// The page is longer than is read.
    TooLong,
    /// The site has no HTTPS.
    NoTls,
    /// The service is no website: it has no home page.
    NotAWebsite,
    /// What was filed does not say.
    NotOnFile,
    /// No RDAP service of the domain's registry is known: what is on file is all there is.
    NoRegistryService,
    /// The registry gave no answer, or asked to wait.
    RegistrySilent,
    /// The registry is at an address that may not be called.
    RegistryNotPublic,
    /// The registry does not know the domain, but the domain leads somewhere.
    RegistryContradicted,
    /// The registry answered with something else than a domain.
    RegistryUnreadable,
    /// The registry answered about another domain.
    RegistryOfOther,
    /// The registry does not tell until when the domain is registered.
    RegistryTellsNoDay,
    /// What is kept of the record could not be read here.
    RecordUnreadable,
}

impl NotSeen {
    /// Every reason.
    pub const ALL: [Self; 24] = [
        Self::NameServerSilent,
        Self::RangesUnknown,
        Self::NotServedHere,
        Self::MayNotBeCalled,
        Self::SiteSilent,
        Self::NoPage,
        Self::BlockPage,
        Self::RobotsForbid,
        Self::RobotsUnreadable,
        Self::SentElsewhere,
        Self::ScriptOnly,
        Self::InPicture,
        Self::TooLong,
        Self::NoTls,
        Self::NotAWebsite,
        Self::NotOnFile,
        Self::NoRegistryService,
        Self::RegistrySilent,
        Self::RegistryNotPublic,
        Self::RegistryContradicted,
        Self::RegistryUnreadable,
        Self::RegistryOfOther,
        Self::RegistryTellsNoDay,
        Self::RecordUnreadable,
    ];

    /// Whether it may be otherwise in an hour, so that it is worth another look before its time. Not that of a registry:
    /// its silence is that of all its domains, and each look asks the site again, too.
    pub fn is_passing(self) -> bool {
        matches!(
            self,
            Self::NameServerSilent
                | Self::SiteSilent
                | Self::NoPage
                | Self::RobotsUnreadable
                | Self::RecordUnreadable
        )
    }

    /// The name that is stored.
    pub fn slug(self) -> &'static str {
        match self {
            Self::NameServerSilent => "name-server-silent",
            Self::RangesUnknown => "ranges-unknown",
            Self::NotServedHere => "not-served-here",
            Self::MayNotBeCalled => "may-not-be-called",
            Self::SiteSilent => "site-silent",
            Self::NoPage => "no-page",
            Self::BlockPage => "block-page",
            Self::RobotsForbid => "robots-forbid",
            Self::RobotsUnreadable => "robots-unreadable",
            Self::SentElsewhere => "sent-elsewhere",
            Self::ScriptOnly => "script-only",
            Self::InPicture => "in-picture",
            Self::TooLong => "too-long",
            Self::NoTls => "no-tls",
            Self::NotAWebsite => "not-a-website",
            Self::NotOnFile => "not-on-file",
            Self::NoRegistryService => "no-registry-service",
            Self::RegistrySilent => "registry-silent",
            Self::RegistryNotPublic => "registry-not-public",
            Self::RegistryContradicted => "registry-contradicted",
            Self::RegistryUnreadable => "registry-unreadable",
            Self::RegistryOfOther => "registry-of-other",
            Self::RegistryTellsNoDay => "registry-tells-no-day",
            Self::RecordUnreadable => "record-unreadable",
        }
    }
}
