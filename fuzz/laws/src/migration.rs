//! Every page of an export is read or refused, every account of it likewise; pages are sorted
//! without loss, and what was read is written and read back equal.
//!
//! Input: a byte. If it is even, the rest is lines of text, each a page; if it is odd, the rest is
//! what such a page has in Base64.

use data_encoding::BASE64;
use otp_uri::migration::{self, Account, Export, Page};
use otp_uri::{ErrorKind, KeyUri, MAX_LENGTH};

use crate::bytes::Bytes;
use crate::{errors, uri};

type Writer = fn(&[Account]) -> Vec<String>;

/// The law.
pub fn check(data: &[u8]) {
    against(data, written);
}

fn written(accounts: &[Account]) -> Vec<String> {
    migration::write(accounts, -1).iter().map(ToString::to_string).collect()
}

fn against(data: &[u8], writer: Writer) {
    let pages = pages(data);
    let (count, accounts) = (pages.len(), pages.iter().map(|page| page.accounts().count()).sum());
    let exports = Export::merge(pages);
    sorts(&exports, count, accounts);
    for export in &exports {
        misses(export);
    }
    let uris = readings(&exports);
    uris.iter().for_each(uri::survives);
    writes(&uris, writer);
}

pub(crate) fn pages(data: &[u8]) -> Vec<Page> {
    let mut bytes = Bytes(data);
    if bytes.byte().is_multiple_of(2) {
        let text = core::str::from_utf8(bytes.rest()).unwrap_or_default();
        text.split('\n').filter_map(page).collect()
    } else {
        payload(bytes.rest()).into_iter().collect()
    }
}

/// A page of text.
fn page(text: &str) -> Option<Page> {
    match Page::parse(text) {
        Ok(page) => {
            let again = Page::parse(&format!(" {text}\r"));
            assert!(again.is_ok() || text.len() + 2 > MAX_LENGTH, "white space around it matters");
            Some(page)
        }
        Err(error) => {
            errors::keep_quiet_on_text(text, &error, Page::parse);
            None
        }
    }
}

/// A page of bytes, which reads the same however they are written.
fn payload(bytes: &[u8]) -> Option<Page> {
    let standard = format!("otpauth-migration://offline?data={}", BASE64.encode(bytes));
    let spaced = standard.replace('+', "%20");
    let safe = standard.replace('+', "-").replace('/', "_").replacen(":__", "://", 1);
    let read = page(&standard);
    for other in [spaced, safe.trim_end_matches('=').to_owned()] {
        if other.len() <= MAX_LENGTH && standard.len() <= MAX_LENGTH {
            let other = page(&other);
            assert_eq!(read.as_ref().map(said), other.as_ref().map(said));
        }
    }
    read
}

/// What a page says, keys and all.
fn said(page: &Page) -> String {
    let accounts = page.accounts().map(|account| account.map(|it| it.uri.to_string()));
    format!("{:?} {:?}", page.batch(), accounts.collect::<Vec<_>>())
}

/// Each page is in one export, at its place; only repetitions are gone.
fn sorts(exports: &[Export], pages: usize, accounts: usize) {
    let mut total = 0;
    for export in exports {
        total += export.pages().len();
        assert!(!export.pages().is_empty(), "an export without pages");
        assert!(export.pages().iter().all(|page| page.batch().id == export.id()));
        let ordered = export.pages().windows(2).all(|it| it[0].batch().index < it[1].batch().index);
        assert!(ordered, "pages are not in their order");
    }
    assert!(total <= pages, "pages come from nowhere");
    let read = exports.iter().map(|export| export.accounts().count()).sum::<usize>();
    assert!(read <= accounts && (total < pages || read == accounts), "accounts are lost");
}

/// The missing places are those where no page is.
fn misses(export: &Export) {
    let size = export.size();
    let there = export.pages().iter().map(|page| page.batch().index);
    let there = there.filter(|index| (0..size).contains(index)).count();
    let mut missing = 0_i64;
    let mut before = -1_i64;
    for gap in export.missing() {
        assert!(i64::from(*gap.start()) > before && gap.start() <= gap.end() && *gap.end() < size);
        let empty = |page: &Page| !gap.contains(&page.batch().index);
        assert!(export.pages().iter().all(empty), "a page is missing that is there");
        missing += i64::from(*gap.end()) - i64::from(*gap.start()) + 1;
        before = i64::from(*gap.end());
    }
    let there = i64::try_from(there).expect("few pages");
    assert_eq!(there + missing, i64::from(size.max(0)));
    assert_eq!(export.is_complete(), missing == 0);
}

/// The accounts that can be read.
fn readings(exports: &[Export]) -> Vec<KeyUri> {
    let mut uris = Vec::new();
    for account in exports.iter().flat_map(Export::accounts) {
        match account {
            Ok(parsed) => uris.push(parsed.uri),
            Err(error) => assert!(error.to_string().len() < 300, "an error is long"),
        }
    }
    uris
}

/// What an export said, an export can say, unless its name has grown too long for one URI.
fn writes(uris: &[KeyUri], writer: Writer) {
    let mut kept = Vec::new();
    let mut accounts = Vec::new();
    for uri in uris {
        match Account::new(uri) {
            Ok(account) => {
                kept.push(uri);
                accounts.push(account);
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::TooLong);
                assert!(uri.to_string().len() > MAX_LENGTH / 4, "it is not long");
            }
        }
    }
    let pages = writer(&accounts);
    assert!(pages.iter().all(|page| page.is_ascii() && page.len() <= MAX_LENGTH));
    let pages = pages.iter().map(|page| Page::parse(page).expect("what was written is read"));
    // The other way round, since they are sorted.
    let exports = Export::merge(pages.rev());
    assert_eq!(exports.len(), usize::from(!kept.is_empty()), "not one export");
    assert!(exports.iter().all(Export::is_complete), "a page is missing");
    let read: Vec<_> = exports.iter().flat_map(Export::accounts).collect();
    assert_eq!(read.len(), kept.len(), "accounts are lost");
    for (read, kept) in read.into_iter().zip(kept) {
        let read = read.expect("what was written is read").uri;
        assert!(read == *kept, "what was written is read otherwise");
    }
}

#[cfg(test)]
mod tests {
    use super::{against, written};
    use crate::control::notices;

    /// Two accounts on the second of three pages: "bob", and a counter.
    const PAYLOAD: &[u8] = b"\x01\x0a\x1b\x0a\x1412345678901234567890\x12\x03bob\
        \x0a\x21\x0a\x1412345678901234567890\x12\x05I:a:b\x30\x01\x38\x07\x10\x01\x18\x03\x20\x01";

    #[test]
    fn writer_with_one_flaw_does_not() {
        notices("accounts are lost", || against(PAYLOAD, |accounts| written(&accounts[1..])));
        notices("not one export", || against(PAYLOAD, |_| Vec::new()));
    }
}
