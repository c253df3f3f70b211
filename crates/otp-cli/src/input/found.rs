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

/// What an input holds for a command that wants a credential.
///
/// If any line is a URI or a record, those are read, and the other lines are counted: a file of a
/// password manager has the password first. Any other text must be the only line.
pub(crate) struct Found<T> {
    all: Vec<(Position, Result<T, Failure>)>,
    others: u64,
}

/// What an answer says besides, as `--json` shows it.
#[derive(Default, Serialize)]
pub(crate) struct Besides {
    /// Where it stands, if there are several.
    #[serde(flatten)]
    pub(crate) position: Option<Position>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) findings: Vec<&'static str>,
    /// Lines that are no URI, beside it.
    #[serde(skip_serializing_if = "is_zero")]
    pub(crate) other_lines: u64,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
const fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl<T> Found<T> {
    /// Reads a file, stdin, or a line that is typed. `parse` gets each text, and whether it is meant
    /// as a URI or a record.
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
                let message = format!("{part} must be the only line: {others} lines, and no URI");
                Err(Failure::new(FailureKind::Uri(ErrorKind::Several), part, message))
            }
        }
    }

    /// The only one there is, and what is to be said besides.
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

    /// Answers for each. Of several, each refusal costs exit status 1, and the next ones are
    /// answered all the same.
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
        1 => output.note("otp: 1 other line is no URI, and was passed over"),
        _ => output.note(&format!("otp: {others} other lines are no URIs, and were passed over")),
    }
}

impl Besides {
    /// Tells people something about an answer, on stderr.
    pub(crate) fn note(&self, text: &str, output: &Output) {
        match self.position {
            Some(position) => output.note(&format!("otp: {position}: {text}")),
            None => output.note(&format!("otp: {text}")),
        }
    }
}
