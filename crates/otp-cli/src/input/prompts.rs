use std::io::{self, Cursor, Read};

use zeroize::Zeroizing;

/// Reads lines that are typed at prompts until the input ends. Pasted text is read whole: no line of
/// it is left to the shell and its history.
pub(crate) struct Prompts<F> {
    /// Asks for a line; `None` is the end.
    ask: F,
    line: Option<Cursor<Zeroizing<Vec<u8>>>>,
}

impl<F: FnMut() -> io::Result<Option<Zeroizing<Vec<u8>>>>> Prompts<F> {
    pub(crate) const fn new(ask: F) -> Self {
        Self { ask, line: None }
    }
}

impl<F: FnMut() -> io::Result<Option<Zeroizing<Vec<u8>>>>> Read for Prompts<F> {
    fn read(&mut self, room: &mut [u8]) -> io::Result<usize> {
        if self.line.is_none() {
            self.line = (self.ask)()?.map(Cursor::new);
        }
        let Some(line) = &mut self.line else { return Ok(0) };
        let got = line.read(room)?;
        if got == 0
            && let Some(end) = room.first_mut()
        {
            // Not at the end of the line's buffer, which would grow and leave a copy behind.
            *end = b'\n';
            self.line = None;
            return Ok(1);
        }
        Ok(got)
    }
}
