//! What goes on behind the answers: mirrors and imports fetch, statuses are reported.
//!
//! A route leaves a [`Task`]; it is started when the route has answered, and does its waiting without
//! holding the world. [`crate::Sandbox::settle`] waits for all of it.
//!
//! Source: GitLab "Pull mirroring" (`UpdateMirrorService`: which branches follow, which begin
//! pipelines), and the words in which Gitaly reports what git said.

use std::sync::Arc;

use jiff::Timestamp;
use regex::Regex;

use super::{events, outside, pipelines, report};
use crate::git::mirror::{Fetch, Fetched, fetch, remote_head};
use crate::git::{self, Repo};
use crate::server::Shared;
use crate::world::gitlab::mirror::{Asked, Credentials, Mirror, Status};
use crate::world::gitlab::task::Task;
use crate::world::{Tier, World};

/// Starts what was left to be done.
pub(super) fn start(world: &mut World) {
    for task in std::mem::take(&mut world.gitlab.tasks) {
        match task {
            Task::ImportFromGithub { project, repository } => take_over(world, project, repository),
            Task::UpdateMirror { project } => {
                world.work.later(move |shared| async move { update_mirror(&shared, project).await });
            }
            Task::ImportGit { project, url, credentials } => {
                world.work.later(move |shared| async move { import(&shared, project, url, credentials).await });
            }
            Task::Tell { project, news } => events::report(world, project, news),
            Task::ReportStatus { project, pipeline, states } => {
                world.work.later(move |shared| async move { report::report(&shared, project, pipeline, states).await });
            }
        }
    }
}

/// What the clock alone brings about: updates that were put off or come of themselves, and the end
/// of imports that nobody asks for.
pub(super) fn look_at_the_clock(world: &mut World) {
    let now = world.clock.now();
    let licensed = world.settings.tier == Tier::Premium;
    let gitlab = &mut world.gitlab;
    for project in &mut gitlab.projects {
        project.import.look_at_the_clock(now);
        if let Some(mirror) = project.mirror.as_mut().filter(|mirror| licensed && mirror.is_due(now))
            && mirror.force() == Asked::Begins
        {
            gitlab.tasks.push(Task::UpdateMirror { project: project.id });
        }
    }
}

/// The importer's work: both repositories are on this machine, so it is done at once.
fn take_over(world: &mut World, project: u64, repository: u64) {
    let Some(from) = world.github.repositories.iter().find(|it| it.id == repository) else {
        return;
    };
    let (open, all) = (u64::from(from.has_issues), from.pulls.len() as u64);
    let objects = [("label", open), ("pull_request", all)];
    let (branch, git) = (from.default_branch.clone(), from.git());
    let Some(project) = world.gitlab.project_mut(project) else {
        return;
    };
    project.import.objects = objects.into_iter().filter(|(_, count)| *count > 0).collect();
    if project.import.outcome.error.is_some() {
        return;
    }
    project.default_branch.clone_from(&branch);
    let copied = git.and_then(|git| project.git()?.copy_from(&git, &branch));
    if let Err(error) = copied {
        project.import.fail(&error.to_string());
    }
}

/// Where from, as whom: the other half of a [`Fetch`].
fn fetch_from(world: &World, url: &str, credentials: &Credentials) -> Fetch {
    let Credentials { user, password } = credentials.clone();
    Fetch {
        // A token alone in the address is the user of it, without a password.
        password: password.or_else(|| user.as_ref().map(|_| String::new())),
        user: user.unwrap_or_default(),
        ca_certificate: world.ca_certificate.clone(),
        instead_of: vec![(outside::DOTCOM.to_owned(), format!("{}/", world.github_url))],
        ..Fetch::from(url)
    }
}

/// Is this branch one that the mirror follows?
type Follows = Box<dyn Fn(&str) -> bool + Send + Sync>;

/// Which branches a mirror follows, unless it is all; `protected` is the one that is.
fn wants(mirror: &Mirror, protected: &str) -> Option<Follows> {
    if mirror.only_protected {
        let protected = protected.to_owned();
        return Some(Box::new(move |branch| branch == protected));
    }
    let regex = Regex::new(mirror.branch_regex.as_ref()?).ok()?;
    Some(Box::new(move |branch| regex.is_match(branch)))
}

/// What came of it: the default branch there, and what has changed here.
type Outcome = Result<(Option<String>, Fetched), String>;

/// As Gitaly says it.
fn in_gitalys_words(words: &str) -> String {
    let words = words.replace('\n', "\\n").replace('"', "'");
    format!("13:fetch remote: \"{words}\\n\": exit status 128.")
}

async fn run(repo: &Repo, mut how: Fetch, mirror: Option<&Mirror>, protected: Option<String>) -> Outcome {
    let words = |error: git::mirror::FetchError| in_gitalys_words(&error.words);
    let head = remote_head(repo, &how).await.map_err(words)?;
    if let Some(mirror) = mirror {
        let protected = protected.or_else(|| head.clone()).unwrap_or_default();
        how.wants = wants(mirror, &protected);
        how.overwrite_diverged = mirror.overwrites_diverged;
    }
    let fetched = fetch(repo, &how).await.map_err(words)?;
    Ok((head, fetched))
}

/// A project that had no commit takes over the default branch of where they come from.
fn adopt_default_branch(world: &mut World, project: u64, head: Option<String>) {
    if let (Some(head), Some(project)) = (head, world.gitlab.project_mut(project)) {
        project.default_branch = head;
        // A machine without room for one line has said so before.
        let _ = project.git().and_then(|repo| repo.set_default_branch(&project.default_branch));
    }
}

/// Everything that an update needs, taken while the world is held.
struct Begun {
    repo: Repo,
    how: Fetch,
    mirror: Mirror,
    was_empty: bool,
    default_branch: String,
}

fn begin_update(shared: &Shared, id: u64) -> Option<Begun> {
    let mut world = shared.world();
    let now = world.clock.now();
    let project = world.gitlab.project_mut(id)?;
    let mirror = project.mirror.as_mut().filter(|mirror| mirror.enabled)?;
    mirror.begin(now);
    let mirror = mirror.clone();
    let (repo, was_empty) = (project.git().ok()?, project.is_empty().ok()?);
    let default_branch = project.default_branch.clone();
    let how = fetch_from(&world, &mirror.url, &mirror.credentials);
    Some(Begun { repo, how, mirror, was_empty, default_branch })
}

async fn update_mirror(shared: &Arc<Shared>, id: u64) {
    let Some(begun) = begin_update(shared, id) else {
        return;
    };
    let Begun { repo, how, mirror, was_empty, default_branch } = begun;
    let protected = (!was_empty).then_some(default_branch);
    let outcome = run(&repo, how, Some(&mirror), protected).await;
    let mut world = shared.world();
    let now = world.clock.now();
    match outcome {
        Ok((head, fetched)) => {
            if was_empty {
                adopt_default_branch(&mut world, id, head);
            }
            if mirror.trigger_builds {
                begin_pipelines(&mut world, id, &fetched, now);
            }
            end_update(&mut world, id, |mirror| mirror.succeed(now));
        }
        Err(words) => end_update(&mut world, id, |mirror| mirror.fail(now, &words)),
    }
    start(&mut world);
}

/// Writes down how it ended, and begins again if the mirror was set anew meanwhile.
fn end_update(world: &mut World, id: u64, end: impl FnOnce(&mut Mirror)) {
    let gitlab = &mut world.gitlab;
    let Some(mirror) = gitlab.projects.iter_mut().find(|it| it.id == id).and_then(|it| it.mirror.as_mut()) else {
        return;
    };
    end(mirror);
    if !mirror.enabled {
        mirror.due = None;
    } else if std::mem::take(&mut mirror.again) && mirror.force() == Asked::Begins {
        gitlab.tasks.push(Task::UpdateMirror { project: id });
    }
}

fn begin_pipelines(world: &mut World, id: u64, fetched: &Fetched, now: Timestamp) {
    for moved in &fetched.branches {
        // What cannot be read makes no pipeline.
        let _ = pipelines::begin(&mut world.gitlab, id, &moved.name, &moved.new, "push", now);
    }
}

/// Fetches what a new project was told to begin with.
async fn import(shared: &Arc<Shared>, id: u64, url: String, credentials: Credentials) {
    let begun = {
        let mut world = shared.world();
        let how = fetch_from(&world, &url, &credentials);
        let project = world.gitlab.project_mut(id);
        project.and_then(|project| {
            project.import.status = Status::Started;
            Some((project.git().ok()?, how))
        })
    };
    let Some((repo, how)) = begun else {
        return;
    };
    let outcome = run(&repo, how, None, None).await;
    let mut world = shared.world();
    let head = match outcome {
        Ok((head, _)) => head,
        Err(words) => {
            if let Some(project) = world.gitlab.project_mut(id) {
                project.import.fail(&words);
            }
            return;
        }
    };
    adopt_default_branch(&mut world, id, head);
    if let Some(project) = world.gitlab.project_mut(id) {
        project.import.status = Status::Finished;
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test that fails may as well panic")]
mod tests {
    use super::*;

    #[test]
    fn a_mirror_follows_what_it_was_told_to() {
        let named = |regex: &str| Mirror { branch_regex: Some(regex.to_owned()), ..Mirror::default() };
        let wanted = wants(&named("^(main|release/.*)$"), "main").unwrap();
        assert!(wanted("main") && wanted("release/1.0") && !wanted("topic"));
        let protected = wants(&Mirror { only_protected: true, ..Mirror::default() }, "main").unwrap();
        assert!(protected("main") && !protected("release/1.0"));
        assert!(wants(&Mirror::default(), "main").is_none());
    }
}
