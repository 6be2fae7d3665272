//! `connect rotate`

mod by_hand;
mod resume;
mod stopping;

use std::num::NonZeroUsize;

use clap::Args as ClapArgs;
use jiff::SignedDuration;
use jiff::civil::Date;

use super::CliError;
use super::ask::Asker;
use super::day;
use super::environment;
use super::session::{AgeKeys, Session};
use super::token_input::PatSource;
use crate::model::duration;
use crate::output::{Exit, Failure, PlannedRow, RotatedRow, human, json, rotation_exit};
use crate::workflow::rotate::{self, Chosen, Lifetime, Plan, Rotating, Turn, guided};
use crate::workflow::{Answer, Error, Tools, existing_name};

/// Replace tokens before they die, and bring every copy along
///
/// GitLab is asked for the new token: it has to have `api`, or from 17.9 on `self_rotate`. The old one dies there and
/// then, so its answer goes to disk, encrypted, before anything else is done with it, and a run that is killed is
/// finished by the next. GitHub cannot be asked: connect opens or prints the page, reads the new token, hidden or by
/// `--pat-stdin`, and refuses one of another account, or one that may do less. The same holds for GitLab's tokens
/// that are dead, or may not rotate themselves.
///
/// Then every copy that connect has put somewhere gets the new token, in the order that `--dry-run` shows, and only
/// when none is left behind is a GitHub token's predecessor revoked, and seen to be dead. A copy that does not follow
/// is listed as stale: `connect destination push` tries again.
///
/// One machine rotates a token. If another one has it too, by a copy that is not listed, it stops working there; and if
/// that machine rotates its dead copy, GitLab takes it for theft and kills the new token too.
///
/// Ctrl-C finishes what cannot be undone, then stops.
#[derive(Debug, ClapArgs)]
#[command(after_help = "\
Examples:
  connect rotate --all --within 14d --dry-run
  connect rotate --all --within 14d --expires-in 90d --yes
  connect rotate octocat@github.com
  connect rotate octocat@github.com --pat-stdin --revoke-old < new-token.txt
  connect rotate --resume

Exit codes:
  0    done, every copy followed
  3    there is no such connection; nothing was rotated
  4    the token, or the new one, is dead
  5    the token may not rotate itself; the new one may do less
  7    the forge could not be reached, or would not
  8    the store cannot be used; the token is read from a variable
  9    a person has to make the new token; it is another account's, or the
       same one
  10   some were rotated and some not, or not every copy followed
  130  interrupted; what was begun was finished")]
pub(super) struct Args {
    /// Which connections
    #[arg(value_name = "NAME", conflicts_with_all = ["all", "resume"])]
    names: Vec<String>,

    /// All whose token dies within the time of `--within`
    #[arg(long, requires = "within", conflicts_with = "resume")]
    all: bool,

    /// With `--all`: how soon (`14d`, `12h`; a bare number means days)
    #[arg(long, value_name = "TIME", value_parser = duration::parse, env = "CONNECT_WITHIN", hide_env_values = true)]
    within: Option<SignedDuration>,

    /// Finish what an earlier run has left, and do nothing else
    #[arg(long)]
    resume: bool,

    /// How long new tokens live (90d unless said; a bare number means days)
    #[arg(long, value_name = "TIME", value_parser = duration::parse, env = "CONNECT_EXPIRES_IN", hide_env_values = true)]
    expires_in: Option<SignedDuration>,

    /// When the new tokens die: at 00:00 UTC of this day. Wins over `--expires-in`
    #[arg(long, value_name = "DATE", value_parser = day::parse_date)]
    expires_on: Option<Date>,

    /// Show what would be done, copies in their order, and do nothing
    #[arg(long, conflicts_with = "resume")]
    dry_run: bool,

    /// How many at once, where forges are asked
    #[arg(
        long,
        value_name = "N",
        default_value = "8",
        value_parser = at_least_one,
        env = "CONNECT_JOBS",
        hide_env_values = true,
        hide_default_value = false
    )]
    jobs: NonZeroUsize,

    /// Leave the copies as they are: they stay stale until they are pushed
    #[arg(long)]
    no_push: bool,

    #[command(flatten)]
    new: PatSource,

    /// Take a new token that may do less than the old one
    #[arg(long, help_heading = "A token that a person makes")]
    allow_less: bool,

    /// Revoke the old token without asking, once every copy has followed
    #[arg(long, help_heading = "A token that a person makes")]
    revoke_old: bool,

    /// Leave the old token alive, and forget it
    #[arg(long, conflicts_with = "revoke_old", help_heading = "A token that a person makes")]
    keep_old: bool,

    /// Open the page in the browser
    #[arg(long, help_heading = "A token that a person makes")]
    open: bool,
}

impl Args {
    pub(super) fn run(self, session: &Session) -> Result<Exit, CliError> {
        let screen = session.screen.clone();
        let events = move |event| screen.event(event);
        let tools = session.tools(AgeKeys::default(), &events);
        if self.resume {
            return resume::run(session, &tools, self.wants_revoked());
        }
        self.says_which()?;
        self.new_token_is_for_one()?;
        let Plan { turns, damaged } = rotate::plan(&tools, &self.rotating(session, &tools)?)?;
        let damaged: Vec<Failure> = damaged.into_iter().map(|e| Failure::of(&Error::from(e))).collect();
        if self.within.is_some() && !self.all {
            session.screen.note("`--within` counts with `--all`; what is named is rotated whenever it dies");
        }
        if turns.is_empty() {
            session.screen.note("no token dies within that time");
        }
        if self.dry_run {
            return show(session, &tools, &turns, &damaged);
        }
        if turns.len() > 1 && !agreed(session, &tools, &turns, self.new_is_given()) {
            return Err(Error::Declined.into());
        }
        let (rows, stopped) = self.work(session, &tools, turns)?;
        tell(session, &tools, &rows, &damaged)?;
        Ok(if stopped { Exit::Interrupted } else { rotation_exit(&rows, &damaged) })
    }

    const fn wants_revoked(&self) -> Option<bool> {
        match (self.revoke_old, self.keep_old) {
            (true, _) => Some(true),
            (_, true) => Some(false),
            _ => None,
        }
    }

    /// Nobody rotates what was not named, nor more than was meant.
    fn says_which(&self) -> Result<(), CliError> {
        let typed = |flag, variable| flag && !environment::is_set(variable);
        if self.names.is_empty() && !self.all {
            let hints = [
                "`connect rotate NAME` rotates one",
                "`connect rotate --all --within 14d` rotates those that die within a fortnight",
                "`connect rotate --resume` finishes what an earlier run has left",
            ];
            return Err(CliError::usage("nobody has said which tokens", &hints));
        }
        if !self.all && typed(self.within.is_some(), "CONNECT_WITHIN") {
            let hints = ["leave out the one or the other: those that are named are rotated, whenever they die"];
            return Err(CliError::usage("`--within` goes with `--all`, not with names", &hints));
        }
        Ok(())
    }

    /// A token comes by a pipe, a file or a variable for one connection.
    fn new_token_is_for_one(&self) -> Result<(), CliError> {
        if self.new_is_given() && (self.all || self.names.len() > 1) {
            let hints = ["name the one connection that it is for: `connect rotate NAME --pat-stdin`"];
            return Err(CliError::usage("a new token is for one connection", &hints));
        }
        Ok(())
    }

    fn rotating(&self, session: &Session, tools: &Tools<'_>) -> Result<Rotating, CliError> {
        let names = || self.names.iter().map(|name| existing_name(&tools.records, name)).collect::<Result<Vec<_>, _>>();
        let chosen = match self.within.filter(|_| self.all) {
            Some(within) => Chosen::All { within },
            None => Chosen::Named(names()?),
        };
        Ok(Rotating { chosen, lifetime: self.lifetime(session, tools)? })
    }

    /// The flags' lifetime, the configuration's, or the usual one.
    fn lifetime(&self, session: &Session, tools: &Tools<'_>) -> Result<Lifetime, CliError> {
        if let Some(date) = self.expires_on {
            let today = tools.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
            if date <= today {
                return Err(CliError::usage(format!("{date} is over; a new token dies later"), &[]));
            }
            return Ok(Lifetime::On(date));
        }
        let configured = match &session.config.expires_in {
            Some(text) => Some(
                duration::parse(text).map_err(|e| CliError::usage(format!("`expires_in` in config.toml: {e}"), &[]))?,
            ),
            None => None,
        };
        let Some(lifetime) = self.expires_in.or(configured) else { return Ok(Lifetime::Default) };
        u32::try_from(lifetime.as_hours() / 24)
            .ok()
            .filter(|days| *days > 0)
            .map(Lifetime::Days)
            .ok_or_else(|| CliError::usage("a token lives at least a day", &["as in `--expires-in 90d`"]))
    }

    /// How many days the new token is to live, for the page that a person fills in.
    fn days(turn: &Turn, tools: &Tools<'_>) -> u32 {
        let today = tools.clock.now().to_zoned(jiff::tz::TimeZone::UTC).date();
        let days = (turn.expires_on - today).get_days();
        u32::try_from(days).unwrap_or(rotate::DAYS).max(1)
    }

    /// Asks the forges that can be asked, then the person; the rows have the order of the turns. Says whether it was
    /// stopped.
    fn work(
        &self,
        session: &Session,
        tools: &Tools<'_>,
        turns: Vec<Turn>,
    ) -> Result<(Vec<RotatedRow>, bool), CliError> {
        let order: Vec<_> = turns.iter().map(|turn| turn.connection.name.clone()).collect();
        let given = self.new_is_given();
        let (by_hand, asked): (Vec<Turn>, Vec<Turn>) = turns.into_iter().partition(|turn| given || by_hand::is(turn));
        let (mut rows, mut stopped) = (Vec::new(), false);
        if !asked.is_empty() {
            (rows, stopped) = stopping::rotate(session, tools, asked, self.jobs.get(), !self.no_push)?;
        }
        if !by_hand.is_empty() {
            let hand = by_hand::ByHand { args: self, session, tools, stopped };
            let (more, interrupted) = hand.go_through(by_hand)?;
            rows.extend(more);
            stopped |= interrupted;
        }
        rows.sort_by_cached_key(|row| order.iter().position(|name| *name == row.connection.name));
        Ok((rows, stopped))
    }

    const fn new_is_given(&self) -> bool {
        let PatSource { pat, pat_stdin, pat_file, pat_env } = &self.new;
        pat.is_some() || *pat_stdin || pat_file.is_some() || pat_env.is_some()
    }
}

/// How many at once.
fn at_least_one(text: &str) -> Result<NonZeroUsize, &'static str> {
    text.parse().map_err(|_| "a whole number, from 1 on")
}

/// What would become of each.
fn planned(turns: &[Turn], tools: &Tools<'_>) -> Vec<PlannedRow> {
    let row = |turn: &Turn| {
        let days = Args::days(turn, tools);
        let page = by_hand::is(turn).then(|| guided::page(tools, &turn.connection, days).ok()).flatten();
        PlannedRow::of(turn, page)
    };
    turns.iter().map(row).collect()
}

fn show(session: &Session, tools: &Tools<'_>, turns: &[Turn], damaged: &[Failure]) -> Result<Exit, CliError> {
    let (rows, now) = (planned(turns, tools), tools.clock.now());
    if session.screen.is_json() {
        session.screen.document(&json::RotationPlan::of(&rows, damaged, now)).map_err(CliError::Output)?;
    } else {
        session.screen.result(&human::rotation_plan(&rows, now)).map_err(CliError::Output)?;
        damaged.iter().for_each(|failure| session.screen.failure(failure));
    }
    let failures = rows.iter().filter_map(|row| row.way.as_ref().err()).chain(damaged);
    Ok(Exit::worst(failures.map(|failure| failure.exit)))
}

/// Somebody at a terminal is shown several, and asked. Where nobody is, the command line is what they mean.
fn agreed(session: &Session, tools: &Tools<'_>, turns: &[Turn], given: bool) -> bool {
    let can = turns.iter().filter(|turn| given || turn.way.is_ok() || by_hand::is(turn)).count();
    if can == 0 {
        return true;
    }
    if session.global.yes || !session.may_ask() {
        return true;
    }
    session.screen.ask(&human::rotation_plan(&planned(turns, tools), tools.clock.now()));
    Asker::new(session).confirm(&human::rotation_question(can)) == Answer::Yes
}

fn tell(session: &Session, tools: &Tools<'_>, rows: &[RotatedRow], damaged: &[Failure]) -> Result<(), CliError> {
    let now = tools.clock.now();
    if session.screen.is_json() {
        session.screen.document(&json::RotationResults::of(rows, damaged, now)).map_err(CliError::Output)
    } else {
        session.screen.result(&human::rotated(rows, now)).map_err(CliError::Output)?;
        damaged.iter().for_each(|failure| session.screen.failure(failure));
        Ok(())
    }
}
