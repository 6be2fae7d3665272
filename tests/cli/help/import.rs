//! The help of `connect import` and of what comes after it.

use super::help;

#[test]
fn of_import() {
    insta::assert_snapshot!(help(&["import"], "--help"), @"
    GitLab CI/CD for an external GitHub repository

    Makes a project on GitLab that follows the repository on GitHub: a pull mirror
    with pipelines, commit statuses reported back, a webhook so that pushes are
    pulled at once, and if you like a `.gitlab-ci.yml`. What is there already is
    left or set right, never made twice; cut short anywhere, the same command goes
    on. It shows the plan and asks first.

    GROUP/PROJECT: a group that exists at the full path gets a project of the
    repository's name; otherwise the last part is the project's name. Repository and
    project may be given as URLs, too.

    Pull mirroring and the GitHub integration need GitLab Premium. Without it:
    `--sync actions` (a workflow of GitHub Actions pushes to GitLab), or
    `--without-mirror` (brought over once).

    On a terminal a list; elsewhere one line a thing, fields separated by tabs: the
    plan as step, state, words; what was made as thing, how, link.

    Usage: connect import [OPTIONS] <OWNER/REPO> --to <GROUP[/PROJECT]>
           connect import <list|status|undo>

    Or:
      list    What could be imported, and what was
      status  Is it still as it was set up, and how is it mended?
      undo    Take an import back: what connect made, and nothing else
      help    Print this message or the help of the given subcommand(s)

    Arguments:
      <OWNER/REPO>
              The repository on GitHub

    Options:
          --to <GROUP[/PROJECT]>
              Where on GitLab: a group, or the project's full path

          --github <NAME>
              The GitHub connection  [default: the one that serves the repository]

          --gitlab <NAME>
              The GitLab connection  [default: the one that serves the project]

          --wait <TIME>
              How long to watch what goes on at GitLab  [default: 1h]

          --age-identity <FILE>
              For the store `file`: the age identity that opens it
              
              [env: CONNECT_AGE_IDENTITY]

      -h, --help
              Print help (see a summary with '-h')

    The plan:
          --plan
              Show what would be done, and stop

          --detailed-exitcode
              With `--plan`: exit with 9 when something would be changed

          --anew
              Forget the flags of an earlier run; without this they hold until
              others are given

    The project:
          --mode <MODE>
              What is brought over: git, the repository; full, issues and pull
              requests too  [default: git]

          --import-collaborators
              With `--mode full`: make collaborators members, too (they may take
              seats)

          --visibility <WHO>
              Who sees the project: private, internal, public

          --project-name <TITLE>
              What to call the project, instead of the repository's name

          --keep-features
              Leave issues, merge requests, wiki and snippets on, as `--mode full`
              does

    Following the repository:
          --sync <HOW>
              How it follows: mirror, GitLab pulls (Premium); actions, a workflow of
              GitHub Actions pushes  [default: mirror]

          --without-mirror
              Bring the repository over once, and no more

          --protected-only
              Mirror protected branches only

          --branch-regex <RE2>
              Mirror the branches that match

          --without-webhook
              Make no webhook: GitLab looks for news every 30 minutes

          --hook-token <NAME>
              The GitLab connection whose token is planted on GitHub, instead of one
              made for it

          --status-token <NAME>
              The GitHub connection whose token reports statuses: `repo:status`
              suffices

          --without-integration
              Do not report pipelines to GitHub

    The .gitlab-ci.yml:
          --ci-file <FILE>
              Put this file into the repository as `.gitlab-ci.yml`, if GitLab finds
              it valid

          --ci-template <TEMPLATE>
              Put a first one there: minimal

          --ci-branch <BRANCH>
              On this branch, instead of the default one

          --pull-request
              By a pull request

          --overwrite
              Replace a file that is there and differs

    The token that is made:
          --store <STORE>
              Where a token that is made is kept: keyring, file, plain
              
              [env: CONNECT_STORE]

          --token-expires-in <TIME>
              How long it lives  [default: 365d]

    (options everywhere)
    Examples:
      connect import agility-game/store --to agility-game/ci --plan
      connect import agility-game/store --to agility-game/ci --ci-template minimal
      connect import o/r --to group --sync actions --yes
      connect import list
      connect import status o/r
      connect import undo o/r

    Exit codes:
      0   it is set up, and nothing of it was seen not to work; what could not be
          seen yet is told (`not_seen_yet`); with `--plan`: looked at
      1   something else is in the way: the file is invalid, there are too many
          webhooks, another process is at work on it
      2   the command line is wrong
      3   the repository, group or connection is not there, or hidden
      4   a token is not valid: unknown, revoked or expired
      5   a token or an account may not do it, or it is not licensed
      7   a forge could not be reached or would not answer, or is not done yet
      8   the token that is made cannot be kept: the store is missing or locked
      9   a decision is needed: the path is taken, or nobody could agree; with
          `--plan --detailed-exitcode`: something would be changed
      10  it is set up, and something of it does not work
      130 interrupted: what GitLab has begun goes on

    What stands after a failure is said; the same command goes on from there.
    ");
    let short = help(&["import"], "-h");
    assert!(short.contains("\n      --to <GROUP[/PROJECT]>  Where on GitLab"), "{short}");
}

#[test]
fn of_import_list() {
    insta::assert_snapshot!(help(&["import", "list"], "--help"), @"
    What could be imported, and what was

    The repositories that the GitHub token sees, the account's role in each, whether
    it can be imported and why not, and the projects it was imported into. Elsewhere
    than on a terminal one line each, fields separated by tabs: repository, role,
    yes|no|unknown, why, projects.

    Usage: connect import list [OPTIONS] [OWNER]

    Arguments:
      [OWNER]
              Only this owner's

    Options:
          --github <NAME>
              The GitHub connection

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect import list
      connect import list agility-game --github octocat@github.com

    Exit codes:
      0   listed, even where nothing can be imported
      2   the command line is wrong
      3   there is no such connection, or none to GitHub
      4   the token is not valid: unknown, revoked or expired
      5   the token may not list repositories
      7   GitHub could not be reached or would not answer
      8   the store that keeps the token is missing or locked
      9   several connections could be meant: name one with `--github`
    ");
}

#[test]
fn of_import_status() {
    insta::assert_snapshot!(help(&["import", "status"], "--help"), @"
    Is it still as it was set up, and how is it mended?

    Compares what exists with what was set up: a mirror that fails or is paused, a
    token in it that has ended, a webhook that was removed or is refused, an
    integration that was switched off; and names the command that mends it. What is
    in the `.gitlab-ci.yml` is yours to change. Without a repository, all imports on
    record. Nothing is changed.

    Elsewhere than on a terminal one line a difference, fields separated by tabs:
    repository, project, state (well, drifted, unfinished, undoing, undone,
    unknown), thing, words.

    Usage: connect import status [OPTIONS] [OWNER/REPO]

    Arguments:
      [OWNER/REPO]
              The repository on GitHub

    Options:
          --to <GROUP/PROJECT>
              The project, where the repository was imported more than once

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect import status
      connect import status agility-game/store --json

    Exit codes:
      0   all is as it was set up
      3   no such import is on record, or the repository is gone or hidden
      9   something is not, or an import or its undoing never came to its end
      4, 5, 7, 8 as `connect status` has them: it could not be looked at
    ");
}

#[test]
fn of_import_undo() {
    insta::assert_snapshot!(help(&["import", "undo"], "--help"), @"
    Take an import back: what connect made, and nothing else

    Removes the webhook, the integration, the mirror, the access token and its
    connection, and the files that connect put there, in reverse order, after
    showing them. What was there before stays, and so does what others have changed
    since. The project on GitLab stays, unless `--delete-project` is given and its
    path is typed (or `--yes`).

    What lies where the token sees nothing may be there all the same: it stays on
    record, and counts as failed.

    Elsewhere than on a terminal one line a thing, fields separated by tabs: thing,
    removed|left|failed (with `--plan` remove|leave|failed), words.

    Usage: connect import undo [OPTIONS] <OWNER/REPO>

    Arguments:
      <OWNER/REPO>
              The repository on GitHub

    Options:
          --to <GROUP/PROJECT>
              The project, where the repository was imported more than once

          --delete-project
              Delete the project on GitLab, too, if connect made it

          --forget-hidden
              Take off the record, too, what lies in a repository or project that is
              gone, or hidden from the token

          --plan
              Show what would be removed, and stop

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect import undo agility-game/store --plan
      connect import undo agility-game/store
      connect import undo agility-game/store --delete-project

    Exit codes:
      0   it is undone
      3   no such import is on record, or all that is left of it is hidden
      5   only an owner deletes the project; nothing was removed
      9   nobody could agree; nothing was removed
      10  some of it could not be removed; the same command tries again
    ");
}
