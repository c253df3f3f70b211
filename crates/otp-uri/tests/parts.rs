//! The parts of a URI: accessors, `Debug` and generators.

#![cfg(test)]

use otp_core::{Algorithm, Digits, Malformed, Period, Secret};
use otp_uri::{ErrorKind, Generator, KeyUri, Label, OtpKind, Part};

const KEY: &[u8] = b"12345678901234567890";

fn uri(kind: OtpKind) -> KeyUri {
    let label = Label::new(" bob ").unwrap().with_issuer(" ACME ").unwrap();
    KeyUri::new(label, Secret::new(KEY).unwrap(), kind).unwrap()
}

#[test]
fn label_has_names_or_is_unnamed() {
    for (error, part) in [
        (Label::new(" \t").unwrap_err(), Part::Account),
        (Label::new("bob").unwrap().with_issuer("").unwrap_err(), Part::Issuer),
    ] {
        assert_eq!((error.kind(), error.part()), (ErrorKind::Empty, part));
    }
    let unnamed = Label::unnamed();
    assert_eq!((unnamed.account(), unnamed.issuer()), ("", None));
    let named = unnamed.with_issuer("ACME").unwrap();
    assert_eq!((named.account(), named.issuer()), ("", Some("ACME")));
}

#[test]
fn uri_has_the_given_parts() {
    let (label, secret, kind) = uri(OtpKind::Steam).into_parts();
    assert_eq!((label.account(), label.issuer(), kind), ("bob", Some("ACME"), OtpKind::Steam));
    assert_eq!(secret.reveal(), KEY);
    assert_eq!(kind.name(), "steam");
}

#[test]
fn generator_makes_the_codes_of_its_kind() {
    let (algorithm, digits) = (Algorithm::Sha256, Digits::EIGHT);
    let period = Period::from_secs(60).unwrap();
    let hotp = OtpKind::Hotp { algorithm, digits, counter: 5 };
    for kind in
        [OtpKind::default(), OtpKind::Totp { algorithm, digits, period }, hotp, OtpKind::Steam]
    {
        let generator = uri(kind).generator();
        let (code, made) = match &generator {
            Generator::Totp(totp) => {
                let expected =
                    if let OtpKind::Totp { period, .. } = kind { period } else { Period::THIRTY };
                assert_eq!(totp.period(), expected);
                (totp.hotp().generate(1), (totp.algorithm(), totp.format()))
            }
            Generator::Hotp(hotp) => (hotp.generate(1), (hotp.algorithm(), hotp.format())),
        };
        assert_eq!(matches!(generator, Generator::Hotp(_)), kind == hotp);
        assert_eq!(made, (kind.algorithm(), kind.format()));
        let text = code.text();
        assert_eq!(generator.parse(text.as_str()), Ok(code));
        let short = generator.parse(text.as_str().split_at(1).1);
        assert_eq!(short, Err(Malformed::Length { expected: kind.format().length() }));
    }
}

/// The files in `data` have the other parts.
#[test]
fn parts_have_names() {
    for (part, name, shown) in [
        (Part::Uri, "uri", "URI"),
        (Part::Secret, "secret", "secret"),
        (Part::Data, "data", "data"),
        (Part::Version, "version", "version"),
        (Part::Qr, "qr", "QR code"),
    ] {
        assert_eq!((part.name(), part.to_string().as_str()), (name, shown));
        assert_eq!(format!("{part:>12}"), format!("{shown:>12}"));
    }
}

#[test]
fn debug_shows_no_key() {
    let steam = uri(OtpKind::Steam);
    let label = r#"Label { account: "bob", issuer: Some("ACME") }"#;
    assert_eq!(format!("{steam:?}"), format!("KeyUri {{ label: {label}, kind: Steam, .. }}"));
    let parsed = KeyUri::parse(&steam.to_string()).unwrap();
    let shown = format!("{parsed:?} {:?}", parsed.uri.generator());
    assert!(shown.contains("bob"));
    for form in ["GEZDGNBV", "gezdgnbv", "1234567890", "49, 50, 51", "31323334"] {
        assert!(!shown.contains(form), "{shown}");
    }
    #[cfg(feature = "qr")]
    assert_eq!(format!("{:?}", otp_uri::Qr::new(&steam).unwrap()), "Qr { .. }");
}

#[cfg(feature = "migration")]
#[test]
fn debug_of_an_export_shows_no_key() {
    use otp_uri::migration::{Account, Page, write};

    let account = Account::new(&uri(OtpKind::default())).unwrap();
    assert_eq!(format!("{account:?}"), "Account { .. }");
    let pages = write(&[account], 7);
    assert_eq!(format!("{pages:?}"), "[PageUri { .. }]");
    let page = Page::parse(&pages[0].to_string()).unwrap();
    let batch = "Batch { id: 7, index: 0, size: 1 }";
    assert_eq!(format!("{page:?}"), format!("Page {{ version: 1, batch: {batch}, .. }}"));
}
