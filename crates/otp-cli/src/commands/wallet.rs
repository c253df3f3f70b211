pub(crate) mod check;
mod rotate;

use std::str::FromStr;

use clap::{Args, Subcommand};
use otp_context::wallet::Tag;
use serde::Serialize;

use crate::accounts::database::WalletFile;
use crate::accounts::wallet_file;
use crate::failure::Failure;
use crate::input::number::Bound;
use crate::output::Output;
use crate::output::answer::Answer;

/// Manage the wallet: the application secrets that encrypt keys
#[derive(Args, Debug)]
pub(crate) struct Wallet {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    Init(Init),
    Add(Add),
    Rotate(rotate::Rotate),
    Check(check::Check),
}

/// Create a wallet with a new application secret (mode 0600)
#[derive(Args, Debug)]
struct Init {
    #[command(flatten)]
    new: New,
}

/// Add a new application secret to the wallet, which encrypts from now on
#[derive(Args, Debug)]
struct Add {
    #[command(flatten)]
    new: New,
}

/// The options of a new application secret.
#[derive(Args, Debug)]
struct New {
    #[command(flatten)]
    wallet: WalletFile,
    /// Name of the secret [default: the date and four random characters]
    #[arg(long, value_name = "TAG", value_parser = tag)]
    tag: Option<Tag>,
}

#[derive(Serialize)]
struct Made<'a> {
    outcome: &'static str,
    tag: &'a str,
}

impl Wallet {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        match &self.action {
            Action::Init(Init { new }) => {
                new.wallet.make_room()?;
                let path = new.wallet.path()?;
                let tag = wallet_file::create(&path, new.tag.as_ref())?;
                show("created", &tag, output)?;
                output.note(&wallet_file::advice(&path));
            }
            Action::Add(Add { new }) => {
                let tag = wallet_file::add(&new.wallet.path()?, new.tag.as_ref(), output)?;
                show("added", &tag, output)?;
                output
                    .note("Keep a copy of the file. Next: otp wallet rotate re-encrypts the keys.");
            }
            Action::Rotate(rotate) => return rotate.run(output),
            Action::Check(check) => return check.run(output),
        }
        Ok(Answer::Yes)
    }
}

fn show(outcome: &'static str, tag: &Tag, output: &mut Output) -> Result<(), Failure> {
    if output.is_json() {
        output.object(&Made { outcome, tag: tag.as_str() })
    } else {
        output.text(&format!("{outcome}: tag {tag}"))
    }
}

fn tag(text: &str) -> Result<Tag, Bound> {
    Tag::from_str(text).map_err(|_| {
        Bound("must be 1 to 64 ASCII letters, digits, '_', '.' and '-', and begin with a letter or digit")
    })
}
