//! What is left in memory of a key: nothing, but for what the README names.
//!
//! The memory is copied first, and what to look for is made afterwards, so that the search does not
//! find itself. Where things lie is the C library's matter, so it is looked at with one of them.
//!
//! This is about programs as this workspace releases them, optimised and with fat LTO: `cargo test
//! --release -p otp-core --test wiped`. One that is not optimised copies every value to the stack, where
//! it cannot be wiped; without LTO something of SHA-256 stays there, too.
#![cfg(test)]
#![cfg(all(
    target_os = "linux",
    target_env = "gnu",
    target_pointer_width = "64",
    not(debug_assertions)
))]
#![allow(
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::disallowed_types
)]

use core::array;
use core::hint::black_box;
use core::ops::Range;
use core::ptr;
use std::collections::HashSet;
use std::fs::{self, File};
use std::os::unix::fs::FileExt;
use std::thread;

use hmac::digest::Digest;
use otp_core::hazmat::{self, Midstates};
use otp_core::{Algorithm, Hotp, Secret, Window, base32, hex};

const COUNTER: u64 = 7;
const ROOM: usize = 1 << 16;

/// Copies what is below the stack of here, and around a place on the heap that some work names;
/// it did its work well below on the stack.
fn memory_after(work: impl FnOnce() -> *const u8 + Send) -> Vec<u8> {
    thread::scope(|scope| {
        let thread = scope.spawn(|| {
            let byte = 0_u8;
            let here = &raw const byte;
            let heap = deep(work).addr();
            copy([here.addr() - 3 * ROOM..here.addr(), heap - ROOM..heap + ROOM])
        });
        thread.join().unwrap()
    })
}

/// Far down, where what comes afterwards does not write.
#[inline(never)]
fn deep(work: impl FnOnce() -> *const u8) -> *const u8 {
    let room = [0_u8; ROOM];
    black_box(&room);
    let heap = work();
    black_box(&room);
    heap
}

fn copy(parts: [Range<usize>; 2]) -> Vec<u8> {
    let memory = File::open("/proc/self/mem").unwrap();
    let mut copied = Vec::new();
    for line in fs::read_to_string("/proc/self/maps").unwrap().lines() {
        let (from, rest) = line.split_once('-').unwrap();
        let [from, to] = [from, rest.split_once(' ').unwrap().0]
            .map(|address| usize::from_str_radix(address, 16).unwrap_or(usize::MAX));
        for part in &parts {
            let (from, to) = (from.max(part.start), to.min(part.end));
            if from < to {
                let mut bytes = vec![0; to - from];
                memory.read_exact_at(&mut bytes, from as u64).unwrap();
                copied.append(&mut bytes);
            }
        }
    }
    copied
}

/// Whether eight bytes of something are there: other calls may have written over the rest.
fn holds(memory: &[u8], traces: &[Vec<u8>]) -> bool {
    let parts = traces.iter().flat_map(|trace| trace.as_chunks::<8>().0);
    let parts: HashSet<_> = parts.map(|part| u64::from_ne_bytes(*part)).collect();
    assert!(!parts.is_empty());
    memory
        .windows(8)
        .filter_map(|window| window.first_chunk())
        .any(|window| parts.contains(&u64::from_ne_bytes(*window)))
}

const LENGTH: usize = 200;

/// Each test has a key of its own, since all of them share the heap.
#[derive(Clone, Copy)]
enum Test {
    Code = 37,
    Text = 41,
    Heap = 43,
    Stack = 47,
    Used = 53,
}

fn key_byte(test: Test, place: usize) -> u8 {
    ((place + 1) * test as usize % 251) as u8
}

fn key(test: Test, length: usize) -> Vec<u8> {
    (0..length).map(|place| key_byte(test, place)).collect()
}

fn secret(test: Test, length: usize) -> Secret {
    let fill = |bytes: &mut [u8]| {
        bytes.iter_mut().enumerate().for_each(|(place, byte)| *byte = key_byte(test, place));
        Ok::<(), otp_core::Error>(())
    };
    Secret::fill_with(length, fill).unwrap()
}

/// Whether hashing stays in the processor's registers. Where it does not, the hash crates leave
/// words of the message and states on the stack, as SHA-512 does with AVX2.
fn is_in_registers(algorithm: Algorithm) -> bool {
    #[cfg(target_arch = "x86_64")]
    return algorithm != Algorithm::Sha512 && std::is_x86_feature_detected!("sha");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

/// What a code is made of: the padded keys as bytes, and both hashes as bytes and as words.
fn traces<D: Digest>(key: &[u8], block: usize, word: usize) -> Vec<Vec<u8>> {
    let short = if key.len() > block { D::digest(key).to_vec() } else { key.to_vec() };
    let pad = |mask: u8| -> Vec<u8> {
        let padded = (0..block).map(|place| short.get(place).copied().unwrap_or_default());
        padded.map(|byte| byte ^ mask).collect()
    };
    let (mut inner_pad, mut outer_pad) = (pad(0x36), pad(0x5c));
    let inner = D::digest([inner_pad.clone(), COUNTER.to_be_bytes().to_vec()].concat()).to_vec();
    let outer = D::digest([outer_pad.clone(), inner.clone()].concat()).to_vec();
    // Masked zeros are no secret.
    inner_pad.truncate(short.len());
    outer_pad.truncate(short.len());
    let words = |hash: &[u8]| -> Vec<u8> {
        hash.chunks(word).flat_map(|word| word.iter().rev().copied()).collect()
    };
    let mut traces = vec![inner_pad, outer_pad, words(&inner), inner, outer.clone()];
    // Truncation reads words one by one: two at a time they are on the stack only if all are.
    if word == 4 {
        traces.push(words(&outer));
    }
    if key.len() > block {
        traces.extend([words(&short), short]);
    }
    traces
}

/// The pads of a key of no more than a block as words.
fn padded_words(key: &[u8]) -> Vec<Vec<u8>> {
    let pad =
        |mask| key.chunks_exact(4).flat_map(move |word| word.iter().rev().map(move |it| it ^ mask));
    [0x36, 0x5c].map(|mask: u8| pad(mask).collect()).into()
}

/// The prepared key.
fn states(algorithm: Algorithm, key: &[u8]) -> Vec<Vec<u8>> {
    let narrow = |words: &[u32]| words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    let wide = |words: &[u64]| words.iter().flat_map(|word| word.to_ne_bytes()).collect();
    match hazmat::midstates(&Hotp::new(algorithm, key).unwrap()) {
        Midstates::Sha1 { inner, outer } => vec![narrow(inner), narrow(outer)],
        Midstates::Sha256 { inner, outer } => vec![narrow(inner), narrow(outer)],
        Midstates::Sha512 { inner, outer } => vec![wide(inner), wide(outer)],
        _ => unreachable!(),
    }
}

fn traces_of(algorithm: Algorithm, key: &[u8]) -> Vec<Vec<u8>> {
    match algorithm {
        Algorithm::Sha1 => traces::<sha1::Sha1>(key, 64, 4),
        Algorithm::Sha256 => traces::<sha2::Sha256>(key, 64, 4),
        Algorithm::Sha512 => traces::<sha2::Sha512>(key, 128, 8),
        _ => unreachable!(),
    }
}

#[test]
fn nothing_of_a_code_but_the_code_is_left() {
    for algorithm in Algorithm::ALL {
        // Shorter than a block, longer than one, and by so little that it takes one more.
        for length in [20, 60, 120, 180] {
            let generated = memory_after(|| {
                let secret = secret(Test::Code, length);
                let hotp = Hotp::from_secret(*algorithm, &secret);
                black_box(hotp.generate(COUNTER));
                secret.reveal().as_ptr()
            });
            let mut traces = traces_of(*algorithm, &key(Test::Code, length));
            if is_in_registers(*algorithm) && length <= 60 {
                traces.extend(padded_words(&key(Test::Code, length)));
            }
            assert!(!holds(&generated, &traces), "{algorithm}, {length} bytes, generated");
        }
    }
}

/// Of a prepared key that stays where it is: one that is moved, as the one above from the function
/// that made it, leaves a copy where it was.
#[test]
fn nothing_of_a_prepared_key_is_left_by_its_use() {
    for algorithm in Algorithm::ALL.iter().filter(|it| is_in_registers(**it)) {
        let key = key(Test::Used, 20);
        let hotp = Hotp::new(*algorithm, &key).unwrap();
        let used = memory_after(|| {
            let code = hotp.generate(COUNTER);
            let _ = black_box(hotp.verify(code, COUNTER - 1, Window::new(5, 5)).unwrap());
            // The heap does not matter, and what is next to it may be the stack that has the key.
            ptr::from_ref(black_box(&0))
        });
        assert!(!holds(&used, &states(*algorithm, &key)), "{algorithm}");
        assert!(!holds(&used, &traces_of(*algorithm, &key)), "{algorithm}");
    }
}

#[test]
fn nothing_of_a_key_or_its_text_is_left() {
    let memory = memory_after(|| {
        let secret = secret(Test::Text, LENGTH);
        let (base32, hex) = (secret.reveal_base32(), secret.reveal_hex());
        let grouped = base32.grouped(4, " ");
        let [read, again] = [Secret::from_base32(grouped.as_str()), Secret::from_hex(hex.as_str())];
        assert!(black_box(read.unwrap() == again.unwrap()));
        secret.reveal().as_ptr()
    });
    let (mut base32, mut hex) = ([0; 2 * LENGTH], [0; 2 * LENGTH]);
    let base32 = base32::encode(&key(Test::Text, LENGTH), &mut base32).unwrap();
    let hex = hex::encode(&key(Test::Text, LENGTH), &mut hex).unwrap();
    // The allocator writes where a block that was given back begins.
    let grouped = base32.as_bytes().chunks(4).collect::<Vec<_>>().join(&b' ');
    for trace in [&key(Test::Text, LENGTH), base32.as_bytes(), hex.as_bytes(), &grouped] {
        assert!(!holds(&memory, &[trace[40..].to_vec()]));
    }
}

#[test]
fn control_what_is_not_wiped_is_found() {
    let memory = memory_after(|| {
        let key = key(Test::Heap, LENGTH);
        black_box(&key).as_ptr()
    });
    assert!(holds(&memory, &[key(Test::Heap, LENGTH)[40..].to_vec()]));
    let memory = memory_after(|| {
        let block: [u8; 64] = array::from_fn(|place| key_byte(Test::Stack, place) ^ 0x36);
        black_box(&block).as_ptr()
    });
    assert!(holds(&memory, &traces_of(Algorithm::Sha1, &key(Test::Stack, 64))));
    let memory = memory_after(|| {
        let words: [u8; 60] = array::from_fn(|place| key_byte(Test::Stack, place ^ 3) ^ 0x5c);
        black_box(&words).as_ptr()
    });
    assert!(holds(&memory, &padded_words(&key(Test::Stack, 60))));
    // A prepared key that is not dropped.
    for algorithm in Algorithm::ALL {
        let memory = memory_after(|| {
            let hotp = Hotp::new(*algorithm, &key(Test::Heap, 20)).unwrap();
            ptr::from_ref(black_box(Box::leak(Box::new(hotp)))).cast()
        });
        assert!(holds(&memory, &states(*algorithm, &key(Test::Heap, 20))), "{algorithm}");
    }
}
