use super::prelude::*;
use crate::{DomainHolder, Holder};
use beian_domain::DomainHolderRelation as Relation;

pub(super) const CHECK: Check = Check {
    code: "PRV013",
    slug: "domain-holder",
    family: Family::Province,
    title: fixed("域名持有者不符合要求", "The domain is held by somebody who may not hold it"),
    what: fixed("域名持有者与主办者的关系", "What the holder of the domain is to the sponsor"),
    why: fixed(
        "个人的域名须在本人名下；单位的域名一般可在单位或法定代表人名下，股东、高管须有证明，有的省只接受单位",
        "An individual's domain is their own; a unit's is its own or its legal representative's, a shareholder or manager needs a proof, and some provinces take the unit alone",
    ),
    how: fixed(
        "在注册商处把域名过户到主办者名下，并等实名信息生效；不必转到本接入商",
        "Transfer the domain to the sponsor at its registrar, whichever that is, and wait until the real name shows",
    ),
    sources: &[NOTICE_264, BUREAU, DOMAIN],
    situations: &[Situation::S11],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.settle("430102");
            e.case.service.registration.holder = Some(Relation::LegalRepresentative)
        },
        silent: |e| e.case.service.registration.holder = Some(Relation::LegalRepresentative),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    let holder = cx.case.service.registration.holder;
    let (Some(individual), Some(_)) = (cx.is_individual(), cx.domain()) else { return };
    if holder == Some(Relation::Sponsor) || (individual && holder.is_none()) {
        return;
    }
    if individual {
        let cause = fixed("域名不在本人名下", "The domain is not the individual's own");
        out.push(transfer(Finding::error(POINTER, cause), out.how()));
        return;
    }
    let Some(province) = cx.province() else { return };
    let Some(rule) = cx.dated(&province.domain_holder_unit, &POINTER.into(), out) else { return };
    let name = &province.name;
    let stricter = match rule.value {
        DomainHolder::UnitOrLegalRepresentative => None,
        DomainHolder::UnitOnly => Some(
            text!("{name}要求域名登记在主办单位名下", "{name} wants the domain to be the unit's own"; name),
        ),
        DomainHolder::UnitOrLegalRepresentativeWithLetter => Some(text!(
            "{name}要求域名在法定代表人名下时提供证明",
            "{name} wants a proof if the legal representative holds the domain"; name
        )),
    };
    let Some(holder) = holder else {
        // Everywhere else what is not stated is told by another check.
        if let Some(cause) = stricter {
            let finding = Finding::advice(POINTER, cause).source(rule.source()).remedy(
                fixed("写明域名持有者", "State who holds the domain"),
                RemedyAction::Edit { pointer: POINTER.into() },
            );
            out.push(finding.remedy(out.how(), outside(OutsideTask::TransferDomain)));
        }
        return;
    };
    if let (DomainHolder::UnitOnly, Some(cause)) = (rule.value, stricter.clone()) {
        out.push(transfer(Finding::error(POINTER, cause).source(rule.source()), out.how()));
        return;
    }
    let Some(holders) = cx.dated(&cx.rulebook.registrars().unit_holders, &POINTER.into(), out) else {
        return;
    };
    let is_among = |listed: &[Holder]| listed.iter().any(|one| is(holder, *one));
    let by_letter = rule.value == DomainHolder::UnitOrLegalRepresentativeWithLetter
        && holder == Relation::LegalRepresentative;
    if is_among(&holders.value.freely) && !by_letter {
        return;
    }
    if by_letter || is_among(&holders.value.with_proof_form) {
        if cx.has(PROOF) {
            return;
        }
        let cause = stricter.filter(|_| by_letter).unwrap_or(fixed(
            "股东、负责人或高级管理人员持有域名的，须提供证明",
            "A proof is needed if a shareholder, principal or senior manager holds the domain",
        ));
        let source = if by_letter { rule.source() } else { holders.source() };
        let finding = provide(Finding::warning(POINTER, cause).source(source), PROOF);
        out.push(finding.remedy(out.how(), outside(OutsideTask::TransferDomain)));
        return;
    }
    let cause = fixed(
        "持有者不是主办单位，也不是其法定代表人、股东或高级管理人员",
        "The holder is neither the unit nor its legal representative, a shareholder or a senior manager",
    );
    out.push(transfer(Finding::error(POINTER, cause).source(holders.source()), out.how()));
}

const POINTER: &str = "/service/registration/holder";
const PROOF: Paper = Paper::DomainHolderProof;

fn transfer(finding: Finding, how: Text) -> Finding {
    finding.remedy(how, outside(OutsideTask::TransferDomain)).remedy(
        fixed("换用主办者名下的域名", "Use a domain of the sponsor's own"),
        RemedyAction::Edit { pointer: "/service/domain".into() },
    )
}

/// Whether what was stated is what a rule lists.
fn is(stated: Relation, listed: Holder) -> bool {
    match listed {
        Holder::Unit => stated == Relation::Sponsor,
        Holder::LegalRepresentative => stated == Relation::LegalRepresentative,
        Holder::Shareholder => stated == Relation::Shareholder,
        // One answer stands for both.
        Holder::Principal | Holder::SeniorManager => stated == Relation::SeniorManager,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::Example;
    use crate::{Rulebook, evaluate};

    #[test]
    fn the_holder_is_judged_by_nation_and_province() {
        let rulebook = Rulebook::bundled().unwrap();
        let judged = |county: &str, holder: Option<Relation>, papers: &[Paper]| {
            let mut example = Example::company();
            example.settle(county);
            example.case.service.registration.holder = holder;
            example.case.papers.extend(papers);
            let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
            verdict.diagnostics.into_iter().find(|d| d.code.0 == "PRV013").map(|found| found.severity)
        };
        let (guangdong, hunan, chongqing) = ("440305", "430102", "500103");
        for county in [guangdong, hunan, chongqing] {
            assert_eq!(judged(county, Some(Relation::Sponsor), &[]), None);
            assert_eq!(judged(county, Some(Relation::Other), &[]), Some(Severity::Error));
        }
        assert_eq!(judged(guangdong, None, &[]), None);
        assert_eq!(judged(hunan, None, &[]), Some(Severity::Advice));
        assert_eq!(judged(guangdong, Some(Relation::LegalRepresentative), &[]), None);
        assert_eq!(judged(hunan, Some(Relation::LegalRepresentative), &[PROOF]), Some(Severity::Error));
        assert_eq!(judged(chongqing, Some(Relation::LegalRepresentative), &[]), Some(Severity::Warning));
        assert_eq!(judged(chongqing, Some(Relation::LegalRepresentative), &[PROOF]), None);
        assert_eq!(judged(guangdong, Some(Relation::Shareholder), &[]), Some(Severity::Warning));
        assert_eq!(judged(guangdong, Some(Relation::Shareholder), &[PROOF]), None);
    }
}
