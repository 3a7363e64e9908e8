use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "PRV007",
    slug: "principal-should-be-legal-representative",
    family: Family::Province,
    title: fixed("该省对主体负责人的身份有要求", "The province restricts who may be the sponsor's principal"),
    what: fixed(
        "单位的主体负责人是否须为法定代表人",
        "Whether a unit's principal must be its legal representative",
    ),
    why: fixed(
        "多数省要求主体负责人为法定代表人，少数省接受授权书",
        "Most provinces want the legal representative, and a few take a letter instead",
    ),
    how: fixed(
        "由法定代表人担任主体负责人；接受授权书的省，也可备好授权书",
        "Let the legal representative be the principal, or get a letter where the province takes one",
    ),
    sources: &[BUREAU],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.case.sponsor.principal.role = Some(PrincipalRole::Authorised),
        silent: clean,
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use crate::SponsorPrincipalRule as R;
    const PAPER: Paper = Paper::SponsorPrincipalLetter;
    let (Some(false), Some(province)) = (cx.is_individual(), cx.province()) else { return };
    let role = cx.case.sponsor.principal.role;
    if role == Some(PrincipalRole::LegalRepresentative) {
        return;
    }
    let pointer = Pointer::from("/sponsor/principal");
    let Some(rule) = cx.dated(&province.sponsor_principal, &pointer, out) else { return };
    let name = &province.name;
    let must_be = match rule.value {
        R::Any => return,
        R::LetterIfNot if role.is_some() && cx.has(PAPER) => return,
        R::LetterIfNot => false,
        R::MustBeLegalRepresentative => true,
    };
    let cause = if must_be {
        text!(
            "{name}要求主体负责人为法定代表人",
            "In {name} the sponsor's principal is the legal representative"; name
        )
    } else {
        text!(
            "{name}要求主体负责人不是法定代表人时提供授权书",
            "{name} wants a letter if the sponsor's principal is not the legal representative"; name
        )
    };
    if role.is_none() {
        out.push(Finding::advice(pointer, cause).source(rule.source()).remedy(
            fixed("写明主体负责人是否法定代表人", "State whether the principal is the legal representative"),
            RemedyAction::Edit { pointer: "/sponsor/principal/role".into() },
        ));
        return;
    }
    let severity = if must_be { Severity::Error } else { Severity::Warning };
    let mut finding = Finding::new(severity, pointer.clone(), cause).source(rule.source());
    if !must_be {
        finding = provide(finding, PAPER);
    }
    out.push(finding.remedy(
        fixed("由法定代表人担任主体负责人", "Let the legal representative be the principal"),
        RemedyAction::Edit { pointer },
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{actions, said};

    #[test]
    fn a_letter_is_enough_in_jilin_and_not_in_guangdong() {
        let judged = |county: &str, role, papers: &[Paper]| {
            said("PRV007", |e| {
                e.settle(county);
                e.case.sponsor.principal.role = role;
                e.case.papers = papers.to_vec();
            })
        };
        let letter = Paper::SponsorPrincipalLetter;
        let provide = RemedyAction::Provide { paper: letter };
        let (jilin, guangdong, beijing) = ("220102", "440305", "110108");
        let authorised = Some(PrincipalRole::Authorised);

        let asked = judged(jilin, authorised, &[]).unwrap();
        assert!(asked.severity == Severity::Warning && actions(&asked).contains(&&provide));
        assert_eq!(judged(jilin, authorised, &[letter]), None);
        let refused = judged(guangdong, authorised, &[letter]).unwrap();
        assert!(refused.severity == Severity::Error && !actions(&refused).contains(&&provide));
        assert_eq!(judged(beijing, authorised, &[]), None);
        // Who does not say which it is, is asked, letter or not.
        for county in [jilin, guangdong] {
            assert_eq!(judged(county, None, &[letter]).unwrap().severity, Severity::Advice);
        }
    }
}
