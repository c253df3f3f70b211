use alloc::string::String;
use alloc::vec::Vec;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorKind};
use crate::escape::{Plus, check, decode};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;

/// The known parameters of a query, decoded. There is at most one of each.
pub(crate) struct Parameters(Vec<(Part, Zeroizing<String>)>);

impl Parameters {
    /// Reads those parameters of a query that are in `known`.
    pub(crate) fn read(
        query: Option<&str>,
        known: &[Part],
        plus: Plus,
        findings: &mut Findings,
    ) -> Result<Self, Error> {
        let mut parameters = Self(Vec::with_capacity(known.len()));
        for pair in query.into_iter().flat_map(|query| query.split('&')) {
            parameters.pair(pair, known, plus, findings)?;
        }
        Ok(parameters)
    }

    fn pair(
        &mut self,
        pair: &str,
        known: &[Part],
        plus: Plus,
        findings: &mut Findings,
    ) -> Result<(), Error> {
        let (raw_name, value) = match pair.split_once('=') {
            Some((name, value)) if !name.is_empty() => (name, value),
            _ => {
                findings.add(FindingKind::StrayText, Part::Parameters);
                return check(pair, Part::Parameters);
            }
        };
        let decoded;
        let name = if raw_name.contains('%') {
            decoded = decode(raw_name, Plus::Itself, Part::Parameters, findings)?;
            decoded.as_str()
        } else {
            raw_name
        };
        let part = known.iter().copied().find(|part| part.name().eq_ignore_ascii_case(name));
        let Some(part) = part else {
            let lost = name.get(..4).is_some_and(|head| head.eq_ignore_ascii_case("amp;"));
            let kind =
                if lost { FindingKind::EscapedAmpersand } else { FindingKind::UnknownParameter };
            findings.add(kind, Part::Parameters);
            return check(value, Part::Parameters);
        };
        if raw_name.contains('%') {
            findings.add(FindingKind::EscapedName, Part::Parameters);
        }
        if name != part.name() {
            findings.add(FindingKind::LetterCase, Part::Parameters);
        }
        let value = decode(value, plus, part, findings)?;
        if self.0.iter().all(|(other, _)| *other != part) {
            self.0.push((part, value));
        } else if is_for_show(part) {
            findings.add(FindingKind::Repeated, part);
        } else {
            return Err(Error::new(ErrorKind::Duplicate, part));
        }
        Ok(())
    }

    /// Takes a parameter's value out, if it is there.
    pub(crate) fn take(&mut self, part: Part) -> Option<Zeroizing<String>> {
        let place = self.0.iter().position(|(other, _)| *other == part)?;
        Some(self.0.swap_remove(place).1)
    }

    /// Takes a parameter's value out that means nothing when it is empty.
    pub(crate) fn take_filled(
        &mut self,
        part: Part,
        findings: &mut Findings,
    ) -> Option<Zeroizing<String>> {
        let value = self.take(part)?;
        if value.is_empty() {
            findings.add(FindingKind::EmptyValue, part);
            return None;
        }
        Some(value)
    }
}

/// Whether a parameter changes no code, so that it may come twice.
fn is_for_show(part: Part) -> bool {
    matches!(part, Part::Image | Part::Color | Part::Lock)
}
