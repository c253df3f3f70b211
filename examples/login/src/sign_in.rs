use std::time::Duration;

use axum::extract::Form;
use otp_store::{AccountId, TrustVerdict};
use tower_cookies::Cookie;

use crate::page::{Field, Page, ok};
use crate::user::{Login, Proof, Typed, Visit};
use crate::{Answer, redirect};

/// The minutes and the tries between password and code.
const MINUTES: u64 = 5;
const TRIES: u8 = 10;
/// The seconds for which a recovery code lets its user replace a lost phone.
const FRESH: u64 = 300;
const DAYS: u64 = 30;

pub async fn sign_up(visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let name = typed.name.trim();
    let fields = vec![
        Field::new("name", "Name", "Your e-mail address, or another name").fill("username", name),
        Field::new("password", "Password", "At least 8 characters").fill("new-password", ""),
    ];
    let page = Page::new("Sign up", "").form(fields, "Sign up", ("/login", "I have an account"));
    let page = page.unless_sent(&visit.method)?;
    let fits = |letter: char| letter.is_ascii_alphanumeric() || ".-_@+".contains(letter);
    if name.is_empty() || name.len() > 64 || !name.chars().all(fits) {
        return page.wrong("name", "A name has 1 to 64 letters, digits or . - _ @ +");
    }
    if typed.password.chars().count() < 8 {
        return page.wrong("password", "A password has at least 8 characters.");
    }
    let Some(account) = visit.app.database.sign_up(name, &typed.password)? else {
        return page.wrong("name", "This name is taken.");
    };
    let (account, name) = (account.to_string(), name.to_owned());
    Login { account, name, ..Login::default() }.enter(&visit.session).await?;
    redirect("/authenticators/add")
}

pub async fn log_in(visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let fields = vec![
        Field::new("name", "Name", "").fill("username", &typed.name),
        Field::new("password", "Password", "").fill("current-password", ""),
    ];
    let page = Page::new("Log in", "").form(fields, "Log in", ("/sign-up", "Sign up"));
    let page = page.unless_sent(&visit.method)?;
    let Some((account, name)) = visit.app.database.log_in(&typed.name, &typed.password)? else {
        return page.wrong("name", "The name or the password is wrong.");
    };
    let age = Duration::from_secs(DAYS * 86_400);
    let trusted = |it: Cookie<'_>| visit.app.otp.trusted(&account, it.value(), age);
    let verdict = visit.cookies.get("trust").map(trusted).transpose()?;
    let is_trusted = matches!(verdict, Some(TrustVerdict::Trusted(_)));
    let is_due = !is_trusted && visit.app.has_factor(&account)?;
    if is_trusted {
        visit.app.database.note(&account, "Logged in from a trusted browser");
    }
    let has_app = !visit.app.authenticators(&account)?.is_empty();
    let step = if has_app { "/login/code" } else { "/login/lost" };
    let pending = is_due.then_some((visit.app.now()? + MINUTES * 60, TRIES));
    let account = account.to_string();
    Login { account, name, pending, ..Login::default() }.enter(&visit.session).await?;
    redirect(if is_due { step } else { "/security" })
}

pub async fn code(visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let trust = Field::new("trust", "Trust this browser: it needs no code for 30 days", "");
    let text = "Your password is right. Now open your authenticator app.";
    let link = ("/login/lost", "I have lost my phone");
    let page = Page::new("Enter a code", text).form(vec![Field::code(), trust], "Log in", link);
    second_step(visit, typed, page).await
}

pub async fn lost(visit: Visit, Form(typed): Form<Typed>) -> Answer {
    let text = "Type one of the recovery codes that you printed or wrote down. Each works once.";
    let hint = "Such as 7K3M-9QXA-0T5V-WHE2. Hyphens and case do not matter.";
    let (button, link) = ("Log in with this code", ("/login/code", "I have my phone"));
    let fields = vec![Field::new("code", "Recovery code", hint)];
    let page = Page::new("Have you lost your phone?", text).form(fields, button, link);
    second_step(visit, typed, page).await
}

async fn second_step(visit: Visit, typed: Typed, mut page: Page) -> Answer {
    let Visit { app, session, cookies, method } = visit;
    let Some(mut login) = session.get::<Login>("login").await? else { return redirect("/login") };
    let Some((until, tries)) = login.pending else { return redirect("/security") };
    if tries == 0 || app.now()? >= until {
        let text = "Please type your password again.";
        return ok(&Page::new("The time or the tries are over", text));
    }
    page.hint = format!("You have {MINUTES} minutes and {TRIES} tries to type it.");
    let page = page.unless_sent(&method)?;
    login.pending = Some((until, tries - 1));
    session.insert("login", &login).await?;

    let account = AccountId::new(&*login.account)?;
    match app.proof(app.otp.verify_any(&account, &typed.code)?, page)? {
        Proof::Code(accepted) if typed.trust => {
            let (token, age) = (app.otp.trust(&accepted)?, DAYS * 86_400);
            let cookie = format!("trust={}; Path=/login; Max-Age={age}", token.reveal());
            cookies.add(Cookie::parse(cookie + "; Secure; HttpOnly; SameSite=Strict")?);
        }
        Proof::Code(_) => {}
        Proof::Recovery(recovered) => login.fresh_until = recovered.at().as_secs() + FRESH,
    }
    login.pending = None;
    login.enter(&session).await?;
    redirect("/security")
}

pub async fn log_out(visit: Visit) -> Answer {
    visit.session.flush().await?;
    redirect("/login")
}
