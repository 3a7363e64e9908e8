use super::prelude::*;

pub(super) const CHECK: Check = Check {
    code: "FLO022",
    slug: "filing-password-wrong",
    family: Family::Procedure,
    title: fixed("备案密码不对", "The filing password is not the right one"),
    what: fixed("管局对备案密码的核对结果", "What the regulator says of the filing password"),
    why: fixed(
        "备案密码与备案号不符的，管局按代码 1018 退回",
        "The regulator refuses a password that is not that of the record, with code 1018",
    ),
    how: fixed(
        "重新填写；忘记的，在工信部备案系统用备案号和证件号码找回",
        "State it anew; it is recovered on the ministry site with the number and the certificate",
    ),
    sources: &[INTERFACE],
    situations: &[],
    run,
    #[cfg(test)]
    examples: Examples {
        firing: |e| with_answer(e, FilingPasswordAnswer::Wrong),
        silent: |e| with_answer(e, FilingPasswordAnswer::Right),
    },
};

fn run(cx: &Context<'_>, out: &mut Findings<'_>) {
    if !wants_filing_password(cx) || cx.case.filing_password.is_none() {
        return;
    }
    let pointer = Pointer::from(FILING_PASSWORD);
    match cx.facts.filing_password.get() {
        // It is no reason to wait: the regulator looks at it once more with the filing.
        Err(missing) => out.undetermined(pointer, missing.clone()),
        Ok(FilingPasswordAnswer::NotAsked | FilingPasswordAnswer::Right) => {}
        Ok(FilingPasswordAnswer::Wrong) => {
            let cause = fixed(
                "管局答复：备案密码与备案号不符",
                "The regulator answered that it is not the password of the record",
            );
            out.push(
                Finding::error(pointer.clone(), cause)
                    .remedy(fixed("重新填写备案密码", "State it anew"), RemedyAction::Edit { pointer }),
            );
        }
    }
}

#[cfg(test)]
fn with_answer(e: &mut crate::example::Example, answer: FilingPasswordAnswer) {
    e.cancel(FilingKind::CancelSponsor, |_| ());
    e.case.filing_password = p("e10adc3949ba59abbe56e057f20f883e");
    e.facts.filing_password = Known::Known(answer);
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::*;
    use crate::example::{Example, severity};
    use crate::{Rulebook, evaluate};

    #[test]
    fn a_regulator_that_does_not_answer_stops_nobody() {
        let mut example = Example::company();
        with_answer(&mut example, FilingPasswordAnswer::Right);
        example.facts.filing_password = Known::Unknown(Text::new("没有答复", "no answer"));
        let rulebook = Rulebook::bundled().unwrap();
        let verdict = evaluate(&example.case, &example.facts, &rulebook, example.day);
        assert!(verdict.undetermined.iter().any(|gap| gap.code.0 == "FLO022"));
        assert!(!verdict.diagnostics.iter().any(|found| found.code.0 == "FLO022"));
    }

    #[test]
    fn where_none_is_wanted_none_is_wrong() {
        let judged = |prepare: fn(&mut Example)| {
            severity("FLO022", |e| {
                with_answer(e, FilingPasswordAnswer::Wrong);
                prepare(e);
            })
        };
        assert_eq!(judged(clean), Some(Severity::Error));
        assert_eq!(judged(|e| e.cancel(FilingKind::CancelService, |_| ())), None);
        assert_eq!(judged(|e| e.case.filing_password = None), None);
    }
}
