use core::fmt;

/// What an error or a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The text as a whole.
    Uri,
    /// The scheme: the text before the first colon.
    Scheme,
    /// User information or a port, beside the type.
    Authority,
    /// `totp`, `hotp` or `steam`; for an export, `offline`.
    Type,
    /// The path: an account, perhaps after an issuer and a colon.
    Label,
    /// The account's name.
    Account,
    /// The issuer, as parameter or before the account.
    Issuer,
    /// Parameters that are not known, or all of them.
    Parameters,
    /// The key.
    Secret,
    /// The hash.
    Algorithm,
    /// The number of digits.
    Digits,
    /// The seconds that a code lives.
    Period,
    /// The next counter.
    Counter,
    /// The form of the codes: `encoder=steam`.
    Encoder,
    /// The address of a picture.
    Image,
    /// A colour.
    Color,
    /// Whether the account is locked.
    Lock,
    /// An export's `data`.
    Data,
    /// An export's version.
    Version,
    /// A QR code.
    Qr,
}

impl Part {
    /// A stable name in lower case, for logs and JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Uri => "uri",
            Self::Scheme => "scheme",
            Self::Authority => "authority",
            Self::Type => "type",
            Self::Label => "label",
            Self::Account => "account",
            Self::Issuer => "issuer",
            Self::Parameters => "parameters",
            Self::Secret => "secret",
            Self::Algorithm => "algorithm",
            Self::Digits => "digits",
            Self::Period => "period",
            Self::Counter => "counter",
            Self::Encoder => "encoder",
            Self::Image => "image",
            Self::Color => "color",
            Self::Lock => "lock",
            Self::Data => "data",
            Self::Version => "version",
            Self::Qr => "qr",
        }
    }

    /// How many there are up to the last that is a parameter.
    pub(crate) const COUNT: usize = Self::Data as usize + 1;

    /// Every part that is a parameter of its own.
    pub(crate) const PARAMETERS: [Self; 11] = [
        Self::Secret,
        Self::Issuer,
        Self::Algorithm,
        Self::Digits,
        Self::Period,
        Self::Counter,
        Self::Encoder,
        Self::Image,
        Self::Color,
        Self::Lock,
        Self::Data,
    ];

    /// The part in a sentence, as a parameter where it is one.
    pub(crate) fn parameter(self) -> ParameterName {
        ParameterName(self)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Uri => "URI",
            Self::Qr => "QR code",
            part => part.name(),
        })
    }
}

/// Writes `digits parameter`, but `label`.
pub(crate) struct ParameterName(Part);

impl fmt::Display for ParameterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_parameter = Part::PARAMETERS.contains(&self.0);
        write!(f, "{}{}", self.0, if is_parameter { " parameter" } else { "" })
    }
}
