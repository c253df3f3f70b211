//! Verifying a wrong code of an account that is there, and of one that is not.
//!
//! This is the memory store, where nothing is written to a disk: whether there is a row to write to
//! shows in a database, and no key that is opened in vain hides it. Here as many instructions are
//! executed for either, and a few nanoseconds of four thousand are left, of which branches and
//! addresses decide; without the dummy key it would be all of them.

use std::hint::black_box;
use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use otp_context::{OtpContext, Policy, Rules, Secrets, Wallet};
use otp_core::UnixTime;
use otp_store::{CredentialId, Memory, Store, Verdict, Verifier};

use crate::measure::{Case, Must, measure};
use crate::random::Random;

/// As many as are there.
const ACCOUNTS: u32 = 4;

static SERVER: LazyLock<Verifier<Memory>> = LazyLock::new(server);
static NOW: AtomicU64 = AtomicU64::new(1_700_000_000);

struct Login {
    id: CredentialId,
    typed: String,
}

pub(crate) fn cases() -> Vec<Case> {
    let case = |name, must, measure| Case { name, must, measure };
    vec![
        case("account: there or not", Must::Tell, |samples| measure(samples, login, verify)),
        case("control, account: refused at once if it is not there", Must::Show, |samples| {
            measure(samples, login, verify_if_there)
        }),
    ]
}

/// Whoever guesses is never locked here: that would show, and is meant to.
fn server() -> Verifier<Memory> {
    let secrets =
        Secrets::parse("1: pO7SwEFcUPvIDeAJr7INBj0TjsSZJr1d2ddsFL9r5eq").expect("secrets");
    let wallet = Wallet::new("1".parse().expect("a tag"), &secrets).expect("a wallet");
    let clock = || Ok(UnixTime::from_secs(NOW.load(Ordering::Relaxed)));
    let context = OtpContext::new().with_clock(clock).with_wallet(wallet);
    let rules = Rules::new().with_policy(Policy::unlimited());
    let server = Verifier::new(Memory::new(ACCOUNTS as usize), context, rules).expect("a server");
    for number in 0..ACCOUNTS {
        let id = id(true, number);
        let credential = server.context().new_totp(id.account()).expect("a credential");
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

/// As long in either class, and as the name of what stands in for nobody.
fn id(there: bool, number: u32) -> CredentialId {
    let user = if there { "person" } else { "nobody" };
    CredentialId::new(format!("{user}{number:04}@example")).expect("an id")
}

fn login(there: bool, random: &mut Random) -> Login {
    let typed = format!("{:06}", random.below(1_000_000));
    Login { id: id(there, random.below(ACCOUNTS)), typed }
}

fn verify(login: &Login) -> bool {
    matches!(SERVER.verify(&login.id, &login.typed), Ok(Verdict::Accepted(_)))
}

/// What is careless.
fn verify_if_there(login: &Login) -> bool {
    let found = SERVER.store().find(&login.id).ok().flatten();
    found.is_some_and(|_| verify(login))
}

/// Verifies so many times, for somebody to count the instructions.
pub(crate) fn repeat(there: bool, careless: bool, times: u32) {
    let login = Login { id: id(there, 0), typed: "000000".to_owned() };
    let verify = if careless { verify_if_there } else { verify };
    for _ in 0..times {
        black_box(verify(black_box(&login)));
    }
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
