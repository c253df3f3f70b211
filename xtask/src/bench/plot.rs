use core::fmt::Write;

use crate::bench::row::Row;

/// A panel: its heading, what it counts, and of each line the group, the name and the colour.
type Panel = (&'static str, &'static str, [(&'static str, &'static str, &'static str); 2]);

const PANELS: [Panel; 2] = [
    (
        "Verifying a wrong code",
        "counters in the window",
        [
            ("window, otp-core", "otp-core, the whole window", "#0072b2"),
            ("window, totp-rs", "totp-rs, with an early exit", "#d55e00"),
        ],
    ),
    (
        "The codes of many accounts",
        "accounts",
        [
            ("batch, otp-bulk", "otp-bulk", "#0072b2"),
            ("batch, otp-core", "otp-core, one by one", "#d55e00"),
        ],
    ),
];

const WIDTH: f64 = 360.0;
const HEIGHT: f64 = 270.0;
const LEFT: f64 = 60.0;
const TOP: f64 = 40.0;
/// Decades of either axis: sizes begin at 1, times at 10 ns.
const SIZES: i32 = 3;
const TIMES: i32 = 4;

/// Whether there is something for every line.
pub(crate) fn is_measured(rows: &[Row]) -> bool {
    let mut lines = PANELS.iter().flat_map(|panel| &panel.2);
    lines.all(|(group, ..)| rows.iter().any(|row| row.group == *group))
}

/// Time against size, both axes logarithmic, as SVG.
pub(crate) fn draw(rows: &[Row]) -> String {
    let (width, height) = (2.0 * (LEFT + WIDTH) + 40.0, TOP + HEIGHT + 50.0);
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" font-size=\"12\">\n\
         <rect width=\"{width}\" height=\"{height}\" fill=\"white\"/>\n"
    );
    for (panel, place) in PANELS.iter().zip([0.0, 1.0]) {
        let _ = writeln!(
            svg,
            "<g transform=\"translate({} {TOP})\">",
            LEFT + place * (LEFT + WIDTH + 20.0)
        );
        axes(&mut svg, panel.0, panel.1);
        for ((group, name, colour), line) in panel.2.iter().zip([1.0, 2.0]) {
            curve(&mut svg, rows.iter().filter(|row| row.group == *group), colour);
            let y = 18.0 * line;
            let _ = writeln!(svg, "<text x=\"12\" y=\"{y}\" fill=\"{colour}\">{name}</text>");
        }
        svg.push_str("</g>\n");
    }
    svg + "</svg>\n"
}

fn x(size: f64) -> f64 {
    size.log10() / (f64::from(SIZES) + 0.1) * WIDTH
}

fn y(nanoseconds: f64) -> f64 {
    HEIGHT - (nanoseconds.log10() - 1.0) / f64::from(TIMES) * HEIGHT
}

fn axes(svg: &mut String, heading: &str, counted: &str) {
    let middle = WIDTH / 2.0;
    let _ = writeln!(
        svg,
        "<text x=\"{middle}\" y=\"-14\" text-anchor=\"middle\" font-size=\"14\">{heading}</text>"
    );
    let below = HEIGHT + 38.0;
    let _ =
        writeln!(svg, "<text x=\"{middle}\" y=\"{below}\" text-anchor=\"middle\">{counted}</text>");
    for power in 0..=SIZES {
        let (size, x) = (10_i32.pow(power.unsigned_abs()), x(10_f64.powi(power)));
        let _ = writeln!(svg, "<path d=\"M{x:.1} 0V{HEIGHT}\" stroke=\"#ddd\"/>");
        let y = HEIGHT + 18.0;
        let _ = writeln!(svg, "<text x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{size}</text>");
    }
    for (power, label) in (0..=TIMES).zip(["10 ns", "100 ns", "1 µs", "10 µs", "100 µs"]) {
        let y = y(10_f64.powi(power + 1));
        let _ = writeln!(svg, "<path d=\"M0 {y:.1}H{WIDTH}\" stroke=\"#ddd\"/>");
        let _ =
            writeln!(svg, "<text x=\"-6\" y=\"{:.1}\" text-anchor=\"end\">{label}</text>", y + 4.0);
    }
}

fn curve<'a>(svg: &mut String, rows: impl Iterator<Item = &'a Row>, colour: &str) {
    let points = rows.filter_map(|row| Some((x(row.case.parse().ok()?), y(row.median))));
    let points: Vec<_> = points.map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
    let line = points.join(" ");
    let _ = writeln!(
        svg,
        "<polyline points=\"{line}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"2\"/>"
    );
    for point in points {
        let (x, y) = point.split_once(',').unwrap_or_default();
        let _ = writeln!(svg, "<circle cx=\"{x}\" cy=\"{y}\" r=\"3\" fill=\"{colour}\"/>");
    }
}

#[cfg(test)]
mod tests {
    use super::{HEIGHT, PANELS, draw, is_measured, x, y};
    use crate::bench::row::Row;

    #[test]
    fn larger_and_slower_is_further_right_and_higher() {
        assert!(x(1.0).abs() < 1e-9 && x(1000.0) > x(100.0));
        assert!((y(10.0) - HEIGHT).abs() < 1e-9 && y(1000.0) < y(100.0));
    }

    #[test]
    fn every_measured_size_is_a_point() {
        let row = |group: &str, size: &str| Row {
            group: group.to_owned(),
            hash: "SHA1".to_owned(),
            case: size.to_owned(),
            median: 100.0,
            ratio: 1.0,
            allocations: 0,
        };
        let rows = [row("window, otp-core", "1"), row("window, otp-core", "3"), row("other", "1")];
        assert_eq!(draw(&rows).matches("<circle").count(), 2);
        assert_eq!(draw(&[]).matches("<circle").count(), 0);
        assert!(!is_measured(&rows));
        let lines = PANELS.iter().flat_map(|panel| panel.2);
        assert!(is_measured(&lines.map(|(group, ..)| row(group, "1")).collect::<Vec<_>>()));
    }
}
