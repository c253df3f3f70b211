use std::error::Error;
use std::fs::{DirBuilder, OpenOptions};
use std::io::Write;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::thread;

use otp_store::{ApplicationSecrets, OtpContext, Secret, Wallet};
use otp_store::{Sqlite, Store, Verifier, VerifierOptions};

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
            make_wallet(&wallet)?;
        }
        println!("Made {}. Without its otp.wallet no key opens: keep a copy.", folder.display());
    }
    let store: Box<dyn Store + Send + Sync> = match url {
        None if is_new => Box::new(Sqlite::create(folder.join("otp.db"))?),
        None => Box::new(Sqlite::open(folder.join("otp.db"))?),
        #[cfg(feature = "postgres")]
        Some(url) if url.starts_with("postgres") => {
            Box::new(otp_store::Blocking::open(otp_store::Postgres::create(url))?)
        }
        #[cfg(feature = "redis")]
        Some(url) if url.starts_with("redis") => {
            Box::new(otp_store::Blocking::open(otp_store::Redis::create(url))?)
        }
        Some(_) => return Err("DATABASE_URL needs --features postgres or redis".into()),
    };
    let context = OtpContext::new().with_issuer("Example").with_wallet(Wallet::open(wallet)?);
    let database = Arc::new(Database::open(&database)?);
    let (sender, events) = mpsc::channel();
    let otp = Verifier::new(store, context, VerifierOptions::new())?
        .with_events(move |event| drop(sender.send(event)));
    let audit = Arc::clone(&database);
    thread::spawn(move || events.iter().for_each(|event| audit.record(&event)));
    Ok(App { otp: Arc::new(otp), database })
}

/// Makes a wallet with one random secret, as `otp wallet init` does.
fn make_wallet(path: &Path) -> Result<(), Box<dyn Error>> {
    let mut secret = [0; 32];
    OtpContext::new().fill(&mut secret)?;
    let secret = Secret::new(&secret)?.reveal_hex();
    let mut options = OpenOptions::new();
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.write(true).create_new(true).open(path)?;
    writeln!(file, "{}\n1:{}", ApplicationSecrets::HEADING, secret.as_str())?;
    Ok(file.sync_all()?)
}
