use std::error::Error;
use std::fs::{DirBuilder, File};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;

use otp_store::{ApplicationSecrets, OtpContext, Secret, Wallet};
use otp_store::{Sqlite, Store, Verifier, VerifierOptions};
use tempfile::NamedTempFile;

use crate::{App, database::Database};

/// Opens the folder with the wallet and the databases. The first start makes them, and says so.
pub fn open(folder: &Path, url: Option<&str>) -> Result<App, Box<dyn Error>> {
    let (wallet, database) = (folder.join("otp.wallet"), folder.join("app.db"));
    // This file is made last. So a first start that failed is tried again.
    let is_new = !database.exists();
    if is_new {
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.recursive(true).create(folder)?;
        if !wallet.exists() {
            // One random secret, as `otp wallet init` makes it.
            let mut secret = [0; 32];
            OtpContext::new().fill(&mut secret)?;
            let secret = Secret::new(&secret)?.reveal_hex();
            make(&wallet, &format!("{}\n1:{}\n", ApplicationSecrets::HEADING, secret.as_str()))?;
        }
    }
    // In an empty database no account has a second factor, so a later start makes none.
    let store: Box<dyn Store + Send + Sync> = match url {
        None if is_new => Box::new(Sqlite::create(folder.join("otp.db"))?),
        None => Box::new(Sqlite::open(folder.join("otp.db"))?),
        #[cfg(feature = "postgres")]
        Some(url) if url.starts_with("postgres") => Box::new(if is_new {
            otp_store::Blocking::open(otp_store::Postgres::create(url))?
        } else {
            otp_store::Blocking::open(otp_store::Postgres::connect(url))?
        }),
        #[cfg(feature = "redis")]
        Some(url) if url.starts_with("redis") => Box::new(if is_new {
            otp_store::Blocking::open(otp_store::Redis::create(url))?
        } else {
            otp_store::Blocking::open(otp_store::Redis::connect(url))?
        }),
        Some(_) => return Err("DATABASE_URL needs --features postgres or redis".into()),
    };
    let context = OtpContext::new().with_issuer("Example").with_wallet(Wallet::open(wallet)?);
    if is_new {
        make(&database, "")?;
        println!("Made {}. Without its otp.wallet no key opens: keep a copy.", folder.display());
    }
    let database = Arc::new(Database::open(&database)?);
    let (sender, events) = mpsc::channel();
    let otp = Verifier::new(store, context, VerifierOptions::new())?
        .with_events(move |event| drop(sender.send(event)));
    let audit = Arc::clone(&database);
    thread::spawn(move || events.iter().for_each(|event| audit.record(&event)));
    Ok(App { otp: Arc::new(otp), database })
}

/// Makes a file that only its owner can read, completely or not at all.
fn make(path: &Path, text: &str) -> Result<File, Box<dyn Error>> {
    let mut file = NamedTempFile::new_in(path.parent().unwrap_or(path))?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    Ok(file.persist_noclobber(path)?)
}
