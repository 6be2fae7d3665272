//! A door of its own for those who test: look and meddle, in plain HTTP.
//!
//! | request | what it does |
//! | --- | --- |
//! | `GET /requests`, `DELETE /requests` | every request seen, in order; forgets them |
//! | `GET /rotations` | every request that asked GitLab for a rotation, and what became of it ([`crate::Rotation`]) |
//! | `GET /families/{token}` | what came of one GitLab token by rotation: how often that was asked for, which tokens live ([`crate::Family`]) |
//! | `GET /state` | people, places, tokens, and the time, as JSON |
//! | `GET /faults`, `POST /faults`, `DELETE /faults` | the faults that are on; one more, as [`crate::Fault`] is written in JSON; none |
//! | `DELETE /faults/{id}` | one less |
//! | `POST /emit` `{"forge": "github", "place": "octocat/diary", "event": "issues", "payload": {…}, "times": 100}` | something happens, and the hooks there are told ([`crate::Emit`]) |
//! | `GET /deliveries/{forge}/{hook}` | what was delivered to that hook so far |
//! | `POST /settle` | waits until nothing is under way |
//! | `POST /clock` `{"advance": "5d"}` | the clock forward: `90s`, `12h`, `5d` |
//! | `POST /tokens/revoke` `{"forge": "gitlab", "name": "api"}` | a token dies |
//! | `POST /tier` `{"tier": "free"}` | another licence for the GitLab: `community`, `free`, `premium` |
//! | `POST /mirrors/fail` `{"path": "group/project", "times": 14}` | a pull mirror has failed that often |
//! | `POST /projects/rename` `{"from": "group/old", "to": "group/new"}` | another path on GitLab, the same number |
//! | `POST /accounts/rename` `{"forge": "github", "from": "octocat", "to": "kitty"}` | another name, the same number |
//! | `POST /repositories/rename` `{"from": "octocat/diary", "to": "journal"}` | another name on GitHub; the old one redirects |
//! | `POST /repositories/disable` `{"name": "octocat/diary"}` | GitHub's staff has disabled it |
//!
//! ```sh
//! curl $ADMIN/faults -d '{"forge":"github","path":"/user","times":1,"effect":{"kind":"answer","status":502}}'
//! curl $ADMIN/faults -d '{"forge":"github","effect":{"kind":"ready-made","name":"sso-required"}}'
//! ```

use serde::Deserialize;
use serde_json::{Value, json};

use crate::emission::{self, Emit};
use crate::faults::{Fault, FaultId};
use crate::http::{Answer, Request};
use crate::server::Shared;
use crate::world::clock::parse_duration;
use crate::world::{Forge, Tier};

/// What `GET /` says.
pub(crate) const HELP: &str = "\
GET    /requests                                        every request seen, in order
DELETE /requests                                        forget them
GET    /rotations                                       every request that asked GitLab for a rotation
GET    /families/TOKEN                                  what came of it by rotation, and what lives of that
GET    /state                                           people, places, tokens, the time
GET    /faults                                          the faults that are on
POST   /faults {\"forge\":\"github\",\"method\":\"GET\",\"path\":\"/user\",\"times\":1,\"effect\":{…}}
       and \"token\":\"NAME\", for the requests of one token; \"rotation\":true, for those that ask GitLab for one
       effects: {\"kind\":\"delay\",\"ms\":50}  {\"kind\":\"delay-after-work\",\"ms\":50}
                {\"kind\":\"never-answer\"}  {\"kind\":\"drop-before-work\"}
                {\"kind\":\"drop-during-work\",\"ms\":50}  {\"kind\":\"wrong-token\"}
                {\"kind\":\"drop-after-work\"}  {\"kind\":\"answer\",\"status\":502,\"headers\":[],\"body\":\"\"}
                {\"kind\":\"half-body\"}  {\"kind\":\"endless-body\"}  {\"kind\":\"slow-drip\",\"ms\":50}
                {\"kind\":\"login-page\"}  {\"kind\":\"redirect\",\"status\":302,\"to\":\"https://…\"}
                {\"kind\":\"terminal-escapes\"}  {\"kind\":\"not-a-forge\"}
                {\"kind\":\"ready-made\",\"name\":\"sso-required\"}
       ready-made, GitHub: bad-credentials sso-required classic-forbidden lifetime-policy ip-allow-list
                login-locked not-accessible-by-token not-accessible-by-integration
                admin-rights-required primary-rate-limit secondary-rate-limit
                secondary-rate-limit-briefly unavailable server-error
       ready-made, GitLab: token-revoked user-blocked terms-not-accepted ip-restricted insufficient-scope
                insufficient-granular-scope retry-later requested-too-many-times
                internal-server-error bad-gateway dpop-required expiry-too-far legacy-rotation-disabled
DELETE /faults[/ID]                                     all of them off, or one
POST   /emit {\"forge\":\"gitlab\",\"place\":\"group/project\",\"event\":\"merge_requests\",\"payload\":{…}}
       something happens, and the hooks there are told; also \"times\":100, \"at_once\":8, \"as_is\":true
GET    /deliveries/github/HOOK                          what was delivered to that hook so far
POST   /settle                                          waits until no delivery is on its way
POST   /clock {\"advance\":\"5d\"}                          the clock forward
POST   /tokens/revoke {\"forge\":\"gitlab\",\"name\":\"api\"}   a token dies
POST   /tier {\"tier\":\"free\"}                          another licence: community, free, premium
POST   /mirrors/fail {\"path\":\"group/project\",\"times\":14}
POST   /projects/rename {\"from\":\"group/old\",\"to\":\"group/new\"}
POST   /accounts/rename {\"forge\":\"github\",\"from\":\"octocat\",\"to\":\"kitty\"}
POST   /repositories/rename {\"from\":\"octocat/diary\",\"to\":\"journal\"}   on GitHub
POST   /repositories/disable {\"name\":\"octocat/diary\"}                   on GitHub
";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Advance {
    advance: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revoke {
    forge: Forge,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rename {
    forge: Forge,
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Licence {
    tier: Tier,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Move {
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FailMirror {
    path: String,
    times: u32,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RenameRepository {
    from: String,
    to: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Disable {
    name: String,
}

fn wrong(why: impl std::fmt::Display) -> Answer {
    Answer::json(400, &json!({ "error": why.to_string() }))
}

/// Is it answered only when nothing is under way any more?
pub(crate) fn waits(request: &Request) -> bool {
    request.method == "POST" && request.path == "/settle"
}

/// Answers a request at the admin's door.
pub(crate) fn answer(shared: &Shared, request: &Request) -> Answer {
    handle(shared, request).unwrap_or_else(|refusal| refusal)
}

fn handle(shared: &Shared, request: &Request) -> Result<Answer, Answer> {
    let segments = Request::segments(&request.path);
    let segments: Vec<&str> = segments.iter().map(String::as_str).collect();
    match (request.method.as_str(), segments.as_slice()) {
        ("GET", []) => Ok(Answer::text(200, "text/plain; charset=utf-8", HELP)),
        ("GET", ["requests"]) => Ok(Answer::json(200, &json!(*shared.requests()))),
        ("DELETE", ["requests"]) => {
            shared.requests().clear();
            Ok(Answer::empty(204))
        }
        ("GET", ["state"]) => Ok(Answer::json(200, &shared.world().state())),
        ("GET", ["rotations"]) => Ok(Answer::json(200, &json!(shared.world().gitlab.rotations))),
        ("GET", ["families", token]) => {
            let world = shared.world();
            let family = world.gitlab.family(token, world.clock.now());
            let family = family.ok_or_else(|| wrong(format!("GitLab has no token called `{token}`")))?;
            Ok(Answer::json(200, &json!(family)))
        }
        ("GET", ["faults"]) => Ok(Answer::json(200, &faults(shared))),
        ("POST", ["faults"]) => {
            let fault: Fault = serde_json::from_slice(&request.body).map_err(wrong)?;
            let FaultId(id) = shared.faults().add(fault);
            Ok(Answer::json(201, &json!({ "id": id })))
        }
        ("DELETE", ["faults"]) => {
            shared.faults().clear();
            Ok(Answer::empty(204))
        }
        ("DELETE", ["faults", id]) => {
            shared.faults().remove(FaultId(id.parse().map_err(wrong)?));
            Ok(Answer::empty(204))
        }
        ("POST", ["emit"]) => {
            let emit: Emit = serde_json::from_slice(&request.body).map_err(wrong)?;
            let posted = emission::post(&mut shared.world(), &emit).map_err(wrong)?;
            Ok(Answer::json(202, &emission::describe(&posted)))
        }
        ("POST", ["settle"]) => Ok(Answer::empty(204)),
        ("GET", ["deliveries", forge, hook]) => {
            let forge: Forge = serde_json::from_value(json!(forge)).map_err(wrong)?;
            let hook = hook.parse().map_err(wrong)?;
            Ok(Answer::json(200, &json!(emission::deliveries_of(&shared.world(), forge, hook))))
        }
        ("POST", ["clock"]) => {
            let Advance { advance } = serde_json::from_slice(&request.body).map_err(wrong)?;
            let by = parse_duration(&advance).map_err(wrong)?;
            let mut world = shared.world();
            world.clock.advance(by);
            Ok(Answer::json(200, &json!({ "now": world.clock.now().to_string() })))
        }
        ("POST", ["tokens", "revoke"]) => {
            let Revoke { forge, name } = serde_json::from_slice(&request.body).map_err(wrong)?;
            let mut world = shared.world();
            let known = match forge {
                Forge::GitHub => world.github.revoke(&name),
                Forge::GitLab => world.gitlab.revoke(&name),
            };
            if known { Ok(Answer::empty(204)) } else { Err(wrong(format!("no token is called `{name}`"))) }
        }
        ("POST", ["tier"]) => {
            let Licence { tier } = serde_json::from_slice(&request.body).map_err(wrong)?;
            shared.world().settings.tier = tier;
            Ok(Answer::empty(204))
        }
        ("POST", ["mirrors", "fail"]) => {
            let FailMirror { path, times } = serde_json::from_slice(&request.body).map_err(wrong)?;
            shared.world().fail_mirror(&path, times).map(|()| Answer::empty(204)).map_err(wrong)
        }
        ("POST", ["projects", "rename"]) => {
            let Move { from, to } = serde_json::from_slice(&request.body).map_err(wrong)?;
            shared.world().gitlab.move_project(&from, &to).map(|()| Answer::empty(204)).map_err(wrong)
        }
        ("POST", ["accounts", "rename"]) => {
            let Rename { forge, from, to } = serde_json::from_slice(&request.body).map_err(wrong)?;
            let mut world = shared.world();
            let renamed = match forge {
                Forge::GitHub => world.github.rename(&from, &to),
                Forge::GitLab => world.gitlab.rename(&from, &to),
            };
            renamed.map(|()| Answer::empty(204)).map_err(wrong)
        }
        ("POST", ["repositories", "rename"]) => {
            let RenameRepository { from, to } = serde_json::from_slice(&request.body).map_err(wrong)?;
            shared.world().github.rename_repository(&from, &to).map(|()| Answer::empty(204)).map_err(wrong)
        }
        ("POST", ["repositories", "disable"]) => {
            let Disable { name } = serde_json::from_slice(&request.body).map_err(wrong)?;
            let mut world = shared.world();
            world.github.repository_named(&name).map(|it| it.disabled = true).map_err(wrong)?;
            Ok(Answer::empty(204))
        }
        _ => Err(Answer::text(404, "text/plain; charset=utf-8", HELP)),
    }
}

fn faults(shared: &Shared) -> Value {
    let faults = shared.faults();
    let list: Vec<Value> = faults.list().iter().map(|(id, fault)| json!({ "id": id, "fault": fault })).collect();
    json!(list)
}
