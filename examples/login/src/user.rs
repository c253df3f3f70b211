use axum::extract::{FromRequestParts, State};
use axum::http::{Method, request::Parts};
use otp_store::{Accepted, AccountId, AnyVerdict, Recovered, RecoveryVerdict, Verdict};
use serde::{Deserialize, Serialize};
use tower_cookies::Cookies;
use tower_sessions::Session;

use crate::page::Page;
use crate::{App, Stop, redirect};

/// What every handler gets.
#[derive(FromRequestParts)]
#[from_request(state(App))]
pub struct Visit {
    #[from_request(via(State))]
    pub app: App,
    pub session: Session,
    pub cookies: Cookies,
    pub method: Method,
}

/// What the forms send.
#[derive(Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    pub name: String,
    pub password: String,
    pub code: String,
    pub trust: bool,
    pub uri: String,
}

/// A user who is in.
pub struct User {
    pub account: AccountId,
    pub login: Login,
}

/// The log-in, in the session.
#[derive(Default, Deserialize, Serialize)]
pub struct Login {
    pub account: String,
    pub name: String,
    /// Until when a code is due after the password, and in how many tries. `None`: the user is in.
    pub pending: Option<(u64, u8)>,
    /// Until when the recovery code of this log-in counts as a fresh code.
    pub fresh_until: u64,
    /// The authenticator whose first code may confirm it, since a fresh code came before it.
    pub may_confirm: Option<String>,
}

impl Login {
    /// Writes how far the log-in has come, under a new id of the session.
    pub async fn enter(&self, session: &Session) -> Result<(), Stop> {
        session.cycle_id().await?;
        Ok(session.insert("login", self).await?)
    }
}

impl FromRequestParts<App> for User {
    type Rejection = Stop;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Stop> {
        let visit = Visit::from_request_parts(parts, app).await.map_err(|it| Stop(it.into()))?;
        let login: Option<Login> = visit.session.get("login").await?;
        let Some(login) = login.filter(|it| it.pending.is_none()) else {
            return redirect("/login");
        };
        Ok(Self { account: AccountId::new(&*login.account)?, login })
    }
}

/// A code that was right.
pub enum Proof {
    Code(Accepted),
    Recovery(Recovered),
}

impl App {
    pub fn now(&self) -> Result<u64, Stop> {
        Ok(self.otp.context().now()?.as_secs())
    }

    /// Returns the names of the account's confirmed authenticators.
    pub fn authenticators(&self, account: &AccountId) -> Result<Vec<String>, Stop> {
        let credentials = self.otp.credentials(account)?.into_iter();
        let confirmed = credentials.filter(|(_, status)| status.confirmed());
        Ok(confirmed.map(|(id, _)| id.name().to_owned()).collect())
    }

    /// Returns whether a password alone does not let the user in.
    pub fn has_factor(&self, account: &AccountId) -> Result<bool, Stop> {
        let has_codes = self.otp.recovery_codes_left(account)?.is_some();
        Ok(has_codes || !self.authenticators(account)?.is_empty())
    }

    /// Returns whether a change of factors needs a code: not the first factor, nor right after a recovery code.
    pub fn needs_code(&self, user: &User) -> Result<bool, Stop> {
        Ok(self.now()? >= user.login.fresh_until && self.has_factor(&user.account)?)
    }

    /// Asks for a fresh code before factors change, if that needs one.
    pub fn prove(&self, user: &User, typed: &str, page: Page) -> Result<(), Stop> {
        if self.needs_code(user)? {
            self.proof(self.otp.verify_any(&user.account, typed)?, page)?;
        }
        Ok(())
    }

    /// Returns the library's proof that a code was right, or shows what the library says instead.
    pub fn proof(&self, verdict: AnyVerdict, page: Page) -> Result<Proof, Stop> {
        use AnyVerdict::{Code, Recovery};
        let now = self.otp.context().now()?;
        let wait = match verdict {
            Code(Verdict::Accepted(code)) => return Ok(Proof::Code(code)),
            Code(Verdict::Rejected(why)) => why.retry_after(now),
            Code(Verdict::Locked(throttle)) => throttle.retry_after(now),
            Recovery(RecoveryVerdict::Accepted(code)) => return Ok(Proof::Recovery(code)),
            Recovery(RecoveryVerdict::Rejected(why)) => why.retry_after(now),
            Recovery(RecoveryVerdict::Locked(throttle)) => throttle.retry_after(now),
        };
        match wait {
            Some(0) => page.wrong("code", "Code not accepted. Each works once: use the next one."),
            wait => Err(Page::locked(wait)),
        }
    }
}
