use core::fmt;

/// What one image takes on one board, less what the empty one takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) board: String,
    pub(super) level: String,
    pub(super) hash: String,
    pub(super) image: String,
    /// In bytes, as the next two.
    pub(super) flash: u64,
    pub(super) ram: u64,
    pub(super) stack: u64,
    pub(super) instructions: u64,
}

impl Row {
    pub(super) const TITLE: &str =
        "board level hash   image         flash  ram  stack  instructions";

    pub(super) fn is(&self, board: &str, level: &str, hash: &str, image: &str) -> bool {
        (&*self.board, &*self.level, &*self.hash, &*self.image) == (board, level, hash, image)
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { board, level, hash, image, flash, ram, stack, instructions } = self;
        write!(
            f,
            "{board:<5} {level:<5} {hash:<6} {image:<12} {flash:>6}{ram:>5}{stack:>7}\
             {instructions:>14}"
        )
    }
}
