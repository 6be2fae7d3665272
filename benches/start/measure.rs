//! Running programs by turns, and what that took.

use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A program, its arguments and its environment, to be run again and again.
pub struct Program {
    name: String,
    command: Command,
    input: Option<String>,
}

/// What a program took, over all its runs.
#[derive(Debug, Clone)]
pub struct Taken {
    name: String,
    sorted: Vec<Duration>,
}

impl Program {
    /// A program with nothing in its environment but what it is given.
    pub fn new(name: &str, program: impl AsRef<std::ffi::OsStr>) -> Self {
        let mut command = Command::new(program);
        command.env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Self { name: name.to_owned(), command, input: None }
    }

    /// With these arguments.
    pub fn args<'a>(mut self, args: impl IntoIterator<Item = &'a str>) -> Self {
        self.command.args(args);
        self
    }

    /// With these variables.
    pub fn envs<V: AsRef<std::ffi::OsStr>>(mut self, variables: impl IntoIterator<Item = (String, V)>) -> Self {
        self.command.envs(variables);
        self
    }

    /// With this on its standard input.
    pub fn stdin(mut self, input: String) -> Self {
        self.command.stdin(Stdio::piped());
        self.input = Some(input);
        self
    }

    /// One run: from the start until it has ended and its output has been read.
    ///
    /// # Panics
    /// When it fails: there is nothing to be measured then.
    pub fn run(&mut self) -> (Duration, String) {
        let start = Instant::now();
        let mut child = self.command.spawn().unwrap_or_else(|e| panic!("{}: {e}", self.name));
        if let (Some(input), Some(mut pipe)) = (&self.input, child.stdin.take()) {
            // Who does not want it closes the pipe.
            let _ = pipe.write_all(input.as_bytes());
        }
        let output = child.wait_with_output().unwrap_or_else(|e| panic!("{}: {e}", self.name));
        let took = start.elapsed();
        assert!(output.status.success(), "{}: {}", self.name, String::from_utf8_lossy(&output.stderr));
        (took, String::from_utf8_lossy(&output.stdout).into_owned())
    }
}

/// The most that a program has in memory at a time, in bytes, until it has ended; nothing where the system does not tell.
pub fn peak_memory(command: &mut Command) -> Option<u64> {
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut peak = None;
    while child.try_wait().unwrap().is_none() {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high_water = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kilobytes = high_water.and_then(|rest| rest.trim().trim_end_matches(" kB").parse::<u64>().ok());
        peak = kilobytes.map(|kilobytes| kilobytes * 1024).max(peak);
        std::thread::sleep(Duration::from_millis(1));
    }
    peak
}

/// Runs the programs by turns, so that whatever else the machine does falls on all of them alike.
pub fn by_turns<const N: usize>(rounds: usize, mut programs: [Program; N]) -> [Taken; N] {
    // The first runs bring the files into memory.
    for _ in 0..3 {
        programs.iter_mut().for_each(|program| drop(program.run()));
    }
    let mut taken = programs.each_ref().map(|program| Taken { name: program.name.clone(), sorted: Vec::new() });
    for round in 0..rounds {
        for step in 0..N {
            // Another one begins each round: nobody always runs after the same one.
            let turn = (round + step) % N;
            taken[turn].sorted.push(programs[turn].run().0);
        }
    }
    taken.iter_mut().for_each(|one| one.sorted.sort_unstable());
    taken
}

impl Taken {
    /// What was measured otherwise.
    pub fn of(name: &str, mut taken: Vec<Duration>) -> Self {
        taken.sort_unstable();
        Self { name: name.to_owned(), sorted: taken }
    }

    /// What it was that ran.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The run that was quicker than half of the others.
    pub fn median(&self) -> Duration {
        self.sorted[self.sorted.len() / 2]
    }

    /// The quickest run.
    pub fn fastest(&self) -> Duration {
        self.sorted[0]
    }
}
