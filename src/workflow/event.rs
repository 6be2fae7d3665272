//! What a workflow says while it works. The room above decides whether and how it is shown.

use super::listen::Receiving;
use super::witness::DiesSoon;
use crate::catalog::Part;
use crate::model::hook::Delivery;
use crate::model::shape::ShapeWarning;
use crate::model::{ConnectionName, StoreKind};

/// Something worth saying before the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A host that is not a vendor's own is asked, without credentials, what it is.
    Looking {
        /// Which host.
        host: String,
    },
    /// A host could not be seen to be a forge, where that is not needed.
    NotLooked {
        /// Which host.
        host: String,
        /// Why not.
        why: String,
    },
    /// The token is being checked.
    Checking {
        /// With which host.
        host: String,
    },
    /// The token's shape is odd. It is sent all the same.
    OddShape(ShapeWarning),
    /// The token is being killed at its forge.
    Revoking {
        /// Which host.
        host: String,
    },
    /// A secret is being written to its store and read back.
    Keeping {
        /// Which of the connection's secrets.
        part: Part,
        /// Which store.
        store: StoreKind,
    },
    /// An earlier run was cut short; what it left was put in order.
    Tidied {
        /// Whose token.
        connection: ConnectionName,
    },
    /// What an earlier run left could not be put in order now; it is tried again next time.
    NotTidied {
        /// Whose token.
        connection: ConnectionName,
        /// Where the left-over is.
        place: String,
    },
    /// A rotation that an earlier run began cannot be finished now; it is tried again next time.
    RotationLeft {
        /// Whose token.
        connection: ConnectionName,
        /// The store that has to take the new one.
        place: String,
    },
    /// The new token is in place, but the one it replaces could not be removed from its store. The
    /// next run that writes tries again.
    OldRemains {
        /// Where the left-over is.
        place: String,
    },
    /// Others than the owner may read the file that holds a token.
    Exposed {
        /// Which file.
        place: String,
    },
    /// Another process is at work on the connection, and is waited for.
    Waiting {
        /// Which connection.
        connection: ConnectionName,
    },
    /// One connection of several was checked.
    Progress {
        /// How many are done.
        done: usize,
        /// Of how many.
        of: usize,
    },
    /// What was done could not be written into the history.
    HistoryNotWritten {
        /// Why not.
        why: String,
    },
    /// A step of a set-up is begun, or done.
    Step {
        /// Which: `project`, `mirror` …
        step: &'static str,
        /// What came of it; nothing when it is begun.
        says: Option<String>,
    },
    /// Something at a forge is being made or changed, beside set-ups.
    Changing {
        /// What.
        what: String,
    },
    /// A command of the user's is run, which may have something to say on the same terminal.
    Running,
    /// Something goes on at a forge and is watched; to stop watching does not stop it.
    Watching {
        /// What.
        what: String,
    },
    /// How far an import has come that GitLab carries out.
    ImportingAt {
        /// Into which project.
        project: String,
        /// How many things were imported.
        done: u64,
        /// How many were fetched so far.
        of: u64,
    },
    /// A forge has done what it was asked for, with a warning.
    ForgeWarns {
        /// Which host.
        host: String,
        /// In its words.
        says: String,
    },
    /// An import came to its end and left something out.
    PartlyImported {
        /// What, and why.
        failed: Vec<String>,
    },
    /// Deliveries of a connection that is no more are still on disk.
    DeliveriesStay {
        /// Which connection it was.
        connection: String,
        /// Which folder.
        place: String,
        /// Why.
        why: String,
    },
    /// A webhook has delivered more than is read of its list: the older ones were not looked at.
    ListCut {
        /// Of what: `repo:OWNER/NAME`.
        target: String,
        /// Which webhook.
        hook: u64,
        /// How many were looked at.
        most: usize,
    },
    /// A forge wants to be left alone for a while, and is.
    Patience {
        /// Which.
        host: String,
        /// How many requests are left to be made.
        left: usize,
    },
    /// A forge is being asked to deliver something once more.
    AskingAgain,
    /// It has been; whoever is interrupted after that wants to know.
    AskedAgain {
        /// Whose webhook.
        connection: ConnectionName,
        /// Where it is: `repo:OWNER/NAME`, as records have it.
        target: String,
        /// Its number.
        hook: u64,
        /// The attempt that was repeated.
        delivery: Box<Delivery>,
        /// Whether it comes later (GitHub), or has come by now (GitLab).
        later: bool,
        /// What it was answered with, where it has come and somebody answered.
        status: Option<u16>,
    },
    /// A token that was used dies soon.
    DiesSoon(DiesSoon),
    /// `webhook listen` says something.
    Receiving(Receiving),
}
