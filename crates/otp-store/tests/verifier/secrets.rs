use core::time::Duration;
use std::sync::{Arc, Mutex};

use otp_store::Store;

use crate::site::{NOW, Phone, Site, accepted};

/// No event, verdict, error, verifier or store shows what was typed, a key, a recovery code, or a browser's
/// token.
#[test]
fn nothing_shows_a_secret() {
    let site = Site::sealed("2026");
    let shown = Arc::new(Mutex::new(String::new()));
    let show = |text: String| shown.lock().unwrap().push_str(&text);
    let report = Arc::clone(&shown);
    let verifier = site.beside_sealed("2026");
    let verifier =
        verifier.with_events(move |event| report.lock().unwrap().push_str(&format!("{event:?}")));
    let account = site.alice.account();
    let credential = verifier.context().new_totp("alice").unwrap();
    verifier.import(&site.alice, &credential).unwrap();
    let right = Phone::of(&credential).code(NOW);
    let proof = accepted(verifier.verify(&site.alice, &right).unwrap());
    let codes = verifier.new_recovery_codes(&proof).unwrap();
    let token = verifier.trust(&proof).unwrap();
    let code = codes.iter().next().unwrap().reveal().as_str().to_owned();
    show(format!("{verifier:?} {proof:?} {codes:?} {token:?}"));
    show(format!("{:?}", Store::find(&*site.store, &site.alice)));
    show(format!("{:?}", Store::recovery(&*site.store, account)));
    let month = Duration::from_secs(30 * 86_400);
    show(format!("{:?}", verifier.trusted(account, token.reveal(), month)));
    for typed in [&right, "31415926", "canary", &code, &code[1..], token.reveal()] {
        show(format!("{:?}", verifier.verify(&site.alice, typed)));
        show(format!("{:?}", verifier.verify_account(account, typed)));
        for _ in 0..2 {
            show(format!("{:?}", verifier.recover(account, typed)));
        }
        show(format!("{:?}", verifier.verify_any(account, typed)));
        show(format!("{:?}", verifier.trusted(account, typed, month)));
    }
    let (hex, base32) = (credential.secret().reveal_hex(), credential.secret().reveal_base32());
    let plain = code.replace('-', "");
    let typed = [&right, "31415926", "canary", &code, &plain, &code[..9]];
    let parts = token.reveal().split('~').skip(4);
    // Every sealed key names its cipher, those of decoys included.
    let keys = [hex.as_str(), base32.as_str(), "xc20p"];
    for secret in typed.into_iter().chain(keys).chain(parts) {
        assert!(!shown.lock().unwrap().contains(secret), "{secret} is shown");
    }
}
