//! Several accounts on one host: by the path, by the user name in the URL, and by neither.

use super::Desk;
use crate::support::Cast as _;

/// octocat's `hub`, and hubot's `bot`, who may push to the store and sees no diary.
fn two(desk: &Desk) {
    desk.hub();
    desk.home.github(&desk.world, "collaborator").with(["--name", "bot"]).ends().succeeds().never_says("error");
}

/// Which user git is given for a URL.
fn user_for(desk: &Desk, url: &str) -> String {
    let output = desk.git(["credential", "fill"]).stdin(format!("url={url}\n\n")).ends();
    let text = output.stdout();
    text.lines().find_map(|line| line.strip_prefix("username=")).unwrap_or("nobody").to_owned()
}

#[test]
fn by_the_path() {
    let desk = Desk::new();
    two(&desk);
    desk.home.connect(["use", "bot", "--on", "agility-game"]).ends().succeeds().never_says("error");
    desk.home.connect(["use", "hub", "--default"]).ends().succeeds().never_says("error");
    desk.set_up(&[]);
    let store = desk.at_github("agility-game/home-assistant-community-store");
    assert_eq!(user_for(&desk, &store), "hubot");
    assert_eq!(user_for(&desk, &desk.at_github(super::DIARY)), "octocat");
    desk.clone(&desk.at_github(super::DIARY), "diary").succeeds().never_says("connect:");
    desk.clone(&store, "store").succeeds().never_says("connect:");
    desk.world.clear_requests();
    desk.push("store", "by-hubot").succeeds().never_says("connect:");
    // Not the default's, whose token could do it as well.
    let state = desk.world.state().to_string();
    assert!(state.contains("by-hubot") || !desk.world.requests().is_empty());
    let pushed = desk.world.state()["github"]["writes"].to_string();
    assert!(pushed.contains("collaborator") && !pushed.contains("\"classic\""), "{pushed}");
}

#[test]
fn by_the_user_name_in_the_url() {
    let desk = Desk::new();
    two(&desk);
    desk.set_up(&[]);
    let url = |user: &str| desk.at_github(super::DIARY).replace("://", &format!("://{user}@"));
    assert_eq!(user_for(&desk, &url("octocat")), "octocat");
    assert_eq!(user_for(&desk, &url("HUBOT")), "HUBOT");
    desk.clone(&url("octocat"), "mine").succeeds().never_says("connect:");
    let hidden = desk.clone(&url("hubot"), "not-mine").exits(128);
    assert!(hidden.stderr().contains("not found"), "{}", hidden.shown());
    // git says both, then: the name, and that nobody else is meant.
    assert_eq!(user_for(&desk, &url("mona")), "nobody");
    // Neither a name nor a default: none is chosen, and it is said how one is.
    let output = desk.clone(&desk.at_github(super::DIARY), "whose").exits(128);
    let line = output.stderr().lines().find(|line| line.starts_with("connect: ")).unwrap_or_default().to_owned();
    assert!(line.contains("`bot`") && line.contains("`hub`"), "{}", output.shown());
    assert_eq!(output.stderr().matches("connect: ").count(), 1, "{}", output.shown());
    desk.home.connect(["use", "hub", "--default"]).ends().succeeds().never_says("error");
    desk.clone(&desk.at_github(super::DIARY), "whose").succeeds().never_says("connect:");
}
