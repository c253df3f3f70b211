//! Exports: pages, the accounts on them, and the writer. The law of `migration` has the rest.

#![cfg(test)]
#![cfg(feature = "migration")]

use otp_core::{Algorithm, Digits, Period, Secret};
use otp_uri::migration::{self, Account, Batch, Export, ExportError, Page};
use otp_uri::{Error, ErrorKind, Finding, Findings, KeyUri, Label, OtpKind, ParsedUri, Part};
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    let path = format!("{}/../../vectors/migration-uris.json", env!("CARGO_MANIFEST_DIR"));
    let file: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    file["cases"].as_array().unwrap().clone()
}

fn vector(id: &str) -> Page {
    let case = vectors().into_iter().find(|case| case["id"] == id).unwrap();
    Page::parse(case["uri"].as_str().unwrap()).unwrap()
}

/// Returns a page of one account without a name, of a batch of two.
fn part(id: u8, index: u8, key: u8) -> Page {
    Page::parse(&uri(&[0x0a, 3, 0x0a, 1, key, 0x18, 2, 0x20, index, 0x28, id])).unwrap()
}

fn uri(payload: &[u8]) -> String {
    let data = data_encoding::BASE64.encode(payload).replace('+', "%2B");
    format!("otpauth-migration://offline?data={data}")
}

fn findings(findings: &Findings) -> String {
    let show = |it: Finding| format!("{}:{}", it.code(), it.part().name());
    findings.iter().map(show).collect::<Vec<_>>().join(" ")
}

/// `data/exports.json` has pages with what is read: issuer, account, key and findings of each account. A
/// refused account does not hide the others.
#[test]
fn pages_are_read_as_listed() {
    let rows: Vec<Value> = serde_json::from_str(include_str!("data/exports.json")).unwrap();
    let refusal = |error: &Error| format!("{}:{}", error.kind().name(), error.part().name());
    let account = |account: Result<ParsedUri, Error>| match account {
        Err(error) => refusal(&error),
        Ok(ParsedUri { uri, findings: found, .. }) => {
            let names = [uri.label().issuer().unwrap_or_default(), uri.label().account()];
            let key = uri.secret().reveal_hex();
            format!("{}|{}|{}", names.join("|"), key.as_str(), findings(&found))
        }
    };
    for row in rows {
        let read = match Page::parse(row["uri"].as_str().unwrap()) {
            Err(error) => json!(format!("{} {error}", refusal(&error))),
            Ok(page) => {
                let found = findings(page.findings());
                let accounts: Vec<_> = page.accounts().map(account).collect();
                assert!(page.into_accounts().map(account).eq(accounts.iter().cloned()));
                json!({ "findings": found, "accounts": accounts })
            }
        };
        assert_eq!(read, row["read"], "{}", row["what"]);
    }
}

#[test]
fn pages_merge_by_batch_id() {
    let parts = || ["mig-batch-2", "mig-hotp", "mig-batch-0", "mig-batch-1"].map(vector);
    let exports = Export::merge(parts());
    assert_eq!(exports.len(), 2);
    let whole = &exports[0];
    assert_eq!((whole.id(), whole.size()), (-123_456_789, 3));
    assert!(whole.is_complete());
    let names: Vec<_> =
        whole.accounts().map(|a| a.unwrap().uri.label().account().to_owned()).collect();
    assert_eq!(names, ["acct0", "acct1", "acct2", "acct3", "acct4"]);

    let [_, _, first, _] = parts();
    let part = &Export::merge([first])[0];
    assert_eq!(part.missing().collect::<Vec<_>>(), [1..=2]);
    let error = part.check().unwrap_err();
    assert_eq!(error.to_string(), "export -123456789: 2 of 3 pages missing, with index 1, 2");

    let [last, other, first, _] = parts();
    let exports = Export::merge([first, other, last]);
    assert_eq!(exports[0].missing().collect::<Vec<_>>(), [1..=1]);
    // A code that is scanned twice counts once.
    let exports = Export::merge(parts().into_iter().chain(parts()));
    assert_eq!(exports.iter().map(|export| export.accounts().count()).sum::<usize>(), 6);
}

#[test]
fn different_pages_with_one_index_are_all_kept() {
    // Neither page has a batch, so both have the same numbers.
    let exports =
        Export::merge([1, 2].map(|key| Page::parse(&uri(&[0x0a, 3, 0x0a, 1, key])).unwrap()));
    assert_eq!(exports.len(), 2);
    assert!(exports.iter().all(Export::is_complete) && exports[0].check().is_ok());
    assert_eq!(exports[1].check(), Err(ExportError::Repeated { id: 0, index: 0 }));
    // Of two exports with one id, no page is known to belong to the other.
    for export in Export::merge([(0, 1), (0, 2), (1, 2), (1, 1)].map(|(at, key)| part(7, at, key)))
    {
        assert_eq!(export.check(), Err(ExportError::Repeated { id: 7, index: 0 }));
    }
}

#[test]
fn page_belongs_to_the_first_export_that_lacks_it() {
    let missing = |pages: &[(u8, u8)]| -> Vec<Vec<_>> {
        let exports = Export::merge(pages.iter().map(|(index, key)| part(0, *index, *key)));
        exports.iter().map(|export| export.missing().collect()).collect()
    };
    assert_eq!(missing(&[(0, 1), (0, 2), (1, 3)]), [vec![], vec![1..=1]]);
    assert_eq!(missing(&[(0, 1), (0, 2), (1, 3), (1, 4)]), [vec![], vec![]]);
    assert_eq!(missing(&[(1, 1), (0, 2), (0, 3), (0, 2)]), [vec![], vec![1..=1]]);
}

fn key_uri(account: &str, secret: &[u8], kind: OtpKind) -> KeyUri {
    KeyUri::new(Label::new(account).unwrap(), Secret::new(secret).unwrap(), kind).unwrap()
}

#[test]
fn inexpressible_values_are_rejected() {
    let (algorithm, digits, period) = (Algorithm::Sha1, Digits::SIX, Period::THIRTY);
    let minute = Period::from_secs(60).unwrap();
    for (kind, part) in [
        (OtpKind::Steam, Part::Type),
        (OtpKind::Totp { algorithm, digits, period: minute }, Part::Period),
        (OtpKind::Totp { algorithm, digits: Digits::SEVEN, period }, Part::Digits),
        (OtpKind::Hotp { algorithm, digits: Digits::NINE, counter: 0 }, Part::Digits),
        (OtpKind::Hotp { algorithm, digits, counter: 1 << 63 }, Part::Counter),
    ] {
        let error = Account::new(&key_uri("a", b"k", kind)).unwrap_err();
        assert_eq!((error.kind(), error.part()), (ErrorKind::Inexpressible, part));
        assert_eq!(error.to_string(), format!("an export cannot express the {part}"));
    }
    // Escaped Base64 of the worst bytes is longer than the Base32 of the key.
    let long = key_uri("a", &[0xff; 4900], OtpKind::default());
    assert_eq!(Account::new(&long).unwrap_err().kind(), ErrorKind::TooLong);
}

#[test]
fn written_pages_equal_those_of_google_authenticator() {
    let (algorithm, digits) = (Algorithm::Sha1, Digits::SIX);
    let uri = key_uri(
        "hotp demo",
        b"12345678901234567890",
        OtpKind::Hotp { algorithm, digits, counter: 4 },
    );
    let pages = migration::write(&[Account::new(&uri).unwrap()], 9);
    let case = vectors().into_iter().find(|case| case["id"] == "mig-hotp").unwrap();
    assert_eq!(pages[0].to_string(), case["uri"].as_str().unwrap());
    assert!(migration::write(&[], 1).is_empty());
}

#[test]
fn writer_adds_the_issuer_to_a_name_only_if_a_reader_would_remove_it() {
    for (account, name) in [("bob", "bob"), ("ACMEbob", "ACMEbob"), ("ACME:bob", "ACME:ACME:bob")] {
        let label = Label::new(account).unwrap().with_issuer("ACME").unwrap();
        let uri = KeyUri::new(label, Secret::new(b"k").unwrap(), OtpKind::default()).unwrap();
        let pages = migration::write(&[Account::new(&uri).unwrap()], 1);
        let text = pages[0].to_string();
        let (_, data) = text.split_once("data=").unwrap();
        let data = data.replace("%2B", "+").replace("%2F", "/").replace("%3D", "=");
        let data = data_encoding::BASE64.decode(data.as_bytes()).unwrap();
        let length = u8::try_from(name.len()).unwrap();
        let written = [&[0x12, length], name.as_bytes(), b"\x1a\x04ACME"].concat();
        assert!(data.windows(written.len()).any(|part| part == written), "{account}");
    }
}

#[test]
fn longest_account_is_read_with_any_batch_numbers() {
    for name in 1..=12 {
        let account = |length: usize| {
            Account::new(&key_uri(&"a".repeat(name), &vec![0xff; length], OtpKind::default())).ok()
        };
        // The longest key that is accepted.
        let lengths: Vec<_> = (1..4900).collect();
        let most = lengths.partition_point(|length| account(*length).is_some());
        let largest = account(most).unwrap();
        for id in [-1, 0, i32::MAX] {
            let text = migration::write(core::slice::from_ref(&largest), id)[0].to_string();
            assert!(Page::parse(&text).is_ok(), "{name} {id}");
        }
    }
}

#[test]
fn writer_fills_pages() {
    let uri = |n: u8| key_uri(&format!("account {n}"), &[n + 1; 20], OtpKind::default());
    let accounts: Vec<_> = (0..23).map(|n| Account::new(&uri(n)).unwrap()).collect();
    let pages = migration::write(&accounts, -7);
    let pages = pages.iter().map(|page| Page::parse(page.reveal()).unwrap());
    let read: Vec<_> = pages
        .inspect(|page| assert!(page.findings().is_empty() && page.version() == 1))
        .map(|page| (page.batch(), page.accounts().count()))
        .collect();
    let batch = |index| Batch { id: -7, index, size: 3 };
    assert_eq!(read, [(batch(0), 10), (batch(1), 10), (batch(2), 3)]);
}

/// The Base64 of these long keys has only slashes, and each takes three bytes.
#[test]
fn page_with_two_accounts_is_at_most_1500_bytes() {
    let uri = |length| key_uri("a", &vec![0xff; length], OtpKind::default());
    for length in (1..600).step_by(13) {
        let accounts: Vec<_> = (0..20).map(|_| Account::new(&uri(length)).unwrap()).collect();
        for id in [-1, 0, i32::MAX] {
            let pages = migration::write(&accounts, id);
            let mut count = 0;
            for page in &pages {
                let length = page.reveal().len();
                let there = Page::parse(page.reveal()).unwrap().accounts().count();
                assert!(length <= 1500 || there == 1, "{length} bytes of {there}");
                count += there;
            }
            assert_eq!(count, accounts.len());
        }
    }
}
