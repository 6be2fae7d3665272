//! GitHub's fine-grained permissions: the key in a link and in a header, the label on the page, the levels there are.
//!
//! Source: GitHub docs, "Managing your personal access tokens", tables of URL parameters. Permissions are texts and
//! not a closed set: what is not in the table is passed on as it was typed.

use std::fmt;

/// How much of a fine-grained GitHub permission is needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Level {
    /// Read only.
    Read,
    /// Read and write.
    Write,
    /// Everything; a few permissions of organisations know it.
    Admin,
}

impl Level {
    /// GitHub's word for it in a pre-filled page and in headers: `read`, `write`, `admin`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
            Self::Admin => "admin",
        }
    }

    /// As GitHub's page says it.
    pub const fn on_the_page(self) -> &'static str {
        match self {
            Self::Read => "Read-only",
            Self::Write => "Read and write",
            Self::Admin => "Admin",
        }
    }

    /// Reads GitHub's word, in any case.
    pub fn read(text: &str) -> Option<Self> {
        [Self::Read, Self::Write, Self::Admin].into_iter().find(|level| level.word().eq_ignore_ascii_case(text))
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A fine-grained GitHub permission at a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Permission {
    /// GitHub's key, as `repository_hooks`.
    pub key: &'static str,
    /// The label on GitHub's page, as `Webhooks`.
    pub label: &'static str,
    /// How much of it.
    pub level: Level,
}

/// What a permission is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Area {
    /// Repositories.
    Repository,
    /// An organisation.
    Organization,
    /// The user's own account.
    Account,
}

/// A permission that GitHub has, without a level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KnownPermission {
    /// GitHub's key.
    pub key: &'static str,
    /// The label on GitHub's page.
    pub label: &'static str,
    /// What it is about.
    pub area: Area,
    /// The levels that the page offers, from the lowest.
    pub levels: &'static [Level],
}

impl KnownPermission {
    /// This permission at a level, or at the lowest that reaches as far: of Workflows GitHub knows only writing.
    pub fn at(&self, level: Option<Level>) -> Permission {
        let wanted = level.unwrap_or(Level::Read);
        let level = self.levels.iter().copied().find(|offered| *offered >= wanted).unwrap_or(wanted);
        Permission { key: self.key, label: self.label, level }
    }

    /// Whether the page offers that level.
    pub fn offers(&self, level: Level) -> bool {
        self.levels.contains(&level)
    }
}

const READ: &[Level] = &[Level::Read];
const WRITE: &[Level] = &[Level::Write];
const BOTH: &[Level] = &[Level::Read, Level::Write];
const ALL_THREE: &[Level] = &[Level::Read, Level::Write, Level::Admin];

const fn repository(key: &'static str, label: &'static str, levels: &'static [Level]) -> KnownPermission {
    KnownPermission { key, label, area: Area::Repository, levels }
}

const fn organization(key: &'static str, label: &'static str, levels: &'static [Level]) -> KnownPermission {
    KnownPermission { key, label, area: Area::Organization, levels }
}

const fn account(key: &'static str, label: &'static str, levels: &'static [Level]) -> KnownPermission {
    KnownPermission { key, label, area: Area::Account, levels }
}

/// All of them, in the order of GitHub's page. Several labels stand for a repository's permission and an
/// organisation's: the first one is meant, the other one is named by its key.
pub const PERMISSIONS: &[KnownPermission] = &[
    repository("actions", "Actions", BOTH),
    repository("administration", "Administration", BOTH),
    repository("artifact_metadata", "Artifact metadata", BOTH),
    repository("attestations", "Attestations", BOTH),
    repository("code_quality", "Code quality", BOTH),
    repository("security_events", "Code scanning alerts", BOTH),
    repository("codespaces", "Codespaces", BOTH),
    repository("codespaces_lifecycle_admin", "Codespaces lifecycle admin", BOTH),
    repository("codespaces_metadata", "Codespaces metadata", READ),
    repository("codespaces_secrets", "Codespaces secrets", WRITE),
    repository("statuses", "Commit statuses", BOTH),
    repository("contents", "Contents", BOTH),
    repository("repository_custom_properties", "Custom properties", BOTH),
    repository("vulnerability_alerts", "Dependabot alerts", BOTH),
    repository("dependabot_secrets", "Dependabot secrets", BOTH),
    repository("deployments", "Deployments", BOTH),
    repository("discussions", "Discussions", BOTH),
    repository("environments", "Environments", BOTH),
    repository("issues", "Issues", BOTH),
    repository("merge_queues", "Merge queues", BOTH),
    repository("metadata", "Metadata", READ),
    repository("pages", "Pages", BOTH),
    repository("pull_requests", "Pull requests", BOTH),
    repository("repository_advisories", "Repository security advisories", BOTH),
    repository("secret_scanning_alerts", "Secret scanning alerts", BOTH),
    repository("secrets", "Secrets", BOTH),
    repository("actions_variables", "Variables", BOTH),
    repository("repository_hooks", "Webhooks", BOTH),
    repository("workflows", "Workflows", WRITE),
    organization("organization_api_insights", "API Insights", READ),
    organization("organization_administration", "Organization administration", BOTH),
    organization("organization_user_blocking", "Blocking users", BOTH),
    organization("organization_campaigns", "Campaigns", BOTH),
    organization("organization_custom_org_roles", "Custom organization roles", BOTH),
    organization("organization_custom_properties", "Custom repository properties", ALL_THREE),
    organization("organization_custom_roles", "Custom repository roles", BOTH),
    organization("organization_events", "Events", READ),
    organization("organization_copilot_seat_management", "GitHub Copilot Business", BOTH),
    organization("issue_types", "Issue types", BOTH),
    organization("organization_knowledge_bases", "Organization knowledge bases", BOTH),
    organization("members", "Members", BOTH),
    organization("organization_models", "Organization models", READ),
    organization("organization_network_configurations", "Network configurations", BOTH),
    organization("organization_announcement_banners", "Organization announcement banners", BOTH),
    organization("organization_codespaces", "Organization codespaces", BOTH),
    organization("organization_codespaces_secrets", "Organization codespaces secrets", BOTH),
    organization("organization_codespaces_settings", "Organization codespaces settings", BOTH),
    organization("organization_dependabot_secrets", "Organization dependabot secrets", BOTH),
    organization("organization_code_scanning_dismissal_requests", "Code scanning dismissal requests", BOTH),
    organization("organization_private_registries", "Private registries", BOTH),
    organization("organization_plan", "Organization plan", READ),
    organization("organization_projects", "Organization projects", ALL_THREE),
    organization("organization_secrets", "Organization secrets", BOTH),
    organization("organization_self_hosted_runners", "Self-hosted runners", BOTH),
    organization("team_discussions", "Team discussions", BOTH),
    organization("organization_actions_variables", "Organization variables", BOTH),
    organization("organization_hooks", "Organization webhooks", BOTH),
    account("blocking", "Block another user", BOTH),
    account("codespaces_user_secrets", "Codespaces user secrets", BOTH),
    account("copilot_messages", "Copilot Chat", READ),
    account("copilot_editor_context", "Copilot Editor Context", READ),
    account("copilot_requests", "Copilot requests", WRITE),
    account("emails", "Email addresses", BOTH),
    account("user_events", "User events", READ),
    account("followers", "Followers", BOTH),
    account("gpg_keys", "GPG keys", BOTH),
    account("gists", "Gists", WRITE),
    account("keys", "Git SSH keys", BOTH),
    account("interaction_limits", "Interaction limits", BOTH),
    account("knowledge_bases", "Knowledge bases", BOTH),
    account("user_models", "Models", READ),
    account("plan", "Plan", READ),
    account("private_repository_invitations", "Private repository invitations", READ),
    account("profile", "Profile", WRITE),
    account("git_signing_ssh_public_keys", "SSH signing keys", BOTH),
    account("starring", "Starring", BOTH),
    account("watching", "Watching", BOTH),
];

/// The permission of that key or label, in any case, with spaces, hyphens or underscores.
pub fn find(text: &str) -> Option<&'static KnownPermission> {
    let wanted = plain(text);
    PERMISSIONS.iter().find(|known| known.key == wanted || plain(known.label) == wanted)
}

/// The same text for all ways to type a name.
pub fn plain(text: &str) -> String {
    text.trim().to_lowercase().replace([' ', '-'], "_")
}

/// What a classic scope has of a permission: the narrowest scope that includes it. Nothing where connect does not
/// know of one.
pub fn classic_scope(key: &str, level: Level) -> Option<&'static str> {
    let reads = level == Level::Read;
    Some(match key {
        "contents" | "issues" | "pull_requests" | "actions" | "administration" | "environments" | "secrets"
        | "actions_variables" | "dependabot_secrets" | "discussions" | "pages" => "repo",
        "statuses" => "repo:status",
        "deployments" => "repo_deployment",
        "workflows" => "workflow",
        "repository_hooks" if reads => "read:repo_hook",
        "repository_hooks" => "admin:repo_hook",
        "organization_hooks" => "admin:org_hook",
        "security_events" | "vulnerability_alerts" => "security_events",
        "members" if reads => "read:org",
        "members" => "admin:org",
        "gists" => "gist",
        "emails" if reads => "user:email",
        "profile" | "emails" => "user",
        "followers" => "user:follow",
        "keys" if reads => "read:public_key",
        "keys" => "admin:public_key",
        "gpg_keys" if reads => "read:gpg_key",
        "gpg_keys" => "admin:gpg_key",
        "codespaces" => "codespace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn by_key_and_by_label_in_any_way_of_typing() {
        for text in ["Commit statuses", "commit-statuses", "COMMIT_STATUSES", "statuses", " Statuses "] {
            assert_eq!(find(text).map(|known| known.key), Some("statuses"), "{text}");
        }
        assert_eq!(find("Webhooks").map(|known| known.key), Some("repository_hooks"));
        assert_eq!(find("organization-hooks").map(|known| known.key), Some("organization_hooks"));
        assert_eq!(find("checks"), None);
    }

    #[test]
    fn keys_and_labels_are_unique() {
        for (index, one) in PERMISSIONS.iter().enumerate() {
            for other in &PERMISSIONS[index + 1..] {
                assert!(one.key != other.key && plain(one.label) != plain(other.label), "{one:?} {other:?}");
            }
            assert!(!one.levels.is_empty() && one.levels.is_sorted());
            assert_eq!(plain(one.key), one.key);
        }
    }

    #[test]
    fn levels_that_there_are() {
        let at = |text: &str, level| find(text).map(|known| known.at(level).level);
        assert_eq!(at("contents", None), Some(Level::Read));
        assert_eq!(at("workflows", None), Some(Level::Write));
        assert_eq!(at("workflows", Some(Level::Read)), Some(Level::Write));
        assert_eq!(at("metadata", Some(Level::Write)), Some(Level::Write));
        assert!(find("metadata").is_some_and(|known| !known.offers(Level::Write)));
        assert_eq!(Level::read("WRITE"), Some(Level::Write));
    }

    #[test]
    fn every_classic_scope_named_is_one() {
        for known in PERMISSIONS {
            for level in [Level::Read, Level::Write, Level::Admin] {
                if let Some(scope) = classic_scope(known.key, level) {
                    assert!(super::super::scope::is_known(super::super::ForgeKind::GitHub, scope), "{scope}");
                }
            }
        }
    }
}
