use axum::extract::Form;
use otp_store::{Accepted, AnyVerdict, CredentialId, Error, KeyUri};

use crate::page::{Codes, Field, Link, Page, Security, ok};
use crate::user::{Proof, Typed, User, Visit};
use crate::{Answer, Stop, redirect};

const CANCEL: Link = ("/security", "Cancel");

pub async fn security(visit: Visit, user: User) -> Answer {
    let mut notice: String = visit.session.remove("notice").await?.unwrap_or_default();
    if visit.app.now()? < user.login.fresh_until {
        notice += " You used a recovery code. If you have lost your phone, remove it here, and add the new one. \
                   For 5 minutes this needs no other code.";
    }
    ok(&Security {
        notice,
        authenticators: visit.app.authenticators(&user.account)?,
        left: visit.app.otp.recovery_codes_left(&user.account)?,
        events: visit.app.database.events(&user.account)?,
        name: user.login.name,
    })
}

/// Adds an authenticator, which its first code has to confirm.
pub async fn add(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    let name = typed.name.trim();
    let hint = "Such as Phone, Tablet or Work";
    let mut fields = vec![Field::new("name", "Name of the authenticator", hint).fill("off", name)];
    fields.extend(visit.app.needs_code(&user)?.then(Field::code));
    let text = "First install an authenticator app on your phone, if you have none.";
    let page = Page::new("Set up an authenticator", text).form(fields, "Continue", CANCEL);
    if visit.method.is_safe() {
        return ok(&page);
    }
    if !(1..=40).contains(&name.chars().count()) || name.contains(char::is_control) {
        return page.wrong("name", "A name has 1 to 40 characters.");
    }
    visit.app.prove(&user, &typed.code, page)?;
    let credential = visit.app.otp.context().new_totp(&user.login.name)?;
    let id = CredentialId::from(user.account).with_name(name)?;
    match visit.app.otp.enroll(&id, &credential) {
        Ok(()) => ok(&confirm_page(name, credential.key_uri()?)?),
        Err(Error::Enrolled | Error::TooManyCredentials(_)) => {
            let text = "You have one with this name, or as many as an account may have.";
            ok(&Page::new("The authenticator was not added", text))
        }
        Err(error) => Err(error.into()),
    }
}

/// The form brings the key back, to show it again after a wrong code: the store reveals no key.
fn confirm_page(name: &str, uri: KeyUri) -> Result<Page, Stop> {
    let text = format!("Scan it with the app that you call “{name}”. Then type its code.");
    let hidden = |id, value| Field::new(id, "", "").fill("", value);
    let fields = vec![hidden("name", name), hidden("uri", uri.reveal().as_str()), Field::code()];
    let page = Page::new("Scan the QR code", text).form(fields, "Confirm", CANCEL);
    let mut page = page.key(uri)?;
    page.hint = "The app shows each code for 30 seconds. This page waits for 30 minutes.".into();
    Ok(page)
}

pub async fn confirm(visit: Visit, mut user: User, Form(typed): Form<Typed>) -> Answer {
    let page = confirm_page(&typed.name, KeyUri::parse_strict(&typed.uri)?)?;
    let id = CredentialId::from(user.account.clone()).with_name(typed.name)?;
    let verdict = match visit.app.otp.confirm(&id, &typed.code) {
        // Sent twice.
        Err(Error::Enrolled) => return redirect("/security"),
        verdict => AnyVerdict::Code(verdict?),
    };
    let proof = visit.app.proof(verdict, page)?;
    // From now on a change needs a code again.
    let is_recovered = std::mem::take(&mut user.login.fresh_until) > 0;
    user.login.enter(&visit.session).await?;
    visit.session.insert("notice", "The authenticator is ready.").await?;
    let has_codes = visit.app.otp.recovery_codes_left(&user.account)?.is_some();
    match proof {
        Proof::Code(accepted) if is_recovered || !has_codes => make_codes(&visit, user, &accepted),
        _ => redirect("/security"),
    }
}

pub async fn recovery_codes(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    let page = Page::new("Make new recovery codes", "The old ones stop working at once.");
    let page = page.form(vec![Field::code()], "Make new codes", CANCEL);
    if visit.method.is_safe() {
        return ok(&page);
    }
    // A recovery code makes no recovery codes, and here it is not spent.
    let verdict = visit.app.otp.verify_account(&user.account, &typed.code)?;
    match visit.app.proof(AnyVerdict::Code(verdict), page)? {
        Proof::Code(accepted) => make_codes(&visit, user, &accepted),
        Proof::Recovery(_) => redirect("/security"),
    }
}

fn make_codes(visit: &Visit, user: User, accepted: &Accepted) -> Answer {
    match visit.app.otp.new_recovery_codes(accepted) {
        // The code of a second, new authenticator. The first one can make recovery codes.
        Err(Error::NewProof) => redirect("/security"),
        codes => ok(&Codes { name: user.login.name, codes: codes? }),
    }
}

pub async fn remove(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    let text = "Its codes stop working at once. All browsers ask for a code again.";
    let mut fields = vec![Field::new("name", "", "").fill("", &typed.name)];
    fields.extend(visit.app.needs_code(&user)?.then(Field::code));
    let page = Page::new("Remove an authenticator", format!("This is “{}”. {text}", typed.name));
    let page = page.form(fields, "Remove", CANCEL);
    if visit.method.is_safe() {
        return ok(&page);
    }
    visit.app.prove(&user, &typed.code, page)?;
    visit.app.otp.remove(&CredentialId::from(user.account).with_name(typed.name)?)?;
    visit.session.insert("notice", "The authenticator is removed.").await?;
    redirect("/security")
}

pub async fn forget(visit: Visit, user: User) -> Answer {
    visit.app.otp.revoke_trust(&user.account)?;
    visit.session.insert("notice", "All browsers ask for a code again.").await?;
    redirect("/security")
}
