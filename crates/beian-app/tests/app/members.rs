//! Members of an account, and agents who file for it.

use crate::support::{House, sign_in};
use beian_app::{AppError, BeginOutcome, Beginning, MemberAnswer, MemberError, User};
use beian_domain::{CertificateKind, MemberRole, MembershipState, Personal, Role, SponsorNature, practice};
use chrono::{Months, TimeDelta};

fn beginning() -> Beginning {
    Beginning {
        service: beian_domain::ServiceKind::Website,
        nature: SponsorNature::Enterprise,
        certificate_kind: CertificateKind::BusinessLicence,
        certificate_number: Personal::new(practice::ORGANISATIONS[0].uscc),
        former: None,
        domain: "xizuo-member.cn".to_owned(),
    }
}

fn member_error<T: std::fmt::Debug>(result: Result<T, AppError>) -> MemberError {
    match result {
        Err(AppError::Member(error)) => error,
        other => panic!("{other:?}"),
    }
}

/// A member of the filer's account, at work for it.
async fn member(house: &House, login: &str, role: MemberRole) -> User {
    let user = sign_in(&house.app, login, Role::Filer).await;
    let id = house.app.invite_member(&house.filer, &user.login, role).await.unwrap();
    let before = house.again(&user).await;
    assert!(matches!(before.for_account(house.filer.account), Err(AppError::Forbidden)), "not yet accepted");
    house.app.answer_membership(&user, id, MemberAnswer::Agree).await.unwrap();
    house.again(&user).await.for_account(house.filer.account).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn everybody_does_what_their_role_allows_and_the_order_is_the_accounts() {
    let house = House::open().await;
    let owner = member(&house, "owner", MemberRole::Owner).await;
    let preparer = member(&house, "preparer", MemberRole::Preparer).await;
    let viewer = member(&house, "viewer", MemberRole::Viewer).await;

    let refused = house.app.begin_order(&viewer, beginning()).await;
    assert_eq!(member_error(refused), MemberError::BeyondRole { role: MemberRole::Viewer });
    let begun = house.app.begin_order(&preparer, beginning()).await.unwrap();
    let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
    assert_eq!(order.owner, house.filer.account, "not the member's");
    let number = &order.number;
    let rename = |case: &mut beian_domain::Case| case.service.name = Some("习作".to_owned());
    let refused = house.app.edit_order(&viewer, number, 1, rename).await;
    assert_eq!(member_error(refused), MemberError::BeyondRole { role: MemberRole::Viewer });
    house.app.edit_order(&preparer, number, 1, rename).await.unwrap();
    for user in [&house.filer, &owner, &preparer, &viewer] {
        assert_eq!(house.app.order(user, number).await.unwrap().order.revision, 2);
        assert_eq!(house.app.orders(user).await.unwrap().len(), 1);
        assert_eq!(house.app.resources(user).await.unwrap().len(), 1);
    }
    assert!(matches!(house.app.order(&house.other, number).await, Err(AppError::NotFound)));
    // For themselves they have nothing.
    let own = viewer.for_account(viewer.account).unwrap();
    assert!(house.app.orders(&own).await.unwrap().is_empty());

    let invited = house.app.invite_member(&preparer, &house.other.login, MemberRole::Viewer).await;
    assert_eq!(member_error(invited), MemberError::BeyondRole { role: MemberRole::Preparer });
    assert!(house.app.members(&viewer).await.unwrap().members.is_none());
    house.app.invite_member(&owner, &house.other.login, MemberRole::Viewer).await.unwrap();
    assert_eq!(house.app.members(&owner).await.unwrap().members.unwrap().len(), 4);

    // A changed role, and the end of a membership, are so from the next request on.
    house.app.change_member(&owner, viewer.account, MemberRole::Preparer).await.unwrap();
    let viewer = house.again(&viewer).await.for_account(house.filer.account).unwrap();
    house.app.edit_order(&viewer, number, 2, |case| case.service.name = None).await.unwrap();
    house.app.remove_member(&owner, viewer.account).await.unwrap();
    let viewer = house.again(&viewer).await;
    assert!(matches!(viewer.for_account(house.filer.account), Err(AppError::Forbidden)));
    assert!(matches!(house.app.order(&viewer, number).await, Err(AppError::NotFound)));
    house.app.leave_account(&preparer, house.filer.account).await.unwrap();
    let preparer = house.again(&preparer).await;
    assert!(matches!(house.app.order(&preparer, number).await, Err(AppError::NotFound)));

    let store = house.store().await;
    let trail = store.read().audit_page(&beian_store::AuditSearch::Everything, None, 100).await.unwrap();
    for action in ["member.invite", "member.accept", "member.change", "member.remove", "member.leave"] {
        assert!(trail.iter().any(|entry| entry.action == action), "{action}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_membership_can_be_has_its_own_answer_and_changes_nothing() {
    let house = House::open().await;
    let invite = async |login: &str| {
        let login = login.parse().unwrap();
        house.app.invite_member(&house.filer, &login, MemberRole::Viewer).await
    };
    assert_eq!(member_error(invite("nobody").await), MemberError::UnknownAccount);
    assert_eq!(member_error(invite("reviewer").await), MemberError::UnknownAccount, "staff files for nobody");
    assert_eq!(member_error(invite("filer").await), MemberError::Oneself);
    let id = invite("other").await.unwrap();
    assert_eq!(member_error(invite("other").await), MemberError::AlreadyMember);

    // Somebody else's invitation, and one's own that one made.
    let third = sign_in(&house.app, "third", Role::Filer).await;
    for user in [&third, &house.filer] {
        for answer in [MemberAnswer::Agree, MemberAnswer::Decline] {
            let answered = house.app.answer_membership(user, id, answer).await;
            assert_eq!(member_error(answered), MemberError::NotInvited);
        }
    }
    let left = house.app.leave_account(&third, house.filer.account).await;
    assert_eq!(member_error(left), MemberError::NotMember);
    // The account's own sign-in stays its owner.
    let removed = house.app.remove_member(&house.filer, house.filer.account).await;
    assert_eq!(member_error(removed), MemberError::LastOwner);
    let changed = house.app.change_member(&house.filer, house.filer.account, MemberRole::Viewer).await;
    assert_eq!(member_error(changed), MemberError::LastOwner);

    house.app.answer_membership(&house.other, id, MemberAnswer::Decline).await.unwrap();
    let again = house.app.answer_membership(&house.other, id, MemberAnswer::Agree).await;
    assert!(matches!(member_error(again), MemberError::Moved(_)));
    let members = house.app.members(&house.filer).await.unwrap().members.unwrap();
    assert_eq!(members.len(), 1);
    assert_eq!(members[0].membership.state(), MembershipState::Ended);

    let mut last = None;
    for n in 0..12 {
        last = Some(member_error(invite(&format!("guess-{n}")).await));
    }
    assert!(matches!(last, Some(MemberError::TooOften { .. })), "{last:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_files_by_consent_for_as_long_as_it_lasts() {
    let house = House::open().await;
    let agent = &house.other;
    let id = house.app.ask_consent(agent, &house.filer.login).await.unwrap();
    // Asking gives nothing, and the agent cannot consent for the client.
    let answered = house.app.answer_membership(agent, id, MemberAnswer::Agree).await;
    assert_eq!(member_error(answered), MemberError::NotInvited);
    assert!(house.again(agent).await.for_account(house.filer.account).is_err());
    house.app.answer_membership(&house.filer, id, MemberAnswer::Agree).await.unwrap();
    let own = &house.app.members(agent).await.unwrap().own[0];
    assert_eq!(own.membership.ends_at, house.app.now().checked_add_months(Months::new(12)));

    let at_work = house.again(agent).await.for_account(house.filer.account).unwrap();
    let begun = house.app.begin_order(&at_work, beginning()).await.unwrap();
    let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
    assert_eq!(order.owner, house.filer.account, "the client's");
    let invited = house.app.invite_member(&at_work, &"third".parse().unwrap(), MemberRole::Agent).await;
    assert_eq!(member_error(invited), MemberError::BeyondRole { role: MemberRole::Agent });

    // A year later it is over, and is said to be.
    house.clock.advance(TimeDelta::days(366));
    let late = house.again(agent).await;
    assert_eq!(member_error(late.for_account(house.filer.account)), MemberError::ConsentEnded);
    assert_eq!(member_error(house.app.order(&late, &order.number).await), MemberError::ConsentEnded);
    let edited = house.app.edit_order(&late, &order.number, 1, |case| case.service.name = None).await;
    assert_eq!(member_error(edited), MemberError::ConsentEnded);

    // A new consent, withdrawn at once.
    let id = house.app.ask_consent(&late, &house.filer.login).await.unwrap();
    house.app.answer_membership(&house.filer, id, MemberAnswer::Agree).await.unwrap();
    let at_work = house.again(agent).await.for_account(house.filer.account).unwrap();
    assert_eq!(house.app.orders(&at_work).await.unwrap().len(), 1);
    house.app.remove_member(&house.filer, agent.account).await.unwrap();
    let late = house.again(agent).await;
    assert_eq!(member_error(late.for_account(house.filer.account)), MemberError::ConsentEnded);
}
