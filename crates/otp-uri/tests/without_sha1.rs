//! A build without SHA-1: a URI that means SHA-1 is refused, and never read as another algorithm.

#![cfg(test)]
#![cfg(all(not(feature = "sha1"), feature = "sha256"))]

use otp_core::{Algorithm, UnixTime};
use otp_uri::{ErrorKind, Generator, KeyUri, Part};

/// The key of RFC 6238 for SHA-256.
const SECRET: &str = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQGEZA";

fn refusal(uri: &str) -> (ErrorKind, Part) {
    let error = KeyUri::parse(uri).unwrap_err();
    assert_eq!(KeyUri::parse_strict(uri).unwrap_err(), error);
    (error.kind(), error.part())
}

#[test]
fn sha1_or_no_algorithm_is_rejected() {
    for kind in ["totp", "hotp"] {
        for algorithm in ["", "&algorithm=", "&algorithm=SHA1", "&algorithm=HmacSHA1"] {
            let uri = format!("otpauth://{kind}/alice?secret={SECRET}&counter=0{algorithm}");
            assert_eq!(refusal(&uri), (ErrorKind::Unsupported, Part::Algorithm), "{uri}");
        }
        let uri = format!("otpauth://{kind}/alice?secret={SECRET}&counter=0&algorithm=SHA3");
        assert_eq!(refusal(&uri), (ErrorKind::Unknown, Part::Algorithm));
    }
}

#[test]
fn steam_is_rejected() {
    for uri in [
        format!("steam://{SECRET}"),
        format!("otpauth://steam/bob?secret={SECRET}"),
        format!("otpauth://totp/bob?secret={SECRET}&encoder=steam"),
    ] {
        assert_eq!(refusal(&uri), (ErrorKind::Unsupported, Part::Type), "{uri}");
    }
}

/// A control: URIs with an algorithm of this build.
#[test]
fn control_sha256_is_read() {
    for kind in ["totp", "hotp"] {
        let uri = format!("otpauth://{kind}/alice?secret={SECRET}&counter=0&algorithm=SHA256");
        let uri = KeyUri::parse(&uri).unwrap().uri;
        assert_eq!(uri.kind().algorithm(), Algorithm::Sha256);
        assert!(uri.to_string().contains("algorithm=SHA256"));
        let code = match uri.generator() {
            Generator::Totp(totp) => totp.generate(UnixTime::from_secs(59)).code(),
            Generator::Hotp(hotp) => hotp.generate(1),
        };
        // RFC 6238 has two digits more.
        assert_eq!(code.text().as_str(), "119246");
    }
}

#[cfg(feature = "migration")]
#[test]
fn export_with_sha1_is_rejected_and_with_sha256_is_read() {
    let refused = Err((ErrorKind::Unsupported, Part::Algorithm));
    // No algorithm, an unspecified one, SHA-1, SHA-256.
    for (algorithm, expected) in [
        (&b""[..], refused),
        (b"\x20\x00", refused),
        (b"\x20\x01", refused),
        (b"\x20\x02", Ok(Algorithm::Sha256)),
    ] {
        let account = [&b"\x0a\x1412345678901234567890\x12\x03bob"[..], algorithm].concat();
        let payload = [&[0x0a, u8::try_from(account.len()).unwrap()], &account[..]].concat();
        let data = data_encoding::BASE64.encode(&payload).replace('+', "%2B");
        let uri = format!("otpauth-migration://offline?data={data}");
        let page = otp_uri::migration::Page::parse(&uri).unwrap();
        let account = page.accounts().next().unwrap();
        let read = account.map(|parsed| parsed.uri.kind().algorithm());
        assert_eq!(read.map_err(|error| (error.kind(), error.part())), expected);
    }
}
