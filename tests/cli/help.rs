//! Help and version: what is printed is what people learn the program from.

use crate::support::Home;

/// The help of a command by both flags: `-h` is the short form, `--help` the long one.
fn help(command: &[&str], flag: &str) -> String {
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
    insta::assert_snapshot!(help(&[], "--help"), @"
    Keeps the tokens that tie GitHub and GitLab together: checks them before it
    keeps them, keeps them in the system's keyring, and hands them out

    Usage: connect [OPTIONS] <COMMAND>

    Connect
      github      Check a GitHub token and keep it
      gitlab      Check a GitLab token and keep it
      new-token   Print the page that makes the right token
      disconnect  Forget a connection, everywhere it was kept

    Look
      list        What is kept (asks nobody)
      status      Ask the forges: alive? how long still?

    Hand out
      token       Print a token, alone, on stdout

          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]
      -h, --help            Print help
      -V, --version         Print version

    Examples
      connect github --pat
      connect gitlab --host gitlab.example.com --pat-env GITLAB_TOKEN --store env --no-input --json
      connect status --min-days 14
      git clone https://oauth2:$(connect token gitlab.com)@gitlab.com/group/project

    `connect help COMMAND` says more about each.
    ");
    insta::assert_snapshot!(help(&[], "-h"), @"
    Keeps the tokens that tie GitHub and GitLab together: checks them before it
    keeps them, keeps them in the system's keyring, and hands them out

    Usage: connect [OPTIONS] <COMMAND>

    Connect
      github      Check a GitHub token and keep it
      gitlab      Check a GitLab token and keep it
      new-token   Print the page that makes the right token
      disconnect  Forget a connection, everywhere it was kept

    Look
      list        What is kept (asks nobody)
      status      Ask the forges: alive? how long still?

    Hand out
      token       Print a token, alone, on stdout

          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]
      -h, --help            Print help
      -V, --version         Print version

    Examples
      connect github --pat
      connect gitlab --host gitlab.example.com --pat-env GITLAB_TOKEN --store env --no-input --json
      connect status --min-days 14
      git clone https://oauth2:$(connect token gitlab.com)@gitlab.com/group/project

    `connect help COMMAND` says more about each.
    ");
}

#[test]
fn of_github() {
    insta::assert_snapshot!(help(&["github"], "--help"), @"
    Check a GitHub token and keep it

    The token is checked with GitHub first: whose it is, what kind, which scopes,
    until when. Then it is kept in the system's keyring and a record of the
    connection is written, which never contains the token. Connecting a name again
    replaces its token, once the new one has been checked.

    Usage: connect github [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Where the token comes from:
          --pat [<TOKEN>]
              Ask for the token, hidden; with a value, use that (the shell's history
              and the process list will have seen it)

          --pat-stdin
              Read the token from standard input

          --pat-file <FILE>
              Read the token from a file (`-` is standard input)

          --pat-env <VAR>
              Read the token from an environment variable

          --host <HOST>
              Another GitHub than github.com: `github.example.com`, `acme.ghe.com`,
              or a base URL
              
              [env: CONNECT_GITHUB_HOST]

          --api-url <URL>
              Send requests there, where that does not follow from the host
              
              [env: CONNECT_GITHUB_API_URL]

          --name <NAME>
              What to call the connection, instead of `login@host`
              
              [env: CONNECT_NAME]

          --store <STORE>
              Where to keep the token: keyring, file, plain or env
              
              [env: CONNECT_STORE]

          --no-keep
              Check and report, keep nothing

          --for <TASK>...
              What the token is wanted for: git, import, webhooks, status, read
              (chooses what the pre-filled page ticks)

          --ca-cert <FILE>
              Trust the certificates in this PEM file as well
              
              [env: CONNECT_CA_CERT]

          --allow-http
              Allow plain http to another machine (the token travels readable)
              
              [env: CONNECT_ALLOW_HTTP]

          --age-identity <FILE>
              With `--store file`: the age identity that opens it
              
              [env: CONNECT_AGE_IDENTITY]

          --age-recipient <RECIPIENT>
              With `--store file`: encrypt to this age recipient as well (a team)
              
              [env: CONNECT_AGE_RECIPIENTS]

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect github --pat
      connect github --pat-stdin < token.txt
      connect github --host github.example.com --ca-cert company.pem --pat
      connect github --pat-env GH_TOKEN --store env --no-input --json
    ");
    insta::assert_snapshot!(help(&["github"], "-h"), @"
    Check a GitHub token and keep it

    Usage: connect github [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Where the token comes from:
          --pat [<TOKEN>]
              Ask for the token, hidden; with a value, use that (the shell's history
              and the process list will have seen it)
          --pat-stdin
              Read the token from standard input
          --pat-file <FILE>
              Read the token from a file (`-` is standard input)
          --pat-env <VAR>
              Read the token from an environment variable
          --host <HOST>
              Another GitHub than github.com: `github.example.com`, `acme.ghe.com`,
              or a base URL [env: CONNECT_GITHUB_HOST]
          --api-url <URL>
              Send requests there, where that does not follow from the host [env:
              CONNECT_GITHUB_API_URL]
          --name <NAME>
              What to call the connection, instead of `login@host` [env:
              CONNECT_NAME]
          --store <STORE>
              Where to keep the token: keyring, file, plain or env [env:
              CONNECT_STORE]
          --no-keep
              Check and report, keep nothing
          --for <TASK>...
              What the token is wanted for: git, import, webhooks, status, read
              (chooses what the pre-filled page ticks)
          --ca-cert <FILE>
              Trust the certificates in this PEM file as well [env: CONNECT_CA_CERT]
          --allow-http
              Allow plain http to another machine (the token travels readable) [env:
              CONNECT_ALLOW_HTTP]
          --age-identity <FILE>
              With `--store file`: the age identity that opens it [env:
              CONNECT_AGE_IDENTITY]
          --age-recipient <RECIPIENT>
              With `--store file`: encrypt to this age recipient as well (a team)
              [env: CONNECT_AGE_RECIPIENTS]

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect github --pat
      connect github --pat-stdin < token.txt
      connect github --host github.example.com --ca-cert company.pem --pat
      connect github --pat-env GH_TOKEN --store env --no-input --json
    ");
}

#[test]
fn of_gitlab() {
    insta::assert_snapshot!(help(&["gitlab"], "--help"), @"
    Check a GitLab token and keep it

    Takes personal, project and group access tokens, and OAuth access tokens. The
    token is checked with GitLab first: whose it is, what kind, which scopes, until
    when, and which groups and projects it reaches. Then it is kept in the system's
    keyring and a record of the connection is written, which never contains the
    token.

    Usage: connect gitlab [OPTIONS]

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Where the token comes from:
          --pat [<TOKEN>]
              Ask for the token, hidden; with a value, use that (the shell's history
              and the process list will have seen it)

          --pat-stdin
              Read the token from standard input

          --pat-file <FILE>
              Read the token from a file (`-` is standard input)

          --pat-env <VAR>
              Read the token from an environment variable

          --oauth-token [<TOKEN>]
              Ask for an OAuth access token, hidden; with a value, use that

          --oauth-token-stdin
              Read an OAuth access token from standard input

          --oauth-token-env <VAR>
              Read an OAuth access token from an environment variable

          --host <HOST>
              Another GitLab than gitlab.com: `gitlab.example.com`, with a port, or
              a base URL
              
              [env: CONNECT_GITLAB_HOST]

          --api-url <URL>
              Send requests there, where that does not follow from the host
              
              [env: CONNECT_GITLAB_API_URL]

          --name <NAME>
              What to call the connection, instead of `login@host`
              
              [env: CONNECT_NAME]

          --store <STORE>
              Where to keep the token: keyring, file, plain or env
              
              [env: CONNECT_STORE]

          --no-keep
              Check and report, keep nothing

          --for <TASK>...
              What the token is wanted for: git, import, webhooks, status, read
              (chooses what the pre-filled page ticks)

          --ca-cert <FILE>
              Trust the certificates in this PEM file as well
              
              [env: CONNECT_CA_CERT]

          --allow-http
              Allow plain http to another machine (the token travels readable)
              
              [env: CONNECT_ALLOW_HTTP]

          --age-identity <FILE>
              With `--store file`: the age identity that opens it
              
              [env: CONNECT_AGE_IDENTITY]

          --age-recipient <RECIPIENT>
              With `--store file`: encrypt to this age recipient as well (a team)
              
              [env: CONNECT_AGE_RECIPIENTS]

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect gitlab --pat
      connect gitlab --host gitlab.example.com:8443 --pat-file token.txt
      connect gitlab --pat-env GITLAB_TOKEN --store env --no-input --json
    ");
    insta::assert_snapshot!(help(&["gitlab"], "-h"), @"
    Check a GitLab token and keep it

    Usage: connect gitlab [OPTIONS]

    Options:
      -h, --help  Print help (see more with '--help')

    Where the token comes from:
          --pat [<TOKEN>]
              Ask for the token, hidden; with a value, use that (the shell's history
              and the process list will have seen it)
          --pat-stdin
              Read the token from standard input
          --pat-file <FILE>
              Read the token from a file (`-` is standard input)
          --pat-env <VAR>
              Read the token from an environment variable
          --oauth-token [<TOKEN>]
              Ask for an OAuth access token, hidden; with a value, use that
          --oauth-token-stdin
              Read an OAuth access token from standard input
          --oauth-token-env <VAR>
              Read an OAuth access token from an environment variable
          --host <HOST>
              Another GitLab than gitlab.com: `gitlab.example.com`, with a port, or
              a base URL [env: CONNECT_GITLAB_HOST]
          --api-url <URL>
              Send requests there, where that does not follow from the host [env:
              CONNECT_GITLAB_API_URL]
          --name <NAME>
              What to call the connection, instead of `login@host` [env:
              CONNECT_NAME]
          --store <STORE>
              Where to keep the token: keyring, file, plain or env [env:
              CONNECT_STORE]
          --no-keep
              Check and report, keep nothing
          --for <TASK>...
              What the token is wanted for: git, import, webhooks, status, read
              (chooses what the pre-filled page ticks)
          --ca-cert <FILE>
              Trust the certificates in this PEM file as well [env: CONNECT_CA_CERT]
          --allow-http
              Allow plain http to another machine (the token travels readable) [env:
              CONNECT_ALLOW_HTTP]
          --age-identity <FILE>
              With `--store file`: the age identity that opens it [env:
              CONNECT_AGE_IDENTITY]
          --age-recipient <RECIPIENT>
              With `--store file`: encrypt to this age recipient as well (a team)
              [env: CONNECT_AGE_RECIPIENTS]

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect gitlab --pat
      connect gitlab --host gitlab.example.com:8443 --pat-file token.txt
      connect gitlab --pat-env GITLAB_TOKEN --store env --no-input --json
    ");
}

#[test]
fn of_new_token() {
    insta::assert_snapshot!(help(&["new-token"], "--help"), @"
    Print the page that makes the right token

    Prints a link to the forge's own page, pre-filled, and the list of what it fills
    in: a link cannot choose repositories, and not every server heeds all of it.

    Usage: connect new-token [OPTIONS] --for <TASK>... <FORGE>

    Arguments:
      <FORGE>
              github or gitlab
              
              [possible values: github, gitlab]

    Options:
          --for <TASK>...
              What the token is wanted for: git, import, webhooks, status, read

          --owner <ORG>
              The user or organisation that owns the repositories (GitHub)

      -R, --repo <OWNER/REPO>
              A repository it is for; may be given several times

          --token-name <NAME>
              What the forge shall call the token
              
              [default: connect]

          --description <TEXT>
              A note for whoever finds the token later

          --expires-in <TIME>
              How long it shall live (a bare number means days)  [default: 90d]

          --classic
              A classic token instead of a fine-grained one (GitHub)

          --host <HOST>
              Another host than github.com or gitlab.com

          --open
              Open the page in the browser

      -h, --help
              Print help (see a summary with '-h')

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect new-token github --for import --repo agility-game/store --open
      connect new-token gitlab --for git,read --expires-in 30d
    ");
    insta::assert_snapshot!(help(&["new-token"], "-h"), @"
    Print the page that makes the right token

    Usage: connect new-token [OPTIONS] --for <TASK>... <FORGE>

    Arguments:
      <FORGE>  github or gitlab [possible values: github, gitlab]

    Options:
          --for <TASK>...       What the token is wanted for: git, import, webhooks,
                                status, read
          --owner <ORG>         The user or organisation that owns the repositories
                                (GitHub)
      -R, --repo <OWNER/REPO>   A repository it is for; may be given several times
          --token-name <NAME>   What the forge shall call the token [default:
                                connect]
          --description <TEXT>  A note for whoever finds the token later
          --expires-in <TIME>   How long it shall live (a bare number means days)
                                [default: 90d]
          --classic             A classic token instead of a fine-grained one
                                (GitHub)
          --host <HOST>         Another host than github.com or gitlab.com
          --open                Open the page in the browser
      -h, --help                Print help (see more with '--help')

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect new-token github --for import --repo agility-game/store --open
      connect new-token gitlab --for git,read --expires-in 30d
    ");
}

#[test]
fn of_disconnect() {
    insta::assert_snapshot!(help(&["disconnect"], "--help"), @"
    Forget a connection, everywhere it was kept

    Removes the token from its store, then the record, and names each place. With
    `--revoke` the token is first killed at the forge, and seen to be dead; when
    that fails, everything is kept.

    Usage: connect disconnect [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Which connection

    Options:
          --revoke
              Kill the token at the forge first

      -h, --help
              Print help (see a summary with '-h')

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect disconnect octocat@github.com
      connect disconnect old@gitlab.com --revoke
    ");
    insta::assert_snapshot!(help(&["disconnect"], "-h"), @"
    Forget a connection, everywhere it was kept

    Usage: connect disconnect [OPTIONS] <NAME>

    Arguments:
      <NAME>  Which connection

    Options:
          --revoke  Kill the token at the forge first
      -h, --help    Print help (see more with '--help')

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect disconnect octocat@github.com
      connect disconnect old@gitlab.com --revoke
    ");
}

#[test]
fn of_list() {
    insta::assert_snapshot!(help(&["list"], "--help"), @"
    What is kept (asks nobody)

    Reads the records only: no network, no keyring. On a terminal a table; elsewhere
    one line a connection, fields separated by tabs: name, URL, account, kind,
    expiry, store, health.

    Usage: connect list [OPTIONS]

    Options:
          --expiring <TIME>
              Only tokens that die within this time (`30d`, `12h`; a bare number
              means days) or are dead

      -h, --help
              Print help (see a summary with '-h')

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect list
      connect list --expiring 30d --json
    ");
    insta::assert_snapshot!(help(&["list"], "-h"), @"
    What is kept (asks nobody)

    Usage: connect list [OPTIONS]

    Options:
          --expiring <TIME>  Only tokens that die within this time (`30d`, `12h`; a
                             bare number means days) or are dead
      -h, --help             Print help (see more with '--help')

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect list
      connect list --expiring 30d --json
    ");
}

#[test]
fn of_status() {
    insta::assert_snapshot!(help(&["status"], "--help"), @"
    Ask the forges: alive? how long still?

    Asks for every connection, or those named, in parallel, and goes on when some do
    not answer. The exit code is the worst found: 8 store, 4 token not valid, 5 not
    allowed, 7 unreachable, 6 expires within `--min-days`. On a terminal a table;
    elsewhere one line a connection, fields separated by tabs: name, health or error
    code, expiry, days left, message.

    Usage: connect status [OPTIONS] [NAME|URL]...

    Arguments:
      [NAME|URL]...
              Only these connections, by name or by a URL they serve

    Options:
          --min-days <N>
              Exit with 6 when a token dies within this time (a bare number means
              days)
              
              [env: CONNECT_MIN_DAYS]

      -h, --help
              Print help (see a summary with '-h')

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect status
      connect status --min-days 14 --json
    ");
    insta::assert_snapshot!(help(&["status"], "-h"), @"
    Ask the forges: alive? how long still?

    Usage: connect status [OPTIONS] [NAME|URL]...

    Arguments:
      [NAME|URL]...  Only these connections, by name or by a URL they serve

    Options:
          --min-days <N>  Exit with 6 when a token dies within this time (a bare
                          number means days) [env: CONNECT_MIN_DAYS]
      -h, --help          Print help (see more with '--help')

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect status
      connect status --min-days 14 --json
    ");
}

#[test]
fn of_token() {
    insta::assert_snapshot!(help(&["token"], "--help"), @r#"
    Print a token, alone, on stdout

    For scripts: `$(connect token octocat@github.com)`. By URL, the connection that
    serves it is found: host, port and path must match, then the longest prefix,
    then the default. No network. A token that has expired is not printed.

    Usage: connect token [OPTIONS] <NAME|URL>

    Arguments:
      <NAME|URL>
              A connection, by name or by a URL it serves

    Options:
      -h, --help
              Print help (see a summary with '-h')

    Options everywhere:
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
              Say more about what is done; twice: every request (never a secret)

          --color <WHEN>
              Colours
              
              [default: auto]
              [possible values: auto, always, never]

          --timeout <SECS>
              How long one request may take, in seconds
              
              [env: CONNECT_TIMEOUT]
              [default: 30]

    Examples:
      connect token octocat@github.com
      curl -H @<(printf 'Authorization: Bearer %s' "$(connect token github.com)")
      https://api.github.com/user
    "#);
    insta::assert_snapshot!(help(&["token"], "-h"), @r#"
    Print a token, alone, on stdout

    Usage: connect token [OPTIONS] <NAME|URL>

    Arguments:
      <NAME|URL>  A connection, by name or by a URL it serves

    Options:
      -h, --help  Print help (see more with '--help')

    Options everywhere:
          --json            Print one JSON document, and errors as JSON too [env:
                            CONNECT_JSON]
          --no-input        Never ask; fail where a question would be needed [env:
                            CONNECT_NO_INPUT]
      -y, --yes             Answer every question with yes
      -q, --quiet           Print results, warnings and errors, nothing else
      -v, --verbose...      Say more about what is done; twice: every request (never
                            a secret)
          --color <WHEN>    Colours [default: auto] [possible values: auto, always,
                            never]
          --timeout <SECS>  How long one request may take, in seconds [env:
                            CONNECT_TIMEOUT] [default: 30]

    Examples:
      connect token octocat@github.com
      curl -H @<(printf 'Authorization: Bearer %s' "$(connect token github.com)")
      https://api.github.com/user
    "#);
}

#[test]
fn by_the_command_help() {
    let home = Home::new();
    for command in ["github", "gitlab", "new-token", "disconnect", "list", "status", "token"] {
        let by_command = home.connect(["help", command]).ends().succeeds().stdout();
        assert_eq!(by_command, help(&[command], "--help"));
    }
}

#[test]
fn values_of_variables_are_not_shown() {
    let output = Home::new().connect(["github", "--help"]).env("CONNECT_NAME", "s3cr3t").ends().succeeds();
    assert!(output.stdout().contains("CONNECT_NAME"));
    output.never_says("s3cr3t");
}
