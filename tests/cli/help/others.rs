//! The commands that do not take a token.

use super::help;

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
              What the token is wanted for: git, import, webhooks, status, read, or
              single permissions and scopes, as `Contents=write` or `read_api`

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

    (options everywhere)
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
                                status, read, or single permissions and scopes, as
                                `Contents=write` or `read_api`
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

    (options everywhere)
    Examples:
      connect new-token github --for import --repo agility-game/store --open
      connect new-token gitlab --for git,read --expires-in 30d
    ");
}

#[test]
fn of_disconnect() {
    insta::assert_snapshot!(help(&["disconnect"], "--help"), @"
    Forget a connection, everywhere it was kept

    Removes the token from its store, deliveries that wait to be handed on, then the
    record, and names each place. With `--revoke` the token is first killed at the
    forge, and seen to be dead; when that fails, everything is kept.

    Usage: connect disconnect [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Which connection

    Options:
          --revoke
              Kill the token at the forge first

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
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

    (options everywhere)
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
    expiry, store, health; for one that receives webhooks two more: by what their
    deliveries are known, and until when a former secret is accepted.

    Usage: connect list [OPTIONS]

    Options:
          --expiring <TIME>
              Only tokens that die within this time (`30d`, `12h`; a bare number
              means days) or are dead

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
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

    (options everywhere)
    Examples:
      connect list
      connect list --expiring 30d --json
    ");
}

#[test]
fn of_status() {
    insta::assert_snapshot!(help(&["status"], "--help"), @r"
    Ask the forges: alive? how long still?

    Asks for every connection, or those named, in parallel, and goes on when some do
    not answer; the worst come first. What the forges say goes into the records, so
    that `connect list` has it too. The exit code is the worst found: 8 store, 4
    token not valid, 5 not allowed, 7 unreachable, 6 expires within `--min-days`, 9
    copies that are not of the present secret. On a terminal a table, with a bar
    that is full from 90 days on; elsewhere one line a connection, fields separated
    by tabs: name, health or error code, expiry, days left, message.

    With `--format prometheus` metrics instead, for node_exporter's textfile
    collector. The exit code is not 0 when a token is in trouble, so in cron let
    `--output` write the file: it is replaced whole whatever was found.

    Usage: connect status [OPTIONS] [NAME|URL]...

    Arguments:
      [NAME|URL]...
              Only these connections, by name or by a URL they serve

    Options:
          --min-days <N>
              Exit with 6 when a token dies within this time (a bare number means
              days)
              
              [env: CONNECT_MIN_DAYS]

          --watch[=<EVERY>]
              Stay, and ask again every so often (5m unless said); for a terminal
              left open

          --format <FORMAT>
              Print metrics, in the text format of Prometheus (not with `--json`,
              `--watch`)
              
              [env: CONNECT_STATUS_FORMAT]
              [possible values: prometheus]

          --output <FILE>
              Put them into this file, which is replaced whole, so that nobody reads
              half of it
              
              [env: CONNECT_STATUS_OUTPUT]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect status
      connect status --min-days 14 --json
      connect status --watch=10m
      connect status --format prometheus \
          --output /var/lib/node_exporter/textfile/connect.prom
    ");
    insta::assert_snapshot!(help(&["status"], "-h"), @r"
    Ask the forges: alive? how long still?

    Usage: connect status [OPTIONS] [NAME|URL]...

    Arguments:
      [NAME|URL]...  Only these connections, by name or by a URL they serve

    Options:
          --min-days <N>     Exit with 6 when a token dies within this time (a bare
                             number means days) [env: CONNECT_MIN_DAYS]
          --watch[=<EVERY>]  Stay, and ask again every so often (5m unless said);
                             for a terminal left open
          --format <FORMAT>  Print metrics, in the text format of Prometheus (not
                             with `--json`, `--watch`) [env: CONNECT_STATUS_FORMAT]
                             [possible values: prometheus]
          --output <FILE>    Put them into this file, which is replaced whole, so
                             that nobody reads half of it [env:
                             CONNECT_STATUS_OUTPUT]
      -h, --help             Print help (see more with '--help')

    (options everywhere)
    Examples:
      connect status
      connect status --min-days 14 --json
      connect status --watch=10m
      connect status --format prometheus \
          --output /var/lib/node_exporter/textfile/connect.prom
    ");
}

#[test]
fn of_token() {
    insta::assert_snapshot!(help(&["token"], "--help"), @r#"
    Print a token, alone, on stdout

    For scripts: `$(connect token octocat@github.com)`. By URL, the connection that
    serves it is found: host, port and path must match, then the longest prefix,
    then the default. No network. A token that has expired is not printed.

    `--format netrc` prints lines of a `.netrc`, one for the forge and one for its
    API where that is another host; `--format curl` what `curl --config -` reads, so
    that the token is on no command line.

    Usage: connect token [OPTIONS] <NAME|URL>

    Arguments:
      <NAME|URL>
              A connection, by name or by a URL it serves

    Options:
          --format <FORM>
              In which form: the token alone, lines of a `.netrc`, a configuration
              of curl's
              
              [default: token]
              [possible values: token, netrc, curl]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect token octocat@github.com
      connect token github.com --format curl |
          curl --config - https://api.github.com/user
      connect token gitlab.example.com --format netrc
    "#);
    insta::assert_snapshot!(help(&["token"], "-h"), @r#"
    Print a token, alone, on stdout

    Usage: connect token [OPTIONS] <NAME|URL>

    Arguments:
      <NAME|URL>  A connection, by name or by a URL it serves

    Options:
          --format <FORM>  In which form: the token alone, lines of a `.netrc`, a
                           configuration of curl's [default: token] [possible
                           values: token, netrc, curl]
      -h, --help           Print help (see more with '--help')

    (options everywhere)
    Examples:
      connect token octocat@github.com
      connect token github.com --format curl |
          curl --config - https://api.github.com/user
      connect token gitlab.example.com --format netrc
    "#);
}

#[test]
fn of_setup_git() {
    insta::assert_snapshot!(help(&["setup-git"], "--help"), @"
    Let git ask connect for the hosts of its connections

    Adds connect to git's configuration as a credential helper, for the hosts that
    connections have, or for those named, and for no others. What is going to be
    written is shown first. git itself writes it. Where several connections of one
    host differ by what they serve, git is told to name the path as well
    (`useHttpPath`).

    Other helpers stay as they are. git asks all that count for a host, in the order
    of its configuration, and tells all of them what has worked: one that stands
    before connect may answer first, and one that keeps what it is told keeps
    connect's tokens. `--only` has git ask and tell connect alone for these hosts.
    `--undo` takes out what was added, and nothing else.

    Usage: connect setup-git [OPTIONS]

    Options:
          --host <HOST>
              Only for this host, as in `github.com` or
              `https://example.com/gitlab`; there need be no connection for it
              
              [env: CONNECT_GIT_HOST]

          --system
              Into the machine's configuration, for all its users

          --global
              Into the user's configuration  [default]

          --local
              Into the configuration of the repository one stands in

          --only
              No other helper is asked or told for these hosts

          --undo
              Take out what was added, and nothing else

          --dry-run
              Show what would be written, and write nothing

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect setup-git
      connect setup-git --host github.com --only --yes
      connect setup-git --dry-run
      connect setup-git --undo

    Exit codes:
      0  git asks connect; with `--undo`: no longer
      1  there is no git, or it could not write its configuration
      2  what was named is no host
      3  there is no connection, and no host was named
      9  nobody said yes
    ");
}

#[test]
fn of_adopt() {
    insta::assert_snapshot!(help(&["adopt"], "--help"), @"
    Find tokens that other tools left lying about, and take them in

    Looks into the files of gh, glab, git and `.netrc`, into gh's keyring, and at
    the variables that tools take tokens from; with a folder, also at the remotes of
    all repositories below it. What it finds is shown by host, account, kind and
    fingerprint, never the token itself.

    Nothing is sent anywhere until each host has been agreed to: with a yes at the
    terminal, or by `--yes --host HOST`. Then each token is checked with its host
    and those that work are kept, beside the connections there are. With `--remove`,
    the copies in files go, once the token has been read back from where it is kept.

    Usage: connect adopt [OPTIONS] [FOLDER]

    Arguments:
      [FOLDER]
              Look at the remotes of all repositories below this folder as well

    Options:
          --from <TOOL>
              Only look at these: gh, glab, git, netrc, env

          --scan
              Only report what there is; ends with 9 if there is anything

          --host <HOST>
              Only the tokens for this host; with `--yes`, send them to it. With
              `--from git`, git's helpers are asked for it too
              
              [env: CONNECT_ADOPT_HOST]

          --remove
              Take the copies out of their files, once the token is kept

          --store <STORE>
              Where to keep the tokens: keyring, file or plain
              
              [env: CONNECT_STORE]

          --api-url <URL>
              With one `--host`: send requests there, where that does not follow
              from the host

          --ca-cert <FILE>
              Trust the certificates in this PEM file as well
              
              [env: CONNECT_CA_CERT]

          --allow-http
              Allow plain http to another machine (the token travels readable)
              
              [env: CONNECT_ALLOW_HTTP]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect adopt --scan
      connect adopt --from gh --from git
      connect adopt --yes --host github.com --remove
      connect adopt ~/src --scan --json

    Exit codes:
      0  done; with `--scan`: nothing was found
      2  the command line is wrong
      4, 5, 7, 8  no token was kept: dead, barred, not reached, no store
      9  with `--scan`: something was found; else nobody could be asked
      10 some of the tokens were kept, others not
    ");
}
