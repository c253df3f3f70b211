//! The memory that the largest inputs cost: the README has these bounds.

#![cfg(test)]
#![allow(clippy::arithmetic_side_effects)]

use core::hint::black_box;

use otp_uri::{KeyUri, MAX_LENGTH};

/// The most bytes at a time, while a URI is read and afterwards.
const PEAK: u64 = 96 * 1024;
/// The most allocations for a URI.
const COUNT: u64 = 64;

/// Extends a URI to the longest length.
fn longest(head: &str, part: &str, tail: &str) -> String {
    let count = (MAX_LENGTH - head.len() - tail.len()) / part.len();
    format!("{head}{}{tail}", part.repeat(count))
}

/// Longest URIs: what is before, what is repeated, and what is after it.
fn largest() -> Vec<(&'static str, String)> {
    let key = "?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";
    let label = |part, tail: &str| longest("otpauth://totp/", part, &format!("{tail}{key}"));
    let query =
        |text: &str, part, tail| longest(&format!("otpauth://totp/bob{key}{text}"), part, tail);
    let secret = |part| longest("otpauth://totp/bob?secret=", part, "");
    vec![
        ("account", label("a", "")),
        ("raw account", label("\u{7f}", "")),
        ("escaped account", label("%41", "")),
        ("not UTF-8", label("%FF", "")),
        ("issuer and prefix", longest("otpauth://totp/", "é", &format!(":b{key}&issuer=é"))),
        ("issuer", query("&issuer=", "é", "")),
        ("dots", label("./", "")),
        ("secret", secret("GEZDGNBV")),
        ("secret with spaces", secret("G ")),
        ("parameters", query("", "&a=", "")),
        ("escaped parameters", query("", "&%41=", "")),
        ("known parameters", query("", "&lock=%41", "")),
        ("image", query("&image=", "é", "")),
        ("number", query("&period=", "0", "1")),
        ("line breaks", longest("otpauth://totp/bob", "\n", key)),
        ("ampersands", query("", "&", "")),
        ("fragment", query("#", "é", "")),
        ("steam", longest("steam://", "GEZDGNBV", "")),
    ]
}

/// Checks the cost of some work, which keeps nothing.
fn assert_cost(name: &str, work: impl FnOnce(), count: u64, peak: u64) {
    let cost = allocation_counter::measure(work);
    println!("{name}: {} allocations, {} bytes", cost.count_total, cost.bytes_max);
    assert!(cost.count_total <= count, "{name}: {} allocations", cost.count_total);
    assert!(cost.bytes_max <= peak, "{name}: {} bytes", cost.bytes_max);
    assert_eq!(cost.bytes_current, 0);
}

#[test]
fn largest_uris_are_read_in_bounded_memory() {
    for (name, text) in largest() {
        assert!(text.len() > MAX_LENGTH - 32 && text.len() <= MAX_LENGTH, "{name}");
        // Names with escapes are decoded one by one.
        let is_decoded = name.starts_with("escaped parameters") || name.starts_with("known");
        let count = if is_decoded { 4096 } else { COUNT };
        assert_cost(name, || drop(black_box(KeyUri::parse(&text))), count, PEAK);
    }
}

/// A control: the counter notices a reader that copies too much.
#[test]
#[should_panic(expected = "copies: 131")]
fn control_costs_are_noticed() {
    let text = "a".repeat(MAX_LENGTH);
    assert_cost("copies", || drop(black_box(vec![text.clone(); 16])), COUNT, PEAK);
}

#[test]
fn too_long_text_costs_no_memory() {
    let text = "otpauth://totp/bob?secret=GEZDGNBV".repeat(100_000);
    assert_cost("too long", || drop(black_box(KeyUri::parse(&text))), 0, 0);
}

/// The most accounts, the longest accounts, and Base64 that is damaged everywhere: read at 256 KiB for a
/// page and a single account of it.
#[cfg(feature = "migration")]
#[test]
fn largest_pages_are_read_in_bounded_memory() {
    use otp_uri::migration::Page;

    let key = "CiYKFDEyMzQ1Njc4OTAxMjM0NTY3ODkwEgVzZXZlbhoBWSABKAEwAhAB";
    let start = "otpauth-migration://offline?data=";
    let page = |part, tail| longest(start, part, tail);
    // The name fills the page, without a key and with one.
    let filled = |head: &[u8], count: usize| {
        let payload = [head, &vec![0xff; count]].concat();
        format!("{start}{}", data_encoding::BASE64_NOPAD.encode(&payload))
    };
    for (name, text) in [
        ("empty accounts", page("CgAKAAoA", "")),
        ("accounts", page(key, "")),
        ("spaces", page(" ", "A")),
        ("escapes", page("%43", "")),
        ("one account", filled(b"\x0a\xde\x2f\x12\xdb\x2f", 6107)),
        ("one account with a key", filled(b"\x0a\xdb\x2f\x0a\x01\x6b\x12\xd5\x2f", 6101)),
    ] {
        assert!(text.len() > MAX_LENGTH - 64 && text.len() <= MAX_LENGTH, "{name} {}", text.len());
        let read = || {
            if let Ok(page) = Page::parse(&text) {
                page.accounts().for_each(|account| drop(black_box(account)));
            }
        };
        assert_cost(name, read, 8192, 256 * 1024);
    }
}
