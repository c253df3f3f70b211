//! The subcommands, one file each.

pub(crate) mod backup;
pub(crate) mod code;
pub(crate) mod completions;
pub(crate) mod config;
pub(crate) mod convert;
pub(crate) mod db;
pub(crate) mod demo;
pub(crate) mod drift;
pub(crate) mod enroll;
pub(crate) mod inspect;
pub(crate) mod list;
pub(crate) mod man;
pub(crate) mod matching;
pub(crate) mod new;
pub(crate) mod oathtool;
pub(crate) mod qr;
pub(crate) mod recovery;
pub(crate) mod remove;
pub(crate) mod resync;
pub(crate) mod selftest;
pub(crate) mod status;
pub(crate) mod unlock;
pub(crate) mod verify;
pub(crate) mod wallet;
pub(crate) mod watch;
