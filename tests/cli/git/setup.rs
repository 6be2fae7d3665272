//! `connect setup-git`: what it writes, for which hosts, and what it leaves alone.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use serde_json::{Value, json};

use super::Desk;
use crate::support::Cast as _;
use crate::support::call::PROGRAM;

/// A file as a person keeps it: comments, odd spaces, a helper of their own.
pub(super) const THEIRS: &str =
    "# mine\n[user]\n\tname = Ada   ; the first\n[credential]\n  helper=cache --timeout=300\n[alias] st = status\n";

fn hosts(document: &Value) -> &Vec<Value> {
    document["hosts"].as_array().unwrap()
}

#[test]
fn the_lines_are_shown_written_once_and_taken_out_again() {
    let desk = Desk::new();
    desk.hub();
    let before = desk.home.contents();
    let dry = desk.connect(["setup-git", "--dry-run"]).ends();
    insta::assert_snapshot!(desk.shown(&dry), @r#"
    exit 0
    --- stdout
    ~/.gitconfig (a new file)
      [credential "http://GITHUB"]
      +   helper = BIN/git-credential-connect
    "#);
    assert_eq!(desk.home.contents(), before);
    let done = desk.connect(["setup-git", "--yes"]).ends();
    insta::assert_snapshot!(desk.shown(&done), @r#"
    exit 0
    --- stdout
    ✓ git asks connect for http://GITHUB
    --- stderr
    ~/.gitconfig (a new file)
      [credential "http://GITHUB"]
      +   helper = BIN/git-credential-connect
    "#);
    insta::assert_snapshot!(desk.lines(), @r#"
    [credential "GITHUB"]
    	helper = BIN/git-credential-connect
    "#);
    let again = desk.connect(["setup-git", "--yes"]).ends();
    insta::assert_snapshot!(desk.shown(&again), @"
    exit 0
    --- stdout
    ✓ git asks connect for http://GITHUB; nothing was changed
    ");
    let undone = desk.connect(["setup-git", "--undo", "--yes"]).ends();
    insta::assert_snapshot!(desk.shown(&undone), @r#"
    exit 0
    --- stdout
    ✓ 1 line taken out; the rest is as it was
    --- stderr
    ~/.gitconfig
      [credential "http://GITHUB"]
      -   helper = BIN/git-credential-connect
    "#);
    let after: Vec<String> = desk.home.contents().into_keys().filter(|name| !name.contains("locks")).collect();
    assert_eq!(after, before.into_keys().filter(|name| !name.contains("locks")).collect::<Vec<_>>());
    let undone = desk.connect(["setup-git", "--undo", "--yes"]).ends();
    insta::assert_snapshot!(desk.shown(&undone), @"
    exit 0
    --- stdout
    · git does not ask connect there; nothing was changed
    ");
}

#[test]
fn other_helpers_stay_and_are_told_of() {
    let desk = Desk::new();
    desk.hub();
    fs::write(desk.gitconfig(), THEIRS).unwrap();
    let done = desk.connect(["setup-git", "--yes", "--quiet"]).ends();
    insta::assert_snapshot!(desk.shown(&done), @"
    exit 0
    --- stdout
    ✓ git asks connect for http://GITHUB
      ! `cache` is asked first, and told every token that works
        → `connect setup-git --host http://GITHUB --only` has git ask and tell connect alone there
    ");
    assert!(desk.lines().starts_with(THEIRS), "{}", desk.lines());
    let document = desk.connect(["setup-git", "--yes"]).json().succeeds().document();
    assert_eq!(
        hosts(&document)[0],
        json!({ "url": desk.world.github_url(), "asked": true, "first": false, "helpers": ["cache", "connect"],
            "use_http_path": null, "needs_path": false })
    );
    assert_eq!((&document["changed"], &document["lines"]), (&json!(false), &json!([])));
}

#[test]
fn only_connect_is_asked_where_that_is_wanted() {
    let desk = Desk::new();
    desk.hub();
    // What `gh auth setup-git` writes.
    let url = desk.world.github_url();
    let theirs = format!("{THEIRS}[credential \"{url}\"]\n\thelper = \n\thelper = !/usr/bin/gh auth git-credential\n");
    fs::write(desk.gitconfig(), &theirs).unwrap();
    desk.set_up(&[]);
    let document = desk.connect(["setup-git", "--dry-run"]).json().succeeds().document();
    assert_eq!(hosts(&document)[0]["helpers"], json!(["gh", "connect"]));
    let document = desk.connect(["setup-git", "--only", "--yes"]).json().succeeds().document();
    assert_eq!(hosts(&document)[0]["helpers"], json!(["connect"]));
    assert_eq!(document["lines"].as_array().unwrap().len(), 3, "{document}");
    assert!(desk.lines().starts_with(&desk.without_ports(&theirs)), "{}", desk.lines());
    let again = desk.connect(["setup-git", "--only", "--yes"]).json().succeeds().document();
    assert_eq!(again["changed"], false);
    // For others git is as it was.
    let other = desk.connect(["setup-git", "--host", "example.com", "--dry-run"]).json().succeeds().document();
    assert_eq!(hosts(&other)[0]["helpers"], json!(["cache"]));
    desk.set_up(&["--undo"]);
    assert_eq!(fs::read_to_string(desk.gitconfig()).unwrap(), theirs);
}

#[test]
fn connect_for_all_hosts_is_enough() {
    let desk = Desk::new();
    desk.hub();
    let helper = std::path::Path::new(PROGRAM).with_file_name("git-credential-connect").display().to_string();
    fs::write(desk.gitconfig(), format!("[credential]\n\thelper = {helper}\n")).unwrap();
    let document = desk.connect(["setup-git", "--yes"]).json().succeeds().document();
    assert_eq!((&document["changed"], &document["hosts"][0]["helpers"]), (&json!(false), &json!(["connect"])));
    // Another file is another matter: it was asked for.
    desk.git(["init", "-q", "here"]).ends().succeeds().never_says("error");
    let call = desk.home.connect(["setup-git", "--local", "--yes"]).without_env("GIT_DIR");
    let document = super::at(&desk.work().join("here"), call).json().succeeds().document();
    assert_eq!(document["changed"], true);
}

#[test]
fn hosts_of_every_form() {
    let desk = Desk::new();
    let all = ["gitlab.example.com:8443", "https://example.com/gitlab", "http://[::1]:8080", "WWW.GitHub.com"];
    let document = desk.connect(["setup-git", "--yes", "--host", &all.join(",")]).json().succeeds().document();
    let urls: Vec<&str> = hosts(&document).iter().map(|host| host["url"].as_str().unwrap()).collect();
    assert_eq!(
        urls,
        ["http://[::1]:8080", "https://example.com/gitlab", "https://github.com", "https://gitlab.example.com:8443"]
    );
    assert!(hosts(&document).iter().all(|host| host["first"] == true), "{document}");
    let path = |url: &str| {
        let asked = desk.git(["config", "--get-urlmatch", "credential.useHttpPath", url]).ends();
        asked.stdout().trim().to_owned()
    };
    assert_eq!(path("https://example.com/gitlab/group/project.git"), "true");
    assert_eq!(path("https://example.com/elsewhere"), "");
    for wrong in ["http://gitlab.example.com", "https://ada:secret@example.com", "ssh://git@github.com", "a b"] {
        let output = desk.connect(["setup-git", "--yes", "--host", wrong]).json();
        output.never_says("secret").clone().fails(2, "usage");
    }
}

#[test]
fn the_path_is_asked_for_where_it_decides() {
    let desk = Desk::new();
    desk.hub();
    let lacks = |desk: &Desk| desk.connect(["setup-git", "--dry-run"]).json().succeeds().document()["lines"].clone();
    assert_eq!(lacks(&desk).as_array().unwrap().len(), 1);
    desk.home.github(&desk.world, "collaborator").with(["--name", "bot"]).ends().succeeds().never_says("error");
    assert_eq!(lacks(&desk).as_array().unwrap().len(), 1, "the user name tells them apart");
    desk.home.connect(["use", "bot", "--on", "agility-game"]).ends().succeeds().never_says("error");
    desk.set_up(&[]);
    insta::assert_snapshot!(desk.lines(), @r#"
    [credential "GITHUB"]
    	helper = BIN/git-credential-connect
    	useHttpPath = true
    "#);
    // Whoever has decided otherwise is told, and not overruled.
    desk.set_up(&["--undo"]);
    desk.git(["config", "--global", "credential.useHttpPath", "false"]).ends().succeeds().never_says("error");
    let done = desk.connect(["setup-git", "--yes", "--quiet"]).ends();
    insta::assert_snapshot!(desk.shown(&done), @"
    exit 0
    --- stdout
    ✓ git asks connect for http://GITHUB
      ! useHttpPath is off: connect cannot choose by the path there
        → `git config --global credential.http://GITHUB.useHttpPath true`
    ");
}

#[test]
fn nobody_is_overruled() {
    let desk = Desk::new();
    desk.connect(["setup-git", "--yes"]).json().fails(3, "no_such_connection");
    desk.hub();
    desk.connect(["setup-git", "--no-input"]).json().fails(9, "needs_a_yes");
    desk.connect(["setup-git", "--global", "--local"]).json().fails(2, "usage");
    let mut terminal = desk.connect(["setup-git"]).at_terminal();
    terminal.sees("+   helper = ").sees("Write these lines? [y/N]").types("n");
    assert_eq!(terminal.ends().code, 9);
    assert!(!desk.gitconfig().exists());
    let mut terminal = desk.connect(["setup-git"]).at_terminal();
    terminal.sees("(a new file)").sees("Write these lines? [y/N]").types("y").sees("git asks connect for");
    assert_eq!(terminal.ends().code, 0);
    assert!(desk.gitconfig().exists());
}

#[test]
fn without_git_or_a_repository() {
    let desk = Desk::new();
    desk.hub();
    let error = desk.connect(["setup-git"]).env("PATH", "/nonexistent").json().fails(1, "no_git");
    assert!(error["hint"].as_str().unwrap().contains("install git"), "{error}");
    desk.connect(["setup-git", "--local", "--yes"]).without_env("GIT_DIR").json().fails(1, "no_repository");
    desk.git(["init", "-q", "here"]).ends().succeeds().never_says("error");
    let here = desk.work().join("here");
    let call = desk.home.connect(["setup-git", "--local", "--yes"]).without_env("GIT_DIR");
    super::at(&here, call).ends().succeeds().never_says("error");
    assert!(!desk.gitconfig().exists());
    // Nobody is there to say yes: the look that is proposed is at the same file.
    let call = desk.home.connect(["setup-git", "--local", "--undo", "--host", &desk.world.github_url()]);
    let error = super::at(&here, call.without_env("GIT_DIR")).json().fails(9, "needs_a_yes");
    let look = format!("`connect setup-git --host {} --local --undo --dry-run`", desk.world.github_url());
    assert!(error["hint"].as_str().unwrap().contains(&look), "{error}");
    let config = fs::read_to_string(here.join(".git/config")).unwrap();
    assert!(config.contains(&format!("[credential \"{}\"]", desk.world.github_url())), "{config}");
}

#[test]
fn files_of_all_sorts_are_written_by_git() {
    let desk = Desk::new();
    desk.hub();
    // A link to where the dotfiles are, read-only as some managers leave it: git replaces what it leads to.
    let dotfiles = desk.home.path().join("dotfiles");
    fs::write(&dotfiles, THEIRS).unwrap();
    fs::set_permissions(&dotfiles, fs::Permissions::from_mode(0o444)).unwrap();
    symlink(&dotfiles, desk.gitconfig()).unwrap();
    desk.set_up(&[]);
    assert!(fs::symlink_metadata(desk.gitconfig()).unwrap().is_symlink());
    assert!(fs::read_to_string(&dotfiles).unwrap().len() > THEIRS.len());
    desk.set_up(&["--undo"]);
    assert_eq!(fs::read_to_string(&dotfiles).unwrap(), THEIRS);
    // A git that was killed, or is at work.
    let lock = desk.home.path().join("dotfiles.lock");
    fs::write(&lock, "").unwrap();
    desk.connect(["setup-git", "--yes"]).json().fails(1, "busy");
    fs::remove_file(&lock).unwrap();
    assert_eq!(fs::read_to_string(&dotfiles).unwrap(), THEIRS);
    // Only the other place is there; an included file has a say.
    fs::remove_file(desk.gitconfig()).unwrap();
    let folder = desk.home.path().join("home/.config/git");
    fs::create_dir_all(&folder).unwrap();
    let included = desk.home.file("included", "[credential]\n\thelper = store\n");
    let theirs = format!("[includeIf \"gitdir:~/\"]\n\tpath = nowhere\n[include]\n\tpath = {included}\n");
    fs::write(folder.join("config"), &theirs).unwrap();
    let document = desk.connect(["setup-git", "--yes"]).json().succeeds().document();
    assert_eq!(hosts(&document)[0]["helpers"], json!(["store", "connect"]));
    assert_eq!(document["file"], json!(folder.join("config")));
    assert!(!desk.gitconfig().exists());
    desk.set_up(&["--undo"]);
    assert_eq!(fs::read_to_string(folder.join("config")).unwrap(), theirs);
    fs::write(folder.join("config"), "[credential\n").unwrap();
    desk.connect(["setup-git", "--yes"]).json().fails(1, "git_failed");
}

#[test]
fn connect_is_named_so_that_git_finds_it() {
    let desk = Desk::new();
    desk.hub();
    let folder = desk.home.path().join("my 'apps'");
    fs::create_dir(&folder).unwrap();
    let programs = std::path::Path::new(PROGRAM).parent().unwrap();
    fs::copy(PROGRAM, folder.join("connect")).unwrap();
    let own = folder.join("connect").display().to_string();
    let value = |desk: &Desk| {
        let output = desk.connect(["setup-git", "--dry-run"]).program(&own).json().succeeds();
        let value = output.document()["lines"][0]["value"].as_str().unwrap().to_owned();
        value.replace(&desk.home.path().display().to_string(), "HOME")
    };
    let answers = |desk: &Desk, program: &str| {
        desk.connect(["setup-git", "--yes"]).program(program).ends().succeeds().never_says("error");
        let url = format!("url={}\n\n", desk.at_github(super::DIARY));
        desk.git(["credential", "fill"]).stdin(url).ends().stdout().contains("username=octocat\n")
    };
    assert_eq!(value(&desk), r"!'HOME/my '\''apps'\''/connect' git-credential");
    assert!(answers(&desk, &own));
    desk.set_up(&["--undo"]);
    fs::copy(programs.join("git-credential-connect"), folder.join("git-credential-connect")).unwrap();
    assert_eq!(value(&desk), r"HOME/my\ \'apps\'/git-credential-connect");
    // The lines that are shown can be put into a file by hand.
    let shown = desk.connect(["setup-git", "--dry-run"]).program(&own).ends().succeeds().unscrubbed();
    let lines: String =
        shown.lines().skip_while(|line| !line.contains("[credential")).map(|l| l.replace('+', "") + "\n").collect();
    let by_hand = desk.home.file("by-hand", &lines);
    let key = format!("credential.{}.helper", desk.world.github_url());
    let read = desk.git(["config", "--file", &by_hand, "--get", &key]).ends().succeeds().stdout();
    let home = desk.home.path().display().to_string();
    assert_eq!(read.trim_end().replace(&home, "HOME"), r"HOME/my\ \'apps\'/git-credential-connect");
    assert!(answers(&desk, &own));
    // What a line names is gone: it is replaced.
    fs::remove_file(folder.join("git-credential-connect")).unwrap();
    assert!(answers(&desk, PROGRAM));
    assert!(!desk.lines().contains("apps"), "{}", desk.lines());
    desk.set_up(&["--undo"]);
    assert!(!desk.gitconfig().exists());
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", programs.display());
    let output = desk.connect(["setup-git", "--dry-run"]).env("PATH", &path).json().succeeds();
    assert_eq!(output.document()["lines"][0]["value"], "connect");
}

#[test]
fn the_machines_own_file() {
    let desk = Desk::new();
    desk.hub();
    let system = desk.home.path().join("gitconfig");
    let at_system = |arguments: &[&str]| {
        let call = desk.connect(["setup-git", "--system", "--yes"]).with(arguments).without_env("GIT_CONFIG_NOSYSTEM");
        call.env("GIT_CONFIG_SYSTEM", &system.display().to_string())
    };
    // The PATH of others is not this one's: the name is for programs that everybody finds.
    let programs = std::path::Path::new(PROGRAM).parent().unwrap().display().to_string();
    let path = format!("{programs}:/usr/local/bin:/usr/bin:/bin");
    let document = at_system(&[]).env("PATH", &path).json().succeeds().document();
    assert_eq!(document["lines"][0]["value"], format!("{programs}/git-credential-connect"));
    assert_eq!((&document["file"], &document["hosts"][0]["first"]), (&json!(system), &json!(true)));
    assert!(!desk.gitconfig().exists());
    at_system(&["--undo"]).ends().succeeds().never_says("error");
    assert!(!system.exists());
}

/// As somebody who may not write there: an administrator's rights are laid down for the call.
#[test]
fn the_machines_own_file_without_rights() {
    let desk = Desk::new();
    let theirs = desk.home.path().join("theirs");
    fs::create_dir(&theirs).unwrap();
    fs::set_permissions(&theirs, fs::Permissions::from_mode(0o555)).unwrap();
    let call = desk.home.connect(["setup-git", "--system", "--yes", "--host", "github.com,gitlab.com"]);
    let call = call
        .env("GIT_CONFIG_SYSTEM", &theirs.join("gitconfig").display().to_string())
        .without_env("GIT_CONFIG_NOSYSTEM");
    let is_root = fs::metadata(desk.home.path()).is_ok_and(|about| std::os::unix::fs::MetadataExt::uid(&about) == 0);
    let held = ["setpriv", "--bounding-set=-all", "--inh-caps=-all"];
    let call = if is_root { call.by_way_of(held) } else { call };
    let error = call.json().fails(1, "permission_denied");
    let hint = error["hint"].as_str().unwrap();
    assert!(hint.contains("`sudo connect setup-git --system --host github.com --host gitlab.com`"), "{error}");
}
