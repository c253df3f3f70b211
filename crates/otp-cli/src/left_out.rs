use otp_uri::{FindingKind, Findings, Kind, Part};

/// Says what of a URI is kept in no other form: the names of its parts, never what stands in them.
pub(crate) fn of(findings: &Findings, kind: Option<&Kind>) -> Option<String> {
    let is_steam = matches!(kind, Some(Kind::Steam));
    let parts = findings.iter().filter_map(|finding| match (finding.kind(), finding.part()) {
        (FindingKind::PrefixDiffers, _) => Some("issuer in the label"),
        // It has one length and one period, whatever is said of them.
        (FindingKind::IgnoredParameter, Part::Digits | Part::Period) if is_steam => None,
        (FindingKind::KeptAside | FindingKind::IgnoredParameter, part) => Some(part.name()),
        (FindingKind::UnknownParameter, _) => Some("unknown parameters"),
        (FindingKind::EscapedAmpersand, _) => Some("parameters after an escaped ampersand"),
        (FindingKind::Fragment, _) => Some("fragment"),
        (FindingKind::StrayText, _) => Some("text that is no parameter"),
        _ => None,
    });
    let parts: Vec<_> = parts.collect();
    (!parts.is_empty()).then(|| format!("left out: {}", parts.join(", ")))
}
