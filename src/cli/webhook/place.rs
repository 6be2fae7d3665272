//! Which webhook is meant: the flags that say whose it is, and with which connection its forge is asked.

use clap::Args as ClapArgs;

use super::super::CliError;
use crate::workflow::Tools;
use crate::workflow::hooks::{self, Site, TargetKind, TypedTarget};
use crate::workflow::import::Typed;

/// Whose webhooks are meant. At most one.
#[derive(Debug, Clone, Default, ClapArgs)]
#[group(id = "webhook_place", multiple = false)]
#[command(next_help_heading = "Whose webhook")]
struct Place {
    /// Of a repository on GitHub, by its path or its address
    #[arg(short = 'R', long, value_name = "OWNER/REPO", value_parser = typed)]
    repo: Option<Typed>,

    /// Of an organisation on GitHub
    #[arg(long, value_name = "ORG", value_parser = typed)]
    org: Option<Typed>,

    /// Of a project on GitLab
    #[arg(long, value_name = "GROUP/PROJECT", value_parser = typed)]
    project: Option<Typed>,

    /// Of a group on GitLab (Premium)
    #[arg(long, value_name = "GROUP", value_parser = typed)]
    group: Option<Typed>,
}

/// Whose webhooks are meant, and the connection.
#[derive(Debug, Clone, Default, ClapArgs)]
pub(super) struct PlaceArgs {
    #[command(flatten)]
    place: Place,

    /// The connection  [default: the one that serves the place]
    #[arg(
        long,
        value_name = "NAME",
        env = "CONNECT_CONNECTION",
        hide_env_values = true,
        help_heading = "Whose webhook"
    )]
    pub connection: Option<String>,
}

fn typed(text: &str) -> Result<Typed, &'static str> {
    Typed::read(text).ok_or("a path as `OWNER/REPO` or `GROUP/PROJECT`, or a whole URL")
}

impl PlaceArgs {
    /// What was named, if anything was.
    pub(super) fn typed(&self) -> Option<TypedTarget> {
        let Place { repo, org, project, group } = self.place.clone();
        let of = |kind, place: Option<Typed>| place.map(|place| TypedTarget { kind, place });
        of(TargetKind::Repo, repo)
            .or(of(TargetKind::Org, org))
            .or(of(TargetKind::Project, project))
            .or(of(TargetKind::Group, group))
    }

    /// The place, which has to be named.
    pub(super) fn site(&self, tools: &Tools<'_>) -> Result<Site, CliError> {
        let Some(typed) = self.typed() else {
            return Err(CliError::usage(
                "nobody has said whose webhook",
                &["`--repo OWNER/REPO`, `--org ORG`, `--project GROUP/PROJECT` or `--group GROUP`"],
            ));
        };
        Ok(hooks::site(tools, self.connection.as_deref(), &typed)?)
    }

    /// The webhook: by its number, or the only one that can be meant.
    pub(super) fn hook(&self, tools: &Tools<'_>, id: Option<u64>) -> Result<(Site, u64), CliError> {
        Ok(hooks::find(tools, self.connection.as_deref(), self.typed().as_ref(), id)?)
    }
}
