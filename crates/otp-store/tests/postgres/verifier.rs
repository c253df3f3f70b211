//! From enrolment to a replay, in asynchronous and in blocking programs.

use otp_context::{Credential, OtpContext};
use otp_core::UnixTime;
use otp_store::{AsyncVerifier, Blocking, Verdict, Verifier, VerifierOptions};

use crate::phone::id;
use crate::server::{Database, create};

const NOW: UnixTime = UnixTime::from_secs(1_700_000_010);

fn context() -> OtpContext {
    OtpContext::new().with_clock(|| Ok(NOW))
}

fn code(phone: &Credential, time: UnixTime) -> String {
    phone.totp().unwrap().generate(time).code().text().to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn code_is_accepted_once() {
    let database = Database::new("verifier").await;
    let store = database.store().await;
    let verifier =
        AsyncVerifier::new(store, context().with_plain_keys(), VerifierOptions::new()).unwrap();
    let phone = context().new_totp("alice").unwrap();
    verifier.enroll(&id("alice"), &phone).await.unwrap();
    let first = code(&phone, NOW);
    let verdict = verifier.confirm(&id("alice"), &first).await.unwrap();
    assert!(matches!(verdict, Verdict::Accepted(_)));
    let verdict = verifier.verify(&id("alice"), &first).await.unwrap();
    let Verdict::Rejected(rejection) = verdict else { panic!("{verdict:?}") };
    assert_eq!((rejection.reason().name(), rejection.failures()), ("replayed", 1));
    let next = code(&phone, NOW.saturating_add(30));
    let verdict = verifier.verify(&id("alice"), &next).await.unwrap();
    assert!(matches!(verdict, Verdict::Accepted(accepted) if accepted.failures_before() == 1));
}

#[test]
fn program_without_a_runtime_can_block() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let database = runtime.block_on(Database::new("blocking"));
    let store = Blocking::open(create(&database.url)).unwrap();
    let verifier =
        Verifier::new(store, context().with_plain_keys(), VerifierOptions::new()).unwrap();
    let phone = context().new_totp("alice").unwrap();
    verifier.enroll(&id("alice"), &phone).unwrap();
    let first = code(&phone, NOW);
    assert!(matches!(verifier.confirm(&id("alice"), &first).unwrap(), Verdict::Accepted(_)));
    assert!(matches!(verifier.verify(&id("alice"), &first).unwrap(), Verdict::Rejected(_)));
}
