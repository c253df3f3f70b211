//! For each law a reader or writer that breaks it.

use super::{BASE32, Encoding, HEX, against, check};
use otp_core::{Repairs, base32};

#[test]
fn the_readers_agree() {
    for text in ["", "JBSWY3DPEHPK3PXP", "jbsw y3dp-ehpk 3pxp", "MZXW6===", "0a-FF", "MZ8=A", "é"]
    {
        for allowed in 0..=255 {
            check(&[&[allowed, 3], text.as_bytes()].concat());
        }
    }
}

#[test]
#[should_panic(expected = "it is refused although its repairs are allowed")]
fn a_reader_that_never_repairs_does_not() {
    let stern = Encoding {
        decode: |text, accept, buffer| {
            let accept = if accept == Repairs::ALL { accept } else { Repairs::NONE };
            base32::decode(text, accept, buffer)
        },
        ..BASE32
    };
    against(b"\x01\x20jbswy3dp", &stern);
}

#[test]
#[should_panic(expected = "a repair was made that is not allowed")]
fn a_reader_that_always_repairs_does_not() {
    let kind =
        Encoding { decode: |text, _, buffer| base32::decode(text, Repairs::ALL, buffer), ..BASE32 };
    against(b"\x00\x20jbswy3dp", &kind);
}

#[test]
#[should_panic(expected = "it is written otherwise")]
fn a_writer_that_forgets_the_last_byte_does_not() {
    let forgetful = Encoding {
        encode: |key, buffer| base32::encode(&key[..key.len().saturating_sub(1)], buffer),
        ..BASE32
    };
    against(b"\x00\x20key", &forgetful);
}

#[test]
#[should_panic(expected = "what is written is read otherwise")]
fn a_reader_of_hex_does_not() {
    against(b"\x00\x20key", &Encoding { decode: HEX.decode, ..BASE32 });
}

#[test]
#[should_panic(expected = "a repair is not told")]
fn a_reader_that_keeps_a_repair_to_itself_does_not() {
    let silent = Encoding {
        decode: |text, _, buffer| {
            base32::decode(text, Repairs::ALL, buffer).map(|(key, _)| (key, Repairs::NONE))
        },
        ..BASE32
    };
    against(b"\x00\x20mzxw6ytb", &silent);
}

#[test]
#[should_panic(expected = "something of the key is left")]
fn a_reader_that_leaves_what_it_read_does_not() {
    let careless = Encoding {
        decode: |text, accept, buffer| {
            let read = base32::decode(text, accept, &mut vec![0; text.len() + 5]).map(|_| ());
            if let Err(error) = read {
                buffer.fill(1);
                return Err(error);
            }
            base32::decode(text, accept, buffer)
        },
        ..BASE32
    };
    against(b"\x00\x20mzxw6!", &careless);
}

#[test]
#[should_panic(expected = "a key that fits is refused")]
fn a_reader_that_wants_more_room_does_not() {
    let greedy = Encoding {
        decode: |text, accept, buffer| match buffer.len() < text.len() {
            true => base32::decode(text, accept, &mut []),
            false => base32::decode(text, accept, buffer),
        },
        ..BASE32
    };
    against(b"\x00\x05MZXW6YTB", &greedy);
}

#[test]
#[should_panic(expected = "it is written without room")]
fn a_writer_that_leaves_out_what_has_no_room_does_not() {
    let short = Encoding {
        encode: |key, buffer| {
            let fits = buffer.len() >= (key.len() * 8).div_ceil(5);
            base32::encode(if fits { key } else { &[] }, buffer)
        },
        ..BASE32
    };
    against(b"\x00\x20key", &short);
}

#[test]
#[should_panic(expected = "allowing more reads less")]
fn a_reader_that_refuses_every_repair_together_does_not() {
    let contrary = Encoding {
        decode: |text, accept, buffer| {
            base32::decode(if accept == Repairs::ALL { "!" } else { text }, accept, buffer)
        },
        ..BASE32
    };
    against(b"\x00\x20MZXW6YTB", &contrary);
}

#[test]
#[should_panic(expected = "another key in a smaller buffer")]
fn a_reader_that_cuts_what_does_not_fit_does_not() {
    let cutting = Encoding {
        decode: |text, accept, buffer| {
            let fits = buffer.len() >= text.len();
            base32::decode(if fits { text } else { &text[..text.len() / 2] }, accept, buffer)
        },
        ..BASE32
    };
    against(b"\x00\x05MZXW6YTBMZXW6YTB", &cutting);
}
