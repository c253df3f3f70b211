//! Nothing that is printed shows a key or a code. Matches and errors hold neither.

use core::fmt::Debug;

use otp_core::{Algorithm, Hotp, Secret, Totp, UnixTime, hazmat};

const KEY: [u8; 20] = *b"canarycanarycanary!!";
const OTHER: [u8; 20] = *b"12345678901234567890";

/// Everything that holds a key or a code, as `Debug` shows it, plain and pretty.
fn shown(key: [u8; 20], counter: u64) -> Vec<String> {
    fn show(list: &mut Vec<String>, value: &dyn Debug) {
        list.extend([format!("{value:?}"), format!("{value:#?}")]);
    }
    let mut list = Vec::new();
    let secret = Secret::new(&key).unwrap();
    show(&mut list, &secret);
    show(&mut list, &secret.reveal_base32());
    show(&mut list, &secret.reveal_hex().grouped(4, " "));
    for algorithm in Algorithm::ALL {
        let hotp = Hotp::new(*algorithm, &key).unwrap();
        show(&mut list, &hotp);
        show(&mut list, &hazmat::midstates(&hotp));
        show(&mut list, &hotp.generate(counter));
        show(&mut list, &hotp.generate(counter).text());
        let totp = Totp::new(*algorithm, &key).unwrap();
        show(&mut list, &totp);
        // The token of one instant, whatever the code.
        show(&mut list, &totp.generate(UnixTime::from_secs(59)));
    }
    list
}

#[test]
fn debug_does_not_depend_on_keys_and_codes() {
    assert_eq!(shown(KEY, 1), shown(OTHER, 2));
    // Control: what is compared does depend on the algorithm and the rest.
    assert!(shown(KEY, 1).iter().any(|text| text.contains("Sha512")));
}

#[test]
fn debug_shows_this_and_no_more() {
    let hotp = Hotp::new(Algorithm::Sha1, &KEY).unwrap();
    assert_eq!(format!("{hotp:?}"), "Hotp { algorithm: Sha1, format: Decimal(Digits(6)), .. }");
    assert_eq!(format!("{:?}", hazmat::midstates(&hotp)), "Midstates { .. }");
    assert_eq!(format!("{:?}", hotp.generate(0)), "Code { format: Decimal(Digits(6)), .. }");
    assert_eq!(format!("{:?}", hotp.generate(0).text()), "CodeText { .. }");
    let secret = Secret::new(&KEY).unwrap();
    assert_eq!(format!("{secret:?}"), "Secret { .. }");
    assert_eq!(format!("{:?}", secret.reveal_base32()), "SecretText { .. }");
    let totp = Totp::steam(&KEY).unwrap();
    let text = "Totp { algorithm: Sha1, format: Steam, period: Period(30), t0: UnixTime(0), .. }";
    assert_eq!(format!("{totp:?}"), text);
}
