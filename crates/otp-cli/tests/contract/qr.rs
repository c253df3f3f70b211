use crate::otp::{SECRET, otp};

fn uri() -> String {
    format!("otpauth://totp/ACME:alice?secret={SECRET}&issuer=ACME")
}

#[test]
fn inverted_qr_code_exchanges_light_and_dark() {
    let (plain, inverted) = (otp(uri(), &["qr"]).stdout, otp(uri(), &["qr", "--invert"]).stdout);
    for (one, other) in plain.chars().zip(inverted.chars()) {
        let expected = match one {
            '█' => ' ',
            ' ' => '█',
            '▀' => '▄',
            '▄' => '▀',
            other => other,
        };
        assert_eq!(other, expected);
    }
    assert_eq!(plain.chars().count(), inverted.chars().count());
    assert_eq!(otp(uri(), &["qr", "--json"]).object()["qr"], plain);
    assert_eq!(otp(uri(), &["qr", "--invert", "--json"]).object()["qr"], inverted);
}
