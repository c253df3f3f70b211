//! The counter without power cuts.

use otp_flash::{Error, FlashCounter};

use crate::flash::Flash;

#[test]
fn blank_flash_is_not_counter_zero() {
    let mut counter = FlashCounter::new(Flash::<4, 256>::blank());
    assert_eq!(counter.take(), Err(Error::Blank));
    counter.format(0).unwrap();
    assert_eq!(counter.take(), Ok(0));
}

#[test]
fn last_counter_is_never_returned() {
    let mut counter = FlashCounter::new(Flash::<8, 256>::blank());
    counter.format(u64::MAX - 2).unwrap();
    assert_eq!(counter.take(), Ok(u64::MAX - 2));
    assert_eq!(counter.take(), Ok(u64::MAX - 1));
    for _ in 0..100 {
        assert_eq!(counter.take(), Err(Error::Exhausted));
    }
}

/// A page is erased every 254 presses: the number of its marks without mark 0, and one press more.
#[test]
fn page_of_two_kilobytes_with_units_of_eight_bytes_lasts_254_presses() {
    let mut counter = FlashCounter::new(Flash::<8, 2048>::blank());
    counter.format(0).unwrap();
    let mut flash = counter.into_flash();
    let mut presses = Vec::new();
    for press in 0..1_000_u64 {
        let before = flash.operations;
        FlashCounter::new(&mut flash).take().unwrap();
        if flash.operations > before + 1 {
            presses.push(press);
        }
    }
    assert_eq!(presses, [253, 507, 761]);
}
