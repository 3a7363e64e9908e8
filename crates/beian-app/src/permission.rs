//! Who may do what: one matrix for the portal and the API alike.

use beian_domain::Role;

/// What somebody wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    /// Begin an order.
    BeginOrder,
    /// See an order with its personal data and its pictures.
    ViewOrder,
    /// Change, submit or withdraw an order.
    PrepareOrder,
    /// Approve or return an order.
    DecideOrder,
    /// Say that somebody signed before one's eyes.
    AttestAuthenticity,
    /// See the resources of everybody.
    ViewAllResources,
    /// See what is exchanged with the regulator, and the audit trail.
    ViewBridge,
    /// See, compare and install rulebooks.
    ManageRulebook,
    /// Read an inbox, and say which notices come how.
    ReadInbox,
    /// Have another system called for one's own events; for an operator, for everybody's.
    ManageWebhooks,
    /// See which notices could not be sent, and how each one reads.
    WatchNotices,
    /// Issue authorization codes for a resource, and take them back.
    IssueCode,
    /// Bring in resources from a file.
    ImportResources,
    /// Say who stands behind an account.
    ManageAccounts,
}

/// How the person stands to the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is theirs.
    Own,
    /// It is somebody else's, or nobody's.
    Other,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 14] = [
        Self::BeginOrder,
        Self::ViewOrder,
        Self::PrepareOrder,
        Self::DecideOrder,
        Self::AttestAuthenticity,
        Self::ViewAllResources,
        Self::ViewBridge,
        Self::ManageRulebook,
        Self::ReadInbox,
        Self::ManageWebhooks,
        Self::WatchNotices,
        Self::IssueCode,
        Self::ImportResources,
        Self::ManageAccounts,
    ];
}

/// Whether `role` may do `action` to a thing of this `relation`. What is not
/// listed is forbidden.
pub fn is_allowed(role: Role, action: Action, relation: Relation) -> bool {
    use Action as A;
    use Relation as R;
    matches!(
        (role, action, relation),
        (Role::Filer, A::BeginOrder, _)
            | (Role::Operator, A::ViewAllResources | A::ViewBridge | A::ManageRulebook | A::WatchNotices, _)
            | (Role::Filer | Role::Reviewer | Role::Operator, A::ReadInbox, R::Own)
            | (Role::Filer | Role::Operator, A::ManageWebhooks, R::Own)
            | (Role::Reviewer, A::ViewOrder | A::DecideOrder | A::AttestAuthenticity, R::Other)
            | (Role::Filer, A::ViewOrder | A::PrepareOrder | A::IssueCode, R::Own)
            | (Role::Operator, A::ImportResources | A::ManageAccounts, _)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix, written out: a change of the rule shows here.
    #[test]
    fn every_cell_is_as_written() {
        let mut allowed = String::new();
        for role in Role::ALL {
            for action in Action::ALL {
                for relation in [Relation::Own, Relation::Other] {
                    if is_allowed(role, action, relation) {
                        allowed.push_str(&format!("{} {action:?} {relation:?}\n", role.slug()));
                    }
                }
            }
        }
        assert_eq!(
            allowed,
            "filer BeginOrder Own\nfiler BeginOrder Other\nfiler ViewOrder Own\nfiler PrepareOrder Own\n\
             filer IssueCode Own\nfiler ReadInbox Own\nfiler ManageWebhooks Own\n\
             reviewer ViewOrder Other\nreviewer DecideOrder Other\nreviewer AttestAuthenticity Other\nreviewer ReadInbox Own\n\
             operator ViewAllResources Own\noperator ViewAllResources Other\n\
             operator ViewBridge Own\noperator ViewBridge Other\n\
             operator ManageRulebook Own\noperator ManageRulebook Other\n\
             operator ReadInbox Own\noperator ManageWebhooks Own\n\
             operator WatchNotices Own\noperator WatchNotices Other\n\
             operator ImportResources Own\noperator ImportResources Other\n\
             operator ManageAccounts Own\noperator ManageAccounts Other\n"
        );
    }
}
