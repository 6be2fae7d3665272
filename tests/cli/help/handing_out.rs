//! Help of the commands that hand tokens to other programs.

use super::help;

#[test]
fn of_exec() {
    insta::assert_snapshot!(help(&["exec"], "--help"), @"");
    insta::assert_snapshot!(help(&["exec"], "-h").lines().next().unwrap(), @"");
}

#[test]
fn of_api() {
    insta::assert_snapshot!(help(&["api"], "--help"), @"");
    insta::assert_snapshot!(help(&["api"], "-h").lines().next().unwrap(), @"");
}
