//! Where to file (备案地域).

use beian_domain::{Case, CertificateNumber, DivisionCode, Text};

use crate::Rulebook;

/// A division to file in, and why it is proposed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RegionProposal {
    /// The division; perhaps a city or province only.
    pub division: DivisionCode,
    /// Why.
    pub why: Text,
}

/// Proposes where to file. The address on the certificate decides; the code
/// inside the number is frozen at issue, so it only proposes.
pub fn propose_region(case: &Case, rulebook: &Rulebook) -> Option<RegionProposal> {
    let certificate = &case.sponsor.certificate;
    let stated = certificate.division.map(|division| {
        (
            division,
            Text::new(
                "证件住所所在的区域决定备案区域",
                "The division of the address on the certificate decides",
            ),
        )
    });
    let from_address = || {
        let address = certificate.address.as_ref()?;
        let division = rulebook.division_of_address(address.expose())?;
        Some((division, Text::new("由证件住所的地址识别", "Read from the address on the certificate")))
    };
    let from_number = || {
        let division = number_division(case)?;
        Some((
            division,
            Text::new(
                "由证件号码中的行政区划代码推测；该代码在发证时固定，请以证件住所为准",
                "Proposed by the division code inside the number, which is frozen at issue: the address on the certificate decides",
            ),
        ))
    };
    stated
        .or_else(from_address)
        .or_else(from_number)
        .filter(|(division, _)| rulebook.division_name(*division).is_some())
        .map(|(division, why)| RegionProposal { division, why })
}

/// The division inside the sponsor's certificate number.
pub(crate) fn number_division(case: &Case) -> Option<DivisionCode> {
    let certificate = &case.sponsor.certificate;
    CertificateNumber::parse(certificate.kind?, certificate.number.as_ref()?.expose()).ok()?.division()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use beian_domain::{CertificateKind, Personal};

    #[test]
    fn the_address_decides_and_the_number_only_proposes() {
        let rulebook = Rulebook::bundled().unwrap();
        let mut case = Case::default();
        assert_eq!(propose_region(&case, &rulebook), None);
        case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
        case.sponsor.certificate.number = Some(Personal::new("91440305000000000N"));
        let proposed = |case: &Case| propose_region(case, &rulebook).unwrap();
        assert_eq!(proposed(&case).division.to_string(), "440305");
        assert!(proposed(&case).why.en.contains("frozen"));
        case.sponsor.certificate.address = Some(Personal::new("北京市海淀区习作街2号"));
        assert_eq!(proposed(&case).division.to_string(), "110108");
        case.sponsor.certificate.division = Some("310115".parse().unwrap());
        assert_eq!(proposed(&case).division.to_string(), "310115");
    }
}
