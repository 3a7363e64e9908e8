use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO021",
    slug: "authenticity-unproven",
    family: Family::Procedure,
    title: fixed("没有完成真实性核验", "Authenticity is not proven"),
    what: fixed(
        "网站负责人是否通过真实性核验，结果是否仍在有效期内",
        "Whether the service principal has proven to be who they say, and the proof is still good",
    ),
    why: fixed(
        "接入商须当面或通过视频核验网站负责人的真实身份，未经核验不得提交",
        "A provider must see the service principal in person or by video before it submits anything",
    ),
    how: fixed(
        "由网站负责人本人完成人脸核验，或当面签署核验单",
        "The principal passes the face check, or signs the verification form before a reviewer",
    ),
    sources: &[ORDER_33, MATERIALS],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| e.facts.authenticity = Known::Known(Authenticity::Missing),
        silent: |e| e.facts.authenticity = Known::Known(Authenticity::ProvenUntil(e.day)),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !cx.kind.wants_proof_of_identity() {
        return;
    }
    let pointer = Pointer::from("/authenticity");
    let cause = match cx.facts.authenticity.get() {
        Err(missing) => return out.undetermined(pointer, missing.clone()),
        Ok(Authenticity::NotAsked) => return,
        Ok(Authenticity::ProvenUntil(day)) if *day >= cx.day => return,
        Ok(Authenticity::ProvenUntil(day)) => {
            text!("真实性核验的有效期到 {day} 为止", "The proof was good until {day}")
        }
        Ok(Authenticity::Missing) => {
            fixed("网站负责人还没有完成真实性核验", "The service principal has not proven who they are")
        }
    };
    out.push(Finding::error(pointer, cause).remedy(
        fixed("由网站负责人完成人脸核验", "The service principal passes the face check"),
        RemedyAction::VerifyAuthenticity,
    ));
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{Example, severity};

    #[test]
    fn a_proof_is_good_until_the_end_of_its_last_day() {
        let proven = |until: &str| {
            severity("FLO021", |e| {
                e.facts.authenticity = Known::Known(Authenticity::ProvenUntil(day(until)));
            })
        };
        assert_eq!(proven("2026-11-21"), Some(Severity::Error));
        assert_eq!(proven("2026-11-22"), None);
    }

    #[test]
    fn who_changes_sponsor_or_service_proves_it_and_who_moves_or_cancels_does_not() {
        let judged = |prepare: fn(&mut Example)| {
            severity("FLO021", |e| {
                prepare(e);
                e.facts.authenticity = Known::Known(Authenticity::Missing);
            })
        };
        assert_eq!(judged(clean), Some(Severity::Error));
        assert_eq!(judged(|e| e.maintain(FilingKind::ChangeSponsor, Some)), Some(Severity::Error));
        assert_eq!(judged(|e| e.maintain(FilingKind::ChangeService, Some)), Some(Severity::Error));
        assert_eq!(judged(|e| e.maintain(FilingKind::ChangeAccess, Some)), None);
        assert_eq!(judged(|e| e.cancel(FilingKind::CancelService, |_| ())), None);
    }
}
