//! What a command shows.

pub(crate) mod answer;
pub(crate) mod board;
pub(crate) mod malformed;
pub(crate) mod parameters;
pub(crate) mod picture;
pub(crate) mod position;
pub(crate) mod progress;
pub(crate) mod remarks;
pub(crate) mod verdict;

use std::ffi::OsString;
use std::io::{self, Write};

use clap::Args;
use clap::builder::styling::{AnsiColor, Style};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::number::Bound;
use crate::output::answer::Answer;

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
    quiet: bool,
    has_colour: bool,
    open: bool,
    gathered: Option<Zeroizing<Vec<u8>>>,
}

/// The options that every command has.
#[derive(Args, Debug, Default)]
pub(crate) struct OutputOptions {
    /// Write JSON: one object a line
    #[arg(long, global = true, display_order = 1000)]
    json: bool,
    /// Write no notes to stderr, only failures
    #[arg(long, global = true, display_order = 1000)]
    quiet: bool,
    /// Colours: auto, always or never. With auto on a terminal, unless NO_COLOR is set
    #[arg(long, global = true, display_order = 1000, value_name = "WHEN", value_parser = Colour::read)]
    color: Option<Colour>,
}

/// When to write colours.
#[derive(Clone, Copy, Debug)]
enum Colour {
    Auto,
    Always,
    Never,
}

impl Colour {
    fn read(text: &str) -> Result<Self, Bound> {
        match text {
            "auto" => Ok(Self::Auto),
            "always" => Ok(Self::Always),
            "never" => Ok(Self::Never),
            _ => Err(Bound("must be auto, always or never")),
        }
    }
}

impl OutputOptions {
    /// Finds the options in a command line that cannot be read, or that asks for help.
    pub(crate) fn of_unread(arguments: &[OsString]) -> Self {
        let mut options = Self::default();
        let mut words = arguments.iter().skip(1).map_while(|word| word.to_str()).peekable();
        while let Some(word) = words.next().filter(|word| *word != "--") {
            let value = match word {
                "--color" => words.peek().copied(),
                word => word.strip_prefix("--color="),
            };
            options.json |= word == "--json";
            options.color = value.and_then(|text| Colour::read(text).ok()).or(options.color);
        }
        options
    }
}

impl Output {
    pub(crate) fn new(options: &OutputOptions) -> Self {
        let has_colour = match options.color.unwrap_or(Colour::Auto) {
            Colour::Auto => console::colors_enabled(),
            Colour::Always => true,
            Colour::Never => false,
        };
        Self { json: options.json, quiet: options.quiet, has_colour, open: true, gathered: None }
    }

    /// Returns whether the user wants no notes.
    pub(crate) const fn is_quiet(&self) -> bool {
        self.quiet
    }

    /// Returns a text in a style, if the user wants colours.
    pub(crate) fn styled(&self, style: Style, text: &str) -> String {
        if self.has_colour { format!("{style}{text}{style:#}") } else { text.to_owned() }
    }

    /// Returns an answer whose first word says yes or no, and is green or red.
    pub(crate) fn verdict(&self, answer: Answer, text: &str) -> String {
        let colour = if answer == Answer::Yes { AnsiColor::Green } else { AnsiColor::Red };
        let end = text.find([':', ';']).unwrap_or(text.len());
        let (word, rest) = text.split_at_checked(end).unwrap_or((text, ""));
        self.styled(colour.on_default().bold(), word) + rest
    }

    /// Returns a help text whose headings are bold.
    pub(crate) fn help(&self, text: &str) -> String {
        let bold = |heading: &str| self.styled(Style::new().bold(), heading);
        let lines = text.lines().map(|line| match line.split_once(':') {
            Some((heading, rest)) if !heading.contains(' ') || rest.is_empty() => {
                bold(&format!("{heading}:")) + rest
            }
            _ => line.to_owned(),
        });
        lines.collect::<Vec<_>>().join("\n")
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

    /// Writes advice for people to stderr, and nothing with `--json` or `--quiet`. [`complain`] always
    /// writes.
    pub(crate) fn note(&self, text: &str) {
        if !self.json && !self.quiet {
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
