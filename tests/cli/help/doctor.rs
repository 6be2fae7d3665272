//! The help of `connect doctor`.

use super::{help, whole};
use crate::support::Home;

#[test]
fn of_doctor() {
    insta::assert_snapshot!(help(&["doctor"], "--help"), @"
    Which link of the chain is broken, and how to mend it

    Looks at connect's own files, the stores, the environment, every host, every
    connection and whom git asks, in the order in which a request needs them. ✓ is
    well, ! is to be looked at, ✗ is broken, – was not judged because something
    before it is broken. Nothing is changed: a throw-away secret goes into each
    store and out again. The exit code is the worst of what is broken: 8 store, 4
    token not valid, 5 not allowed, 7 unreachable, 9, 3, 1; 0 where there are only
    warnings.

    Usage: connect doctor [OPTIONS] [NAME|URL]

    Arguments:
      [NAME|URL]
              Only this connection and what it needs, by name or by a URL it serves

    Options:
          --report
              Leave out names, hosts, addresses and paths: to be pasted where
              anybody reads it

          --no-network
              Ask nobody; look only at what is on this machine

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect doctor
      connect doctor octocat@github.com
      connect doctor --report --quiet
    ");
    insta::assert_snapshot!(help(&["doctor"], "-h"), @"
    Which link of the chain is broken, and how to mend it

    Usage: connect doctor [OPTIONS] [NAME|URL]

    Arguments:
      [NAME|URL]  Only this connection and what it needs, by name or by a URL it
                  serves

    Options:
          --report      Leave out names, hosts, addresses and paths: to be pasted
                        where anybody reads it
          --no-network  Ask nobody; look only at what is on this machine
      -h, --help        Print help (see more with '--help')

    (options everywhere)
    Examples:
      connect doctor
      connect doctor octocat@github.com
      connect doctor --report --quiet
    ");
    let by_command = Home::new().connect(["help", "doctor"]).ends().succeeds().stdout();
    assert_eq!(by_command, whole(&["doctor"], "--help"));
}
