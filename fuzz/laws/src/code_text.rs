//! Reading a code takes exactly what a person may type, and prints as it was typed.
//!
//! Input: the format, a byte; the rest is the text.

use otp_core::{Code, CodeFormat, Malformed};

use crate::bytes::Bytes;
use crate::codes;

type Reader = dyn Fn(CodeFormat, &str) -> Result<Code, Malformed>;

/// The law.
pub fn check(data: &[u8]) {
    against(data, &CodeFormat::parse);
}

fn against(data: &[u8], reader: &Reader) {
    let mut bytes = Bytes(data);
    let format = codes::format(bytes.byte());
    let Ok(text) = core::str::from_utf8(bytes.rest()) else { return };

    let typed: String = text.chars().filter(|it| !" -".contains(*it)).collect();
    let typed = typed.to_ascii_uppercase();
    let alphabet = match format {
        CodeFormat::Steam => "23456789BCDFGHJKMNPQRTVWXY",
        _ => "0123456789",
    };
    let expected = if text.len() > CodeFormat::LONGEST_TEXT {
        Err(Malformed::Length { expected: format.length() })
    } else if !typed.chars().all(|it| alphabet.contains(it)) {
        Err(Malformed::Character)
    } else if typed.len() != usize::from(format.length()) {
        Err(Malformed::Length { expected: format.length() })
    } else {
        Ok(())
    };
    let read = reader(format, text);
    assert_eq!(read.map(|_| ()), expected, "read or not");
    if let Ok(code) = read {
        assert_eq!(code.format(), format);
        assert_eq!(code.text().as_str(), typed);
        assert_eq!(reader(format, &typed), Ok(code));
        assert!(!format!("{code:?} {:?}", code.text()).contains(&typed), "a code shows in Debug");
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, against};
    use crate::control::notices;
    use otp_core::{CodeFormat, Malformed};

    #[test]
    fn reader_with_one_flaw_does_not() {
        let is_noticed = |text: &str, reader: &Reader| {
            notices("read or not", || against(format!("\0{text}").as_bytes(), reader));
        };
        let trimming = |format: CodeFormat, text: &str| format.parse(text.trim());
        is_noticed(&format!("{}123456", " ".repeat(59)), &trimming);
        is_noticed("123456\n", &trimming);
        is_noticed("123 456", &|format: CodeFormat, text: &str| {
            if text.contains(' ') { Err(Malformed::Character) } else { format.parse(text) }
        });
    }
}
