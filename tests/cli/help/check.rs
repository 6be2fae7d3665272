//! `connect check`.

use super::help;

#[test]
fn of_check() {
    insta::assert_snapshot!(help(&["check"], "--help"), @r#"
    May this token do this? What is missing, and where to add it

    Compares the token's scopes with what the task needs. Fine-grained tokens do not
    say what they may: with a repository or project it is tried, by reads and by
    requests that cannot change anything. What cannot be found out without writing
    is reported as unknown. Whether the account's role allows it, and whether the
    place is archived, is looked at too.

    Exits with 0 when nothing speaks against it, 5 when something is missing or
    refused, 3 when the place is hidden. On a terminal a table; elsewhere one line a
    need, fields separated by tabs: name, level, verdict, why.

    Usage: connect check [OPTIONS] <NAME|URL> --for <TASK>...

    Arguments:
      <NAME|URL>
              A connection, by name or by a URL it serves; the URL of a repository
              names that too

    Options:
          --for <TASK>...
              Tasks (git, import, webhooks, status, read), single permissions of
              GitHub (Contents=write) and scopes (read:org, read_api)

      -R, --repo <OWNER/REPO>
              The GitHub repository it is to work in

          --project <GROUP/PROJECT>
              The GitLab project it is to work in

          --group <GROUP>
              The GitLab group it is to work in

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect check octocat@github.com --for webhooks --repo agility-game/store
      connect check https://github.com/agility-game/store --for git
      connect check bot@gitlab.com --for import --group agility-game
      connect check hub --for Contents=write,"Commit statuses" -R o/r --json
    "#);
}
