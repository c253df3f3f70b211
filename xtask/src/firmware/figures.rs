//! The figures in `docs/firmware.md`, written from the budgets.

use anyhow::{Context, Result};

use super::row::Row;

const BEGIN: &str = "<!-- Figures: `cargo xtask firmware --rebaseline` writes them. -->\n";
const END: &str = "<!-- End of the figures. -->\n";

/// A line of a table: what it says, and the level, hash and image that it is about.
type Line = (&'static str, &'static str, &'static str, &'static str);

const FLASH: [Line; 13] = [
    ("SHA-1 TOTP, key and time to text", "s", "sha1", "totp"),
    ("the same, parameters at run time", "s", "sha1", "any-totp"),
    ("the same, SHA-1 alone at `opt-level = 3`", "s/3", "sha1", "any-totp"),
    ("SHA-256 TOTP, parameters at run time", "s", "sha256", "any-totp"),
    ("SHA-512 TOTP, parameters at run time", "s", "sha512", "any-totp"),
    ("all three hashes, parameters at run time", "s", "all", "any-totp"),
    ("the same without the compact form", "s", "all", "any-unrolled"),
    ("verification with tracker and throttle, SHA-1", "s", "sha1", "verify"),
    ("MAC made elsewhere: truncation and text", "s", "-", "format"),
    ("counter in flash", "s", "-", "counter"),
    ("two compressions of SHA-1, the hash crate alone", "s", "sha1", "floor"),
    ("two compressions of SHA-256", "s", "sha256", "floor"),
    ("two compressions of SHA-512", "s", "sha512", "floor"),
];

const INSTRUCTIONS: [Line; 10] = [
    ("SHA-1 TOTP, prepared key, time to text", "s", "sha1", "totp"),
    ("of these, the two compressions", "s", "sha1", "floor"),
    ("SHA-1 TOTP, SHA-1 alone at 3", "s/3", "sha1", "totp"),
    ("of these, the two compressions", "s/3", "sha1", "floor"),
    ("SHA-1 HOTP value of ten digits, all at 3", "3", "sha1", "hotp"),
    ("of these, the two compressions", "3", "sha1", "floor"),
    ("SHA-256 TOTP", "s", "sha256", "totp"),
    ("of these, the two compressions", "s", "sha256", "floor"),
    ("SHA-512 TOTP", "s", "sha512", "totp"),
    ("of these, the two compressions", "s", "sha512", "floor"),
];

const STACK: [Line; 6] = [
    ("SHA-1 TOTP", "s", "sha1", "totp"),
    ("of these, the hash crate", "s", "sha1", "floor"),
    ("SHA-256 TOTP", "s", "sha256", "totp"),
    ("of these, the hash crate", "s", "sha256", "floor"),
    ("SHA-512 TOTP", "s", "sha512", "totp"),
    ("of these, the hash crate", "s", "sha512", "floor"),
];

/// The text with the figures that it should have.
pub(super) fn renewed(text: &str, rows: &[Row]) -> Result<String> {
    let parts = text.split_once(BEGIN).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(END)?;
        Some((before, after))
    });
    let (before, after) = parts.context("docs/firmware.md has no place for the figures")?;
    let figures = [
        table("flash", &FLASH, rows, |row| row.flash)?,
        table("instructions", &INSTRUCTIONS, rows, |row| row.instructions)?,
        table("stack at the most", &STACK, rows, |row| row.stack)?,
    ];
    Ok(format!("{before}{BEGIN}\n{}\n{END}{after}", figures.join("\n")))
}

fn table(title: &str, lines: &[Line], rows: &[Row], column: fn(&Row) -> u64) -> Result<String> {
    let mut table = format!("| {title} | Cortex-M0 | Cortex-M4 | RV32IMC |\n|---|---|---|---|\n");
    for (says, level, hash, image) in lines {
        table += &format!("| {says} |");
        for board in ["M0", "M4", "RV32"] {
            let row = rows.iter().find(|row| row.is(board, level, hash, image));
            let row = row.with_context(|| format!("no {image} for {board}, {level}, {hash}"))?;
            table += &format!(" {} |", grouped(column(row)));
        }
        table += "\n";
    }
    Ok(table)
}

/// A number with a comma after its thousands.
fn grouped(number: u64) -> String {
    match number {
        0..1_000 => number.to_string(),
        _ => format!("{},{:03}", grouped(number / 1_000), number % 1_000),
    }
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, FLASH, INSTRUCTIONS, STACK, grouped, renewed};
    use crate::firmware::row::Row;

    fn rows(flash: u64) -> Vec<Row> {
        let lines = FLASH.iter().chain(&INSTRUCTIONS).chain(&STACK);
        lines
            .flat_map(|(_, level, hash, image)| {
                ["M0", "M4", "RV32"].map(|board| Row {
                    board: board.to_owned(),
                    level: (*level).to_owned(),
                    hash: (*hash).to_owned(),
                    image: (*image).to_owned(),
                    flash,
                    ram: 0,
                    stack: 1,
                    instructions: 2,
                })
            })
            .collect()
    }

    #[test]
    fn stale_figures_are_renewed_and_the_text_around_them_is_kept() {
        let blank = format!("before\n{BEGIN}{END}after\n");
        let written = renewed(&blank, &rows(1_234)).unwrap();
        assert!(written.contains("| 1,234 | 1,234 | 1,234 |"));
        assert!(written.starts_with("before\n") && written.ends_with("after\n"));
        assert_eq!(renewed(&written, &rows(1_234)).unwrap(), written);
        assert_ne!(renewed(&written, &rows(1_235)).unwrap(), written);
    }

    #[test]
    fn thousands_have_commas() {
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_000), "1,000");
        assert_eq!(grouped(1_012_034), "1,012,034");
    }

    #[test]
    fn figures_need_a_place_and_a_budget() {
        assert!(renewed("no place", &[]).is_err());
        assert!(renewed(&format!("{BEGIN}{END}"), &[]).is_err());
    }
}
