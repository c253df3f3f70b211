//! A secure element: the key never leaves it, and asking it may fail.
//!
//! The processor knows a handle, sends eight bytes and gets twenty. All that is linked of the core
//! is truncation, the scan of the window and text: no hash.
#![no_std]
#![no_main]

use otp_core::hazmat::{self, MacError};
use otp_core::{CodeFormat, Rejected, Window};

/// Where the element keeps a key.
#[derive(Clone, Copy)]
struct Handle(u8);

/// Why the element gave no MAC.
enum Failure {
    Busy,
    NoSuchKey,
}

/// The element's driver; here it plays back the first MACs of RFC 4226, Appendix D.
struct Element;

impl Element {
    const MACS: [[u8; 20]; 3] = [
        *b"\xcc\x93\xcf\x18\x50\x8d\x94\x93\x4c\x64\xb6\x5d\x8b\xa7\x66\x7f\xb7\xcd\xe4\xb0",
        *b"\x75\xa4\x8a\x19\xd4\xcb\xe1\x00\x64\x4e\x8a\xc1\x39\x7e\xea\x74\x7a\x2d\x33\xab",
        *b"\x0b\xac\xb7\xfa\x08\x2f\xef\x30\x78\x22\x11\x93\x8b\xc1\xc5\xe7\x04\x16\xff\x44",
    ];

    fn hmac_sha1(&mut self, key: Handle, message: [u8; 8]) -> Result<[u8; 20], Failure> {
        let Handle(7) = key else { return Err(Failure::NoSuchKey) };
        let place = usize::try_from(u64::from_be_bytes(message)).unwrap_or(usize::MAX);
        Self::MACS.get(place).copied().ok_or(Failure::Busy)
    }
}

#[board::entry]
fn main() -> ! {
    board::exit(run(&mut Element, Handle(7)))
}

fn run(element: &mut Element, key: Handle) -> bool {
    let format = CodeFormat::default();

    let made = hazmat::generate(1, format, |message| element.hmac_sha1(key, message));
    let Ok(code) = made else { return false };
    board::say(&["counter 1: ", code.text().as_str()]);

    // The element is busy: no code, rather than a wrong one.
    let failed = hazmat::generate(3, format, |message| element.hmac_sha1(key, message));
    let busy = matches!(failed, Err(MacError::Failed(Failure::Busy)));
    let failed = hazmat::generate(0, format, |message| element.hmac_sha1(Handle(8), message));
    let unknown = matches!(failed, Err(MacError::Failed(Failure::NoSuchKey)));

    // Counter 0 is expected; the token is one ahead.
    let mut mac = |message| element.hmac_sha1(key, message);
    let Ok(Ok(hit)) = hazmat::verify(code, format, 0, 0, Window::new(0, 2), &mut mac) else {
        return false;
    };
    let next = hit.next();
    let again = hazmat::verify(code, format, next, next, Window::new(2, 0), &mut mac);
    let replayed = matches!(again, Ok(Err(Rejected::Replayed)));
    // Nothing is decided if the element fails halfway.
    let halfway = hazmat::verify(code, format, next, next, Window::new(0, 2), &mut mac);
    let undecided = matches!(halfway, Err(MacError::Failed(Failure::Busy)));

    next == 2 && busy && unknown && replayed && undecided
}
