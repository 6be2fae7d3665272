//! Hosts that are not the connection's: they get nothing, whatever leads there.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

use forge_sandbox::Fault;

use super::{DIARY, Desk};

/// A server of somebody else's: it wants a password from everybody, and notes what it is sent.
struct Stranger {
    port: u16,
    heard: Arc<Mutex<Vec<String>>>,
}

impl Stranger {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&heard);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let notes = Arc::clone(&notes);
                thread::spawn(move || answer(stream, &notes));
            }
        });
        Self { port, heard }
    }

    /// It was asked, and nobody told it anything.
    fn heard_no_secret(&self) {
        let heard = self.heard.lock().unwrap();
        assert!(!heard.is_empty(), "nobody came");
        // With a user in the URL, git says the name and nothing more: `octocat:`.
        let only_a_name = |line: &str| line == "Authorization: Basic b2N0b2NhdDo=";
        let says = |line: &str| line.to_lowercase().contains("authorization") && !only_a_name(line);
        let bad = |line: &&String| says(line) || line.contains("ghp_");
        assert_eq!(heard.iter().find(bad), None);
    }
}

fn answer(stream: TcpStream, notes: &Mutex<Vec<String>>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 0) {
        if line.trim().is_empty() {
            let _ = stream.write_all(
                b"HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"GitHub\"\r\nContent-Length: 0\r\n\r\n",
            );
        } else {
            notes.lock().unwrap().push(line.trim().to_owned());
        }
        line.clear();
    }
}

/// connect is asked for every host there is: what it does not answer is its own decision.
fn asked_for_all(desk: &Desk) {
    let helper = std::path::Path::new(crate::support::call::PROGRAM).with_file_name("git-credential-connect");
    let call = desk.git(["config", "--global", "credential.helper", &helper.display().to_string()]);
    call.ends().succeeds().never_says("error");
}

#[test]
fn look_alikes_and_other_ports() {
    let desk = Desk::new();
    let stranger = Stranger::new();
    desk.hub();
    asked_for_all(&desk);
    let port = stranger.port;
    for host in ["127.0.0.1", "localhost", "127.0.0.1.evil.test", "octocat@127.0.0.1"] {
        let url = format!("http://{host}:{port}/{DIARY}.git");
        let resolve = format!("http.curloptResolve=127.0.0.1.evil.test:{port}:127.0.0.1");
        let output = desk.git(["-c", &resolve, "clone", "-q", &url, "no"]).ends().exits(128);
        output.never_says("ghp_");
        assert!(output.stderr().contains("could not read"), "{}", output.shown());
    }
    stranger.heard_no_secret();
    // Nor by what git is told to ask: other schemes, hosts with something before or behind them.
    let there = desk.world.github_url().replace("http://", "");
    for asked in [
        format!("protocol=https\nhost={there}\n\n"),
        format!("protocol=http\nhost={there}.evil.test\n\n"),
        format!("protocol=http\nhost={there}0\n\n"),
        format!("protocol=ftp\nhost={there}\n\n"),
    ] {
        let output = desk.git(["credential", "fill"]).stdin(&asked).ends().exits(128);
        output.never_says("password=").never_says("ghp_");
    }
}

#[test]
fn a_redirect_to_somebody_else() {
    let desk = Desk::new();
    let stranger = Stranger::new();
    desk.hub();
    asked_for_all(&desk);
    let elsewhere = format!("http://127.0.0.1:{}/{DIARY}.git/info/refs?service=git-upload-pack", stranger.port);
    // Before a password is wanted, and after it was given.
    for fault in [Fault::github(), Fault::github().token("classic")] {
        let fault = desk.world.fault(fault.path("/octocat/diary.git").answer(302, &[("location", &elsewhere)], ""));
        let output = desk.clone(&desk.at_github(DIARY), "no").exits(128);
        output.never_says("ghp_");
        desk.world.remove_fault(fault);
    }
    stranger.heard_no_secret();
}

#[test]
fn a_submodule_on_another_host() {
    let desk = Desk::new();
    let stranger = Stranger::new();
    desk.hub();
    asked_for_all(&desk);
    desk.clone(&desk.at_github(DIARY), "diary").succeeds().never_says("fatal");
    let folder = desk.work().join("diary");
    let url = format!("http://127.0.0.1:{}/octocat/diary.git", stranger.port);
    std::fs::write(folder.join(".gitmodules"), format!("[submodule \"sub\"]\n\tpath = sub\n\turl = {url}\n")).unwrap();
    let commit = desk.git_in(&folder, ["rev-parse", "HEAD"]).ends().stdout().trim().to_owned();
    let quietly = |arguments: &[&str]| drop(desk.git_in(&folder, arguments).ends().succeeds());
    quietly(&["update-index", "--add", "--cacheinfo", &format!("160000,{commit},sub")]);
    quietly(&["add", ".gitmodules"]);
    quietly(&["commit", "-qm", "Take somebody else's code"]);
    quietly(&["push", "-q", "origin", "HEAD"]);
    let output = desk.git(["clone", "-q", "--recurse-submodules", &desk.at_github(DIARY), "whole"]).ends().exits(1);
    output.never_says("ghp_");
    stranger.heard_no_secret();
}
