//! The program of docs/guide/from-passlib.md, on records that passlib made.
#![cfg(feature = "sqlite")]
#![cfg(test)]
#![allow(clippy::std_instead_of_core)]

use otp_context::wallet::passlib::PasslibWallet;
use otp_serde::Input;
use otp_store::{
    ApplicationSecrets, CredentialId, KeyOwner, Memory, OtpContext, Store, StoredKey, UnixTime,
    Verdict, Verifier, VerifierOptions, Wallet,
};

const PAGE: &str = include_str!("../../../docs/guide/from-passlib.md");
const HERE: &str = include_str!("from_passlib.rs");

/// Moves a row: user's id, passlib's JSON, the application's `last_counter`.
fn migrate(
    (user, json, last_counter): (&str, &str, Option<u64>),
    passlib: &OtpContext,
    verifier: &Verifier<impl Store>,
) -> Result<(), Box<dyn std::error::Error>> {
    let account = Input::read(json)?.into_accounts().next();
    let record = account.ok_or("no record")??.record;
    let next = last_counter.map_or(0, |last| last.saturating_add(1));
    let next = next.max(record.next());
    let record = record.with_next(next);
    let credential = passlib.open(&record, KeyOwner::new(user, ""))?;
    let id = CredentialId::new(user)?;
    match record.key() {
        StoredKey::Plain(_) => verifier.import(&id, &credential)?,
        // The user's next code proves the key.
        _ => verifier.enroll(&id, &credential)?,
    }
    Ok(())
}

/// The text of `migrate`, from its comment to its end.
fn migrate_of(text: &str) -> &str {
    let (_, text) = text.split_once("/// Moves a row").unwrap();
    text.split_once("\n}\n").unwrap().0
}

#[test]
fn page_has_this_function() {
    assert_eq!(migrate_of(PAGE), migrate_of(HERE));
}

#[test]
fn rows_of_passlib_move_with_their_spent_counters() {
    let secrets = ApplicationSecrets::parse("2016: a secret of the old application").unwrap();
    let passlib = OtpContext::new().with_passlib_wallet(PasslibWallet::new(secrets).unwrap());
    let secrets = ApplicationSecrets::parse("2026: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq");
    let wallet = Wallet::new("2026".parse().unwrap(), &secrets.unwrap()).unwrap();
    let context = OtpContext::new().with_wallet(wallet).with_clock(|| Ok(UnixTime::from_secs(59)));
    let verifier = Verifier::new(Memory::new(10), context, VerifierOptions::new()).unwrap();
    let plain = r#"{"key":"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ","label":"alice","type":"totp","v":1}"#;
    let encrypted = concat!(
        r#"{"enckey":{"c":10,"k":"2ZHYKE5YJOYEZYINWHUWWYU6XUPAFNLB","#,
        r#""s":"SEZANYG4DMRUJ2F5O7HA","t":"2016","v":1},"label":"bob","type":"totp","v":1}"#
    );
    migrate(("alice", plain, Some(1)), &passlib, &verifier).unwrap();
    migrate(("bob", encrypted, None), &passlib, &verifier).unwrap();

    let typed = "287082"; // the code of counter 1
    let (alice, bob) = (CredentialId::new("alice").unwrap(), CredentialId::new("bob").unwrap());
    assert!(matches!(verifier.verify(&alice, typed).unwrap(), Verdict::Rejected(_)), "spent");
    assert!(!verifier.status(&bob).unwrap().confirmed());
    assert!(matches!(log_in(&verifier, bob, typed).unwrap(), Verdict::Accepted(_)), "confirms");
    let bob = CredentialId::new("bob").unwrap();
    assert!(verifier.status(&bob).unwrap().confirmed());
    assert!(matches!(log_in(&verifier, bob, typed).unwrap(), Verdict::Rejected(_)), "spent");
}

/// The login of a user who may have to confirm, as the page shows it.
fn log_in(
    verifier: &Verifier<Memory>,
    id: CredentialId,
    typed: &str,
) -> Result<Verdict, otp_store::Error> {
    let verdict = match verifier.status(&id)?.confirmed() {
        true => verifier.verify(&id, typed)?,
        false => verifier.confirm(&id, typed)?,
    };
    Ok(verdict)
}

#[test]
fn page_has_this_login() {
    let login = |text: &str| {
        let (_, text) = text.split_once("match verifier.status(&id)").unwrap();
        text.split_once("};").unwrap().0.replace("    ", "")
    };
    assert_eq!(login(PAGE), login(HERE));
}
