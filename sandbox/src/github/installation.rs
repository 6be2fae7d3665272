//! `DELETE /installation/token`: an app gives back the token of its installation.

use super::{Call, Handled, error};
use crate::http::Answer;
use crate::world::github::TokenKind;

/// `DELETE /installation/token`
pub(super) fn revoke_token(call: &mut Call<'_>) -> Handled {
    let token = call.token()?;
    if token.kind != TokenKind::Installation {
        return Err(error::refusal(
            403,
            "You must authenticate with an installation access token in order to revoke it.",
        ));
    }
    if let Some(token) = call.github.token_mut(&token.token) {
        token.revoked = true;
    }
    Ok(Answer::empty(204))
}
