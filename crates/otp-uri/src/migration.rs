//! Exports of Google Authenticator: several accounts in `otpauth-migration://offline?data=…`.
//!
//! A [`Page`] is the content of a single URI, that is of a single QR code. An [`Export`] has all the
//! pages with the same batch id. To write an export, convert each [`KeyUri`](crate::KeyUri) to an
//! [`Account`]. [`write()`] turns the accounts into [`PageUri`]s.
//!
//! ```
//! use otp_core::Secret;
//! use otp_uri::migration::{self, Account, Export, Page};
//! use otp_uri::{KeyUri, Label, OtpKind};
//!
//! let key = Secret::from_base32("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")?;
//! let uri = KeyUri::new(
//!     Label::new("alice")?.with_issuer("ACME")?,
//!     key,
//!     OtpKind::default(),
//! )?;
//!
//! let pages = migration::write(&[Account::new(&uri)?], 4711);
//! let pages = pages.iter().map(|page| Page::parse(&page.to_string()));
//! let exports = Export::merge(pages.collect::<Result<Vec<_>, _>>()?);
//!
//! exports[0].check()?;
//! for account in exports[0].accounts() {
//!     assert_eq!(account?.uri, uri);
//! }
//! # Ok::<(), Box<dyn core::error::Error>>(())
//! ```

mod account;
mod export;
mod export_error;
mod page;
mod wire;
mod write;

pub use account::Account;
pub use export::Export;
pub use export_error::{ExportError, MissingPages};
pub use page::{Batch, Page};
pub use write::{PageUri, write};
