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

/// Room for one line, so that a growing buffer leaves no copies of a secret behind.
const LINE: usize = 16 * 1024;

/// How much is gathered of many answers before it is written.
const GATHERED: usize = 64 * 1024;

/// Where answers go: people's text or one JSON object a line, on stdout.
///
/// When the reader goes away, nothing more is written and nobody complains: the exit status stays
/// what the answer makes it, so that a lost reader never turns a refused code into a yes.
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

    /// Whether answers are JSON.
    pub(crate) const fn is_json(&self) -> bool {
        self.json
    }

    /// Whether somebody still reads.
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

    /// Writes a line, or several, of text.
    pub(crate) fn text(&mut self, text: &str) -> Result<(), Failure> {
        let mut line = Zeroizing::new(Vec::with_capacity(text.len().saturating_add(1)));
        line.extend_from_slice(text.as_bytes());
        if !text.ends_with('\n') {
            line.push(b'\n');
        }
        self.write(&line)
    }

    /// Gives people advice that is no answer: on stderr, and only if they read along. What has
    /// happened besides is said to everybody.
    pub(crate) fn note(&self, text: &str) {
        if !self.json {
            complain(text);
        }
    }

    /// Lets many answers be given, which are written together as soon as there are enough.
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
        // It never grows, which would leave copies behind.
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

/// Writes a line to stderr; if nobody reads it, so be it.
pub(crate) fn complain(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
