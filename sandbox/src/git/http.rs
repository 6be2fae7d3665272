//! Git's smart HTTP protocol, spoken by the system's `git http-backend`.
//!
//! A forge finds out what is [wanted](wanted), decides whether the caller may, and hands the request
//! to [`serve`], which waits for git without holding anything of the world's.
//!
//! Source: `gitprotocol-http`, `git-http-backend`.

use std::io::{self, Read as _};
use std::process::Stdio;

use bytes::Bytes;
use flate2::read::GzDecoder;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::pack_line::Push;
use super::{Repo, process};
use crate::http::{Answer, Request};

/// Fetching, or pushing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Service {
    Upload,
    Receive,
}

impl Service {
    /// The word of the protocol for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Upload => "git-upload-pack",
            Self::Receive => "git-receive-pack",
        }
    }

    fn named(name: &str) -> Option<Self> {
        [Self::Upload, Self::Receive].into_iter().find(|service| service.name() == name)
    }
}

/// What a request wants of which repository's git.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wanted {
    /// `owner/name`, `group/subgroup/project`: without `.git`.
    pub repository: String,
    /// Was it written with `.git`?
    pub dot_git: bool,
    pub service: Service,
    /// What comes before fetching and pushing: which references are there?
    pub advertise: bool,
}

impl Wanted {
    /// What stands behind the repository in the address: `/info/refs?service=git-upload-pack`.
    pub fn rest(&self) -> String {
        let service = self.service.name();
        if self.advertise { format!("/info/refs?service={service}") } else { format!("/{service}") }
    }

    /// Will this change something, or is it about to?
    pub fn writes(&self) -> bool {
        self.service == Service::Receive
    }
}

/// Is this a request for a repository's git? `path` is that within the forge.
pub(crate) fn wanted(request: &Request, path: &str) -> Option<Wanted> {
    let segments = Request::segments(path);
    let (place, service, advertise) = match (request.method.as_str(), segments.as_slice()) {
        ("GET", [place @ .., info, refs]) if info == "info" && refs == "refs" => {
            (place, Service::named(&request.query("service")?)?, true)
        }
        ("POST", [place @ .., last]) => (place, Service::named(last)?, false),
        _ => return None,
    };
    let place = place.join("/");
    let (repository, dot_git) = match place.strip_suffix(".git") {
        Some(repository) => (repository.to_owned(), true),
        None => (place, false),
    };
    repository.contains('/').then_some(Wanted { repository, dot_git, service, advertise })
}

/// The body as it was before the client compressed it.
fn plain_body(request: &Request) -> io::Result<Bytes> {
    let gzip = request.header("content-encoding").is_some_and(|coding| coding.trim().ends_with("gzip"));
    if !gzip {
        return Ok(request.body.clone());
    }
    let mut plain = Vec::new();
    GzDecoder::new(&request.body[..]).read_to_end(&mut plain)?;
    Ok(plain.into())
}

/// What a push wants to change, before it is served.
pub(crate) fn push(request: &Request) -> Push {
    plain_body(request).map(|body| Push::parse(&body)).unwrap_or_default()
}

/// A refusal of a push, in the form that git shows: the reason stands beside each reference.
pub(crate) fn refused(push: &Push, reason: &str, words: &str) -> Answer {
    let report = push.refused(reason, words);
    Answer::text(200, "application/x-git-receive-pack-result", report).with("cache-control", "no-cache")
}

/// What everybody hears on a machine without git.
fn missing() -> Answer {
    Answer::text(503, "text/plain; charset=utf-8", "git is missing on this machine: the sandbox needs it here.\n")
}

/// Lets git answer. `user` is who pushes, for git's own notes.
pub(crate) async fn serve(repo: &Repo, wanted: &Wanted, request: &Request, user: Option<&str>) -> Answer {
    if !process::is_there() {
        return missing();
    }
    let answer = match plain_body(request) {
        Ok(body) => backend(repo, wanted, request, &body, user).await,
        Err(error) => return Answer::text(400, "text/plain; charset=utf-8", format!("{error}\n")),
    };
    answer.unwrap_or_else(|error| Answer::text(503, "text/plain; charset=utf-8", format!("git: {error}\n")))
}

async fn backend(
    repo: &Repo,
    wanted: &Wanted,
    request: &Request,
    body: &[u8],
    user: Option<&str>,
) -> io::Result<Answer> {
    let end = if wanted.advertise { "info/refs" } else { wanted.service.name() };
    let mut git = process::git(repo.path(), &[]);
    git.arg("http-backend")
        .env("GIT_HTTP_EXPORT_ALL", "1")
        .env("PATH_TRANSLATED", repo.path().join(end))
        .env("REQUEST_METHOD", &request.method)
        .env("QUERY_STRING", &request.query)
        .env("CONTENT_TYPE", request.header("content-type").unwrap_or_default())
        .env("CONTENT_LENGTH", body.len().to_string())
        .env("REMOTE_ADDR", "127.0.0.1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if let Some(user) = user {
        git.env("REMOTE_USER", user);
    }
    if let Some(version) = request.header("git-protocol") {
        git.env("GIT_PROTOCOL", version);
    }
    let mut child = git.spawn()?;
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    let (mut said, mut complained) = (Vec::new(), Vec::new());
    let feed = async move {
        if let Some(mut stdin) = stdin {
            // A git that has heard enough closes its ear.
            let _ = stdin.write_all(body).await;
        }
    };
    let listen = async {
        match stdout {
            Some(mut stdout) => stdout.read_to_end(&mut said).await,
            None => Ok(0),
        }
    };
    let hear = async {
        match stderr {
            Some(mut stderr) => stderr.read_to_end(&mut complained).await,
            None => Ok(0),
        }
    };
    let ((), listened, heard) = tokio::join!(feed, listen, hear);
    listened?;
    heard?;
    child.wait().await?;
    of_cgi(&said).ok_or_else(|| io::Error::other(String::from_utf8_lossy(&complained).trim().to_owned()))
}

/// An answer from what a CGI program says: headers, `Status` among them, an empty line, the body.
fn of_cgi(said: &[u8]) -> Option<Answer> {
    let end = said.windows(4).position(|bytes| bytes == b"\r\n\r\n")?;
    let mut answer = Answer::empty(200);
    for line in String::from_utf8_lossy(&said[..end]).lines() {
        let (name, value) = line.split_once(':')?;
        if name.eq_ignore_ascii_case("status") {
            answer.status = value.split_whitespace().next()?.parse().ok()?;
        } else {
            answer.set(&name.to_ascii_lowercase(), value.trim());
        }
    }
    answer.body = Bytes::copy_from_slice(&said[end + 4..]);
    Some(answer)
}
