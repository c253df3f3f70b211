use std::path::Path;

use anyhow::{Result, ensure};

use super::built;
use super::emulator::{self, Board};
use super::image::Image;

/// A column of the budgets.
#[derive(Clone, Copy, Debug)]
enum Column {
    Flash,
    Stack,
    Instructions,
}

/// Profile, hashes, image and column, and the most on Cortex-M0, Cortex-M4 and RISC-V: what was measured
/// with rustc 1.95.0, and 2 % more.
type Budget = (&'static str, &'static str, &'static str, Column, [u64; 3]);

const ALL: &str = "sha1,sha256,sha512";
const BUDGETS: [Budget; 12] = [
    // A code from key and time to text, its parameters constants or known at run time.
    ("release", "sha1", "totp", Column::Flash, [3_690, 3_990, 5_040]),
    ("release", ALL, "any-totp", Column::Flash, [8_690, 9_190, 10_130]),
    // Verification with tracker and throttle.
    ("release", "sha1", "verify", Column::Flash, [4_650, 4_840, 6_080]),
    // A MAC that is made elsewhere, to text.
    ("release", "sha1", "format", Column::Flash, [160, 143, 213]),
    ("release", "sha1", "counter", Column::Flash, [439, 435, 592]),
    ("release", "sha1", "totp", Column::Stack, [702, 710, 572]),
    ("release", "sha256", "totp", Column::Stack, [633, 617, 604]),
    ("release", "sha512", "totp", Column::Stack, [1_755, 1_718, 1_632]),
    ("release", "sha1", "verify", Column::Stack, [865, 800, 685]),
    ("release", "sha1", "totp", Column::Instructions, [8_700, 5_550, 6_970]),
    ("release", "sha1", "verify", Column::Instructions, [25_830, 17_130, 21_390]),
    ("o3", "sha1", "hotp", Column::Instructions, [4_640, 2_800, 4_080]),
];

/// What one image takes on one board, less what the empty one of the same build takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Taken {
    flash: u64,
    ram: u64,
    stack: u64,
    instructions: u64,
}

/// Weighs and counts what has just been built, and says what is over its budget.
pub(super) fn check(board: &Board, profile: &str, hashes: &str) -> Result<Vec<String>> {
    let mut broken = Vec::new();
    let folder = built(board.target, profile, "");
    let wanted = |budget: &&Budget| (budget.0, budget.1) == (profile, hashes);
    for budget in BUDGETS.iter().filter(wanted) {
        let taken = weigh(board, &folder, budget.2)?;
        println!("{} {profile} {hashes} {}: {taken:?}", board.name, budget.2);
        broken.extend(over(board.place, budget, taken).map(|why| format!("{}: {why}", board.name)));
    }
    Ok(broken)
}

/// One image of a folder.
fn weigh(board: &Board, folder: &Path, name: &str) -> Result<Taken> {
    let take = |name: &str| -> Result<_> {
        let image = Image::read(&folder.join(name))?;
        ensure!(image.floats == 0, "{name} computes in floating point");
        let run = emulator::run(board, &folder.join(name), &image)?;
        Ok((image, run))
    };
    let ((empty, nothing), (image, run)) = (take("empty")?, take(name)?);
    Ok(Taken {
        flash: image.flash - empty.flash,
        ram: image.ram - empty.ram,
        stack: run.stack,
        instructions: run.instructions - nothing.instructions,
    })
}

/// Why an image takes too much, if it does. Nothing takes static RAM.
fn over(place: usize, budget: &Budget, taken: Taken) -> Option<String> {
    let (profile, hashes, image, column, most) = budget;
    let most = most.get(place).copied().unwrap_or_default();
    let column_taken = match column {
        Column::Flash => taken.flash,
        Column::Stack => taken.stack,
        Column::Instructions => taken.instructions,
    };
    (taken.ram > 0 || column_taken > most)
        .then(|| format!("{profile} {hashes} {image}: {column:?} at most {most}: {taken:?}"))
}

#[cfg(test)]
mod tests {
    use super::{BUDGETS, Taken, over};

    #[test]
    fn a_budget_is_kept_or_named() {
        let [budget, ..] = &BUDGETS;
        let taken = |flash| Taken { flash, ..Taken::default() };
        assert_eq!(over(0, budget, taken(budget.4[0])), None);
        assert!(over(0, budget, taken(budget.4[0] + 1)).is_some());
        assert!(over(0, budget, Taken { ram: 4, ..Taken::default() }).is_some());
    }
}
