//! What CI/CD makes of a commit, and the tokens that belong to a project.

use jiff::civil::date;

use super::*;

const META: (&str, &str) = ("X-Gitlab-Meta", r#"{"correlation_id":"c","version":"1"}"#);

fn token() -> Secret {
    secret("glpat-abcdefgh")
}

fn answer(status: u16, body: &str) -> Reply {
    reply(status, &[META], body)
}

#[tokio::test]
async fn a_configuration_is_judged() {
    let server = Server::new(|seen, _| {
        let valid = seen.body.contains("script");
        answer(200, &format!(r#"{{"valid":{valid},"errors":["jobs config should contain at least one visible job\n",null],"warnings":null,"merged_yaml":""}}"#))
    })
    .await;
    let lab = server.lab();
    let lint = lab.lint(&token(), 9, "a: b\n").await.unwrap();
    assert!(!lint.valid);
    assert_eq!(lint.errors, ["jobs config should contain at least one visible job "]);
    assert!(lab.lint(&token(), 9, "a: {script: \"x\"}").await.unwrap().valid);
    assert_eq!(server.lines()[0], "POST /api/v4/projects/9/ci/lint");
    assert_eq!(server.seen()[0].body, r#"{"content":"a: b\n"}"#);
}

#[tokio::test]
async fn pipelines_and_what_a_branch_is_at() {
    let server = Server::new(|seen, _| match seen.path.as_str() {
        "/api/v4/projects/9/repository/branches/ci%2Fx" => answer(200, r#"{"name":"ci/x","commit":{"id":"c0ffee"}}"#),
        "/api/v4/projects/9/repository/branches/none" => answer(404, r#"{"message":"404 Branch Not Found"}"#),
        path if path.contains("branches") => answer(404, r#"{"message":"404 Project Not Found"}"#),
        _ => answer(200, r#"[{"id":1,"status":"success","source":"push","sha":"c0ffee","ref":"main","web_url":"https://gitlab.com/a/b/-/pipelines/1"},{"id":2,"status":null,"web_url":7}]"#),
    })
    .await;
    let lab = server.lab();
    let found = lab.pipelines(&token(), 9, None).await.unwrap();
    assert_eq!((found.len(), found[0].id), (2, 1));
    assert_eq!(
        (found[0].web_url.as_str(), found[0].source.as_deref()),
        ("https://gitlab.com/a/b/-/pipelines/1", Some("push"))
    );
    assert_eq!((found[1].status.as_str(), found[1].source.as_deref()), ("", None));
    assert!(found[1].web_url.starts_with(&server.url()));
    lab.pipelines(&token(), 9, Some("c0ffee")).await.unwrap();
    assert_eq!(lab.branch_head(&token(), 9, "ci/x").await, Ok(Some("c0ffee".into())));
    assert_eq!(lab.branch_head(&token(), 9, "none").await, Ok(None));
    assert_eq!(lab.branch_head(&token(), 8, "x").await.unwrap_err().kind, ForgeErrorKind::NotFound);
    assert_eq!(
        server.lines()[..2],
        ["GET /api/v4/projects/9/pipelines?per_page=20", "GET /api/v4/projects/9/pipelines?per_page=20&sha=c0ffee"]
    );
}

#[tokio::test]
async fn a_projects_tokens() {
    let server = Server::new(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", _) => answer(
            201,
            r#"{"id":42,"name":"connect glpat-freshfreshfresh1","scopes":["api"],"user_id":77,"access_level":40,"active":true,"revoked":false,"expires_at":"2027-01-31","token":"glpat-freshfreshfresh1"}"#,
        ),
        ("DELETE", path) if path.ends_with("42") => answer(204, ""),
        ("DELETE", _) => answer(404, r#"{"message":"404 project Access Token Not Found"}"#),
        (_, path) if path.contains("page=2") => answer(200, r#"[{"id":43,"name":"b"}]"#),
        _ => reply(
            200,
            &[META, ("Link", "</api/v4/projects/9/access_tokens?page=2>; rel=\"next\"")],
            r#"[{"id":42,"name":"a"}]"#,
        ),
    })
    .await;
    let lab = server.lab();
    let wish = NewProjectToken { name: "connect", scopes: &["api"], access_level: 40, expires_at: date(2027, 1, 31) };
    let (made, fresh) = lab.create_project_token(&token(), 9, &wish).await.unwrap();
    assert!(fresh.same_as(&secret("glpat-freshfreshfresh1")));
    assert_eq!((made.id, made.user, made.access_level), (42, Some(77), Some(40)));
    assert_eq!((made.active, made.expires_at), (true, Some(date(2027, 1, 31))));
    assert_eq!(made.name, "connect ***", "not even where the server puts it");
    let all = lab.project_tokens(&token(), 9).await.unwrap();
    assert_eq!(all.iter().map(|one| one.id).collect::<Vec<_>>(), [42, 43]);
    assert_eq!(lab.revoke_project_token(&token(), 9, 42).await, Ok(true));
    assert_eq!(lab.revoke_project_token(&token(), 9, 41).await, Ok(false));
    assert_eq!(
        server.lines(),
        [
            "POST /api/v4/projects/9/access_tokens",
            "GET /api/v4/projects/9/access_tokens?per_page=100",
            "GET /api/v4/projects/9/access_tokens?page=2",
            "DELETE /api/v4/projects/9/access_tokens/42",
            "DELETE /api/v4/projects/9/access_tokens/41"
        ]
    );
    assert_eq!(
        server.seen()[0].body,
        r#"{"name":"connect","scopes":["api"],"access_level":40,"expires_at":"2027-01-31"}"#
    );
    let no = r#"{"message":"400 Bad request - User does not have permission to create project access token"}"#;
    let server = Server::new(move |_, _| answer(400, no)).await;
    let error = server.lab().create_project_token(&token(), 9, &wish).await.unwrap_err();
    assert_eq!((error.kind, server.seen().len()), (ForgeErrorKind::Forbidden, 1));
}
