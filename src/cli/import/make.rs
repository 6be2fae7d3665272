//! `connect import OWNER/REPO --to GROUP[/PROJECT]`

use std::path::PathBuf;
use std::time::Duration;

use clap::Args as ClapArgs;
use jiff::SignedDuration;

use super::super::session::{AgeKeys, Session};
use super::asking::Asking;
use super::words::{MINIMAL, ModeWord, SyncWord, Template, VisibilityWord, branch, project_name};
use super::{CliError, pattern, place, repository, typed};
use crate::files;
use crate::model::import::{BranchChoice, CiFile, Mode, Setup, Sync};
use crate::model::{ConnectionName, Fingerprint, ForgeKind, StoreKind, duration};
use crate::output::{Exit, human, json};
use crate::workflow::Tools;
use crate::workflow::import::{self as workflow, Typed, Wanted};

/// More than any `.gitlab-ci.yml` has.
const CI_LIMIT: u64 = 1024 * 1024;

/// GitLab docs, "Project access tokens": at most 365 days (400 where the instance allows it).
const MOST_DAYS: i64 = 400;

/// How long what goes on at GitLab is watched: a large repository takes its time.
const PATIENCE: Duration = Duration::from_secs(3600);

// Before `list` and its like clap asks for none of these, so that even what is required may be missing.
#[derive(Debug, ClapArgs)]
#[group(id = "make")]
pub(super) struct Args {
    /// The repository on GitHub
    #[arg(value_name = "OWNER/REPO", value_parser = repository, required = true)]
    repository: Option<Typed>,

    /// Where on GitLab: a group, or the project's full path
    #[arg(long, value_name = "GROUP[/PROJECT]", value_parser = typed, required = true)]
    to: Option<Typed>,

    /// The GitHub connection  [default: the one that serves the repository]
    #[arg(long, value_name = "NAME")]
    github: Option<String>,

    /// The GitLab connection  [default: the one that serves the project]
    #[arg(long, value_name = "NAME")]
    gitlab: Option<String>,

    /// Show what would be done, and stop
    #[arg(long, help_heading = "The plan")]
    plan: bool,

    /// With `--plan`: exit with 9 when something would be changed
    #[arg(long, requires = "plan", help_heading = "The plan")]
    detailed_exitcode: bool,

    /// What is brought over: git, the repository; full, issues and pull requests too  [default: git]
    #[arg(long, value_name = "MODE", hide_possible_values = true, help_heading = "The project")]
    mode: Option<ModeWord>,

    /// With `--mode full`: make collaborators members, too (they may take seats)
    #[arg(long, help_heading = "The project")]
    import_collaborators: bool,

    /// Who sees the project: private, internal, public
    #[arg(long, value_name = "WHO", hide_possible_values = true, help_heading = "The project")]
    visibility: Option<VisibilityWord>,

    /// What to call the project, instead of the repository's name
    #[arg(long, value_name = "TITLE", help_heading = "The project", value_parser = project_name)]
    project_name: Option<String>,

    /// Leave issues, merge requests, wiki and snippets on, as `--mode full` does
    #[arg(long, help_heading = "The project")]
    keep_features: bool,

    /// How it follows: mirror, GitLab pulls (Premium); actions, a workflow of GitHub Actions pushes  [default: mirror]
    #[arg(long, value_name = "HOW", hide_possible_values = true, help_heading = "Following the repository")]
    sync: Option<SyncWord>,

    /// Bring the repository over once, and no more
    #[arg(long, conflicts_with = "sync", help_heading = "Following the repository")]
    without_mirror: bool,

    /// Mirror protected branches only
    #[arg(long, conflicts_with = "branch_regex", help_heading = "Following the repository")]
    protected_only: bool,

    /// Mirror the branches that match
    #[arg(long, value_name = "RE2", value_parser = pattern::branches, help_heading = "Following the repository")]
    branch_regex: Option<String>,

    /// Make no webhook: GitLab looks for news every 30 minutes
    #[arg(long, help_heading = "Following the repository")]
    without_webhook: bool,

    /// The GitLab connection whose token is planted on GitHub, instead of one made for it
    #[arg(long, value_name = "NAME", help_heading = "Following the repository")]
    hook_token: Option<String>,

    /// The GitHub connection whose token reports statuses: `repo:status` suffices
    #[arg(long, value_name = "NAME", help_heading = "Following the repository")]
    status_token: Option<String>,

    /// Do not report pipelines to GitHub
    #[arg(long, conflicts_with = "status_token", help_heading = "Following the repository")]
    without_integration: bool,

    /// Put this file into the repository as `.gitlab-ci.yml`, if GitLab finds it valid
    #[arg(long, value_name = "FILE", conflicts_with = "ci_template", help_heading = "The .gitlab-ci.yml")]
    ci_file: Option<PathBuf>,

    /// Put a first one there: minimal
    #[arg(long, value_name = "TEMPLATE", hide_possible_values = true, help_heading = "The .gitlab-ci.yml")]
    ci_template: Option<Template>,

    /// On this branch, instead of the default one
    #[arg(long, value_name = "BRANCH", help_heading = "The .gitlab-ci.yml", value_parser = branch)]
    ci_branch: Option<String>,

    /// By a pull request
    #[arg(long, help_heading = "The .gitlab-ci.yml")]
    pull_request: bool,

    /// Replace a file that is there and differs
    #[arg(long, help_heading = "The .gitlab-ci.yml")]
    overwrite: bool,

    /// Where a token that is made is kept: keyring, file, plain
    #[arg(
        long,
        value_name = "STORE",
        env = "CONNECT_STORE",
        hide_env_values = true,
        help_heading = "The token that is made"
    )]
    store: Option<StoreKind>,

    /// How long it lives  [default: 365d]
    #[arg(long, value_name = "TIME", value_parser = duration::parse, help_heading = "The token that is made")]
    token_expires_in: Option<SignedDuration>,

    /// Forget the flags of an earlier run; without this they hold until others are given
    #[arg(long, help_heading = "The plan")]
    anew: bool,

    /// How long to watch what goes on at GitLab  [default: 1h]
    #[arg(long, value_name = "TIME", value_parser = duration::parse)]
    wait: Option<SignedDuration>,

    /// For the store `file`: the age identity that opens it
    #[arg(long, value_name = "FILE", env = "CONNECT_AGE_IDENTITY", hide_env_values = true)]
    age_identity: Option<PathBuf>,
}

impl Args {
    /// Whether a repository or a place was named.
    pub(super) const fn is_begun(&self) -> bool {
        self.repository.is_some() || self.to.is_some()
    }

    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        self.consistent()?;
        let content = self.content()?;
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let keys = AgeKeys { identity: self.age_identity.clone(), recipients: Vec::new() };
        let tools = session.tools(keys, &events);
        let wanted = self.wanted(session, &tools, content)?;
        if self.plan {
            return self.show(session, &tools, &wanted);
        }
        let asking = Asking::new(session);
        let imported = session.wait_for(async { Ok(Box::pin(workflow::import(&tools, &wanted, &asking)).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::Imported::of(&imported)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::imported(&session.screen, &imported)).map_err(CliError::Output)?;
        }
        human::file_left(&session.screen, &imported);
        human::unproven(&session.screen, &imported);
        Ok(if imported.proof.is_whole() { Exit::Done } else { Exit::Partly })
    }

    fn show(&self, session: &Session, tools: &Tools<'_>, wanted: &Wanted) -> Result<Exit, CliError> {
        let plan = session.wait_for(async { Ok(Box::pin(workflow::plan(tools, wanted)).await?) })?;
        if session.screen.is_json() {
            session.screen.document(&json::ImportPlan::of(&plan)).map_err(CliError::Output)?;
        } else {
            session.screen.result(&human::plan(&session.screen, &plan)).map_err(CliError::Output)?;
            if !session.screen.is_terminal() {
                if let Some(before) = &plan.renamed_from {
                    session.screen.note(&human::called_now(before, &plan.repository));
                }
                plan.cautions.iter().for_each(|caution| session.screen.note(caution));
            }
        }
        Ok(if self.detailed_exitcode && plan.changes() { Exit::Differs } else { Exit::Done })
    }

    /// What the parser cannot see.
    fn consistent(&self) -> Result<(), CliError> {
        let by_file = self.ci_file.is_some() || self.ci_template.is_some();
        if !by_file && (self.ci_branch.is_some() || self.pull_request) {
            let hint = "add `--ci-file FILE` or `--ci-template minimal`";
            return Err(CliError::usage("`--ci-branch` and `--pull-request` are for a `.gitlab-ci.yml`", &[hint]));
        }
        if self.overwrite && !by_file && !self.by_actions() {
            let hint = "add `--ci-file FILE`, `--ci-template minimal` or `--sync actions`";
            return Err(CliError::usage("`--overwrite` is for files that are put into the repository", &[hint]));
        }
        if self.import_collaborators && self.mode != Some(ModeWord::Full) {
            return Err(CliError::usage("`--import-collaborators` is for `--mode full`", &["add `--mode full`"]));
        }
        let mirrors = !self.by_actions() && !self.without_mirror;
        if !mirrors && (self.protected_only || self.branch_regex.is_some() || self.without_webhook) {
            let hint = "leave out `--protected-only`, `--branch-regex` and `--without-webhook`";
            return Err(CliError::usage("there is no mirror that these flags could be for", &[hint]));
        }
        if self.hook_token.is_some() && (self.without_webhook || self.without_mirror) {
            let hint = "leave out `--hook-token`: nothing is planted on GitHub";
            return Err(CliError::usage("there is no webhook that the token could be for", &[hint]));
        }
        Ok(())
    }

    /// The file's text.
    fn content(&self) -> Result<Option<String>, CliError> {
        if self.ci_template == Some(Template::Minimal) {
            return Ok(Some(MINIMAL.to_owned()));
        }
        let Some(path) = &self.ci_file else { return Ok(None) };
        let missing = || CliError::Other {
            message: format!("there is no file {}", path.display()),
            hints: vec!["`--ci-template minimal` puts a first one there".into()],
        };
        let bytes = files::read_given(path, CI_LIMIT)?.ok_or_else(missing)?;
        let text = String::from_utf8(bytes.to_vec());
        let text = text.map_err(|_| CliError::Other {
            message: format!("{} is not UTF-8", path.display()),
            hints: vec!["GitLab reads nothing else".into()],
        })?;
        if text.trim().is_empty() {
            let message = format!("{} is empty", path.display());
            return Err(CliError::Other { message, hints: vec!["GitLab wants at least one job".into()] });
        }
        Ok(Some(text))
    }

    fn wanted(&self, session: &Session, tools: &Tools<'_>, ci_content: Option<String>) -> Result<Wanted, CliError> {
        let (Some(repository), Some(to)) = (&self.repository, &self.to) else {
            return Err(CliError::usage(
                "which repository, and where to?",
                &["`connect import OWNER/REPO --to GROUP`"],
            ));
        };
        let (github, path) = place(tools, ForgeKind::GitHub, self.github.as_deref(), repository)?;
        let (gitlab, to) = place(tools, ForgeKind::GitLab, self.gitlab.as_deref(), to)?;
        let Some((owner, name)) = path.split_once('/').filter(|(_, name)| !name.contains('/')) else {
            return Err(CliError::usage("a repository is `OWNER/REPO`", &[]));
        };
        let before = if self.anew { None } else { workflow::remembered(tools, &github, &gitlab, &path, &to)? };
        let setup = self.setup(ci_content.as_deref(), before);
        let named = |name: Option<&str>, kind| {
            name.map(|name| workflow::connection(tools, kind, Some(name), repository)).transpose()
        };
        let setup_named = |flag: &Option<String>, before: &Option<ConnectionName>| {
            flag.clone().or_else(|| before.as_ref().map(ToString::to_string))
        };
        let hook = named(setup_named(&self.hook_token, &setup.hook_connection).as_deref(), ForgeKind::GitLab)?;
        let status = named(setup_named(&self.status_token, &setup.status_connection).as_deref(), ForgeKind::GitHub)?;
        let setup = Setup {
            status_connection: status.as_ref().map(|connection| connection.name.clone()),
            hook_connection: hook.as_ref().map(|connection| connection.name.clone()),
            ..setup
        };
        let store = self.store.or(session.config.store).unwrap_or(StoreKind::Keyring);
        let makes_a_token = setup.sync == Sync::Actions || setup.tells();
        if store == StoreKind::Env && hook.is_none() && makes_a_token {
            return Err(CliError::usage(
                "the store `env` keeps nothing, and a token is to be made and kept",
                &["`--store file`, or `--hook-token NAME` for a token that is there, or `--without-webhook`"],
            ));
        }
        let days = self.token_expires_in.map_or(365, |life| life.as_hours() / 24);
        if !(1..=MOST_DAYS).contains(&days) {
            return Err(CliError::usage(
                "GitLab makes tokens for 1 to 365 days (to 400 where its admins allow that)",
                &["as in `--token-expires-in 180d`"],
            ));
        }
        Ok(Wanted {
            owner: owner.to_owned(),
            name: name.to_owned(),
            to,
            github,
            gitlab,
            status,
            hook,
            setup,
            ci_content,
            overwrite: self.overwrite,
            store,
            token_days: days,
            patience: self.wait.map_or(PATIENCE, |wait| Duration::try_from(wait).unwrap_or_default()),
        })
    }

    fn by_actions(&self) -> bool {
        self.sync == Some(SyncWord::Actions)
    }

    /// What the flags say, over what an earlier run was told: the same line mends what has drifted.
    fn setup(&self, content: Option<&str>, before: Option<Setup>) -> Setup {
        let before = before.unwrap_or_default();
        let sync = match self.sync {
            _ if self.without_mirror => Sync::Never,
            Some(SyncWord::Actions) => Sync::Actions,
            Some(SyncWord::Mirror) => Sync::Mirror,
            None => before.sync,
        };
        let ci_file = content.map(|content| CiFile {
            branch: self.ci_branch.clone(),
            pull_request: self.pull_request,
            overwrite: self.overwrite,
            digest: Fingerprint::of(content.as_bytes()),
            pending: true,
        });
        Setup {
            mode: match self.mode {
                Some(ModeWord::Full) => Mode::Full,
                Some(ModeWord::Git) => Mode::Git,
                None => before.mode,
            },
            sync,
            branches: match &self.branch_regex {
                Some(pattern) => BranchChoice::Matching(pattern.clone()),
                None if self.protected_only => BranchChoice::Protected,
                None => before.branches,
            },
            // Whoever names a token wants what it is for, whatever was said then.
            webhook: !self.without_webhook && (before.webhook || self.hook_token.is_some()),
            integration: !self.without_integration && (before.integration || self.status_token.is_some()),
            // What is brought over would not be seen otherwise.
            keep_features: self.keep_features || self.mode == Some(ModeWord::Full) || before.keep_features,
            visibility: self.visibility.map(|who| who.word().to_owned()).or(before.visibility),
            project_name: self.project_name.clone().or(before.project_name),
            ci_file: ci_file.or(before.ci_file),
            status_connection: before.status_connection.filter(|_| !self.without_integration),
            hook_connection: before.hook_connection.filter(|_| !self.without_webhook),
            collaborators: self.import_collaborators || before.collaborators,
        }
    }
}
