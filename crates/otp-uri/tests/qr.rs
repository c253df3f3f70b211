//! QR codes, read back by the decoder of another project.

#![cfg(test)]
#![cfg(feature = "qr")]
#![allow(clippy::arithmetic_side_effects)]

use otp_core::Secret;
use otp_uri::{ErrorKind, KeyUri, Label, OtpKind, Part, Qr};

/// Rows of pixels, true where they are dark.
type Picture = Vec<Vec<bool>>;

fn decode(picture: &Picture) -> Option<String> {
    let (width, height) = (picture[0].len(), picture.len());
    let mut image = rqrr::PreparedImage::prepare_from_greyscale(width, height, |x, y| {
        if picture[y][x] { 0 } else { 255 }
    });
    let grids = image.detect_grids();
    assert!(grids.len() <= 1);
    Some(grids.first()?.decode().ok()?.1)
}

/// Enlarges each module to several pixels, as a camera would see it.
fn enlarge(picture: &Picture, by: usize) -> Picture {
    let row = |row: &Vec<bool>| row.iter().flat_map(|dark| vec![*dark; by]).collect::<Vec<_>>();
    picture.iter().flat_map(|line| vec![row(line); by]).collect()
}

/// Returns the text for a terminal with light text on dark, two rows of pixels in a line.
fn terminal(picture: &Picture) -> String {
    let mut text = String::new();
    for rows in picture.chunks(2) {
        // The lower half of the last line is light.
        let lower = |x: usize| rows.get(1).is_some_and(|row| row[x]);
        text.extend(rows[0].iter().enumerate().map(|(x, upper)| match (upper, lower(x)) {
            (false, false) => '█',
            (false, true) => '▀',
            (true, false) => '▄',
            (true, true) => ' ',
        }));
        text.push('\n');
    }
    text
}

/// Draws the dark path of an SVG: rectangles `Mx yhWv1h-Wz`.
fn from_svg(text: &str) -> Picture {
    let size: usize =
        text.split("viewBox=\"0 0 ").nth(1).unwrap().split(' ').next().unwrap().parse().unwrap();
    let mut picture = vec![vec![false; size]; size];
    let path = text.rsplit("<path d=\"").next().unwrap().split('"').next().unwrap();
    for rectangle in path.split_terminator('z') {
        let (start, shape) = rectangle.strip_prefix('M').unwrap().split_once('h').unwrap();
        let (x, y) = start.split_once(' ').unwrap();
        let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
        let (width, back) = shape.split_once("v1h-").unwrap();
        assert_eq!(width, back);
        picture[y][x..x + width.parse::<usize>().unwrap()].fill(true);
    }
    picture
}

fn from_png(bytes: &[u8]) -> Picture {
    let mut reader = png::Decoder::new(std::io::Cursor::new(bytes)).read_info().unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    let (width, height) = (info.width as usize, info.height as usize);
    assert_eq!((info.color_type, info.bit_depth), (png::ColorType::Grayscale, png::BitDepth::One));
    let dark = |x: usize, y: usize| pixels[y * info.line_size + x / 8] >> (7 - x % 8) & 1 == 0;
    (0..height).map(|y| (0..width).map(|x| dark(x, y)).collect()).collect()
}

fn uri(account: usize) -> KeyUri {
    let label = Label::new(&"a".repeat(account)).unwrap().with_issuer("Ünïcode & Söhne").unwrap();
    KeyUri::new(label, Secret::new(b"12345678901234567890").unwrap(), OtpKind::default()).unwrap()
}

/// Returns the picture, which every form must show.
fn picture(qr: &Qr) -> Picture {
    let svg = from_svg(&qr.svg());
    assert_eq!(qr.terminal(), terminal(&svg));
    let png = from_png(&qr.png());
    assert_eq!(enlarge(&svg, 8), png);
    png
}

#[test]
fn every_form_is_read_back() {
    for length in (1..2800).step_by(300) {
        picture(&Qr::new(&uri(length)).unwrap());
    }
    // From a small code to nearly the largest. Above 2331 bytes it has less error correction.
    for length in [1, 200, 2400] {
        let uri = uri(length);
        assert_eq!(decode(&picture(&Qr::new(&uri).unwrap())), Some(uri.to_string()));
    }
    #[cfg(feature = "migration")]
    {
        let account = otp_uri::migration::Account::new(&uri(30)).unwrap();
        let page = &otp_uri::migration::write(&[account], 5)[0];
        assert_eq!(decode(&picture(&Qr::of_page(page).unwrap())), Some(page.to_string()));
    }
}

#[test]
fn four_modules_around_are_light() {
    let picture = from_svg(&Qr::new(&uri(10)).unwrap().svg());
    let size = picture.len();
    assert_eq!((size - 8 - 17) % 4, 0);
    for (y, row) in picture.iter().enumerate() {
        let inner = if (4..size - 4).contains(&y) { 4..size - 4 } else { 0..0 };
        assert!((0..size).all(|x| inner.contains(&x) || !row[x]), "row {y}");
    }
    assert!(picture[4][4] && picture[4][size - 5] && picture[size - 5][4]);
}

#[test]
fn uri_too_long_for_a_code_is_rejected() {
    let error = Qr::new(&uri(2900)).unwrap_err();
    assert_eq!((error.kind(), error.part()), (ErrorKind::TooLong, Part::Qr));
    assert_eq!(error.to_string(), "URI is too long for a QR code");
}

/// A control: the decoder notices damage beyond the error correction.
#[test]
fn control_damage_is_noticed() {
    let mut picture = from_svg(&Qr::new(&uri(40)).unwrap().svg());
    let size = picture.len();
    for row in &mut picture[size / 2..size - 14] {
        for dark in &mut row[14..size - 6] {
            *dark = !*dark;
        }
    }
    assert_ne!(decode(&enlarge(&picture, 4)), Some(uri(40).to_string()));
}
