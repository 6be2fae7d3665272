//! Scopes, and which of them include which.
//!
//! Sources: GitHub docs, "Scopes for OAuth apps"; GitLab docs, "Personal access token scopes". Scopes are texts and
//! not a closed set: one that is not listed includes itself and nothing else.

use super::ForgeKind;

/// A scope, and those that it includes directly.
type Includes = (&'static str, &'static [&'static str]);

/// GitHub's. A token's list leaves out what another of its scopes includes.
const GITHUB: &[Includes] = &[
    (
        "repo",
        // "The `repo` and `public_repo` scopes grant full access to repositories, including repository hooks."
        &["repo:status", "repo_deployment", "public_repo", "repo:invite", "security_events", "admin:repo_hook"],
    ),
    ("repo:status", &[]),
    ("repo_deployment", &[]),
    ("public_repo", &[]),
    ("repo:invite", &[]),
    ("security_events", &[]),
    ("workflow", &[]),
    ("admin:repo_hook", &["write:repo_hook"]),
    ("write:repo_hook", &["read:repo_hook"]),
    ("read:repo_hook", &[]),
    ("admin:org", &["write:org", "manage_runners:org"]),
    ("write:org", &["read:org"]),
    ("read:org", &[]),
    ("manage_runners:org", &[]),
    ("admin:org_hook", &[]),
    ("admin:public_key", &["write:public_key"]),
    ("write:public_key", &["read:public_key"]),
    ("read:public_key", &[]),
    ("admin:gpg_key", &["write:gpg_key"]),
    ("write:gpg_key", &["read:gpg_key"]),
    ("read:gpg_key", &[]),
    ("admin:ssh_signing_key", &["write:ssh_signing_key"]),
    ("write:ssh_signing_key", &["read:ssh_signing_key"]),
    ("read:ssh_signing_key", &[]),
    ("gist", &[]),
    ("notifications", &[]),
    ("user", &["read:user", "user:email", "user:follow"]),
    ("read:user", &[]),
    ("user:email", &[]),
    ("user:follow", &[]),
    ("project", &["read:project"]),
    ("read:project", &[]),
    ("delete_repo", &[]),
    ("write:packages", &["read:packages"]),
    ("read:packages", &[]),
    ("delete:packages", &[]),
    ("write:discussion", &["read:discussion"]),
    ("read:discussion", &[]),
    ("codespace", &["codespace:secrets"]),
    ("codespace:secrets", &[]),
    ("copilot", &["manage_billing:copilot"]),
    ("manage_billing:copilot", &[]),
    (
        "admin:enterprise",
        &["manage_runners:enterprise", "manage_billing:enterprise", "read:enterprise", "scim:enterprise"],
    ),
    ("manage_runners:enterprise", &[]),
    ("manage_billing:enterprise", &[]),
    ("read:enterprise", &[]),
    ("scim:enterprise", &[]),
    ("audit_log", &["read:audit_log"]),
    ("read:audit_log", &[]),
    ("site_admin", &[]),
];

/// GitLab's. `api` is full access to the API, the registry and the repositories; it neither acts as others (`sudo`,
/// `admin_mode`) nor opens Kubernetes.
const GITLAB: &[Includes] = &[
    (
        "api",
        &[
            "read_api",
            "read_repository",
            "write_repository",
            "write_registry",
            "write_virtual_registry",
            "create_runner",
            "manage_runner",
            "self_rotate",
        ],
    ),
    // Of git over HTTP its documentation says nothing: that is `read_repository`.
    ("read_api", &["read_user", "read_registry"]),
    ("read_user", &[]),
    ("write_repository", &["read_repository"]),
    ("read_repository", &[]),
    ("write_registry", &["read_registry"]),
    ("read_registry", &[]),
    ("write_virtual_registry", &["read_virtual_registry"]),
    ("read_virtual_registry", &[]),
    ("create_runner", &[]),
    ("manage_runner", &[]),
    ("ai_features", &[]),
    ("k8s_proxy", &[]),
    ("self_rotate", &[]),
    ("read_service_ping", &[]),
    ("sudo", &[]),
    ("admin_mode", &[]),
];

const fn table(forge: ForgeKind) -> &'static [Includes] {
    match forge {
        ForgeKind::GitHub => GITHUB,
        ForgeKind::GitLab => GITLAB,
    }
}

/// The scopes that connect knows of this forge.
pub fn known(forge: ForgeKind) -> impl Iterator<Item = &'static str> {
    table(forge).iter().map(|(scope, _)| *scope)
}

/// Whether connect knows this scope.
pub fn is_known(forge: ForgeKind, scope: &str) -> bool {
    known(forge).any(|known| known == scope)
}

/// Whether whoever has `scope` has `part` by it: it is the same, or included, directly or by another.
pub fn includes(forge: ForgeKind, scope: &str, part: &str) -> bool {
    scope == part
        || table(forge)
            .iter()
            .find(|(known, _)| *known == scope)
            .is_some_and(|(_, parts)| parts.iter().any(|included| includes(forge, included, part)))
}

/// The scope of a token that gives it `wanted`.
pub fn giver<'a>(forge: ForgeKind, has: &'a [String], wanted: &str) -> Option<&'a str> {
    has.iter().map(String::as_str).find(|scope| includes(forge, scope, wanted))
}

/// Whether `public_repo` is as good as this scope where the repository is public: GitHub accepts it for code,
/// statuses, deployments and hooks alike.
pub fn public_repo_is_enough(scope: &str) -> bool {
    scope == "repo" || (includes(ForgeKind::GitHub, "repo", scope) && scope != "security_events")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn any_scope(forge: ForgeKind) -> impl Strategy<Value = String> {
        let known: Vec<String> = known(forge).map(str::to_owned).collect();
        prop_oneof![9 => proptest::sample::select(known), 1 => "[a-z_:]{0,12}"]
    }

    proptest! {
        #[test]
        fn implication_is_reflexive_and_transitive(
            (forge, a, b, c) in prop_oneof![Just(ForgeKind::GitHub), Just(ForgeKind::GitLab)]
                .prop_flat_map(|forge| (Just(forge), any_scope(forge), any_scope(forge), any_scope(forge)))
        ) {
            prop_assert!(includes(forge, &a, &a));
            if includes(forge, &a, &b) && includes(forge, &b, &c) {
                prop_assert!(includes(forge, &a, &c), "{} {} {}", a, b, c);
            }
            if a != b && includes(forge, &a, &b) {
                prop_assert!(!includes(forge, &b, &a), "a circle: {} {}", a, b);
            }
        }
    }

    #[test]
    fn every_part_is_listed() {
        for forge in [ForgeKind::GitHub, ForgeKind::GitLab] {
            for (scope, parts) in table(forge) {
                for part in *parts {
                    assert!(is_known(forge, part), "{scope} includes {part}, which is not listed");
                }
            }
        }
    }

    #[test]
    fn what_includes_what() {
        let github = |scope, part| includes(ForgeKind::GitHub, scope, part);
        for part in ["repo:status", "public_repo", "read:repo_hook", "admin:repo_hook", "repo_deployment"] {
            assert!(github("repo", part), "{part}");
        }
        assert!(github("admin:org", "read:org") && github("admin:public_key", "read:public_key"));
        assert!(github("user", "user:email") && github("write:packages", "read:packages"));
        for (scope, part) in
            [("repo", "workflow"), ("repo", "admin:org_hook"), ("public_repo", "repo"), ("read:org", "admin:org")]
        {
            assert!(!github(scope, part), "{scope} {part}");
        }
        let gitlab = |scope, part| includes(ForgeKind::GitLab, scope, part);
        for part in ["read_api", "read_user", "read_repository", "write_repository", "self_rotate"] {
            assert!(gitlab("api", part), "{part}");
        }
        assert!(gitlab("write_repository", "read_repository") && gitlab("read_api", "read_user"));
        for (scope, part) in [
            ("read_api", "api"),
            ("read_api", "read_repository"),
            ("api", "sudo"),
            ("read_repository", "write_repository"),
        ] {
            assert!(!gitlab(scope, part), "{scope} {part}");
        }
    }

    #[test]
    fn what_public_repo_does() {
        for scope in ["repo", "repo:status", "admin:repo_hook", "public_repo"] {
            assert!(public_repo_is_enough(scope), "{scope}");
        }
        for scope in ["workflow", "read:org", "admin:org_hook", "security_events", "invented"] {
            assert!(!public_repo_is_enough(scope), "{scope}");
        }
    }
}
