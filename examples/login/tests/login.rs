//! The service on the store in memory, with a fixed time.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use otp_core::{Totp, UnixTime};
use otp_store::{
    ApplicationSecrets, AsyncVerifier, CredentialId, Memory, OtpContext, Store, VerifierOptions,
    Wallet,
};
use otp_uri::{Generator, KeyUri};
use serde_json::{Value, json};
use tower::ServiceExt;

const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

fn app() -> Router {
    let context = OtpContext::new().with_issuer("Example").with_clock(|| Ok(NOW));
    let verifier =
        AsyncVerifier::new(Memory::new(10), context.with_plain_keys(), VerifierOptions::new());
    login::app(verifier.unwrap())
}

async fn post(app: &Router, path: &str, body: Value) -> Response<Body> {
    let request = Request::post(path)
        .header(header::CONTENT_TYPE, "application/json")
        .body(Body::from(body.to_string()));
    app.clone().oneshot(request.unwrap()).await.unwrap()
}

async fn status(app: &Router, path: &str, code: &str) -> StatusCode {
    post(app, path, json!({ "account": "alice", "code": code })).await.status()
}

/// Enrols alice, and reads the URI as her phone does.
async fn phone(app: &Router) -> Totp {
    let response = post(app, "/enroll", json!({ "account": "alice" })).await;
    assert_eq!(response.status(), StatusCode::CREATED);
    let body = response.into_body().collect().await.unwrap().to_bytes();
    let body: Value = serde_json::from_slice(&body).unwrap();
    let reading = KeyUri::parse(body["uri"].as_str().unwrap()).unwrap();
    match reading.uri.generator() {
        Generator::Totp(totp) => totp,
        Generator::Hotp(_) => panic!("not TOTP"),
    }
}

fn code(phone: &Totp, seconds: i64) -> String {
    let time = NOW.as_secs().checked_add_signed(seconds).unwrap();
    phone.generate(UnixTime::from_secs(time)).code().text().to_string()
}

#[tokio::test]
async fn code_logs_in_once() {
    let app = app();
    let phone = phone(&app).await;
    let (first, second) = (code(&phone, -30), code(&phone, 0));
    assert_eq!(status(&app, "/login", &first).await, StatusCode::UNAUTHORIZED, "not confirmed");
    assert_eq!(status(&app, "/confirm", &first).await, StatusCode::OK);
    assert_eq!(status(&app, "/confirm", &first).await, StatusCode::CONFLICT);
    assert_eq!(status(&app, "/login", &first).await, StatusCode::UNAUTHORIZED, "spent");
    assert_eq!(status(&app, "/login", &second).await, StatusCode::OK);
    assert_eq!(status(&app, "/login", &second).await, StatusCode::UNAUTHORIZED, "spent");
}

#[tokio::test]
async fn repeated_wrong_codes_must_wait() {
    let app = app();
    let phone = phone(&app).await;
    assert_eq!(status(&app, "/confirm", &code(&phone, 0)).await, StatusCode::OK);
    let wrong = code(&phone, -3000);
    for _ in 0..4 {
        assert_eq!(status(&app, "/login", &wrong).await, StatusCode::UNAUTHORIZED);
    }
    let locked = post(&app, "/login", json!({ "account": "alice", "code": wrong })).await;
    assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(locked.headers()[header::RETRY_AFTER], "30");
}

#[tokio::test]
async fn unknown_account_gets_the_reply_of_a_wrong_code() {
    let app = app();
    let phone = phone(&app).await;
    assert_eq!(status(&app, "/confirm", &code(&phone, 0)).await, StatusCode::OK);
    let wrong = code(&phone, -3000);
    for typed in [&wrong, "no code", "12345678", ""] {
        let mut answers = Vec::new();
        for account in ["alice", "mallory"] {
            let response = post(&app, "/login", json!({ "account": account, "code": typed })).await;
            let (head, body) = response.into_parts();
            answers.push((head.status, head.headers, body.collect().await.unwrap().to_bytes()));
        }
        assert_eq!(answers[0], answers[1], "{typed:?}");
        assert_eq!(answers[0].0, StatusCode::UNAUTHORIZED, "{typed:?}");
    }
    // The control: alice can log in.
    assert_eq!(status(&app, "/login", &code(&phone, 30)).await, StatusCode::OK);
}

#[tokio::test]
async fn blank_or_overlong_account_is_rejected() {
    for account in ["", " ", "\t", &"a".repeat(256)] {
        let response = post(&app(), "/enroll", json!({ "account": account })).await;
        assert_eq!(response.status(), StatusCode::BAD_REQUEST, "{account:?}");
    }
}

#[tokio::test]
async fn log_in_reports_earlier_failures() {
    let app = app();
    let phone = phone(&app).await;
    let wrong = code(&phone, -3000);
    assert_eq!(status(&app, "/confirm", &wrong).await, StatusCode::UNAUTHORIZED);
    // Confirming takes no other guess back. The first log-in clears them.
    for (path, step, failures) in [("/confirm", -30, 1), ("/login", 0, 1), ("/login", 30, 0)] {
        let typed = json!({ "account": "alice", "code": code(&phone, step) });
        let body = post(&app, path, typed).await.into_body().collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap();
        assert_eq!(body, json!({ "failures_before": failures }));
    }
}

/// The key was stored in plain text, before there was a wallet.
#[tokio::test]
async fn log_in_re_encrypts_the_key() {
    let store = Arc::new(Memory::new(10));
    let plain = OtpContext::new().with_clock(|| Ok(NOW));
    let plain =
        AsyncVerifier::new(Arc::clone(&store), plain.with_plain_keys(), VerifierOptions::new())
            .unwrap();
    let phone = phone(&login::app(plain)).await;
    let secrets =
        ApplicationSecrets::parse("2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq").unwrap();
    let wallet = Wallet::new("2026".parse().unwrap(), &secrets).unwrap();
    let sealing = OtpContext::new().with_clock(|| Ok(NOW)).with_wallet(wallet);
    let sealing =
        AsyncVerifier::new(Arc::clone(&store), sealing.with_plain_keys(), VerifierOptions::new());
    let app = login::app(sealing.unwrap());
    let id = CredentialId::new("alice").unwrap();
    let stored = || Store::find(&*store, &id).unwrap().unwrap().record;
    let before = stored();
    assert_eq!(status(&app, "/confirm", &code(&phone, 0)).await, StatusCode::OK);
    assert_ne!(stored(), before);
    let sealed = stored();
    assert_eq!(status(&app, "/login", &code(&phone, 30)).await, StatusCode::OK);
    assert_eq!(stored(), sealed, "a current key is encrypted again");
}
