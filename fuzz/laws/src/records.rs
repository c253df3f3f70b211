//! A reader of otp-serde makes a value or an error of whatever it is given; a value is written, and
//! what is written is read back as the same.
//!
//! Input: the form, a byte; the format, a byte; the rest is the document, and once more what a value is
//! made of.

pub mod format;
pub mod forms;
mod passlib;

use crate::bytes::Bytes;
use crate::errors;
use format::Format;
use forms::{FORMS, Store};

/// The law.
pub fn check(data: &[u8]) {
    against(data, |document| document);
}

/// Whether the document was read.
fn against(data: &[u8], store: Store) -> bool {
    let mut bytes = Bytes(data);
    let form = FORMS[usize::from(bytes.byte()) % FORMS.len()];
    let format = [Format::Json, Format::Cbor, Format::Postcard][usize::from(bytes.byte() % 3)];
    let document = bytes.rest();
    let read = |document: &[u8]| (form.document)(format, document, store);
    let is_read =
        read(document).map_err(|error| errors::keep_quiet(document, &error, read)).is_ok();
    // The document is also what a value is made of.
    (form.value)(format, document, store);
    is_read
}

#[cfg(test)]
mod tests {
    use super::{Format, Store, against, errors};
    use crate::control::notices;
    use crate::limits;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_seeds_meet_the_limits() {
        limits::are_met("records", |data| against(data, |document| document));
    }

    fn replaced(document: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
        String::from_utf8(document).unwrap().replace(from, to).into_bytes()
    }

    #[test]
    fn store_with_one_flaw_does_not() {
        // The form and the format, a byte each.
        const RECORD: &[u8] = b"\x08\0{\"v\":2,\"account\":\"alice\",\"type\":\"hotp\",\
            \"algorithm\":\"SHA1\",\"digits\":8,\"next\":7,\"secret\":\"JBSWY3DPEHPK3PXP\"}";
        const PASSLIB: &[u8] =
            b"\x13\0{\"key\":\"JBSWY3DPEHPK3PXP\",\"digits\":8,\"type\":\"totp\",\"v\":1}";
        /// Numbers of the window 9, 9.
        const WINDOW: &[u8] = b"\x11\0\x01\x09\x09";
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);

        let is_noticed = |words, input, flawed: Store| {
            notices(words, || _ = against(input, flawed));
        };
        is_noticed("what was written is read otherwise", RECORD, |it| {
            replaced(it, r#""account":"alice","#, "")
        });
        is_noticed("what was written is read otherwise", b"\x01\x02\x05", |it| {
            it.iter().map(|byte| byte ^ 1).collect()
        });
        is_noticed("what was written is read otherwise", PASSLIB, |it| {
            replaced(it, r#""digits":8,"#, "")
        });
        is_noticed("what was written changes", RECORD, |mut it| {
            it.resize(it.len() + WRITTEN.fetch_add(1, Ordering::Relaxed), b' ');
            it
        });
        is_noticed("a value is read otherwise", WINDOW, |it| {
            replaced(it, r#"{"behind":9"#, r#"{"behind":8"#)
        });
        is_noticed("an option is read otherwise", WINDOW, |it| {
            replaced(it, r#"{"some":{"behind":9"#, r#"{"some":{"behind":8"#)
        });
        is_noticed("a document that breaks off is read", WINDOW, |it| [&it[..], b" "].concat());
        is_noticed("another text of the fields", &[19, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0], |it| {
            replaced(it, r#","type":"totp","v":1}"#, r#","v":1,"type":"totp"}"#)
        });
    }

    #[test]
    fn error_that_shows_the_key_does_not() {
        // What serde_json says of text in place of a number.
        let read = |document: &[u8]| Format::Json.read::<u8>(document);
        let document = br#""JBSWY3DPEHPK3PXP""#;
        let error = read(document).unwrap_err();
        notices("repeats what was read", || errors::keep_quiet(document, &error, read));
    }
}
