use otp_bulk::Engine;
use otp_core::{Algorithm, Hotp, Totp, UnixTime, Window};

use crate::Group;

const KEY: &[u8] = b"12345678901234567890";
/// Steps on one side of a window, and keys of a batch.
const SIDES: [u8; 12] = [0, 1, 2, 3, 5, 8, 12, 20, 35, 60, 127, 255];
const BATCHES: [u64; 14] = [1, 2, 3, 4, 6, 8, 12, 16, 24, 32, 64, 128, 256, 1024];

/// What a window costs, and what a batch does, by their sizes.
pub fn groups(groups: &mut Vec<Group>) {
    let mut group = Group::new("window, otp-core", "SHA1");
    let totp = || Totp::new(Algorithm::Sha1, KEY).unwrap();
    // A code of a step out of reach.
    let code = totp().hotp().generate(0);
    for side in SIDES {
        let (totp, window) = (totp(), Window::new(side, side));
        group.add(&window.size().to_string(), move |step| {
            totp.verify(code, UnixTime::from_secs(step * 30), window, 0)
        });
    }
    groups.push(group);

    let mut group = Group::new("window, totp-rs", "SHA1");
    let text: &'static str = code.text().as_str().to_owned().leak();
    for side in SIDES {
        let builder = totp_rs::Builder::new().with_secret(KEY.to_vec()).with_skew(side.into());
        let totp = builder.build().unwrap();
        let size = Window::new(side, side).size();
        group.add(&size.to_string(), move |step| totp.check(text, step * 30));
    }
    groups.push(group);

    let mut group = Group::new("batch, otp-bulk", "SHA1");
    for size in BATCHES {
        let hotps = accounts(size);
        let mut codes = vec![code; hotps.len()];
        group.add(&size.to_string(), move |counter| {
            Engine::new().generate(hotps.iter().map(|hotp| (hotp, counter)), |place, code| {
                codes[place] = code;
            });
        });
    }
    groups.push(group);

    let mut group = Group::new("batch, otp-core", "SHA1");
    for size in BATCHES {
        let hotps = accounts(size);
        let mut codes = vec![code; hotps.len()];
        group.add(&size.to_string(), move |counter| {
            for (slot, hotp) in codes.iter_mut().zip(&hotps) {
                *slot = hotp.generate(counter);
            }
        });
    }
    groups.push(group);
}

fn accounts(number: u64) -> Vec<Hotp> {
    let hotp = |account: u64| Hotp::new(Algorithm::Sha1, &account.to_be_bytes()).unwrap();
    (0..number).map(hotp).collect()
}
