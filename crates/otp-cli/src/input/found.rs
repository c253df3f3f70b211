use std::path::Path;

use otp_serde::is_record;
use otp_uri::{ErrorKind, is_uri};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::{Failure, FailureKind};
use crate::input::lines::Lines;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::position::Position;

/// The credentials of an input.
///
/// If any line is a URI or a record, those lines are read, and the others are only counted: a file
/// of a password manager has the password first. A bare secret must be the only line.
pub(crate) struct Found<T> {
    all: Vec<(Position, Result<T, Failure>)>,
    others: u64,
}

/// The fields that an answer has beside its own, as `--json` shows them.
#[derive(Default, Serialize)]
pub(crate) struct Besides {
    /// The position, if the input has several credentials.
    #[serde(flatten)]
    pub(crate) position: Option<Position>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<&'static str>,
    /// The number of lines that were passed over.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) other_lines: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<T> Found<T> {
    /// Reads a file, stdin, or a typed line. `parse` gets each text, and whether it begins as a URI
    /// or a record.
    pub(crate) fn read(
        part: &'static str,
        from: Option<&Path>,
        prompt: &'static str,
        parse: impl Fn(&str, bool) -> Result<T, Failure>,
    ) -> Result<Self, Failure> {
        let mut lines = Lines::ask(part, from, prompt, 1)?;
        let (mut all, mut others, mut first) = (Vec::new(), 0_u64, None);
        while let Some(line) = lines.next()? {
            let position = Position::line(line.number);
            match line.text {
                Ok(text) if is_uri(text.trim_start()) || is_record(text) => {
                    all.push((position, parse(text, true)));
                }
                other => {
                    others = others.saturating_add(1);
                    let owned = |text: &str| Zeroizing::new(text.to_owned());
                    first.get_or_insert_with(|| (position, other.map(owned)));
                }
            }
        }
        match first {
            _ if !all.is_empty() => Ok(Self { all, others }),
            None => {
                let message = format!("{part} is missing: the line is empty");
                Err(Failure::new(FailureKind::Invalid, part, message))
            }
            Some((position, text)) if others == 1 => {
                let parsed = text.and_then(|text| parse(&text, false));
                Ok(Self { all: vec![(position, parsed)], others: 0 })
            }
            Some(_) => {
                let message = format!(
                    "{part} must be the only line: the input has {others} lines, and none is a URI"
                );
                Err(Failure::new(FailureKind::Uri(ErrorKind::Several), part, message))
            }
        }
    }

    /// Returns the only credential and the other fields of its answer.
    pub(crate) fn only(mut self, output: &Output, advice: &str) -> Result<(T, Besides), Failure> {
        let count = self.all.len();
        match self.all.pop() {
            Some((_, parsed)) if count == 1 => {
                say_others(self.others, output);
                let besides = Besides { other_lines: self.others, ..Besides::default() };
                Ok((parsed?, besides))
            }
            _ => {
                let message = format!("input has {count} credentials; {advice}");
                Err(Failure::new(FailureKind::Uri(ErrorKind::Several), "input", message))
            }
        }
    }

    /// Answers for each credential. If there are several, a refusal costs exit status 1 and does not
    /// stop the next ones.
    pub(crate) fn each(
        self,
        output: &mut Output,
        mut answer: impl FnMut(T, Besides, &mut Output) -> Result<Answer, Failure>,
    ) -> Result<Answer, Failure> {
        let (is_alone, other_lines) = (self.all.len() == 1, self.others);
        say_others(other_lines, output);
        let mut all = Answer::Yes;
        for (position, parsed) in self.all {
            let named = (!is_alone).then_some(position);
            let besides = Besides { position: named, findings: Vec::new(), other_lines };
            let one = parsed.and_then(|parsed| answer(parsed, besides, output));
            all = all.and(match one {
                Err(failure) if !is_alone => position.refuse(failure, output)?,
                one => one?,
            });
            if !output.is_open() {
                break;
            }
        }
        Ok(all)
    }
}

fn say_others(others: u64, output: &Output) {
    match others {
        0 => {}
        1 => output.note("otp: passed over 1 other line, which is not a URI"),
        _ => output.note(&format!("otp: passed over {others} other lines, which are not URIs")),
    }
}

impl Besides {
    /// Writes a note about an answer to stderr, for people.
    pub(crate) fn note(&self, text: &str, output: &Output) {
        match self.position {
            Some(position) => output.note(&format!("otp: {position}: {text}")),
            None => output.note(&format!("otp: {text}")),
        }
    }
}
