//! HTTPS: the authority, the expired certificate, HTTP/2.

use crate::client::builder;
use forge_sandbox::Sandbox;
use reqwest::{Certificate, Client, Version};

fn trusting(sandbox: &Sandbox) -> Client {
    let pem = std::fs::read(sandbox.ca_certificate().unwrap()).unwrap();
    builder().tls_certs_only([Certificate::from_pem(&pem).unwrap()]).build().unwrap()
}

#[tokio::test]
async fn the_authority_is_enough_and_http_2_is_spoken() {
    let sandbox = Sandbox::builder().tls(true).start().unwrap();
    let client = trusting(&sandbox);
    let ports = [sandbox.gitlab_api_url(), sandbox.gitlab_api_url().replace("127.0.0.1", "localhost")];
    for api in ports {
        let request = client.get(format!("{api}/user")).bearer_auth(sandbox.gitlab_token("api"));
        let response = request.send().await.unwrap();
        assert_eq!((response.status().as_u16(), response.version()), (200, Version::HTTP_2));
    }
    assert_eq!(sandbox.requests().len(), 2);
    assert!(sandbox.requests()[0].header("host").is_some());
    let strangers = builder().tls_certs_only([]).build().unwrap();
    assert!(strangers.get(sandbox.github_api_url()).send().await.is_err());
}

#[tokio::test]
async fn an_expired_certificate_is_refused() {
    let sandbox = Sandbox::builder().expired_certificate(true).start().unwrap();
    let error = trusting(&sandbox).get(sandbox.github_api_url()).send().await.unwrap_err();
    assert!(format!("{error:?}").contains("xpired"), "{error:?}");
    assert!(sandbox.requests().is_empty());
}

#[test]
fn the_authority_goes_with_the_sandbox() {
    let sandbox = Sandbox::builder().tls(true).start().unwrap();
    let path = sandbox.ca_certificate().unwrap().to_owned();
    assert!(path.exists());
    drop(sandbox);
    assert!(!path.exists());
}
