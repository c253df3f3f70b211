use alloc::vec::Vec;
use core::fmt;

use otp_core::{Repairs, Secret};

use crate::{Label, Part, label};

/// The fewest bytes of a key without a finding (RFC 4226 § 4, R6).
const SHORT_KEY: usize = 16;

/// A deviation that the reader tolerated: a [`FindingKind`] and a [`Part`], without the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Finding {
    kind: FindingKind,
    part: Part,
}

macro_rules! kinds {
    ($($(#[doc = $doc:literal])+ $name:ident: $code:literal, $strict:literal, $text:literal;)+) => {
        /// The kind of a [`Finding`].
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum FindingKind {
            $($(#[doc = $doc])+ $name,)+
        }

        impl FindingKind {
            /// All kinds.
            pub const ALL: &'static [Self] = &[$(Self::$name,)+];

            /// Returns a stable name in snake case, for logs and JSON.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)+
                }
            }

            /// Returns whether a conforming writer may cause it, in most parts.
            const fn is_conforming(self) -> bool {
                match self {
                    $(Self::$name => $strict,)+
                }
            }

            /// Returns the words that follow the name of the part in a sentence.
            const fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)+
                }
            }
        }
    };
}

kinds! {
    /// White space around the URI, trimmed.
    SurroundingSpace: "surrounding_space", false, "has white space around it";
    /// Tabs or line breaks inside the URI, dropped.
    LineBreak: "line_break", false, "has a tab or a line break, which was dropped";
    /// Letters in the other case.
    LetterCase: "letter_case", true, "has letters in the other case";
    /// A character that should have been percent-encoded, read as itself.
    RawCharacter: "raw_character", false, "has a character that should be percent-encoded";
    /// A name of a parameter written with percent escapes.
    EscapedName: "escaped_name", false, "has a name with percent escapes";
    /// Bytes that are not UTF-8, read as U+FFFD.
    NotUtf8: "not_utf8", false, "has bytes that are not UTF-8";
    /// A plus sign read as a space.
    PlusAsSpace: "plus_as_space", true, "has a plus sign, read as a space";
    /// A control character, which may change what a terminal shows.
    ControlCharacter: "control_character", true, "has a control character";
    /// A fragment at the end of the URI, dropped.
    Fragment: "fragment", false, "has a fragment, which was dropped";
    /// No label.
    NoLabel: "no_label", false, "is missing";
    /// A colon with no issuer before it.
    EmptyPrefix: "empty_prefix", false, "begins with a colon";
    /// No account: the label is missing, or ends with a colon.
    EmptyAccount: "empty_account", false, "is empty";
    /// A second colon in the label, or one in the issuer parameter.
    ExtraColon: "extra_colon", false, "has a colon too many";
    /// An issuer in the label that differs from the issuer parameter, which overrides it.
    PrefixDiffers: "prefix_differs", true, "differs from the one in the label";
    /// A parameter with an empty value, read as absent.
    EmptyValue: "empty_value", false, "is empty, read as absent";
    /// HOTP without a counter, read as 0.
    MissingCounter: "missing_counter", false, "is missing, read as 0";
    /// Text between two ampersands without a name and a value, ignored.
    StrayText: "stray_text", false, "has text without a name and a value";
    /// Parameters of unknown names, ignored.
    UnknownParameter: "unknown_parameter", true, "has unknown names, which were ignored";
    /// Ampersands escaped as in HTML or JSON, read as ampersands.
    EscapedAmpersand: "escaped_ampersand", false, "has ampersands escaped as in HTML or JSON, read as ampersands";
    /// A parameter without a meaning for this type, ignored.
    IgnoredParameter: "ignored_parameter", true, "has no meaning for this type, and was ignored";
    /// An unknown encoder, ignored.
    UnknownEncoder: "unknown_encoder", true, "is unknown, and the code may be written in another way";
    /// An ignored parameter whose value is not a number.
    NotANumber: "not_a_number", false, "is not a number, and was ignored";
    /// A parameter that only changes how the account is shown, kept in the result.
    KeptAside: "kept_aside", true, "was kept aside";
    /// A parameter that only changes how the account is shown, and appeared twice. The first was kept.
    Repeated: "repeated", true, "appeared twice and the first was kept";
    /// A number with a sign.
    Sign: "sign", false, "has a sign";
    /// A number with leading zeros.
    LeadingZeros: "leading_zeros", true, "has leading zeros";
    /// Another spelling of the algorithm's name, or `apple-otpauth` for the scheme.
    Spelling: "spelling", false, "has an unusual spelling";
    /// Spaces or hyphens in the key's text.
    Separators: "separators", false, "has spaces or hyphens";
    /// Padding after the key's text.
    Padding: "padding", true, "has padding";
    /// A wrong number of equals signs after the key's text.
    StrayPadding: "stray_padding", false, "has wrong padding";
    /// Bits after the last whole byte of the key that are not zero, dropped.
    UnusedBits: "unused_bits", false, "has bits after its last byte, which were dropped";
    /// A last letter of the key that adds no whole byte, dropped.
    UnusedLetter: "unused_letter", false, "has a last letter that adds no byte";
    /// The digits 0 and 8 in a typed key, read as the letters O and B.
    Typos: "typos", false, "has the digit 0 or 8, read as the letter O or B";
    /// A typed key in Base32 that could also be hexadecimal.
    MaybeHex: "maybe_hex", true, "could be hexadecimal, and was read as Base32";
    /// A key of fewer than 16 bytes (RFC 4226 § 4, R6).
    ShortKey: "short_key", true, "has fewer than 16 bytes";
    /// Codes of nine or ten digits, which are biased.
    BiasedDigits: "biased_digits", false, "is more than the 31 bits of a code fill evenly";
    /// Codes that are valid for more than two minutes.
    LongPeriod: "long_period", true, "is longer than two minutes";
    /// An export's version other than 0 and 1.
    UnknownVersion: "unknown_version", true, "is unknown";
    /// Base64 with spaces, read as plus signs that were lost.
    LostPlus: "lost_plus", false, "has spaces, read as plus signs";
    /// Base64 of the alphabet for URLs.
    UrlSafe: "url_safe", false, "has the alphabet for URLs";
    /// Steam Guard, which no specification of URIs has.
    SteamGuard: "steam_guard", false, "means Steam Guard";
}

impl FindingKind {
    /// Returns the finding of this kind in a part.
    pub(crate) const fn about(self, part: Part) -> Finding {
        Finding { kind: self, part }
    }
}

impl Finding {
    /// Returns the kind.
    #[must_use]
    pub const fn kind(self) -> FindingKind {
        self.kind
    }

    /// Returns a stable name in snake case, for logs and JSON.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.kind.code()
    }

    /// Returns the part.
    #[must_use]
    pub const fn part(self) -> Part {
        self.part
    }

    /// Returns whether a writer may cause it that conforms to the Key URI Format or to one of the two
    /// Internet-Drafts.
    #[must_use]
    pub const fn is_conforming(self) -> bool {
        match (self.kind, self.part) {
            // In the grammar, names are case-insensitive, and Base32 is not.
            (FindingKind::LetterCase, Part::Secret) => false,
            // In the grammar, digits are a single character, and other numbers have any length.
            (FindingKind::LeadingZeros, Part::Digits) => false,
            // The grammar allows an empty issuer, and no other empty value.
            (FindingKind::EmptyValue, Part::Issuer) => true,
            (kind, _) => kind.is_conforming(),
        }
    }
}

/// Writes a sentence without capital letter and full stop, such as `secret has padding`.
impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.kind.text();
        let (verb, rest) = text.split_once(' ').unwrap_or((text, ""));
        let verb = match (verb, self.part) {
            ("has", Part::Parameters | Part::Digits) => "have",
            ("is", Part::Parameters | Part::Digits) => "are",
            _ => verb,
        };
        write!(f, "{} {verb} {rest}", self.part)
    }
}

/// The deviations that the reader tolerated. Each kind appears once for each part, so their number is
/// bounded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Findings(Vec<Finding>);

impl Findings {
    pub(crate) fn add(&mut self, kind: FindingKind, part: Part) {
        let finding = kind.about(part);
        if !self.0.contains(&finding) {
            self.0.push(finding);
        }
    }

    /// Adds the repairs of a key's text.
    pub(crate) fn add_repairs(&mut self, repairs: Repairs) {
        for (repair, kind) in [
            (Repairs::CASE, FindingKind::LetterCase),
            (Repairs::SEPARATORS, FindingKind::Separators),
            (Repairs::WHITESPACE, FindingKind::Separators),
            (Repairs::PADDING, FindingKind::Padding),
            (Repairs::STRAY_PADDING, FindingKind::StrayPadding),
            (Repairs::TYPOS, FindingKind::Typos),
            (Repairs::BITS, FindingKind::UnusedBits),
            (Repairs::LENGTH, FindingKind::UnusedLetter),
        ] {
            if repairs.contains(repair) {
                self.add(kind, Part::Secret);
            }
        }
    }

    /// Adds a finding for a short key.
    pub(crate) fn check_secret(&mut self, secret: &Secret) {
        if secret.len() < SHORT_KEY {
            self.add(FindingKind::ShortKey, Part::Secret);
        }
    }

    /// Adds findings for names that are empty or have control characters.
    pub(crate) fn check_label(&mut self, label: &Label, prefix: Option<&str>) {
        if label.account().is_empty() {
            self.add(FindingKind::EmptyAccount, Part::Account);
        }
        for (part, name) in [
            (Part::Account, Some(label.account())),
            (Part::Issuer, label.issuer()),
            (Part::Issuer, prefix),
        ] {
            if name.is_some_and(label::has_control) {
                self.add(FindingKind::ControlCharacter, part);
            }
        }
    }

    /// Returns the findings, in the order in which they were found.
    pub fn iter(&self) -> impl Iterator<Item = Finding> {
        self.0.iter().copied()
    }

    /// Returns whether there is a finding of this kind in any part.
    #[must_use]
    pub fn contains(&self, kind: FindingKind) -> bool {
        self.iter().any(|finding| finding.kind == kind)
    }

    /// Returns whether there is no finding.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the number of findings.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Returns the first finding that a conforming writer does not cause.
    pub(crate) fn nonconforming(&self) -> Option<Finding> {
        self.iter().find(|finding| !finding.is_conforming())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;
    use alloc::vec::Vec;

    use super::FindingKind;
    use crate::Part;

    /// The README's table has the strict reader's verdict for each kind in each part.
    #[test]
    fn readme_table_agrees_with_the_strict_reader() {
        use Part::{Account, Authority, Label, Parameters, Scheme, Type, Uri, Version};
        let others = [Uri, Scheme, Authority, Type, Label, Account, Parameters, Version];
        let parts: Vec<_> = others.into_iter().chain(Part::PARAMETERS).collect();
        let mut count = 0;
        for kind in FindingKind::ALL {
            let lines = include_str!("../README.md").lines();
            let mut rows = lines.filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
            let (_, row) = rows.find(|(code, _)| *code == kind.code()).unwrap();
            let cells: Vec<_> = row.trim_end_matches('|').split(" | ").map(str::trim).collect();
            for name in cells[0].split(", ") {
                let found: Vec<_> = match name {
                    "any parameter" => Part::PARAMETERS.into(),
                    name => parts.iter().copied().filter(|part| part.to_string() == name).collect(),
                };
                assert!(!found.is_empty(), "{name}");
                for part in found {
                    let expected = match cells[2] {
                        "yes" => true,
                        "no" => false,
                        "yes, but not in the secret" => part != Part::Secret,
                        "yes, but not in digits" => part != Part::Digits,
                        "only the issuer" => part == Part::Issuer,
                        // Exports have no strict reader.
                        "" => continue,
                        other => unreachable!("{other}"),
                    };
                    count += 1;
                    assert_eq!(kind.about(part).is_conforming(), expected, "{row}");
                }
            }
        }
        assert!(count > 60, "{count}");
    }

    #[test]
    fn verb_agrees_with_the_part() {
        for (kind, part, begin) in [
            (FindingKind::IgnoredParameter, Part::Digits, "digits have no meaning for this type"),
            (FindingKind::IgnoredParameter, Part::Period, "period has no meaning for this type"),
            (FindingKind::EmptyValue, Part::Digits, "digits are empty, read as absent"),
            (FindingKind::EmptyValue, Part::Issuer, "issuer is empty, read as absent"),
        ] {
            let text = kind.about(part).to_string();
            assert!(text.starts_with(begin), "{text}");
        }
    }
}
