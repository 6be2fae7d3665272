//! Which deliveries are of interest.
//!
//! GitLab calls an event by one name where a webhook is told to tell of it (`merge_requests`, `job`), by another in the
//! payload (`merge_request`, `build`), and by a third in the header (`Merge Request Hook`). All of them are meant.

use crate::model::hook::event;
use crate::model::{ForgeKind, Letter};

/// Events and repositories; where there are none, all are meant.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `push`, or with an action, `pull_request.opened`; `*` is all.
    pub events: Vec<String>,
    /// `OWNER/REPO`, `GROUP/SUBGROUP/PROJECT`, or all below: `OWNER/*`.
    pub repositories: Vec<String>,
}

impl Filter {
    /// Whether this one is. Without a repository of its own (an organisation's events) it is not, where some are named.
    pub fn wants(&self, letter: &Letter) -> bool {
        let event = self.events.is_empty() || self.events.iter().any(|wanted| is_event(wanted, letter));
        let of = letter.repository.as_deref();
        event
            && (self.repositories.is_empty()
                || of.is_some_and(|of| self.repositories.iter().any(|wanted| is_below(wanted, of))))
    }
}

fn is_event(wanted: &str, letter: &Letter) -> bool {
    let (name, action) = match wanted.split_once('.') {
        None => (wanted, None),
        Some((name, action)) => (name, Some(action)),
    };
    let done = letter.action.as_deref().unwrap_or_default();
    is_called(name, letter) && action.is_none_or(|action| done.eq_ignore_ascii_case(action))
}

fn is_called(name: &str, letter: &Letter) -> bool {
    if name == event::ALL || letter.event.eq_ignore_ascii_case(name) {
        return true;
    }
    letter.forge == ForgeKind::GitLab && {
        let meant = event::at_gitlab(name);
        let header = letter.headers.iter().find(|(name, _)| name == "x-gitlab-event");
        meant == event::at_gitlab(&letter.event) || header.is_some_and(|(_, said)| meant == event::at_gitlab(said))
    }
}

fn is_below(wanted: &str, repository: &str) -> bool {
    match wanted.strip_suffix("/*") {
        None => repository.eq_ignore_ascii_case(wanted),
        Some(owner) => {
            let start = repository.get(..owner.len());
            start.is_some_and(|start| start.eq_ignore_ascii_case(owner))
                && repository.get(owner.len()..).is_some_and(|rest| rest.starts_with('/'))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{ForgeKind, Packing};

    fn letter(event: &str, action: Option<&str>, repository: Option<&str>) -> Letter {
        Letter {
            id: "1".into(),
            forge: ForgeKind::GitHub,
            connection: "work".parse().unwrap_or_else(|e| panic!("{e}")),
            endpoint: String::new(),
            event: event.into(),
            action: action.map(str::to_owned),
            repository: repository.map(str::to_owned),
            sender: None,
            received_at: jiff::Timestamp::UNIX_EPOCH,
            packing: Packing::Json,
            headers: Vec::new(),
            repeat: false,
            body: Vec::new(),
        }
    }

    #[test]
    fn gitlabs_events_by_the_names_of_flags_payloads_and_headers() {
        let of_gitlab = |event: &str, header: &str| Letter {
            forge: ForgeKind::GitLab,
            headers: vec![("x-gitlab-event".into(), header.into())],
            ..letter(event, Some("open"), None)
        };
        let merge = of_gitlab("merge_request", "Merge Request Hook");
        let secret = of_gitlab("issue", "Confidential Issue Hook");
        let build = of_gitlab("build", "Job Hook");
        for (wanted, told) in [
            ("merge_requests", [true, false, false]),
            ("merge_request.open", [true, false, false]),
            ("merge_requests.merge", [false, false, false]),
            ("issues", [false, true, false]),
            ("confidential_issues", [false, true, false]),
            ("job", [false, false, true]),
            ("build", [false, false, true]),
            ("*", [true, true, true]),
            ("push", [false, false, false]),
        ] {
            let filter = Filter { events: vec![wanted.to_owned()], repositories: Vec::new() };
            assert_eq!([&merge, &secret, &build].map(|letter| filter.wants(letter)), told, "{wanted}");
        }
        // GitHub's are called as they are.
        let filter = Filter { events: vec!["issue".to_owned()], repositories: Vec::new() };
        assert!(!filter.wants(&letter("issues", None, None)));
    }

    #[test]
    fn events_with_and_without_an_action_and_repositories_below_an_owner() {
        let opened = letter("pull_request", Some("opened"), Some("Agility-Game/Store"));
        let of_organisation = letter("organization", None, None);
        for (events, repositories, wanted) in [
            (&[][..], &[][..], [true, true]),
            (&["pull_request"], &[], [true, false]),
            (&["push", "pull_request.opened"], &[], [true, false]),
            (&["pull_request.closed", "organization"], &[], [false, true]),
            (&[], &["agility-game/store"], [true, false]),
            (&[], &["agility-game/*"], [true, false]),
            (&[], &["agility/*"], [false, false]),
            (&["push"], &["agility-game/store"], [false, false]),
        ] {
            let words = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
            let filter = Filter { events: words(events), repositories: words(repositories) };
            assert_eq!([filter.wants(&opened), filter.wants(&of_organisation)], wanted, "{filter:?}");
        }
    }
}
