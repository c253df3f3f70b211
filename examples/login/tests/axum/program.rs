use std::sync::Arc;

use axum::extract::{Json, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::{Router, routing::post};
use otp_store::{
    CredentialId, Error, OtpContext, Sqlite, Verdict, Verifier,
    VerifierOptions, Wallet,
};

type Shared = State<Arc<Verifier<Sqlite>>>;
type Answer = Result<Response, StatusCode>;

/// What the form sends.
/// In earnest, take the account from the session that the password opened.
#[derive(serde::Deserialize)]
struct Form {
    account: String,
    code: Option<String>,
}

/// SQLite blocks while the disk writes, so it runs where blocking is allowed.
async fn blocking(
    work: impl FnOnce() -> Result<Response, Error> + Send + 'static,
) -> Answer {
    match tokio::task::spawn_blocking(work).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(Error::Enrolled)) => Err(StatusCode::CONFLICT),
        Ok(Err(Error::Id | Error::Name)) => Err(StatusCode::BAD_REQUEST),
        Ok(Err(error)) => {
            eprintln!("{error}"); // An error never lets the user in.
            Err(StatusCode::SERVICE_UNAVAILABLE)
        }
        Err(_) => Err(StatusCode::INTERNAL_SERVER_ERROR),
    }
}

async fn enroll(State(verifier): Shared, Json(form): Json<Form>) -> Answer {
    blocking(move || {
        let credential = verifier.context().new_totp(&form.account)?;
        verifier.enroll(&CredentialId::new(form.account)?, &credential)?;
        let uri = credential.key_uri()?.to_string();
        Ok((StatusCode::CREATED, uri).into_response())
    })
    .await
}

async fn confirm(State(verifier): Shared, Json(form): Json<Form>) -> Answer {
    blocking(move || {
        let id = CredentialId::new(form.account)?;
        let verdict = verifier.confirm(&id, &form.code.unwrap_or_default())?;
        answer(&verifier, &id, verdict)
    })
    .await
}

async fn log_in(State(verifier): Shared, Json(form): Json<Form>) -> Answer {
    blocking(move || {
        let id = CredentialId::new(form.account)?;
        let verdict = verifier.verify(&id, &form.code.unwrap_or_default())?;
        answer(&verifier, &id, verdict)
    })
    .await
}

fn answer(
    verifier: &Verifier<Sqlite>,
    id: &CredentialId,
    verdict: Verdict,
) -> Result<Response, Error> {
    Ok(match verdict {
        Verdict::Accepted(accepted) => {
            let failures = accepted.failures_before();
            format!("welcome, {failures} failures before").into_response()
        }
        Verdict::Rejected(rejection) => {
            eprintln!("{}: {}", id.account(), rejection.reason().name());
            (StatusCode::UNAUTHORIZED, rejection.to_string()).into_response()
        }
        Verdict::Locked(throttle) => {
            let now = verifier.context().now()?;
            match throttle.retry_after(now) {
                Some(seconds) => {
                    let wait = [(header::RETRY_AFTER, seconds.to_string())];
                    (StatusCode::TOO_MANY_REQUESTS, wait).into_response()
                }
                None => (StatusCode::LOCKED, "ask the support").into_response(),
            }
        }
    })
}

fn app(verifier: Verifier<Sqlite>) -> Router {
    Router::new()
        .route("/enroll", post(enroll))
        .route("/confirm", post(confirm))
        .route("/login", post(log_in))
        .with_state(Arc::new(verifier))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let wallet = Wallet::open("otp.wallet")?;
    let context = OtpContext::new().with_issuer("Example").with_wallet(wallet);
    let store = Sqlite::open("otp.db")?;
    let verifier = Verifier::new(store, context, VerifierOptions::new())?;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await?;
    axum::serve(listener, app(verifier)).await?;
    Ok(())
}
