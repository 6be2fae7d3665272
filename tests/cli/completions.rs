//! `connect completions` and `connect man`: what shells and man(1) are given.

use std::fs;
use std::process::Command;

use crate::support::{Cast as _, Home, world};

/// What a shell is told when the tab key is pressed at the last of these words.
fn offered(home: &Home, words: &[&str]) -> Vec<String> {
    let index = (words.len() - 1).to_string();
    let output = home
        .connect(["--"])
        .with(words)
        .env("CONNECT_COMPLETE", "bash")
        .env("_CLAP_COMPLETE_INDEX", &index)
        .env("_CLAP_IFS", "\n")
        .ends()
        .succeeds();
    output.stdout().lines().map(str::to_owned).collect()
}

#[test]
fn commands_flags_and_names_of_connections() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "octocat@work"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "lab"]).ends().succeeds().never_says("error");
    assert_eq!(offered(&home, &["connect", "st"]), ["status", "store"]);
    assert!(offered(&home, &["connect", "status", "--mi"]).contains(&"--min-days".to_owned()));
    for command in ["token", "status", "disconnect", "use", "rename", "check", "history", "doctor"] {
        assert_eq!(offered(&home, &["connect", command, "octo"]), ["octocat@work"], "{command}");
        assert_eq!(offered(&home, &["connect", command, "la"]), ["lab"], "{command}");
    }
    assert_eq!(offered(&home, &["connect", "store", "migrate", "octocat@w"]), ["octocat@work"]);
    for word in ["login", "logout", "switch"] {
        assert!(!offered(&home, &["connect", ""]).contains(&word.to_owned()), "{word} is a habit, and not offered");
    }
}

#[test]
fn an_import_wants_connections_of_either_side() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "a-hub"]).ends().succeeds().never_says("error");
    home.gitlab(&world, "api").with(["--name", "a-lab"]).ends().succeeds().never_says("error");
    for (flag, name) in
        [("--github", "a-hub"), ("--status-token", "a-hub"), ("--gitlab", "a-lab"), ("--hook-token", "a-lab")]
    {
        assert_eq!(offered(&home, &["connect", "import", "o/r", "--to", "g", flag, "a-"]), [name], "{flag}");
    }
    assert_eq!(offered(&home, &["connect", "import", "list", "--github", ""]), ["a-hub"]);
    assert_eq!(offered(&home, &["connect", "import", "o/r", "--ci-template", ""]), ["minimal"]);
    assert!(offered(&home, &["connect", "import", "o/r", "--project-name", "a-"]).is_empty());
    assert_eq!(offered(&home, &["connect", "import", "st"]), ["status"]);
    assert!(offered(&home, &["connect", "import", "undo", "--d"]).contains(&"--delete-project".to_owned()));
}

#[test]
fn nothing_is_said_where_nothing_can_be_offered() {
    let home = Home::new();
    assert!(offered(&home, &["connect", "token", "octo"]).is_empty());
}

#[test]
fn a_real_bash_completes_whole_names() {
    let (home, world) = (Home::new(), world());
    home.github(&world, "classic").with(["--name", "octocat@work:8443"]).ends().succeeds().never_says("error");
    let script = home.connect(["completions", "bash"]).ends().succeeds().stdout();
    let folder = std::path::Path::new(env!("CARGO_BIN_EXE_connect")).parent().unwrap();
    let typed =
        "COMP_WORDS=(connect token octocat@work:); COMP_CWORD=2; _clap_complete_connect connect octocat@work: token";
    let ended = Command::new("bash")
        .args(["--norc", "-c", &format!("{script}\n{typed}\necho \"${{COMPREPLY[*]}}|$COMP_WORDBREAKS\"")])
        .env_clear()
        .env("PATH", format!("{}:/usr/bin:/bin", folder.display()))
        .env("CONNECT_HOME", home.connect_home())
        .output()
        .unwrap();
    let said = String::from_utf8(ended.stdout).unwrap();
    assert!(said.starts_with("octocat@work:8443"), "{said} {}", String::from_utf8_lossy(&ended.stderr));
    assert!(!said.split('|').nth(1).unwrap_or("@").contains('@'), "{said}");
}

#[test]
fn every_shell_has_its_script() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let script = home.connect(["completions", shell]).ends().succeeds().stdout();
        assert!(script.contains("CONNECT_COMPLETE"), "{shell}: {script}");
    }
    home.connect(["completions", "tcsh"]).json().fails(2, "usage");
}

#[test]
fn the_manual() {
    let home = Home::new();
    let page = home.connect(["man"]).ends().succeeds().stdout();
    assert!(page.contains(".TH connect 1"), "{page}");
    assert!(page.contains("connect\\-status(1)"), "{page}");
    assert!(!page.contains("connect\\-login"), "{page}");
    let page = home.connect(["man", "store", "migrate"]).ends().succeeds().stdout();
    assert!(page.contains("\\-\\-from"), "{page}");
    let page = home.connect(["man", "import"]).ends().succeeds().stdout();
    assert!(page.contains("\\-\\-without\\-mirror") && page.contains("connect\\-import\\-undo(1)"), "{page}");
    let page = home.connect(["man", "import", "undo"]).ends().succeeds().stdout();
    assert!(page.contains("\\-\\-delete\\-project"), "{page}");
    home.connect(["man", "nonsense"]).json().fails(2, "usage");
    let folder = home.connect_home().join("man1");
    home.connect(["man", "--dir", folder.to_str().unwrap()]).json().fails(2, "usage");
    fs::create_dir_all(&folder).unwrap();
    home.connect(["man", "--dir", folder.to_str().unwrap()]).ends().succeeds().never_says("error");
    let mut names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert!(names.contains(&"connect-store-migrate.1".into()), "{names:?}");
    assert!(!names.contains(&"connect-login.1".into()), "{names:?}");
}
