use core::hint::black_box;

use crate::Group;

const URI: &str = "otpauth://totp/Example:alice@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
    &issuer=Example&algorithm=SHA1&digits=6&period=30";

/// A Key URI as most are written.
pub fn group() -> Group {
    let mut group = Group::new("read a URI", "");
    group.add("otp-uri", |_| otp_uri::KeyUri::parse(black_box(URI)).unwrap());
    group.add("otp-uri, strict", |_| otp_uri::KeyUri::parse_strict(black_box(URI)).unwrap());
    group.add("totp-rs", |_| totp_rs::Totp::from_url(black_box(URI)).unwrap());
    group
}
