//! What a test wants to know of rotations: how often each was asked for, and what became of the family.
//!
//! Asking twice is what must never happen, so every request is written down when it comes, whatever becomes of it: one
//! whose connection a fault cut before anything was done counts as one that was done.

use jiff::Timestamp;
use serde::Serialize;

use super::{Gitlab, Token};

/// A request that asked for a rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rotation {
    /// The path, without base path and `/api/v4`.
    pub path: String,
    /// What the world calls the token that was sent with it, good or not; nothing if GitLab does not know it.
    pub by: Option<String>,
    /// The number of the token that was to be rotated, and its family: all that came from one token by rotation.
    pub token: Option<u64>,
    /// See `token`.
    pub family: Option<u64>,
    /// The number of the token that came of it.
    pub became: Option<u64>,
    /// The family that it cost its life, because it was sent with a token that was rotated away already.
    pub killed: Option<u64>,
    /// What was answered; nothing if the answer never went out.
    pub status: Option<u16>,
}

/// All tokens that came from one by rotation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Family {
    /// Its number: that of the first token.
    pub id: u64,
    /// What the world calls it; all its tokens have the name.
    pub name: String,
    /// How many requests asked for a rotation in it, answered or not.
    pub calls: usize,
    /// How many rotations were made.
    pub rotated: usize,
    /// Every token that it has had, oldest first.
    pub tokens: Vec<u64>,
    /// Those of them that live.
    pub alive: Vec<u64>,
    /// A token that was rotated away was used for rotating again.
    pub killed: bool,
}

/// Where a request for a rotation is written down.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted(usize);

impl Gitlab {
    /// Writes a request down. `sent` is the token that came with it, `which` the path's word for the one it is for.
    pub fn note_rotation(&mut self, path: &str, sent: Option<&str>, which: &str) -> Noted {
        let by = sent.and_then(|sent| self.token(sent));
        let of = if which == "self" { by } else { which.parse().ok().and_then(|id| self.token_with_id(id)) };
        let rotation = Rotation {
            path: path.to_owned(),
            by: by.map(|token| token.name.clone()),
            token: of.map(|token| token.id),
            family: of.map(|token| token.family),
            became: None,
            killed: None,
            status: None,
        };
        self.rotations.push(rotation);
        Noted(self.rotations.len() - 1)
    }

    /// Writes down what was answered to it.
    pub fn note_answer(&mut self, Noted(at): Noted, status: u16) {
        if let Some(rotation) = self.rotations.get_mut(at) {
            rotation.status = Some(status);
        }
    }

    /// Writes down what became of the request that asked for `old`'s rotation.
    pub fn note_birth(&mut self, old: u64, new: u64) {
        let asked = self.rotations.iter_mut().rev().find(|it| it.token == Some(old) && it.became.is_none());
        if let Some(rotation) = asked {
            rotation.became = Some(new);
        }
    }

    /// Somebody rotates with a token that was rotated away: one of the two is a thief, so GitLab revokes all that came
    /// of it.
    pub fn revoke_family(&mut self, family: u64) {
        let mut name = None;
        for token in self.tokens.iter_mut().filter(|token| token.family == family) {
            token.revoked = true;
            name = Some(token.name.clone());
        }
        // Sent with that family's token, and not answered yet.
        if let Some(last) = self.rotations.iter_mut().rev().find(|it| it.by == name && it.status.is_none()) {
            last.killed = Some(family);
        }
    }

    /// The family of a token, by its name or spelled out.
    pub fn family(&self, token: &str, now: Timestamp) -> Option<Family> {
        let first = self.token(token).or_else(|| self.named(token))?;
        let id = first.family;
        let members: Vec<&Token> = self.tokens.iter().filter(|token| token.family == id).collect();
        let calls = || self.rotations.iter().filter(|it| it.family == Some(id));
        Some(Family {
            id,
            name: first.name.clone(),
            calls: calls().count(),
            rotated: members.len() - 1,
            tokens: members.iter().map(|token| token.id).collect(),
            alive: members.iter().filter(|token| token.is_alive(now)).map(|token| token.id).collect(),
            killed: self.rotations.iter().any(|it| it.killed == Some(id)),
        })
    }
}
