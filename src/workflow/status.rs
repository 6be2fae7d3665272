//! Status: every forge is asked how its tokens are, many at once; what is learnt goes into the records.

use std::collections::HashMap;
use std::path::PathBuf;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::task::{JoinError, JoinSet};

use crate::catalog::CatalogError;
use crate::forge::{Again, Depth, Forge, Transport};
use crate::model::{Connection, Fingerprint, Inspection, Secret, TokenKind, TokenRecord};

use super::learn::{self, Learnt, Lesson};
use super::tools::host_of;
use super::{Error, Event, Tools};

/// After this long it is worth a request to see whether an account has another name now, where the
/// answer about the token does not tell (GitLab).
const NAME_FRESH: SignedDuration = SignedDuration::from_hours(24);

/// How often, and how long in between, a record is looked at that another process is at work on: who removes a secret
/// removes its record next.
const LOOKS: usize = 10;
const PAUSE: Duration = Duration::from_millis(20);

/// So many answers are written down together, by so many threads: each record needs two open files meanwhile. More
/// threads would only be in each other's way, in one folder.
const TOGETHER: usize = 8;
const WRITERS: usize = 4;

/// One connection, and what its forge said.
#[derive(Debug)]
pub struct Checked {
    /// The record, with what was learnt.
    pub connection: Connection,
    /// What was said, or what went wrong; nothing where there is no token to ask about.
    pub outcome: Result<Option<Inspection>, Error>,
    /// The login that the account had before.
    pub renamed_from: Option<String>,
    /// When a server refused the token, by what git said before this answer.
    pub refused_at: Option<Timestamp>,
}

/// An answer, and to which question.
type Answered = (usize, Fingerprint, Result<Inspection, crate::forge::ForgeError>);

/// Asks the forges of these connections, in parallel, as far as each host takes it (the transport sees to
/// that). The answer has the order of the question; connections that only receive are at its end.
///
/// # Errors
/// Never as a whole: each connection has its own outcome.
pub async fn status(tools: &Tools<'_>, connections: Vec<Connection>) -> Vec<Checked> {
    let (connections, receiving): (Vec<_>, Vec<_>) = connections.into_iter().partition(|c| c.token.is_some());
    let mut checked = ask(tools, connections).await;
    let unasked = |connection| Checked { connection, outcome: Ok(None), renamed_from: None, refused_at: None };
    checked.extend(receiving.into_iter().map(unasked));
    checked
}

async fn ask(tools: &Tools<'_>, connections: Vec<Connection>) -> Vec<Checked> {
    let mut round = Round::new(tools, connections);
    let mut asking = JoinSet::new();
    let mut transports = HashMap::new();
    for index in 0..round.connections.len() {
        let Some(connection) = round.connections.get(index) else { break };
        let prepared = match prepare(tools, connection, &mut transports) {
            Err(e) => match since(tools, connection).await {
                Since::Same => Err(e),
                Since::Gone => continue,
                Since::Changed(now) => {
                    let again = prepare(tools, &now, &mut transports);
                    round.connections[index] = *now;
                    again
                }
            },
            prepared => prepared,
        };
        match prepared {
            Err(e) => round.take(index, None, Err(e)),
            Ok(question) => {
                asking.spawn(async move { question.ask(index).await });
                // What was spawned gets going while the next secret is fetched.
                tokio::task::yield_now().await;
            }
        }
        while let Some(answered) = asking.try_join_next() {
            round.answered(answered);
        }
    }
    while let Some(answered) = asking.join_next().await {
        round.answered(answered);
    }
    round.end().await
}

/// What became of a record since it was listed.
enum Since {
    Same,
    Changed(Box<Connection>),
    Gone,
}

/// A secret that is not where the record said may have been replaced, moved or forgotten by another process in the
/// meantime: that is no alarm.
async fn since(tools: &Tools<'_>, connection: &Connection) -> Since {
    for _ in 0..LOOKS {
        match tools.records.find(&connection.name) {
            Ok(None) => return Since::Gone,
            Ok(Some(now)) if now != *connection => return Since::Changed(Box::new(now)),
            Ok(Some(_)) if matches!(tools.records.try_lock(&connection.name), Err(CatalogError::Busy { .. })) => {
                tokio::time::sleep(PAUSE).await;
            }
            _ => break,
        }
    }
    Since::Same
}

/// Everything one request needs.
struct Question {
    forge: Forge,
    secret: Secret,
    fingerprint: Fingerprint,
    depth: Depth,
    oauth: bool,
    etag: Option<String>,
}

impl Question {
    async fn ask(self, index: usize) -> Answered {
        let again = Again { depth: self.depth, oauth: self.oauth, etag: self.etag.as_deref() };
        let said = self.forge.inspect_again(&self.secret, again).await;
        (index, self.fingerprint, said)
    }
}

/// What a question needs: the forge, by way of a transport that connections with the same certificates
/// share, and the secret.
fn prepare(
    tools: &Tools<'_>,
    connection: &Connection,
    transports: &mut HashMap<Option<PathBuf>, Transport>,
) -> Result<Question, Error> {
    let (secret, token) = tools.secret_of(connection)?;
    let host = host_of(connection)?;
    let transport = match transports.get(&connection.ca_cert) {
        Some(transport) => transport.clone(),
        None => {
            let transport = tools.transport(connection.ca_cert.as_deref())?;
            transports.insert(connection.ca_cert.clone(), transport.clone());
            transport
        }
    };
    let fingerprint = secret.fingerprint();
    let same_token = fingerprint == token.fingerprint;
    let depth = if same_token && name_is_fresh(&token, tools.clock.now()) { Depth::Brief } else { Depth::Named };
    Ok(Question {
        forge: Forge::new(&host, &transport),
        secret,
        fingerprint,
        depth,
        oauth: same_token && token.kind == TokenKind::Oauth,
        etag: token.etag.filter(|_| same_token),
    })
}

fn name_is_fresh(token: &TokenRecord, now: Timestamp) -> bool {
    token.account_checked_at.is_some_and(|at| {
        let age = now.duration_since(at);
        !age.is_negative() && age < NAME_FRESH
    })
}

/// The answers as they come in: written down some at a time, while the others are waited for.
struct Round<'a> {
    tools: &'a Tools<'a>,
    connections: Vec<Connection>,
    waiting: Vec<(usize, Lesson)>,
    writing: JoinSet<Vec<(usize, Learnt)>>,
    learnt: Vec<(usize, Learnt)>,
    done: usize,
}

impl<'a> Round<'a> {
    fn new(tools: &'a Tools<'a>, connections: Vec<Connection>) -> Self {
        let learnt = Vec::with_capacity(connections.len());
        Self { tools, connections, waiting: Vec::new(), writing: JoinSet::new(), learnt, done: 0 }
    }

    fn answered(&mut self, finished: Result<Answered, JoinError>) {
        let (index, fingerprint, said) = match finished {
            Ok(finished) => finished,
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => return,
        };
        let connection = self.connections.get(index);
        let host = connection.and_then(|connection| connection.host().ok());
        let outcome = said.map_err(Error::of_forge(host.as_ref(), connection.map(|c| &c.name)));
        self.take(index, Some(fingerprint), outcome);
    }

    fn take(&mut self, index: usize, fingerprint: Option<Fingerprint>, outcome: Result<Inspection, Error>) {
        self.done += 1;
        self.tools.say(Event::Progress { done: self.done, of: self.connections.len() });
        let Some(connection) = self.connections.get(index).cloned() else { return };
        self.waiting.push((index, Lesson { connection, fingerprint, outcome }));
        while let Some(written) = self.writing.try_join_next() {
            self.written(written);
        }
        if self.waiting.len() >= TOGETHER && self.writing.len() < WRITERS {
            self.write();
        }
    }

    fn write(&mut self) {
        let (records, now) = (self.tools.records.clone(), self.tools.clock.now());
        let some = self.waiting.drain(..self.waiting.len().min(TOGETHER));
        let (indices, lessons): (Vec<usize>, Vec<Lesson>) = some.unzip();
        self.writing.spawn_blocking(move || indices.into_iter().zip(learn::all(&records, lessons, now)).collect());
    }

    fn written(&mut self, written: Result<Vec<(usize, Learnt)>, JoinError>) {
        match written {
            Ok(written) => self.learnt.extend(written),
            Err(e) if e.is_panic() => std::panic::resume_unwind(e.into_panic()),
            Err(_) => {}
        }
    }

    async fn end(mut self) -> Vec<Checked> {
        loop {
            while !self.waiting.is_empty() && self.writing.len() < WRITERS {
                self.write();
            }
            match self.writing.join_next().await {
                Some(written) => self.written(written),
                None => break,
            }
        }
        self.learnt.sort_by_key(|(index, _)| *index);
        let checked = |(_, Learnt { connection, outcome, renamed_from, refused_at })| Checked {
            connection,
            outcome: outcome.map(Some),
            renamed_from,
            refused_at,
        };
        self.learnt.into_iter().map(checked).collect()
    }
}
