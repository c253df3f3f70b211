use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use data_encoding::BASE64;
use prost::Message;
use zeroize::Zeroizing;

use super::{Account, Batch, wire};
use crate::MAX_LENGTH;
use crate::escape::encode;

/// The most accounts of a page, as in Google Authenticator.
const ACCOUNTS: usize = 10;
/// The most bytes of a URI whose QR code phones still read well.
const LENGTH: usize = 1500;
/// The version of the format.
const VERSION: i32 = 1;

/// A single URI of an export, **with its keys**. It is wiped on drop.
pub struct PageUri(Zeroizing<String>);

/// Writes accounts as the pages of an export, in order.
///
/// A page has at most ten accounts. Its URI has at most 1500 bytes, unless a single account is longer.
///
/// The id separates the pages of different exports: use a random number.
#[must_use]
pub fn write(accounts: &[Account], id: i32) -> Vec<PageUri> {
    let mut pages: Vec<Vec<&Account>> = Vec::new();
    for account in accounts {
        match pages.last_mut() {
            Some(page) if page.len() < ACCOUNTS && fits(page, account) => page.push(account),
            _ => pages.push(alloc::vec![account]),
        }
    }
    let size = i32::try_from(pages.len()).unwrap_or(i32::MAX);
    let indices = 0..size;
    let pages = indices.zip(pages);
    pages.map(|(index, page)| PageUri::new(&page, Batch { id, index, size })).collect()
}

/// Returns whether a page is short enough with one more account.
fn fits(page: &[&Account], account: &Account) -> bool {
    longest(&[page, &[account]].concat()) <= LENGTH
}

/// Returns whether a page with only this account can be read.
pub(super) fn fits_alone(account: &Account) -> bool {
    longest(&[account]) <= MAX_LENGTH
}

/// Returns the largest length of a page of these accounts: that with the largest numbers.
fn longest(accounts: &[&Account]) -> usize {
    PageUri::new(accounts, Batch { id: -1, index: i32::MAX, size: i32::MAX }).0.len()
}

impl PageUri {
    fn new(accounts: &[&Account], batch: Batch) -> Self {
        let payload = wire::Payload {
            accounts: accounts.iter().map(|account| account.bytes().clone()).collect(),
            version: VERSION,
            batch_size: batch.size,
            batch_index: Some(batch.index),
            batch_id: batch.id,
        };
        let bytes = Zeroizing::new(payload.encode_to_vec());
        let data = Zeroizing::new(BASE64.encode(&bytes));
        // The text has its full size from the start: growing would leave copies behind.
        let head = "otpauth-migration://offline?data=";
        let room = head.len().saturating_add(data.len().saturating_mul(3));
        let mut text = Zeroizing::new(String::with_capacity(room));
        text.push_str(head);
        // Writing to a string does not fail.
        let _ = encode(&data, None, &mut *text);
        Self(text)
    }

    /// Returns the text, **with the keys**.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

/// Writes the text, **with the keys**.
impl fmt::Display for PageUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Shows no key.
impl fmt::Debug for PageUri {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PageUri").finish_non_exhaustive()
    }
}
