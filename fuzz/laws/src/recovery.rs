//! Reading a recovery code takes exactly what a person may type, and shows it in one form. No text is both
//! a recovery code and a one-time code.
//!
//! Input: a byte. If it is even, the rest is a text. If it is odd, the rest makes a code, and a text of it.

use arbitrary::Unstructured;
use otp_context::recovery::{MalformedRecoveryCode, RecoveryCode};
use otp_core::{CodeFormat, Digits};

use crate::bytes::Bytes;
use crate::errors;

type Reader = dyn Fn(&str) -> Result<RecoveryCode, MalformedRecoveryCode>;

/// The law.
pub fn check(data: &[u8]) {
    against(data, &RecoveryCode::parse);
}

fn against(data: &[u8], reader: &Reader) {
    let mut bytes = Bytes(data);
    if bytes.byte().is_multiple_of(2) {
        if let Ok(text) = core::str::from_utf8(bytes.rest()) {
            reads(text, reader);
        }
        return;
    }
    let mut bytes = Unstructured::new(bytes.rest());
    let code = otp_arbitrary::recovery_code(&mut bytes).expect("a code of any input");
    let shown = code.reveal();
    assert_eq!(reader(shown.as_str()).as_ref(), Ok(&code), "its text is read otherwise");
    let typed = otp_arbitrary::text::typed_recovery_code(&mut bytes, &code);
    reads(&typed.expect("a text of any input"), reader);
}

fn reads(text: &str, reader: &Reader) {
    let read = reader(text);
    let formats = (6..=10).filter_map(|digits| Digits::new(digits).ok()).map(CodeFormat::Decimal);
    let is_one_time = formats.chain([CodeFormat::Steam]).any(|format| format.parse(text).is_ok());
    assert!(!(is_one_time && read.is_ok()), "a one-time code is a recovery code");

    let expected = model(text);
    assert_eq!(read.as_ref().map(|_| ()), expected.as_ref().map(|_| ()), "read or not");
    match (read, expected) {
        (Ok(code), Ok(symbols)) => {
            let shown = code.reveal();
            let groups: Vec<_> = shown.as_str().split('-').collect();
            assert!(groups.iter().all(|group| group.len() == 4), "groups of other lengths");
            assert_eq!(groups.concat(), symbols, "shown otherwise");
            assert_eq!(usize::from(code.size().symbols()), symbols.len());
            assert_eq!(reader(shown.as_str()).as_ref(), Ok(&code), "its text is read otherwise");
            let debug = format!("{code:?} {shown:?}");
            assert!(!groups.iter().any(|group| debug.contains(group)), "a code shows in Debug");
        }
        (read, _) => {
            let error = read.expect_err("refused, as the model does");
            errors::keep_quiet_on_text(text, &error, reader);
        }
    }
}

/// The symbols of a text, read in another way: character by character into a string.
fn model(text: &str) -> Result<String, MalformedRecoveryCode> {
    const HYPHENS: &str = "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212}";
    if text.len() > 128 {
        return Err(MalformedRecoveryCode::Length);
    }
    let typed: String = text.split_whitespace().collect();
    let typed = typed.replace(|it| HYPHENS.contains(it), "").to_ascii_uppercase();
    let symbols = typed.replace(['I', 'L'], "1").replace('O', "0");
    let known = |it: char| it.is_ascii_digit() || it.is_ascii_uppercase() && it != 'U';
    if !symbols.chars().all(known) {
        Err(MalformedRecoveryCode::Character)
    } else if ![16, 24].contains(&symbols.len()) {
        Err(MalformedRecoveryCode::Length)
    } else {
        Ok(symbols)
    }
}

#[cfg(test)]
mod tests {
    use otp_context::recovery::{MalformedRecoveryCode, RecoveryCode};

    use super::{Reader, against};
    use crate::{control, limits};

    #[test]
    fn the_seeds_meet_the_limits() {
        limits::are_met("recovery", |data| {
            RecoveryCode::parse(core::str::from_utf8(&data[1..]).unwrap()).is_ok()
        });
    }

    #[test]
    fn reader_with_one_flaw_does_not() {
        let is_noticed = |words, text: &str, reader: &Reader| {
            control::notices(words, || against(format!("\0{text}").as_bytes(), reader));
        };
        is_noticed("a one-time code is a recovery code", "123456", &|text| {
            RecoveryCode::parse(&format!("{text:0>16}"))
        });
        let padded = format!("7K3M-9QXA-0T5V-WHZ1{}", " ".repeat(120));
        is_noticed("read or not", &padded, &|text| RecoveryCode::parse(text.trim()));
        is_noticed("read or not", "7K3M-9QXA-0T5V-WHZU", &|text| {
            RecoveryCode::parse(&text.replace('U', "V"))
        });
        is_noticed("read or not", "7K3M\u{2212}9QXA-0T5V-WHZ1", &|text| {
            let is_minus = text.contains('\u{2212}');
            if is_minus { Err(MalformedRecoveryCode::Character) } else { RecoveryCode::parse(text) }
        });
        is_noticed("shown otherwise", "7K3M-9QXA-0T5V-WHZ1", &|text| {
            RecoveryCode::parse(&text.replace('1', "7"))
        });
        control::notices("its text is read otherwise", || {
            against(&[1], &|text: &str| RecoveryCode::parse(&text.replacen('0', "2", 1)));
        });
    }
}
