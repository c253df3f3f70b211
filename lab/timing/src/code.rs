//! Comparing two codes.

use std::hint::black_box;

use otp_core::{Code, CodeFormat, hazmat};

use crate::measure::Random;

/// One comparison is shorter than a clock tells.
const TIMES: usize = 50;

fn code(value: u32) -> Code {
    hazmat::code(value, CodeFormat::default())
}

pub(crate) fn equal_or_not(equal: bool, random: &mut Random) -> [Code; 2] {
    let (one, other) = (random.below(1_000_000), random.below(999_999));
    let other = if other < one { other } else { other + 1 };
    // Both are made in either class.
    [code(one), code(if equal { one } else { other })]
}

/// The digit before which all are the same: none, or all but one.
pub(crate) fn first_or_last(first: bool, random: &mut Random) -> [Code; 2] {
    let one = random.below(1_000_000);
    let unit = if first { 100_000 } else { 1 };
    let digit = one / unit % 10;
    let other = (digit + 1 + random.below(9)) % 10;
    [code(one), code(one - digit * unit + other * unit)]
}

pub(crate) fn compare(pair: &[Code; 2]) -> usize {
    (0..TIMES).filter(|_| black_box(&pair[0]) == black_box(&pair[1])).count()
}

pub(crate) fn until_one_differs(pair: &[Code; 2]) -> usize {
    let pair = [pair[0].text(), pair[1].text()];
    let same = |_: &usize| {
        let [one, other] = black_box(&pair);
        one.as_bytes().iter().zip(other.as_bytes()).all(|(one, other)| one == other)
    };
    (0..TIMES).filter(same).count()
}

#[cfg(test)]
mod tests {
    use super::{equal_or_not, first_or_last};
    use crate::measure::Random;

    #[test]
    fn the_classes_are_what_they_say() {
        let mut random = Random(1);
        for _ in 0..10_000 {
            let [one, other] = equal_or_not(true, &mut random);
            assert_eq!(one, other);
            let [one, other] = equal_or_not(false, &mut random);
            assert_ne!(one, other);
            let [one, other] = first_or_last(true, &mut random).map(|code| code.text().to_string());
            assert!(one[..1] != other[..1] && one[1..] == other[1..]);
            let [one, other] =
                first_or_last(false, &mut random).map(|code| code.text().to_string());
            assert!(one[..5] == other[..5] && one[5..] != other[5..]);
        }
    }
}
