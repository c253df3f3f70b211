use alloc::vec::Vec;
use core::fmt;

use bytes::Bytes;
use data_encoding::BASE64_NOPAD;
use prost::Message;
use zeroize::Zeroizing;

use super::{account, wire};
use crate::error::{Error, ErrorKind};
use crate::escape::Plus;
use crate::finding::{FindingKind, Findings};
use crate::parameters::Parameters;
use crate::parsed_uri::ParsedUri;
use crate::part::Part;
use crate::source::Source;

/// The content of a single URI of an export. Its keys are wiped on drop.
pub struct Page {
    version: i32,
    batch: Batch,
    accounts: Vec<Bytes>,
    findings: Findings,
}

/// The place of a page in its export. Absent numbers are 0, and no number is checked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Batch {
    /// The id of the export, equal in all its pages: any number.
    pub id: i32,
    /// The index of the page, counted from 0.
    pub index: i32,
    /// The number of pages of the export.
    pub size: i32,
}

impl Page {
    /// Reads a URI of an export.
    ///
    /// # Errors
    ///
    /// - [`ErrorKind::TooLong`] over [`MAX_LENGTH`](crate::MAX_LENGTH).
    /// - [`ErrorKind::Unknown`] for another scheme, or another type than `offline`.
    /// - [`ErrorKind::Missing`], [`ErrorKind::Empty`] or [`ErrorKind::Duplicate`] if there is not
    ///   exactly one `data` parameter.
    /// - [`ErrorKind::Character`] and [`ErrorKind::Malformed`] if it is not Base64, or not a
    ///   message of an export.
    /// - Other kinds if the text is not a URI.
    ///
    /// A bad account is an error only of its own item of [`Page::accounts`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut findings = Findings::default();
        let source = Source::new(text, &mut findings)?;
        let (scheme, _) = source.split()?;
        if !scheme.eq_ignore_ascii_case("otpauth-migration") {
            return Err(Error::new(ErrorKind::Unknown, Part::Scheme));
        }
        if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
            findings.add(FindingKind::LetterCase, Part::Scheme);
        }
        let url = source.url()?;
        let host = url.host_str().unwrap_or_default();
        if !host.eq_ignore_ascii_case("offline") {
            return Err(Error::new(ErrorKind::Unknown, Part::Type));
        }
        if host != "offline" {
            findings.add(FindingKind::LetterCase, Part::Type);
        }
        if !matches!(url.path(), "" | "/") {
            return Err(Error::new(ErrorKind::Malformed, Part::Uri));
        }
        // A plus sign is a digit of Base64.
        let mut known = Parameters::default();
        known.read(source.query(), &[Part::Data], Plus::Itself, &mut findings)?;
        let data = known.get(Part::Data).ok_or(Error::new(ErrorKind::Missing, Part::Data))?;
        let payload = wire::Payload::decode(base64(data, &mut findings)?)
            .map_err(|_| Error::new(ErrorKind::Malformed, Part::Data))?;
        if !matches!(payload.version, 0 | 1) {
            findings.add(FindingKind::UnknownVersion, Part::Version);
        }
        let batch = Batch {
            id: payload.batch_id,
            index: payload.batch_index.unwrap_or_default(),
            size: payload.batch_size,
        };
        Ok(Self { version: payload.version, batch, accounts: payload.accounts, findings })
    }

    /// Returns the accounts. The iterator reads them one at a time.
    ///
    /// # Errors
    ///
    /// For each account:
    ///
    /// - [`ErrorKind::Malformed`] if it is not a message of an account.
    /// - [`ErrorKind::Empty`] without a key.
    /// - [`ErrorKind::Unsupported`] for HMAC-MD5, and for an algorithm whose feature is off.
    /// - [`ErrorKind::Unknown`] for an unknown algorithm, number of digits or type.
    /// - [`ErrorKind::OutOfRange`] for HOTP with a negative counter.
    /// - [`ErrorKind::TooLong`] if it does not fit an `otpauth` URI.
    pub fn accounts(&self) -> impl Iterator<Item = Result<ParsedUri, Error>> {
        self.accounts.iter().map(account::read)
    }

    /// Returns the accounts and drops the page.
    ///
    /// # Errors
    ///
    /// For each account, those of [`Page::accounts`].
    pub fn into_accounts(self) -> impl Iterator<Item = Result<ParsedUri, Error>> {
        self.accounts.into_iter().map(|bytes| account::read(&bytes))
    }

    /// Returns the version of the format: 1, or 0 if the page has none.
    #[must_use]
    pub const fn version(&self) -> i32 {
        self.version
    }

    /// Returns the place of the page in its export.
    #[must_use]
    pub const fn batch(&self) -> Batch {
        self.batch
    }

    /// Returns what the reader tolerated in the URI. Each account has its own findings.
    #[must_use]
    pub const fn findings(&self) -> &Findings {
        &self.findings
    }

    /// Returns the content. Pages with equal content count as one page.
    pub(super) fn content(&self) -> (i32, i32, i32, &[Bytes]) {
        let Batch { id, index, size } = self.batch;
        (id, index, size, &self.accounts)
    }
}

/// Decodes Base64 of either alphabet, padded or not, with spaces for plus signs that were lost.
fn base64(text: &str, findings: &mut Findings) -> Result<Bytes, Error> {
    if text.is_empty() {
        return Err(Error::new(ErrorKind::Empty, Part::Data));
    }
    let digits = text.trim_end_matches('=');
    let mut plain = Zeroizing::new(Vec::with_capacity(digits.len()));
    plain.extend(digits.bytes().map(|byte| match byte {
        b' ' => {
            findings.add(FindingKind::LostPlus, Part::Data);
            b'+'
        }
        b'-' => {
            findings.add(FindingKind::UrlSafe, Part::Data);
            b'+'
        }
        b'_' => {
            findings.add(FindingKind::UrlSafe, Part::Data);
            b'/'
        }
        byte => byte,
    }));
    let length = BASE64_NOPAD.decode_len(plain.len());
    let length = length.map_err(|_| Error::new(ErrorKind::Malformed, Part::Data))?;
    let mut bytes = alloc::vec![0; length];
    let result = BASE64_NOPAD.decode_mut(&plain, &mut bytes);
    // The bytes of a failure are wiped, too.
    let bytes = wire::wiped(bytes);
    result.map(|_| bytes).map_err(|partial| match partial.error.kind {
        data_encoding::DecodeKind::Symbol => Error::new(ErrorKind::Character, Part::Data),
        _ => Error::new(ErrorKind::Malformed, Part::Data),
    })
}

/// Shows no key.
impl fmt::Debug for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page")
            .field("version", &self.version)
            .field("batch", &self.batch)
            .finish_non_exhaustive()
    }
}
