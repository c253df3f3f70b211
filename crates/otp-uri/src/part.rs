use core::fmt;

/// The part of a URI that an error or a finding is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Part {
    /// The text as a whole.
    Uri,
    /// The scheme: the text before the first colon.
    Scheme,
    /// User information or a port, beside the type.
    Authority,
    /// The type: `totp`, `hotp` or `steam`; for an export, `offline`.
    Type,
    /// The path: an account, optionally after an issuer and a colon.
    Label,
    /// The account name.
    Account,
    /// The issuer, as a parameter or before the account.
    Issuer,
    /// Unknown parameters, or the parameters as a whole.
    Parameters,
    /// The key.
    Secret,
    /// The hash.
    Algorithm,
    /// The number of digits.
    Digits,
    /// The seconds that a code is valid.
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
    /// The `data` parameter of an export.
    Data,
    /// The version of an export.
    Version,
    /// A QR code.
    Qr,
}

impl Part {
    /// Returns a stable name in lower case, for logs and JSON.
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

    /// The number of parts up to the last one that is a parameter.
    pub(crate) const COUNT: usize = Self::Data as usize + 1;

    /// Every part that is a parameter.
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

    /// Returns the name of the part in a sentence, with the word `parameter` if it is one.
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

/// Writes `digits parameter` for a parameter, and `label` for another part.
pub(crate) struct ParameterName(Part);

impl fmt::Display for ParameterName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let is_parameter = Part::PARAMETERS.contains(&self.0);
        write!(f, "{}{}", self.0, if is_parameter { " parameter" } else { "" })
    }
}
