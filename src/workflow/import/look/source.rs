//! What GitHub shows: the repository, whether the token may do what is wanted there, and what is there already.

use crate::forge::{Depth, Forge, ForgeError};
use crate::model::hook::{File, Hook};
use crate::model::import::Sync;
use crate::model::permission::{Level, Permission};
use crate::model::place::Repository;
use crate::model::{ForgeKind, Inspection, Need, Verdict, Wish};

use super::super::super::check as checking;
use super::super::super::check::refusal;
use super::super::super::{Error, Tools, learn};
use super::super::ImportError;
use super::super::actions::{SECRET, WORKFLOW_PATH};
use super::super::ends::Ends;
use super::super::{Wanted, ci};
use super::refuse;

/// What GitHub shows.
pub(super) struct Source {
    pub(super) said: Inspection,
    pub(super) repository: Repository,
    pub(super) needs: Vec<Need>,
    pub(super) head: Option<String>,
    pub(super) hooks: Vec<Hook>,
    pub(super) ci: ci::Seen,
    pub(super) workflow: Option<File>,
    pub(super) has_secret: bool,
}

/// The scopes that every import wants of a token that has scopes.
pub(in super::super) const SCOPES: [&str; 2] = ["repo", "admin:repo_hook"];

/// What the steps ask of a GitHub token, in the words of its kind.
fn wishes(wanted: &Wanted, by_scopes: bool) -> Vec<Wish> {
    let setup = &wanted.setup;
    let actions = setup.sync == Sync::Actions;
    let permission = |key, label, level| Wish::Permission(Permission { key, label, level });
    if by_scopes {
        let mut wishes: Vec<Wish> = SCOPES.into_iter().map(|scope| Wish::Scope(scope.into())).collect();
        wishes.extend(actions.then(|| Wish::Scope("workflow".into())));
        return wishes;
    }
    let writes = setup.ci_file.is_some() || actions;
    let mut wishes = vec![permission("contents", "Contents", if writes { Level::Write } else { Level::Read })];
    if setup.tells() {
        wishes.push(permission("repository_hooks", "Webhooks", Level::Write));
    }
    if setup.integration && wanted.status.is_none() {
        wishes.push(permission("statuses", "Commit statuses", Level::Write));
    }
    if setup.ci_file.as_ref().is_some_and(|file| file.pull_request) {
        wishes.push(permission("pull_requests", "Pull requests", Level::Write));
    }
    if actions {
        wishes.push(permission("workflows", "Workflows", Level::Write));
        wishes.push(permission("secrets", "Secrets", Level::Write));
    }
    wishes.push(permission("metadata", "Metadata", Level::Read));
    wishes
}

/// Whether anything is written on GitHub: nobody writes in an archived repository, statuses included.
fn writes_there(wanted: &Wanted) -> bool {
    let setup = &wanted.setup;
    setup.tells()
        || setup.ci_file.is_some()
        || setup.sync == Sync::Actions
        || setup.sync == Sync::Mirror && setup.integration
}

pub(super) async fn source(tools: &Tools<'_>, wanted: &Wanted, ends: &Ends) -> Result<Source, Error> {
    let token = &ends.github_token;
    let said = ends.github.inspect(token, Depth::Brief).await;
    let said = said.map_err(Error::of_forge(Some(&ends.github_host), Some(&wanted.github.name)));
    let (connection, said) = learn::one(tools, wanted.github.clone(), token, said);
    let said = said?;
    let wishes = wishes(wanted, said.scopes.is_some());
    let place = checking::Place::Repository { owner: wanted.owner.clone(), name: wanted.name.clone() };
    let forge = Forge::GitHub(ends.github.clone());
    let judged = checking::at_place(&connection, &forge, token, &said, &wishes, &place).await?;
    let (mut needs, seen) = (judged.needs, judged.seen);
    if let Some(checking::Seen::Repository(repository)) = &seen
        && repository.disabled
    {
        return Err(
            ImportError::RepositoryDisabled { path: repository.full_name(), connection: connection.name }.into()
        );
    }
    if let Some(cut_short) = judged.cut_short {
        return Err(cut_short);
    }
    let Some(checking::Seen::Repository(repository)) = seen else {
        // Refused as a whole: the needs say why.
        refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
        return Err(Error::Hidden {
            connection: connection.name,
            what: "repository",
            path: format!("{}/{}", wanted.owner, wanted.name),
            checklist: Vec::new(),
        });
    };
    checking::must_administer(&repository, writes_there(wanted), &mut needs);
    refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
    let failed = |error: ForgeError| Error::of_forge(Some(&ends.github_host), Some(&wanted.github.name))(error);
    let branch = repository.default_branch.clone().unwrap_or_else(|| "main".into());
    let actions = wanted.setup.sync == Sync::Actions;
    let hooks =
        async { if wanted.setup.tells() { ends.github.hooks(token, &repository).await } else { Ok(Vec::new()) } };
    let ci = async {
        match &wanted.setup.ci_file {
            Some(file) => ci::look(ends, &repository, file).await,
            None => Ok(ci::Seen::default()),
        }
    };
    let workflow =
        async { if actions { ends.github.file(token, &repository, WORKFLOW_PATH, &branch).await } else { Ok(None) } };
    let secrets =
        async { if actions { ends.github.actions_secrets(token, &repository).await } else { Ok(Vec::new()) } };
    let head = ends.github.branch_head(token, &repository, &branch);
    let (head, hooks, ci, workflow, secrets) = tokio::join!(head, hooks, ci, workflow, secrets);
    if let Err(error) = &secrets
        && let Some(need) =
            needs.iter_mut().find(|need| need.name == "secrets").filter(|_| error.kind.says_not_allowed())
    {
        // Whoever may not even list them may not write them.
        need.judge(Verdict::Missing, refusal::words("GET actions/secrets", error));
        let select = format!("select {} under \"Repository access\"", repository.full_name());
        need.add = Some(format!("set Secrets to \"Read and write\", and {select}"));
        refuse(wanted, ends, ForgeKind::GitHub, &needs)?;
    }
    Ok(Source {
        head: head.map_err(failed)?,
        hooks: hooks.map_err(failed)?,
        ci: ci.map_err(failed)?,
        workflow: workflow.map_err(failed)?,
        has_secret: secrets.map_err(failed)?.iter().any(|name| name == SECRET),
        said,
        repository,
        needs,
    })
}
