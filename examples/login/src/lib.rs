//! The second factor of a login, over HTTP.
//!
//! In a real service the session of the first factor names the account. To keep the example short,
//! the request names it here.

use std::sync::Arc;

use axum::Router;
use axum::extract::{Json, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use otp_store::{
    Accepted, AsyncStore, AsyncVerifier, ContextError, CredentialId, Error, Lock, OtpContext,
    Throttle, Verdict,
};
use serde::{Deserialize, Serialize};

/// The state that handlers share: the verifier, which holds the connection pool and the wallet.
type Shared<S> = State<Arc<AsyncVerifier<S>>>;

/// Makes the service over any store.
pub fn app<S: AsyncStore + Send + 'static>(verifier: AsyncVerifier<S>) -> Router {
    Router::new()
        .route("/enroll", post(enroll::<S>))
        .route("/confirm", post(confirm::<S>))
        .route("/login", post(log_in::<S>))
        .with_state(Arc::new(verifier))
}

#[derive(Deserialize)]
struct Account {
    account: String,
}

#[derive(Deserialize)]
struct Typed {
    account: String,
    code: String,
}

#[derive(Serialize)]
struct Enrolled {
    uri: String,
}

/// What to show after a log-in: failures that were not the user's own are an attack.
#[derive(Serialize)]
struct Welcome {
    failures_before: u32,
}

/// Makes a credential, and returns its URI once. Show it as a QR code.
async fn enroll<S: AsyncStore + Send + 'static>(
    State(verifier): Shared<S>,
    Json(request): Json<Account>,
) -> Result<(StatusCode, Json<Enrolled>), Failure> {
    let id = CredentialId::new(request.account)?;
    let credential = verifier.context().new_totp(id.account().as_str()).map_err(Error::from)?;
    verifier.enroll(&id, &credential).await?;
    let uri = credential.key_uri().map_err(Error::from)?.to_string();
    Ok((StatusCode::CREATED, Json(Enrolled { uri })))
}

/// Confirms a new credential by its first code.
async fn confirm<S: AsyncStore + Send + 'static>(
    State(verifier): Shared<S>,
    Json(request): Json<Typed>,
) -> Result<Response, Failure> {
    let id = CredentialId::new(request.account)?;
    let verdict = verifier.confirm(&id, &request.code).await?;
    Ok(answer(&verifier, &id, verdict).await)
}

/// Verifies a code. Only `Verdict::Accepted` opens the session.
async fn log_in<S: AsyncStore + Send + 'static>(
    State(verifier): Shared<S>,
    Json(request): Json<Typed>,
) -> Result<Response, Failure> {
    let id = CredentialId::new(request.account)?;
    let verdict = verifier.verify(&id, &request.code).await?;
    Ok(answer(&verifier, &id, verdict).await)
}

/// Returns one reply for every reason. The reason goes to the log.
async fn answer<S: AsyncStore>(
    verifier: &AsyncVerifier<S>,
    id: &CredentialId,
    verdict: Verdict,
) -> Response {
    match verdict {
        Verdict::Accepted(accepted) => welcome(verifier, id, accepted).await,
        Verdict::Rejected(rejection) => {
            eprintln!("code rejected: {}", rejection.reason().name());
            (StatusCode::UNAUTHORIZED, rejection.to_string()).into_response()
        }
        Verdict::Locked(throttle) => too_many(verifier.context(), throttle),
    }
}

/// Re-encrypts a key that is not sealed under the current secret. If that fails, the log-in still
/// succeeds, and the next one retries.
async fn welcome<S: AsyncStore>(
    verifier: &AsyncVerifier<S>,
    id: &CredentialId,
    accepted: Accepted,
) -> Response {
    if accepted.reseal().is_some()
        && let Err(error) = verifier.reseal(id).await
    {
        eprintln!("not re-encrypted: {error}");
    }
    Json(Welcome { failures_before: accepted.failures_before() }).into_response()
}

/// Sets `Retry-After` (RFC 9110 § 10.2.3) if waiting helps.
fn too_many(context: &OtpContext, throttle: Throttle) -> Response {
    let status = StatusCode::TOO_MANY_REQUESTS;
    match (throttle.lock(), context.now()) {
        (Lock::Until(until), Ok(now)) => {
            let wait: [(HeaderName, String); 1] =
                [(header::RETRY_AFTER, until.seconds_since(now).to_string())];
            (status, wait).into_response()
        }
        _ => status.into_response(),
    }
}

/// A failure never accepts a code.
struct Failure(Error);

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        match self.0 {
            // The account is empty, too long, or only white space.
            Error::Id | Error::Context(ContextError::Uri(_)) => {
                StatusCode::BAD_REQUEST.into_response()
            }
            Error::Enrolled => StatusCode::CONFLICT.into_response(),
            error => {
                eprintln!("{error}");
                StatusCode::SERVICE_UNAVAILABLE.into_response()
            }
        }
    }
}
