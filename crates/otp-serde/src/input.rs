mod record_text;

use alloc::boxed::Box;
use core::fmt;

use otp_context::{Record, StoredKey};
use otp_uri::migration::Page;
use otp_uri::{AnyUri, Findings, KeyUri, ParsedUri};

use crate::RecordError;

/// The byte order mark that some editors write.
const MARK: char = '\u{feff}';

/// A text in any known form: a URI, a page of an export, or a record in JSON.
///
/// To import accounts, a program needs only [`Input::read`] and [`Input::into_accounts`]:
///
/// ```
/// use otp_serde::Input;
///
/// let input =
///     Input::read("otpauth://totp/ACME:alice?secret=JBSWY3DPEHPK3PXP")?;
/// for account in input.into_accounts() {
///     assert_eq!(account?.record.account(), Some("alice"));
/// }
/// # Ok::<(), otp_serde::InputError>(())
/// ```
#[derive(Debug)]
pub enum Input {
    /// A URI: `otpauth://`, `apple-otpauth://` or `steam://`.
    Uri(Box<ParsedUri>),
    /// A page of Google Authenticator's export: `otpauth-migration://`.
    /// [`Export::merge`](otp_uri::migration::Export::merge) joins pages.
    Page(Page),
    /// A [`record`](crate::record) of version 2.
    Record(Box<Record>),
    /// A record of [`passlib`](crate::passlib).
    PasslibRecord(Box<Record>),
}

/// An account of an [`Input`].
#[derive(Debug)]
#[non_exhaustive]
pub struct Imported {
    /// The account as a record. The key may be encrypted:
    /// [`OtpContext::open`](otp_context::OtpContext::open) decrypts it.
    pub record: Record,
    /// What the reader of the URI tolerated. A record has no findings.
    pub findings: Findings,
}

impl Input {
    /// Reads a URI of any scheme, or a record of version 1 (passlib's) or 2 in JSON. A byte order mark
    /// before it is ignored.
    ///
    /// # Errors
    ///
    /// - [`InputError::Uri`]: the text does not begin as a record; the errors of [`AnyUri::parse`].
    /// - [`InputError::Record`]: the errors of [`record::read`](crate::record::read) or
    ///   [`passlib::read`](crate::passlib::read), or text after the record.
    pub fn read(text: &str) -> Result<Self, InputError> {
        let text = text.trim_start_matches(MARK);
        if is_record(text) {
            return record_text::read(text.trim()).map_err(InputError::Record);
        }
        Ok(match AnyUri::parse(text)? {
            AnyUri::Key(parsed) => Self::Uri(parsed),
            AnyUri::Page(page) => Self::Page(page),
        })
    }

    /// Returns the accounts. The iterator reads the accounts of a page one at a time.
    ///
    /// # Errors
    ///
    /// For each account of a page, those of [`Page::accounts`].
    pub fn into_accounts(self) -> impl Iterator<Item = Result<Imported, InputError>> {
        let (one, page) = match self {
            Self::Uri(parsed) => (Some((*parsed).into()), None),
            Self::Page(page) => (None, Some(page)),
            Self::Record(record) | Self::PasslibRecord(record) => (Some((*record).into()), None),
        };
        let of_page = page.into_iter().flat_map(Page::into_accounts);
        one.into_iter().map(Ok).chain(of_page.map(|account| Ok(account?.into())))
    }
}

/// Returns whether a text begins as a record in JSON. No secret and no URI begins so.
///
/// ```
/// assert!(otp_serde::is_record(r#" {"v":2"#));
/// assert!(!otp_serde::is_record("otpauth://totp/bob?secret=JBSWY3DP"));
/// ```
#[must_use]
pub fn is_record(text: &str) -> bool {
    text.trim_start_matches(MARK).trim_start().starts_with('{')
}

impl From<ParsedUri> for Imported {
    fn from(parsed: ParsedUri) -> Self {
        Self { findings: parsed.findings, ..parsed.uri.into() }
    }
}

impl From<KeyUri> for Imported {
    fn from(uri: KeyUri) -> Self {
        let (label, secret, kind) = uri.into_parts();
        let record = Record::new(kind, StoredKey::Plain(secret))
            .with_account(label.account())
            .with_issuer(label.issuer().unwrap_or_default());
        record.into()
    }
}

impl From<Record> for Imported {
    fn from(record: Record) -> Self {
        Self { record, findings: Findings::default() }
    }
}

/// The reason why a text was not read.
///
/// The message names the part and the bound, and never repeats the input.
#[derive(Clone, PartialEq, Eq)]
pub enum InputError {
    /// The text is not a valid URI.
    Uri(otp_uri::Error),
    /// The text is not a valid record.
    Record(RecordError),
}

impl InputError {
    /// Returns the name of the kind of error: [`ErrorKind::name`](otp_uri::ErrorKind::name) or
    /// [`RecordErrorKind::name`](crate::RecordErrorKind::name). Names are stable, for logs and JSON.
    #[must_use]
    pub const fn kind_name(&self) -> &'static str {
        match self {
            Self::Uri(error) => error.kind().name(),
            Self::Record(error) => error.kind().name(),
        }
    }

    /// Returns the name of the part that is wrong.
    #[must_use]
    pub const fn part(&self) -> &'static str {
        match self {
            Self::Uri(error) => error.part().name(),
            Self::Record(error) => error.part(),
        }
    }
}

impl From<otp_uri::Error> for InputError {
    fn from(error: otp_uri::Error) -> Self {
        Self::Uri(error)
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Uri(error) => error.fmt(f),
            Self::Record(error) => error.fmt(f),
        }
    }
}

impl core::error::Error for InputError {}

otp_core::__debug_error!(
    enum InputError {
        Uri(error),
        Record(error),
    }
);
