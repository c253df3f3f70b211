//! The remarks about a credential that was read.

use otp_uri::{Finding, FindingKind, Findings, OtpKind, Part};

/// Returns what was repaired or ignored, as far as a code may depend on it.
pub(crate) fn of_code(findings: &Findings) -> impl Iterator<Item = String> {
    let relevant = findings.iter().filter(|finding| {
        is_repair(*finding)
            || matches!(
                finding.kind(),
                FindingKind::IgnoredParameter
                    | FindingKind::UnknownParameter
                    | FindingKind::UnknownEncoder
                    | FindingKind::StrayText
                    | FindingKind::Fragment
                    | FindingKind::LongPeriod
            )
    });
    relevant.map(|finding| finding.to_string())
}

/// Returns what another form does not keep, and what was repaired.
pub(crate) fn of_form(findings: &Findings, kind: Option<&OtpKind>) -> impl Iterator<Item = String> {
    let repairs = findings.iter().filter(|finding| is_repair(*finding));
    losses(findings, kind).into_iter().chain(repairs.map(|finding| finding.to_string()))
}

/// Returns whether a value was read in another way than it is written, or was dropped.
fn is_repair(finding: Finding) -> bool {
    match finding.kind() {
        FindingKind::EmptyValue => finding.part() != Part::Issuer,
        FindingKind::LineBreak
        | FindingKind::NotUtf8
        | FindingKind::EscapedAmpersand
        | FindingKind::MissingCounter
        | FindingKind::Repeated
        | FindingKind::StrayPadding
        | FindingKind::UnusedBits
        | FindingKind::UnusedLetter
        | FindingKind::Typos
        | FindingKind::MaybeHex
        | FindingKind::UnknownVersion
        | FindingKind::LostPlus => true,
        _ => false,
    }
}

/// Returns the parts of a URI that no other form keeps: only their names, never their values.
fn losses(findings: &Findings, kind: Option<&OtpKind>) -> Option<String> {
    let is_steam = matches!(kind, Some(OtpKind::Steam));
    let parts = findings.iter().filter_map(|finding| match (finding.kind(), finding.part()) {
        (FindingKind::PrefixDiffers, _) => Some("issuer in the label"),
        // Steam Guard has a fixed length and period, so nothing is lost.
        (FindingKind::IgnoredParameter, Part::Digits | Part::Period) if is_steam => None,
        (
            FindingKind::KeptAside | FindingKind::IgnoredParameter | FindingKind::UnknownEncoder,
            part,
        ) => Some(part.name()),
        (FindingKind::UnknownParameter, _) => Some("unknown parameters"),
        (FindingKind::Fragment, _) => Some("fragment"),
        (FindingKind::StrayText, _) => Some("text that is not a parameter"),
        _ => None,
    });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| format!("left out: {}", parts.join(", ")))
}

/// Returns the codes of the findings, for `--json`.
pub(crate) fn codes(findings: &Findings) -> Vec<&'static str> {
    let mut codes = Vec::new();
    for finding in findings.iter() {
        if !codes.contains(&finding.code()) {
            codes.push(finding.code());
        }
    }
    codes
}
