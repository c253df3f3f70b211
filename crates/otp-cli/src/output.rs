//! What a command shows.

pub(crate) mod answer;
pub(crate) mod malformed;
pub(crate) mod parameters;
pub(crate) mod picture;
pub(crate) mod position;
pub(crate) mod progress;
pub(crate) mod remarks;
pub(crate) mod verdict;

use std::io::{self, Write};

use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;

/// The bytes reserved for a line: a buffer that grows would leave copies of a secret behind.
const LINE: usize = 16 * 1024;

/// The bytes of answers that are gathered before they are written.
const GATHERED: usize = 64 * 1024;

/// Writes answers to stdout: text for people, or one JSON object a line.
///
/// If the reader closes the pipe, writing stops without a message, and the exit status does not
/// change: a lost reader never turns a refused code into a yes.
#[derive(Debug)]
pub(crate) struct Output {
    json: bool,
    open: bool,
    gathered: Option<Zeroizing<Vec<u8>>>,
}

impl Output {
    pub(crate) const fn new(json: bool) -> Self {
        Self { json, open: true, gathered: None }
    }

    /// Returns whether answers are JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Returns whether the reader of stdout is still there.
    pub(crate) const fn is_open(&self) -> bool {
        self.open
    }

    /// Writes one JSON object as a line.
    pub(crate) fn object(&mut self, object: &impl Serialize) -> Result<(), Failure> {
        let mut line = Zeroizing::new(Vec::with_capacity(LINE));
        serde_json::to_writer(&mut *line, object)
            .map_err(|error| Failure::io("output", &error.into()))?;
        line.push(b'\n');
        self.write(&line)
    }

    /// Writes one or more lines of text.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let mut line = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
        line.extend_from_slice(text.as_bytes());
        if !text.ends_with('\n') {
            line.push(b'\n');
        }
        self.write(&line)
    }

    /// Writes advice for people to stderr, and nothing with `--json`. [`complain`] always writes.
    pub(crate) fn note(&self, text: &str) {
        if !self.json {
            complain(text);
        }
    }

    /// Runs a function that gives many answers, and writes them in large pieces.
    pub(crate) fn gather<T>(
        &mut self,
        answer: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.gathered = Some(Zeroizing::new(Vec::with_capacity(GATHERED)));
        let result = answer(self);
        let rest = self.gathered.take().unwrap_or_default();
        self.send(&rest)?;
        result
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        let Some(mut gathered) = self.gathered.take() else { return self.send(bytes) };
        // The buffer never grows: growing would leave copies behind.
        if bytes.len() > gathered.capacity().saturating_sub(gathered.len()) {
            self.send(&gathered)?;
            gathered.clear();
        }
        if bytes.len() <= gathered.capacity() {
            gathered.extend_from_slice(bytes);
        } else {
            self.send(bytes)?;
        }
        self.gathered = Some(gathered);
        Ok(())
    }

    fn send(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        if !self.open || bytes.is_empty() {
            return Ok(());
        }
        let mut stdout = io::stdout().lock();
        match stdout.write_all(bytes).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                self.open = false;
                Ok(())
            }
            result => result.map_err(|error| Failure::io("output", &error)),
        }
    }
}

/// Writes a line to stderr, and ignores a failure to do so.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
