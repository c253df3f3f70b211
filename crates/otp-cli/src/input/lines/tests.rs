use std::io::Cursor;

use super::*;

/// A source that gives a set number of bytes at a time.
struct Slow(Cursor<Vec<u8>>, usize);

impl Read for Slow {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = self.1.min(buffer.len());
        self.0.read(&mut buffer[..most])
    }
}

/// Returns the lines with their numbers: the length of each, or the message of its refusal.
fn lines(input: &[u8], step: usize) -> Vec<(u64, Result<usize, String>)> {
    all(Slow(Cursor::new(input.to_vec()), step))
}

fn all(source: impl Read + 'static) -> Vec<(u64, Result<usize, String>)> {
    let mut lines = Lines::new(Box::new(source), "stdin");
    let mut all = Vec::new();
    loop {
        match lines.next() {
            Ok(Some(line)) => {
                let text = line.text.map(str::len).map_err(|failure| failure.to_string());
                all.push((line.number, text));
            }
            Ok(None) => return all,
            Err(failure) => {
                all.push((0, Err(failure.to_string())));
                return all;
            }
        }
    }
}

fn refused(message: &str) -> Result<usize, String> {
    Err(message.to_owned())
}

#[test]
fn lines_are_split_the_same_for_every_read_size() {
    let input = b"abc\r\n\n \t\r\nde\n\nf";
    for step in [1, 2, 3, 7, 100] {
        assert_eq!(lines(input, step), [(1, Ok(3)), (4, Ok(2)), (6, Ok(1))], "{step}");
    }
    assert_eq!(lines(b"", 1), []);
    assert_eq!(lines(b"\n\n", 1), []);
    assert_eq!(lines(b"a\n", 1), [(1, Ok(1))]);
    // A byte order mark before a line is no part of it. Anywhere else it is text.
    assert_eq!(lines(b"\xef\xbb\xbfa\n\xef\xbb\xbfb", 1), [(1, Ok(1)), (2, Ok(1))]);
    assert_eq!(lines(b"a\xef\xbb\xbf", 1), [(1, Ok(4))]);
    for step in [1, 2, 3, 100] {
        let (all, expected) = (lines(b"a\rbc\r\n\r\rd\r", step), [(1, 1), (2, 2), (5, 1)]);
        assert_eq!(all, expected.map(|(number, length)| (number, Ok(length))), "{step}");
    }
    assert_eq!(lines(b"\xef\xbb\xbf\r\na", 1), [(2, Ok(1))]);
}

#[test]
fn line_is_cut_before_each_uri() {
    for (line, pieces) in [
        ("otpauth://a otpauth://b", &["otpauth://a", "otpauth://b"][..]),
        ("otpauth://a, \u{a0}OTPAuth:b,steam://c", &["otpauth://a", "OTPAuth:b", "steam://c"]),
        ("otp: otpauth-migration:a", &["otp:", "otpauth-migration:a"]),
        (" \totpauth://a ,", &[" \totpauth://a ,"]),
        ("QR-Code:otpauth://a qr-code:motp://b", &["otpauth://a", "motp://b"]),
        ("otpauth://a b c, steam:d", &["otpauth://a b c, steam:d"]),
        (r#"{"a": "x otpauth://b"}"#, &[r#"{"a": "x otpauth://b"}"#]),
    ] {
        let expected: Vec<_> = pieces.iter().map(|piece| (1, Ok(piece.len()))).collect();
        assert_eq!(lines(line.as_bytes(), 3), expected, "{line}");
    }
}

#[test]
fn utf_16_is_refused_once() {
    let units = |text: &str| text.encode_utf16().map(u16::to_le_bytes).collect::<Vec<_>>();
    let little = units("otpauth://a\notpauth://b\n").concat();
    let big: Vec<u8> = units("ab\nc").iter().flat_map(|unit| [unit[1], unit[0]]).collect();
    let marked = |mark: &[u8], text: &[u8]| [mark, text].concat();
    for input in [marked(b"\xff\xfe", &little), marked(b"\xfe\xff", &big), little, big] {
        let all = lines(&input, 7);
        let [(0, Err(message))] = &all[..] else { panic!("{all:?}") };
        assert!(message.contains("iconv"), "{message}");
    }
}

#[test]
fn typed_lines_are_read_until_the_end() {
    let long = "x".repeat(LONGEST + 1);
    let typed = ["abc", "", "d\0", &long, "ef"].map(|line| Some(line.to_owned()));
    // After the end there is no further prompt.
    let mut answers = typed.into_iter().chain([None]);
    let prompts = Prompts::new(move || {
        let line = answers.next().expect("a prompt too many");
        Ok(line.map(|line| Zeroizing::new(line.into_bytes())))
    });
    let (nul, too_long) =
        (refused("line must not hold NUL bytes"), refused("line must be at most 64 KiB"));
    assert_eq!(all(prompts), [(1, Ok(3)), (3, nul), (4, too_long), (5, Ok(2))]);

    let failing = Prompts::new(|| Err(io::ErrorKind::NotConnected.into()));
    assert_eq!(all(failing), [(0, refused("stdin: not connected"))]);
}

#[test]
fn bad_line_is_refused_and_the_next_is_read() {
    let too_long = || refused("line must be at most 64 KiB");
    for (length, text) in [
        (LONGEST, Ok(LONGEST)),
        (LONGEST + 1, too_long()),
        (LONGEST + 2, too_long()),
        (LONGEST + 3, too_long()),
        (1 << 20, too_long()),
    ] {
        for end in ["\n", "\r\n"] {
            for step in [999, 4096, 1 << 20] {
                let input = format!("a\n{}{end}b", "x".repeat(length));
                let expected = [(1, Ok(1)), (2, text.clone()), (3, Ok(1))];
                assert_eq!(lines(input.as_bytes(), step), expected, "{length} {end:?} {step}");
            }
        }
        assert_eq!(lines("x".repeat(length).as_bytes(), 4096), [(1, text)], "{length}");
    }
    let nul = refused("line must not hold NUL bytes");
    let utf8 = || refused("line must be UTF-8");
    assert_eq!(
        lines(b"\0\n\xff\n\xed\xa0\x80\nb", 2),
        [(1, nul), (2, utf8()), (3, utf8()), (4, Ok(1))]
    );
}

#[test]
fn lines_before_the_limit_of_the_input_are_read() {
    let line = [&[b'x'; 1023][..], b"\n"].concat();
    let full = line.repeat(MOST / line.len());
    assert_eq!(lines(&full, 10_000).len(), MOST / 1024);
    let all = lines(&[&full[..], b"y"].concat(), 10_000);
    let (last, before) = all.split_last().unwrap();
    assert_eq!(*last, (0, refused("input must be at most 16 MiB")));
    assert!(before.iter().all(|(_, text)| *text == Ok(1023)));
    assert_eq!(before.len(), MOST / 1024);
}
