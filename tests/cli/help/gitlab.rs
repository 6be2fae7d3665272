//! `connect gitlab`.

use super::help;

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

    The connection:
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
              What the token is wanted for: git, import, webhooks, status, read, or
              single permissions and scopes. Chooses what the pre-filled page ticks;
              a token that lacks any of it is not kept

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

    The webhook's secret:
          --webhook-secret-stdin
              Keep a webhook secret that exists already, read from standard input

          --webhook-secret-file <FILE>
              Read the webhook secret from a file (`-` is standard input)

          --webhook-secret-env <VAR>
              Read the webhook secret from an environment variable

          --accept-former-for <TIME>
              Where this replaces a webhook secret: accept the former one, too, for
              so long, as `7d` or `12h`, until it is changed everywhere

          --webhook-only
              No token at all: a connection that only receives webhooks, called
              `webhook@host`. Its secret is made unless it is given

          --public-url <BASE>
              With a webhook secret: where forges reach whoever receives, as
              `https://hooks.example.com`; remembered. A path in it is for a proxy,
              which takes it away: `connect webhook listen` answers at `/hooks/<id>`
              
              [env: CONNECT_PUBLIC_URL]

    (options everywhere)
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
          --pat [<TOKEN>]          Ask for the token, hidden; with a value, use that
                                   (the shell's history and the process list will
                                   have seen it)
          --pat-stdin              Read the token from standard input
          --pat-file <FILE>        Read the token from a file (`-` is standard
                                   input)
          --pat-env <VAR>          Read the token from an environment variable
          --oauth-token [<TOKEN>]  Ask for an OAuth access token, hidden; with a
                                   value, use that
          --oauth-token-stdin      Read an OAuth access token from standard input
          --oauth-token-env <VAR>  Read an OAuth access token from an environment
                                   variable

    The connection:
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
              What the token is wanted for: git, import, webhooks, status, read, or
              single permissions and scopes. Chooses what the pre-filled page ticks;
              a token that lacks any of it is not kept
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

    The webhook's secret:
          --webhook-secret-stdin
              Keep a webhook secret that exists already, read from standard input
          --webhook-secret-file <FILE>
              Read the webhook secret from a file (`-` is standard input)
          --webhook-secret-env <VAR>
              Read the webhook secret from an environment variable
          --accept-former-for <TIME>
              Where this replaces a webhook secret: accept the former one, too, for
              so long, as `7d` or `12h`, until it is changed everywhere
          --webhook-only
              No token at all: a connection that only receives webhooks, called
              `webhook@host`. Its secret is made unless it is given
          --public-url <BASE>
              With a webhook secret: where forges reach whoever receives, as
              `https://hooks.example.com`; remembered. A path in it is for a proxy,
              which takes it away: `connect webhook listen` answers at `/hooks/<id>`
              [env: CONNECT_PUBLIC_URL]

    (options everywhere)
    Examples:
      connect gitlab --pat
      connect gitlab --host gitlab.example.com:8443 --pat-file token.txt
      connect gitlab --pat-env GITLAB_TOKEN --store env --no-input --json
    ");
}
