//! What a code is made of; `laws.rs` has how it is read and shown.

use otp_context::recovery::{RecoveryCode, RecoveryCodeSize};
use otp_context::{EntropyError, fill};
use proptest::prelude::*;

const SYMBOLS: &str = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const STANDARD: RecoveryCodeSize = RecoveryCodeSize::Standard;
const LONG: RecoveryCodeSize = RecoveryCodeSize::Long;

fn of(entropy: &[u8], size: RecoveryCodeSize) -> RecoveryCode {
    let code = RecoveryCode::generate(size, |buffer| {
        assert_eq!(buffer.len() * 8, usize::from(size.bits()));
        buffer.copy_from_slice(&entropy[..buffer.len()]);
        Ok(())
    });
    code.unwrap()
}

/// The bits of bytes, or of the symbols of a code, most significant first.
fn bits(values: impl Iterator<Item = usize>, length: usize) -> Vec<bool> {
    values.flat_map(|value| (0..length).rev().map(move |bit| value >> bit & 1 == 1)).collect()
}

fn bits_of_text(shown: &str) -> Vec<bool> {
    bits(shown.chars().filter_map(|symbol| SYMBOLS.find(symbol)), 5)
}

proptest! {
    /// Each of the 80 or 120 bits is in the code, once and in its place.
    #[test]
    fn code_holds_its_entropy(entropy: [u8; 15], is_long: bool) {
        let size = if is_long { LONG } else { STANDARD };
        let code = of(&entropy, size);
        let expected = bits(entropy.iter().map(|byte| usize::from(*byte)), 8);
        prop_assert_eq!(bits_of_text(code.reveal().as_str()), &expected[..size.bits().into()]);
        prop_assert_eq!(code.size(), size);
    }
}

/// The control: a code that leaves a bit out is noticed.
#[test]
fn lost_bit_is_noticed() {
    let code = of(&[0xff; 15], STANDARD).reveal().as_str().replacen('Z', "Y", 1);
    assert_ne!(bits_of_text(&code), vec![true; 80]);
}

#[test]
fn codes_of_other_symbols_or_sizes_differ() {
    let code = of(&[0; 15], STANDARD);
    assert!(code == of(&[0; 15], STANDARD));
    assert!(code != of(&[0; 15], LONG));
    for bit in 0..80 {
        let mut entropy = [0; 15];
        entropy[bit / 8] |= 1 << (bit % 8);
        assert!(code != of(&entropy, STANDARD), "{bit}");
    }
}

#[test]
fn no_code_without_entropy() {
    let none = RecoveryCode::generate(LONG, |_| Err(EntropyError::Unavailable));
    assert_eq!(none.unwrap_err(), EntropyError::Unavailable);
    let [one, other] = [(); 2].map(|()| RecoveryCode::generate(LONG, fill));
    assert!(one.unwrap() != other.unwrap());
}
