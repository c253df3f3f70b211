//! Finds a second URI, or its key, within a text.

/// The known schemes, each with the texts that may follow its colon.
const SCHEMES: [(&str, &[&str]); 4] = [
    // `apple-otpauth` has this end, too.
    ("otpauth", &["/", "totp/", "hotp/", "steam/"]),
    ("otpauth-migration", &["/", "offline"]),
    // A name may begin with these words, such as `Steam:bob`.
    ("steam", &["//"]),
    ("motp", &["//"]),
];

/// Returns whether a text begins as a URI that this crate knows, at least by name: `otpauth:`,
/// `apple-otpauth:`, `otpauth-migration:`, `steam://` or `motp://`, in upper or lower case.
///
/// Use it to find the URIs among other lines.
///
/// ```
/// assert!(otp_uri::is_uri("OTPAUTH://totp/bob?secret=JBSWY3DP"));
/// assert!(!otp_uri::is_uri("JBSWY3DPEHPK3PXP"));
/// ```
#[must_use]
pub fn is_uri(text: &str) -> bool {
    let begins = ["otpauth:", "apple-otpauth:", "otpauth-migration:", "steam://", "motp://"];
    begins
        .into_iter()
        .any(|begin| text.get(..begin.len()).is_some_and(|head| head.eq_ignore_ascii_case(begin)))
}

/// Returns whether a known URI begins anywhere in a text. The colon and the slashes may be escaped.
pub(crate) fn holds_uri(text: &str) -> bool {
    let mut colons = text.bytes().enumerate().filter(|(_, byte)| matches!(byte, b':' | b'%'));
    colons.any(|(place, _)| {
        let Some((before, colon)) = text.split_at_checked(place) else { return false };
        let Some(after) = strip(colon, b':') else { return false };
        SCHEMES.iter().any(|(scheme, follow)| {
            ends_with(before, scheme) && follow.iter().any(|text| begins_with(after, text))
        })
    })
}

/// Returns whether a name contains a known URI, or a parameter with a key.
pub(crate) fn is_in_name(name: &str) -> bool {
    let mut signs = name.match_indices('=');
    holds_uri(name)
        || signs.any(|(place, _)| name.get(..place).is_some_and(|it| ends_with(it, "secret")))
}

/// Returns whether issuer, colon and account together contain a known URI, as `My Steam` and `//x`
/// do.
pub(crate) fn is_in_label(issuer: &str, account: &str) -> bool {
    SCHEMES.iter().any(|(scheme, follow)| {
        ends_with(issuer, scheme) && follow.iter().any(|text| begins_with(account, text))
    })
}

fn ends_with(text: &str, end: &str) -> bool {
    let place = text.len().checked_sub(end.len());
    place.and_then(|place| text.get(place..)).is_some_and(|it| it.eq_ignore_ascii_case(end))
}

fn begins_with(mut text: &str, begin: &str) -> bool {
    begin.bytes().all(|byte| match strip(text, byte) {
        Some(rest) => {
            text = rest;
            true
        }
        None => false,
    })
}

/// Returns the text after an ASCII character in upper or lower case, escaped or not.
fn strip(text: &str, byte: u8) -> Option<&str> {
    let is = |found: u8| found.eq_ignore_ascii_case(&byte);
    match text.as_bytes() {
        [b'%', high, low, ..] => {
            let digit = |byte: u8| char::from(byte).to_digit(16);
            let value = digit(*high)?.checked_mul(16)?.checked_add(digit(*low)?)?;
            u8::try_from(value).is_ok_and(is).then(|| text.get(3..))?
        }
        [first, ..] if is(*first) => text.get(1..),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{holds_uri, is_in_label, is_in_name, is_uri};

    #[test]
    fn uri_is_recognised_by_its_scheme() {
        for text in ["otpauth:", "OtpAuth://x", "apple-otpauth:", "otpauth-migration:x", "motp://"]
        {
            assert!(is_uri(text), "{text}");
        }
        for text in ["", "otpauth", "xotpauth://", "steam:bob", "https://x", " otpauth://"] {
            assert!(!is_uri(text), "{text}");
        }
    }

    #[test]
    fn second_uri_is_found_escaped_or_not() {
        for text in [
            "x otpauth://totp/",
            "xOTPAUTH%3a%2F/",
            "x-apple-otpauth:/",
            "otpauth-migration:offline?",
            "otpauth:TOTP/",
            "Steam%3A%2f%2F",
            "motp://",
        ] {
            assert!(holds_uri(text) && is_in_name(text), "{text}");
        }
        for text in
            ["", ":", "%", "%3", "%3A", "auth://", "OTPAuth", "Steam:bob", "https://x/", "é:%é//"]
        {
            assert!(!holds_uri(text) && !is_in_name(text), "{text}");
        }
        assert!(is_in_label("My Steam", "//x") && is_in_label("otpauth-migration", "offline"));
        assert!(!is_in_label("My Steam", "/x") && !is_in_label("Steamer", "//x"));
        assert!(is_in_name("A?Secret=x") && !holds_uri("A?secret=x") && !is_in_name("secrets=x"));
    }
}
