//! Rotations with a person in them: the page, the hidden prompt, and what is done about a token that does not fit.

use super::super::ask::{Asker, hidden};
use super::super::session::Session;
use super::super::token_input::{Source, checked};
use super::super::{CliError, new_token};
use super::Args;
use crate::model::{Connection, ConnectionName, Fingerprint, Secret, StoreKind};
use crate::output::{Exit, Failure, RotatedRow, human};
use crate::workflow::rotate::guided::{self, GuidedError, Policy, Verdict};
use crate::workflow::rotate::{RotationError, Turn, Way};
use crate::workflow::{Answer, Error, Page, Tools};

/// How often a token that does not fit may be given once more.
const ATTEMPTS: usize = 3;

/// Whether a person has to make the new token of this turn, and can.
pub(super) const fn is(turn: &Turn) -> bool {
    matches!(
        turn.way,
        Ok(Way::Guided) | Err(Error::Rotation(RotationError::Dead { .. } | RotationError::MayNot { .. }))
    )
}

/// The turns that a person takes part in.
pub(super) struct ByHand<'a> {
    pub args: &'a Args,
    pub session: &'a Session,
    pub tools: &'a Tools<'a>,
    /// Whether the run was stopped already.
    pub stopped: bool,
}

impl ByHand<'_> {
    /// Goes through them, one after the other. Says whether somebody pressed Ctrl-C meanwhile.
    pub(super) fn go_through(&self, turns: Vec<Turn>) -> Result<(Vec<RotatedRow>, bool), CliError> {
        let source = self.args.new.clone().chosen()?;
        let mut source = source.filter(|source| !matches!(source, Source::Prompt));
        let (mut rows, mut stopped) = (Vec::with_capacity(turns.len()), self.stopped);
        for turn in turns {
            if stopped {
                rows.push(RotatedRow::not_reached(turn.connection));
                continue;
            }
            let connection = turn.connection.clone();
            match self.one(turn, source.take()) {
                Ok(row) => rows.push(row),
                Err(CliError::Interrupted) => {
                    rows.push(self.cut_short(connection));
                    stopped = true;
                }
                // A mistake in the command line, and the store's, are what the whole run ends with.
                Err(error @ (CliError::Usage { .. } | CliError::Output(_))) => return Err(error),
                Err(error) => rows.push(RotatedRow::failed(connection, error.failure())),
            }
        }
        Ok((rows, stopped))
    }

    /// Ctrl-C came at the prompt, or later: the new token may have been kept by then.
    fn cut_short(&self, before: Connection) -> RotatedRow {
        let fingerprint = |connection: &Connection| connection.token.as_ref().map(|token| token.fingerprint.clone());
        let now = self.tools.records.find(&before.name).ok().flatten();
        match (fingerprint(&before), now) {
            (Some(old), Some(now)) if fingerprint(&now).is_some_and(|new| new != old) => {
                RotatedRow::cut_short(now, old)
            }
            _ => RotatedRow::not_reached(before),
        }
    }

    fn one(&self, turn: Turn, source: Option<Source>) -> Result<RotatedRow, CliError> {
        let connection = turn.connection.clone();
        if connection.token.as_ref().is_some_and(|token| token.kept_in == StoreKind::Env) {
            // Before anybody makes a token for it.
            let error = RotationError::Variable { connection: connection.name.clone() };
            return Ok(RotatedRow::failed(connection, Failure::of(&error.into())));
        }
        let page = guided::page(self.tools, &connection, Args::days(&turn, self.tools))?;
        if let Some(source) = source {
            let new = source.read(self.session, || ())?;
            return self.take_over(turn, new, self.args.allow_less);
        }
        if !self.session.may_ask() {
            return Ok(needs_a_person(turn, &page));
        }
        self.session.screen.ask(&human::make_new(&connection, &page));
        if self.args.open {
            new_token::open(self.session, &page);
        }
        self.ask(turn)
    }

    /// Asks for the token, hidden, and once more where it does not fit.
    fn ask(&self, turn: Turn) -> Result<RotatedRow, CliError> {
        let name = turn.connection.name.clone();
        for attempt in 1.. {
            let typed = hidden(&self.session.screen, &human::new_token_prompt(&turn.connection))?;
            let taken = checked(typed, "what was typed").and_then(|new| self.offer(&name, new));
            match taken {
                Err(error) if attempt < ATTEMPTS && is_about_the_token(&error) => {
                    self.session.screen.failure(&error.failure());
                }
                Err(CliError::Usage { message, hints }) => return Err(CliError::Other { message, hints }),
                other => return other,
            }
        }
        Err(CliError::Interrupted)
    }

    /// Takes it over; where it may do less, somebody is asked.
    fn offer(&self, name: &ConnectionName, new: Secret) -> Result<RotatedRow, CliError> {
        let taken = self.take(name, new.clone(), self.args.allow_less);
        let Err(CliError::Work(Error::Guided(error @ GuidedError::MayLess { .. }))) = taken else { return taken };
        self.session.screen.ask(&error.to_string());
        match Asker::new(self.session).confirm(human::TAKE_LESS) {
            Answer::Yes => self.take(name, new, true),
            _ => Err(Error::Guided(error).into()),
        }
    }

    fn take_over(&self, turn: Turn, new: Secret, allow_less: bool) -> Result<RotatedRow, CliError> {
        let connection = turn.connection;
        match self.take(&connection.name, new, allow_less) {
            Err(CliError::Work(error)) => Ok(RotatedRow::failed(connection, Failure::of(&error))),
            other => other,
        }
    }

    fn take(&self, name: &ConnectionName, new: Secret, allow_less: bool) -> Result<RotatedRow, CliError> {
        let asker = Asker::new(self.session);
        let ask = |name: &ConnectionName, old: &Fingerprint| asker.confirm(&human::revoke_question(name.as_str(), old));
        let revoke = Verdict { said: self.args.wants_revoked(), ask: &ask };
        let policy = Policy { allow_less, push: !self.args.no_push, revoke };
        let taken = self.session.wait_for(async { Ok(guided::take_over(self.tools, name, new, &policy).await?) })?;
        Ok(RotatedRow::taken_over(taken))
    }
}

/// There is nobody to make it: said with the page, and what is wrong with the one there is.
fn needs_a_person(turn: Turn, page: &Page) -> RotatedRow {
    let connection = turn.connection;
    let error = GuidedError::NeedsAPerson { connection: connection.name.clone(), page: page.url.to_string() };
    let mut failure = match turn.way {
        // Why GitLab does not rotate it says more than that a person has to.
        Err(why) => {
            let failure = Failure::of(&why);
            Failure { exit: failure.exit, ..failure }.hint(format!("make it on {}", page.url))
        }
        Ok(_) => Failure::of(&error.into()),
    };
    failure.more.insert("page".into(), page.url.as_str().into());
    RotatedRow::failed(connection, failure)
}

/// Whether another token, given in its place, may be better.
fn is_about_the_token(error: &CliError) -> bool {
    match error {
        CliError::Usage { .. } => true,
        CliError::Work(Error::Guided(_)) => true,
        CliError::Work(error) => Failure::of(error).exit == Exit::TokenInvalid,
        _ => false,
    }
}
