//! Verifying a wrong code of an account that is there, and of one that is not.
//!
//! This is the memory store, where nothing is written to a disk: whether there is a row to write to
//! shows in a database, and no key that is opened in vain hides it. Here as many instructions are
//! executed for either, but for a few, and a few nanoseconds are left, which come and go with
//! addresses and the order of the code. Without a key that stands in, all the time would show.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_context::OtpContext;
use otp_context::replay::ThrottlePolicy;
use otp_context::wallet::{ApplicationSecrets, Wallet};
use otp_core::UnixTime;
use otp_store::{CredentialId, Memory, Store, Verdict, Verifier, VerifierOptions};

use crate::measure::Random;

/// As many as are there.
const ACCOUNTS: u32 = 4;

static SERVER: LazyLock<Verifier<Memory>> = LazyLock::new(server);
static NOW: AtomicU64 = AtomicU64::new(1_700_000_000);

pub(crate) struct Login {
    id: CredentialId,
    typed: String,
}

/// A guesser is never locked out here: that would show, and is meant to.
fn server() -> Verifier<Memory> {
    let secrets = ApplicationSecrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq")
        .expect("secrets");
    let wallet = Wallet::new("1".parse().expect("a tag"), &secrets).expect("a wallet");
    let clock = || Ok(UnixTime::from_secs(NOW.load(Ordering::Relaxed)));
    let context = OtpContext::new().with_clock(clock).with_wallet(wallet);
    let options = VerifierOptions::new().with_policy(ThrottlePolicy::unlimited());
    let server = Verifier::new(Memory::new(ACCOUNTS as usize), context, options).expect("a server");
    for number in 0..ACCOUNTS {
        let id = id(true, number);
        let credential = server.context().new_totp(id.account().as_str()).expect("a credential");
        server.enroll(&id, &credential).expect("an enrolment");
        let now = server.context().now().expect("the time");
        let code = credential.totp().expect("TOTP").generate(now).code().text();
        let verdict = server.confirm(&id, code.as_str()).expect("a verdict");
        assert!(matches!(verdict, Verdict::Accepted(_)));
    }
    // What was spent by that shows in the window around it.
    NOW.fetch_add(600, Ordering::Relaxed);
    server
}

/// As long in either class, and as the name of the decoy.
fn id(there: bool, number: u32) -> CredentialId {
    let user = if there { "known" } else { "other" };
    CredentialId::new(format!("{user}{number:04}@example")).expect("an id")
}

pub(crate) fn login(there: bool, random: &mut Random) -> Login {
    let typed = format!("{:06}", random.below(1_000_000));
    Login { id: id(there, random.below(ACCOUNTS)), typed }
}

pub(crate) fn verify(login: &Login) -> bool {
    matches!(SERVER.verify(&login.id, &login.typed), Ok(Verdict::Accepted(_)))
}

/// Refuses at once if there is no such account.
pub(crate) fn verify_if_there(login: &Login) -> bool {
    let found = SERVER.store().find(&login.id).ok().flatten();
    found.is_some_and(|_| verify(login))
}

/// Verifies so many times, for a counter of instructions. `None` if there is no such class.
pub(crate) fn repeat(class: &str, times: u32) -> Option<()> {
    let (there, typed, verify): (_, _, fn(&Login) -> bool) = match class {
        "there" => (true, "000000", verify),
        "absent" => (false, "000000", verify),
        "there-longer" => (true, "0000000", verify),
        "absent-longer" => (false, "0000000", verify),
        "absent-careless" => (false, "000000", verify_if_there),
        _ => return None,
    };
    let login = Login { id: id(there, 0), typed: typed.to_owned() };
    for _ in 0..times {
        black_box(verify(black_box(&login)));
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use otp_store::{Reason, Verdict};

    use super::{SERVER, id};

    #[test]
    fn the_classes_are_what_they_say() {
        for (there, reason) in [(true, "mismatch"), (false, "unknown")] {
            let verdict = SERVER.verify(&id(there, 0), "000000");
            let Ok(Verdict::Rejected(rejection)) = verdict else { panic!("{verdict:?}") };
            assert_eq!(Reason::name(rejection.reason()), reason);
        }
    }
}
