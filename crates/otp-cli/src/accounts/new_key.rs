use clap::Args;
use otp_core::Secret;
use otp_uri::{KeyUri, Label, OtpKind};
use serde::Serialize;
use zeroize::Zeroizing;

use crate::failure::Failure;
use crate::input::found::Besides;
use crate::input::kind_options::KindOptions;
use crate::input::number::bytes;
use crate::output::Output;
use crate::output::parameters::Parameters;
use crate::output::picture::{self, PictureFiles, Written};

/// The options of a new credential.
#[derive(Args, Debug, Default, PartialEq, Eq)]
pub(crate) struct NewKey {
    /// Issuer: the service that the account belongs to
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    #[command(flatten)]
    kind: KindOptions,
    /// Bytes of the key, 16 to 128 [default: as many as the algorithm's hash has]
    #[arg(long, value_name = "N", value_parser = bytes, allow_negative_numbers = true)]
    bytes: Option<usize>,
    /// Show a QR code
    #[arg(long)]
    qr: bool,
    #[command(flatten)]
    files: PictureFiles,
}

impl NewKey {
    /// Generates a credential with a key from the operating system's entropy.
    pub(crate) fn make(&self, account: &str) -> Result<KeyUri, Failure> {
        let kind = self.kind.kind()?;
        let mut label = Label::new(account)?;
        if let Some(issuer) = &self.issuer {
            label = label.with_issuer(issuer)?;
        }
        let secret = self.secret(&kind)?;
        Ok(KeyUri::new(label, secret, kind)?)
    }

    /// Returns whether an option describes the credential, and not only how to show it.
    pub(crate) fn says_what(&self) -> bool {
        self.issuer.is_some() || self.kind != KindOptions::default() || self.bytes.is_some()
    }

    fn secret(&self, kind: &OtpKind) -> Result<Secret, Failure> {
        let secret = match self.bytes {
            Some(bytes) => otp_context::new_secret(bytes),
            None => otp_context::new_secret(kind.algorithm().output_size()),
        };
        secret.map_err(Failure::from)
    }

    /// Makes the QR codes that were asked for, and writes their files: all, or none.
    pub(crate) fn draw(&self, uri: &KeyUri) -> Result<Drawn<'_>, Failure> {
        let qr = if self.qr { Some(picture::terminal(uri)?) } else { None };
        Ok(Drawn { qr, written: self.files.write(uri)?, files: &self.files })
    }
}

/// The QR codes of a new credential. They are made before it is stored: a credential that cannot be
/// shown is not stored.
pub(crate) struct Drawn<'a> {
    qr: Option<Zeroizing<String>>,
    written: Written,
    files: &'a PictureFiles,
}

impl Drawn<'_> {
    /// Removes the files.
    pub(crate) fn take_back(self) {
        self.written.remove();
    }

    /// Shows the credential, with an outcome if it was enrolled.
    pub(crate) fn show(
        &self,
        uri: &KeyUri,
        outcome: Option<&'static str>,
        besides: Besides,
        output: &mut Output,
    ) -> Result<(), Failure> {
        let text = Zeroizing::new(uri.to_string());
        if !output.is_json() {
            output.text(&text)?;
            return self.qr.as_ref().map_or(Ok(()), |qr| self.files.show(qr, output));
        }
        let qr = self.qr.as_ref().map(|qr| self.files.characters(qr));
        output.object(&Fields {
            outcome,
            uri: &text,
            kind: uri.kind().name(),
            issuer: uri.label().issuer(),
            account: uri.label().account(),
            parameters: Parameters::of(*uri.kind()),
            secret_base32: uri.secret().reveal_base32().as_str(),
            qr: qr.as_ref().map(|qr| qr.as_str()),
            besides,
        })
    }
}

/// A new credential as `--json` shows it.
#[derive(Serialize)]
struct Fields<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    outcome: Option<&'static str>,
    uri: &'a str,
    #[serde(rename = "type")]
    kind: &'static str,
    issuer: Option<&'a str>,
    account: &'a str,
    #[serde(flatten)]
    parameters: Parameters,
    secret_base32: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    qr: Option<&'a str>,
    /// The findings about a credential that was imported.
    #[serde(flatten)]
    besides: Besides,
}
