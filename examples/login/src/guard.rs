use axum::body::Bytes;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header, request::Parts};
use axum::middleware::Next;
use axum::response::Response;

use crate::Stop;
use crate::page::Page;

/// No script, no frame, and nothing from elsewhere.
const POLICY: &str = "default-src 'none'; style-src 'self'; form-action 'self'; \
                      base-uri 'none'; frame-ancestors 'none'";

/// Refuses what other sites send, and sets the headers of every response. A browser says which site a request is
/// from (Fetch Metadata, since 2023), so no form needs a token.
pub async fn protect(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site");
    let is_own = site.is_some_and(|site| site == "same-origin");
    let mut response = if request.method().is_safe() || is_own {
        next.run(request).await
    } else {
        Page::new("The form came from another site", "").show(StatusCode::FORBIDDEN)
    };
    let mut set = |name, text| response.headers_mut().insert(name, HeaderValue::from_static(text));
    set(header::CACHE_CONTROL, "no-store");
    set(header::CONTENT_SECURITY_POLICY, POLICY);
    set(header::REFERRER_POLICY, "same-origin");
    set(header::X_CONTENT_TYPE_OPTIONS, "nosniff");
    response
}

/// Gives a request a thread of its own, since it waits for a disk, a server or a password hash.
pub async fn wait(parts: Parts, body: Bytes, next: Next) -> Result<Response, Stop> {
    let run = next.run(Request::from_parts(parts, body.into()));
    Ok(tokio::task::spawn_blocking(|| pollster::block_on(run)).await?)
}
