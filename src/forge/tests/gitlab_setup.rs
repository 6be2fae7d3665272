//! What a set-up asks of GitLab: projects, imports, mirrors, the integration, pipelines, tokens of projects.

use url::Url;

use super::*;
use crate::model::mirror::{Branches, ImportStatus, MirrorWish, Triggered};
use crate::model::place::{Features, Namespace};

const META: (&str, &str) = ("X-Gitlab-Meta", r#"{"correlation_id":"c","version":"1"}"#);
const PROJECT: &str = r#"{"id":9,"name":"Store","path":"store","path_with_namespace":"acme/store","web_url":"https://gitlab.com/acme/store","visibility":"private","archived":false,"empty_repo":false,"default_branch":"main","creator_id":3,"created_at":"2026-06-17T10:00:00.123Z","mirror":true,"import_url":"https://*****:*****@github.com/acme/store.git","issues_access_level":"disabled","merge_requests_access_level":"private","wiki_access_level":null,"wiki_enabled":false,"namespace":{"id":5,"kind":"group"},"permissions":{"project_access":{"access_level":40},"group_access":null}}"#;
const NOT_MIRRORED: &str = r#"{"message":"400 Bad request - The project is not mirrored"}"#;
const NO_ROUTE: &str = r#"{"error":"404 Not Found"}"#;
const NO_PROJECT: &str = r#"{"message":"404 Project Not Found"}"#;

fn token() -> Secret {
    secret("glpat-abcdefgh")
}

fn ok(body: &str) -> Reply {
    reply(200, &[META], body)
}

fn refuse(status: u16, body: &str) -> Reply {
    reply(status, &[META], body)
}

/// Always the same answer.
async fn always(status: u16, body: &str) -> Server {
    let body = body.to_owned();
    Server::new(move |_, _| refuse(status, &body)).await
}

fn bodies(server: &Server) -> Vec<String> {
    server.seen().into_iter().map(|seen| seen.body).collect()
}

#[tokio::test]
async fn a_project_in_full_and_in_brief() {
    let server = always(200, PROJECT).await;
    let found = server.lab().project(&token(), "acme/store").await.unwrap();
    assert_eq!((found.name.as_str(), found.web_url.as_str()), ("Store", "https://gitlab.com/acme/store"));
    assert_eq!((found.creator, found.namespace, found.role), (Some(3), Some(5), Some(40)));
    assert_eq!((found.may_mirror, found.mirrored, found.empty), (true, true, false));
    assert_eq!(found.import_url.as_ref().map(Url::as_str), Some("https://github.com/acme/store.git"));
    assert_eq!(found.created_at.map(|at| at.to_string()).as_deref(), Some("2026-06-17T10:00:00.123Z"));
    let features = Features { issues: Some(false), merge_requests: Some(true), wiki: Some(false), snippets: None };
    assert_eq!(found.features, features);
    assert_eq!(server.lines(), ["GET /api/v4/projects/acme%2Fstore"]);

    let server = always(200, r#"{"id":9,"path_with_namespace":"acme/store","namespace":7,"created_at":1}"#).await;
    let found = server.lab().project(&token(), "9").await.unwrap();
    assert_eq!((found.name.as_str(), found.namespace, found.created_at), ("store", None, None));
    assert_eq!(found.web_url, format!("{}/acme/store", server.url()));
    assert_eq!((found.features, found.mirrored, found.may_mirror), (Features::default(), false, false));
}

#[tokio::test]
async fn a_project_is_made_changed_and_deleted() {
    let server = Server::new(|seen, _| match seen.method.as_str() {
        "POST" => reply(201, &[META], PROJECT),
        "DELETE" => reply(202, &[META], r#"{"message":"202 Accepted"}"#),
        _ => ok(PROJECT),
    })
    .await;
    let import = Url::parse("https://me:pw@github.com/acme/store.git").unwrap();
    let new = NewProject {
        name: "Store",
        path: "store",
        namespace: 5,
        visibility: None,
        description: None,
        features: Features::default(),
        import_url: None,
    };
    let lab = server.lab();
    assert_eq!(lab.create_project(&token(), &new).await.unwrap().id, 9);
    let whole = NewProject {
        visibility: Some("private"),
        description: Some("It says \"so\""),
        features: Features::OFF,
        import_url: Some(&import),
        ..new
    };
    lab.create_project(&token(), &whole).await.unwrap();
    lab.edit_features(&token(), 9, Features { issues: Some(true), wiki: Some(false), ..Features::default() })
        .await
        .unwrap();
    lab.edit_features(&token(), 9, Features::default()).await.unwrap();
    assert_eq!(lab.delete_project(&token(), 9).await, Ok(true));
    assert_eq!(
        server.lines(),
        [
            "POST /api/v4/projects",
            "POST /api/v4/projects",
            "PUT /api/v4/projects/9",
            "GET /api/v4/projects/9",
            "DELETE /api/v4/projects/9"
        ]
    );
    assert_eq!(
        bodies(&server)[..3],
        [
            r#"{"name":"Store","path":"store","namespace_id":5}"#,
            r#"{"name":"Store","path":"store","namespace_id":5,"visibility":"private","description":"It says \"so\"","issues_access_level":"disabled","merge_requests_access_level":"disabled","wiki_access_level":"disabled","snippets_access_level":"disabled","import_url":"https://github.com/acme/store.git"}"#,
            r#"{"issues_access_level":"enabled","wiki_access_level":"disabled"}"#,
        ]
    );
    for (status, body, kind) in [
        (400, r#"{"message":{"path":["has already been taken"]}}"#, ForgeErrorKind::AlreadyTaken),
        (400, r#"{"message":{"namespace":["is not valid"]}}"#, ForgeErrorKind::NamespaceNotValid),
        (422, r#"{"message":"https://:@h/r.git endpoint error: 401 Unauthorized"}"#, ForgeErrorKind::InvalidRequest),
        (502, "", ForgeErrorKind::ServerError),
    ] {
        let server = always(status, body).await;
        let error = server.lab().create_project(&token(), &new).await.unwrap_err();
        assert_eq!((error.kind, server.seen().len()), (kind, 1));
    }
    assert_eq!(always(404, NO_PROJECT).await.lab().delete_project(&token(), 9).await, Ok(false));
    let marked = r#"{"message":"Project has been already marked for deletion"}"#;
    assert_eq!(always(400, marked).await.lab().delete_project(&token(), 9).await, Ok(true));
}

#[tokio::test]
async fn namespaces_and_versions() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/namespaces/acme%2Fsub" => ok(r#"{"id":5,"full_path":"acme/sub","kind":"group","plan":"premium"}"#),
        "/api/v4/metadata" => ok(r#"{"version":"17.5.2-ee","enterprise":true}"#),
        _ => refuse(404, r#"{"message":"404 Namespace Not Found"}"#),
    })
    .await;
    let lab = server.lab();
    let namespace = Namespace { id: 5, path: "acme/sub".into(), is_user: false, plan: Some("premium".into()) };
    assert_eq!(lab.namespace(&token(), "acme/sub").await, Ok(Some(namespace)));
    assert_eq!(lab.namespace(&token(), "none").await, Ok(None));
    assert_eq!(lab.plan(&token(), "none").await.unwrap_err().kind, ForgeErrorKind::NotFound);
    assert_eq!(lab.server_version(&token()).await, Ok(Some("17.5.2-ee".into())));
    assert_eq!(always(404, NO_ROUTE).await.lab().server_version(&token()).await, Ok(None));
}

#[tokio::test]
async fn an_import_begins_goes_on_and_is_stopped() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/import/github" => reply(
            201,
            &[META],
            r#"{"id":9,"name":"store","full_path":"/acme/store","import_status":"scheduled","import_warning":"Fine-grained"}"#,
        ),
        "/api/v4/projects/9/import" => ok(r#"{"import_status":"started","stats":{"fetched":{"issue":2},"imported":{}}}"#),
        _ => ok(r#"{"id":9,"import_status":"canceled"}"#),
    })
    .await;
    let planted = secret("ghp_plantedplanted1");
    let new = NewImport {
        github_token: &planted,
        repo: 7,
        namespace_path: "acme",
        name: "store",
        github_hostname: None,
        collaborators: false,
        attachments: true,
    };
    let lab = server.lab();
    let begun = lab.import_github(&token(), &new).await.unwrap();
    assert_eq!(begun, Imported { project: 9, path: "acme/store".into(), warning: Some("Fine-grained".into()) });
    let there = NewImport { github_hostname: Some("https://ghe.example.com"), ..new };
    lab.import_github(&token(), &there).await.unwrap();
    let importing = lab.importing(&token(), 9).await.unwrap();
    assert_eq!((importing.status, importing.fetched, importing.imported), (ImportStatus::Started, 2, 0));
    let stages = r#""optional_stages":{"attachments_import":true,"collaborators_import":false}}"#;
    let begin =
        r#"{"personal_access_token":"ghp_plantedplanted1","repo_id":7,"target_namespace":"acme","new_name":"store","#;
    assert_eq!(
        bodies(&server),
        [
            format!("{begin}{stages}"),
            format!(r#"{begin}"github_hostname":"https://ghe.example.com",{stages}"#),
            String::new()
        ]
    );
    assert!(!format!("{new:?}").contains("plantedplanted1"));

    let refused = always(401, r#"{"error":"Access denied to your GitHub account."}"#).await;
    let error = refused.lab().import_github(&token(), &new).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::OtherForgeRefused);
    assert!(!error.kind.says_dead(), "GitLab's token is good");
    assert_eq!(
        always(401, r#"{"message":"401 Unauthorized"}"#)
            .await
            .lab()
            .import_github(&token(), &new)
            .await
            .unwrap_err()
            .kind,
        ForgeErrorKind::UnknownToken
    );
}

fn wish(branches: Branches) -> MirrorWish {
    MirrorWish { url: Url::parse("https://github.com/acme/store.git").unwrap(), user: "oauth2".into(), branches }
}

#[tokio::test]
async fn a_mirror_is_set_and_dropped() {
    let server = Server::new(|seen, _| {
        let regex = if seen.body.contains("url") { r#""^main$""# } else { "null" };
        ok(&format!(r#"{{"id":1,"enabled":true,"url":"https://*****:*****@github.com/acme/store.git","update_status":"scheduled","mirror_branch_regex":{regex}}}"#))
    })
    .await;
    let lab = server.lab();
    let planted = secret("ghp_plantedplanted1");
    let set = lab.set_mirror(&token(), 9, &wish(Branches::Matching("^main$".into())), &planted).await.unwrap();
    assert_eq!((set.enabled, set.branch_regex.as_deref()), (Some(true), Some("^main$")));
    assert_eq!(set.url, Some(wish(Branches::All).url));
    lab.set_mirror(&token(), 9, &wish(Branches::Protected), &planted).await.unwrap();
    lab.choose_no_branches(&token(), 9, &planted).await.unwrap();
    let all = lab.set_mirror(&token(), 9, &wish(Branches::All), &planted).await.unwrap();
    assert_eq!(all.enabled, Some(true));
    lab.drop_mirror(&token(), 9).await.unwrap();
    assert!(server.lines().iter().all(|line| line == "PUT /api/v4/projects/9/mirror/pull"));
    let begin = r#"{"enabled":true,"url":"https://github.com/acme/store.git","auth_user":"oauth2","auth_password":"ghp_plantedplanted1","mirror_trigger_builds":true,"mirror_overwrites_diverged_branches":true,"#;
    assert_eq!(
        bodies(&server),
        [
            format!(r#"{begin}"mirror_branch_regex":"^main$"}}"#),
            format!(r#"{begin}"only_mirror_protected_branches":true}}"#),
            r#"{"mirror_branch_regex":""}"#.to_owned(),
            format!(r#"{begin}"only_mirror_protected_branches":false}}"#),
            r#"{"enabled":false}"#.to_owned()
        ]
    );
    let old = always(404, NO_ROUTE).await;
    let error = old.lab().set_mirror(&token(), 9, &wish(Branches::All), &planted).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::Unsupported { page: None });
    let error = old.lab().drop_mirror(&token(), 9).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::Unsupported { page: None });
    always(400, NOT_MIRRORED).await.lab().drop_mirror(&token(), 9).await.unwrap();
    let gone = always(404, NO_PROJECT).await;
    let error = gone.lab().set_mirror(&token(), 9, &wish(Branches::All), &planted).await.unwrap_err();
    assert_eq!(error.kind, ForgeErrorKind::NotFound);
    assert!(gone.lab().drop_mirror(&token(), 9).await.is_err());
}

#[tokio::test]
async fn a_mirror_on_an_old_server() {
    let server = Server::new(|seen, _| {
        // It looks at the address, and is not let in without a password.
        let blank = seen.method == "PUT" && seen.body.contains(r#""mirror":false,"import_url""#);
        if blank { refuse(422, r#"{"message":"endpoint error: 401 Unauthorized"}"#) } else { ok(PROJECT) }
    })
    .await;
    let lab = server.lab();
    let planted = secret("ghp_planted@planted1");
    lab.set_mirror_old(&token(), 9, &wish(Branches::All), &planted).await.unwrap();
    assert!(!lab.drop_mirror_old(&token(), 9).await.unwrap(), "the password stays");
    assert_eq!(
        server.lines(),
        ["PUT /api/v4/projects/9", "GET /api/v4/projects/9", "PUT /api/v4/projects/9", "PUT /api/v4/projects/9"]
    );
    assert_eq!(
        bodies(&server),
        [
            r#"{"mirror":true,"import_url":"https://oauth2:ghp_planted%40planted1@github.com/acme/store.git","mirror_trigger_builds":true,"mirror_overwrites_diverged_branches":true,"only_mirror_protected_branches":false}"#,
            "",
            r#"{"mirror":false,"import_url":"https://github.com/acme/store.git"}"#,
            r#"{"mirror":false}"#
        ]
    );
    let willing = always(200, PROJECT).await;
    assert!(willing.lab().drop_mirror_old(&token(), 9).await.unwrap());
}

#[tokio::test]
async fn a_mirror_is_looked_at_and_triggered() {
    let paused = r#"{"message":"403 Forbidden - Mirroring for the project is on pause"}"#;
    for (status, body, mirrored, triggered) in [
        (200, r#"{"update_status":"started"}"#, Ok(true), Ok(Triggered::Accepted)),
        (202, "{}", Ok(true), Ok(Triggered::Accepted)),
        (400, NOT_MIRRORED, Ok(false), Ok(Triggered::NotMirrored)),
        (404, NO_ROUTE, Ok(false), Ok(Triggered::NotMirrored)),
        (404, NO_PROJECT, Err(ForgeErrorKind::NotFound), Err(ForgeErrorKind::NotFound)),
        (403, paused, Err(ForgeErrorKind::Forbidden), Ok(Triggered::Paused)),
        (403, r#"{"message":"403 Forbidden"}"#, Err(ForgeErrorKind::Forbidden), Err(ForgeErrorKind::Forbidden)),
    ] {
        let server = always(status, body).await;
        let looked = server.lab().mirror(&token(), 9).await;
        assert_eq!(looked.map(|found| found.is_some()).map_err(|error| error.kind), mirrored, "{body}");
        let asked = server.lab().trigger_mirror(&token(), 9).await;
        assert_eq!(asked.map_err(|error| error.kind), triggered, "{body}");
        let path = "/api/v4/projects/9/mirror/pull";
        assert_eq!(server.lines(), [format!("GET {path}"), format!("POST {path}")]);
    }
}

#[tokio::test]
async fn the_integration() {
    let body = r#"{"id":1,"slug":"github","active":true,"properties":{"repository_url":"https://github.com/acme/store","static_context":true}}"#;
    let server = Server::new(move |seen, _| match seen.method.as_str() {
        "DELETE" => Reply::Bytes(b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n".to_vec()),
        _ => ok(body),
    })
    .await;
    let lab = server.lab();
    let page = Url::parse("https://github.com/acme/store").unwrap();
    let set = lab.set_integration(&token(), 9, &secret("ghp_plantedplanted1"), &page).await.unwrap();
    assert_eq!((set.active, set.repository_url.as_ref(), set.static_context), (true, Some(&page), Some(true)));
    assert_eq!(lab.integration(&token(), 9).await, Ok(Some(set)));
    assert_eq!(lab.drop_integration(&token(), 9).await, Ok(true));
    let path = "/api/v4/projects/9/integrations/github";
    assert_eq!(server.lines(), [format!("PUT {path}"), format!("GET {path}"), format!("DELETE {path}")]);
    assert_eq!(
        bodies(&server)[0],
        r#"{"token":"ghp_plantedplanted1","repository_url":"https://github.com/acme/store","static_context":true,"pipeline_events":true}"#
    );
    for (status, body) in [
        (404, r#"{"message":"404 Integration Not Found"}"#),
        (404, NO_ROUTE),
        (400, r#"{"error":"slug does not have a valid value"}"#),
    ] {
        let lab = always(status, body).await.lab();
        assert_eq!(lab.integration(&token(), 9).await, Ok(None), "{body}");
        assert_eq!(lab.drop_integration(&token(), 9).await, Ok(false), "{body}");
        let error = lab.set_integration(&token(), 9, &secret("ghp_x"), &page).await.unwrap_err();
        assert_eq!(error.kind, ForgeErrorKind::Unsupported { page: None }, "{body}");
    }
    assert!(always(404, NO_PROJECT).await.lab().integration(&token(), 9).await.is_err());
}

/// A page with this many events that nobody took, from this number down.
fn events(from: u64, count: u64) -> String {
    let one = |id: u64| serde_json::json!({ "id": id, "trigger": "push_hooks", "response_status": "500" });
    serde_json::Value::from_iter((0..count).map(|n| one(from - n))).to_string()
}

async fn all_of(server: &Server) -> Vec<u64> {
    let target = "project:acme/store".parse().unwrap();
    let filter = DeliveryFilter { failed: false, since: None, most: LISTED };
    let found = server.gitlab().deliveries_at(&token(), &target, 42, &filter).await.unwrap();
    let mut numbers: Vec<u64> = found.iter().map(|one| one.id).collect();
    numbers.sort_unstable();
    numbers
}

/// A few thousand in seven days are nothing out of the way. One that comes meanwhile moves the others to the next page.
#[tokio::test]
async fn events_to_the_last_page() {
    let server = Server::new(|seen, before| {
        let page = before as u64;
        let next = format!("<{}&page={}>; rel=\"next\"", seen.path.split("&page").next().unwrap(), page + 2);
        let link = [("Link", next.as_str())];
        reply(200, if page < 119 { &link } else { &[] }, &events(10_000 - 19 * page, 20))
    })
    .await;
    assert_eq!(all_of(&server).await, Vec::from_iter(10_000 - 119 * 19 - 19..=10_000));
}

#[tokio::test]
async fn events_that_are_too_large_together() {
    let server = Server::new(|seen, _| {
        if seen.path.contains("per_page=20") {
            return bytes(200, &[], &vec![b' '; 80 * 1024 * 1024 + 1]);
        }
        reply(200, &[], &events(2, 2))
    })
    .await;
    assert_eq!(all_of(&server).await, [1, 2]);
}
