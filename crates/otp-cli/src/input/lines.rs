use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::ops::Range;
use std::path::{Path, PathBuf};

use otp_serde::is_record;
use otp_uri::{ErrorKind, is_uri};
use zeroize::Zeroizing;

use crate::failure::{Failure, FailureKind};
use crate::input::line::{BOM, LONGEST};
use crate::input::prompts::Prompts;
use crate::input::stdin;
use crate::input::terminal::Terminal;

/// The most bytes that all lines have together.
const MOST: usize = 16 * 1024 * 1024;

const PROMPT: &str = "URI or record (not shown; Ctrl-D ends): ";

/// The lines of a file, of stdin, or of a prompt without an echo. Blank lines are passed over.
///
/// LF, CRLF or CR end a line. White space or a comma before a URI cuts the line there, and both
/// pieces have its number. So two URIs are never read as one.
///
/// A line that cannot be read is refused, and the next lines are still read. A single buffer holds
/// everything that is read, and is wiped.
pub(crate) struct Lines {
    source: Box<dyn Read>,
    /// The name of the source in messages.
    part: &'static str,
    path: Option<PathBuf>,
    /// The name of a line in messages.
    name: &'static str,
    buffer: Zeroizing<Vec<u8>>,
    /// The bytes in the buffer that were not returned yet.
    unread: Range<usize>,
    /// The rest of the line, after a URI on it.
    rest: Option<Range<usize>>,
    /// Whether a carriage return ended the line, so that a line feed after it ends none.
    after_cr: bool,
    /// The number of lines so far, with the blank ones.
    number: u64,
    /// The number of bytes that may still be read.
    left: usize,
}

/// A line, or the reason why it cannot be read.
pub(crate) struct Line<'a> {
    /// The number of the line, counted from 1.
    pub(crate) number: u64,
    pub(crate) text: Result<&'a str, Failure>,
}

impl Lines {
    pub(crate) fn open(from: Option<&Path>) -> Result<Self, Failure> {
        Self::ask("line", from, PROMPT, u64::MAX)
    }

    /// Opens a file that an argument names, or stdin for `-`.
    pub(crate) fn argument(path: &Path) -> Result<Self, Failure> {
        if path.as_os_str() == "-" {
            return Self::open(None);
        }
        let file = File::open(path).map_err(|error| Failure::file("file", path, &error))?;
        Ok(Self { path: Some(path.to_owned()), ..Self::new(Box::new(file), "file") })
    }

    /// Opens a file, stdin or a terminal. `name` is the name of a line in messages, and the prompt is
    /// shown at most `answers` times.
    pub(crate) fn ask(
        name: &'static str,
        from: Option<&Path>,
        prompt: &'static str,
        answers: u64,
    ) -> Result<Self, Failure> {
        let part = if from.is_some() { "from" } else { "stdin" };
        let failed = |error| Failure::io(part, &error);
        let source: Box<dyn Read> = match from {
            Some(path) => {
                let file = File::open(path);
                Box::new(file.map_err(|error| Failure::file(part, path, &error))?)
            }
            None if io::stdin().is_terminal() => {
                let terminal = Terminal::new()?;
                let mut answers = answers;
                Box::new(Prompts::new(move || match answers.checked_sub(1) {
                    Some(left) => {
                        answers = left;
                        terminal.ask(prompt)
                    }
                    None => Ok(None),
                }))
            }
            None => Box::new(stdin::open().map_err(failed)?),
        };
        Ok(Self { name, path: from.map(Path::to_owned), ..Self::new(source, part) })
    }

    fn new(source: Box<dyn Read>, part: &'static str) -> Self {
        // Room for the longest line and its end.
        let buffer = Zeroizing::new(vec![0; LONGEST.saturating_add(2)]);
        let (name, unread, rest) = ("line", 0..0, None);
        Self {
            source,
            part,
            path: None,
            name,
            buffer,
            unread,
            rest,
            after_cr: false,
            number: 0,
            left: MOST,
        }
    }

    /// Returns the next line that is not blank.
    pub(crate) fn next(&mut self) -> Result<Option<Line<'_>>, Failure> {
        loop {
            let found = match self.rest.take() {
                Some(rest) => Some(rest),
                None => match self.find()? {
                    Some(found) => self.begin(found)?,
                    None => return Ok(None),
                },
            };
            let bytes = found.clone().and_then(|range| self.buffer.get(range));
            if bytes.is_some_and(|bytes| bytes.iter().all(u8::is_ascii_whitespace)) {
                continue;
            }
            let cut = text(self.name, bytes).ok().and_then(cut);
            let (number, mut found) = (self.number, found);
            if let (Some(line), Some(cut)) = (&mut found, cut) {
                self.rest = Some(line.start.saturating_add(cut.end)..line.end);
                line.end = line.start.saturating_add(cut.start);
            }
            let bytes = found.and_then(|range| self.buffer.get(range));
            let text = text(self.name, bytes).map(without_name);
            return Ok(Some(Line { number, text }));
        }
    }

    /// Counts a line, and passes over its byte order mark.
    fn begin(&mut self, found: Option<Range<usize>>) -> Result<Option<Range<usize>>, Failure> {
        self.number = self.number.saturating_add(1);
        let Some(mut line) = found else { return Ok(None) };
        let bytes = self.buffer.get(line.clone()).unwrap_or_default();
        if self.number == 1 && is_utf_16(bytes) {
            let bound = "must be UTF-8, and is UTF-16; iconv -f UTF-16 -t UTF-8 converts it";
            return Err(Failure::invalid("input", bound));
        }
        let begin = bytes.strip_prefix(BOM).unwrap_or(bytes).trim_ascii();
        let (has_mark, is_list) = (bytes.starts_with(BOM), begin.starts_with(b"["));
        let is_object = begin == b"{";
        if self.number == 1 && (is_list || (is_object && self.goes_on_as_json()?)) {
            let message = "input is JSON over several lines, or JSON of another program; put each \
                           record on one line (jq -c .), or export otpauth URIs from that program";
            return Err(Failure::new(FailureKind::Uri(ErrorKind::Unsupported), "input", message));
        }
        // Not only at the beginning of the input: files are concatenated.
        if has_mark {
            line.start = line.start.saturating_add(BOM.len());
        }
        Ok(Some(line))
    }

    /// Returns whether a field of an object follows an opening brace.
    fn goes_on_as_json(&mut self) -> Result<bool, Failure> {
        loop {
            let rest = self.buffer.get(self.unread.clone()).unwrap_or_default();
            if let Some(byte) = rest.trim_ascii_start().first() {
                return Ok(*byte == b'"');
            }
            if !self.fill()? {
                return Ok(false);
            }
        }
    }

    /// Returns where the next line is in the buffer. The outer `None` is the end of the input, the
    /// inner one a line that is too long.
    fn find(&mut self) -> Result<Option<Option<Range<usize>>>, Failure> {
        let mut fits = true;
        let mut searched = 0_usize;
        loop {
            if self.after_cr
                && let Some(byte) = self.buffer.get(self.unread.clone()).and_then(<[u8]>::first)
            {
                self.unread.start = self.unread.start.saturating_add(usize::from(*byte == b'\n'));
                self.after_cr = false;
            }
            let Range { start, end } = self.unread;
            let from = start.saturating_add(searched);
            let rest = self.buffer.get(from..end).unwrap_or_default();
            if let Some(length) = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')) {
                self.after_cr = rest.get(length) == Some(&b'\r');
                let line = start..from.saturating_add(length);
                self.unread.start = line.end.saturating_add(1);
                return Ok(Some(fits.then_some(line)));
            }
            searched = end.saturating_sub(start);
            if searched == self.buffer.len() {
                fits = false;
                searched = 0;
                self.unread = 0..0;
            } else {
                self.buffer.copy_within(self.unread.clone(), 0);
                self.unread = 0..searched;
            }
            if !self.fill()? {
                let line = std::mem::replace(&mut self.unread, 0..0);
                let is_line = !fits || !line.is_empty();
                return Ok(is_line.then(|| fits.then_some(line)));
            }
        }
    }

    /// Reads more bytes, and returns whether there were any.
    fn fill(&mut self) -> Result<bool, Failure> {
        loop {
            // At the limit, one more byte tells whether the input ends there.
            let end = self.unread.end.saturating_add(self.left.max(1)).min(self.buffer.len());
            let room = self.buffer.get_mut(self.unread.end..end).unwrap_or_default();
            match self.source.read(room) {
                Ok(0) => return Ok(false),
                Ok(got) => {
                    self.left = self.left.checked_sub(got).ok_or_else(|| {
                        let message = "input must be at most 16 MiB";
                        Failure::new(FailureKind::Uri(ErrorKind::TooLong), "input", message)
                    })?;
                    self.unread.end = self.unread.end.saturating_add(got);
                    return Ok(true);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    return Err(match &self.path {
                        Some(path) => Failure::file(self.part, path, &error),
                        None => Failure::io(self.part, &error),
                    });
                }
            }
        }
    }
}

/// Checks a line. `None` is a line that is too long for the buffer.
fn text<'a>(part: &'static str, bytes: Option<&'a [u8]>) -> Result<&'a str, Failure> {
    let Some(bytes) = bytes.filter(|bytes| bytes.len() <= LONGEST) else {
        let message = format!("{part} must be at most 64 KiB");
        return Err(Failure::new(FailureKind::Uri(ErrorKind::TooLong), part, message));
    };
    if bytes.contains(&0) {
        return Err(Failure::invalid(part, "must not hold NUL bytes"));
    }
    str::from_utf8(bytes).map_err(|_| Failure::invalid(part, "must be UTF-8"))
}

/// Returns where to cut a line before a URI: the range between the two pieces.
fn cut(text: &str) -> Option<Range<usize>> {
    if is_record(text) {
        return None;
    }
    let mut end = 0;
    for (place, character) in text.char_indices() {
        if !character.is_whitespace() && character != ',' {
            end = place.saturating_add(character.len_utf8());
            continue;
        }
        let start = place.saturating_add(character.len_utf8());
        let is_next = || text.get(start..).is_some_and(|rest| is_uri(without_name(rest)));
        if end > 0 && is_next() {
            return Some(end..start);
        }
    }
    None
}

/// Returns a URI without the `QR-Code:` that zbarimg writes before it.
fn without_name(text: &str) -> &str {
    let rest = text.split_at_checked("QR-Code:".len());
    let rest = rest.filter(|(name, rest)| name.eq_ignore_ascii_case("QR-Code:") && is_uri(rest));
    rest.map_or(text, |(_, rest)| rest)
}

/// Returns whether bytes begin as UTF-16 does, with or without a byte order mark.
fn is_utf_16(bytes: &[u8]) -> bool {
    match bytes {
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => true,
        [a, b, c, d, ..] => {
            let zeros = [a, b, c, d].map(|byte| *byte == 0);
            zeros == [true, false, true, false] || zeros == [false, true, false, true]
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests;
