//! The little of git's wire protocol that a forge reads and says itself: what a push wants to
//! change, and a refusal in the protocol's own form.
//!
//! Source: `gitprotocol-common` (pkt-line) and `gitprotocol-pack` (reference update request,
//! report status).

/// One reference that a push wants to change. Old and new are [`super::NOWHERE`] for nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Command {
    pub old: String,
    pub new: String,
    /// `refs/heads/main`
    pub name: String,
}

/// What a request to `git-receive-pack` says before its pack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Push {
    pub commands: Vec<Command>,
    capabilities: String,
}

fn line(text: &str) -> String {
    format!("{:04x}{text}", text.len() + 4)
}

impl Push {
    /// Reads the commands; what cannot be read is left to git to refuse.
    pub fn parse(mut body: &[u8]) -> Self {
        let mut push = Self::default();
        while let Some(length) = body.get(..4).and_then(|digits| std::str::from_utf8(digits).ok()) {
            let Some(length) = usize::from_str_radix(length, 16).ok().filter(|length| *length > 4) else {
                break;
            };
            let Some(content) = body.get(4..length) else {
                break;
            };
            let text = String::from_utf8_lossy(content);
            let (command, capabilities) = text.split_once('\0').unwrap_or((&text, ""));
            if !capabilities.is_empty() {
                capabilities.clone_into(&mut push.capabilities);
            }
            let mut words = command.trim_end_matches('\n').splitn(3, ' ').map(str::to_owned);
            if let (Some(old), Some(new), Some(name)) = (words.next(), words.next(), words.next())
                && old.len() == 40
            {
                push.commands.push(Command { old, new, name });
            }
            body = &body[length..];
        }
        push
    }

    /// The answer of a server that refuses everything: a reason beside each reference, and words
    /// for the user before them.
    pub fn refused(&self, reason: &str, words: &str) -> Vec<u8> {
        let mut report = line("unpack ok\n");
        for command in &self.commands {
            report.push_str(&line(&format!("ng {} {reason}\n", command.name)));
        }
        report.push_str("0000");
        if !self.capabilities.split_whitespace().any(|known| known == "side-band-64k") {
            return report.into_bytes();
        }
        let said: String = words.lines().map(|words| line(&format!("\u{2}{words}\n"))).collect();
        format!("{said}{}0000", line(&format!("\u{1}{report}"))).into_bytes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::git::NOWHERE;

    #[test]
    fn commands_are_read_and_declined() {
        let new = "1".repeat(40);
        let first = line(&format!("{NOWHERE} {new} refs/heads/main\0report-status side-band-64k"));
        let second = line(&format!("{new} {NOWHERE} refs/tags/v 1"));
        let push = Push::parse(format!("{first}{second}0000PACK").as_bytes());
        assert_eq!(push.commands.len(), 2);
        assert_eq!(
            (push.commands[0].name.as_str(), push.commands[1].name.as_str()),
            ("refs/heads/main", "refs/tags/v 1")
        );
        let said = String::from_utf8_lossy(&push.refused("pre-receive hook declined", "No.")).into_owned();
        assert!(said.starts_with("0009\u{2}No.\n"), "{said:?}");
        assert!(said.contains("ng refs/heads/main pre-receive hook declined"), "{said:?}");
        assert_eq!(Push::parse(b"0000"), Push::default());
        assert_eq!(Push::parse(b"zzzz"), Push::default());
    }
}
