//! What codes cost here and elsewhere, measured side by side.

#![forbid(unsafe_code)]

mod case;
mod generate;
mod hash;
mod many;
pub mod rounds;
mod verify;

use core::hint::black_box;

pub use crate::case::{Case, Group};
use crate::hash::{Hash, Sha1, Sha256, Sha512};

const URI: &str = "otpauth://totp/Example:alice@example.com?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ\
    &issuer=Example&algorithm=SHA1&digits=6&period=30";

/// Every group of this build that has cases to compare.
#[must_use]
pub fn groups() -> Vec<Group> {
    let mut groups = vec![read()];
    groups.extend(of::<Sha1>().into_iter().chain(of::<Sha256>()).chain(of::<Sha512>()));
    groups.retain(|group| group.cases.len() > 1);
    groups
}

fn of<H: Hash>() -> Vec<Group> {
    vec![
        generate::kept::<H>(),
        generate::chain::<H>(),
        generate::built::<H>(),
        verify::window::<H>("verify, wrong code"),
        verify::window::<H>("verify, right code"),
        verify::look_ahead::<H>(),
        many::resync::<H>(),
        many::accounts::<H>(1024),
        many::accounts::<H>(16),
        many::accounts::<H>(4),
    ]
}

/// A Key URI as most are written.
fn read() -> Group {
    let mut group = Group::new("read a URI", "", 1);
    group.add("otp-uri", |_| otp_uri::KeyUri::parse(black_box(URI)).unwrap());
    group.peer("otp-uri, strict", |_| otp_uri::KeyUri::parse_strict(black_box(URI)).unwrap());
    group.peer("totp-rs", |_| totp_rs::Totp::from_url(black_box(URI)).unwrap());
    group
}
