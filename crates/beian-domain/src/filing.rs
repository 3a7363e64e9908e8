//! What can be sent to the regulator.

use std::net::Ipv4Addr;

use crate::{
    AccessMethod, Case, CertificateKind, CertificateNumber, DivisionCode, DomainName, EmailAddress,
    ImageFormat, LanguageCode, MaterialUse, MobileNumber, OfficePhone, Personal, Pointer, Principal,
    ServiceContentCode, SponsorNature, check_gbk,
};

/// A first filing (首次备案) in which every part is present and parsed.
#[derive(Debug, Clone)]
pub struct Filing {
    /// Who files.
    pub sponsor: FilingSponsor,
    /// What is filed.
    pub service: FilingService,
    /// The pictures, as the interface takes them.
    pub materials: Vec<FilingMaterial>,
}

/// Who files.
#[derive(Debug, Clone)]
pub struct FilingSponsor {
    /// Its nature.
    pub nature: SponsorNature,
    /// Its name.
    pub name: Personal,
    /// Investor or superior unit.
    pub investor: Option<Personal>,
    /// Kind of its certificate.
    pub certificate_kind: CertificateKind,
    /// Number of its certificate.
    pub certificate_number: CertificateNumber,
    /// Address on the certificate.
    pub certificate_address: Personal,
    /// Where it files: a county, or a city that has none (东莞, 中山, 儋州, 嘉峪关).
    pub division: DivisionCode,
    /// Address for letters.
    pub address: Personal,
    /// Who is in charge of it.
    pub principal: FilingPrincipal,
    /// Remark.
    pub remark: Option<Personal>,
}

/// A person in charge.
#[derive(Debug, Clone)]
pub struct FilingPrincipal {
    /// Name.
    pub name: Personal,
    /// Kind of certificate.
    pub certificate_kind: CertificateKind,
    /// Certificate number.
    pub certificate_number: CertificateNumber,
    /// Mobile number.
    pub mobile: MobileNumber,
    /// Office telephone; units have one.
    pub office_phone: Option<OfficePhone>,
    /// E-mail address.
    pub email: EmailAddress,
}

/// What is filed.
#[derive(Debug, Clone)]
pub struct FilingService {
    /// Its name.
    pub name: String,
    /// Its domain.
    pub domain: DomainName,
    /// Its home page, without a scheme.
    pub home_url: String,
    /// What it offers; at least one.
    pub contents: Vec<ServiceContentCode>,
    /// Its languages; at least one.
    pub languages: Vec<LanguageCode>,
    /// Who is in charge of it.
    pub principal: FilingPrincipal,
    /// Remark.
    pub remark: Option<String>,
    /// The public address it is served on.
    pub address: Ipv4Addr,
    /// How it is connected.
    pub access_method: AccessMethod,
    /// The regulator's code of the province where the server stands (服务器放置地).
    pub server_location: u8,
}

/// A picture within the interface's limits.
#[derive(Debug, Clone)]
pub struct FilingMaterial {
    /// What it proves.
    pub purpose: MaterialUse,
    /// Its format.
    pub format: ImageFormat,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// A case that cannot be sent: the verdict should have said so before.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} at {pointer}")]
pub struct IncompleteFiling {
    /// The field.
    pub pointer: Pointer,
    /// What is expected there.
    pub expected: String,
}

impl Filing {
    /// Parses a case into what can be sent. `address` and `server_location` are
    /// those of the chosen resource, `materials` the derived pictures.
    pub fn from_case(
        case: &Case,
        address: Ipv4Addr,
        server_location: u8,
        materials: Vec<FilingMaterial>,
    ) -> Result<Self, IncompleteFiling> {
        let sponsor = &case.sponsor;
        let nature = sponsor.nature.ok_or_else(|| missing("/sponsor/nature"))?;
        let (certificate_kind, stated_number) = sponsor.certificate.stated();
        let certificate_kind = certificate_kind.ok_or_else(|| missing("/sponsor/certificate/kind"))?;
        let domain: DomainName = case
            .service
            .domain
            .as_deref()
            .ok_or_else(|| missing("/service/domain"))?
            .parse()
            .map_err(|error| invalid("/service/domain", &error))?;
        let service_principal = case.service_principal().ok_or_else(|| missing("/service/principal"))?;
        let service_at = match &case.service.principal {
            Some(crate::ServicePrincipal::Other(_)) => "/service/principal/other",
            _ => "/sponsor/principal",
        };
        if case.service.contents.is_empty() {
            return Err(missing("/service/contents"));
        }
        if case.service.languages.is_empty() {
            return Err(missing("/service/languages"));
        }
        let name = case.service.name.clone().ok_or_else(|| missing("/service/name"))?;
        carried(&name, "/service/name")?;
        if let Some(remark) = &case.service.remark {
            carried(remark, "/service/remark")?;
        }
        Ok(Self {
            sponsor: FilingSponsor {
                nature,
                name: required(sponsor.name.as_ref(), "/sponsor/name")?,
                investor: optional(sponsor.investor.as_ref(), "/sponsor/investor")?,
                certificate_kind,
                certificate_number: certificate_number(
                    certificate_kind,
                    stated_number,
                    "/sponsor/certificate/number",
                )?,
                certificate_address: required(
                    sponsor.certificate.address.as_ref(),
                    "/sponsor/certificate/address",
                )?,
                division: sponsor
                    .division
                    .filter(|d| d.is_county())
                    .ok_or_else(|| missing("/sponsor/division"))?,
                address: required(sponsor.address.as_ref(), "/sponsor/address")?,
                principal: principal(&sponsor.principal, "/sponsor/principal")?,
                remark: optional(sponsor.remark.as_ref(), "/sponsor/remark")?,
            },
            service: FilingService {
                name,
                home_url: case
                    .service
                    .home_url
                    .clone()
                    .filter(|url| !url.is_empty())
                    .unwrap_or_else(|| format!("www.{}", domain.as_ascii())),
                domain,
                contents: case.service.contents.clone(),
                languages: case.service.languages.clone(),
                principal: principal(service_principal, service_at)?,
                remark: case.service.remark.clone(),
                address,
                access_method: AccessMethod::Cloud,
                server_location,
            },
            materials,
        }
        .with_shared_documents())
    }

    /// One person can stand in several places, and then one document proves
    /// several things: it is asked for once and sent for each.
    fn with_shared_documents(mut self) -> Self {
        use MaterialUse::{ServicePrincipalCertificate, SponsorCertificate, SponsorPrincipalCertificate};
        let sponsor = &self.sponsor;
        let is_sponsor = sponsor.principal.certificate_number == sponsor.certificate_number;
        let is_principal = self.service.principal.certificate_number == sponsor.principal.certificate_number;
        for (purpose, source, is_same) in [
            (SponsorPrincipalCertificate, SponsorCertificate, is_sponsor),
            (ServicePrincipalCertificate, SponsorPrincipalCertificate, is_principal),
        ] {
            let find = |wanted| self.materials.iter().find(|material| material.purpose == wanted);
            if is_same
                && find(purpose).is_none()
                && let Some(document) = find(source)
            {
                let copy = FilingMaterial { purpose, ..document.clone() };
                self.materials.push(copy);
            }
        }
        self
    }
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{ServicePrincipal, practice};

    fn individual() -> Case {
        let person = practice::PEOPLE[0];
        let mut case = Case::default();
        let sponsor = &mut case.sponsor;
        sponsor.nature = Some(SponsorNature::Individual);
        sponsor.name = Some(Personal::new(person.name));
        sponsor.certificate.kind = Some(CertificateKind::ResidentIdCard);
        sponsor.certificate.number = Some(Personal::new(person.resident_id));
        sponsor.certificate.address = Some(Personal::new("广东省深圳市南山区习作路1号"));
        sponsor.division = "440305".parse().ok();
        sponsor.address = Some(Personal::new("习作路1号"));
        sponsor.principal.name = Some(Personal::new(person.name));
        sponsor.principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
        sponsor.principal.certificate_number = Some(Personal::new(person.resident_id));
        sponsor.principal.mobile = Some(Personal::new(person.mobile));
        sponsor.principal.email = Some(Personal::new(person.email));
        case.service.name = Some("习作的小站".to_owned());
        case.service.domain = Some("xizuo.cn".to_owned());
        case.service.contents = vec![ServiceContentCode::try_from(24).unwrap()];
        case.service.languages = vec![LanguageCode::try_from(1).unwrap()];
        case.service.principal = Some(ServicePrincipal::SameAsSponsor);
        case
    }

    fn uses(case: &Case, handed_in: &[MaterialUse]) -> Vec<MaterialUse> {
        let materials = handed_in
            .iter()
            .map(|purpose| FilingMaterial { purpose: *purpose, format: ImageFormat::Jpeg, content: vec![1] })
            .collect();
        let filing = Filing::from_case(case, Ipv4Addr::new(203, 0, 113, 1), 5, materials).unwrap();
        filing.materials.iter().map(|material| material.purpose).collect()
    }

    #[test]
    fn one_document_is_sent_for_everything_that_it_proves() {
        use MaterialUse as M;
        let mut case = individual();
        assert_eq!(
            uses(&case, &[M::SponsorCertificate]),
            [M::SponsorCertificate, M::SponsorPrincipalCertificate, M::ServicePrincipalCertificate]
        );
        let own = [M::SponsorCertificate, M::SponsorPrincipalCertificate, M::ServicePrincipalCertificate];
        assert_eq!(uses(&case, &own), own);
        let mut other = case.sponsor.principal.clone();
        other.certificate_number = Some(Personal::new(practice::PEOPLE[1].resident_id));
        case.service.principal = Some(ServicePrincipal::Other(other));
        assert_eq!(
            uses(&case, &[M::SponsorCertificate]),
            [M::SponsorCertificate, M::SponsorPrincipalCertificate]
        );
    }

    #[test]
    fn what_is_missing_or_cannot_be_sent_is_named() {
        let fails = |spoil: fn(&mut Case)| {
            let mut case = individual();
            spoil(&mut case);
            Filing::from_case(&case, Ipv4Addr::LOCALHOST, 5, Vec::new()).unwrap_err().pointer.to_string()
        };
        assert_eq!(fails(|case| case.sponsor.name = None), "/sponsor/name");
        assert_eq!(fails(|case| case.sponsor.name = Some(Personal::new("张𠮷"))), "/sponsor/name");
        assert_eq!(fails(|case| case.service.domain = Some("localhost".to_owned())), "/service/domain");
        assert_eq!(
            fails(|case| case.sponsor.principal.mobile = Some(Personal::new("1"))),
            "/sponsor/principal/mobile"
        );
        assert_eq!(fails(|case| case.service.contents.clear()), "/service/contents");
    }
}
