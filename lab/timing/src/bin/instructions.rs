//! Makes codes, or does the two compressions of one and nothing else, so often that a counter of
//! instructions can tell what one costs.
//!
//! `instructions code|bare SHA1|SHA256|SHA512 TIMES`

use core::hint::black_box;

use otp_core::{Algorithm, Hotp};

const KEY: &[u8] = b"12345678901234567890";

fn main() {
    let words: Vec<String> = std::env::args().collect();
    let algorithm: Algorithm = words[2].parse().expect("a hash");
    let times: u64 = words[3].parse().expect("a number");
    match words[1].as_str() {
        "code" => {
            let hotp = Hotp::new(algorithm, KEY).expect("a key");
            for counter in 0..times {
                black_box(hotp.generate(black_box(counter)));
            }
        }
        "bare" => bare(algorithm, times),
        other => panic!("what is {other}?"),
    }
}

fn bare(algorithm: Algorithm, times: u64) {
    macro_rules! twice {
        ($compress:path, $state:expr, $block:literal) => {{
            let (mut state, block) = ($state, [[0; $block]]);
            for _ in 0..times {
                $compress(&mut state, black_box(&block));
                $compress(&mut state, black_box(&block));
            }
            black_box(state);
        }};
    }
    match algorithm {
        Algorithm::Sha1 => twice!(sha1::block_api::compress, [0; 5], 64),
        Algorithm::Sha256 => twice!(sha2::block_api::compress256, [0; 8], 64),
        _ => twice!(sha2::block_api::compress512, [0; 8], 128),
    }
}
