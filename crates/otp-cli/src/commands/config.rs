use std::path::PathBuf;

use clap::Args;
use serde::Serialize;

use crate::accounts::config_file::{self, ConfigFile, Origin};
use crate::accounts::database::{Database, WalletFile};
use crate::failure::Failure;
use crate::output::Output;
use crate::output::answer::Answer;

/// Show the settings in force, and where each comes from
///
/// An option wins over the environment, and that over the file otp/config.toml in the user's
/// configuration directory. The file may set db and wallet. It must not hold a password.
#[derive(Args, Debug)]
pub(crate) struct Config {
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    wallet: WalletFile,
}

/// A setting, as `--json` shows it.
#[derive(Serialize)]
struct Setting {
    setting: &'static str,
    value: Option<String>,
    origin: Origin,
}

impl Setting {
    /// Returns the setting for people.
    fn text(&self) -> String {
        let mut text = format!("{:<6}", self.setting);
        if let Some(value) = &self.value {
            text.push_str(&format!("  {value:?}"));
        }
        if (self.setting, self.origin) != ("config", Origin::File) {
            text.push_str(&format!("  ({})", self.origin.text()));
        }
        text
    }
}

impl Config {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        // Reports a file that is not valid, even if options and environment win over it.
        ConfigFile::read()?;
        let is_there = config_file::existing()?.is_some();
        let (url, db_origin) = self.database.url()?;
        let wallet = match self.wallet.given()? {
            Some((path, origin)) => Some((path, origin)),
            // Only the default database has a default wallet.
            None if db_origin == Origin::Default => Some((self.wallet.path()?, Origin::Default)),
            None => None,
        };
        let shown = |path: PathBuf| path.display().to_string();
        let (wallet, origin) = wallet.unzip();
        for setting in [
            Setting {
                setting: "config",
                value: config_file::path().map(shown),
                origin: if is_there { Origin::File } else { Origin::Missing },
            },
            Setting { setting: "db", value: Some(url.shown()), origin: db_origin },
            Setting {
                setting: "wallet",
                value: wallet.map(shown),
                origin: origin.unwrap_or(Origin::Missing),
            },
        ] {
            if output.is_json() {
                output.object(&setting)?;
            } else {
                output.text(&setting.text())?;
            }
        }
        Ok(Answer::Yes)
    }
}
