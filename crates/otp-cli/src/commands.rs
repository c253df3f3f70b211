//! The subcommands, a file each.

pub(crate) mod code;
pub(crate) mod convert;
pub(crate) mod demo;
pub(crate) mod enroll;
pub(crate) mod inspect;
pub(crate) mod matching;
pub(crate) mod new;
pub(crate) mod qr;
pub(crate) mod selftest;
pub(crate) mod verify;
