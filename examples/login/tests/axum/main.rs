//! The program of docs/guide/axum.md, on a database of its own.

use axum::body::{Body, to_bytes};
use axum::http::{Request, StatusCode, header};
use otp_store::{OtpContext, Sqlite, Verifier, VerifierOptions};
use tower::ServiceExt;

mod program {
    include!("program.rs");

    pub(crate) fn service(verifier: Verifier<Sqlite>) -> Router {
        app(verifier)
    }

    #[test]
    fn wallet_is_required() {
        assert!(main().is_err());
    }
}

const PROGRAM: &str = include_str!("program.rs");
const PAGE: &str = include_str!("../../../../docs/guide/axum.md");

#[test]
fn page_has_this_program() {
    let (_, block) = PAGE.split_once("```rust,no_run\n").unwrap();
    assert_eq!(block.split_once("```").unwrap().0, PROGRAM);
}

#[tokio::test]
async fn code_logs_in_once() {
    let folder = tempfile::tempdir().unwrap();
    let store = Sqlite::create(folder.path().join("otp.db")).unwrap();
    let context = OtpContext::new().with_plain_keys();
    let service = program::service(Verifier::new(store, context, VerifierOptions::new()).unwrap());
    let post = async |path: &str, code: &str| {
        let body = format!(r#"{{"account":"alice","code":"{code}"}}"#);
        let request = Request::post(path).header(header::CONTENT_TYPE, "application/json");
        let response = service.clone().oneshot(request.body(Body::from(body)).unwrap()).await;
        let response = response.unwrap();
        let wait = response.headers().get(header::RETRY_AFTER).cloned();
        (response.status(), to_bytes(response.into_body(), 1000).await.unwrap(), wait)
    };

    let (status, uri, _) = post("/enroll", "").await;
    assert_eq!(status, StatusCode::CREATED);
    let phone = OtpContext::new().from_uri(std::str::from_utf8(&uri).unwrap()).unwrap();
    let code = phone.token().unwrap().code().text().to_string();
    assert_eq!(post("/confirm", &code).await.0, StatusCode::OK);
    assert_eq!(post("/login", &code).await.0, StatusCode::UNAUTHORIZED, "used to confirm");
    assert_eq!(post("/enroll", "").await.0, StatusCode::CONFLICT);

    // With the rejected code above these are four failures, so the account is locked for 30 seconds.
    for _ in 0..3 {
        assert_eq!(post("/login", "000000").await.0, StatusCode::UNAUTHORIZED);
    }
    let (status, _, wait) = post("/login", &code).await;
    assert_eq!(status, StatusCode::TOO_MANY_REQUESTS);
    let seconds = wait.unwrap().to_str().unwrap().parse::<u64>().unwrap();
    assert!((1..=30).contains(&seconds), "{seconds}");
}
