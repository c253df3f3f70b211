use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use clap::Args;
use otp_context::OtpContext;
use otp_context::wallet::{ApplicationSecrets, Tag, Wallet};
use otp_core::{Rejected, Totp, UnixTime, Window};
use otp_store::{CredentialId, Sqlite, Verdict};
use otp_uri::{Generator, KeyUri};
use serde::Serialize;
#[cfg(unix)]
use signal_hook::{
    consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM},
    iterator::Signals,
    low_level::emulate_default_handler,
};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::accounts::database::{self, AnyVerifier};
use crate::accounts::wallet_file;
use crate::failure::Failure;
use crate::input::time;
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::picture;
use crate::output::picture::PictureFiles;
use crate::output::verdict::VerdictOutput;

/// Show enrolment, logins and attacks on a temporary database
#[derive(Args, Debug)]
pub(crate) struct Demo;

const ACCOUNT: &str = "alice@example.com";

/// What to do after the demo.
const NEXT: &str = "\
The database is deleted. Next:
  otp enroll alice --qr    keep an account of your own, and scan its key
  otp watch key.txt        show the codes of your keys, as an app does
  otp help                 see every command
";

impl Demo {
    #[expect(clippy::unused_self, reason = "all commands have the same signature")]
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let (folder, is_ending) = folder().map_err(|error| Failure::io("demo", &error))?;
        let path = folder.path().join("otp.db");
        let told = Story::begin(path, output).and_then(|mut story| story.tell());
        // After a signal the folder is gone and the story fails. The signal then ends the process.
        while is_ending.load(Ordering::SeqCst) {
            thread::park();
        }
        let went_well = told?;
        folder.close().map_err(|error| Failure::io("demo", &error))?;
        if !output.is_json() {
            output.text(NEXT)?;
        }
        Ok(if went_well { Answer::Yes } else { Answer::No })
    }
}

/// A step of the story, as `--json` shows it.
#[derive(Serialize)]
struct Step<T: Serialize> {
    step: &'static str,
    #[serde(flatten)]
    rest: T,
}

#[derive(Serialize)]
struct Enrolled<'a> {
    outcome: &'static str,
    account: &'a str,
    uri: &'a str,
}

#[derive(Serialize)]
struct Shown<'a> {
    outcome: &'static str,
    qr: &'a str,
}

/// A server with its database, and a phone.
struct Story<'o> {
    output: &'o mut Output,
    path: PathBuf,
    id: CredentialId,
    context: OtpContext,
    verifier: AnyVerifier,
    phone: Totp,
    /// The start of a time step, so that the story is always the same.
    start: UnixTime,
    /// The time of the server's clock, in Unix seconds.
    clock: Arc<AtomicU64>,
    went_well: bool,
}

impl<'o> Story<'o> {
    /// Begins the story: the server enrols an account, and the phone reads its URI.
    fn begin(path: PathBuf, output: &'o mut Output) -> Result<Self, Failure> {
        let clock = Arc::new(AtomicU64::new(time::now()?.as_secs()));
        let shown = Arc::clone(&clock);
        let context = OtpContext::new()
            .with_issuer("Example")
            .with_wallet(wallet()?)
            .with_clock(move || Ok(UnixTime::from_secs(shown.load(Ordering::Relaxed))));
        let (id, verifier) = (CredentialId::new(ACCOUNT)?, open(&path, &context)?);
        let credential = context.new_totp(ACCOUNT)?;
        verifier.enroll(&id, &credential)?;
        let uri = credential.key_uri()?;

        let (text, qr) = (Zeroizing::new(uri.to_string()), picture::terminal(&uri)?);
        if output.is_json() {
            let rest = Enrolled { outcome: "pending", account: ACCOUNT, uri: &text };
            output.object(&Step { step: "enroll", rest })?;
            output.object(&Step { step: "qr", rest: Shown { outcome: "shown", qr: &qr } })?;
        } else {
            output.text(&format!(
                "One-time passwords, on a temporary database: {}\n\
                 The seconds are simulated: the demo does not wait.\n\
                 Counter: the number of a step of 30 s. Drift: how many steps a clock is off.\n\n\
                 The server makes a key for {ACCOUNT} and shows it as a QR code:\n\n",
                path.display()
            ))?;
            PictureFiles::default().show(&qr, output)?;
            output.text(&format!("\nThe QR code has this URI:\n\n  {}\n\n", text.as_str()))?;
        }

        let Generator::Totp(phone) = KeyUri::parse(&text)?.uri.generator() else {
            return Err(Failure::invalid("uri", "must be of type totp"));
        };
        let start = phone.generate(time::now()?).start();
        Ok(Self { output, path, id, context, verifier, phone, start, clock, went_well: true })
    }

    /// Tells the rest, and returns whether every outcome was as expected.
    fn tell(&mut self) -> Result<bool, Failure> {
        let code = self.code(5);
        self.attempt(
            "confirm",
            5,
            &code,
            "accepted",
            "The phone scans the QR code. Its first code confirms it",
        )?;

        let code = self.code(35);
        self.attempt(
            "verify",
            35,
            &code,
            "accepted",
            "Later, to log in, Alice types the code that the phone shows now",
        )?;

        // The spent counter is on disk, and not only in memory: a new verifier still refuses it.
        self.verifier = open(&self.path, &self.context)?;
        self.attempt(
            "replay",
            40,
            &code,
            "rejected",
            "An attacker has seen a code that was used, and types it again",
        )?;

        for (second, code) in (45..).zip(self.wrong_codes()) {
            self.attempt("guess", second, &code, "rejected", "An attacker guesses")?;
        }
        let code = self.code(65);
        self.attempt("throttled", 65, &code, "locked", "Even the right code is not compared now")?;
        self.attempt("verify", 77, &code, "accepted", "After the lock it is accepted")?;
        Ok(self.went_well)
    }

    /// Submits a code at a second of the story.
    fn attempt(
        &mut self,
        step: &'static str,
        second: u64,
        code: &str,
        expected: &'static str,
        told: &str,
    ) -> Result<(), Failure> {
        let now = self.start.saturating_add(second);
        self.clock.store(now.as_secs(), Ordering::Relaxed);
        let verdict = if step == "confirm" {
            self.verifier.confirm(&self.id, code)?
        } else {
            self.verifier.verify(&self.id, code)?
        };
        let outcome = match verdict {
            Verdict::Accepted(_) => "accepted",
            Verdict::Rejected(_) => "rejected",
            Verdict::Locked(_) => "locked",
        };
        self.went_well &= outcome == expected;
        let rest = VerdictOutput::of(&verdict, now);
        if self.output.is_json() {
            return self.output.object(&Step { step, rest });
        }
        let answer = if outcome == "accepted" { Answer::Yes } else { Answer::No };
        let text = self.output.verdict(answer, &rest.text(now));
        self.output.text(&format!("{second:>3} s  {told}: {code}\n       {text}\n\n"))
    }

    /// Returns the code that the phone shows at a second of the story.
    fn code(&self, second: u64) -> String {
        self.phone.generate(self.start.saturating_add(second)).code().text().to_string()
    }

    /// Returns three guesses that differ from all codes of the time around.
    fn wrong_codes(&self) -> Vec<String> {
        let now = self.start.saturating_add(45);
        let wrong = |text: &String| {
            let code = self.phone.parse(text);
            code.is_ok_and(|code| {
                self.phone.verify(code, now, Window::new(5, 5), 0) == Err(Rejected::Mismatch)
            })
        };
        (0..10).map(|digit: u32| digit.to_string().repeat(6)).filter(wrong).take(3).collect()
    }
}

/// Returns a wallet with an application secret that only this process knows.
fn wallet() -> Result<Wallet, Failure> {
    let tag: Tag = "demo".parse()?;
    Ok(Wallet::new(tag.clone(), &ApplicationSecrets::new().with(tag, wallet_file::secret()?)?)?)
}

fn open(path: &Path, context: &OtpContext) -> Result<AnyVerifier, Failure> {
    database::verifier(Box::new(Sqlite::create(path)?), context.clone())
}

/// Creates a folder with mode 0700. It is removed when it is dropped, and before a signal ends the
/// process.
fn folder() -> std::io::Result<(TempDir, Arc<AtomicBool>)> {
    #[cfg(unix)]
    let signals = Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM])?;
    let mut builder = tempfile::Builder::new();
    builder.prefix("otp-demo-");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    let (folder, is_ending) = (builder.tempdir()?, Arc::new(AtomicBool::new(false)));
    #[cfg(unix)]
    {
        let (path, is_ending) = (folder.path().to_owned(), Arc::clone(&is_ending));
        thread::Builder::new().spawn(move || clear(signals, &path, &is_ending))?;
    }
    Ok((folder, is_ending))
}

/// Removes the folder, then does what each signal does by default.
#[cfg(unix)]
fn clear(mut signals: Signals, folder: &Path, is_ending: &AtomicBool) {
    for signal in &mut signals {
        is_ending.store(true, Ordering::SeqCst);
        // The database may be creating a file in it at the same time.
        for _ in 0..100 {
            if std::fs::remove_dir_all(folder).is_ok() || !folder.exists() {
                break;
            }
        }
        let _ = emulate_default_handler(signal);
    }
}
