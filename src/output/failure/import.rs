//! How the errors of an import are told.

use crate::forge::ForgeErrorKind;
use crate::model::Verdict;
use crate::workflow::Error;
use crate::workflow::import::{ImportError, Stopped};

use super::super::Exit;
use super::{Failure, check};

const WITHOUT_WEBHOOK: &str = "`--without-webhook` does without: GitLab then looks for news every 30 minutes";

/// Tells an error of an import.
pub(super) fn failure(error: &ImportError) -> Failure {
    let message = error.to_string();
    match error {
        ImportError::Forbidden { needs, page, connection } => {
            let role_alone = needs.iter().all(|need| !need.verdict.refuses() || need.verdict == Verdict::Role);
            let failure = check::lacking(message, needs, page.as_ref()).at(Some(connection));
            if role_alone { Failure { code: "role_too_low", ..failure } } else { failure }
        }
        ImportError::NotLicensed { what, stands, connection, .. } => {
            let failure = Failure::new(Exit::Forbidden, "not_licensed", message)
                .hint("GitLab Premium or Ultimate has it; nothing else does")
                .at(Some(connection));
            if what.contains("integration") {
                return failure.hint("`--without-integration` does without: GitHub then shows no pipelines");
            }
            let failure = failure.hint("`--sync actions`: a workflow of GitHub Actions pushes to GitLab instead");
            // Nothing is brought into a project that is there.
            if *stands { failure } else { failure.hint("`--without-mirror`: the repository is brought over once") }
        }
        ImportError::NotFilled { connection, .. } => Failure::new(Exit::Differs, "project_empty", message)
            .hint("`--sync actions`: a workflow of GitHub Actions fills it")
            .hint("or `connect import undo OWNER/REPO --delete-project`, and then this again")
            .at(Some(connection)),
        ImportError::Stopped { source, stopped } => self::stopped(source, stopped),
        ImportError::ProjectTaken { by_name, connection, .. } => Failure::new(Exit::Differs, "project_taken", message)
            .hint(match by_name {
                true => "choose another place: `--to GROUP/PROJECT`, or another `--project-name`",
                // Whoever names the whole path has named the project.
                false => "choose another place: `--to GROUP/PROJECT`",
            })
            .at(Some(connection)),
        ImportError::RepositoryDisabled { connection, .. } => {
            Failure::new(Exit::Forbidden, "repository_disabled", message)
                .hint("its owner finds the reason on the repository's page, and can write to GitHub Support")
                .at(Some(connection))
        }
        ImportError::TooVisible { widest, connection, .. } => {
            Failure::new(Exit::Forbidden, "visibility_refused", message)
                .hint(format!(
                    "`--visibility {widest}` is as far as it goes; an owner can let more people see the group"
                ))
                .at(Some(connection))
        }
        ImportError::OwnersOnly { path, connection } => Failure::new(Exit::Forbidden, "role_too_low", message)
            .hint(format!("ask for the role owner in {path}, or an owner to delete it"))
            .hint("without `--delete-project` the rest is undone")
            .at(Some(connection)),
        ImportError::OutOfSight { what, connection, .. } => {
            let code = if *what == "project" { "project_hidden" } else { "repository_hidden" };
            Failure::new(Exit::NotFound, code, message)
                .hint("what connect made there stays on record: let the token see it, and run the command again")
                .hint("`--forget-hidden` takes it off the record; it is yours to remove then")
                .at(Some(connection))
        }
        ImportError::NoProjectToken { connection, .. } => Failure::new(Exit::Differs, "no_project_token", message)
            .hint("`--hook-token NAME` uses a token that you choose: whoever administers the repository can read it")
            .hint(WITHOUT_WEBHOOK)
            .at(Some(connection)),
        ImportError::TokenTooLong { connection, .. } => Failure::new(Exit::Failed, "token_lives_too_long", message)
            .hint("ask for a shorter life: `--token-expires-in 90d`")
            .at(Some(connection)),
        _ => plain(error, message),
    }
}

fn plain(error: &ImportError, message: String) -> Failure {
    match error {
        ImportError::RecordDamaged { path, .. } => Failure::new(Exit::Failed, "import_record_damaged", message)
            .hint("it may be this very import: going on without it would make everything a second time")
            .hint(format!(
                "restore it from a backup, or update connect; or move {} away, and what it names is yours to remove",
                path.display()
            )),
        ImportError::Busy { .. } => {
            Failure::new(Exit::Failed, "busy", message).hint("wait for it to end, then run the command again")
        }
        ImportError::PlanNotConfirmed => Failure::new(Exit::Differs, "needs_a_yes", message)
            .hint("`--plan` shows what would be done; `--yes` agrees to it"),
        ImportError::UndoNotConfirmed => Failure::new(Exit::Differs, "needs_a_yes", message)
            .hint("`--plan` shows what would be removed; `--yes` agrees to it"),
        ImportError::CiInvalid { .. } => {
            Failure::new(Exit::Failed, "ci_invalid", message).hint("mend the file and run the same command again")
        }
        ImportError::HookInTheWay { .. } => Failure::new(Exit::Differs, "hook_exists", message)
            .hint("see the repository's settings, under Webhooks; remove it there, or use `--without-webhook`"),
        ImportError::NoRoomForHook { .. } => Failure::new(Exit::Failed, "too_many_hooks", message)
            .hint("nothing was made; remove one that is no longer needed in the repository's settings, under Webhooks")
            .hint(WITHOUT_WEBHOOK),
        ImportError::WorkflowInTheWay { .. } => Failure::new(Exit::Differs, "workflow_exists", message)
            .hint("it may push to the project of another import, which would stop then")
            .hint("`--overwrite` replaces it"),
        ImportError::Failed { .. } => Failure::new(Exit::Failed, "import_failed", message)
            .hint("`connect import undo OWNER/REPO --delete-project` removes it; then import again")
            .hint("or go on by `--anew`, without `--mode full` and `--without-mirror`: a mirror fills it"),
        ImportError::StillUnderWay { .. } => Failure::new(Exit::Unreachable, "still_under_way", message)
            .hint("it goes on without being watched; `--wait` says how long to watch"),
        ImportError::NoSuchImport { .. } => Failure::new(Exit::NotFound, "no_such_import", message)
            .hint("`connect import status` shows those that are on record"),
        ImportError::SeveralImports { projects, .. } => projects
            .iter()
            .fold(Failure::new(Exit::Differs, "several_imports", message), |failure, path| failure.hint(path.clone()))
            .hint("say which with `--to GROUP/PROJECT`"),
        ImportError::NotOurProject { .. } => Failure::new(Exit::Differs, "not_our_project", message)
            .hint("without `--delete-project` the rest is undone; delete the project on its page if you like"),
        _ => Failure::new(Exit::Failed, "failed", message),
    }
}

/// Tells that a connection does not fit the side that it was named for.
pub(super) fn of_sides(error: &Error) -> Failure {
    let message = error.to_string();
    match error {
        Error::NoneOfKind { wanted, hosts } => {
            let failure = Failure::new(Exit::NotFound, "no_connection_serves", message);
            if hosts.is_empty() {
                failure.hint(format!("make one first: `connect {} --pat`", wanted.word()))
            } else {
                let flag = format!("name one with `--{} NAME`, or give a whole URL", wanted.word());
                hosts.iter().fold(failure, |failure, host| failure.hint(host.clone())).hint(flag)
            }
        }
        Error::OtherForge { connection, .. } => Failure::new(Exit::Usage, "other_forge", message)
            .hint("`connect list` shows which connection is for which forge")
            .at(Some(connection)),
        Error::OtherHost { connection, flag, .. } => Failure::new(Exit::Usage, "other_host", message)
            .hint(format!("`{flag}` takes a connection to the same host"))
            .at(Some(connection)),
        _ => Failure::new(Exit::Failed, "failed", message),
    }
}

/// What stands and what is missing stands beside the cause: the exit code is the cause's.
fn stopped(source: &Error, stopped: &Stopped) -> Failure {
    let mut failure = Failure::of(source);
    let words = |steps: &[&'static str]| steps.iter().map(|step| step.replace('_', " ")).collect::<Vec<_>>().join(", ");
    if matches!(source, Error::Forge { source, .. } if source.kind == ForgeErrorKind::TooManyHooks) {
        failure = failure.hint(WITHOUT_WEBHOOK);
    }
    if matches!(source, Error::Forge { source, .. } if source.kind == ForgeErrorKind::NotFound) {
        failure = failure.hint(
            "it was removed or renamed meanwhile, or a right to it was: running the command again looks at it all",
        );
    }
    if !stopped.failed.is_empty() {
        failure = failure.hint(format!("it happened at this step: {}", words(&stopped.failed)));
    }
    if !stopped.stands.is_empty() {
        failure = failure.hint(format!("what stands in {}: {}", stopped.project, words(&stopped.stands)));
    }
    failure = if stopped.nothing {
        failure.hint("nothing was made")
    } else if stopped.missing.is_empty() {
        failure.hint("nothing is missing; whether it works is not seen yet")
    } else {
        failure.hint(format!("what is missing: {}", words(&stopped.missing)))
    };
    if !stopped.nothing {
        failure = failure.hint(match source {
            // The same would come of it.
            Error::Import(ImportError::Failed { .. } | ImportError::NotLicensed { .. }) => {
                "`connect import undo` takes it back"
            }
            _ => "the same command goes on from here; `connect import undo` takes it back",
        });
    }
    failure.more.insert("project".into(), stopped.project.as_str().into());
    for (key, steps) in [("failed", &stopped.failed), ("stands", &stopped.stands), ("missing", &stopped.missing)] {
        failure.more.insert(key.into(), steps.as_slice().into());
    }
    failure
}
