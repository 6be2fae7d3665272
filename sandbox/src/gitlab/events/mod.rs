//! What happens in a project, told to its webhooks and to those of the groups above it.
//!
//! A route, git or the background leaves a [`News`]; it is made into a payload and waits in the line of
//! each hook that wants it ([`delivery`] sends what waits). A push of more than three branches, or of
//! more than three tags, is told to nobody.
//!
//! Source: GitLab docs "Webhook events", `web_hook_service.rb`, `push_event_hooks_limit`.

pub(super) mod delivery;
pub(crate) mod emit;
pub(super) mod payload;

use regex::Regex;
use serde_json::Value;

use crate::emission::Posted;
use crate::git::Update;
use crate::mail::{self, Payload, guid};
use crate::world::gitlab::hook::{BranchFilter, Home, Hook, Letter};
use crate::world::gitlab::task::News;
use crate::world::version::Version;
use crate::world::{Tier, World};
use delivery::HookBox;
use payload::Stage;

/// A push that changes more branches, or more tags, than this is told to nobody.
const MOST_REFERENCES: usize = 3;

/// Whose hooks may want a kind of event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Of {
    All,
    Groups,
}

/// A kind of event.
#[derive(Debug)]
pub(super) struct Kind {
    /// `push_events`
    pub flag: &'static str,
    /// `Push Hook`
    pub header: &'static str,
    since: (u32, u32),
    of: Of,
}

const fn kind(flag: &'static str, header: &'static str) -> Kind {
    Kind { flag, header, since: (0, 0), of: Of::All }
}

/// All of them. Since when, where that matters, is from GitLab's documentation; the newest are inferred.
pub(super) const KINDS: &[Kind] = &[
    kind("push_events", "Push Hook"),
    kind("tag_push_events", "Tag Push Hook"),
    kind("issues_events", "Issue Hook"),
    kind("confidential_issues_events", "Confidential Issue Hook"),
    kind("note_events", "Note Hook"),
    kind("confidential_note_events", "Confidential Note Hook"),
    kind("merge_requests_events", "Merge Request Hook"),
    kind("job_events", "Job Hook"),
    kind("pipeline_events", "Pipeline Hook"),
    kind("wiki_page_events", "Wiki Page Hook"),
    kind("deployment_events", "Deployment Hook"),
    kind("feature_flag_events", "Feature Flag Hook"),
    kind("releases_events", "Release Hook"),
    Kind { since: (16, 2), ..kind("emoji_events", "Emoji Hook") },
    Kind { since: (16, 10), ..kind("resource_access_token_events", "Resource Access Token Hook") },
    Kind { since: (17, 7), ..kind("vulnerability_events", "Vulnerability Hook") },
    Kind { since: (17, 9), ..kind("milestone_events", "Milestone Hook") },
    Kind { since: (18, 5), ..kind("resource_deploy_token_events", "Resource Deploy Token Hook") },
    Kind { of: Of::Groups, ..kind("subgroup_events", "Subgroup Hook") },
    Kind { of: Of::Groups, ..kind("member_events", "Member Hook") },
    Kind { of: Of::Groups, since: (17, 5), ..kind("project_events", "Project Hook") },
];

impl Kind {
    /// By its flag, with or without `_events`, or by its header.
    pub fn named(name: &str) -> Option<&'static Self> {
        let named = |kind: &&Self| kind.flag == name || kind.header == name || kind.short() == name;
        KINDS.iter().find(named)
    }

    /// Those that hooks there may want.
    pub fn of(home: Home, version: Version) -> impl Iterator<Item = &'static Self> {
        let wanted = move |kind: &&Self| kind.of == Of::All || matches!(home, Home::Group(_));
        KINDS.iter().filter(wanted).filter(move |kind| version.reaches(kind.since.0, kind.since.1))
    }

    /// `push`
    pub fn short(&self) -> &'static str {
        self.flag.strip_suffix("_events").unwrap_or(self.flag)
    }
}

/// `push_hooks`, from `Push Hook`: GitLab makes the one of the other.
fn trigger_of(header: &str) -> String {
    format!("{}s", header.to_lowercase().replace(' ', "_"))
}

/// A letter of an event, to be sent to any number of hooks.
pub(super) fn letter(header: &str, payload: Payload) -> Letter {
    Letter {
        trigger: trigger_of(header),
        header: header.to_owned(),
        payload,
        event_uuid: guid(),
        key: guid(),
        tries: 0,
    }
}

/// Does the hook hear of pushes to this branch?
fn hears_of(hook: &Hook, branch: &str) -> bool {
    let Some(filter) = hook.push_events_branch_filter.as_deref().filter(|filter| !filter.is_empty()) else {
        return true;
    };
    match hook.branch_filter_strategy {
        BranchFilter::AllBranches => true,
        BranchFilter::Regex => Regex::new(filter).is_ok_and(|filter| filter.is_match(branch)),
        BranchFilter::Wildcard => {
            let parts: Vec<String> = filter.split('*').map(regex::escape).collect();
            Regex::new(&format!("^{}$", parts.join(".*"))).is_ok_and(|filter| filter.is_match(branch))
        }
    }
}

/// Puts an event into the lines of those hooks of a place that want it, so many times.
fn post(
    world: &mut World,
    home: Home,
    letter: &Letter,
    times: usize,
    at_once: usize,
    wants: impl Fn(&Hook) -> bool,
) -> Vec<Posted> {
    let now = world.clock.now();
    let disables = world.settings.auto_disable_hooks;
    let work = world.work.clone();
    let mut posted = Vec::new();
    for hook in world.gitlab.hooks_mut(home).into_iter().flatten() {
        if disables && !hook.is_executable(now) || !wants(hook) {
            continue;
        }
        for _ in 0..times {
            let letter = Letter { key: guid(), ..letter.clone() };
            posted.push(Posted::at_gitlab(home, hook.id, &letter.key));
            mail::enqueue(&mut hook.line, HookBox { home, hook: hook.id }, letter, &work, at_once);
        }
    }
    posted
}

/// Those places above a project whose hooks are there: those of groups take a licence.
fn homes(world: &World, project: u64) -> Vec<Home> {
    let licensed = world.settings.tier == Tier::Premium;
    let homes = world.gitlab.homes_above(project).into_iter();
    homes.filter(|home| licensed || matches!(home, Home::Project(_))).collect()
}

/// Tells all hooks that want to hear it.
fn tell(world: &mut World, project: u64, kind: &Kind, payload: Value, branch: Option<&str>) {
    let letter = letter(kind.header, payload.into());
    let wants = |hook: &Hook| hook.events.contains(kind.flag) && branch.is_none_or(|branch| hears_of(hook, branch));
    let at_once = world.work.deliveries_at_once();
    for home in homes(world, project) {
        post(world, home, &letter, 1, at_once, wants);
    }
}

/// Would any hook hear of this? What nobody wants need not be made up.
fn is_wanted(world: &World, project: u64, flag: &str) -> bool {
    homes(world, project).into_iter().any(|home| world.gitlab.hooks(home).iter().any(|hook| hook.events.contains(flag)))
}

/// Tells what has happened.
pub(super) fn report(world: &mut World, project: u64, news: News) {
    match news {
        News::Pushed { user, updates } => pushed(world, project, user.as_deref(), &updates),
        News::Pipeline { id } => pipeline(world, project, id),
    }
}

fn pushed(world: &mut World, project: u64, user: Option<&str>, updates: &[Update]) {
    for (flag, wanted) in
        [("push_events", Update::branch as fn(&Update) -> Option<&str>), ("tag_push_events", Update::tag)]
    {
        let these: Vec<&Update> = updates.iter().filter(|update| wanted(update).is_some()).collect();
        let Some(kind) = Kind::named(flag).filter(|_| these.len() <= MOST_REFERENCES) else {
            continue;
        };
        if !is_wanted(world, project, flag) {
            continue;
        }
        for update in these {
            let payload = Stage::of(world, project, user).map(|stage| payload::push::of(&stage, update));
            if let Some(payload) = payload {
                tell(world, project, kind, payload, update.branch());
            }
        }
    }
}

/// A pipeline is created, and over at once; so is each of its jobs.
fn pipeline(world: &mut World, project: u64, id: u64) {
    let (Some(of_pipelines), Some(of_jobs)) = (Kind::named("pipeline_events"), Kind::named("job_events")) else {
        return;
    };
    if !is_wanted(world, project, of_pipelines.flag) && !is_wanted(world, project, of_jobs.flag) {
        return;
    }
    let mut told: Vec<(&Kind, Value)> = Vec::new();
    if let Some(stage) = Stage::of(world, project, None)
        && let Some(pipeline) = stage.project.pipelines.iter().find(|it| it.id == id)
    {
        for status in ["pending", pipeline.status.as_str()] {
            told.push((of_pipelines, payload::ci::pipeline(&stage, pipeline, status)));
            let jobs = pipeline.jobs.iter();
            told.extend(jobs.map(|job| (of_jobs, payload::ci::job(&stage, pipeline, job, status))));
        }
    }
    for (kind, payload) in told {
        tell(world, project, kind, payload, None);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn branches_are_filtered() {
        let hears = |strategy: BranchFilter, filter: &str, branch: &str| {
            let hook = Hook {
                branch_filter_strategy: strategy,
                push_events_branch_filter: Some(filter.to_owned()),
                ..Hook::new(1, "", jiff::Timestamp::UNIX_EPOCH)
            };
            hears_of(&hook, branch)
        };
        assert!(hears(BranchFilter::Wildcard, "release/*", "release/1.0"));
        assert!(!hears(BranchFilter::Wildcard, "release/*", "main"));
        assert!(!hears(BranchFilter::Wildcard, "a.b", "axb"));
        assert!(hears(BranchFilter::Wildcard, "", "main"));
        assert!(hears(BranchFilter::Regex, "^(main|v[0-9]+)$", "v12"));
        assert!(!hears(BranchFilter::Regex, "^(main|v[0-9]+)$", "topic"));
        assert!(hears(BranchFilter::AllBranches, "main", "topic"));
    }

    #[test]
    fn kinds_are_found_by_all_their_names() {
        for name in ["merge_requests", "merge_requests_events", "Merge Request Hook"] {
            assert!(Kind::named(name).is_some_and(|kind| trigger_of(kind.header) == "merge_request_hooks"));
        }
    }
}
