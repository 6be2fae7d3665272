//! Prompts, in a real terminal.

use crate::support::output::scrubbed;
use crate::support::{Cast as _, Home, world};

#[test]
fn the_page_the_hidden_prompt_and_the_token_kept() {
    let (home, world) = (Home::new(), world());
    let token = world.github_token("classic");
    let call = home.connect(["github", "--pat", "--api-url", &world.dotcom_api_url(), "--store", "plain"]);
    let mut terminal = call.env("NO_COLOR", "1").at_terminal();
    terminal.sees("Token (hidden): ").types(&token);
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (0, true), "{}", ended.screen);
    assert!(!ended.screen.contains(&token) && !ended.screen.contains(&token[4..12]), "{}", ended.screen);
    let (before, _) = ended.screen.split_once("Token (hidden)").unwrap();
    insta::assert_snapshot!(scrubbed(before, &home.path().display().to_string()), @r#"
    Make a token for github.com here, unless you have one (for: git, read):

      https://github.com/settings/personal-access-tokens/new?name=connect&expires_in=90&contents=write&workflows=write&issues=read&pull_requests=read&statuses=read&metadata=read

      Token name         connect
      Expiration         90 days
      Contents           Read and write
      Workflows          Read and write
      Issues             Read-only
      Pull requests      Read-only
      Commit statuses    Read-only
      Metadata           Read-only
      Repository access  choose "Only select repositories", and which
      Resource owner     choose the user or organisation that owns the repositories

    For other work (import, webhooks, status): `connect new-token github --for TASK`.
    "#);
    assert_eq!(home.connect(["token", "octocat@github.com"]).ends().stdout().trim(), token);
}

#[test]
fn without_a_flag_it_asks_too_and_for_gitlab_says_what_a_token_reaches() {
    let (home, world) = (Home::new(), world());
    let call = home.connect(["gitlab", "--host", &world.gitlab_url(), "--store", "plain", "--for", "git"]);
    let mut terminal = call.env("NO_COLOR", "1").at_terminal();
    terminal.sees("One token reaches all that its one account reaches").sees("Token (hidden): ");
    terminal.types(&format!("  {}  ", world.gitlab_token("api")));
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (0, true), "{}", ended.screen);
    assert!(ended.screen.contains("write_repository"), "{}", ended.screen);
    assert!(ended.screen.contains("reaches"), "{}", ended.screen);
}

#[test]
fn ctrl_c_at_the_hidden_prompt() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").ends().succeeds().never_says("error");
    let before = home.contents();
    let call = home.connect(["github", "--pat", "--api-url", &world.dotcom_api_url()]);
    let mut terminal = call.at_terminal();
    terminal.sees("Token (hidden): ").control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    assert!(ended.screen.contains("interrupted"), "{}", ended.screen);
    assert_eq!(home.contents(), before);
}

/// Nobody reads this signal as a key, before or after the prompt has taken the terminal.
#[test]
#[cfg(target_os = "linux")]
fn an_interrupt_from_outside_at_the_hidden_prompt() {
    for signal in ["-INT", "-TERM", "-HUP"] {
        let home = Home::new();
        let before = home.contents();
        let mut terminal = home.connect(["github", "--pat"]).at_terminal();
        terminal.sees("Token (hidden): ");
        let ours = |folder: &std::path::Path| {
            let of_this_home = std::fs::read(folder.join("environ")).is_ok_and(|variables| {
                String::from_utf8_lossy(&variables).contains(home.connect_home().to_str().unwrap())
            });
            of_this_home && std::fs::read_link(folder.join("exe")).is_ok_and(|exe| exe.ends_with("connect"))
        };
        let processes = std::fs::read_dir("/proc").unwrap().map(|entry| entry.unwrap().path());
        let program = processes.filter(|folder| ours(folder)).last().expect("the program is at its prompt");
        let killed = std::process::Command::new("kill").arg(signal).arg(program.file_name().unwrap()).status();
        assert!(killed.unwrap().success());
        let ended = terminal.ends();
        assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
        assert!(ended.screen.contains("interrupted"), "{}", ended.screen);
        assert_eq!(home.contents(), before);
    }
}

#[test]
fn the_end_of_input_at_the_hidden_prompt() {
    let home = Home::new();
    let before = home.contents();
    let mut terminal = home.connect(["github", "--pat"]).at_terminal();
    terminal.sees("Token (hidden): ").control('d');
    let ended = terminal.ends();
    assert!(ended.code != 0 && ended.echoes, "{} {}", ended.code, ended.screen);
    assert_eq!(home.contents(), before);
}

#[test]
fn nothing_typed() {
    let home = Home::new();
    let mut terminal = home.connect(["github", "--pat"]).at_terminal();
    terminal.sees("Token (hidden): ").types("");
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (2, true), "{}", ended.screen);
}

#[test]
fn a_pipe_is_not_a_terminal() {
    let home = Home::new();
    let ended = home.connect(["github", "--pat-stdin"]).at_terminal().ends();
    assert_eq!(ended.code, 2, "{}", ended.screen);
    assert!(ended.screen.contains("which would show the token"), "{}", ended.screen);
    let ended = home.connect(["github", "--pat", "--no-input"]).at_terminal().ends();
    assert_eq!(ended.code, 2, "{}", ended.screen);
}

#[test]
fn another_account_is_asked_about() {
    let (home, world) = (Home::new(), world());
    home.dotcom(&world, "classic").with(["--name", "shared"]).ends().succeeds().never_says("error");
    let path = home.file("token.txt", &world.github_token("collaborator"));
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--name", "shared", "--pat-file", &path]);
    let before = home.contents();
    for answer in ["n", "", "nonsense"] {
        let mut terminal = call.clone().at_terminal();
        terminal.sees("octocat at github.com").sees("[y/N]").types(answer);
        let ended = terminal.ends();
        assert_eq!(ended.code, 9, "{answer}: {}", ended.screen);
        assert_eq!(home.contents(), before);
    }
    let mut terminal = call.at_terminal();
    terminal.sees("[y/N]").types("y");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert_eq!(home.record("shared")["account"]["login"], "hubot");
    assert_eq!((home.secrets().len(), home.journal().len()), (1, 0));
}

#[test]
fn a_token_of_the_other_forge_is_asked_about() {
    let (home, world) = (Home::new(), world());
    let path = home.file("token.txt", &world.gitlab_token("api"));
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-file", &path]);
    let mut terminal = call.at_terminal();
    terminal.sees("looks like a token of GitLab").sees("[y/N]").types("n");
    let ended = terminal.ends();
    assert_eq!(ended.code, 9, "{}", ended.screen);
    assert!(world.requests().is_empty(), "it was not sent anywhere");
}

#[test]
fn ctrl_c_while_the_forge_is_asked() {
    let (home, world) = (Home::new(), world());
    world.fault(forge_sandbox::Fault::github().never_answer());
    let path = home.file("token.txt", &world.github_token("classic"));
    let before = home.contents();
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-file", &path, "--store", "plain"]);
    let mut terminal = call.env("NO_COLOR", "1").at_terminal();
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(30);
    while world.requests().is_empty() {
        assert!(std::time::Instant::now() < deadline, "the forge is never asked");
        std::thread::yield_now();
    }
    terminal.control('c');
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (130, true), "{}", ended.screen);
    assert_eq!(home.contents(), before);
}

#[test]
fn the_passphrase_of_a_new_file_store_is_asked_for_twice() {
    let (home, world) = (Home::new(), world());
    let path = home.file("token.txt", &world.github_token("classic"));
    let call = home.connect(["github", "--api-url", &world.dotcom_api_url(), "--pat-file", &path, "--store", "file"]);
    let mut terminal = call.clone().at_terminal();
    terminal.sees("New passphrase: ").types("one two").sees("The same again: ").types("one three");
    let ended = terminal.ends();
    assert_eq!((ended.code, ended.echoes), (8, true), "{}", ended.screen);
    assert_eq!((home.records().len(), home.secrets().len(), home.journal().len()), (0, 0, 0));
    let mut terminal = call.at_terminal();
    terminal.sees("New passphrase: ").types("one two").sees("The same again: ").types("one two");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(!ended.screen.contains("one two"), "{}", ended.screen);
    let mut terminal = home.connect(["token", "octocat@github.com"]).at_terminal();
    terminal.sees("Passphrase of the file store: ").types("one two");
    let ended = terminal.ends();
    assert_eq!(ended.code, 0, "{}", ended.screen);
    assert!(ended.screen.contains(&world.github_token("classic")), "{}", ended.screen);
}
