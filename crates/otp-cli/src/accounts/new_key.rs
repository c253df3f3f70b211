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
    /// Who the account is with
    #[arg(long, value_name = "NAME")]
    issuer: Option<String>,
    #[command(flatten)]
    kind: KindOptions,
    /// Length of the key, 16 to 128 [default: that of the algorithm's hash]
    #[arg(long, value_name = "N", value_parser = bytes, allow_negative_numbers = true)]
    bytes: Option<usize>,
    /// Show a QR code
    #[arg(long)]
    qr: bool,
    #[command(flatten)]
    files: PictureFiles,
}

impl NewKey {
    /// Makes a credential with a key from the operating system's entropy.
    pub(crate) fn make(&self, account: &str) -> Result<KeyUri, Failure> {
        let kind = self.kind.kind()?;
        let mut label = Label::new(account)?;
        if let Some(issuer) = &self.issuer {
            label = label.with_issuer(issuer)?;
        }
        let secret = self.secret(&kind)?;
        Ok(KeyUri::new(label, secret, kind)?)
    }

    /// Whether an option says what the credential is, and not only how it is shown.
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

    /// Makes the QR codes that were asked for, and writes those for files: all, or nothing.
    pub(crate) fn draw(&self, uri: &KeyUri) -> Result<Drawn<'_>, Failure> {
        let qr = if self.qr { Some(picture::terminal(uri)?) } else { None };
        Ok(Drawn { qr, written: self.files.write(uri)?, files: &self.files })
    }
}

/// The QR codes of a new credential, made before it is kept, so that none is kept and then not
/// shown.
pub(crate) struct Drawn<'a> {
    qr: Option<Zeroizing<String>>,
    written: Written,
    files: &'a PictureFiles,
}

impl Drawn<'_> {
    /// Removes the files again.
    pub(crate) fn take_back(self) {
        self.written.remove();
    }

    /// Shows the credential.
    ///
    /// `outcome` is what became of it, if anything did.
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
    /// What was odd about one that there was already.
    #[serde(flatten)]
    besides: Besides,
}
