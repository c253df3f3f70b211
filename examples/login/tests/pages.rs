//! The pages, without a browser. `cargo xtask browser` tells the whole story in one.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use otp_store::{OtpContext, UnixTime};
use tempfile::TempDir;
use tower::ServiceExt;

const PASSWORD: &str = "name=alice&password=correct+horse+battery";

/// A browser with cookies.
struct Browser {
    service: Router,
    cookies: RefCell<BTreeMap<String, String>>,
}

struct Page {
    status: StatusCode,
    headers: HeaderMap,
    text: String,
}

impl Page {
    fn header(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    fn leads_to(&self, path: &str) -> bool {
        self.status == StatusCode::SEE_OTHER && self.header(header::LOCATION) == path
    }
}

impl Browser {
    fn new(folder: &Path) -> Self {
        let service = login::router(login::open(folder, None).unwrap());
        Self { service, cookies: RefCell::default() }
    }

    async fn send(&self, request: Request<Body>) -> Page {
        let (parts, body) = self.service.clone().oneshot(request).await.unwrap().into_parts();
        for cookie in parts.headers.get_all(header::SET_COOKIE) {
            let pair = cookie.to_str().unwrap().split(';').next().unwrap();
            let (name, value) = pair.split_once('=').unwrap();
            self.cookies.borrow_mut().insert(name.to_owned(), value.to_owned());
        }
        let text = to_bytes(body, 100_000).await.unwrap().to_vec();
        let text = String::from_utf8(text).unwrap();
        assert!(!text.contains("<script"), "{text}");
        Page { status: parts.status, headers: parts.headers, text }
    }

    fn cookie(&self) -> String {
        self.cookies.borrow().iter().map(|(name, value)| format!("{name}={value};")).collect()
    }

    async fn get(&self, path: &str) -> Page {
        let request = Request::get(path).header(header::COOKIE, self.cookie());
        self.send(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, form: impl Into<String>) -> Page {
        self.post_from(Some("same-origin"), path, form).await
    }

    async fn post_from(&self, site: Option<&str>, path: &str, form: impl Into<String>) -> Page {
        let mut request = Request::post(path)
            .header(header::COOKIE, self.cookie())
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        self.send(request.body(Body::from(form.into())).unwrap()).await
    }

    /// Starts to enrol an authenticator, and returns its URI.
    async fn add(&self, name: &str, code: &str) -> String {
        let page = self.post("/authenticators/add", format!("name={name}&code={code}")).await;
        let (_, uri) = page.text.split_once("name=\"uri\" value=\"").unwrap();
        uri.split_once('"').unwrap().0.replace("&#38;", "&")
    }

    async fn confirm(&self, name: &str, uri: &str) -> Page {
        let form = format!("name={name}&uri={}&code={}", uri.replace('&', "%26"), code(uri, 0));
        self.post("/authenticators/confirm", form).await
    }

    /// Signs up, enrols a phone, and returns its URI and the recovery codes.
    async fn enroll(&self) -> (String, Vec<String>) {
        assert!(self.post("/sign-up", PASSWORD).await.leads_to("/authenticators/add"));
        let uri = self.add("Phone", "").await;
        let page = self.confirm("Phone", &uri).await;
        let codes = page.text.split("<code>").skip(1);
        let codes = codes.map(|rest| rest.split_once('<').unwrap().0.to_owned()).collect();
        (uri, codes)
    }

    /// Types the password in a new browser.
    async fn log_in(&self) -> Page {
        self.cookies.borrow_mut().remove("session");
        self.post("/login", PASSWORD).await
    }
}

/// Returns a phone's code, with its clock some seconds ahead.
fn code(uri: &str, ahead: u64) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let context = OtpContext::new().with_clock(move || Ok(UnixTime::from_secs(now + ahead)));
    context.from_uri(uri).unwrap().token().unwrap().code().text().to_string()
}

fn browser() -> (Browser, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    (Browser::new(&folder.path().join("data")), folder)
}

#[test]
#[cfg(unix)]
fn first_start_makes_private_files_and_later_ones_make_none() {
    use std::os::unix::fs::PermissionsExt;

    let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o777;
    let existing = tempfile::tempdir().unwrap();
    std::fs::set_permissions(&existing, PermissionsExt::from_mode(0o755)).unwrap();
    let folder = existing.path().join("data");
    let wallet = folder.join("otp.wallet");
    for folder in [existing.path(), &folder] {
        drop(login::open(folder, None).unwrap());
        for file in ["otp.wallet", "otp.db", "app.db"] {
            assert_eq!(mode(&folder.join(file)), 0o600, "{file}");
        }
    }
    assert_eq!((mode(existing.path()), mode(&folder)), (0o755, 0o700));

    let text = std::fs::read(&wallet).unwrap();
    drop(login::open(&folder, None).unwrap());
    assert_eq!(std::fs::read(&wallet).unwrap(), text);
    // A new wallet opens no key, and in a new database no account has a second factor.
    for file in ["otp.db", "otp.wallet"] {
        std::fs::remove_file(folder.join(file)).unwrap();
        assert!(login::open(&folder, None).is_err(), "{file}");
    }
}

#[tokio::test]
async fn form_of_another_site_is_refused() {
    let (browser, _folder) = browser();
    for site in [None, Some("cross-site"), Some("same-site"), Some("none")] {
        let page = browser.post_from(site, "/sign-up", PASSWORD).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{site:?}");
    }
    let page = browser.post_from(Some("same-origin"), "/sign-up", PASSWORD).await;
    assert!(page.leads_to("/authenticators/add"));
}

#[tokio::test]
async fn code_logs_in_once_and_guessing_locks() {
    let (browser, _folder) = browser();
    let (uri, codes) = browser.enroll().await;
    assert_eq!(codes.len(), 10);

    let page = browser.log_in().await;
    assert!(page.leads_to("/login/code"));
    let cookie = page.header(header::SET_COOKIE);
    for flag in ["session=", "HttpOnly", "Secure", "SameSite=Lax"] {
        assert!(cookie.contains(flag), "{cookie}");
    }
    assert!(page.header(header::CONTENT_SECURITY_POLICY).contains("default-src 'none'"));
    assert!(browser.get("/security").await.leads_to("/login"), "the password is not enough");
    let replay = format!("code={}", code(&uri, 0));
    let page = browser.post("/login/code", &replay).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.text.contains("aria-invalid=\"true\""));

    // The code that confirmed the phone was a failure, too.
    for _ in 0..2 {
        let page = browser.post("/login/code", "code=000000").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    for form in ["code=000000".to_owned(), format!("code={}", code(&uri, 30))] {
        let page = browser.post("/login/code", form).await;
        assert_eq!(page.status, StatusCode::TOO_MANY_REQUESTS);
        let seconds = page.header(header::RETRY_AFTER).parse::<u64>().unwrap();
        assert!((1..=30).contains(&seconds), "{seconds}");
    }
}

#[tokio::test]
async fn log_in_between_password_and_code_ends_after_ten_tries() {
    let (browser, _folder) = browser();
    let (uri, _) = browser.enroll().await;
    browser.log_in().await;
    // Not a code, so it costs no attempt of the account.
    for _ in 0..10 {
        let page = browser.post("/login/code", "code=x").await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let form = format!("code={}", code(&uri, 30));
    let page = browser.post("/login/code", &form).await;
    assert!(page.text.contains("type your password again"));
    assert!(browser.get("/security").await.leads_to("/login"));
    browser.log_in().await;
    assert!(browser.post("/login/code", &form).await.leads_to("/security"));
    assert!(browser.get("/login/code").await.leads_to("/security"), "no code is due any more");
    // Another thread writes the events, in their order.
    let mut page = browser.get("/security").await;
    while !page.text.contains("Code of “Phone” accepted") {
        page = browser.get("/security").await;
    }
    assert!(!page.text.contains("Wrong code"), "texts that are no codes fill no list of events");
}

#[tokio::test]
async fn large_form_and_unknown_authenticator_are_refused() {
    let (browser, _folder) = browser();
    let page = browser.post("/sign-up", "x".repeat(16 * 1024 + 1)).await;
    assert_eq!(page.status, StatusCode::PAYLOAD_TOO_LARGE);

    let (uri, _) = browser.enroll().await;
    let path = "/authenticators/remove?name=Other";
    assert!(browser.get(path).await.leads_to("/security"));
    let form = format!("name=Other&code={}", code(&uri, 30));
    assert!(browser.post("/authenticators/remove", form).await.leads_to("/security"));
    let form = format!("name=Phone&code={}", code(&uri, 30));
    let page = browser.post("/authenticators/remove", form).await;
    assert!(page.leads_to("/security"), "the code was not spent");
}

#[tokio::test]
async fn reading_a_page_does_not_prolong_the_session() {
    let (browser, _folder) = browser();
    browser.enroll().await;
    let page = browser.get("/security").await;
    assert!(page.text.contains("The authenticator is ready"));
    assert!(page.headers.contains_key(header::SET_COOKIE), "the notice is taken");
    for path in ["/security", "/authenticators/add", "/login"] {
        assert!(!browser.get(path).await.headers.contains_key(header::SET_COOKIE), "{path}");
    }
}

/// An attacker who knows the password begins before the owner does, and goes on after.
#[tokio::test]
async fn authenticator_from_before_the_first_one_is_not_confirmed() {
    let (owner, _folder) = browser();
    let attacker = Browser { service: owner.service.clone(), cookies: RefCell::default() };
    owner.post("/sign-up", PASSWORD).await;
    assert!(attacker.log_in().await.leads_to("/security"), "the password is enough");
    let other = attacker.add("Other", "").await;
    let phone = owner.add("Phone", "").await;
    assert_eq!(owner.confirm("Phone", &phone).await.status, StatusCode::OK);

    assert!(attacker.confirm("Other", &other).await.leads_to("/security"));
    let page = attacker.get("/security").await;
    assert!(page.text.contains("Phone") && !page.text.contains("Other"));

    // A fresh code allows the authenticator that it was typed for, and no other.
    let tablet = owner.add("Tablet", &code(&phone, 30)).await;
    assert!(owner.confirm("Other", &other).await.leads_to("/security"));
    assert!(owner.confirm("Tablet", &tablet).await.leads_to("/security"));
    let page = owner.get("/security").await;
    assert!(page.text.contains("Tablet") && !page.text.contains("Other"));
}

#[tokio::test]
async fn factors_change_only_with_a_fresh_code() {
    let (browser, _folder) = browser();
    let (uri, _) = browser.enroll().await;
    browser.log_in().await;
    let form = format!("trust=true&code={}", code(&uri, 30));
    let page = browser.post("/login/code", &form).await;
    let cookies: Vec<_> = page.headers.get_all(header::SET_COOKIE).iter().collect();
    let trust = cookies.iter().find_map(|it| it.to_str().unwrap().strip_prefix("trust=")).unwrap();
    for flag in ["HttpOnly", "Secure", "SameSite=Strict", "Path=/login", "Max-Age=2592000"] {
        assert!(trust.contains(flag), "{trust}");
    }
    assert!(browser.log_in().await.leads_to("/security"), "the browser is trusted");

    for (path, form) in [
        ("/authenticators/add", "name=Tablet"),
        ("/authenticators/remove", "name=Phone"),
        ("/recovery-codes", ""),
    ] {
        let page = browser.post(path, form).await;
        assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
    }
    let page = browser.get("/security").await;
    assert!(page.text.contains("10 of 10 left") && page.text.contains("Phone"));
    assert!(browser.post("/trusted-browsers/forget", "").await.leads_to("/security"));
    assert!(browser.log_in().await.leads_to("/login/code"), "no browser is trusted any more");
}

#[tokio::test]
async fn recovery_code_replaces_a_lost_phone() {
    let (browser, _folder) = browser();
    let (_, codes) = browser.enroll().await;
    assert!(browser.get("/security").await.text.contains("Make new codes"));
    browser.log_in().await;
    let form = format!("code={}", codes[0]);
    assert!(browser.post("/login/lost", &form).await.leads_to("/security"));
    assert!(browser.post("/authenticators/remove", "name=Phone").await.leads_to("/security"));
    assert!(!browser.get("/authenticators/add").await.text.contains("name=\"code\""));

    // The recovery codes still guard the account. Nothing asks for the code of an app.
    assert!(!browser.get("/security").await.text.contains("Make new codes"));
    assert!(browser.log_in().await.leads_to("/login/lost"));
    assert_eq!(browser.post("/login/lost", &form).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let form = format!("code={}", codes[1]);
    assert!(browser.post("/login/lost", &form).await.leads_to("/security"));
    let uri = browser.add("New", "").await;
    assert_eq!(browser.confirm("New", &uri).await.text.matches("<code>").count(), 10);
    let page = browser.get("/authenticators/add").await;
    assert!(page.text.contains("name=\"code\"") && !page.text.contains("numeric"));
}
