//! Where a forge is, and where its API is.

use std::fmt;

use url::Url;

use super::ForgeKind;

/// A forge's address: the base that people see, and the base that requests go to. What kind of
/// host it is follows the first, where requests go follows the second.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    kind: ForgeKind,
    flavour: Flavour,
    url: Url,
    api_url: Url,
}

/// What kind of host it is; several answers and pages differ by it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Flavour {
    /// github.com
    GitHubCom,
    /// A GitHub with data residency, `SUBDOMAIN.ghe.com`.
    GheCom,
    /// GitHub Enterprise Server.
    GitHubServer,
    /// gitlab.com
    GitLabCom,
    /// A self-managed GitLab (or GitLab Dedicated).
    GitLabSelfManaged,
}

/// Why a text names no forge. Each says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotAHost {
    /// It does not read as a host or URL at all.
    #[error("this is not a host name or an https URL")]
    Unreadable,
    /// Some other scheme than http and https.
    #[error("only https URLs are accepted")]
    Scheme,
    /// Plain http to somewhere else than this machine, without `--allow-http`.
    #[error("plain http would send the token readable over the network")]
    PlainHttp,
    /// `user:password@` in it.
    #[error("the URL carries a user name or password")]
    UserInfo,
    /// `?…` or `#…` in it.
    #[error("the URL carries a query or a fragment")]
    Query,
    /// A path on a host that has none, as when a repository's URL is pasted.
    #[error("`{host}` is reached without a path")]
    Path {
        /// The host as it should have been given.
        host: String,
    },
    /// The other vendor's own host.
    #[error("`{host}` is {other}")]
    OtherForge {
        /// The host.
        host: String,
        /// Whose it is.
        other: ForgeKind,
    },
}

impl Host {
    /// The vendor's own: github.com, gitlab.com.
    ///
    /// # Errors
    /// Never in practice; the names are constants.
    pub fn vendor(kind: ForgeKind) -> Result<Self, NotAHost> {
        Self::parse(kind, kind.vendor_host(), None, false)
    }

    /// Reads what `--host` and `--api-url` gave: `gitlab.example.com`, `gitlab.example.com:8443`, or a
    /// whole base URL with a path. Plain http is for loopback addresses, unless `allow_http`.
    ///
    /// # Errors
    /// [`NotAHost`].
    pub fn parse(kind: ForgeKind, host: &str, api_url: Option<&str>, allow_http: bool) -> Result<Self, NotAHost> {
        let mut url = base_url(host, allow_http)?;
        let (flavour, name) = flavour(kind, &url)?;
        if let Some(name) = name {
            // `www.github.com` and `api.github.com` are ways to say github.com.
            url.set_host(Some(name)).map_err(|_| NotAHost::Unreadable)?;
        }
        if !matches!(flavour, Flavour::GitHubServer | Flavour::GitLabSelfManaged) && url.path() != "/" {
            return Err(NotAHost::Path { host: url.host_str().unwrap_or_default().to_owned() });
        }
        let api_url = match api_url {
            Some(text) => base_url(text, allow_http)?,
            None => default_api_url(flavour, &url)?,
        };
        Ok(Self { kind, flavour, url, api_url })
    }

    /// GitHub or GitLab.
    pub const fn kind(&self) -> ForgeKind {
        self.kind
    }

    /// What kind of host it is.
    pub const fn flavour(&self) -> Flavour {
        self.flavour
    }

    /// The base URL people see, as records hold it: without a slash at the end.
    pub fn url(&self) -> &str {
        without_slash(&self.url)
    }

    /// The base URL of the REST API, without a slash at the end.
    pub fn api_url(&self) -> &str {
        without_slash(&self.api_url)
    }

    /// The base URL of the REST API, to make request URLs of.
    pub const fn api_base(&self) -> &Url {
        &self.api_url
    }

    /// Where its GraphQL API answers: beside the REST API, and on servers of one's own beside its version.
    ///
    /// GitHub docs, "Forming calls with GraphQL" (`https://api.github.com/graphql`, `https://HOST/api/graphql`); GitLab
    /// docs, "GraphQL API" (`https://gitlab.example.com/api/graphql`).
    pub fn graphql_url(&self) -> Url {
        let mut url = self.api_url.clone();
        let path = url.path().trim_end_matches('/');
        let above =
            path.strip_suffix("/v3").or_else(|| path.strip_suffix("/v4")).filter(|above| above.ends_with("/api"));
        let path = format!("{}/graphql", above.unwrap_or(path));
        url.set_path(&path);
        url
    }

    /// The base URL people see, to make pages' URLs of.
    pub const fn web_base(&self) -> &Url {
        &self.url
    }

    /// Whether requests go to a host of the vendor's own (github.com, *.ghe.com, gitlab.com), which
    /// need not first be asked what it is. Not so when `--api-url` leads elsewhere.
    pub fn is_vendors_own(&self) -> bool {
        !matches!(self.flavour, Flavour::GitHubServer | Flavour::GitLabSelfManaged)
            && default_api_url(self.flavour, &self.url).is_ok_and(|usual| usual.origin() == self.api_url.origin())
    }

    /// Whether requests go to this machine itself.
    pub fn is_loopback(&self) -> bool {
        is_loopback(&self.api_url)
    }

    /// Whether the token would travel unencrypted beyond this machine: `--allow-http` was needed.
    pub fn is_plain_http(&self) -> bool {
        [&self.url, &self.api_url].iter().any(|url| url.scheme() == "http" && !is_loopback(url))
    }

    /// The flag that leads a command to this host, ` --host …` with a space before it; nothing for the
    /// vendor's own, which is meant without it.
    pub fn flag(&self) -> String {
        match self.flavour {
            Flavour::GitHubCom | Flavour::GitLabCom => String::new(),
            _ if self.url.scheme() == "http" => format!(" --host {}", self.url()),
            _ => format!(" --host {self}"),
        }
    }

    /// The address of a page on the forge, below its base path; `path` starts without a slash.
    pub fn page(&self, path: &str) -> Url {
        let mut page = self.url.clone();
        page.set_path(&format!("{}/{path}", self.url.path().trim_end_matches('/')));
        page
    }
}

/// The short name used in default names and tables: host, port unless it is the usual one, base path.
impl fmt::Display for Host {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.host_str().unwrap_or_default())?;
        if let Some(port) = self.url.port() {
            write!(f, ":{port}")?;
        }
        f.write_str(self.url.path().trim_end_matches('/'))
    }
}

fn without_slash(url: &Url) -> &str {
    url.as_str().trim_end_matches('/')
}

fn base_url(text: &str, allow_http: bool) -> Result<Url, NotAHost> {
    let text = text.trim();
    let whole = if text.contains("://") { text.to_owned() } else { format!("https://{text}") };
    let mut url = Url::parse(&whole).map_err(|_| NotAHost::Unreadable)?;
    if !matches!(url.scheme(), "https" | "http") {
        return Err(NotAHost::Scheme);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(NotAHost::UserInfo);
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(NotAHost::Query);
    }
    let name = url.host_str().unwrap_or_default().trim_end_matches('.').to_owned();
    if name.is_empty() || name.contains(char::is_whitespace) || super::text::begins_like_a_token(&name) {
        return Err(NotAHost::Unreadable);
    }
    url.set_host(Some(&name)).map_err(|_| NotAHost::Unreadable)?;
    if url.scheme() == "http" && !is_loopback(&url) && !allow_http {
        return Err(NotAHost::PlainHttp);
    }
    let path = url.path().trim_end_matches('/').to_owned();
    url.set_path(&path);
    Ok(url)
}

/// Whether a URL leads to this machine and nowhere else.
pub fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        Some(url::Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

/// What kind of host it is, and the name it should have been given by.
fn flavour(kind: ForgeKind, url: &Url) -> Result<(Flavour, Option<&'static str>), NotAHost> {
    let name = url.host_str().unwrap_or_default();
    let whose = match name {
        "github.com" | "www.github.com" | "api.github.com" => Some((Flavour::GitHubCom, Some("github.com"))),
        "gitlab.com" | "www.gitlab.com" => Some((Flavour::GitLabCom, Some("gitlab.com"))),
        name if name.ends_with(".ghe.com") => Some((Flavour::GheCom, None)),
        _ => None,
    };
    let other = |whose| Err(NotAHost::OtherForge { host: name.to_owned(), other: whose });
    match (kind, whose) {
        (ForgeKind::GitHub, Some((Flavour::GitLabCom, _))) => other(ForgeKind::GitLab),
        (ForgeKind::GitLab, Some((Flavour::GitHubCom | Flavour::GheCom, _))) => other(ForgeKind::GitHub),
        (_, Some(found)) => Ok(found),
        (ForgeKind::GitHub, None) => Ok((Flavour::GitHubServer, None)),
        (ForgeKind::GitLab, None) => Ok((Flavour::GitLabSelfManaged, None)),
    }
}

/// GitHub REST: github.com is served at api.github.com, `*.ghe.com` at `api.SUBDOMAIN.ghe.com`,
/// Enterprise Server below `/api/v3`; GitLab REST: below `/api/v4` everywhere.
fn default_api_url(flavour: Flavour, url: &Url) -> Result<Url, NotAHost> {
    let mut api = url.clone();
    let below = |path: &str| format!("{}/{path}", url.path().trim_end_matches('/'));
    match flavour {
        Flavour::GitHubCom | Flavour::GheCom => {
            let name = format!("api.{}", url.host_str().unwrap_or_default().trim_start_matches("api."));
            api.set_host(Some(&name)).map_err(|_| NotAHost::Unreadable)?;
        }
        Flavour::GitHubServer => api.set_path(&below("api/v3")),
        Flavour::GitLabCom | Flavour::GitLabSelfManaged => api.set_path(&below("api/v4")),
    }
    Ok(api)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(kind: ForgeKind, text: &str) -> Result<(String, String, String), NotAHost> {
        Host::parse(kind, text, None, false).map(|h| (h.to_string(), h.url().to_owned(), h.api_url().to_owned()))
    }

    #[test]
    fn bases() {
        use ForgeKind::{GitHub, GitLab};
        for (kind, text, label, url, api) in [
            (GitHub, "github.com", "github.com", "https://github.com", "https://api.github.com"),
            (GitHub, "https://API.github.com/", "github.com", "https://github.com", "https://api.github.com"),
            (GitHub, "acme.ghe.com", "acme.ghe.com", "https://acme.ghe.com", "https://api.acme.ghe.com"),
            (
                GitHub,
                "ghes.example.com",
                "ghes.example.com",
                "https://ghes.example.com",
                "https://ghes.example.com/api/v3",
            ),
            (GitLab, "gitlab.com", "gitlab.com", "https://gitlab.com", "https://gitlab.com/api/v4"),
            (
                GitLab,
                "g.example.com:8443",
                "g.example.com:8443",
                "https://g.example.com:8443",
                "https://g.example.com:8443/api/v4",
            ),
            (
                GitLab,
                "https://example.com/gitlab/",
                "example.com/gitlab",
                "https://example.com/gitlab",
                "https://example.com/gitlab/api/v4",
            ),
            (GitLab, "http://127.0.0.1:80", "127.0.0.1", "http://127.0.0.1", "http://127.0.0.1/api/v4"),
            (GitLab, "[::1]:8080", "[::1]:8080", "https://[::1]:8080", "https://[::1]:8080/api/v4"),
        ] {
            assert_eq!(host(kind, text), Ok((label.into(), url.into(), api.into())), "{text}");
        }
    }

    #[test]
    fn refusals() {
        use ForgeKind::{GitHub, GitLab};
        assert_eq!(host(GitLab, "http://gitlab.example.com"), Err(NotAHost::PlainHttp));
        assert_eq!(host(GitLab, "http://127.0.0.1.example.com"), Err(NotAHost::PlainHttp));
        assert_eq!(host(GitLab, "ftp://gitlab.com"), Err(NotAHost::Scheme));
        assert_eq!(host(GitLab, "https://u:p@gitlab.com"), Err(NotAHost::UserInfo));
        assert_eq!(host(GitLab, "https://gitlab.com?x=1"), Err(NotAHost::Query));
        assert_eq!(host(GitHub, "https://github.com/octocat/x"), Err(NotAHost::Path { host: "github.com".into() }));
        assert_eq!(host(GitLab, "github.com"), Err(NotAHost::OtherForge { host: "github.com".into(), other: GitHub }));
        assert_eq!(host(GitHub, ""), Err(NotAHost::Unreadable));
        assert_eq!(host(GitHub, "a b"), Err(NotAHost::Unreadable));
    }

    #[test]
    fn another_api_url_is_not_the_vendors_own() {
        let there = Host::parse(ForgeKind::GitHub, "github.com", Some("http://127.0.0.1:4000"), false);
        assert!(there.is_ok_and(|h| !h.is_vendors_own()
            && h.flavour() == Flavour::GitHubCom
            && h.api_url() == "http://127.0.0.1:4000"));
        assert!(Host::vendor(ForgeKind::GitHub).is_ok_and(|h| h.is_vendors_own()));
    }
}
