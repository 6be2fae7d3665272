//! A port at which deliveries are taken, and what the server behind it works with.

use std::net::SocketAddr;
use std::sync::Arc;

use tokio::sync::mpsc;

use super::ends::Happened;
use super::{CertificateFiles, ListenError, Listening, Post, Source, renewal};
use crate::catalog::{Inbox, Room, Stored};
use crate::model::{ConnectionName, Letter};
use crate::receiver::{Certificate, Desk, Gauge, Intake, Limits, Metrics, Server, Taken, Told};
use crate::workflow::{Error, Tools};

/// How many connections may be open for each delivery that may be under way.
const CONNECTIONS: usize = 4;

/// A port, where there is to be one.
pub(super) enum Door {
    /// It is bound; nothing is read yet.
    Open { server: Server, address: SocketAddr },
    /// Deliveries are fetched.
    None,
}

impl Door {
    pub(super) async fn open(source: &Source) -> Result<Self, Error> {
        let Source::Port(port) = source else { return Ok(Self::None) };
        let certificate = port.certificate.as_ref().map(certificate).transpose()?;
        let limits = Limits { deliveries: port.at_once, connections: port.at_once * CONNECTIONS, ..Limits::default() };
        let failed = |source| ListenError::Bind { address: port.address, source };
        let server = Server::bind(port.address, certificate.as_ref(), limits).await.map_err(failed)?;
        let address = server.address().map_err(failed)?;
        Ok(Self::Open { server, address })
    }
}

fn certificate(files: &CertificateFiles) -> Result<Certificate, Error> {
    let [chain, key] = files.read()?;
    Ok(Certificate::read(&chain, &key).map_err(ListenError::Certificate)?)
}

/// Why there is no room, in words.
fn no_room(room: Option<&Room>) -> String {
    match room.and_then(Room::trouble) {
        Some(why) => format!("it cannot be stored: {why}"),
        None => "as much waits to be handed on as `--spool-limit` lets".to_owned(),
    }
}

/// What the server works with.
pub(super) fn desk(
    posts: &[Post],
    wanted: &Listening,
    shows_metrics: bool,
    tools: &Tools<'_>,
    tell: mpsc::Sender<Happened>,
) -> Desk {
    let inboxes: Arc<Vec<(String, Arc<Inbox>)>> =
        Arc::new(posts.iter().map(|post| (post.endpoint.id.clone(), Arc::clone(&post.inbox))).collect());
    let find = |inboxes: &[(String, Arc<Inbox>)], id: &str| {
        inboxes.iter().find(|(known, _)| known == id).map(|(_, inbox)| Arc::clone(inbox))
    };
    let intake: Intake = {
        let (inboxes, filter, tell) = (Arc::clone(&inboxes), wanted.filter.clone(), tell.clone());
        Arc::new(move |letter: Letter| {
            let inbox = find(&inboxes, &letter.endpoint).filter(|_| filter.wants(&letter));
            let room = inbox.as_ref().map(|inbox| Arc::clone(inbox.room()));
            let (tell, connection) = (tell.clone(), letter.connection.clone());
            let stored = inbox.map(|inbox| inbox.put(letter));
            Box::pin(async move {
                match stored {
                    // Of no interest.
                    None => Taken::Safe,
                    Some(stored) => match stored.await {
                        Stored::Safe => Taken::Safe,
                        Stored::Known => Taken::Known,
                        Stored::NoRoom => {
                            let why = no_room(room.as_deref());
                            let _ = tell.try_send(Happened::NotTaken { connection, why });
                            Taken::NoRoom
                        }
                    },
                }
            })
        })
    };
    let rooms: Vec<_> = posts.iter().map(|post| Arc::clone(post.inbox.room())).collect();
    let sum = |read: fn(&Room) -> u64| {
        let rooms = rooms.clone();
        Box::new(move || rooms.iter().map(|room| read(room)).sum::<u64>()) as Box<dyn Fn() -> u64 + Send + Sync>
    };
    let metrics = Arc::new(Metrics::new(vec![
        Gauge {
            name: "connect_webhook_spool_deliveries",
            help: "Deliveries that were accepted and are not handed on yet.",
            read: sum(Room::letters),
        },
        Gauge {
            name: "connect_webhook_spool_bytes",
            help: "What they take, reckoned by their bodies.",
            read: sum(Room::bytes),
        },
        Gauge {
            name: "connect_webhook_spool_failures",
            help: "How often the spool could not be written.",
            read: sum(Room::failures),
        },
    ]));
    Desk {
        endpoints: posts.iter().map(|post| post.endpoint.clone()).collect(),
        intake,
        renew: renewal::renew(tools, posts),
        has_room: Box::new(move |id| find(&inboxes, id).is_some_and(|inbox| inbox.room().is_left())),
        report: Box::new(move |connection: &ConnectionName, why| {
            // What nobody has time to show is not shown.
            let why = if why == Told::NoRoom { no_room(None) } else { why.to_string() };
            let _ = tell.try_send(Happened::NotTaken { connection: connection.clone(), why });
        }),
        metrics,
        shows_metrics,
        clock: tools.clock,
    }
}
