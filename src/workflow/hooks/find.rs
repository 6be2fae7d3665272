//! Which webhook is meant: of a place that was named, or one that connect has made.

use crate::model::hook::Target;
use crate::model::{Connection, ForgeKind, KnownHook};

use super::super::import::{self, Typed};
use super::super::{Error, Tools, locate};
use super::{HooksError, Site};

/// What kind of place was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TargetKind {
    /// A GitHub repository.
    Repo,
    /// A GitHub organisation.
    Org,
    /// A GitLab project.
    Project,
    /// A GitLab group.
    Group,
}

/// A place as it was typed: a path, or a whole URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TypedTarget {
    /// What kind.
    pub kind: TargetKind,
    /// Where.
    pub place: Typed,
}

impl TypedTarget {
    const fn forge(&self) -> ForgeKind {
        match self.kind {
            TargetKind::Repo | TargetKind::Org => ForgeKind::GitHub,
            TargetKind::Project | TargetKind::Group => ForgeKind::GitLab,
        }
    }

    /// The place at a connection's forge.
    fn at(&self, connection: &Connection) -> Result<Target, Error> {
        let path = self.place.path(connection);
        let (read, what, form): (fn(&str) -> Option<Target>, _, _) = match self.kind {
            TargetKind::Repo => (Target::repo, "repository", "OWNER/REPO"),
            TargetKind::Org => (Target::org, "organisation", "ORG"),
            TargetKind::Project => (Target::project, "project", "GROUP/PROJECT"),
            TargetKind::Group => (Target::group, "group", "GROUP"),
        };
        let wrong = || HooksError::NotATarget { what, form }.into();
        path.and_then(|path| read(&path)).ok_or_else(wrong)
    }
}

/// The place that was named, with the connection that was named or that serves it.
///
/// # Errors
/// [`Error::NoneServes`], [`Error::SeveralServe`], [`Error::OtherForge`], [`Error::NoSuchConnection`],
/// [`HooksError::NotATarget`], or why the token cannot be had.
pub fn site(tools: &Tools<'_>, named: Option<&str>, typed: &TypedTarget) -> Result<Site, Error> {
    let connection = import::connection(tools, typed.forge(), named, &typed.place)?;
    let target = typed.at(&connection)?;
    Site::open(tools, connection, target)
}

/// The webhook that is meant, by as much as was said of it: without a number, the only one that connect has made there;
/// without a place, the one of that number that it has made anywhere.
///
/// # Errors
/// As [`site`]; [`HooksError::NoneMade`], [`HooksError::Several`].
pub fn find(
    tools: &Tools<'_>,
    named: Option<&str>,
    typed: Option<&TypedTarget>,
    id: Option<u64>,
) -> Result<(Site, u64), Error> {
    let Some(typed) = typed else { return anywhere(tools, named, id) };
    let site = site(tools, named, typed)?;
    if let Some(id) = id {
        return Ok((site, id));
    }
    let target = site.target.to_string();
    let made = site.connection.webhook.iter().flat_map(|webhook| &webhook.hooks);
    let made: Vec<(Connection, KnownHook)> =
        made.filter(|known| known.is_of(&target, None)).map(|known| (site.connection.clone(), known.clone())).collect();
    let (_, known) = only(made, Some(&site.target), None)?;
    Ok((site, known.id))
}

fn anywhere(tools: &Tools<'_>, named: Option<&str>, id: Option<u64>) -> Result<(Site, u64), Error> {
    let made = made(tools, named)?.into_iter().filter(|(_, known)| id.is_none_or(|id| id == known.id)).collect();
    let (connection, known) = only(made, None, id)?;
    Ok((Site::open(tools, connection, target_of(&known)?)?, known.id))
}

/// All webhooks that connect has made, with whose secret: of one connection, or of all. A record that does not read has
/// none.
///
/// # Errors
/// [`Error::NoSuchConnection`], [`Error::Catalog`].
pub fn made(tools: &Tools<'_>, named: Option<&str>) -> Result<Vec<(Connection, KnownHook)>, Error> {
    let connections: Vec<Connection> = match named {
        Some(name) => vec![locate::find_connection(&tools.records, name)?],
        None => tools.records.all()?.filter_map(Result::ok).collect(),
    };
    let of_one = |connection: Connection| {
        let known = connection.webhook.as_ref().map(|webhook| webhook.hooks.clone()).unwrap_or_default();
        known.into_iter().map(move |known| (connection.clone(), known))
    };
    Ok(connections.into_iter().flat_map(of_one).collect())
}

/// Where a webhook is that connect has made.
///
/// # Errors
/// [`HooksError::NoneMade`]: somebody has edited the record.
pub fn target_of(known: &KnownHook) -> Result<Target, Error> {
    known.target.parse().map_err(|_| HooksError::NoneMade { target: None, id: Some(known.id) }.into())
}

fn only(
    mut made: Vec<(Connection, KnownHook)>,
    target: Option<&Target>,
    id: Option<u64>,
) -> Result<(Connection, KnownHook), Error> {
    match (made.pop(), made.is_empty()) {
        (Some(one), true) => Ok(one),
        (None, _) => Err(HooksError::NoneMade { target: target.cloned(), id }.into()),
        (Some(one), false) => {
            made.push(one);
            let all = made.into_iter().map(|(connection, known)| (connection.name, known.target, known.id)).collect();
            Err(HooksError::Several { all }.into())
        }
    }
}
