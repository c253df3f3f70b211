use otp_context::recovery::{MalformedRecoveryCode, RecoveryCode, RecoveryCodeSize};
use otp_context::{EntropyError, fill};
use otp_core::{CodeFormat, Digits};
use proptest::prelude::*;

const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SIZES: [RecoveryCodeSize; 2] = [RecoveryCodeSize::Standard, RecoveryCodeSize::Long];

fn of(entropy: &[u8], size: RecoveryCodeSize) -> RecoveryCode {
    let code = RecoveryCode::generate(size, |buffer| {
        assert_eq!(buffer.len() * 8, usize::from(size.bits()));
        buffer.copy_from_slice(&entropy[..buffer.len()]);
        Ok(())
    });
    code.unwrap()
}

fn shown(text: &str) -> Option<String> {
    RecoveryCode::parse(text).ok().map(|code| code.reveal().as_str().to_owned())
}

fn refusal(text: &str) -> MalformedRecoveryCode {
    RecoveryCode::parse(text).unwrap_err()
}

/// The bits of a code as it is shown, most significant first.
fn bits(shown: &str) -> Vec<bool> {
    let symbols = shown.chars().filter(|it| *it != '-').map(|it| SYMBOLS.find(it).unwrap());
    symbols.flat_map(|value| (0..5).rev().map(move |bit| value >> bit & 1 == 1)).collect()
}

fn formats() -> impl Iterator<Item = CodeFormat> {
    let digits = (6..=10).map(|digits| CodeFormat::Decimal(Digits::new(digits).unwrap()));
    digits.chain([CodeFormat::Steam])
}

/// A text that is nearly a code of either kind.
fn typed() -> impl Strategy<Value = String> {
    let symbols = prop_oneof!["[0-9]{4,26}", "[2-9BCDFGHJKMNPQRTVWXY]{4,26}", "[0-9A-Za-z]{14,26}"];
    (symbols, proptest::collection::vec((0..40_usize, " |-|\u{2013}|\u{a0}"), 0..30)).prop_map(
        |(mut text, separators)| {
            for (place, separator) in separators {
                let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
                text.insert_str(places[place % places.len()], &separator);
            }
            text
        },
    )
}

/// Texts that are both a recovery code and a one-time code of some format.
fn confused(text: &str, is_recovery_code: impl Fn(&str) -> bool) -> bool {
    is_recovery_code(text) && formats().any(|format| format.parse(text).is_ok())
}

proptest! {
    /// Each of the 80 or 120 bits is in the code, once and in its place.
    #[test]
    fn code_holds_its_entropy(entropy: [u8; 15], size in 0..2_usize) {
        let size = SIZES[size];
        let shown = of(&entropy, size).reveal().as_str().to_owned();
        let expected: Vec<_> = entropy.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1 == 1)).collect();
        prop_assert_eq!(bits(&shown), &expected[..size.bits().into()]);
    }

    #[test]
    fn shown_code_reads_back(entropy: [u8; 15], size in 0..2_usize) {
        let code = of(&entropy, SIZES[size]);
        let read = RecoveryCode::parse(code.reveal().as_str());
        prop_assert_eq!(read.as_ref(), Ok(&code));
        prop_assert_eq!(read.unwrap().size(), SIZES[size]);
    }

    #[test]
    fn repairs_are_made_once(text in typed()) {
        if let Some(shown) = shown(&text) {
            prop_assert_eq!(super::codes::shown(&shown), Some(shown));
        }
    }

    #[test]
    fn no_text_is_a_recovery_code_and_a_one_time_code(text in typed()) {
        prop_assert!(!confused(&text, |text| RecoveryCode::parse(text).is_ok()), "{text}");
    }
}

/// The control: a reader of short codes, too, is confused with one-time codes.
#[test]
fn reader_of_ten_symbols_is_confused() {
    let short = |text: &str| text.len() == 10 && text.chars().all(|it| SYMBOLS.contains(it));
    assert!(confused("0123456789", short));
}

/// The control: a code that leaves a bit out is noticed.
#[test]
fn lost_bit_is_noticed() {
    let code = of(&[0xff; 15], RecoveryCodeSize::Standard).reveal().as_str().replacen('Z', "Y", 1);
    assert_ne!(bits(&code), vec![true; 80]);
}

#[test]
fn shown_form_has_groups_of_four() {
    let entropy: Vec<u8> = (0..15).collect();
    for (size, text) in
        SIZES.into_iter().zip(["000G-40R4-0M30-E209", "000G-40R4-0M30-E209-185G-R38E"])
    {
        assert_eq!(of(&entropy, size).reveal().as_str(), text);
        assert_eq!(usize::from(size.symbols()) * 5, usize::from(size.bits()));
    }
}

#[test]
fn what_people_type_is_repaired() {
    let code = Some("7K3M-9QXA-0T5V-WHZ1".to_owned());
    assert_eq!(shown("7K3M-9QXA-0T5V-WHZ1"), code);
    for text in [
        "7k3m9qxa0t5vwhz1",
        " 7K3M 9QXA 0T5V WHZ1\r\n",
        "7k3m-9qxa-oT5v-whzi",
        "7K3M-9QXA-OT5V-WHZI",
        "7K3M-9QXA-0T5V-WHZl",
        "7K3M-9QXA-0T5V-WHZL",
        "-7-K-3-M-9-Q-X-A-0-T-5-V-W-H-Z-1-",
    ] {
        assert_eq!(shown(text), code, "{text:?}");
    }
    for hyphen in
        "-\u{2010}\u{2011}\u{2012}\u{2013}\u{2014}\u{2015}\u{2212} \t\u{a0}\u{2009}".chars()
    {
        let text = format!("7K3M{hyphen}9QXA{hyphen}0T5V{hyphen}WHZ1");
        assert_eq!(shown(&text), code, "{hyphen:?}");
    }
}

#[test]
fn every_symbol_is_read_and_no_other_character() {
    for byte in 0..=0x24f_u32 {
        let character = char::from_u32(byte).unwrap();
        let text: String = std::iter::repeat_n(character, 16).collect();
        let symbol = match character.to_ascii_uppercase() {
            'I' | 'L' => '1',
            'O' => '0',
            upper => upper,
        };
        if SYMBOLS.contains(symbol) {
            let group: String = std::iter::repeat_n(symbol, 4).collect();
            assert_eq!(shown(&text), Some([&group[..]; 4].join("-")), "{character}");
        } else if character == '-' || character.is_whitespace() {
            assert_eq!(refusal(&text), MalformedRecoveryCode::Length, "{character:?}");
        } else {
            assert_eq!(refusal(&text), MalformedRecoveryCode::Character, "{character:?}");
        }
    }
    // Full-width and Arabic-Indic digits, letters that only Unicode makes upper case, an underscore.
    for character in "７٣ſı\u{212a}_.".chars() {
        let text: String = std::iter::repeat_n(character, 16).collect();
        assert_eq!(refusal(&text), MalformedRecoveryCode::Character, "{character:?}");
    }
}

#[test]
fn other_lengths_are_malformed() {
    for length in 0..=128 {
        let read = RecoveryCode::parse(&"7".repeat(length)).map(|code| code.size());
        assert_eq!(
            read,
            match length {
                16 => Ok(RecoveryCodeSize::Standard),
                24 => Ok(RecoveryCodeSize::Long),
                _ => Err(MalformedRecoveryCode::Length),
            },
            "{length}"
        );
    }
    let longest = format!("{}{}", " ".repeat(112), "7".repeat(16));
    assert!(RecoveryCode::parse(&longest).is_ok());
    assert_eq!(refusal(&format!("{longest} ")), MalformedRecoveryCode::Length);
    // It is not read further.
    assert_eq!(refusal(&"!".repeat(129)), MalformedRecoveryCode::Length);
}

#[test]
fn codes_of_other_symbols_or_sizes_differ() {
    let code = of(&[0; 15], RecoveryCodeSize::Standard);
    assert!(code == of(&[0; 15], RecoveryCodeSize::Standard));
    assert!(code != of(&[0; 15], RecoveryCodeSize::Long));
    for bit in 0..80 {
        let mut entropy = [0; 15];
        entropy[bit / 8] |= 1 << (bit % 8);
        assert!(code != of(&entropy, RecoveryCodeSize::Standard), "{bit}");
    }
}

#[test]
fn no_code_without_entropy() {
    let none = RecoveryCode::generate(RecoveryCodeSize::Long, |_| Err(EntropyError::Unavailable));
    assert_eq!(none.unwrap_err(), EntropyError::Unavailable);
    let [one, other] = [(); 2].map(|()| RecoveryCode::generate(RecoveryCodeSize::Long, fill));
    assert!(one.unwrap() != other.unwrap());
}
