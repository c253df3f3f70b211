use axum::extract::Form;
use otp_store::{AnyVerdict, CredentialId, Error, KeyUri};
use otp_uri::Qr;

use crate::page::{Field, Link, Page, Security, ok};
use crate::user::{Login, Proof, Typed, User, Visit};
use crate::{Answer, Stop, redirect};

const CANCEL: Link = ("/security", "Cancel");

pub async fn security(visit: Visit, user: User) -> Answer {
    let mut notice: String = visit.session.get("notice").await?.unwrap_or_default();
    // Each write prolongs the session.
    if !notice.is_empty() {
        visit.session.remove_value("notice").await?;
    }
    if visit.app.now()? < user.login.fresh_until {
        notice += " You used a recovery code. You have 5 minutes to replace a lost phone here.";
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
pub async fn add(visit: Visit, mut user: User, Form(typed): Form<Typed>) -> Answer {
    let name = typed.name.trim();
    let hint = "Such as Phone, Tablet or Work";
    let mut fields = vec![Field::new("name", "Name of the authenticator", hint).fill("off", name)];
    fields.extend(visit.app.needs_code(&user)?.then(Field::any_code));
    let text = "First install an authenticator app on your phone, if you have none.";
    let page = Page::new("Set up an authenticator", text)
        .form(fields, "Continue", CANCEL)
        .unless_sent(&visit.method)?;
    if !(1..=40).contains(&name.chars().count()) || name.contains(char::is_control) {
        return page.wrong("name", "A name has 1 to 40 characters.");
    }
    // Before the proof, which an account without a factor does not need.
    user.login.may_confirm = visit.app.has_factor(&user.account)?.then(|| name.to_owned());
    visit.app.prove(&user, &typed.code, page)?;
    visit.session.insert("login", &user.login).await?;
    let credential = visit.app.otp.context().new_totp(&user.login.name)?;
    let id = CredentialId::from(user.account).with_name(name)?;
    let enrolled = visit.app.otp.enroll(&id, &credential);
    if let Err(Error::Enrolled | Error::TooManyCredentials(_)) = enrolled {
        let text = "You have one with this name, or as many as an account may have.";
        return ok(&Page::new("The authenticator was not added", text));
    }
    enrolled?;
    ok(&confirm_page(name, credential.key_uri()?)?)
}

/// The form brings the key back, to show it again after a wrong code: the store reveals no key.
fn confirm_page(name: &str, uri: KeyUri) -> Result<Page, Stop> {
    let text = format!("This key is for “{name}”. Scan the QR code with your app.");
    let hidden = |id, value| Field::new(id, "", "").fill("", value);
    let fields = vec![hidden("name", name), hidden("uri", uri.reveal().as_str()), Field::code()];
    let mut page = Page::new("Scan the QR code", text).form(fields, "Confirm", CANCEL);
    page.hint = "The app shows each code for 30 seconds. This page waits for 30 minutes.".into();
    page.key = Some((Qr::new(&uri)?.svg(), uri));
    Ok(page)
}

pub async fn confirm(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    let User { account, mut login } = user;
    // With the password alone an attacker could enrol before the owner does, and confirm later.
    if login.may_confirm.take().as_ref() != Some(&typed.name) && visit.app.has_factor(&account)? {
        return redirect("/security");
    }
    let Ok(uri) = KeyUri::parse_strict(&typed.uri) else { return redirect("/security") };
    let page = confirm_page(&typed.name, uri)?;
    let id = CredentialId::from(account).with_name(typed.name)?;
    let proof =
        visit.app.proof(AnyVerdict::Code(visit.app.otp.confirm(&id, &typed.code)?), page)?;
    // From now on a change needs a code again.
    login.fresh_until = 0;
    login.enter(&visit.session).await?;
    visit.session.insert("notice", "The authenticator is ready.").await?;
    make_codes(&visit, login, &proof)
}

pub async fn recovery_codes(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    let text = "The old ones stop working at once.";
    let page = Page::new("Make new recovery codes", text)
        .form(vec![Field::code()], "Make new codes", CANCEL)
        .unless_sent(&visit.method)?;
    // A recovery code makes no recovery codes, and here it is not spent.
    let verdict = visit.app.otp.verify_account(&user.account, &typed.code)?;
    let proof = visit.app.proof(AnyVerdict::Code(verdict), page)?;
    make_codes(&visit, user.login, &proof)
}

fn make_codes(visit: &Visit, login: Login, proof: &Proof) -> Answer {
    let Proof::Code(accepted) = proof else { return redirect("/security") };
    let text = "If you lose your phone, one of these codes lets you in. Each works once. \
                This page is the only one that ever shows them: print it, or write them down.";
    let link = ("/security", "I have them on paper");
    let mut page = Page::new("Your recovery codes", text).form(vec![], "", link);
    page.codes = match visit.app.otp.new_recovery_codes(accepted) {
        // The first code of a second authenticator. The first one can make recovery codes.
        Err(Error::NewProof) => return redirect("/security"),
        codes => Some((login.name, codes?)),
    };
    ok(&page)
}

pub async fn remove(visit: Visit, user: User, Form(typed): Form<Typed>) -> Answer {
    if !visit.app.authenticators(&user.account)?.contains(&typed.name) {
        return redirect("/security");
    }
    let text = "Its codes stop working at once. All browsers ask for a code again.";
    let mut fields = vec![Field::new("name", "", "").fill("", &typed.name)];
    fields.extend(visit.app.needs_code(&user)?.then(Field::any_code));
    let page = Page::new("Remove an authenticator", format!("This is “{}”. {text}", typed.name));
    let page = page.form(fields, "Remove", CANCEL).unless_sent(&visit.method)?;
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
