use crate::error::{Error, ErrorKind};
use crate::escape::{Plus, check, decode};
use crate::finding::{FindingKind, Findings};
use crate::html;
use crate::part::Part;
use crate::text::Text;

/// The known parameters of a query, decoded, at most one of each.
#[derive(Default)]
pub(crate) struct Parameters<'q>([Option<Text<'q>>; Part::COUNT]);

impl<'q> Parameters<'q> {
    /// Reads the parameters of a query that are in `known`.
    pub(crate) fn read(
        &mut self,
        query: Option<&'q str>,
        known: &[Part],
        plus: Plus,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let mut rest = query;
        while let Some(query) = rest {
            let (pair, after) = cut(query, b'&');
            self.pair(pair, known, plus, findings)?;
            rest = after;
        }
        Ok(())
    }

    fn pair(
        &mut self,
        pair: &'q str,
        known: &[Part],
        plus: Plus,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let (raw_name, value) = match cut(pair, b'=') {
            (name, Some(value)) if !name.is_empty() => (name, value),
            _ => {
                findings.add(FindingKind::StrayText, Part::Parameters);
                return check(pair, Part::Parameters);
            }
        };
        let decoded = decode(raw_name, Plus::Itself, Part::Parameters, findings)?;
        let mut name = &*decoded;
        while let Some(rest) = html::after_name(name) {
            findings.add(FindingKind::EscapedAmpersand, Part::Parameters);
            name = rest;
        }
        let part = known.iter().find(|part| part.name().eq_ignore_ascii_case(name));
        let entry = part.and_then(|part| Some((*part, self.0.get_mut(*part as usize)?)));
        let Some((part, slot)) = entry else {
            findings.add(FindingKind::UnknownParameter, Part::Parameters);
            return check(value, Part::Parameters);
        };
        if let Text::Copy(_) = decoded {
            findings.add(FindingKind::EscapedName, Part::Parameters);
        }
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            findings.add(FindingKind::LetterCase, Part::Parameters);
        }
        let value = decode(value, plus, part, findings)?;
        if slot.is_none() {
            *slot = Some(value);
        } else if is_for_show(part) {
            findings.add(FindingKind::Repeated, part);
        } else {
            return Err(Error::new(ErrorKind::Duplicate, part));
        }
        Ok(())
    }

    /// Returns the value of a parameter, if present.
    pub(crate) fn get(&self, part: Part) -> Option<&str> {
        self.0.get(part as usize)?.as_deref()
    }

    /// Returns the value of a parameter. An empty value counts as absent, and is a finding.
    pub(crate) fn get_filled(&self, part: Part, findings: &mut Findings) -> Option<&str> {
        let value = self.get(part)?;
        if value.is_empty() {
            findings.add(FindingKind::EmptyValue, part);
            return None;
        }
        Some(value)
    }
}

/// Splits a text at the first occurrence of an ASCII character. For short texts it is faster than
/// `split_once`.
fn cut(text: &str, character: u8) -> (&str, Option<&str>) {
    let place = text.bytes().position(|byte| byte == character);
    let halves = place.and_then(|place| text.split_at_checked(place));
    halves.map_or((text, None), |(before, after)| (before, after.get(1..)))
}

/// Returns whether a parameter does not change the codes, and so may appear twice.
fn is_for_show(part: Part) -> bool {
    matches!(part, Part::Image | Part::Color | Part::Lock)
}
