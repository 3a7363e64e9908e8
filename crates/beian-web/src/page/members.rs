//! Members of an account, and agents who file for it.

use askama::Template;
use axum::extract::Request;
use axum::http::header;
use axum::response::{IntoResponse, Redirect, Response};
use beian_app::{MemberAnswer, MemberError, MemberView};
use beian_domain::{AccountId, LoginName, MemberRole, MembershipId, MembershipState, Role};
use uuid::Uuid;

use crate::error::Problem;
use crate::form::{Fields, posted};
use crate::security::work_cookie;
use crate::visit::{Visit, page};

#[derive(Template)]
#[template(path = "members.html")]
struct MembersPage<'a> {
    visit: &'a Visit,
    account: String,
    /// The account's members; absent for who may not manage them.
    members: Option<Vec<MemberRow>>,
    /// The visitor's own memberships.
    own: Vec<MemberRow>,
    /// The visitor works for another account than their own.
    is_away: bool,
    own_account: String,
    roles: Vec<(&'static str, String)>,
}

struct MemberRow {
    id: Uuid,
    account: Uuid,
    account_login: String,
    member: Uuid,
    member_login: String,
    role: MemberRole,
    state: MembershipState,
    is_good: bool,
    since: String,
    ends: Option<String>,
}

impl MemberRow {
    fn new(visit: &Visit, view: &MemberView) -> Self {
        let membership = &view.membership;
        Self {
            id: membership.id.0,
            account: membership.account.0,
            account_login: view.account.to_string(),
            member: membership.member.0,
            member_login: view.member.to_string(),
            role: membership.role,
            state: membership.state(),
            is_good: view.is_good,
            since: visit.moment(&membership.agreed_at.unwrap_or(membership.begun_at)),
            ends: membership.ends_at.map(|at| visit.moment(&at)),
        }
    }

    fn role_key(&self) -> String {
        format!("member-role-{}", self.role.slug())
    }

    fn state_key(&self) -> String {
        if self.state == MembershipState::Active && !self.is_good {
            return "member-state-run-out".to_owned();
        }
        format!("member-state-{}", self.state.slug())
    }

    fn state_class(&self) -> &'static str {
        match self.state {
            MembershipState::Active if self.is_good => "good",
            MembershipState::Invited | MembershipState::Asked => "todo",
            MembershipState::Active | MembershipState::Ended => "quiet",
        }
    }

    /// The visitor is asked, and has not answered.
    fn is_invited(&self) -> bool {
        self.state == MembershipState::Invited
    }

    /// An agent asks this account, and nobody has answered.
    fn is_asked(&self) -> bool {
        self.state == MembershipState::Asked
    }

    fn is_over(&self) -> bool {
        self.state == MembershipState::Ended
    }
}

/// Who works for whom.
pub(crate) async fn show(visit: Visit) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let view = visit.app.members(user).await?;
    let rows = |members: &[MemberView]| members.iter().map(|view| MemberRow::new(&visit, view)).collect();
    page(&MembersPage {
        account: view.account.to_string(),
        members: view.members.as_deref().map(rows),
        own: rows(&view.own),
        is_away: user.working_for != user.account,
        own_account: user.login.to_string(),
        roles: MemberRole::ALL
            .into_iter()
            .map(|role| (role.slug(), visit.t(&format!("member-role-{}", role.slug()))))
            .collect(),
        visit: &visit,
    })
}

/// Invites somebody.
pub(crate) async fn invite(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.invite_member(user, &login(&fields)?, role(&fields)?).await?;
    done()
}

/// Asks another account for its consent.
pub(crate) async fn ask(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.ask_consent(user, &login(&fields)?).await?;
    done()
}

/// Answers an invitation or a question.
pub(crate) async fn answer(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let answer = match fields.get("answer") {
        "agree" => MemberAnswer::Agree,
        "decline" => MemberAnswer::Decline,
        _ => return Err(Problem::Unreadable),
    };
    visit.app.answer_membership(user, MembershipId(identifier(&fields, "id")?), answer).await?;
    done()
}

/// Changes what a member may do.
pub(crate) async fn change(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.change_member(user, AccountId(identifier(&fields, "member")?), role(&fields)?).await?;
    done()
}

/// Removes a member.
pub(crate) async fn remove(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.remove_member(user, AccountId(identifier(&fields, "member")?)).await?;
    done()
}

/// Leaves an account.
pub(crate) async fn leave(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    visit.app.leave_account(user, AccountId(identifier(&fields, "account")?)).await?;
    // Who has left works for themselves again.
    Ok(([(header::SET_COOKIE, work_cookie(&visit, None))], Redirect::to("/members")).into_response())
}

/// Works for another account from now on, or for one's own again.
pub(crate) async fn work_for(visit: Visit, request: Request) -> Result<Response, Problem> {
    let user = visit.signed_in_as(Role::Filer)?;
    let fields = posted(&visit, request).await?;
    let account = match fields.get("account") {
        "" => user.account,
        _ => AccountId(identifier(&fields, "account")?),
    };
    user.for_account(account)?;
    let chosen = (account != user.account).then(|| account.0.to_string());
    Ok(([(header::SET_COOKIE, work_cookie(&visit, chosen.as_deref()))], Redirect::to("/home"))
        .into_response())
}

fn done() -> Result<Response, Problem> {
    Ok(Redirect::to("/members").into_response())
}

fn login(fields: &Fields) -> Result<LoginName, Problem> {
    // What can be no login name is nobody's.
    fields
        .get("login")
        .parse()
        .map_err(|_| Problem::from(beian_app::AppError::from(MemberError::UnknownAccount)))
}

fn role(fields: &Fields) -> Result<MemberRole, Problem> {
    fields.get("role").parse().map_err(|_| Problem::Unreadable)
}

fn identifier(fields: &Fields, name: &str) -> Result<Uuid, Problem> {
    fields.get(name).parse().map_err(|_| Problem::Unreadable)
}
