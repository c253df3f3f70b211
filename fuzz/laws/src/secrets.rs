//! Application secrets are read line by line as a plain reader reads them, and make a wallet when
//! they are long enough.
//!
//! Input: the text.

use std::collections::{BTreeMap, BTreeSet};

use otp_context::wallet::{ApplicationSecrets, LineError, Tag, Wallet, WalletError};

use crate::errors;

type Reader = fn(&str) -> Result<ApplicationSecrets, WalletError>;

/// The law.
pub fn check(data: &[u8]) {
    if let Ok(text) = core::str::from_utf8(data) {
        against(text, ApplicationSecrets::parse);
    }
}

fn against(text: &str, reader: Reader) {
    let expected = plain(text);
    match reader(text) {
        Ok(secrets) => {
            let read =
                secrets.iter().map(|(tag, secret)| (tag.to_string(), secret.reveal().to_vec()));
            assert_eq!(Some(read.collect()), expected, "other secrets");
            let unseen = |secret: &[u8]| String::from_utf8_lossy(secret).contains(UNSEEN);
            assert!(!secrets.iter().any(|(_, it)| unseen(it.reveal())), "an unseen character");
            wallets(&secrets);
        }
        Err(error) => {
            // The model knows the quotation marks and controls of ASCII, and a few others.
            let is_character = matches!(
                error,
                WalletError::Line { error: LineError::Quote | LineError::Character, .. }
            );
            assert!(expected.is_none() || (is_character && !text.is_ascii()), "{error}");
            errors::keep_quiet_on_text(text, &error, reader);
        }
    }
}

/// Some invisible characters, and a quotation mark of word processors.
const UNSEEN: [char; 5] = ['\u{ad}', '\u{200b}', '\u{2028}', '\u{feff}', '\u{201d}'];

/// The secrets by their tags, if every line has both and no tag is there twice.
fn plain(text: &str) -> Option<BTreeMap<String, Vec<u8>>> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.starts_with(ApplicationSecrets::HEADING) && !text.ends_with(['\r', '\n']) {
        return None;
    }
    let mut secrets = BTreeMap::new();
    for line in text.split(['\r', '\n']).map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let colon = line.find(':')?;
        let (tag, secret) = (line[..colon].trim_end(), line[colon + 1..].trim_start());
        let mark = |c: char| c == '_' || c == '.' || c == '-';
        let known = tag.chars().all(|c| c.is_ascii_alphanumeric() || mark(c));
        if !known || tag.starts_with(mark) || tag.is_empty() || tag.len() > 64 || secret.is_empty()
        {
            return None;
        }
        if secret.contains(|c: char| c.is_ascii_control() || c == '"' || c == '\'') {
            return None;
        }
        if secrets.insert(tag.to_owned(), secret.as_bytes().to_vec()).is_some() {
            return None;
        }
    }
    Some(secrets)
}

fn wallets(secrets: &ApplicationSecrets) {
    let short = secrets.iter().any(|(_, secret)| secret.len() < 16);
    let values: BTreeSet<_> = secrets.iter().map(|(_, secret)| secret.reveal()).collect();
    let twice = values.len() < secrets.iter().count();
    for (tag, _) in secrets.iter() {
        match Wallet::new(tag.clone(), secrets) {
            Ok(wallet) => {
                assert!(!short && !twice && wallet.current() == tag);
                assert_eq!(wallet.tags().count(), secrets.iter().count());
            }
            Err(WalletError::ShortSecret) => assert!(short),
            Err(WalletError::DuplicateSecret) => assert!(twice),
            Err(error) => panic!("{error}"),
        }
    }
    let other: Tag = "no-such-tag".parse().expect("a tag");
    if secrets.get(&other).is_none() {
        assert!(Wallet::new(other, secrets).is_err(), "a wallet without its current secret");
    }
}

#[cfg(test)]
mod tests {
    use super::against;
    use crate::control::notices;
    use otp_context::wallet::{ApplicationSecret, ApplicationSecrets};

    const TEXT: &str = "# two\n 2025 : Iu6R0bJmGYdVTkBzhYdXKQ\r\n\n2026:a:b#c";

    #[test]
    fn reader_with_one_flaw_does_not() {
        notices("an unseen character", || {
            against("a: x\u{200b}y", |_| {
                let secret = ApplicationSecret::new("x\u{200b}y")?;
                Ok(ApplicationSecrets::new().with("a".parse().unwrap(), secret).unwrap())
            });
        });
        // This one knows comments after a secret.
        notices("other secrets", || {
            against(TEXT, |text| {
                ApplicationSecrets::parse(text.split_once("#c").map_or(text, |(kept, _)| kept))
            });
        });
    }
}
