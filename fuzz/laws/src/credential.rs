//! A credential accepts a code once, also when it was sealed, written, read and opened again in
//! between; and it opens for no other owner.
//!
//! Input: what `otp-arbitrary` makes of it: a wallet, whose key it is, its kind and its secret, the
//! time; then operations: what to do, and by how much.

use arbitrary::{Result, Unstructured};
use otp_context::wallet::KeyOwner;
use otp_context::{Consumed, Credential, Error, OtpContext, Record};
use otp_core::{UnixTime, Window};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// A record as a database keeps it.
#[derive(Serialize, Deserialize)]
#[serde(transparent)]
struct Row(#[serde(with = "otp_serde::record")] Record);

/// What becomes of a credential that is stored and opened again.
type Restart = fn(&OtpContext, Credential, KeyOwner<'_>) -> Credential;

/// The law.
pub fn check(data: &[u8]) {
    // Only what `arbitrary` cannot make a value of is an error.
    let _ = against(&mut Unstructured::new(data), |context, credential, owner| {
        reopened(context, credential, owner, stored)
    });
}

fn stored(record: Record) -> Record {
    let text = serde_json::to_string(&Row(record)).expect("a sealed record is written");
    serde_json::from_str::<Row>(&text).expect("what was written is read").0
}

fn against(bytes: &mut Unstructured<'_>, restart: Restart) -> Result<()> {
    let clock = Arc::new(AtomicU64::new(otp_arbitrary::unix_time(bytes)?.as_secs()));
    let shared = Arc::clone(&clock);
    let context = OtpContext::new()
        .with_clock(move || Ok(UnixTime::from_secs(shared.load(Ordering::Relaxed))))
        .with_wallet(otp_arbitrary::wallet(bytes)?);
    let owner = otp_arbitrary::owner(bytes)?;
    let (kind, secret) = (otp_arbitrary::kind(bytes)?, otp_arbitrary::secret(bytes)?);
    if secret.len() > 256 {
        return Ok(());
    }
    let mut credential = context.import(kind, secret);
    let mut accepted: Vec<u64> = Vec::new();
    let window = otp_arbitrary::window(bytes)?;
    let tolerance =
        otp_context::Tolerance::new().with_window(Window::new(window.behind % 8, window.ahead % 8));
    for _ in 0..16 {
        let (what, by): (u8, i8) = bytes.arbitrary()?;
        match what % 4 {
            0 | 1 => {
                let Some(code) = shown(&credential, by) else { continue };
                let before = credential.next();
                match credential.consume(&code, tolerance) {
                    Ok(hit) => burnt(&mut credential, &mut accepted, &hit, &code, tolerance),
                    Err(Error::Rejected(_)) => {
                        assert_eq!(credential.next(), before, "a refusal moves the counter");
                    }
                    Err(error) => panic!("{error}"),
                }
            }
            2 => {
                let now = clock.load(Ordering::Relaxed);
                clock.store(now.saturating_add_signed(i64::from(by) * 30), Ordering::Relaxed);
            }
            _ => credential = restart(&context, credential, owner),
        }
    }
    Ok(())
}

/// What an authenticator shows whose counter or clock is a few steps away.
fn shown(credential: &Credential, by: i8) -> Option<String> {
    let near = |counter: u64| counter.saturating_add_signed(i64::from(by) / 16);
    let code = match (credential.totp(), credential.hotp()) {
        (Some(totp), _) => {
            totp.hotp().generate(near(totp.counter_at(credential.context().now().ok()?)))
        }
        (None, Some(hotp)) => hotp.generate(near(credential.next())),
        (None, None) => return None,
    };
    Some(code.text().to_string())
}

fn burnt(
    credential: &mut Credential,
    accepted: &mut Vec<u64>,
    hit: &Consumed,
    code: &str,
    tolerance: otp_context::Tolerance,
) {
    assert!(accepted.iter().all(|other| *other < hit.counter()), "accepted twice, or late");
    accepted.push(hit.counter());
    assert_eq!(credential.next(), hit.next());
    // With HOTP the same code may come again by chance, further on.
    let again = credential.consume(code, tolerance);
    match again {
        Ok(again) => {
            assert!(again.counter() > hit.counter() && credential.hotp().is_some());
            accepted.push(again.counter());
        }
        Err(error) => assert!(matches!(error, Error::Rejected(_)), "{error}"),
    }
}

fn reopened(
    context: &OtpContext,
    credential: Credential,
    owner: KeyOwner<'_>,
    store: fn(Record) -> Record,
) -> Credential {
    let record = store(credential.seal(owner).expect("a key of 256 bytes is sealed"));
    let stranger = KeyOwner::new("another user", owner.credential());
    assert!(context.open(&record, stranger).is_err(), "it opens for another user");
    let opened = context.open(&record, owner).expect("what was sealed opens");
    assert!(
        opened.secret() == credential.secret() && opened.kind().name() == credential.kind().name()
    );
    assert_eq!(opened.next(), credential.next(), "the state is lost");
    opened
}

#[cfg(test)]
mod tests {
    use super::{Restart, against, reopened};
    use crate::control::notices;
    use crate::limits;
    use arbitrary::Unstructured;
    use std::fs;

    #[test]
    fn restart_with_one_flaw_does_not() {
        let is_noticed = |words, restart: Restart| {
            notices(words, || {
                for file in fs::read_dir(limits::seeds("credential")).unwrap() {
                    let input = fs::read(file.unwrap().path()).unwrap();
                    let _ = against(&mut Unstructured::new(&input), restart);
                }
            });
        };
        is_noticed("the state is lost", |context, credential, owner| {
            reopened(context, credential, owner, |record| record.with_next(7))
        });
        is_noticed("accepted twice", |context, credential, owner| {
            let record = credential.seal(owner).unwrap();
            let next_of_a_backup = record.next().saturating_sub(2);
            context.open(&record.with_next(next_of_a_backup), owner).unwrap()
        });
    }
}
