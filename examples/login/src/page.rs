use askama::Template;
use axum::http::{Method, StatusCode, header};
use axum::response::{AppendHeaders, Html, IntoResponse, Response};
use otp_store::{KeyUri, RecoveryCodes};

use crate::{Answer, Stop};

/// Path and text.
pub type Link = (&'static str, &'static str);

/// A page with a text and at most one form.
#[derive(Default, Template)]
#[template(path = "page.html")]
pub struct Page {
    heading: &'static str,
    text: String,
    /// The QR code of a new key, and the key.
    pub key: Option<(String, KeyUri)>,
    /// The user and the new recovery codes. No other page ever shows them.
    pub codes: Option<(String, RecoveryCodes)>,
    fields: Vec<Field>,
    button: &'static str,
    link: Link,
    pub hint: String,
    /// The field that is wrong, and why.
    problem: Option<(&'static str, &'static str)>,
}

/// A field of a form. Without a label it is hidden.
pub struct Field {
    id: &'static str,
    label: &'static str,
    hint: &'static str,
    autocomplete: &'static str,
    value: String,
}

impl Field {
    pub fn new(id: &'static str, label: &'static str, hint: &'static str) -> Self {
        Self { id, label, hint, autocomplete: "", value: String::new() }
    }

    /// `autocomplete`: what a browser or a password manager may fill in.
    pub fn fill(self, autocomplete: &'static str, value: &str) -> Self {
        Self { autocomplete, value: value.to_owned(), ..self }
    }

    pub fn code() -> Self {
        Self::new("code", "Code", "The 6 digits that your app shows").fill("one-time-code", "")
    }

    /// A code of an app or a recovery code.
    pub fn any_code() -> Self {
        let hint = "The 6 digits of your app, or a recovery code such as 7K3M-9QXA-0T5V-WHE2";
        Self::new("code", "Code", hint)
    }
}

impl Page {
    pub fn new(heading: &'static str, text: impl Into<String>) -> Self {
        Self { heading, text: text.into(), link: ("/", "Go to the start"), ..Self::default() }
    }

    pub fn form(self, fields: Vec<Field>, button: &'static str, link: Link) -> Self {
        Self { fields, button, link, ..self }
    }

    /// Shows the form, unless it was sent.
    pub fn unless_sent(self, method: &Method) -> Result<Self, Stop> {
        if method.is_safe() { Err(Stop(ok(&self)?.into())) } else { Ok(self) }
    }

    fn problem_of(&self, field: &Field) -> &str {
        self.problem.filter(|(id, _)| *id == field.id).map_or("", |(_, text)| text)
    }

    pub fn show(self, status: StatusCode) -> Response {
        (status, Html(self.render().unwrap_or_default())).into_response()
    }

    /// Shows the form again, with what is wrong.
    pub fn wrong<T>(self, field: &'static str, text: &'static str) -> Result<T, Stop> {
        let page = Self { problem: Some((field, text)), ..self };
        Err(Stop(page.show(StatusCode::UNPROCESSABLE_ENTITY).into()))
    }

    /// Says how long no code is looked at (RFC 6585 § 4). `None`: until an operator unlocks the account.
    pub fn locked(seconds: Option<u64>) -> Stop {
        let text = "No code is accepted now, not even a right one.";
        let text = match seconds {
            None => format!("{text} Please ask our support to unlock your account."),
            Some(seconds @ 0..=90) => format!("{text} Try again in {seconds} seconds."),
            Some(seconds) => format!("{text} Try again in {} minutes.", seconds.div_ceil(60)),
        };
        let page = Self::new("Too many wrong codes", text).form(vec![], "", ("", "Go back"));
        let page = page.show(StatusCode::TOO_MANY_REQUESTS);
        let header = seconds.map(|seconds| (header::RETRY_AFTER, seconds.to_string()));
        Stop((AppendHeaders(header), page).into_response().into())
    }
}

#[derive(Template)]
#[template(path = "security.html")]
pub struct Security {
    pub name: String,
    pub notice: String,
    pub authenticators: Vec<String>,
    pub left: Option<u32>,
    pub events: Vec<(String, String)>,
}

pub fn ok(page: &impl Template) -> Answer {
    Ok(Html(page.render()?).into_response())
}
