use clap::Args;
use otp_uri::migration::{self, Account};
use zeroize::Zeroizing;

use super::Written;
use crate::failure::Failure;
use crate::output::Output;
use crate::output::picture::{self, PictureFiles};
use crate::usage::refuse;

/// The QR codes of an export, for apps to scan.
#[derive(Args, Debug)]
pub(crate) struct PagePictures {
    /// Show a QR code of each page of an export
    #[arg(long)]
    qr: bool,
    #[command(flatten)]
    files: PictureFiles,
}

impl PagePictures {
    /// Refuses these options for a form without pages.
    pub(super) fn refuse(&self, form: &str) -> Result<(), Failure> {
        refuse(form, &[("qr", self.qr)])?;
        self.files.refuse(form)
    }

    /// Writes the accounts as an export. If a file cannot be written, nothing is shown.
    pub(super) fn write(&self, accounts: &[Account], output: &mut Output) -> Result<(), Failure> {
        if accounts.is_empty() {
            return Ok(());
        }
        let mut id = [0; 4];
        otp_context::fill(&mut id)?;
        let pages = migration::write(accounts, i32::from_be_bytes(id));
        self.files.write_pages(&pages)?;
        let mut all = Ok(());
        for page in &pages {
            let qr = self.qr.then(|| picture::terminal_page(page));
            let qr = qr.transpose().unwrap_or_else(|failure| {
                // The page is still shown as text.
                all = Err(failure);
                None
            });
            self.show(page.reveal(), qr.as_ref(), output)?;
        }
        all
    }

    fn show(
        &self,
        uri: &str,
        qr: Option<&Zeroizing<String>>,
        output: &mut Output,
    ) -> Result<(), Failure> {
        if output.is_json() {
            let qr = qr.map(|qr| self.files.characters(qr));
            let qr = qr.as_ref().map(|qr| qr.as_str());
            return output.object(&Written { uri: Some(uri), qr, ..Written::default() });
        }
        output.text(uri)?;
        qr.map_or(Ok(()), |qr| self.files.show(qr, output))
    }
}
