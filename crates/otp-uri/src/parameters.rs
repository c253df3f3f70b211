use crate::error::{Error, ErrorKind};
use crate::escape::{Plus, check, decode};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;
use crate::text::Text;

/// The known parameters of a query, decoded. There is at most one of each.
pub(crate) struct Parameters<'q> {
    known: &'static [Part],
    /// In the order of `known`.
    values: [Option<Text<'q>>; Part::PARAMETERS.len()],
}

impl<'q> Parameters<'q> {
    /// Reads those parameters of a query that are in `known`.
    pub(crate) fn read(
        query: Option<&'q str>,
        known: &'static [Part],
        plus: Plus,
        findings: &mut Findings,
    ) -> Result<Self, Error> {
        let mut parameters = Self { known, values: Default::default() };
        let mut rest = query;
        while let Some(query) = rest {
            let (pair, after) = cut(query, b'&');
            parameters.pair(pair, plus, findings)?;
            rest = after;
        }
        Ok(parameters)
    }

    fn pair(&mut self, pair: &'q str, plus: Plus, findings: &mut Findings) -> Result<(), Error> {
        let (raw_name, value) = match cut(pair, b'=') {
            (name, Some(value)) if !name.is_empty() => (name, value),
            _ => {
                findings.add(FindingKind::StrayText, Part::Parameters);
                return check(pair, Part::Parameters);
            }
        };
        let decoded = decode(raw_name, Plus::Itself, Part::Parameters, findings)?;
        let name = &*decoded;
        let place = self.known.iter().position(|part| part.name().eq_ignore_ascii_case(name));
        let entry = place.and_then(|place| self.known.get(place).zip(self.values.get_mut(place)));
        let Some((part, slot)) = entry else {
            let lost = name.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("amp;"));
            let kind =
                if lost { FindingKind::EscapedAmpersand } else { FindingKind::UnknownParameter };
            findings.add(kind, Part::Parameters);
            return check(value, Part::Parameters);
        };
        if let Text::Copy(_) = decoded {
            findings.add(FindingKind::EscapedName, Part::Parameters);
        }
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            findings.add(FindingKind::LetterCase, Part::Parameters);
        }
        let part = *part;
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

    /// Takes a parameter's value out, if it is there.
    pub(crate) fn take(&mut self, part: Part) -> Option<Text<'q>> {
        let place = self.known.iter().position(|known| *known == part)?;
        self.values.get_mut(place)?.take()
    }

    /// Takes a parameter's value out that means nothing when it is empty.
    pub(crate) fn take_filled(&mut self, part: Part, findings: &mut Findings) -> Option<Text<'q>> {
        let value = self.take(part)?;
        if value.is_empty() {
            findings.add(FindingKind::EmptyValue, part);
            return None;
        }
        Some(value)
    }
}

/// What is before the first of an ASCII character, and what is after it. Unlike `split_once`, it is
/// quick for short texts.
fn cut(text: &str, character: u8) -> (&str, Option<&str>) {
    let place = text.bytes().position(|byte| byte == character);
    let halves = place.and_then(|place| text.split_at_checked(place));
    halves.map_or((text, None), |(before, after)| (before, after.get(1..)))
}

/// Whether a parameter changes no code, so that it may come twice.
fn is_for_show(part: Part) -> bool {
    matches!(part, Part::Image | Part::Color | Part::Lock)
}
