//! How long people wait for connect, next to what they would wait for otherwise; see `benches/README.md`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stdout, clippy::print_stderr)]

mod crowd;
#[cfg(all(unix, not(target_os = "macos")))]
mod git;
mod home;
mod import;
mod listen;
mod measure;
mod others;
mod rotate;
#[cfg(all(unix, not(target_os = "macos")))]
#[path = "../../tests/support/secret_service.rs"]
#[allow(clippy::disallowed_methods, reason = "it gives its daemons the PATH and nothing else")]
mod secret_service;
mod sender;

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Duration;

use home::{Made, NAME, TOKEN};
use measure::{Program, Taken, by_turns};

const MEGABYTE: f64 = 1_000_000.0;

/// What was asked for on the command line.
struct Wanted {
    rounds: usize,
    check: bool,
    only: Option<String>,
    binary: String,
}

/// The rows printed so far, and whether all reached what they should.
struct Table {
    all_well: bool,
}

fn main() -> ExitCode {
    let wanted = Wanted::read();
    let mut table = Table::begin();
    let asked_for = |group| wanted.only.as_deref().is_none_or(|only| only == group);
    if asked_for("start") {
        start(&wanted, &mut table);
    }
    if asked_for("keyring") {
        keyring(&wanted, &mut table);
    }
    if asked_for("git") {
        git(&wanted, &mut table);
    }
    if asked_for("many") {
        many(&wanted, &mut table);
    }
    if asked_for("which") {
        which(&wanted, &mut table);
    }
    if asked_for("status") {
        status(&wanted, &mut table);
    }
    if asked_for("import") {
        import(&wanted, &mut table);
    }
    if asked_for("rotate") {
        rotate(&wanted, &mut table);
    }
    if asked_for("listen") {
        listen(&wanted, &mut table);
    }
    if wanted.check && !table.all_well { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

/// From nothing to the version, and to a token out of an age file.
fn start(wanted: &Wanted, table: &mut Table) {
    let folder = tempfile::tempdir().unwrap();
    let home = Made::with_age_identity();
    let mut token = wanted.connect("`token`, age file").args(["token", NAME]).envs(home.environment());
    assert_eq!(token.run().1.trim_end(), TOKEN);
    let [empty, version, token] = by_turns(
        wanted.rounds,
        [
            Program::new("an empty program", others::empty(folder.path())),
            wanted.connect("`--version`").args(["--version"]),
            token,
        ],
    );
    table.row(&version, &empty, 2.0);
    table.row(&token, &version, 2.0);
    table.size(&wanted.binary, 12.0);
}

/// The same token out of the same Secret Service.
#[cfg(all(unix, not(target_os = "macos")))]
fn keyring(wanted: &Wanted, table: &mut Table) {
    use std::io::Write as _;
    use std::process::Stdio;

    let Some(service) = secret_service::SecretService::start() else { return };
    let (home, id) = Made::with_keyring();
    let attributes = ["service", "connect", "username", id.as_str()];
    let mut store = Command::new("secret-tool");
    store.args(["store", "--label", NAME]).args(attributes).env_clear().envs(service.environment());
    let Ok(mut store) = store.stdin(Stdio::piped()).spawn() else {
        eprintln!("left out: the Secret Service (install libsecret-tools)");
        return;
    };
    store.stdin.take().unwrap().write_all(TOKEN.as_bytes()).unwrap();
    assert!(store.wait().unwrap().success());
    let mut lookup = Program::new("`secret-tool lookup`", "secret-tool")
        .args(["lookup"].into_iter().chain(attributes))
        .envs(service.environment());
    let mut token =
        wanted.connect("`token`, keyring").args(["token", NAME]).envs(service.environment()).envs(home.environment());
    assert_eq!((lookup.run().1.trim_end(), token.run().1.trim_end()), (TOKEN, TOKEN));
    let [lookup, token] = by_turns(wanted.rounds, [lookup, token]);
    table.row(&token, &lookup, 0.75);
    exec(wanted, table, &service, &home);
}

/// The same token in a command's environment. The command is an empty program: `exec` ends where it begins.
#[cfg(all(unix, not(target_os = "macos")))]
fn exec(wanted: &Wanted, table: &mut Table, service: &secret_service::SecretService, home: &Made) {
    let folder = tempfile::tempdir().unwrap();
    let empty = others::empty(folder.path()).display().to_string();
    let connect = |name: &str, arguments: &[&str]| {
        wanted.connect(name).args(arguments.iter().copied()).envs(service.environment()).envs(home.environment())
    };
    let mut shown = connect("`exec`", &["exec", NAME, "--", "/usr/bin/env"]);
    assert!(shown.run().1.contains(&format!("GH_TOKEN={TOKEN}\n")));
    let [token, exec, bare] = by_turns(
        wanted.rounds,
        [
            connect("`token`, keyring", &["token", NAME]),
            connect("`exec` of an empty program, keyring", &["exec", NAME, "--", &empty]),
            Program::new("the empty program alone", &empty),
        ],
    );
    table.row(&exec, &token, 1.2);
    // What of it is the command's own start.
    table.row(&exec, &bare, f64::INFINITY);
}

#[cfg(all(unix, not(target_os = "macos")))]
fn git(wanted: &Wanted, table: &mut Table) {
    git::run(wanted, table);
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn git(_: &Wanted, _: &mut Table) {
    eprintln!("left out: git's helpers at the Secret Service, which this system has not");
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn keyring(_: &Wanted, _: &mut Table) {
    eprintln!("left out: the Secret Service, which this system has not");
}

/// Ten thousand connections, and one of them.
fn many(wanted: &Wanted, table: &mut Table) {
    const COUNT: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let (one, all) = (Made::with_age_identity(), Made::with_age_identity().and_others(COUNT - 1));
    let mut list = wanted.connect("`list` of 10,000").args(["list"]).envs(all.environment());
    assert_eq!(list.run().1.lines().count(), COUNT);
    let reader = Program::new("reading 10,000 files", others::reader(folder.path())).args([&*all.connections()]);
    let [reader, list] = by_turns((wanted.rounds / 20).max(5), [reader, list]);
    table.row(&list, &reader, 2.0);

    let token = |name, home: &Made| wanted.connect(name).args(["token", NAME]).envs(home.environment());
    let [one, all] = by_turns(wanted.rounds, [token("`token`, age file", &one), token("`token`, one of 10,000", &all)]);
    table.row(&all, &one, 1.1);
}

/// One URL, and a thousand connections that could serve it.
fn which(wanted: &Wanted, table: &mut Table) {
    const COUNT: usize = 1_000;
    let folder = tempfile::tempdir().unwrap();
    let home = Made::serving(COUNT);
    let mut which = wanted
        .connect("`which` among 1,000")
        .args(["which", "https://github.com/org-0500/repository"])
        .envs(home.environment());
    assert!(which.run().1.starts_with("someone-0500"));
    let reader = Program::new("reading 1,000 files", others::reader(folder.path())).args([&*home.connections()]);
    let [reader, which] = by_turns(wanted.rounds, [reader, which]);
    table.row(&which, &reader, 2.0);
}

/// A thousand tokens, and forges that take their time.
fn status(wanted: &Wanted, table: &mut Table) {
    let crowd = crowd::Crowd::gather();
    let mut status = wanted.connect("`status` of 1,000").args(["status"]).envs(crowd.environment());
    assert_eq!(status.run().1.lines().filter(|line| line.contains("\tvalid\t")).count(), crowd::COUNT);
    let [status] = by_turns((wanted.rounds / 30).max(5), [status]);
    table.against_the_best(&status, "the best that 100 in flight allow", crowd::BEST, 1.5);
    let mut once = Command::new(&wanted.binary);
    once.arg("status").env_clear().envs(crowd.environment());
    if let Some(bytes) = measure::peak_memory(&mut once) {
        table.memory("`connect status` of 1,000, peak memory", bytes, 60.0);
    }
}

/// A thousand tokens that get successors, by a forge that takes its time and by one that does not.
fn rotate(wanted: &Wanted, table: &mut Table) {
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let slow = rotate::Tokens::gather(disk, rotate::LATENCY);
    for jobs in [rotate::USUAL_JOBS, rotate::MOST_JOBS] {
        let taken = slow.rotated(&wanted.binary, jobs);
        let name = format!("`connect rotate` of {}, {jobs} jobs", rotate::COUNT);
        let what = format!("{} answers, {jobs} at a time", taken.answers);
        table.against_the_best(&Taken::of(&name, vec![taken.took]), &what, taken.best(jobs), 1.5);
    }
    if let Some(bytes) = measure::peak_memory(&mut slow.command(&wanted.binary, rotate::MOST_JOBS)) {
        table.memory(&format!("its peak memory, {} jobs", rotate::MOST_JOBS), bytes, 80.0);
    }
    drop(slow);

    let folder = tempfile::tempdir().unwrap();
    let syncer = others::syncer(folder.path());
    let synced = rotate::Tokens::gather(disk, Duration::ZERO);
    let memory = Path::new("/dev/shm");
    let unsynced = memory.is_dir().then(|| rotate::Tokens::gather(memory, Duration::ZERO));
    let (mut ours, mut bare, mut without) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..(wanted.rounds / 100).clamp(1, 5) {
        ours.push(synced.rotated(&wanted.binary, rotate::USUAL_JOBS).took);
        without.extend(unsynced.as_ref().map(|tokens| tokens.rotated(&wanted.binary, rotate::USUAL_JOBS).took));
        bare.push(rotate::bare_syncs(&syncer, disk));
    }
    let name = format!("{} rotations, answers at once", rotate::COUNT);
    let ours = Taken::of(&name, ours);
    table.row(&ours, &Taken::of("as many bare syncs", bare), 1.5);
    if !without.is_empty() {
        table.row(&ours, &Taken::of("the same in memory, without a sync", without), f64::INFINITY);
    }
}

/// One repository, set up from nothing, and forges that take their time.
fn import(wanted: &Wanted, table: &mut Table) {
    let rounds = (wanted.rounds / 30).max(5);
    let taken: Option<Vec<import::Once>> = (0..rounds).map(|_| import::once(&wanted.binary)).collect();
    let Some(taken) = taken else {
        eprintln!("left out: the import (install git)");
        return;
    };
    let Some(fewest) = taken.iter().min_by_key(|once| once.answers) else { return };
    let what = format!("{} answers that wait for one another", fewest.answers);
    let import = Taken::of("`connect import`", taken.iter().map(|once| once.took).collect());
    table.against_the_best(&import, &what, fewest.best(), 1.3);
}

/// Deliveries, as fast as they are answered, and half as fast.
fn listen(wanted: &Wanted, table: &mut Table) {
    const COUNT: usize = 2_000;
    let disk = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let name = format!("{COUNT} deliveries, `webhook listen`");
    let ours = listen::Receiver::connect(&wanted.binary, disk);
    let mut receivers = vec![(name.as_str(), &ours, Vec::new())];
    let memory = Path::new("/dev/shm");
    let unsynced = memory.is_dir().then(|| listen::Receiver::connect(&wanted.binary, memory));
    if let Some(unsynced) = &unsynced {
        receivers.push(("the same in memory, without a sync", unsynced, Vec::new()));
    }
    let theirs = listen::Receiver::adnanhs(disk);
    match &theirs {
        Some(theirs) => receivers.push(("adnanh's `webhook`", theirs, Vec::new())),
        None => eprintln!("left out: adnanh's webhook (install webhook)"),
    }
    for round in 0..=(wanted.rounds / 50).max(5) {
        for (_, receiver, taken) in &mut receivers {
            let took = receiver.sender(listen::SIZE).at_full_speed(COUNT);
            receiver.rest();
            // The first round is for warming up.
            if round > 0 {
                taken.push(took);
            }
        }
        receivers.rotate_left(1);
    }
    let found = |what: &str| {
        let (name, _, taken) = receivers.iter().find(|(name, _, _)| *name == what)?;
        Some(Taken::of(name, taken.clone()))
    };
    let Some(synced) = found(&name) else { return };
    if let Some(theirs) = found("adnanh's `webhook`") {
        table.row(&synced, &theirs, 0.33);
    }
    if let Some(unsynced) = found("the same in memory, without a sync") {
        table.row(&synced, &unsynced, f64::INFINITY);
    }
    let speed = COUNT as f64 / synced.median().as_secs_f64();
    let taken = ours.sender(listen::SIZE).at(speed / 2.0, (wanted.rounds * 40).max(2_000));
    let what = format!("{:.0} a second, half of that: 99 in 100 are answered within", speed / 2.0);
    table.time(&what, taken[taken.len() * 99 / 100], Duration::from_millis(20));
    let sender = ours.sender(listen::SIZE);
    let many = wanted.rounds * 200;
    let before = ours.memory();
    sender.at_full_speed(many);
    if let (Some((before, _)), Some((after, peak))) = (before, ours.memory()) {
        table.growth(&format!("memory before and after {many} more deliveries"), before, after, 1.25);
        ours.sender(25 * 1024 * 1024).at_full_speed(1);
        let large = ours.memory().map_or(0, |(_, most)| most.saturating_sub(peak));
        table.memory("what one delivery of 25 MiB takes of it", large, 75.0);
    }
}

impl Wanted {
    fn read() -> Self {
        let mut wanted =
            Self { rounds: 500, check: false, only: None, binary: env!("CARGO_BIN_EXE_connect").to_owned() };
        let mut args = std::env::args().skip(1);
        while let Some(arg) = args.next() {
            let mut value = || args.next().unwrap_or_else(|| panic!("`{arg}` wants a value"));
            match arg.as_str() {
                "--rounds" => wanted.rounds = value().parse().expect("a number of rounds"),
                "--only" => wanted.only = Some(value()),
                "--binary" => wanted.binary = value(),
                "--check" => wanted.check = true,
                // What cargo itself says.
                "--bench" => {}
                other => panic!("`{other}` is not known; see benches/README.md"),
            }
        }
        wanted
    }

    fn connect(&self, name: &str) -> Program {
        Program::new(&format!("`connect` {name}").replace("` `", " "), &self.binary)
    }

    /// Another program of the same build.
    #[cfg(all(unix, not(target_os = "macos")))]
    fn beside(&self, name: &str) -> std::path::PathBuf {
        Path::new(&self.binary).with_file_name(name)
    }
}

impl Table {
    fn begin() -> Self {
        println!("| what | median | against | median | ratio | of the fastest | at most | |");
        println!("| --- | --: | --- | --: | --: | --: | --: | --- |");
        Self { all_well: true }
    }

    /// One comparison. Both ratios have to be too large before it counts as missed: the fastest runs are those
    /// that nothing else disturbed.
    fn row(&mut self, ours: &Taken, theirs: &Taken, most: f64) {
        let (median, fastest) = (over(ours.median(), theirs.median()), over(ours.fastest(), theirs.fastest()));
        let times = (milliseconds(ours.median()), milliseconds(theirs.median()));
        let verdict = self.verdict(median.min(fastest) <= most);
        println!(
            "| {} | {} | {} | {} | **{median:.2}** | {fastest:.2} | {most} | {verdict} |",
            ours.name(),
            times.0,
            theirs.name(),
            times.1
        );
    }

    /// A comparison with what cannot be undercut.
    fn against_the_best(&mut self, ours: &Taken, what: &str, best: Duration, most: f64) {
        let (median, fastest) = (over(ours.median(), best), over(ours.fastest(), best));
        let times = (milliseconds(ours.median()), milliseconds(best));
        let verdict = self.verdict(median.min(fastest) <= most);
        println!(
            "| {} | {} | {what} | {} | **{median:.2}** | {fastest:.2} | {most} | {verdict} |",
            ours.name(),
            times.0,
            times.1
        );
    }

    fn memory(&mut self, what: &str, bytes: u64, most: f64) {
        let megabytes = bytes as f64 / MEGABYTE;
        let verdict = self.verdict(megabytes <= most);
        println!("| {what} | {megabytes:.1} MB | | | | | {most} MB | {verdict} |");
    }

    fn time(&mut self, what: &str, took: Duration, most: Duration) {
        let verdict = self.verdict(took <= most);
        println!("| {what} | {} | | | | | {} | {verdict} |", milliseconds(took), milliseconds(most));
    }

    fn growth(&mut self, what: &str, before: u64, after: u64, most: f64) {
        let ratio = after as f64 / before as f64;
        let verdict = self.verdict(ratio <= most);
        let (before, after) = (before as f64 / MEGABYTE, after as f64 / MEGABYTE);
        println!("| {what} | {after:.1} MB | before | {before:.1} MB | **{ratio:.2}** | | {most} | {verdict} |");
    }

    fn size(&mut self, binary: &str, most: f64) {
        let megabytes = std::fs::metadata(binary).unwrap().len() as f64 / MEGABYTE;
        let verdict = self.verdict(megabytes <= most);
        println!("| the binary | {megabytes:.1} MB | | | | | {most} MB | {verdict} |");
    }

    fn verdict(&mut self, reached: bool) -> &'static str {
        self.all_well &= reached;
        if reached { "reached" } else { "MISSED" }
    }
}

fn over(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64()
}

fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1000.0)
}
