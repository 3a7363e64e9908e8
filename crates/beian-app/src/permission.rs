//! Who may do what: one matrix for the portal and the API alike.

use beian_domain::{MemberRole, Role};

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
    /// See what is exchanged with the regulator.
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
    /// Invite members and agents, change what they may do, remove them.
    ManageMembers,
    /// Have records transferred to an account, or object to their going.
    TransferRecord,
    /// Decide about a transfer, and take in records of an older system.
    DecideTransfer,
    /// Take away everything that is kept of an account.
    TakeArchive,
    /// See what the regulator's lists want done, and report what was done.
    HandleDuties,
    /// See the provider's ranges of addresses, and file them.
    FileAddresses,
    /// Make and lock accounts of staff, give roles, reset second factors.
    ManageStaff,
    /// Search the audit trail, and verify its chain.
    ReadTrail,
    /// Have a second factor.
    HaveSecondFactor,
    /// See how the installation is set up.
    ViewSettings,
    /// See what is not as it was filed, tell customers of it, or decide that they need not be told.
    WatchDrift,
}

/// How the person stands to the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    /// It is theirs.
    Own,
    /// It is that of an account whose member (成员) or agent (代办) they are.
    Member(MemberRole),
    /// It is somebody else's, or nobody's.
    Other,
}

impl Action {
    /// Every action.
    pub const ALL: [Self; 25] = [
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
        Self::ManageMembers,
        Self::TransferRecord,
        Self::DecideTransfer,
        Self::TakeArchive,
        Self::HandleDuties,
        Self::FileAddresses,
        Self::ManageStaff,
        Self::ReadTrail,
        Self::HaveSecondFactor,
        Self::ViewSettings,
        Self::WatchDrift,
    ];
}

impl Relation {
    /// Every relation.
    pub const ALL: [Self; 6] = [
        Self::Own,
        Self::Member(MemberRole::Owner),
        Self::Member(MemberRole::Preparer),
        Self::Member(MemberRole::Viewer),
        Self::Member(MemberRole::Agent),
        Self::Other,
    ];
}

/// Whether `role` may do `action` to a thing of this `relation`. What is not
/// listed is forbidden.
pub fn is_allowed(role: Role, action: Action, relation: Relation) -> bool {
    use Action as A;
    use MemberRole as M;
    use Relation as R;
    matches!(
        (role, action, relation),
        (
            Role::Filer,
            A::BeginOrder
                | A::ViewOrder
                | A::PrepareOrder
                | A::IssueCode
                | A::ManageMembers
                | A::TransferRecord
                | A::TakeArchive,
            R::Own | R::Member(M::Owner)
        ) | (Role::Filer, A::BeginOrder | A::ViewOrder | A::PrepareOrder, R::Member(M::Preparer | M::Agent))
            | (Role::Filer, A::ViewOrder, R::Member(M::Viewer))
            | (Role::Reviewer, A::ViewOrder | A::DecideOrder | A::AttestAuthenticity, R::Other)
            | (Role::Operator, A::ViewAllResources | A::ViewBridge | A::ManageRulebook | A::WatchNotices, _)
            | (
                Role::Operator,
                A::ImportResources
                    | A::ManageAccounts
                    | A::DecideTransfer
                    | A::HandleDuties
                    | A::FileAddresses
                    | A::ViewSettings
                    | A::WatchDrift,
                _
            )
            | (Role::SecurityAdministrator, A::ManageStaff, R::Other)
            | (Role::AuditAdministrator, A::ReadTrail, _)
            | (
                Role::Reviewer | Role::Operator | Role::SecurityAdministrator | Role::AuditAdministrator,
                A::HaveSecondFactor,
                R::Own
            )
            | (Role::Filer | Role::Reviewer | Role::Operator, A::ReadInbox, R::Own)
            | (Role::Filer | Role::Operator, A::ManageWebhooks, R::Own)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The whole matrix, written out: a change of the rule shows here. A line
    /// holds a role, an action, and every relation in which it is allowed.
    #[test]
    fn every_cell_is_as_written() {
        let mut allowed = String::new();
        for role in Role::ALL {
            for action in Action::ALL {
                let relations: Vec<String> = Relation::ALL
                    .into_iter()
                    .filter(|relation| is_allowed(role, action, *relation))
                    .map(|relation| match relation {
                        Relation::Own => "own".to_owned(),
                        Relation::Member(role) => role.slug().to_owned(),
                        Relation::Other => "other".to_owned(),
                    })
                    .collect();
                if !relations.is_empty() {
                    allowed.push_str(&format!("{} {action:?}: {}\n", role.slug(), relations.join(" ")));
                }
            }
        }
        let anybody = "own owner preparer viewer agent other";
        assert_eq!(
            allowed,
            format!(
                "filer BeginOrder: own owner preparer agent\n\
                 filer ViewOrder: own owner preparer viewer agent\n\
                 filer PrepareOrder: own owner preparer agent\n\
                 filer ReadInbox: own\n\
                 filer ManageWebhooks: own\n\
                 filer IssueCode: own owner\n\
                 filer ManageMembers: own owner\n\
                 filer TransferRecord: own owner\n\
                 filer TakeArchive: own owner\n\
                 reviewer ViewOrder: other\n\
                 reviewer DecideOrder: other\n\
                 reviewer AttestAuthenticity: other\n\
                 reviewer ReadInbox: own\n\
                 reviewer HaveSecondFactor: own\n\
                 operator ViewAllResources: {anybody}\n\
                 operator ViewBridge: {anybody}\n\
                 operator ManageRulebook: {anybody}\n\
                 operator ReadInbox: own\n\
                 operator ManageWebhooks: own\n\
                 operator WatchNotices: {anybody}\n\
                 operator ImportResources: {anybody}\n\
                 operator ManageAccounts: {anybody}\n\
                 operator DecideTransfer: {anybody}\n\
                 operator HandleDuties: {anybody}\n\
                 operator FileAddresses: {anybody}\n\
                 operator HaveSecondFactor: own\n\
                 operator ViewSettings: {anybody}\n\
                 operator WatchDrift: {anybody}\n\
                 security-administrator ManageStaff: other\n\
                 security-administrator HaveSecondFactor: own\n\
                 audit-administrator ReadTrail: {anybody}\n\
                 audit-administrator HaveSecondFactor: own\n"
            )
        );
    }
    /// Who runs the system, who says who may use it, and who looks after the record of both have
    /// nothing in common but their own second factor.
    #[test]
    fn the_three_administrators_share_nothing() {
        let three = [Role::Operator, Role::SecurityAdministrator, Role::AuditAdministrator];
        for action in Action::ALL {
            if action == Action::HaveSecondFactor {
                continue;
            }
            let may = three
                .into_iter()
                .filter(|role| Relation::ALL.into_iter().any(|relation| is_allowed(*role, action, relation)));
            assert!(may.count() <= 1, "{action:?}");
        }
    }
}
