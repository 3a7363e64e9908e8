use super::prelude::*;
use crate::OldCertificateRoute as Route;
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
    let usable = is_usable(route.value, whereabouts);
    if is_used && usable {
        return;
    }
    let (bureau_zh, bureau_en) = bureau_name(cx, Some(number));
    let kind = cx.kind.label();
    let rule = route_rule(route.value);
    let cause = text!(
        "备案 {number} 上是换证前的号码；{}办理{}：{}",
        "The record {number} bears the former number; {} for {}: {}",
        (bureau_zh, kind.zh, rule.zh),
        (bureau_en, kind.en, rule.en)
    );
    let mut finding = Finding::error(pointer, cause)
        .evidence("主体备案号", "Filing number", number)
        .evidence("备案上的号码（已遮盖）", "Number on record, masked", former_masked(cx))
        .source(route.source());
    if usable {
        finding = finding.remedy(scan_to_upload(route.value), RemedyAction::UseFormerNumber);
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

/// Whether the former number can be stated in this case at all.
fn is_usable(route: Route, whereabouts: Option<Whereabouts>) -> bool {
    match route {
        Route::OriginalNumberNewestScanThenChange | Route::OriginalNumberNewestScanOnly => true,
        Route::OriginalNumberOriginalScan => whereabouts == Some(Whereabouts::AtHand),
    }
}

/// What the bureau wants.
fn route_rule(route: Route) -> Text {
    match route {
        Route::OriginalNumberNewestScanThenChange => fixed(
            "填原号码、传最新证件，之后变更主体",
            "state the former number, upload the newest certificate, change the sponsor after",
        ),
        Route::OriginalNumberNewestScanOnly => {
            fixed("填原号码，只收最新证件", "state the former number; no scan but the newest is taken")
        }
        Route::OriginalNumberOriginalScan => fixed(
            "填原号码，并上传载有原号码、在有效期内的证件",
            "state the former number with a certificate in force that bears it",
        ),
    }
}

fn scan_to_upload(route: Route) -> Text {
    match route {
        Route::OriginalNumberNewestScanThenChange => fixed(
            "填写换证前的号码，上传最新证件；办成后做变更备案",
            "State the former number and upload the newest certificate; change the record once it is done",
        ),
        Route::OriginalNumberNewestScanOnly => fixed(
            "填写换证前的号码，上传最新证件",
            "State the former number and upload the newest certificate",
        ),
        Route::OriginalNumberOriginalScan => {
            fixed("填写换证前的号码，上传原证件", "State the former number and upload the former certificate")
        }
    }
}
