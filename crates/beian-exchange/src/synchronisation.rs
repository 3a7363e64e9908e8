//! All that the regulator has of a provider (备案数据同步), service by service and range by range.

use std::collections::BTreeMap;

use beian_domain::{DomainName, Personal, ServiceFilingNumber, Text};
use beian_wire::ReadError;
use beian_wire::download::{
    DownloadContent, DownloadDocument, IssuedRecord, IssuedSponsor, IssuedWebsite, SyncedData,
};

use crate::addresses::{self, RegisteredAddress};

/// What a file of a full synchronisation tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Synchronised {
    /// Services (备案数据).
    Services(Vec<RegisteredService>),
    /// Ranges of addresses (IP地址备案).
    Addresses(Vec<RegisteredAddress>),
}

/// A service as the regulator has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegisteredService {
    /// Its number; as it was written, if it is none.
    pub number: Result<ServiceFilingNumber, String>,
    /// Its first domain, as it was written.
    pub domain: String,
    /// What the regulator says of it. Not every file says everything.
    pub fields: BTreeMap<RecordField, Personal>,
}

/// A field in which a record here and the same record there can differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RecordField {
    /// Name of the sponsor (主办单位名称).
    SponsorName,
    /// Nature of the sponsor (单位性质), by its code.
    SponsorNature,
    /// Kind of the sponsor's certificate (证件类型), by its code.
    CertificateKind,
    /// Number of the sponsor's certificate (证件号码).
    CertificateNumber,
    /// Postal address of the sponsor (通信地址).
    SponsorAddress,
    /// Name of the sponsor principal (主体负责人).
    PrincipalName,
    /// Mobile telephone of the sponsor principal (手机).
    PrincipalMobile,
    /// Mail address of the sponsor principal (邮箱).
    PrincipalEmail,
    /// Name of the service (网站名称).
    ServiceName,
    /// Domain of the service (域名).
    Domain,
    /// What the service offers (服务内容), by codes.
    Contents,
    /// Languages of the service (语种), by codes.
    Languages,
    /// Name of the service principal (网站负责人).
    ServicePrincipalName,
    /// Mobile telephone of the service principal (手机).
    ServicePrincipalMobile,
}

impl RecordField {
    /// Every field, in the order of a report.
    pub const ALL: [Self; 14] = [
        Self::SponsorName,
        Self::SponsorNature,
        Self::CertificateKind,
        Self::CertificateNumber,
        Self::SponsorAddress,
        Self::PrincipalName,
        Self::PrincipalMobile,
        Self::PrincipalEmail,
        Self::ServiceName,
        Self::Domain,
        Self::Contents,
        Self::Languages,
        Self::ServicePrincipalName,
        Self::ServicePrincipalMobile,
    ];

    /// What it is called.
    pub fn label(self) -> Text {
        match self {
            Self::SponsorName => Text::new("主办单位名称", "Name of the sponsor"),
            Self::SponsorNature => Text::new("单位性质", "Nature of the sponsor"),
            Self::CertificateKind => Text::new("证件类型", "Kind of certificate"),
            Self::CertificateNumber => Text::new("证件号码", "Number of the certificate"),
            Self::SponsorAddress => Text::new("通信地址", "Postal address"),
            Self::PrincipalName => Text::new("主体负责人姓名", "Name of the sponsor principal"),
            Self::PrincipalMobile => Text::new("主体负责人手机", "Mobile of the sponsor principal"),
            Self::PrincipalEmail => Text::new("主体负责人邮箱", "E-mail of the sponsor principal"),
            Self::ServiceName => Text::new("网站名称", "Name of the service"),
            Self::Domain => Text::new("域名", "Domain"),
            Self::Contents => Text::new("服务内容", "Contents"),
            Self::Languages => Text::new("语种", "Languages"),
            Self::ServicePrincipalName => Text::new("网站负责人姓名", "Name of the service principal"),
            Self::ServicePrincipalMobile => Text::new("网站负责人手机", "Mobile of the service principal"),
        }
    }

    /// Whether a value of it is about a person, and is masked.
    pub fn is_personal(self) -> bool {
        match self {
            Self::SponsorName
            | Self::CertificateNumber
            | Self::SponsorAddress
            | Self::PrincipalName
            | Self::PrincipalMobile
            | Self::PrincipalEmail
            | Self::ServicePrincipalName
            | Self::ServicePrincipalMobile => true,
            Self::SponsorNature
            | Self::CertificateKind
            | Self::ServiceName
            | Self::Domain
            | Self::Contents
            | Self::Languages => false,
        }
    }
}

/// What a file of a full synchronisation, or one with filed data, tells.
///
/// # Errors
/// If it is none, or of another kind.
pub fn read_synchronisation(file: &[u8]) -> Result<Synchronised, ReadError> {
    let records = match DownloadDocument::from_gbk_xml(file)?.content {
        DownloadContent::Synchronisation(SyncedData::Filings(records)) => records,
        DownloadContent::Filings(filings) => filings.records,
        DownloadContent::Synchronisation(SyncedData::Addresses(records)) => {
            return Ok(Synchronised::Addresses(addresses::registered(&records)));
        }
        _ => return Err(ReadError::NotText),
    };
    let services = |record: IssuedRecord| {
        let IssuedRecord { sponsor, websites, .. } = record;
        websites.into_iter().map(move |website| service(&sponsor, website)).collect::<Vec<_>>()
    };
    Ok(Synchronised::Services(records.into_iter().flat_map(services).collect()))
}

fn service(sponsor: &IssuedSponsor, website: IssuedWebsite) -> RegisteredService {
    use RecordField as F;
    let written = website.filing_number.unwrap_or_default();
    let mut fields = BTreeMap::new();
    let mut put = |field, value: Option<String>| {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            fields.insert(field, Personal::new(value));
        }
    };
    put(F::SponsorName, Some(sponsor.name.clone()));
    put(F::SponsorNature, sponsor.nature.map(|code| code.to_string()));
    put(F::CertificateKind, Some(sponsor.certificate.kind.to_string()));
    put(F::CertificateNumber, Some(sponsor.certificate.number.clone()));
    put(F::SponsorAddress, sponsor.address.detail.clone());
    put(F::PrincipalName, sponsor.principal.name.clone());
    put(F::PrincipalMobile, sponsor.principal.details.mobile.clone());
    put(F::PrincipalEmail, Some(sponsor.principal.email.clone()));
    put(F::ServiceName, Some(website.name));
    let mut domains: Vec<String> = website.domains.iter().map(|domain| plain_domain(&domain.name)).collect();
    domains.sort();
    put(F::Domain, Some(domains.join(" ")));
    put(F::Contents, Some(codes(&website.contents)));
    put(F::Languages, Some(codes(&website.languages)));
    put(F::ServicePrincipalName, Some(website.principal.name));
    put(F::ServicePrincipalMobile, website.principal.details.mobile);
    RegisteredService {
        number: written.trim().parse().map_err(|_| written.clone()),
        domain: website.domains.into_iter().next().map(|domain| domain.name).unwrap_or_default(),
        fields,
    }
}

fn plain_domain(written: &str) -> String {
    DomainName::from_host(written).map_or_else(|_| written.to_owned(), |domain| domain.as_ascii().to_owned())
}

/// Codes as a report of differences shows them.
pub fn codes(codes: &[u8]) -> String {
    let mut codes = codes.to_vec();
    codes.sort_unstable();
    codes.iter().map(u8::to_string).collect::<Vec<_>>().join(" ")
}
