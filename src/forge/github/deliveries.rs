//! `/repos/{owner}/{repo}/hooks/{id}/deliveries`: how a webhook was delivered.

use jiff::Timestamp;
use serde::Deserialize;

use super::super::error::ForgeError;
use super::super::http::Authorization;
use super::super::words::Scrubber;
use super::super::{lenient, page};
use super::GitHub;
use super::hooks::answered;
use crate::model::Secret;
use crate::model::hook::Delivery;
use crate::model::place::Repository;

/// GitHub REST: "List deliveries for a repository webhook".
#[derive(Deserialize)]
struct Delivered {
    id: u64,
    #[serde(default, deserialize_with = "lenient::or_default")]
    guid: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    delivered_at: Option<Timestamp>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    redelivery: bool,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status: String,
    #[serde(default, deserialize_with = "lenient::or_default")]
    status_code: Option<u16>,
    #[serde(default, deserialize_with = "lenient::or_default")]
    event: String,
}

impl GitHub {
    /// The last deliveries, the newest first, `most` at most. GitHub keeps them for three days, Enterprise Server for
    /// seven.
    ///
    /// # Errors
    /// [`NotFound`](super::super::ForgeErrorKind::NotFound) where the webhook is no more; or what else GitHub said.
    pub async fn deliveries(
        &self,
        token: &Secret,
        repo: &Repository,
        id: u64,
        most: usize,
    ) -> Result<Vec<Delivery>, ForgeError> {
        let path = ["repos", &repo.owner, &repo.name, "hooks", &id.to_string(), "deliveries"];
        let size = most.clamp(1, 100);
        let call = self.reading(&path, &[("per_page", &size.to_string())], Authorization::Bearer(token));
        let scrubber = Scrubber::new(Some(token));
        let mut all = Vec::new();
        page::each(&self.transport, call, most.div_ceil(size), |answer| {
            let found: Vec<Delivered> = answer.json(&self.label)?;
            all.extend(found.into_iter().map(|one| delivery(one, &scrubber)));
            Ok(())
        })
        .await?;
        all.truncate(most);
        Ok(all)
    }
}

fn delivery(found: Delivered, scrubber: &Scrubber<'_>) -> Delivery {
    Delivery {
        id: found.id,
        guid: scrubber.name(&found.guid),
        event: scrubber.name(&found.event),
        status: scrubber.clean(&found.status),
        status_code: answered(found.status_code),
        at: found.delivered_at,
        redelivery: found.redelivery,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_of_the_documentation() {
        let json = r#"[{"id":12345678,"guid":"0b989ba4-242f-11e5-81e1-c7b6966d2516","delivered_at":"2019-06-03T00:57:16Z","redelivery":false,"duration":0.27,"status":"OK","status_code":200,"event":"issues","action":"opened","installation_id":123,"repository_id":456,"throttled_at":null},
            {"id":2,"delivered_at":null,"status":"timed out","status_code":0,"event":null}]"#;
        let found: Vec<Delivered> = serde_json::from_str(json).unwrap_or_default();
        let found: Vec<Delivery> = found.into_iter().map(|one| delivery(one, &Scrubber::new(None))).collect();
        assert_eq!(found.len(), 2);
        assert_eq!((found[0].status_code, found[0].at.map(Timestamp::as_second)), (Some(200), Some(1_559_523_436)));
        assert_eq!((found[1].status_code, found[1].event.as_str(), found[1].at), (None, "", None));
    }
}
