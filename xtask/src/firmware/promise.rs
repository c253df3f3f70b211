//! What the images may take at the most, whatever the budgets are rebaselined to.

use super::row::Row;

/// A column of the budgets.
#[derive(Clone, Copy, Debug)]
enum Column {
    Flash,
    Stack,
    Instructions,
}

/// Level, hash, image and column, and the most on a Cortex-M0 and a Cortex-M4.
type Promise = (&'static str, &'static str, &'static str, Column, [u64; 2]);

const PROMISES: [Promise; 10] = [
    ("s", "sha1", "totp", Column::Flash, [4_000, 4_400]),
    ("s", "sha1", "any-totp", Column::Flash, [4_000, 4_400]),
    ("s", "all", "any-totp", Column::Flash, [9_400, 9_800]),
    ("s", "-", "format", Column::Flash, [250, 250]),
    ("s", "-", "counter", Column::Flash, [450, 450]),
    ("s", "sha1", "totp", Column::Stack, [720, 720]),
    ("s", "sha256", "totp", Column::Stack, [840, 840]),
    ("s", "sha512", "totp", Column::Stack, [1_820, 1_820]),
    ("3", "sha1", "hotp", Column::Instructions, [4_700, 2_900]),
    // On a Cortex-M4 two compressions alone take more than 4,900.
    ("s", "sha1", "totp", Column::Instructions, [8_600, 5_500]),
];

/// What is not kept, or not there to be looked at.
pub(super) fn broken(rows: &[Row]) -> Vec<String> {
    let mut broken = Vec::new();
    for (level, hash, image, column, most) in PROMISES {
        for (board, most) in ["M0", "M4"].into_iter().zip(most) {
            let row = rows.iter().find(|row| row.is(board, level, hash, image));
            let taken = row.map(|row| match column {
                Column::Flash => row.flash,
                Column::Stack => row.stack,
                Column::Instructions => row.instructions,
            });
            if taken.is_none_or(|taken| taken > most) {
                let taken = taken.map_or("nothing".to_owned(), |taken| taken.to_string());
                broken.push(format!(
                    "{board} {level} {hash} {image}: {column:?} {taken}, not {most}"
                ));
            }
        }
    }
    // Nothing is taken for good.
    for row in rows.iter().filter(|row| row.ram > 0) {
        broken.push(format!("static RAM: {row}"));
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::{PROMISES, broken};
    use crate::firmware::row::Row;

    fn rows(flash: u64, ram: u64) -> Vec<Row> {
        let row = |board: &str, level: &str, hash: &str, image: &str| Row {
            board: board.to_owned(),
            level: level.to_owned(),
            hash: hash.to_owned(),
            image: image.to_owned(),
            flash,
            ram,
            stack: 0,
            instructions: 0,
        };
        PROMISES
            .iter()
            .flat_map(|(level, hash, image, ..)| {
                ["M0", "M4"].map(|board| row(board, level, hash, image))
            })
            .collect()
    }

    #[test]
    fn a_promise_is_kept_or_named() {
        assert!(broken(&rows(250, 0)).is_empty());
        assert_eq!(broken(&rows(251, 0)).len(), 2);
        assert_eq!(broken(&rows(0, 4)).len(), 2 * PROMISES.len());
        assert_eq!(broken(&[]).len(), 2 * PROMISES.len());
    }
}
