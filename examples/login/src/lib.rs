//! A login with two factors, for people. Passwords, sessions and pages are this example's. The second factor is
//! otp-store's: this code shows its verdicts and decides nothing of its own.

mod account;
mod database;
mod guard;
mod page;
mod setup;
mod sign_in;
mod user;

use std::error::Error;
use std::sync::Arc;

use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use axum::{Router, middleware};
use otp_store::{Store, Verifier};
use tower_sessions::cookie::{SameSite, time::Duration};
use tower_sessions::{Expiry, MemoryStore, SessionManagerLayer};

use crate::page::Page;
pub use crate::setup::open;

/// What requests share: the second factor over any database, and the application's own rows.
#[derive(Clone)]
pub struct App {
    otp: Arc<Verifier<Box<dyn Store + Send + Sync>>>,
    database: Arc<database::Database>,
}

/// Makes the service.
pub fn router(app: App) -> Router {
    let sessions = SessionManagerLayer::new(MemoryStore::default())
        .with_name("session")
        .with_secure(true)
        .with_http_only(true)
        .with_same_site(SameSite::Lax)
        .with_expiry(Expiry::OnInactivity(Duration::minutes(30)));
    let home = async || Redirect::to("/security");
    let style = ([(header::CONTENT_TYPE, "text/css")], include_str!("../assets/style.css"));
    Router::new()
        .route("/", get(home))
        .route("/sign-up", get(sign_in::sign_up).post(sign_in::sign_up))
        .route("/login", get(sign_in::log_in).post(sign_in::log_in))
        .route("/login/code", get(sign_in::code).post(sign_in::code))
        .route("/login/lost", get(sign_in::lost).post(sign_in::lost))
        .route("/logout", post(sign_in::log_out))
        .route("/security", get(account::security))
        .route("/authenticators/add", get(account::add).post(account::add))
        .route("/authenticators/confirm", get(home).post(account::confirm))
        .route("/authenticators/remove", get(account::remove).post(account::remove))
        .route("/recovery-codes", get(account::recovery_codes).post(account::recovery_codes))
        .route("/trusted-browsers/forget", post(account::forget))
        .layer(sessions)
        .layer(middleware::from_fn(guard::wait))
        .layer(DefaultBodyLimit::max(16 * 1024))
        .route("/style.css", get(async move || style))
        .fallback(async || Page::new("Page not found", "").show(StatusCode::NOT_FOUND))
        .layer(middleware::from_fn(guard::protect))
        .with_state(app)
}

type Answer = Result<Response, Stop>;

/// The response of a request that ends early.
pub struct Stop(Box<Response>);

impl<E: Into<Box<dyn Error + Send + Sync>>> From<E> for Stop {
    /// A failure goes to the log, and lets no user in.
    fn from(error: E) -> Self {
        eprintln!("{}", error.into());
        let page = Page::new("Something went wrong", "Please try again in a minute.");
        Self(page.show(StatusCode::SERVICE_UNAVAILABLE).into())
    }
}

impl IntoResponse for Stop {
    fn into_response(self) -> Response {
        *self.0
    }
}

fn redirect<T>(path: &str) -> Result<T, Stop> {
    Err(Stop(Redirect::to(path).into_response().into()))
}
