//! Help and version: what is printed is what people learn the program from.

mod check;
mod doctor;
mod github;
mod gitlab;
mod handing_out;
mod import;
mod keeping;
mod others;
mod shaping;

use crate::support::Home;

const EVERYWHERE: &str = "\nOptions everywhere:\n";

/// The help of a command by both flags: `-h` is the short form, `--help` the long one. The options that
/// every command has are looked at once.
fn help(command: &[&str], flag: &str) -> String {
    let (before, everywhere, after) = parts(command, flag);
    assert_eq!(everywhere, parts(&["list"], flag).1, "{command:?}");
    format!("{before}\n(options everywhere)\n{after}")
}

/// What stands before, in and after the options that every command has.
fn parts(command: &[&str], flag: &str) -> (String, String, String) {
    let text = whole(command, flag);
    let (before, rest) = text.split_once(EVERYWHERE).unwrap_or_else(|| panic!("{text}"));
    let (everywhere, after) = rest.split_once("\n\nExamples").unwrap_or_else(|| panic!("{text}"));
    (before.to_owned(), everywhere.to_owned(), format!("Examples{after}"))
}

fn whole(command: &[&str], flag: &str) -> String {
    let output = Home::new().connect(command).with([flag]).ends().succeeds();
    assert_eq!(output.stderr(), "", "help is a result");
    for line in output.stdout().lines() {
        let example = ["  connect ", "  curl ", "  git "].iter().any(|word| line.starts_with(word));
        assert!(example || line.chars().count() <= 80, "{command:?} {flag}: {line}");
    }
    output.stdout()
}

#[test]
fn without_a_command() {
    let output = Home::new().connect(Vec::<&str>::new()).ends().exits(2);
    assert!(output.stderr().contains("Connect\n  github"), "{}", output.shown());
    assert_eq!(output.stdout(), "");
}

#[test]
fn the_version() {
    let version = format!("connect {}\n", env!("CARGO_PKG_VERSION"));
    for flag in ["--version", "-V"] {
        assert_eq!(Home::new().connect([flag]).ends().succeeds().stdout(), version);
    }
}

#[test]
fn of_the_program() {
    insta::assert_snapshot!(whole(&[], "--help"), @"
    Keeps the tokens that tie GitHub and GitLab together: checks them before it
    keeps them, keeps them in the system's keyring, and hands them out

    Usage: connect [OPTIONS] <COMMAND>

    Connect
      github       Check a GitHub token and keep it
      gitlab       Check a GitLab token and keep it
      new-token    Print the page that makes the right token
      check        May this token do this? What is missing, and where to add it
      disconnect   Forget a connection, everywhere it was kept

    Look
      list         What is kept (asks nobody)
      status       Ask the forges: alive? how long still?
      which        Which connection serves a URL, and why
      use          Let a connection serve an owner, a group, a host
      history      Who connected, replaced, revoked what, when
      doctor       Which link of the chain is broken, and how to mend it

    Hand out
      token        Print a token, alone, on stdout
      exec         Run a command with the variables its tools expect
      api          One authorised request, the answer on stdout
      setup-git    Let git ask connect for the hosts of its connections
      adopt        Find tokens that other tools left lying about, take them in

    Set up
      import       GitLab CI/CD for an external GitHub repository
      webhook      Webhooks: their secrets, where they deliver, what arrives

    Keep
      rotate       Replace tokens before they die, and bring every copy along
      destination  Where copies of a secret go
      store        Where secrets are kept; move them
      rename       Give a connection another name
      config       The choices that are remembered
      completions  Completion for a shell, names of connections included
      man          The manual, for man(1)

    Options everywhere
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Log every request on stderr (never a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]
      -h, --help            Print help
      -V, --version         Print version

    Examples
      connect github --pat
      connect gitlab --host gitlab.example.com --pat-env GITLAB_TOKEN --store env --no-input --json
      connect check octocat@github.com --for git --repo octocat/hello-world
      connect status --min-days 14
      connect token octocat@github.com

    `connect help COMMAND` says more about each.
    ");
    assert_eq!(whole(&[], "-h").lines().next(), whole(&[], "--help").lines().next());
}

#[test]
fn of_what_every_command_has() {
    insta::assert_snapshot!(parts(&["list"], "--help").1, @"
        --json
            Print one JSON document, and errors as JSON too
            
            [env: CONNECT_JSON]

        --no-input
            Never ask; fail where a question would be needed
            
            [env: CONNECT_NO_INPUT]

    -y, --yes
            Answer every question with yes

    -q, --quiet
            Print results, warnings and errors, nothing else

    -v, --verbose...
            Log every request on stderr (never a secret)

        --color <WHEN>
            Colours
            
            [default: auto]
            [possible values: auto, always, never]

        --timeout <SECS>
            How long one request may take, in seconds
            
            [env: CONNECT_TIMEOUT]
            [default: 30]
    ");
    insta::assert_snapshot!(parts(&["list"], "-h").1, @"
        --json            Print one JSON document, and errors as JSON too [env:
                          CONNECT_JSON]
        --no-input        Never ask; fail where a question would be needed [env:
                          CONNECT_NO_INPUT]
    -y, --yes             Answer every question with yes
    -q, --quiet           Print results, warnings and errors, nothing else
    -v, --verbose...      Log every request on stderr (never a secret)
        --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                          never]
        --timeout <SECS>  How long one request may take, in seconds [env:
                          CONNECT_TIMEOUT] [default: 30]
    ");
}

/// Where a token comes from is one thing, which host is meant another.
#[test]
fn every_flag_is_under_its_own_heading() {
    for command in ["github", "gitlab"] {
        let text = whole(&[command], "-h");
        let (_, rest) = text.split_once("\nWhere the token comes from:\n").unwrap();
        let section = rest.split("\n\n").next().unwrap();
        for flag in ["--host", "--name", "--store", "--ca-cert", "--no-keep"] {
            assert!(
                !section.contains(&format!("\n      {flag} ")) && !section.contains(&format!("\n      {flag}\n")),
                "{flag}"
            );
        }
    }
}

#[test]
fn by_the_command_help() {
    let home = Home::new();
    for command in
        ["github", "gitlab", "new-token", "disconnect", "list", "status", "token", "history", "store", "config"]
    {
        let by_command = home.connect(["help", command]).ends().succeeds().stdout();
        assert_eq!(by_command, whole(&[command], "--help"));
    }
}

#[test]
fn values_of_variables_are_not_shown() {
    let output = Home::new().connect(["github", "--help"]).env("CONNECT_NAME", "s3cr3t").ends().succeeds();
    assert!(output.stdout().contains("CONNECT_NAME"));
    output.never_says("s3cr3t");
}

#[test]
fn of_the_webhook_commands() {
    for command in ["add", "list", "show", "edit", "ping", "deliveries", "redeliver", "remove", "settings"] {
        for flag in ["-h", "--help"] {
            let text = whole(&["webhook", command], flag);
            assert!(text.contains("\nExamples:\n  connect webhook "), "{command}: {text}");
        }
    }
    let text = whole(&["webhook"], "-h");
    let listed = |name: &str| text.contains(&format!("\n  {name} "));
    assert!(
        ["add", "list", "show", "edit", "ping", "deliveries", "redeliver", "remove"].iter().all(|name| listed(name))
    );
    assert!(text.contains("[alias: test]"), "{text}");
}
