//! The commands about what is kept: the history, the stores, the choices.

use super::{help, whole};

#[test]
fn of_history() {
    insta::assert_snapshot!(help(&["history"], "--help"), @"
    Who connected, replaced, revoked what, when

    Shows what connect did to the connections, the oldest first: connected,
    replaced, rotated, revoked, disconnected, migrated, renamed; planted, pushed and
    removed, for each copy of a secret that was put somewhere, renewed there or
    taken back; imported and undone; and repaired, when a line that a crash had torn
    was mended. Uses of a token are not recorded, and never a token itself. On a
    terminal a table; elsewhere one line an entry, fields separated by tabs: time,
    event, connection, user@machine, fingerprint, store, from, host, account,
    secret, target, repository.

    Each line of the file carries the hash of the one before. `--verify` finds what
    accidents do: a line that was changed, torn, moved, doubled or lost. It is no
    proof against somebody who owns the file and writes all of it anew.

    `--rotated-since` says of every connection, or of those named, whether its
    present token came since a day: rotated, replaced by another, or connected where
    none was known before. To connect the same token anew does not count. Shown with
    it are who did it and where, the old and the new fingerprint, and which copies
    followed. Elsewhere than on a terminal the fields are: connection, `rotated` or
    `not-since`, time, event, user@machine, old fingerprint, fingerprint, copies
    that followed, copies that did not.

    Usage: connect history [OPTIONS] [NAME]...

    Arguments:
      [NAME]...
              Only what happened to this connection, which may be gone; with
              `--rotated-since` several can be named, which must be there

    Options:
          --verify
              Look whether each line follows on the one before (always the whole
              file)

          --rotated-since <DATE>
              Which tokens were rotated since this day (UTC) or instant, and which
              were not

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect history
      connect history octocat@github.com
      connect history --verify
      connect history --json | jq '.entries[-1]'
      connect history --rotated-since 2026-11-01 --verify --json

    Exit codes:
      0  done
      3  nothing was ever recorded of that name, and there is no such connection
      9  with `--verify`: lines were changed, torn, moved, doubled or lost;
         with `--rotated-since`: a token was not rotated since then
    ");
}

#[test]
fn of_rotate() {
    insta::assert_snapshot!(help(&["rotate"], "--help"), @"
    Replace tokens before they die, and bring every copy along

    GitLab is asked for the new token: it has to have `api`, or from 17.9 on
    `self_rotate`. The old one dies there and then, so its answer goes to disk,
    encrypted, before anything else is done with it, and a run that is killed is
    finished by the next. GitHub cannot be asked: connect opens or prints the page,
    reads the new token, hidden or by `--pat-stdin`, and refuses one of another
    account, or one that may do less. The same holds for GitLab's tokens that are
    dead, or may not rotate themselves.

    Then every copy that connect has put somewhere gets the new token, in the order
    that `--dry-run` shows, and only when none is left behind is a GitHub token's
    predecessor revoked, and seen to be dead. A copy that does not follow is listed
    as stale: `connect destination push` tries again.

    One machine rotates a token. If another one has it too, by a copy that is not
    listed, it stops working there; and if that machine rotates its dead copy,
    GitLab takes it for theft and kills the new token too.

    Ctrl-C finishes what cannot be undone, then stops.

    Usage: connect rotate [OPTIONS] [NAME]...

    Arguments:
      [NAME]...
              Which connections

    Options:
          --all
              All whose token dies within the time of `--within`

          --within <TIME>
              With `--all`: how soon (`14d`, `12h`; a bare number means days)
              
              [env: CONNECT_WITHIN]

          --resume
              Finish what an earlier run has left, and do nothing else

          --expires-in <TIME>
              How long new tokens live (90d unless said; a bare number means days)
              
              [env: CONNECT_EXPIRES_IN]

          --expires-on <DATE>
              When the new tokens die: at 00:00 UTC of this day. Wins over
              `--expires-in`

          --dry-run
              Show what would be done, copies in their order, and do nothing

          --jobs <N>
              How many at once, where forges are asked
              
              [env: CONNECT_JOBS]
              [default: 8]

          --no-push
              Leave the copies as they are: they stay stale until they are pushed

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

    A token that a person makes:
          --allow-less
              Take a new token that may do less than the old one

          --revoke-old
              Revoke the old token without asking, once every copy has followed

          --keep-old
              Leave the old token alive, and forget it

          --open
              Open the page in the browser

    (options everywhere)
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
      130  interrupted; what was begun was finished
    ");
}

#[test]
fn of_store() {
    insta::assert_snapshot!(help(&["store"], "--help"), @"
    Where secrets are kept; move them

    Secrets are kept in the system's keyring, in age-encrypted files, in plain files
    that only you can read, or not at all (`env`: a variable is read each time).

    Usage: connect store [OPTIONS] <COMMAND>

    Commands:
      show     The stores: usable or not, how well they protect, what is in them
      use      Make a store the default for new secrets
      migrate  Move secrets to another store
      help     Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect store show
      connect store use file
      connect store migrate --all --to file
    ");
    insta::assert_snapshot!(help(&["store", "show"], "--help"), @"
    The stores: usable or not, how well they protect, what is in them

    Looks at each store without a question and without opening anything: whether it
    could be used now, where it keeps things, how well and for how long that
    protects them, and whose secrets are in it. On a terminal a page; elsewhere one
    line a store, fields separated by tabs: store, default or -, usable or error
    code, number of secrets, place.

    Usage: connect store show [OPTIONS]

    Options:
          --store <STORE>
              Show this one as the default, as other commands would take it
              
              [env: CONNECT_STORE]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect store show
      connect store show --json | jq -r '.stores[] | select(.usable) | .store'

    Exit codes:
      0  done
      1  a record does not read
      8  a store that holds secrets cannot be used now
    ");
    insta::assert_snapshot!(help(&["store", "use"], "--help"), @"
    Make a store the default for new secrets

    Writes `store` into `config.toml`, after a look whether that store can be used
    here and now. What is kept already stays where it is: `connect store migrate`
    moves it. A flag (`--store`, `CONNECT_STORE`) still wins, and a connection that
    exists keeps its store.

    Usage: connect store use [OPTIONS] <STORE>

    Arguments:
      <STORE>
              keyring, file, plain or env

    Options:
      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect store use file
      connect store use keyring --yes

    Exit codes:
      0  done
      1  config.toml does not read, or cannot be written
      8  the store cannot be used now; `--yes` chooses it all the same
    ");
    insta::assert_snapshot!(help(&["store", "migrate"], "--help"), @"
    Move secrets to another store

    Each token and webhook secret is read, compared with its record, written to the
    new store under a new id, read back and compared; then the record names the new
    place, and only then the old one is removed. Cut short anywhere, there is a good
    copy, and running it again finishes.

    What is read from a variable is left alone unless its connection is named or
    `--from env` is given; then it is copied, and the variable stays: it is nobody's
    to remove. To `plain` needs a yes, because whoever can read your files can read
    what is there. A passphrase is asked for once, and not again when it was wrong.

    Usage: connect store migrate [OPTIONS] --to <STORE> [NAME]...

    Arguments:
      [NAME]...
              Which connections

    Options:
          --all
              All connections

          --to <STORE>
              Where to: keyring, file or plain

          --from <STORE>
              Only what is in this store

          --age-identity <FILE>
              For the store `file`: the age identity that opens it
              
              [env: CONNECT_AGE_IDENTITY]

          --age-recipient <RECIPIENT>
              With `--to file`: encrypt to this age recipient as well (a team)
              
              [env: CONNECT_AGE_RECIPIENTS]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect store migrate --all --to file
      connect store migrate octocat@github.com --to keyring
      connect store migrate --all --from plain --to keyring --json

    Exit codes:
      0   all are there
      3   there is no such connection; nothing was moved
      8   none could be moved: a store cannot be used, or does not open
      9   to `plain` without a yes; nothing was moved
      10  some could not be moved
    ");
}

#[test]
fn of_config() {
    insta::assert_snapshot!(help(&["config"], "--help"), @"
    The choices that are remembered

    They are in `config.toml`, which may be edited by hand too: comments, order and
    keys of other versions stay when a command changes it. Flags and variables win
    over it. The keys are `store`, where new secrets are kept (keyring, file, plain
    or env), and `expires_in`, how long a token shall live that `connect new-token`
    asks for (as in `90d`).

    Usage: connect config [OPTIONS] <COMMAND>

    Commands:
      get    Print a choice; the built-in one where none was made
      set    Make a choice
      unset  Take a choice back: the built-in one counts again
      list   Print all choices
      help   Print this message or the help of the given subcommand(s)

    Options:
      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect config list
      connect config get store
      connect config set expires_in 30d
      connect config unset store

    Exit codes:
      0  done
      1  config.toml does not read, or cannot be written
      2  there is no such key, or the value does not fit
    ");
    for command in ["get", "set", "unset", "list"] {
        assert!(whole(&["config", command], "--help").contains("Examples"), "{command}");
    }
}

#[test]
fn of_destination() {
    // `whole` sees to it that it fits.
    for command in ["add", "remove"] {
        let text = whole(&["destination", command], "--help");
        for form in ["gitlab-mirror:", "gitlab-variable:group=", "github-secret:ORG", "file:/absolute/path", "command:"]
        {
            assert!(text.contains(form), "{command}: {text}");
        }
    }
    for command in ["list", "push"] {
        assert!(whole(&["destination", command], "--help").contains("Exit codes"), "{command}");
    }
    assert!(whole(&["destination"], "--help").contains("connect destination push --stale"));
}
