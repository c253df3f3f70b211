//! What codes cost here and elsewhere, measured side by side.
//!
//! The first case of each group is ours.

#![forbid(unsafe_code)]
#![cfg_attr(
    feature = "totp-rfc",
    allow(dead_code, unused_imports, reason = "that build runs fewer cases")
)]

mod accounts;
mod case;
mod generate;
mod hash;
mod look_ahead;
mod read;
mod resync;
pub mod rounds;
mod verify;
mod width;

pub use crate::case::{Case, Group};

use crate::hash::{Sha1, Sha256, Sha512};

/// Every group of this build.
#[must_use]
pub fn groups() -> Vec<Group> {
    let mut groups = Vec::new();
    generate::groups::<Sha1>(&mut groups);
    generate::groups::<Sha256>(&mut groups);
    generate::groups::<Sha512>(&mut groups);
    verify::groups::<Sha1>(&mut groups);
    verify::groups::<Sha256>(&mut groups);
    verify::groups::<Sha512>(&mut groups);
    look_ahead::groups::<Sha1>(&mut groups);
    if cfg!(not(feature = "totp-rfc")) {
        look_ahead::groups::<Sha256>(&mut groups);
        look_ahead::groups::<Sha512>(&mut groups);
        for group in [resync::group::<Sha1>, resync::group::<Sha256>, resync::group::<Sha512>] {
            groups.push(group());
        }
        for group in [accounts::group::<Sha1>, accounts::group::<Sha256>, accounts::group::<Sha512>]
        {
            groups.push(group());
        }
        groups.push(read::group());
        width::groups(&mut groups);
    }
    groups
}
