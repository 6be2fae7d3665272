//! `connect rotate --resume`: what earlier runs have left is brought to an end, and nothing else is begun.

use super::super::CliError;
use super::super::ask::Asker;
use super::super::session::Session;
use crate::model::{ConnectionName, Fingerprint};
use crate::output::json::{Problem, Resumption, Resumptions};
use crate::output::{Exit, Failure, OldToken, human};
use crate::workflow::Tools;
use crate::workflow::rotate::guided::{self, Verdict};
use crate::workflow::rotate::{self, Resumed, Settled};

/// A rotation that the forge had been asked for, as it is told.
struct Told {
    name: ConnectionName,
    state: Option<&'static str>,
    until: Option<jiff::Timestamp>,
    failure: Option<Failure>,
}

impl Told {
    fn of(resumed: Resumed) -> Self {
        let Resumed { connection: name, outcome } = resumed;
        let plain = Self { name, state: None, until: None, failure: None };
        match outcome {
            Ok(Settled::Finished) => Self { state: Some("finished"), ..plain },
            Ok(Settled::Nothing) => Self { state: Some("nothing"), ..plain },
            Ok(Settled::Pending { until }) => Self { state: Some("pending"), until: Some(until), ..plain },
            Err(error) => Self { failure: Some(Failure::of(&error)), ..plain },
        }
    }

    fn exit(&self) -> Option<Exit> {
        match (self.state, &self.failure) {
            (_, Some(failure)) => Some(failure.exit),
            (Some("pending"), _) => Some(Exit::Unreachable),
            _ => None,
        }
    }
}

/// Brings it to an end, and says so.
pub(super) fn run(session: &Session, tools: &Tools<'_>, revoke: Option<bool>) -> Result<Exit, CliError> {
    let asker = Asker::new(session);
    let ask = |name: &ConnectionName, old: &Fingerprint| asker.confirm(&human::revoke_question(name.as_str(), old));
    let verdict = Verdict { said: revoke, ask: &ask };
    let (resumed, settled) = session.wait_for(async {
        let resumed = rotate::resume(tools).await?;
        // What has become of the one is told, whatever stands in the way of the other.
        Ok((resumed, guided::settle_all(tools, &verdict).await))
    })?;
    let (settled, trouble) = match settled {
        Ok(settled) => (settled, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    let told: Vec<Told> = resumed.into_iter().map(Told::of).collect();
    let old: Vec<_> = settled.into_iter().map(|(retiring, settled)| (retiring.before, OldToken::of(settled))).collect();
    if session.screen.is_json() {
        let asked = told
            .iter()
            .map(|one| Resumption::new(one.name.as_str(), one.state, one.until, one.failure.as_ref().map(Problem::of)));
        let by_hand = old.iter().map(|(before, old)| Resumption::old(before.name.as_str(), old));
        let document = Resumptions { connections: asked.chain(by_hand).collect() };
        session.screen.document(&document).map_err(CliError::Output)?;
    } else {
        let asked = told
            .iter()
            .map(|one| human::rotation_resumed(one.name.as_str(), one.state, one.until, one.failure.as_ref()));
        let text: String = asked.chain(old.iter().map(|(before, old)| human::old_token_resumed(before, old))).collect();
        session.screen.result(&text).map_err(CliError::Output)?;
        if told.is_empty() && old.is_empty() && trouble.is_none() {
            session.screen.note("no rotation was left unfinished");
        }
    }
    if let Some(error) = trouble {
        return Err(error.into());
    }
    let behind = old.iter().filter(|(_, old)| old.is_behind());
    let behind = behind.map(|(_, old)| old.failure.as_ref().map_or(Exit::Differs, |failure| failure.exit));
    let failed: Vec<Exit> = told.iter().filter_map(Told::exit).chain(behind).collect();
    Ok(Exit::of_changes(told.len() + old.len() - failed.len(), failed))
}
