//! Help of the commands that hand tokens to other programs.

use super::help;

#[test]
fn of_exec() {
    insta::assert_snapshot!(help(&["exec"], "--help"), @"
    Run a command with the variables its tools expect

    gh, glab, Terraform, Octokit and python-gitlab take a token from the
    environment; each has names of its own (docs/programs.md). The command gets
    those of the connections that are named, and no others: what the shell has left
    in such variables, and every CONNECT_… one, is taken out first. Without a name:
    the connection that serves the remote of the folder one stands in, else the
    defaults. No network, but what the command does; it takes connect's place, so
    that its exit code and its signals are its own.

    Usage: connect exec [OPTIONS] [NAME]... -- <COMMAND>...

    Arguments:
      [NAME]...
              Whose tokens: connections, by name or by a URL they serve

      <COMMAND>...
              The command and its arguments, without a shell

    Options:
          --url <URL>
              Also that of the connection that serves this URL

          --env <VAR=NAME>
              Put a connection's token into this variable; may be repeated

          --mask
              Run it as a child, and strike the tokens out of what it prints
              
              [env: CONNECT_MASK]

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect exec -- gh pr list
      connect exec octocat@github.com -- terraform plan
      connect exec --url https://gitlab.example.com/group -- glab mr list
      connect exec --env NODE_AUTH_TOKEN=octocat@github.com -- npm publish
      connect exec --mask ci@gitlab.example.com -- ./release.sh

    Exit codes:
      the command's own; with --mask, 128 and its number for a signal; and
      2    the command line is wrong, or two tokens are for one variable
      9    nothing says whose token the command is to have
      125  connect itself failed: no such connection, no token, a dead one
      126  the command is there and cannot be run
      127  there is no such command
    ");
    insta::assert_snapshot!(help(&["exec"], "-h").lines().next().unwrap(), @"Run a command with the variables its tools expect");
}

#[test]
fn of_api() {
    insta::assert_snapshot!(help(&["api"], "--help"), @"
    One authorised request, the answer on stdout

    The request goes to the API of the connection's own forge and nowhere else: a
    whole URL, a redirect or a next page that leads elsewhere is refused. The
    answer's body is printed as it came, also when it is a refusal; at a terminal
    JSON is indented. The path `graphql` is the GraphQL API. At most 64 MiB are
    read.

    Usage: connect api [OPTIONS] <NAME|URL> <PATH>

    Arguments:
      <NAME|URL>
              A connection, by name or by a URL it serves

      <PATH>
              A path of its API, or a whole URL within it

    Options:
      -X, --method <METHOD>
              GET, HEAD, POST, PUT, PATCH or DELETE  [default: GET, or POST with
              something to send]

      -f, --raw-field <KEY=VALUE>
              A text for the body, or of what reads for the query

      -F, --field <KEY=VALUE>
              As -f; true, false, null and numbers are what they are, @FILE and @-
              are read

      -H, --header <HEADER>
              A header, `Name: value`

          --input <FILE>
              A file with the body, or - for stdin; -f and -F then go into the query

          --paginate
              Ask for all pages, and join their lists to one

      -i, --include
              Print the status and the headers as well

      -h, --help
              Print help (see a summary with '-h')

    (options everywhere)
    Examples:
      connect api octocat@github.com user
      connect api github.com repos/octocat/hello-world/issues -f title=Hello
      connect api lab 'projects/group%2Fproject/issues?state=opened' --paginate
      connect api lab projects/7 -X PUT -F archived=true -f 'topics[]=rust'
      connect api github.com graphql -f query='{ viewer { login } }'

    Exit codes:
      0  done
      2  the command line is wrong, or the path leads out of the API
      3  no such connection, or not found at the forge
      4  the token is not valid
      5  the token may not do this
      7  the forge could not be reached or would not answer
      1  the forge found the request wrong; its answer is on stdout
    ");
    insta::assert_snapshot!(help(&["api"], "-h").lines().next().unwrap(), @"One authorised request, the answer on stdout");
}
