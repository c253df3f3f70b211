use crate::error::{Error, ErrorKind};
use crate::finding::{FindingKind, Findings};
use crate::part::Part;

/// Reads ASCII digits after at most one plus sign, which a query may have decoded as a space.
pub(crate) fn number(text: &str, part: Part, findings: &mut Findings) -> Result<u64, Error> {
    let digits = match text.strip_prefix(['+', ' ']) {
        Some(digits) => {
            findings.add(FindingKind::Sign, part);
            digits
        }
        None => text,
    };
    if !is_number(digits) {
        return Err(Error::new(ErrorKind::Malformed, part));
    }
    if digits.len() > 1 && digits.starts_with('0') {
        findings.add(FindingKind::LeadingZeros, part);
    }
    // From here on, only the size can be wrong.
    digits.parse().map_err(|_| Error::new(ErrorKind::OutOfRange, part))
}

/// Returns whether a text is one or more ASCII digits.
pub(crate) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
