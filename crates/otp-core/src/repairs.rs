use core::fmt;
use core::ops::{BitOr, BitOrAssign};

/// A set of repairs to a key's text.
///
/// [`base32::decode`](crate::base32::decode) returns the repairs that it made, and its caller says
/// beforehand which it may make. Two such sets are in use:
///
/// | Repair | [`TYPED`](Self::TYPED) | [`URI`](Self::URI) |
/// |---|---|---|
/// | [`CASE`](Self::CASE) | yes | yes |
/// | [`SEPARATORS`](Self::SEPARATORS) | yes | yes |
/// | [`WHITESPACE`](Self::WHITESPACE) | yes | no |
/// | [`PADDING`](Self::PADDING) | yes | yes |
/// | [`STRAY_PADDING`](Self::STRAY_PADDING) | yes | yes |
/// | [`TYPOS`](Self::TYPOS) | yes | no |
/// | [`BITS`](Self::BITS) | yes | yes |
/// | [`LENGTH`](Self::LENGTH) | no | yes |
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Repairs(u8);

impl Repairs {
    /// No repair: the canonical form only. Hex may be in either case.
    pub const NONE: Self = Self(0);
    /// Base32 letters in lower case; hex has no such repair.
    pub const CASE: Self = Self(1);
    /// Spaces and hyphens ignored.
    pub const SEPARATORS: Self = Self(1 << 1);
    /// Other Unicode white space ignored.
    pub const WHITESPACE: Self = Self(1 << 2);
    /// Padding of the right length at the end (RFC 4648 § 6).
    pub const PADDING: Self = Self(1 << 3);
    /// A wrong number of equals signs at the end. A letter after one is never read.
    pub const STRAY_PADDING: Self = Self(1 << 4);
    /// `8` read as `B` and `0` as `O`.
    pub const TYPOS: Self = Self(1 << 5);
    /// Bits after the last whole byte that are not zero, dropped.
    pub const BITS: Self = Self(1 << 6);
    /// A last letter that adds no whole byte, dropped.
    pub const LENGTH: Self = Self(1 << 7);

    /// For keys that people type or paste.
    pub const TYPED: Self = Self(0x7f);
    /// For the `secret` of a URI. Reading `8` and `0` as letters would hide a damaged URI.
    pub const URI: Self = Self(0xdb);
    /// Every repair.
    pub const ALL: Self = Self(0xff);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::CASE, "case"),
        (Self::SEPARATORS, "separators"),
        (Self::WHITESPACE, "white space"),
        (Self::PADDING, "padding"),
        (Self::STRAY_PADDING, "stray padding"),
        (Self::TYPOS, "typing errors"),
        (Self::BITS, "unused bits"),
        (Self::LENGTH, "length"),
    ];

    /// Returns whether the set is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns whether every repair of the other set is in this one.
    #[must_use]
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Returns the repairs that are not in the other set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns the name of each repair in the set.
    pub fn names(self) -> impl Iterator<Item = &'static str> {
        Self::NAMES.into_iter().filter(move |(kind, _)| self.contains(*kind)).map(|(_, name)| name)
    }

    /// The repair that ignores a character between the letters of a key.
    pub(crate) fn separator(character: char) -> Option<Self> {
        match character {
            ' ' | '-' => Some(Self::SEPARATORS),
            _ if character.is_whitespace() => Some(Self::WHITESPACE),
            _ => None,
        }
    }
}

impl BitOr for Repairs {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl BitOrAssign for Repairs {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl fmt::Debug for Repairs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.names()).finish()
    }
}
