//! What people do at the forges themselves, beside connect: one request over plain HTTP.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use forge_sandbox::Sandbox;
use serde_json::Value;

/// The status, and the JSON that came back.
pub type Seen = (u16, Value);

/// A request to GitHub with one of its tokens; the path begins with `/repos`.
pub fn github(world: &Sandbox, token: &str, method: &str, path: &str, body: &Value) -> Seen {
    ask(&world.github_api_url(), &world.github_token(token), method, path, body)
}

/// A request to GitLab with one of its tokens; the path begins with `/projects`.
pub fn gitlab(world: &Sandbox, token: &str, method: &str, path: &str, body: &Value) -> Seen {
    ask(&world.gitlab_api_url(), &world.gitlab_token(token), method, path, body)
}

fn ask(api: &str, token: &str, method: &str, path: &str, body: &Value) -> Seen {
    let (host, base) = api.strip_prefix("http://").unwrap().split_once('/').unwrap();
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let mut stream = TcpStream::connect(host).unwrap();
    let length = body.len();
    write!(
        stream,
        "{method} /{base}{path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {token}\r\n\
         User-Agent: by-hand\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, serde_json::from_str(body).unwrap_or(Value::Null))
}
