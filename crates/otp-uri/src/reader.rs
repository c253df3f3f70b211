mod otp_kind;

use alloc::string::String;

use otp_core::{Repairs, Secret};

use self::otp_kind::Type;
use crate::error::{Error, ErrorKind};
use crate::escape::{Plus, decode};
use crate::finding::{FindingKind, Findings};
use crate::label;
use crate::parameters::Parameters;
use crate::part::Part;
use crate::source::Source;
use crate::{KeyUri, Label, ParsedUri, second};

const KNOWN: &[Part] = &[
    Part::Secret,
    Part::Issuer,
    Part::Algorithm,
    Part::Digits,
    Part::Period,
    Part::Counter,
    Part::Encoder,
    Part::Image,
    Part::Color,
    Part::Lock,
];

/// Reads a URI of any dialect.
pub(crate) fn read(text: &str) -> Result<ParsedUri, Error> {
    let mut findings = Findings::default();
    let source = Source::new(text, &mut findings)?;
    let (scheme, rest) = source.split()?;
    let is = |name: &str| scheme.eq_ignore_ascii_case(name);
    if scheme.bytes().any(|byte| byte.is_ascii_uppercase()) {
        findings.add(FindingKind::LetterCase, Part::Scheme);
    }
    let apple = is("apple-otpauth");
    if apple {
        // Apple's scheme has the same form. Its name opens only Apple's app.
        findings.add(FindingKind::Spelling, Part::Scheme);
    }
    if apple || is("otpauth") {
        otpauth(&source, findings)
    } else if is("steam") {
        bare_steam(rest, findings)
    } else if is("motp") {
        Err(Error::new(ErrorKind::Unsupported, Part::Scheme))
    } else if is("otpauth-migration") {
        Err(Error::new(ErrorKind::Export, Part::Uri))
    } else {
        Err(Error::new(ErrorKind::Unknown, Part::Scheme))
    }
}

/// Reads `otpauth://TYPE/LABEL?PARAMETERS`.
fn otpauth(source: &Source<'_>, mut findings: Findings) -> Result<ParsedUri, Error> {
    let url = source.url()?;
    let kind = Type::read(url.host_str().unwrap_or_default(), &mut findings)?;
    let mut known = Parameters::default();
    known.read(source.query(), KNOWN, Plus::Space, &mut findings)?;
    let issuer = known.get(Part::Issuer);
    let (label, prefix) = of_label(url.path(), issuer, &mut findings)?;
    let text = known.get(Part::Secret).ok_or(Error::new(ErrorKind::Missing, Part::Secret))?;
    let secret = of_secret(text, &mut findings)?;
    let kind = otp_kind::read(kind, label.issuer(), &known, &mut findings)?;
    let mut aside = |part| {
        let value = known.get(part)?;
        findings.add(FindingKind::KeptAside, part);
        Some(String::from(value))
    };
    let (image, color, lock) = (aside(Part::Image), aside(Part::Color), aside(Part::Lock));
    let uri = KeyUri::new(label, secret, kind)?;
    Ok(ParsedUri { uri, findings, prefix, image, color, lock })
}

/// Reads `steam://SECRET`, which is not a URL: the key is in the place of the host.
fn bare_steam(rest: &str, mut findings: Findings) -> Result<ParsedUri, Error> {
    let raw = rest.strip_prefix("//").ok_or(Error::new(ErrorKind::Malformed, Part::Uri))?;
    let raw = raw.strip_suffix('/').unwrap_or(raw);
    if raw.contains(['/', '?', '@', ':']) {
        return Err(Error::new(ErrorKind::Malformed, Part::Uri));
    }
    let text = decode(raw, Plus::Itself, Part::Secret, &mut findings)?;
    let secret = of_secret(&text, &mut findings)?;
    findings.add(FindingKind::SteamGuard, Part::Scheme);
    let uri = KeyUri::new(Label::read("", None), secret, otp_kind::steam()?)?;
    Ok(ParsedUri { uri, findings, prefix: None, image: None, color: None, lock: None })
}

/// Reads the label. Returns it and the issuer in it.
fn of_label(
    path: &str,
    issuer: Option<&str>,
    findings: &mut Findings,
) -> Result<(Label, Option<String>), Error> {
    let raw = path.strip_prefix('/').unwrap_or(path);
    let text = decode(raw, Plus::Itself, Part::Label, findings)?;
    let issuer_name = issuer.and_then(label::name);
    let (prefix, account) = label::split(&text, issuer_name);
    let prefix_name = prefix.and_then(label::name);
    if prefix_name.is_some_and(second::is_in_name) {
        return Err(Error::new(ErrorKind::Several, Part::Issuer));
    }
    if text.is_empty() {
        findings.add(FindingKind::NoLabel, Part::Label);
    }
    if prefix.is_some() && prefix_name.is_none() {
        findings.add(FindingKind::EmptyPrefix, Part::Label);
    }
    if text.bytes().filter(|byte| *byte == b':').nth(1).is_some() {
        findings.add(FindingKind::ExtraColon, Part::Label);
    }
    if issuer_name.is_some_and(|name| name.contains(':')) {
        findings.add(FindingKind::ExtraColon, Part::Issuer);
    }
    match (issuer_name, prefix_name) {
        (Some(issuer), Some(prefix)) if issuer != prefix => {
            findings.add(FindingKind::PrefixDiffers, Part::Issuer);
        }
        (None, _) if issuer.is_some() => findings.add(FindingKind::EmptyValue, Part::Issuer),
        _ => {}
    }
    let label = Label::read(account, issuer_name.or(prefix_name));
    findings.check_label(&label, prefix_name);
    Ok((label, prefix_name.map(String::from)))
}

fn of_secret(text: &str, findings: &mut Findings) -> Result<Secret, Error> {
    let (secret, repairs) = Secret::read_base32(text, Repairs::URI)
        .map_err(|error| Error::core(error, Part::Secret))?;
    findings.add_repairs(repairs);
    findings.check_secret(&secret);
    Ok(secret)
}
