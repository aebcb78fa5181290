//! Tokens: who shows one, and when it is good no more.

use std::time::Duration;

use deskform_sandbox::Options;

use crate::centre::{Answer, Centre, answer, options};

async fn token(centre: &Centre) -> String {
    let request = centre
        .request("POST", "/api/token.php")
        .basic_auth("test-client", Some("test-client-secret"))
        .header("Content-Type", "application/x-www-form-urlencoded")
        .body("grant_type=client_credentials");
    let given = answer(request).await;
    assert_eq!(given.status, 200, "{given:?}");
    given.body["access_token"].as_str().unwrap().to_owned()
}

async fn list(centre: &Centre, token: &str) -> Answer {
    answer(centre.request("GET", "/api/v1/supports.json").bearer_auth(token)).await
}

#[tokio::test]
async fn a_token_speaks_for_the_administrator() {
    let centre = Centre::start().await;
    let token = token(&centre).await;
    assert_eq!(list(&centre, &token).await.status, 200);
    assert_eq!(list(&centre, "never-given").await.status, 401);
}

#[tokio::test]
async fn a_token_ends_when_its_time_is_over_or_it_is_taken_back() {
    for (lifetime, status) in [(Duration::from_millis(20), 401), (Duration::from_secs(3600), 200)] {
        let centre = Centre::with(Options { token_lifetime: lifetime, ..options() }).await;
        let token = token(&centre).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
        assert_eq!(list(&centre, &token).await.status, status, "{lifetime:?}");
    }

    let centre = Centre::start().await;
    let revoked = token(&centre).await;
    centre.sandbox.revoke_tokens();
    assert_eq!(list(&centre, &revoked).await.status, 401);
    assert_eq!(list(&centre, &token(&centre).await).await.status, 200);
}
