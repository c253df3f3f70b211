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
    use super::{Format, against, errors};
    use crate::limits;
    use std::sync::atomic::{AtomicUsize, Ordering};

    #[test]
    fn the_seeds_meet_the_limits() {
        limits::are_met("records", |data| against(data, |document| document));
    }

    const RECORD: &[u8] = br#"{"v":2,"account":"alice","type":"hotp","algorithm":"SHA1","digits":8,
        "next":7,"secret":"JBSWY3DPEHPK3PXP"}"#;

    /// A document of the form and in the format.
    fn document(form: u8, format: u8, document: &[u8]) -> Vec<u8> {
        [&[form, format], document].concat()
    }

    fn replaced(document: Vec<u8>, from: &str, to: &str) -> Vec<u8> {
        String::from_utf8(document).unwrap().replace(from, to).into_bytes()
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_writer_that_drops_a_field_does_not() {
        against(&document(8, 0, RECORD), |it| replaced(it, r#""account":"alice","#, ""));
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_reader_that_takes_a_number_for_another_does_not() {
        against(&document(1, 2, &[5]), |it| it.iter().map(|byte| byte ^ 1).collect());
    }

    #[test]
    #[should_panic(expected = "read otherwise")]
    fn a_writer_of_passlibs_form_that_drops_a_field_does_not() {
        let record = br#"{"key":"JBSWY3DPEHPK3PXP","digits":8,"type":"totp","v":1}"#;
        against(&document(19, 0, record), |it| replaced(it, r#""digits":8,"#, ""));
    }

    /// Numbers of the window 9, 9.
    const VALUE: &[u8] = b"\x01\x09\x09";

    #[test]
    #[should_panic(expected = "a value is read otherwise")]
    fn a_writer_of_another_value_does_not() {
        against(&document(17, 0, VALUE), |it| replaced(it, r#"{"behind":9"#, r#"{"behind":8"#));
    }

    #[test]
    #[should_panic(expected = "an option is read otherwise")]
    fn a_writer_of_another_option_does_not() {
        against(&document(17, 0, VALUE), |it| {
            replaced(it, r#"{"some":{"behind":9"#, r#"{"some":{"behind":8"#)
        });
    }

    #[test]
    #[should_panic(expected = "a document that breaks off is read")]
    fn a_reader_that_needs_no_end_does_not() {
        against(&document(17, 0, VALUE), |it| [&it[..], b" "].concat());
    }

    #[test]
    #[should_panic(expected = "another text of the fields")]
    fn a_writer_of_passlibs_form_in_another_order_does_not() {
        let turned = |it| replaced(it, r#","type":"totp","v":1}"#, r#","v":1,"type":"totp"}"#);
        against(&document(19, 0, &[0; 9]), turned);
    }

    #[test]
    #[should_panic(expected = "what was written changes")]
    fn a_writer_that_never_writes_the_same_does_not() {
        static WRITTEN: AtomicUsize = AtomicUsize::new(0);
        against(&document(8, 0, RECORD), |mut it| {
            it.resize(it.len() + WRITTEN.fetch_add(1, Ordering::Relaxed), b' ');
            it
        });
    }

    #[test]
    #[should_panic(expected = "repeats what was read")]
    fn an_error_that_shows_the_key_does_not() {
        // What serde_json says of text in place of a number.
        let read = |document: &[u8]| Format::Json.read::<u8>(document);
        let document = br#""JBSWY3DPEHPK3PXP""#;
        errors::keep_quiet(document, &read(document).unwrap_err(), read);
    }
}
