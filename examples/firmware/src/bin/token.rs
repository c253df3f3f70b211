//! A token: a button is pressed, the next code is shown.
//!
//! The counter is spent in flash before its code exists, so a token whose power is cut never shows
//! a code twice. At worst it skips one, which the look-ahead of the verifier makes up for.
#![no_std]
#![no_main]

use board::Flash;
use otp_core::{Algorithm, CodeText, Hotp};
use otp_flash::FlashCounter;

/// The key; an immutable `static` stays in flash.
static KEY: [u8; 20] = *b"12345678901234567890";

/// What RFC 4226 says that the display shows.
const EXPECTED: [&str; 5] = ["755224", "287082", "359152", "969429", "338314"];

/// A press of the button: `None` shows nothing, for then no counter is known to be spent.
fn press(hotp: &Hotp, flash: &mut Flash) -> Option<CodeText> {
    let counter = FlashCounter::new(flash).take().ok()?;
    Some(hotp.generate(counter).text())
}

#[board::entry]
fn main() -> ! {
    board::exit(run().is_some())
}

fn run() -> Option<()> {
    let hotp = Hotp::new(Algorithm::Sha1, &KEY).ok()?;
    let mut flash = Flash::blank();

    board::say(&["fresh from the line, without a counter"]);
    let shown = press(&hotp, &mut flash);
    board::say(&["press: ", shown.as_ref().map_or("nothing", CodeText::as_str)]);
    if shown.is_some() {
        return None;
    }

    board::say(&["in the factory: begins at counter 0"]);
    FlashCounter::new(&mut flash).format(0).ok()?;
    for expected in EXPECTED {
        let shown = press(&hotp, &mut flash)?;
        board::say(&["press: ", shown.as_str()]);
        if shown.as_str() != expected {
            return None;
        }
    }
    Some(())
}
