//! `connect setup-git --undo`: what was added goes, all else stays byte for byte.

use std::fs;

use super::Desk;
use super::setup::THEIRS;
use crate::support::Cast as _;

#[test]
fn all_else_stays_byte_for_byte() {
    let desk = Desk::new();
    desk.hub().lab();
    for theirs in [
        THEIRS.to_owned(),
        String::new(),
        format!("{THEIRS}[credential \"{}\"]\n    username = octocat\n", desk.world.github_url()),
        format!("[credential \"{}/\"] ; ours?\n\tuseHttpPath\n{THEIRS}", desk.world.github_url()),
    ] {
        fs::write(desk.gitconfig(), &theirs).unwrap();
        for only in [&[][..], &["--only"][..]] {
            desk.set_up(only);
            assert_ne!(fs::read_to_string(desk.gitconfig()).unwrap(), theirs);
            desk.set_up(&["--undo"]);
            assert_eq!(fs::read_to_string(desk.gitconfig()).unwrap(), theirs);
        }
    }
}

#[test]
fn one_host_of_several() {
    let desk = Desk::new();
    desk.hub().lab().set_up(&[]);
    let url = desk.world.gitlab_url();
    let document = desk.connect(["setup-git", "--undo", "--host", &url, "--yes"]).json().succeeds().document();
    assert_eq!(document["hosts"][0]["asked"], false);
    let lines = desk.lines();
    assert!(lines.contains("GITHUB") && !lines.contains("GITLAB"), "{lines}");
}

#[test]
fn what_others_wrote_is_not_taken_for_ones_own() {
    let desk = Desk::new();
    desk.hub();
    desk.home.github(&desk.world, "collaborator").with(["--name", "bot"]).ends().succeeds().never_says("error");
    desk.home.connect(["use", "bot", "--on", "agility-game"]).ends().succeeds().never_says("error");
    let url = desk.world.github_url();
    // They had these before.
    let theirs =
        format!("[credential]\n\thelper = connect\n[credential \"{url}\"]\n\thelper =\n\tuseHttpPath = true\n");
    fs::write(desk.gitconfig(), &theirs).unwrap();
    desk.set_up(&[]).set_up(&["--undo"]);
    assert_eq!(fs::read_to_string(desk.gitconfig()).unwrap(), theirs);
    // connect's note of its lines is lost: those that name it can still be told.
    fs::remove_file(desk.gitconfig()).unwrap();
    desk.set_up(&[]);
    fs::remove_file(desk.home.connect_home().join("state/git.json")).unwrap();
    desk.set_up(&["--undo"]);
    assert_eq!(desk.lines(), "[credential \"GITHUB\"]\n\tuseHttpPath = true\n");
    // A line that somebody has doubled meanwhile is theirs too.
    fs::remove_file(desk.gitconfig()).unwrap();
    desk.set_up(&[]);
    desk.git(["config", "--global", "--add", &format!("credential.{url}.useHttpPath"), "true"])
        .ends()
        .succeeds()
        .never_says("error");
    let undone = desk.connect(["setup-git", "--undo", "--yes", "--quiet"]).ends();
    insta::assert_snapshot!(desk.shown(&undone), @"
    exit 0
    --- stdout
    ✓ 1 line taken out; the rest is as it was
    ! credential.http://GITHUB.useHttpPath stands there more than once, and stays
      → `git config --global --edit`
    ");
}
