use otp_context::OtpContext;
use otp_store::{Reason, Verdict, VerifierOptions};

use crate::site::{MISMATCH, NOW, Site, accepted, hotp, rejected, totp};

/// Verifies codes of a clock that loses a step now and then.
fn slow(options: VerifierOptions, steps: u64) -> Result<i32, Reason> {
    let site = Site::with(OtpContext::new(), options);
    let phone = site.enrolled(totp());
    let mut last = 0;
    for behind in 1..=steps {
        let seconds = behind * 3000;
        match site.at(seconds).verify(&phone.code(NOW + seconds - behind * 30)) {
            Verdict::Accepted(accepted) => last = accepted.drift(),
            other => return Err(rejected(other).reason()),
        }
        let kept = site.status().drift();
        assert_eq!(i32::from(kept), last.max(-i32::from(options.drift())));
        // The window is as narrow as before.
        let early = phone.code(NOW + seconds + 30 * 4);
        assert_eq!(site.reason(&early), MISMATCH);
    }
    Ok(last)
}

#[test]
fn drifting_clock_is_followed_only_with_the_option() {
    assert_eq!(slow(VerifierOptions::new(), 1), Ok(-1));
    assert_eq!(slow(VerifierOptions::new(), 2), Err(MISMATCH));
    assert_eq!(slow(VerifierOptions::new().with_drift(3), 4), Ok(-4));
    assert_eq!(slow(VerifierOptions::new().with_drift(3), 5), Err(MISMATCH));
}

#[test]
fn resync_of_a_clock_lasts_only_within_the_drift() {
    for (drift, followed) in [(0, false), (20, true), (5, false)] {
        let options = VerifierOptions::new().with_drift(drift);
        let site = Site::with(OtpContext::new(), options);
        let phone = site.enrolled(totp());
        // The clock is eleven steps ahead.
        let codes = [3300, 3330].map(|seconds| phone.code(NOW + seconds));
        let pair = codes.each_ref().map(String::as_str);
        site.at(3000);
        let resync = |typed, reach| site.verifier.resync(&site.alice, &typed, reach).unwrap();
        assert_eq!(site.reason(pair[0]), MISMATCH);
        assert_eq!(rejected(resync([pair[1], pair[0]], 50)).reason(), MISMATCH);
        assert_eq!(rejected(resync(pair, 9)).reason(), MISMATCH, "out of reach");
        let accepted = accepted(resync(pair, 50));
        assert_eq!((accepted.counter(), accepted.drift()), ((NOW + 3330) / 30, 11));
        assert_eq!(accepted.failures_before(), 3);
        assert_eq!(site.status().drift(), i16::from(drift.min(11)));
        assert!(matches!(rejected(resync(pair, 50)).reason(), Reason::Code(_)), "spent");

        site.at(9000);
        let later = site.verify(&phone.code(NOW + 9330));
        assert_eq!(matches!(later, Verdict::Accepted(_)), followed, "{drift}: {later:?}");
        site.verifier.reset_drift(&site.alice).unwrap();
        assert_eq!(site.status().drift(), 0);
    }
}

#[test]
fn resync_of_a_counter_within_reach_is_accepted() {
    let site = Site::new();
    let phone = site.enrolled(hotp(0));
    let codes: Vec<_> = (0..40).map(|counter| phone.code(counter)).collect();
    let resync = |pair: [usize; 2], reach| {
        let typed = pair.map(|place| codes[place].as_str());
        site.verifier.unlock(site.alice.account()).unwrap();
        site.verifier.resync(&site.alice, &typed, reach).unwrap()
    };
    for (pair, reach) in
        [([20, 22], 30), ([21, 20], 30), ([20, 20], 30), ([20, 21], 5), ([0, 1], 30)]
    {
        let reason = rejected(resync(pair, reach)).reason();
        assert!(matches!(reason, Reason::Code(_)), "{pair:?}");
    }
    let accepted_ = accepted(resync([20, 21], 30));
    assert_eq!(accepted_.counter(), 21);
    assert!(matches!(rejected(resync([20, 21], 30)).reason(), Reason::Code(_)));
    let _ = accepted(site.verify(&codes[22]));
    // Two texts of different lengths are not codes of one credential.
    let typed = [codes[30].as_str(), "12345678"];
    let verdict = site.verifier.resync(&site.alice, &typed, 30).unwrap();
    assert_eq!(rejected(verdict).reason().name(), "malformed");
    assert_eq!(site.failures(), 0);
}
