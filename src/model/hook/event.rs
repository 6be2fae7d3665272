//! What webhooks tell of.
//!
//! Both forges add events without notice, so an unknown name is passed on, with a warning; one that is nearly a known
//! name is more likely a slip. Sources: GitHub's OpenAPI description of its webhooks (75 names, of which a repository's
//! and an organisation's may be asked for); GitLab REST, "Project webhooks" and "Group webhooks", whose flags are these
//! names with `_events` behind.

use super::Target;
use crate::model::text::distance;

/// What a repository's webhook on GitHub may tell of.
const GITHUB_REPO: &[&str] = &[
    "branch_protection_configuration",
    "branch_protection_rule",
    "check_run",
    "check_suite",
    "code_scanning_alert",
    "commit_comment",
    "create",
    "custom_property_values",
    "delete",
    "dependabot_alert",
    "deploy_key",
    "deployment",
    "deployment_status",
    "discussion",
    "discussion_comment",
    "fork",
    "gollum",
    "issue_comment",
    "issue_dependencies",
    "issues",
    "label",
    "member",
    "meta",
    "milestone",
    "package",
    "page_build",
    "ping",
    "project",
    "project_card",
    "project_column",
    "public",
    "pull_request",
    "pull_request_review",
    "pull_request_review_comment",
    "pull_request_review_thread",
    "push",
    "registry_package",
    "release",
    "repository",
    "repository_advisory",
    "repository_import",
    "repository_ruleset",
    "repository_vulnerability_alert",
    "secret_scanning_alert",
    "secret_scanning_alert_location",
    "secret_scanning_scan",
    "security_and_analysis",
    "star",
    "status",
    "sub_issues",
    "team_add",
    "watch",
    "workflow_job",
    "workflow_run",
];

/// What an organisation's may tell of beside that.
const GITHUB_ORG: &[&str] = &[
    "custom_property",
    "membership",
    "org_block",
    "organization",
    "personal_access_token_request",
    "projects_v2",
    "projects_v2_item",
    "projects_v2_status_update",
    "team",
];

/// What a project's webhook on GitLab may tell of.
const GITLAB_PROJECT: &[&str] = &[
    "push",
    "tag_push",
    "issues",
    "confidential_issues",
    "note",
    "confidential_note",
    "merge_requests",
    "job",
    "pipeline",
    "wiki_page",
    "deployment",
    "feature_flag",
    "releases",
    "milestone",
    "emoji",
    "resource_access_token",
    "resource_deploy_token",
    "vulnerability",
];

/// What a group's may tell of beside that.
const GITLAB_GROUP: &[&str] = &["subgroup", "member", "project"];

/// Words that people use for GitLab's, with what is meant: its own page, its headers and the `object_kind` of its
/// payloads call them so.
const GITLAB_WORDS: &[(&str, &str)] = &[
    ("merge_request", "merge_requests"),
    ("pull_request", "merge_requests"),
    ("issue", "issues"),
    ("work_item", "issues"),
    ("confidential_issue", "confidential_issues"),
    ("confidential_work_item", "confidential_issues"),
    ("tag", "tag_push"),
    ("tags", "tag_push"),
    ("comment", "note"),
    ("comments", "note"),
    ("build", "job"),
    ("jobs", "job"),
    ("pipelines", "pipeline"),
    ("release", "releases"),
    ("wiki", "wiki_page"),
    ("access_token", "resource_access_token"),
    ("deploy_token", "resource_deploy_token"),
];

/// The longest name that is taken, in bytes.
const LONGEST: usize = 60;

/// GitHub's name for all events, those included that it will have one day.
pub const ALL: &str = "*";

/// How a name stands to those that are known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Known {
    /// It is one of them.
    Yes,
    /// It is none, and this one is like it.
    Similar(&'static str),
    /// It is none, and like none.
    No,
}

/// All that a webhook there may tell of, by what is known here.
pub fn all(target: &Target) -> impl Iterator<Item = &'static str> + Clone {
    let (own, more): (&[&str], &[&str]) = match target {
        Target::GithubRepo { .. } => (GITHUB_REPO, &[]),
        Target::GithubOrg(_) => (GITHUB_REPO, GITHUB_ORG),
        Target::GitlabProject(_) => (GITLAB_PROJECT, &[]),
        Target::GitlabGroup(_) => (GITLAB_PROJECT, GITLAB_GROUP),
    };
    own.iter().chain(more).copied()
}

/// A name as it was typed, in the form that is sent: GitLab's without `_events`, in small letters; nothing where it can
/// be no event's name.
pub fn read(target: &Target, text: &str) -> Option<String> {
    let low = text.trim().to_ascii_lowercase().replace('-', "_");
    let name = match target {
        Target::GithubRepo { .. } | Target::GithubOrg(_) => low.as_str(),
        Target::GitlabProject(_) | Target::GitlabGroup(_) => low.strip_suffix("_events").unwrap_or(&low),
    };
    let all = name == ALL && matches!(target, Target::GithubRepo { .. } | Target::GithubOrg(_));
    let good =
        !name.is_empty() && name.len() <= LONGEST && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    (all || good).then(|| name.to_owned())
}

/// GitLab's name for what somebody, a payload or a header calls otherwise: `merge_requests` for `merge_request` and for
/// `Merge Request Hook`. What has no other name stays as it is.
pub fn at_gitlab(text: &str) -> String {
    let low = text.trim().trim_end_matches(" Hook").to_ascii_lowercase().replace(['-', ' '], "_");
    let name = low.strip_suffix("_events").unwrap_or(&low);
    GITLAB_WORDS.iter().find(|(word, _)| *word == name).map_or(name, |(_, meant)| meant).to_owned()
}

/// Whether a name, as [`read`] gives it, is known for such a target.
pub fn known(target: &Target, name: &str) -> Known {
    if name == ALL || all(target).any(|known| known == name) {
        return Known::Yes;
    }
    let is_gitlab = matches!(target, Target::GitlabProject(_) | Target::GitlabGroup(_));
    if let Some((_, meant)) = GITLAB_WORDS.iter().find(|(word, _)| is_gitlab && *word == name) {
        return Known::Similar(meant);
    }
    let near = |known: &&str| distance(known, name) <= 1 + known.len() / 6;
    let best = all(target).filter(near).min_by_key(|known| distance(known, name));
    best.map_or(Known::No, Known::Similar)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repo() -> Target {
        Target::GithubRepo { owner: "o".into(), name: "r".into() }
    }

    fn project() -> Target {
        Target::GitlabProject("g/p".into())
    }

    #[test]
    fn names() {
        assert_eq!(known(&repo(), "pull_request"), Known::Yes);
        assert_eq!(known(&repo(), "pull_requests"), Known::Similar("pull_request"));
        assert_eq!(known(&repo(), "pussh"), Known::Similar("push"));
        assert_eq!(known(&repo(), "membership"), Known::No, "an organisation's");
        assert_eq!(known(&Target::GithubOrg("o".into()), "membership"), Known::Yes);
        assert_eq!(known(&repo(), "quantum_leap"), Known::No);
        assert_eq!(known(&project(), "merge_request"), Known::Similar("merge_requests"));
        assert_eq!(known(&project(), "subgroup"), Known::No);
        assert_eq!(known(&Target::GitlabGroup("g".into()), "subgroup"), Known::Yes);
    }

    #[test]
    fn as_they_are_typed() {
        assert_eq!(read(&project(), " Merge-Requests_Events").as_deref(), Some("merge_requests"));
        assert_eq!(read(&repo(), "*").as_deref(), Some("*"));
        for merge in ["merge_requests", "merge_request", "Merge Request Hook", "Merge-Requests_Events"] {
            assert_eq!(at_gitlab(merge), "merge_requests");
        }
        assert_eq!([at_gitlab("build"), at_gitlab("quantum_leap")], ["job", "quantum_leap"]);
        for bad in ["", "a b", "push;", "é"] {
            assert_eq!(read(&repo(), bad), None, "{bad}");
        }
        assert_eq!(read(&project(), "*"), None);
    }

    #[test]
    fn nothing_is_like_two() {
        for target in [repo(), Target::GithubOrg("o".into()), project(), Target::GitlabGroup("g".into())] {
            for name in all(&target) {
                assert_eq!(known(&target, name), Known::Yes);
                assert_eq!(read(&target, name).as_deref(), Some(name));
            }
        }
    }
}
