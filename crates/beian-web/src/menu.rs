//! The menu: which pages a role has, in one level, or in two where they are many.

use beian_domain::Role;

/// A page of the menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MenuPage {
    /// Its address, below which the pages lie that lead on from it.
    pub(crate) path: &'static str,
    /// The key of its name.
    pub(crate) key: &'static str,
}

/// What stands in the first level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct MenuEntry {
    /// The key of its name.
    pub(crate) key: &'static str,
    /// The page, or those of the second level, of which there is at least one.
    pages: &'static [MenuPage],
}

impl MenuEntry {
    /// Where it leads: to its first page.
    pub(crate) fn path(&self) -> &'static str {
        self.pages.first().map_or("/", |page| page.path)
    }

    /// Its pages, if they are several.
    pub(crate) fn second_level(&self) -> Option<&'static [MenuPage]> {
        (self.pages.len() > 1).then_some(self.pages)
    }

    /// How it stands to where somebody is, in the words of `aria-current`; absent if they are elsewhere.
    pub(crate) fn current(&self, is_at: impl Fn(&str) -> bool) -> Option<&'static str> {
        let is_here = self.pages.iter().any(|page| is_at(page.path));
        is_here.then_some(if self.pages.len() > 1 { "true" } else { "page" })
    }
}

const fn page(path: &'static str, key: &'static str) -> MenuPage {
    MenuPage { path, key }
}

/// An entry that is a page.
macro_rules! alone {
    ($path:literal, $key:literal) => {
        MenuEntry { key: $key, pages: &[page($path, $key)] }
    };
}

const FILER: [MenuEntry; 4] = [
    alone!("/home", "menu-home"),
    alone!("/codes", "menu-codes"),
    alone!("/transfers", "menu-transfers"),
    alone!("/members", "menu-members"),
];
const REVIEWER: [MenuEntry; 2] = [alone!("/review", "menu-review"), alone!("/statistics", "menu-statistics")];
const OPERATOR: [MenuEntry; 4] = [
    alone!("/operator/overview", "menu-dashboard"),
    MenuEntry {
        key: "menu-group-customers",
        pages: &[
            page("/operator/resources", "menu-resources"),
            page("/operator/unfiled-hosts", "menu-unfiled-hosts"),
            page("/operator/drift", "menu-drift"),
            page("/operator/import", "menu-import"),
            page("/operator/records", "menu-records"),
            page("/operator/transfers", "menu-transfer-desk"),
        ],
    },
    MenuEntry {
        key: "menu-group-regulator",
        pages: &[
            page("/operator/bridge", "menu-bridge"),
            page("/operator/duties", "menu-duties"),
            page("/operator/addresses", "menu-addresses"),
            page("/operator/reconcile", "menu-reconcile"),
            page("/operator/code-tables", "menu-code-tables"),
        ],
    },
    MenuEntry {
        key: "menu-group-house",
        pages: &[
            page("/operator/rulebook", "menu-rulebook"),
            page("/operator/notices", "menu-notices"),
            page("/statistics", "menu-statistics"),
            page("/operator/settings", "menu-settings"),
        ],
    },
];
const SECURITY_ADMINISTRATOR: [MenuEntry; 1] = [alone!("/security/accounts", "menu-staff")];
const AUDIT_ADMINISTRATOR: [MenuEntry; 1] = [alone!("/audit/trail", "menu-audit")];
const ANYBODY: [MenuEntry; 2] = [alone!("/lookup", "menu-lookup"), alone!("/help", "menu-help")];

/// The first level for somebody of a role, or for a visitor.
pub(crate) fn entries(role: Option<Role>) -> impl Iterator<Item = &'static MenuEntry> {
    let own: &'static [MenuEntry] = match role {
        Some(Role::Filer) => &FILER,
        Some(Role::Reviewer) => &REVIEWER,
        Some(Role::Operator) => &OPERATOR,
        Some(Role::SecurityAdministrator) => &SECURITY_ADMINISTRATOR,
        Some(Role::AuditAdministrator) => &AUDIT_ADMINISTRATOR,
        Some(Role::Regulator) | None => &[],
    };
    own.iter().chain(&ANYBODY)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_on_a_page_of_a_group_is_told_so_on_both_levels() {
        let is_at = |path: &str| path == "/operator/duties";
        let here: Vec<_> =
            entries(Some(Role::Operator)).filter(|entry| entry.current(is_at).is_some()).collect();
        let [group] = here[..] else { panic!("expected one entry, got {here:?}") };
        assert_eq!((group.key, group.path()), ("menu-group-regulator", "/operator/bridge"));
        assert_eq!(group.current(is_at), Some("true"));
        assert!(group.second_level().unwrap().iter().any(|page| is_at(page.path)));
    }

    #[test]
    fn no_page_stands_in_a_menu_twice() {
        for role in Role::ALL.map(Some).into_iter().chain([None]) {
            let mut paths: Vec<_> =
                entries(role).flat_map(|entry| entry.pages).map(|page| page.path).collect();
            let many = paths.len();
            paths.sort_unstable();
            paths.dedup();
            assert_eq!(paths.len(), many, "{role:?}");
            assert!(entries(role).all(|entry| !entry.pages.is_empty()));
        }
    }
}
