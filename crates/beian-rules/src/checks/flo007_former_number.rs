use super::prelude::*;
use crate::OldCertificateRoute;
use crate::doctor::{Scan, Then, former_number_use};
use beian_domain::Whereabouts;

pub(super) const CHECK: Check = Check {
    code: "FLO007",
    slug: "former-number-on-record",
    family: Family::Procedure,
    title: fixed(
        "备案上是换证前的证件号码",
        "The record bears the number of the certificate before the present one",
    ),
    what: fixed(
        "备案记录上是新证件号码还是换证前的号码",
        "Whether the record bears today's certificate number or that of the replaced certificate",
    ),
    why: fixed(
        "新增网站和新增接入须填备案上的号码；用哪一份扫描件、之后是否变更，各省不同",
        "Adding a service or access states the number on record; which scan goes with it, and what is changed after, differs by province",
    ),
    how: fixed(
        "按备案所在省的要求，填写原号码并上传该省接受的证件，或先变更、先注销",
        "As the bureau of the record wants: state the former number with the scan that it takes, or change or cancel first",
    ),
    sources: &[FAQ, BUREAU],
    situations: &[Situation::S03, Situation::S09],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| {
            e.case.sponsor.certificate.former = former(Whereabouts::Surrendered);
            e.facts.former_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        },
        silent: |e| {
            e.case.sponsor.certificate.former = former(Whereabouts::Surrendered);
            e.case.sponsor.certificate.states = beian_domain::NumberStated::Former;
            e.facts.former_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        },
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    use beian_domain::NumberStated;
    let pointer = Pointer::from("/sponsor/certificate/number");
    let certificate = &cx.case.sponsor.certificate;
    let Ok(Some(own)) = crate::doctor::own_record(cx.facts) else { return };
    let must_change_back = own.bears == NumberStated::Current && certificate.states == NumberStated::Former;
    let is_caused = cx.is_caused_by(ConflictCause::FormerNumberOnRecord);
    // The former number may be stated already, and yet not be fit for use.
    let is_used = own.bears == NumberStated::Former && certificate.states == NumberStated::Former;
    if !is_caused && !is_used {
        return;
    }
    let number = &own.filed.number;
    if must_change_back {
        out.push(
            Finding::error(
                pointer.clone(),
                text!("备案 {number} 上已是新证件号码", "The record {number} bears today's number"),
            )
            .remedy(
                fixed("填写现在的证件号码", "State today's certificate number"),
                RemedyAction::Replace {
                    pointer: "/sponsor/certificate/states".into(),
                    value: "current".to_owned(),
                },
            ),
        );
        return;
    }
    let Some(route) = crate::doctor::number_route(own.filed, cx.kind, cx.rulebook, cx.day) else {
        let day = cx.day;
        return out.undetermined(
            pointer,
            text!(
                "规则库中没有 {day} 当日该省对新旧证件的规定",
                "The rulebook has no rule of that bureau for replaced certificates on {day}"
            ),
        );
    };
    let whereabouts = certificate.former.as_ref().map(|former| former.whereabouts);
    let usage = former_number_use(route.value);
    let usable = usage
        .is_some_and(|usage| usage.scan != Scan::BearingNumber || whereabouts == Some(Whereabouts::AtHand));
    if is_used && usable {
        return;
    }
    let (bureau_zh, bureau_en) = bureau_name(cx, Some(number));
    let kind = cx.kind.label();
    let rule = rule(route.value, whereabouts);
    let cause = text!(
        "备案 {number} 上是换证前的号码；{}办理{}：{}",
        "The record {number} bears the former number; what {} wants for this kind, {}: {}",
        (&bureau_zh, kind.zh, &rule.zh),
        (&bureau_en, kind.en, &rule.en)
    );
    let mut finding = Finding::error(pointer, cause)
        .evidence("主体备案号", "Filing number", number)
        .evidence("备案上的号码（已遮盖）", "Number on record, masked", former_masked(cx))
        .source(route.source());
    if usable {
        finding = finding.remedy(
            text!("按该省要求办理：{}", "As the bureau wants: {}", (&rule.zh), (&rule.en)),
            RemedyAction::UseFormerNumber,
        );
    }
    out.push(
        finding
            .remedy(
                fixed(
                    "先到原接入商把备案变更为新证件，再来办理",
                    "Have the record changed to the new certificate at the provider that holds it, then come back",
                ),
                outside(OutsideTask::ChangeRecord),
            )
            .remedy(
                text!(
                    "原接入商无法配合的，向{bureau_zh}申请注销原主体，注销后做首次备案",
                    "If that provider does not help, have the record cancelled at {bureau_en}, then make a first filing"
                ),
                outside(OutsideTask::CancelRecord),
            ),
    );
}

fn former_masked(cx: &Context<'_>) -> String {
    cx.case.sponsor.certificate.former.as_ref().map(|former| former.number.masked()).unwrap_or_default()
}

/// What the bureau wants.
fn rule(route: OldCertificateRoute, whereabouts: Option<Whereabouts>) -> Text {
    let Some(usage) = former_number_use(route) else {
        return match route {
            OldCertificateRoute::ChangeFirst => {
                fixed("先到原接入商变更备案", "change the record at its own provider first")
            }
            _ => fixed("先变更备案，不能变更的先注销", "change the record first, or cancel it"),
        };
    };
    let scan = match usage.scan {
        Scan::Newest => fixed("传最新证件，不收其他", "upload the newest certificate, no other"),
        Scan::BearingNumber if whereabouts != Some(Whereabouts::AtHand) => fixed(
            "传载有原号码、在有效期内的证件；原证件已收回，此路不通",
            "upload a certificate in force that bears it; that was surrendered, so this way is closed",
        ),
        Scan::BearingNumber => {
            fixed("传载有原号码、在有效期内的证件", "upload a certificate in force that bears it")
        }
        Scan::Either => fixed(
            "传原证件；工商公示已有新证件的，传最新证件",
            "upload the former certificate, or the newest if the public register shows one",
        ),
        Scan::NotStated => fixed("传哪一份证件未写明", "which certificate is uploaded is not stated"),
    };
    let then = match usage.then {
        Then::Nothing => fixed("", ""),
        Then::ChangeHere => fixed("，办成后变更主体", ", change the sponsor after"),
        Then::ChangeAtOriginal => {
            fixed("，办成后到原接入商变更主体", ", change the sponsor at its own provider after")
        }
    };
    text!("填原号码，{}{}", "state the former number, {}{}", (scan.zh, then.zh), (scan.en, then.en))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::OldCertificateRoute as R;
    use crate::example::{actions, said};
    use beian_domain::{NumberStated, practice};

    #[test]
    fn a_record_changed_to_the_new_certificate_is_used_by_its_number() {
        let found = said("FLO007", |e| {
            e.case.sponsor.certificate.former = former(Whereabouts::Surrendered);
            e.case.sponsor.certificate.states = NumberStated::Former;
            e.facts.sponsor_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        });
        let current = RemedyAction::Replace {
            pointer: "/sponsor/certificate/states".into(),
            value: "current".to_owned(),
        };
        assert_eq!(actions(&found.unwrap()), [&current]);
    }

    #[test]
    fn a_former_number_that_was_stated_still_needs_the_scan_that_the_bureau_takes() {
        let judged = |number: &str, whereabouts| {
            said("FLO007", |e| {
                e.case.sponsor.certificate.former = former(whereabouts);
                e.case.sponsor.certificate.states = NumberStated::Former;
                e.facts.former_record = sponsor(number, Presence::Elsewhere);
            })
        };
        let (hunan, guangdong) = ("湘ICP备2026000001号", "粤ICP备2026000001号");
        let closed = judged(hunan, Whereabouts::Surrendered).unwrap();
        assert!(!actions(&closed).contains(&&RemedyAction::UseFormerNumber), "{closed:?}");
        assert!(closed.cause.zh.contains("此路不通"), "{}", closed.cause.zh);
        assert_eq!(judged(hunan, Whereabouts::AtHand), None);
        assert_eq!(judged(guangdong, Whereabouts::Surrendered), None);
    }

    #[test]
    fn the_number_on_record_is_shown_masked() {
        let found = said("FLO007", |e| {
            e.case.sponsor.certificate.former = former(Whereabouts::Surrendered);
            e.facts.former_record = sponsor("粤ICP备2026000001号", Presence::Elsewhere);
        });
        let evidence = found.unwrap().evidence;
        let masked = &evidence.iter().find(|one| one.label.zh.contains("备案上的号码")).unwrap().value;
        let number = practice::ORGANISATIONS[0].former_licence;
        assert!(masked.contains('*') && masked != number && masked.len() == number.len(), "{masked}");
        assert!(masked.starts_with(&number[..1]) && masked.ends_with(&number[14..]), "{masked}");
    }

    #[test]
    fn each_route_is_told_in_the_bureaus_own_terms() {
        use Whereabouts::{AtHand, Surrendered};
        let bearing = "填原号码，传载有原号码、在有效期内的证件";
        for (route, whereabouts, told) in [
            (R::ChangeFirst, AtHand, "先到原接入商变更备案"),
            (R::ChangeOrCancelFirst, AtHand, "先变更备案，不能变更的先注销"),
            (R::OriginalNumberOriginalScan, AtHand, bearing),
            (
                R::OriginalNumberOriginalScan,
                Surrendered,
                "填原号码，传载有原号码、在有效期内的证件；原证件已收回，此路不通",
            ),
            (R::OriginalNumberNewestScanOnly, Surrendered, "填原号码，传最新证件，不收其他"),
        ] {
            assert_eq!(rule(route, Some(whereabouts)).zh, told, "{route:?}");
        }
    }
}
