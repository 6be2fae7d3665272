//! Which deliveries are of interest.

use crate::model::Letter;

/// Events and repositories; where there are none, all are meant.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// `push`, or with an action, `pull_request.opened`.
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
    match wanted.split_once('.') {
        None => letter.event.eq_ignore_ascii_case(wanted),
        Some((event, action)) => {
            letter.event.eq_ignore_ascii_case(event)
                && letter.action.as_deref().is_some_and(|said| said.eq_ignore_ascii_case(action))
        }
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
