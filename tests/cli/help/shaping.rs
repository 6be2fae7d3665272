//! The commands that say which connection answers where, and what it is called.

use super::help;

#[test]
fn of_which() {
    insta::assert_snapshot!(help(&["which"], "--help"), @"
    Which connection serves a URL, and why

    Scheme, host, port and base path must match exactly; then the longest prefix
    that a connection serves (`connect use`), then the default of the host, then the
    only one. Over ssh only host and path count. Asks nobody. Off a terminal one
    line, fields separated by tabs: name, reason (prefix, default or only), the
    prefix or -.

    Usage: connect which [OPTIONS] <URL>

    Arguments:
      <URL>
              A web or git address, with or without scheme, or `git@host:owner/repo`

    Options:
      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect which https://github.com/agility-game/timing-firmware
      connect which git@gitlab.example.com:agility-game/x.git

    Exit codes:
      0  done
      2  that is no URL
      3  no connection serves it
      9  more than one does, and none is the default
    ");
}

#[test]
fn of_use() {
    insta::assert_snapshot!(help(&["use"], "--help"), @"
    Let a connection serve an owner, a group, a host

    With several accounts on one host this says which answers where: for the longest
    prefix that fits, else the default of the host. A prefix is a URL
    (`https://github.com/agility-game`) or a path at the connection's own host
    (`agility-game`, `group/subgroup`). Without a flag it shows how it is. A prefix
    that another connection serves goes over with a yes or `--yes`; the default of a
    host goes over without a question, as there can only be one.

    Usage: connect use [OPTIONS] <NAME>

    Arguments:
      <NAME>
              Which connection

    Options:
          --on <PREFIX>
              Serve this owner, group or URL before others do

          --not-on <PREFIX>
              Serve it no longer

          --registry <HOST>
              The container registry of its forge, where that cannot be known:
              `registry.example.com`, `git.example.com:5050`

          --not-registry <HOST>
              No longer hand its token out for this registry

          --default
              Answer for the host when nothing more precise does

          --not-default
              No longer be the default of the host

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect use work@github.com --on agility-game --on agility-labs
      connect use octocat@github.com --default
      connect use me@git.example.com --registry registry.example.com
      connect use work@github.com --not-on agility-labs
      connect use work@github.com

    Exit codes:
      0  done
      2  a prefix is at another address, or does not read
      3  there is no such connection, or it does not serve that prefix
      9  another connection serves the prefix, and nobody said yes
    ");
}

#[test]
fn of_rename() {
    insta::assert_snapshot!(help(&["rename"], "--help"), @"
    Give a connection another name

    The token stays where it is, and what the connection serves stays as it is.
    Destinations that are written by way of it follow. Its earlier history stays
    under the old name.

    Usage: connect rename [OPTIONS] <NAME> <NEW-NAME>

    Arguments:
      <NAME>
              Which connection

      <NEW-NAME>
              What to call it

    Options:
      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect rename octocat@github.com work

    Exit codes:
      0  done
      3  there is no such connection
      8  what an earlier run for it left cannot be put in order now
      9  there is a connection of the new name already
    ");
}
