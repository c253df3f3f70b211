#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]

mod code;
mod due;
mod key;
mod number;
mod parameters;
mod record;
mod recovery;
mod state;
pub mod text;
mod uri;
mod wallet;

pub use crate::code::{code, hotp, totp};
pub use crate::key::{key_bytes, secret};
pub use crate::number::number;
pub use crate::parameters::{algorithm, code_format, digits, period, repairs, unix_time, window};
pub use crate::record::{record, stored_key};
pub use crate::recovery::recovery_code;
pub use crate::state::{drift, lock, policy, throttle, tracker};
pub use crate::uri::{key_uri, kind, label};
pub use crate::wallet::{application_secret, owner, sealed_key, secrets, tag, wallet};
