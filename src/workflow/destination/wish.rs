//! A place as it is typed, `KIND:TARGET`, and what a record makes of it.
//!
//! Paths may be whole addresses wherever a path of a forge stands, which then also says which connection may write
//! there. Nothing is asked here.

use std::path::{Path, PathBuf};

use jiff::Timestamp;

use super::super::import::Typed;
use super::DestinationError;
use crate::model::hook::Target;
use crate::model::text::{begins_like_a_token, printable, without_tokens};
use crate::model::{Connection, Copied, Destination, DestinationKind, ForgeKind};

/// A place as somebody typed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct To {
    /// What kind of place it is.
    pub kind: DestinationKind,
    pub(super) place: TypedPlace,
}

/// The rest of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypedPlace {
    /// Something of a project or a repository.
    Project(Typed),
    /// A variable.
    Variable { of: TypedOwner, name: String, environment: Option<String> },
    /// A secret of Actions.
    Secret { of: Typed, name: String, environment: Option<String> },
    /// A webhook; `group`: of a GitLab group.
    Hook { of: Typed, group: bool, id: u64 },
    /// A file.
    File(PathBuf),
    /// A command line.
    Command(String),
}

/// Whose a variable is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum TypedOwner {
    Project(Typed),
    Group(Typed),
    Instance,
}

/// All kinds of places, in the order of the help.
pub const KINDS: [DestinationKind; 8] = [
    DestinationKind::GitlabMirror,
    DestinationKind::GitlabIntegration,
    DestinationKind::GitlabVariable,
    DestinationKind::GithubSecret,
    DestinationKind::GithubWebhook,
    DestinationKind::GitlabWebhook,
    DestinationKind::File,
    DestinationKind::Command,
];

/// Whether a text can be the name of a variable or a secret.
fn is_name(text: &str) -> bool {
    let good = text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    good && !text.is_empty() && text.len() <= 255 && !begins_like_a_token(text)
}

/// Whether a text can be the name of an environment, or a pattern of some.
fn is_environment(text: &str) -> bool {
    !text.is_empty() && text.len() <= 255 && !text.chars().any(char::is_control) && !begins_like_a_token(text)
}

impl To {
    /// Reads `KIND:TARGET`.
    ///
    /// # Errors
    /// [`DestinationError::NotAPlace`], which repeats nothing of what was typed.
    pub fn read(text: &str) -> Result<Self, DestinationError> {
        let (word, rest) = text.split_once(':').unwrap_or((text, ""));
        let kind = KINDS.into_iter().find(|kind| kind.word() == word);
        let Some(kind) = kind else {
            return Err(DestinationError::NotAPlace { kind: None, why: "it does not begin with a kind and a colon" });
        };
        let wrong = |why| DestinationError::NotAPlace { kind: Some(kind), why };
        let place = match kind {
            DestinationKind::GitlabMirror | DestinationKind::GitlabIntegration => {
                TypedPlace::Project(Typed::read(rest).ok_or_else(|| wrong("the project's path does not read"))?)
            }
            DestinationKind::GitlabVariable => variable(rest).map_err(wrong)?,
            DestinationKind::GithubSecret => secret(rest).map_err(wrong)?,
            DestinationKind::GithubWebhook | DestinationKind::GitlabWebhook => hook(rest).map_err(wrong)?,
            DestinationKind::File => TypedPlace::File(file(rest).map_err(wrong)?),
            DestinationKind::Command => TypedPlace::Command(command(rest).map_err(wrong)?),
        };
        Ok(Self { kind, place })
    }

    /// At which forge it is, if it is at one.
    pub const fn forge(&self) -> Option<ForgeKind> {
        forge_of(self.kind)
    }

    /// What says where it is, so that the connection can be found by it.
    pub(super) fn typed(&self) -> Option<Typed> {
        match &self.place {
            TypedPlace::Project(typed) | TypedPlace::Secret { of: typed, .. } | TypedPlace::Hook { of: typed, .. } => {
                Some(typed.clone())
            }
            TypedPlace::Variable { of: TypedOwner::Project(typed) | TypedOwner::Group(typed), .. } => {
                Some(typed.clone())
            }
            // Of all of an instance, any path will do.
            TypedPlace::Variable { of: TypedOwner::Instance, .. } => Typed::read("instance"),
            TypedPlace::File(_) | TypedPlace::Command(_) => None,
        }
    }

    /// The place as it may be shown.
    pub fn shown(&self) -> String {
        match &self.place {
            TypedPlace::File(path) => printable(&path.display().to_string(), 300),
            TypedPlace::Command(line) => printable(line, 300),
            _ => self.typed().map_or_else(String::new, |typed| typed.shown()),
        }
    }

    /// What a record says of the place: nothing was put there yet. `via` is the connection that may write there.
    ///
    /// # Errors
    /// [`DestinationError::NotAPlace`], [`DestinationError::NotAtForge`].
    pub(super) fn at(
        &self,
        of: Copied,
        via: Option<&Connection>,
        since: Timestamp,
    ) -> Result<Destination, DestinationError> {
        let blank = |target: String| Destination {
            kind: self.kind,
            of,
            target,
            name: None,
            environment: None,
            id: None,
            via: via.map(|via| via.name.clone()),
            import: None,
            fingerprint: None,
            secret: None,
            since,
            trouble: None,
        };
        let wrong = |why| DestinationError::NotAPlace { kind: Some(self.kind), why };
        let via = match (&self.place, via) {
            (TypedPlace::File(path), _) => return Ok(blank(path.display().to_string())),
            (TypedPlace::Command(line), _) => return Ok(blank(line.clone())),
            (_, Some(via)) => via,
            (_, None) => return Err(wrong("no connection is named that may write there")),
        };
        let path = |typed: &Typed| {
            let elsewhere = || DestinationError::NotAtForge { via: via.name.clone(), place: typed.shown() };
            typed.path(via).ok_or_else(elsewhere)
        };
        let page = |path: &str| format!("{}/{path}", via.url);
        let project = |typed: &Typed| {
            let path = path(typed)?;
            Target::project(&path).ok_or_else(|| wrong("a project's path has a slash in it"))?;
            Ok::<String, DestinationError>(path)
        };
        Ok(match &self.place {
            TypedPlace::Project(typed) => blank(page(&project(typed)?)),
            TypedPlace::Variable { of, name, environment } => {
                let target = match of {
                    TypedOwner::Project(typed) => page(&project(typed)?),
                    TypedOwner::Group(typed) => page(&format!("groups/{}", group_path(path(typed)?))),
                    TypedOwner::Instance => via.url.clone(),
                };
                Destination { name: Some(name.clone()), environment: environment.clone(), ..blank(target) }
            }
            TypedPlace::Secret { of, name, environment } => {
                let path = organisation_path(path(of)?);
                if Target::repo(&path).is_none() && (Target::org(&path).is_none() || environment.is_some()) {
                    return Err(wrong("it is of a repository, of an environment of one, or of an organisation"));
                }
                // GitHub keeps names in upper case.
                let name = Some(name.to_ascii_uppercase());
                Destination { name, environment: environment.clone(), ..blank(page(&path)) }
            }
            TypedPlace::Hook { of, group, id } => {
                let path = organisation_path(path(of)?);
                let target = match (self.kind, group) {
                    (DestinationKind::GithubWebhook, _) => Target::repo(&path).or_else(|| Target::org(&path)),
                    (_, true) => Target::group(&group_path(path)),
                    (_, false) => Target::project(&path),
                };
                let target = target.ok_or_else(|| wrong("that is not the path of what has webhooks"))?;
                blank(hook_address(&via.api_url, &target, *id))
            }
            TypedPlace::File(_) | TypedPlace::Command(_) => return Err(wrong("it is at no forge")),
        })
    }
}

/// At which forge such a place is, if it is at one.
pub(super) const fn forge_of(kind: DestinationKind) -> Option<ForgeKind> {
    match kind {
        DestinationKind::GitlabMirror
        | DestinationKind::GitlabIntegration
        | DestinationKind::GitlabVariable
        | DestinationKind::GitlabWebhook => Some(ForgeKind::GitLab),
        DestinationKind::GithubSecret | DestinationKind::GithubWebhook => Some(ForgeKind::GitHub),
        DestinationKind::File | DestinationKind::Command => None,
    }
}

/// The API's address of a webhook, as records have it.
pub(super) fn hook_address(api_url: &str, target: &Target, id: u64) -> String {
    let path = match target {
        Target::GithubRepo { owner, name } => format!("repos/{owner}/{name}"),
        Target::GithubOrg(org) => format!("orgs/{org}"),
        Target::GitlabProject(path) => format!("projects/{}", path.replace('/', "%2F")),
        Target::GitlabGroup(path) => format!("groups/{}", path.replace('/', "%2F")),
    };
    format!("{api_url}/{path}/hooks/{id}")
}

/// The same read again.
pub(super) fn read_hook_address(api_url: &str, address: &str) -> Option<(Target, u64)> {
    let rest = address.strip_prefix(api_url)?.strip_prefix('/')?;
    let (place, id) = rest.rsplit_once("/hooks/")?;
    let target = match place.split_once('/')? {
        ("repos", path) => Target::repo(path),
        ("orgs", path) => Target::org(path),
        ("projects", path) => Target::project(&path.replace("%2F", "/")),
        ("groups", path) => Target::group(&path.replace("%2F", "/")),
        _ => None,
    };
    Some((target?, id.parse().ok()?))
}

/// The path and the number of a webhook that a record names, as they are typed: `group/project#7`.
pub(super) fn hook_in_words(destination: &Destination) -> Option<String> {
    if !matches!(destination.kind, DestinationKind::GithubWebhook | DestinationKind::GitlabWebhook) {
        return None;
    }
    let (place, id) = destination.target.rsplit_once("/hooks/")?;
    // Behind the last of them: a server may stand below a path that has such a word in it.
    let begins = ["/repos/", "/orgs/", "/projects/", "/groups/"].into_iter();
    let (at, word) = begins.filter_map(|word| place.rfind(word).map(|at| (at, word))).max()?;
    let path = place.get(at + word.len()..)?.replace("%2F", "/");
    let group = if word == "/groups/" { "group=" } else { "" };
    Some(format!("{group}{path}#{id}"))
}

/// What names a recorded place again, typed after `--to`: by its path at the forge of `via`, or by its whole address.
pub(super) fn typed(destination: &Destination, via: Option<&Connection>) -> String {
    let (kind, target) = (destination.kind.word(), destination.target.as_str());
    let below = via.and_then(|via| target.strip_prefix(&via.url));
    let path = below.map_or(target, |below| below.trim_start_matches('/'));
    let name = destination.name.as_deref().unwrap_or_default();
    let environment = destination.environment.as_ref().map(|it| format!("@{it}")).unwrap_or_default();
    let place = match destination.kind {
        DestinationKind::GitlabMirror | DestinationKind::GitlabIntegration => path.to_owned(),
        DestinationKind::GitlabVariable if path.is_empty() => format!("instance:{name}"),
        DestinationKind::GitlabVariable => {
            let group = path.strip_prefix("groups/").map(|path| format!("group={path}"));
            format!("{}:{name}{environment}", group.as_deref().unwrap_or(path))
        }
        DestinationKind::GithubSecret => format!("{path}{environment}:{name}"),
        DestinationKind::GithubWebhook | DestinationKind::GitlabWebhook => {
            hook_in_words(destination).unwrap_or_else(|| target.to_owned())
        }
        DestinationKind::File | DestinationKind::Command => target.to_owned(),
    };
    format!("{kind}:{place}")
}

/// The address of a group's page has this in it. No group is called so.
fn group_path(path: String) -> String {
    path.strip_prefix("groups/").map(str::to_owned).unwrap_or(path)
}

/// The same of an organisation's page on GitHub.
fn organisation_path(path: String) -> String {
    path.strip_prefix("orgs/").map(str::to_owned).unwrap_or(path)
}

fn variable(rest: &str) -> Result<TypedPlace, &'static str> {
    let (place, name) = rest.rsplit_once(':').ok_or("the variable's name is missing")?;
    let (name, environment) = match name.split_once('@') {
        Some((name, environment)) => (name, Some(environment)),
        None => (name, None),
    };
    if !is_name(name) {
        return Err("a variable's name has letters, digits and underscores");
    }
    if environment.is_some_and(|environment| !is_environment(environment)) {
        return Err("the environment's name does not read");
    }
    let read = |text: &str| Typed::read(text).ok_or("the path does not read");
    let of = match place.strip_prefix("group=") {
        _ if place == "instance" && environment.is_some() => {
            return Err("variables of an instance have no environment");
        }
        _ if place == "instance" => TypedOwner::Instance,
        Some(group) => TypedOwner::Group(read(group)?),
        None => TypedOwner::Project(read(place)?),
    };
    let environment = environment.filter(|environment| *environment != "*").map(str::to_owned);
    Ok(TypedPlace::Variable { of, name: name.to_owned(), environment })
}

fn secret(rest: &str) -> Result<TypedPlace, &'static str> {
    let (place, name) = rest.rsplit_once(':').ok_or("the secret's name is missing")?;
    if !is_name(name) {
        return Err("a secret's name has letters, digits and underscores");
    }
    // GitHub docs, "Using secrets in GitHub Actions".
    if name.starts_with(|first: char| first.is_ascii_digit()) || name.to_ascii_uppercase().starts_with("GITHUB_") {
        return Err("GitHub takes no name that begins with `GITHUB_` or a digit");
    }
    let (place, environment) = match place.split_once('@') {
        Some((place, environment)) => (place, Some(environment)),
        None => (place, None),
    };
    if environment.is_some_and(|environment| !is_environment(environment)) {
        return Err("the environment's name does not read");
    }
    let of = Typed::read(place).ok_or("the path does not read")?;
    Ok(TypedPlace::Secret { of, name: name.to_owned(), environment: environment.map(str::to_owned) })
}

fn hook(rest: &str) -> Result<TypedPlace, &'static str> {
    let (place, id) = rest.rsplit_once('#').ok_or("the webhook's number is missing")?;
    let id = id.parse().map_err(|_| "a webhook is named by its number; `connect webhook list` shows it")?;
    let (place, group) = place.strip_prefix("group=").map_or((place, false), |group| (group, true));
    let of = Typed::read(place).ok_or("the path does not read")?;
    Ok(TypedPlace::Hook { of, group, id })
}

fn file(rest: &str) -> Result<PathBuf, &'static str> {
    let path = Path::new(rest);
    if without_tokens(rest) != rest {
        return Err("there is a token in the path");
    }
    match path.is_absolute() && path.file_name().is_some() && !rest.ends_with('/') {
        true => Ok(path.to_owned()),
        false => Err("the path is to be absolute, and a file's"),
    }
}

fn command(rest: &str) -> Result<String, &'static str> {
    if without_tokens(rest) != rest {
        return Err("there is a token in the command line, where every user of the machine can see it");
    }
    match shell_words::split(rest) {
        Ok(words) if words.is_empty() => Err("it is empty"),
        Ok(_) => Ok(rest.trim().to_owned()),
        Err(_) => Err("a quotation mark is not closed"),
    }
}
