//! The one way from a case to a filing: every part parsed, or the first that is missing named.

use super::*;

impl Filing {
    /// Parses a case into what can be sent for an order of a kind.
    pub fn from_case(
        case: &Case,
        kind: FilingKind,
        enclosures: Enclosures,
    ) -> Result<Self, IncompleteFiling> {
        let Enclosures { access, materials, record } = enclosures;
        let access = || access.ok_or_else(|| missing("/access/resource"));
        let record = || record.as_ref().ok_or_else(|| missing("/record"));
        let ids = || record()?.ids.ok_or_else(|| missing("/record"));
        let service_number = || record()?.service.clone().ok_or_else(|| missing("/record"));
        let password = case.filing_password.as_ref().and_then(FilingPassword::from_digest);
        let cancel = |target| {
            Ok(Self::Cancel(CancelledRecord {
                target,
                reason: case.cancellation.reason.ok_or_else(|| missing("/cancellation/reason"))?,
                remark: case.cancellation.remark.clone().filter(|remark| !remark.is_empty()),
                password: password.clone(),
            }))
        };
        match kind {
            FilingKind::FirstFiling => {
                let (sponsor, service) = (sponsor(case)?, service(case)?);
                let materials = with_shared_documents(materials, &sponsor, &service);
                Ok(Self::First(Box::new(FirstFiling { sponsor, service, access: access()?, materials })))
            }
            FilingKind::AddService => {
                let (sponsor, service) = (sponsor(case)?, service(case)?);
                let materials = with_shared_documents(materials, &sponsor, &service);
                Ok(Self::AddService(Box::new(AddedService {
                    sponsor: record()?.sponsor.clone(),
                    service,
                    access: access()?,
                    materials,
                    password,
                })))
            }
            FilingKind::AddAccess => Ok(Self::AddAccess(AddedAccess {
                service: service_number()?,
                access: access()?,
                materials,
                password: password.ok_or_else(|| missing("/filing-password"))?,
            })),
            FilingKind::ChangeSponsor | FilingKind::ChangeService | FilingKind::ChangeAccess => {
                let (sponsor, service) = (sponsor(case)?, service(case)?);
                let materials = with_shared_documents(materials, &sponsor, &service);
                Ok(Self::Change(Box::new(ChangedRecord {
                    sponsor_number: record()?.sponsor.clone(),
                    service_number: service_number()?,
                    ids: ids()?,
                    sponsor,
                    service,
                    access: access()?,
                    materials,
                })))
            }
            FilingKind::CancelSponsor => cancel(CancellationTarget::Sponsor(ids()?.sponsor)),
            FilingKind::CancelService => cancel(CancellationTarget::Service(ids()?.service)),
            FilingKind::CancelAccess => cancel(CancellationTarget::Access(ids()?.access)),
            FilingKind::SupplementMaterials => {
                if materials.is_empty() {
                    return Err(missing("/materials"));
                }
                Ok(Self::Supplement(SuppliedMaterials {
                    sponsor: record()?.sponsor.clone(),
                    service: service_number()?,
                    materials,
                }))
            }
        }
    }
}

fn sponsor(case: &Case) -> Result<FilingSponsor, IncompleteFiling> {
    let sponsor = &case.sponsor;
    let (certificate_kind, stated_number) = sponsor.certificate.stated();
    let certificate_kind = certificate_kind.ok_or_else(|| missing("/sponsor/certificate/kind"))?;
    Ok(FilingSponsor {
        nature: sponsor.nature.ok_or_else(|| missing("/sponsor/nature"))?,
        name: required(sponsor.name.as_ref(), "/sponsor/name")?,
        investor: optional(sponsor.investor.as_ref(), "/sponsor/investor")?,
        certificate_kind,
        certificate_number: certificate_number(
            certificate_kind,
            stated_number,
            "/sponsor/certificate/number",
        )?,
        certificate_address: required(sponsor.certificate.address.as_ref(), "/sponsor/certificate/address")?,
        division: sponsor.division.filter(|d| d.is_county()).ok_or_else(|| missing("/sponsor/division"))?,
        address: required(sponsor.address.as_ref(), "/sponsor/address")?,
        principal: principal(&sponsor.principal, "/sponsor/principal")?,
        remark: optional(sponsor.remark.as_ref(), "/sponsor/remark")?,
    })
}

fn service(case: &Case) -> Result<FilingService, IncompleteFiling> {
    let stated = &case.service;
    let domain: DomainName = stated
        .domain
        .as_deref()
        .ok_or_else(|| missing("/service/domain"))?
        .parse()
        .map_err(|error| invalid("/service/domain", &error))?;
    let service_principal = case.service_principal().ok_or_else(|| missing("/service/principal"))?;
    let service_at = match &stated.principal {
        Some(crate::ServicePrincipal::Other(_)) => "/service/principal/other",
        _ => "/sponsor/principal",
    };
    if stated.contents.is_empty() {
        return Err(missing("/service/contents"));
    }
    if stated.languages.is_empty() {
        return Err(missing("/service/languages"));
    }
    let name = stated.name.clone().ok_or_else(|| missing("/service/name"))?;
    carried(&name, "/service/name")?;
    if let Some(remark) = &stated.remark {
        carried(remark, "/service/remark")?;
    }
    Ok(FilingService {
        kind: stated.kind,
        releases: releases(stated)?,
        name,
        home_url: stated
            .home_url
            .clone()
            .filter(|url| !url.is_empty())
            .unwrap_or_else(|| format!("www.{}", domain.as_ascii())),
        domain,
        contents: stated.contents.clone(),
        languages: stated.languages.clone(),
        principal: principal(service_principal, service_at)?,
        remark: stated.remark.clone().filter(|remark| !remark.is_empty()),
    })
}

/// What is stated of other kinds' platforms, a website's among them, is not sent.
fn releases(service: &Service) -> Result<Vec<FilingRelease>, IncompleteFiling> {
    let own = service.releases.iter().filter(|(platform, _)| platform.service_kind() == service.kind);
    let releases: Vec<FilingRelease> =
        own.map(|(platform, stated)| release(*platform, stated)).collect::<Result<_, _>>()?;
    if releases.is_empty() && !service.kind.is_website() {
        return Err(missing("/service/releases"));
    }
    Ok(releases)
}

fn release(platform: AppPlatform, stated: &Release) -> Result<FilingRelease, IncompleteFiling> {
    fn parsed<T: std::str::FromStr<Err = ReleaseError>>(
        platform: AppPlatform,
        name: &str,
        text: Option<&String>,
    ) -> Result<T, IncompleteFiling> {
        let pointer = Pointer(format!("/service/releases/{}/{name}", platform.slug()).into());
        let parsed = text.map_or("", String::as_str).parse();
        parsed.map_err(|error: ReleaseError| IncompleteFiling { pointer, expected: error.to_string() })
    }
    let is_signed = platform.is_signed_by_maker();
    Ok(FilingRelease {
        platform,
        identifier: parsed(platform, "identifier", stated.identifier.as_ref())?,
        public_key: is_signed
            .then(|| parsed(platform, "public-key", stated.public_key.as_ref()))
            .transpose()?,
        fingerprint: is_signed
            .then(|| parsed(platform, "fingerprint", stated.fingerprint.as_ref()))
            .transpose()?,
    })
}

/// One person can stand in several places, and then one document proves
/// several things: it is asked for once and sent for each.
fn with_shared_documents(
    mut materials: Vec<FilingMaterial>,
    sponsor: &FilingSponsor,
    service: &FilingService,
) -> Vec<FilingMaterial> {
    use MaterialUse::{ServicePrincipalCertificate, SponsorCertificate, SponsorPrincipalCertificate};
    let is_sponsor = sponsor.principal.certificate_number == sponsor.certificate_number;
    let is_principal = service.principal.certificate_number == sponsor.principal.certificate_number;
    for (purpose, source, is_same) in [
        (SponsorPrincipalCertificate, SponsorCertificate, is_sponsor),
        (ServicePrincipalCertificate, SponsorPrincipalCertificate, is_principal),
    ] {
        let find = |wanted| materials.iter().find(|material| material.purpose == wanted);
        if is_same
            && find(purpose).is_none()
            && let Some(document) = find(source)
        {
            let copy = FilingMaterial { purpose, ..document.clone() };
            materials.push(copy);
        }
    }
    materials
}

fn principal(principal: &Principal, at: &'static str) -> Result<FilingPrincipal, IncompleteFiling> {
    let below = |name: &str| Pointer(format!("{at}/{name}").into());
    let text = |value: Option<&Personal>, name: &str| {
        value
            .filter(|value| !value.expose().is_empty())
            .cloned()
            .ok_or_else(|| IncompleteFiling { pointer: below(name), expected: "an answer".to_owned() })
    };
    let kind = principal.certificate_kind.ok_or_else(|| IncompleteFiling {
        pointer: below("certificate-kind"),
        expected: "an answer".to_owned(),
    })?;
    let name = text(principal.name.as_ref(), "name")?;
    check_gbk(name.expose())
        .map_err(|error| IncompleteFiling { pointer: below("name"), expected: error.to_string() })?;
    let number = text(principal.certificate_number.as_ref(), "certificate-number")?;
    let parse = |error: &dyn std::fmt::Display, name: &str| IncompleteFiling {
        pointer: below(name),
        expected: error.to_string(),
    };
    Ok(FilingPrincipal {
        name,
        certificate_kind: kind,
        certificate_number: CertificateNumber::parse(kind, number.expose())
            .map_err(|error| parse(&error, "certificate-number"))?,
        mobile: text(principal.mobile.as_ref(), "mobile")?
            .expose()
            .parse()
            .map_err(|error| parse(&error, "mobile"))?,
        office_phone: principal
            .office_phone
            .as_ref()
            .filter(|phone| !phone.expose().is_empty())
            .map(|phone| phone.expose().parse())
            .transpose()
            .map_err(|error| parse(&error, "office-phone"))?,
        email: text(principal.email.as_ref(), "email")?
            .expose()
            .parse()
            .map_err(|error| parse(&error, "email"))?,
    })
}

fn certificate_number(
    kind: CertificateKind,
    number: Option<&Personal>,
    at: &'static str,
) -> Result<CertificateNumber, IncompleteFiling> {
    let number = number.ok_or_else(|| missing(at))?;
    CertificateNumber::parse(kind, number.expose()).map_err(|error| invalid(at, &error))
}

fn required(value: Option<&Personal>, at: &'static str) -> Result<Personal, IncompleteFiling> {
    let value = value.filter(|value| !value.expose().is_empty()).ok_or_else(|| missing(at))?;
    carried(value.expose(), at)?;
    Ok(value.clone())
}

fn optional(value: Option<&Personal>, at: &'static str) -> Result<Option<Personal>, IncompleteFiling> {
    value.filter(|value| !value.expose().is_empty()).map(|value| required(Some(value), at)).transpose()
}

fn carried(text: &str, at: &'static str) -> Result<(), IncompleteFiling> {
    check_gbk(text).map_err(|error| invalid(at, &error))
}

fn missing(at: &'static str) -> IncompleteFiling {
    IncompleteFiling { pointer: at.into(), expected: "an answer".to_owned() }
}

fn invalid(at: &'static str, error: &dyn std::fmt::Display) -> IncompleteFiling {
    IncompleteFiling { pointer: at.into(), expected: error.to_string() }
}
