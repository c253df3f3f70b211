use alloc::boxed::Box;

use crate::error::{Error, ErrorKind};
use crate::migration::Page;
use crate::{KeyUri, ParsedUri};

/// A URI of any scheme that this crate reads: an account ([`ParsedUri`]), or a [`Page`] of an export.
#[derive(Debug)]
pub enum AnyUri {
    /// `otpauth://`, `apple-otpauth://` or `steam://`: one account.
    Key(Box<ParsedUri>),
    /// `otpauth-migration://`: a page of an export, with any number of accounts.
    Page(Page),
}

impl AnyUri {
    /// Reads a URI of any scheme.
    ///
    /// # Errors
    ///
    /// Those of [`KeyUri::parse`] and of [`Page::parse`].
    ///
    /// ```
    /// use otp_uri::AnyUri;
    ///
    /// let uri = AnyUri::parse("otpauth://totp/ACME:bob?secret=JBSWY3DPEHPK3PXP")?;
    /// for account in uri.into_accounts() {
    ///     assert_eq!(account?.uri.label().account(), "bob");
    /// }
    /// # Ok::<(), otp_uri::Error>(())
    /// ```
    pub fn parse(text: &str) -> Result<Self, Error> {
        match KeyUri::parse(text) {
            Err(error) if error.kind() == ErrorKind::Export => Page::parse(text).map(Self::Page),
            parsed => parsed.map(|parsed| Self::Key(Box::new(parsed))),
        }
    }

    /// Returns the accounts. The iterator reads the accounts of a page one at a time.
    ///
    /// # Errors
    ///
    /// For each account of a page, those of [`Page::accounts`].
    pub fn into_accounts(self) -> impl Iterator<Item = Result<ParsedUri, Error>> {
        let (one, page) = match self {
            Self::Key(parsed) => (Some(parsed), None),
            Self::Page(page) => (None, Some(page)),
        };
        let of_page = page.into_iter().flat_map(Page::into_accounts);
        one.into_iter().map(|parsed| Ok(*parsed)).chain(of_page)
    }
}
