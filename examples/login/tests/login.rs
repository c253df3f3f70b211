//! The service on the memory store, with a clock that stands still.

use axum::Router;
use axum::body::Body;
use axum::http::{Request, Response, StatusCode, header};
use http_body_util::BodyExt;
use otp_context::{OtpContext, Rules};
use otp_core::{Totp, UnixTime};
use otp_store::{AsyncVerifier, Memory};
use otp_uri::{Generator, KeyUri};
use serde_json::{Value, json};
use tower::ServiceExt;

const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

fn app() -> Router {
    let context = OtpContext::new().with_issuer("Example").with_clock(|| Ok(NOW));
    let verifier = AsyncVerifier::new(Memory::new(10), context.with_plain_keys(), Rules::new());
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

/// Enrols alice and reads the URI as her phone does.
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
async fn a_code_logs_in_once() {
    let app = app();
    let phone = phone(&app).await;
    let (first, second) = (code(&phone, -30), code(&phone, 0));
    assert_eq!(status(&app, "/login", &first).await, StatusCode::UNAUTHORIZED, "not confirmed");
    assert_eq!(status(&app, "/confirm", &first).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "/confirm", &first).await, StatusCode::CONFLICT);
    assert_eq!(status(&app, "/login", &first).await, StatusCode::UNAUTHORIZED, "spent");
    assert_eq!(status(&app, "/login", &second).await, StatusCode::NO_CONTENT);
    assert_eq!(status(&app, "/login", &second).await, StatusCode::UNAUTHORIZED, "spent");
}

#[tokio::test]
async fn guessing_must_wait() {
    let app = app();
    let phone = phone(&app).await;
    assert_eq!(status(&app, "/confirm", &code(&phone, 0)).await, StatusCode::NO_CONTENT);
    let wrong = code(&phone, -3000);
    for _ in 0..4 {
        assert_eq!(status(&app, "/login", &wrong).await, StatusCode::UNAUTHORIZED);
    }
    let locked = post(&app, "/login", json!({ "account": "alice", "code": wrong })).await;
    assert_eq!(locked.status(), StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(locked.headers()[header::RETRY_AFTER], "30");
}

#[tokio::test]
async fn a_stranger_learns_nothing() {
    let app = app();
    let nobody = post(&app, "/login", json!({ "account": "nobody", "code": "123456" })).await;
    assert_eq!(nobody.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(status(&app, "/login", "no code").await, StatusCode::UNAUTHORIZED);
    let empty = post(&app, "/enroll", json!({ "account": "" })).await;
    assert_eq!(empty.status(), StatusCode::BAD_REQUEST);
}
