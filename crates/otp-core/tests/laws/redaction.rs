//! Nothing that is printed shows a key or a code. Matches and errors hold neither.

use core::fmt::Debug;

use otp_core::{Algorithm, Error, Hotp, Secret, Totp, UnixTime, hazmat};

/// Whether `Debug` shows a text, plain and pretty.
fn shows(value: &dyn Debug, text: &str) -> bool {
    let bare = |text: &str| text.replace([' ', '\n', ','], "");
    format!("{value:?}") == text && bare(&format!("{value:#?}")) == bare(text)
}

#[test]
fn debug_shows_parameters_and_no_more() {
    for key in [*b"canarycanarycanary!!", *b"12345678901234567890"] {
        let secret = Secret::new(&key).unwrap();
        assert!(shows(&secret, "Secret { .. }"));
        assert!(shows(&secret.reveal_base32(), "SecretText { .. }"));
        assert!(shows(&secret.reveal_hex().grouped(4, " "), "SecretText { .. }"));
        for algorithm in Algorithm::ALL {
            let hotp = Hotp::new(*algorithm, &key).unwrap();
            let generator = format!("algorithm: {algorithm:?}, format: Decimal(Digits(6))");
            assert!(shows(&hotp, &format!("Hotp {{ {generator}, .. }}")));
            assert!(shows(&hazmat::midstates(&hotp), "Midstates { .. }"));
            let code = "Code { format: Decimal(Digits(6)), .. }";
            assert!(shows(&hotp.generate(0), code));
            assert!(shows(&hotp.generate(0).text(), "CodeText { .. }"));
            let totp = Totp::new(*algorithm, &key).unwrap();
            let clock = "period: Period(30), t0: UnixTime(0)";
            assert!(shows(&totp, &format!("Totp {{ {generator}, {clock}, .. }}")));
            let token =
                format!("code: {code}, counter: 1, start: UnixTime(30), period: Period(30)");
            let now = UnixTime::from_secs(59);
            assert!(shows(&totp.generate(now), &format!("TotpToken {{ {token} }}")));
        }
    }
    // Control: the text of an error is in one of its two forms alone, and its name in the other.
    assert!(!shows(&Error::Period, "period must be at least 1 second"));
    assert!(!shows(&Error::Period, "Period"));
}
