//! The look at all places, without asking any host.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use zeroize::Zeroizing;

use super::super::{Error, Tools};
use super::env::Variable;
use super::program::{Programs, run};
use super::stray::{Cut, Found, Place, Source, Stray, origin, together};
use super::{file, gh, git, glab, netrc, remotes, userinfo, yaml};
use crate::model::{Connection, Fingerprint, ForgeKind, Secret};

/// Where is looked.
#[derive(Default)]
pub struct Look {
    /// Whose things.
    pub sources: Vec<Source>,
    /// Where gh's `hosts.yml` may be.
    pub gh: Vec<PathBuf>,
    /// Where glab's `config.yml` may be.
    pub glab: Vec<PathBuf>,
    /// Where git's helper `store` keeps passwords, unless it was told another place.
    pub git: Vec<PathBuf>,
    /// Where a `.netrc` may be.
    pub netrc: Vec<PathBuf>,
    /// Variables with a token in them.
    pub variables: Vec<Variable>,
    /// The user's home: `~` in git's configuration.
    pub home: Option<PathBuf>,
    /// Repositories below this folder are looked at.
    pub folder: Option<PathBuf>,
    /// Hosts that git's helpers are asked about.
    pub ask_helpers: Vec<String>,
    /// Where `gh` and `git` are.
    pub programs: Programs,
}

/// What could not be read, and was passed over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unread {
    /// Which file or folder.
    pub path: PathBuf,
    /// Why, in words.
    pub why: String,
}

/// A token that another tool keeps where connect does not get it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Elsewhere {
    /// Which tool.
    pub source: Source,
    /// For which host.
    pub host: String,
    /// Whose.
    pub user: Option<String>,
}

/// What was found.
#[derive(Default)]
pub struct Scan {
    /// The tokens.
    pub strays: Vec<Stray>,
    /// What was passed over.
    pub unread: Vec<Unread>,
    /// What is out of reach.
    pub elsewhere: Vec<Elsewhere>,
    /// What each file was when it was read.
    pub(super) files: BTreeMap<PathBuf, Fingerprint>,
    /// Where the programs are that write some of them.
    pub(super) programs: Programs,
}

/// What was found so far.
#[derive(Default)]
struct Basket {
    found: Vec<Found>,
    unread: Vec<Unread>,
    elsewhere: Vec<Elsewhere>,
    files: BTreeMap<PathBuf, Fingerprint>,
}

/// Looks. Files are read and programs run; nothing is sent anywhere.
///
/// # Errors
/// [`Error::Catalog`] when our own records cannot be listed. What cannot be read of others is passed over, and noted.
pub async fn scan(tools: &Tools<'_>, mut look: Look) -> Result<Scan, Error> {
    let connections: Vec<Connection> = tools.records.all()?.filter_map(Result::ok).collect();
    let mut basket = Basket::default();
    let variables = std::mem::take(&mut look.variables);
    for source in look.sources.clone() {
        match source {
            Source::Gh => basket.gh(&look).await,
            Source::Glab => basket.glab(&look.glab),
            Source::Git => basket.git(&look).await,
            Source::Netrc => basket.netrc(&look.netrc),
            Source::Env => {}
        }
    }
    if look.sources.contains(&Source::Env) {
        basket.variables(variables);
    }
    if let Some(folder) = &look.folder {
        let found = remotes::below(&look.programs, folder, &mut basket.unread).await;
        basket.found.extend(found);
    }
    let strays = together(basket.found, &connections);
    let Basket { unread, elsewhere, files, .. } = basket;
    Ok(Scan { strays, unread, elsewhere, files, programs: look.programs })
}

impl Basket {
    /// The text of a file, of which it is remembered what it was.
    fn text(&mut self, path: &Path) -> Option<Zeroizing<String>> {
        let text = file::text(path, &mut self.unread)?;
        self.files.insert(path.to_owned(), Fingerprint::of(text.as_bytes()));
        Some(text)
    }

    /// Takes a token, unless it cannot be one.
    fn add(&mut self, token: Zeroizing<String>, found: impl FnOnce(Secret) -> Found) {
        if let Ok(secret) = Secret::from_input(token) {
            self.found.push(found(secret));
        }
    }

    async fn gh(&mut self, look: &Look) {
        for path in &look.gh {
            let Some(text) = self.text(path) else { continue };
            let hosts = match gh::read(&text) {
                Ok(hosts) => hosts,
                Err(why) => {
                    self.unread.push(Unread { path: path.clone(), why });
                    continue;
                }
            };
            for entry in hosts.entries {
                let place = Place::File { path: path.clone(), line: entry.line };
                let (cut, address, user) = (yaml_cut(&text, entry.cut), Some(entry.host), entry.user);
                let (source, forge) = (Source::Gh, Some(ForgeKind::GitHub));
                self.add(entry.token, |secret| Found {
                    source,
                    place,
                    cut,
                    address,
                    forge,
                    user,
                    oauth: false,
                    secret,
                });
            }
            for (host, user, several) in hosts.elsewhere {
                self.gh_keyring(&look.programs, host, user, several).await;
            }
        }
    }

    /// gh tells what it has in the keyring. It is asked only about accounts that its file names, so that it has no reason to
    /// ask anybody itself.
    async fn gh_keyring(&mut self, programs: &Programs, host: String, user: String, several: bool) {
        let program = programs.named("gh").arguments(["auth", "token", "--hostname", &host]);
        let program = if several { program.arguments(["--user", &user]) } else { program };
        let said = run(program).await.ok().map(|said| Zeroizing::new(said.text().to_owned()));
        match said.and_then(|text| Secret::from_input(text).ok()) {
            Some(secret) => self.found.push(Found {
                source: Source::Gh,
                place: Place::Program("gh"),
                cut: Cut::ByHand,
                address: Some(host),
                forge: Some(ForgeKind::GitHub),
                user: Some(user),
                oauth: false,
                secret,
            }),
            None => self.elsewhere.push(Elsewhere { source: Source::Gh, host, user: Some(user) }),
        }
    }

    fn glab(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let Some(text) = self.text(path) else { continue };
            let hosts = match glab::read(&text) {
                Ok(hosts) => hosts,
                Err(why) => {
                    self.unread.push(Unread { path: path.clone(), why });
                    continue;
                }
            };
            for entry in hosts.entries {
                let place = Place::File { path: path.clone(), line: entry.line };
                // glab would go on renewing what it has left, and end the life of what was taken from it.
                let cut = if entry.oauth { Cut::ByHand } else { yaml_cut(&text, entry.cut) };
                let (address, user, oauth) = (Some(entry.address), entry.user, entry.oauth);
                let (source, forge) = (Source::Glab, Some(ForgeKind::GitLab));
                self.add(entry.token, |secret| Found { source, place, cut, address, forge, user, oauth, secret });
            }
            let hidden = hosts.elsewhere.into_iter();
            self.elsewhere.extend(hidden.map(|host| Elsewhere { source: Source::Glab, host, user: None }));
        }
    }

    async fn git(&mut self, look: &Look) {
        let mut paths = look.git.clone();
        for named in git::store_files(&look.programs).await {
            let below_home = named.strip_prefix("~/").and_then(|rest| Some(look.home.as_ref()?.join(rest)));
            let path = below_home.unwrap_or_else(|| PathBuf::from(named));
            if path.is_absolute() && !paths.contains(&path) {
                paths.push(path);
            }
        }
        for path in paths {
            let Some(text) = self.text(&path) else { continue };
            for entry in file::first(git::read(&text), &path, &mut self.unread) {
                self.found.push(Found {
                    source: Source::Git,
                    place: Place::File { path: path.clone(), line: entry.line },
                    cut: Cut::Bytes(entry.cut),
                    address: Some(entry.credential.address),
                    forge: None,
                    user: entry.credential.user,
                    oauth: false,
                    secret: entry.credential.secret,
                });
            }
        }
        for host in &look.ask_helpers {
            let Some(url) = origin(host) else { continue };
            let place = url.as_str().split_once("://").map_or("", |(_, rest)| rest.trim_end_matches('/')).to_owned();
            let Some((user, token)) = git::filled(&look.programs, url.scheme(), &place).await else { continue };
            let (source, cut, address) = (Source::Git, Cut::ByHand, Some(host.clone()));
            let place = Place::Program("git credential");
            self.add(token, |secret| Found { source, place, cut, address, forge: None, user, oauth: false, secret });
        }
    }

    fn netrc(&mut self, paths: &[PathBuf]) {
        for path in paths {
            let Some(text) = self.text(path) else { continue };
            for entry in file::first(netrc::read(&text), path, &mut self.unread) {
                let place = Place::File { path: path.clone(), line: entry.line };
                let cut = entry.cut.map_or(Cut::ByHand, Cut::Bytes);
                let user = entry.login.as_deref().and_then(userinfo::name);
                let (source, address) = (Source::Netrc, Some(entry.machine));
                self.add(entry.password, |secret| Found {
                    source,
                    place,
                    cut,
                    address,
                    forge: None,
                    user,
                    oauth: false,
                    secret,
                });
            }
        }
    }

    fn variables(&mut self, variables: Vec<Variable>) {
        for variable in variables {
            self.found.push(Found {
                source: Source::Env,
                place: Place::Variable(variable.name),
                cut: Cut::ByHand,
                address: variable.address,
                forge: Some(variable.forge),
                user: None,
                oauth: false,
                secret: variable.token,
            });
        }
    }
}

/// The line, if the file means the same without it.
fn yaml_cut(text: &str, line: Option<std::ops::Range<usize>>) -> Cut {
    match line.filter(|line| yaml::without(text, std::slice::from_ref(line)).is_some()) {
        Some(line) => Cut::Bytes(line),
        None => Cut::ByHand,
    }
}
