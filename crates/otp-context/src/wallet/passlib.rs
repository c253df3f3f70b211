//! Keys that Python's passlib encrypted, for a database that is moving away from it.

mod group_size;
mod passlib_key;
mod passlib_wallet;

pub use self::group_size::group_size;
pub use self::passlib_key::{PasslibError, PasslibKey, UnreleasedFormat};
pub use self::passlib_wallet::{PasslibWallet, UnauthenticatedKey};
