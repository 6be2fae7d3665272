//! The command line that brings an import about again, as it was asked for: what mends whatever has drifted.

use crate::model::import::{BegunUndo, BranchChoice, CiFile, Mode, Setup, Sync};
use crate::model::{ConnectionName, Fingerprint, ForgeKind, Import, StoreKind};

use super::super::Tools;
use super::choose::{self, Typed};
use super::template::MINIMAL;

/// `connect import O/R --to GROUP/PROJECT`, with the flags that were given then. A `.gitlab-ci.yml` is the users' own once
/// it is in the repository; one that never came there is asked for again: connect does not keep the file, `FILE` stands
/// for it.
pub(super) fn again(tools: &Tools<'_>, import: &Import) -> String {
    let mut words =
        vec!["connect import".to_owned(), import.github.path.clone(), format!("--to {}", import.gitlab.path)];
    let (github, gitlab) = (&import.github, &import.gitlab);
    words.extend(named(tools, ForgeKind::GitHub, &github.path, &github.connection));
    words.extend(named(tools, ForgeKind::GitLab, &gitlab.path, &gitlab.connection));
    words.extend(flags(&import.setup));
    words.extend(import.setup.pending_file().into_iter().flat_map(file));
    words.extend(store(tools, import));
    words.join(" ")
}

/// The flag for a connection that would not be chosen without it.
fn named(tools: &Tools<'_>, kind: ForgeKind, path: &str, name: &ConnectionName) -> Option<String> {
    let chosen = Typed::read(path).and_then(|typed| choose::connection(tools, kind, None, &typed).ok());
    (chosen.is_none_or(|chosen| chosen.name != *name)).then(|| format!("--{} {name}", kind.word()))
}

/// Where a token that is made again goes: where the one before is.
fn store(tools: &Tools<'_>, import: &Import) -> Option<String> {
    let kept = import.made.token.as_ref()?.connection.as_ref()?;
    let kept_in = tools.records.find(kept).ok().flatten()?.token?.kept_in;
    (kept_in != StoreKind::Keyring).then(|| format!("--store {kept_in}"))
}

fn flags(setup: &Setup) -> Vec<String> {
    let mut flags = Vec::new();
    let mut flag = |given: bool, words: &str| flags.extend(given.then(|| words.to_owned()));
    flag(setup.mode == Mode::Full, "--mode full");
    flag(setup.collaborators, "--import-collaborators");
    flag(setup.sync == Sync::Actions, "--sync actions");
    flag(setup.sync == Sync::Never, "--without-mirror");
    flag(setup.branches == BranchChoice::Protected, "--protected-only");
    flag(setup.sync == Sync::Mirror && !setup.webhook, "--without-webhook");
    flag(!setup.integration, "--without-integration");
    flag(setup.keep_features, "--keep-features");
    if let BranchChoice::Matching(pattern) = &setup.branches {
        flags.push(format!("--branch-regex {}", quoted(pattern)));
    }
    flags.extend(setup.visibility.as_ref().map(|who| format!("--visibility {who}")));
    flags.extend(setup.project_name.as_ref().map(|name| format!("--project-name {}", quoted(name))));
    flags.extend(setup.status_connection.as_ref().map(|name| format!("--status-token {name}")));
    flags.extend(setup.hook_connection.as_ref().map(|name| format!("--hook-token {name}")));
    flags
}

/// The flags for a `.gitlab-ci.yml`.
fn file(file: &CiFile) -> Vec<String> {
    let source = if is_minimal(file) { "--ci-template minimal" } else { "--ci-file FILE" };
    let mut flags = vec![source.to_owned()];
    flags.extend(file.branch.as_ref().map(|branch| format!("--ci-branch {}", quoted(branch))));
    flags.extend(file.pull_request.then(|| "--pull-request".to_owned()));
    flags.extend(file.overwrite.then(|| "--overwrite".to_owned()));
    flags
}

/// Whether it is the one that connect brings along.
pub(super) fn is_minimal(file: &CiFile) -> bool {
    file.digest == Fingerprint::of(MINIMAL.as_bytes())
}

/// The command that goes on with an undoing that was begun.
pub(super) fn undo_again(import: &Import, undo: &BegunUndo) -> String {
    let project = if undo.delete_project { " --delete-project" } else { "" };
    format!("connect import undo {} --to {}{project}", import.github.path, import.gitlab.path)
}

/// As a shell takes it for one word.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./@:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_asked_for_again() {
        let usual = Setup {
            mode: Mode::Git,
            sync: Sync::Mirror,
            branches: BranchChoice::All,
            webhook: true,
            integration: true,
            keep_features: false,
            visibility: None,
            project_name: None,
            ci_file: None,
            status_connection: None,
            hook_connection: None,
            collaborators: false,
        };
        assert_eq!(flags(&usual), Vec::<String>::new());
        let odd = Setup {
            sync: Sync::Mirror,
            branches: BranchChoice::Matching("^v'.*$".into()),
            webhook: false,
            integration: false,
            keep_features: true,
            visibility: Some("internal".into()),
            project_name: Some("The store".into()),
            ..usual.clone()
        };
        assert_eq!(
            flags(&odd).join(" "),
            r"--without-webhook --without-integration --keep-features --branch-regex '^v'\''.*$' --visibility internal --project-name 'The store'"
        );
        let pushed = Setup { sync: Sync::Actions, webhook: false, mode: Mode::Full, ..usual };
        assert_eq!(flags(&pushed), ["--mode full", "--sync actions"]);
    }

    #[test]
    fn a_file_that_never_came_there() {
        let minimal = CiFile {
            branch: None,
            pull_request: false,
            overwrite: false,
            digest: Fingerprint::of(MINIMAL.as_bytes()),
            pending: true,
        };
        assert_eq!(file(&minimal), ["--ci-template minimal"]);
        let digest = Fingerprint::of(b"x");
        let own = CiFile { branch: Some("ci/lab".into()), pull_request: true, overwrite: true, digest, ..minimal };
        assert_eq!(file(&own).join(" "), "--ci-file FILE --ci-branch ci/lab --pull-request --overwrite");
    }
}
