use std::io;
use std::path::PathBuf;

use clap::Args;
use otp_context::{Credential, OtpContext};
use otp_core::{Totp, UnixTime};
use otp_serde::{Imported, Input};
use otp_store::{CredentialId, Error};
use otp_uri::Generator;
use serde::Serialize;

use crate::accounts::damage;
use crate::accounts::database::{AnyVerifier, Sealed};
use crate::accounts::imported;
use crate::commands::code::Life;
use crate::commands::list::each;
use crate::commands::wallet::check::about_one;
use crate::failure::{Failure, FailureKind};
use crate::input::batches::Batches;
use crate::input::lines::Lines;
use crate::input::screen::{self, Screen};
use crate::input::{parse, time};
use crate::output::Output;
use crate::output::answer::Answer;
use crate::output::board::{Board, Row};
use crate::output::position::Position;

/// Show the codes of many accounts, as an authenticator app does
///
/// The accounts come from a file with a URI, an export or a record a line, or without a file from the
/// database. On a terminal the list stays until q or Ctrl-C. Elsewhere the codes are shown once.
/// Accounts with a counter are left out: showing their codes would use them up.
#[derive(Args, Debug)]
pub(crate) struct Watch {
    /// File, or - for stdin [default: the accounts of the database]
    file: Option<PathBuf>,
    /// Show the codes of this time, once: Unix seconds or RFC 3339
    #[arg(long, value_name = "TIME", value_parser = time::read, allow_negative_numbers = true)]
    time: Option<UnixTime>,
    #[command(flatten)]
    sealed: Sealed,
}

/// An account's code, as `--json` shows it.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    issuer: Option<&'a str>,
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    name: Option<&'a str>,
    code: &'a str,
    counter: u64,
    #[serde(flatten)]
    life: Life,
}

/// An account that is watched.
struct Watched {
    issuer: Option<String>,
    account: Option<String>,
    /// The name of the credential in the database, if it has one.
    name: Option<String>,
    totp: Totp,
}

/// The accounts that were found.
#[derive(Default)]
struct Found {
    watched: Vec<Watched>,
    /// The number of accounts with a counter.
    counters: u64,
}

impl Watch {
    pub(crate) fn run(&self, output: &mut Output) -> Result<Answer, Failure> {
        let mut found = Found::default();
        let answer = match &self.file {
            Some(file) => found.lines(Lines::argument(file)?, output)?,
            None => found.database(&self.sealed, output)?,
        };
        match found.counters {
            0 => {}
            1 => output.note("otp: left out 1 account with a counter"),
            more => output.note(&format!("otp: left out {more} accounts with a counter")),
        }
        if found.watched.is_empty() {
            let message = "no account has codes that change with time";
            return Err(Failure::new(FailureKind::NotFound, "account", message));
        }
        if output.is_json() {
            found.objects(self.now()?, output)?;
            return Ok(answer);
        }
        let board = Board::new(found.watched.into_iter().map(Watched::row).collect());
        if self.time.is_none() && screen::is_there() {
            watch(&board, output).map_err(|error| Failure::io("output", &error))?;
        } else {
            output.text(&board.text(self.now()?))?;
        }
        Ok(answer)
    }

    fn now(&self) -> Result<UnixTime, Failure> {
        self.time.map_or_else(time::now, Ok)
    }
}

/// Shows the codes of now, until the user ends it.
fn watch(board: &Board, output: &Output) -> io::Result<()> {
    let screen = Screen::new()?;
    let mut last = None;
    loop {
        let size = screen::size();
        let now = time::now().map_err(io::Error::other)?;
        // What an earlier size left behind is cleared.
        let clear = if last == Some(size) { "" } else { "\x1b[2J" };
        let frame = board.frame(now, size.unwrap_or((24, 80)), output);
        screen.draw(&format!("{clear}{frame}"))?;
        last = Some(size);
        if !screen.wait() {
            return Ok(());
        }
    }
}

impl Found {
    /// Reads a credential a line.
    fn lines(&mut self, mut lines: Lines, output: &mut Output) -> Result<Answer, Failure> {
        let (mut batches, mut answer) = (Batches::default(), Answer::Yes);
        while let Some(line) = lines.next()? {
            let position = Position::line(line.number);
            let input = line.text.and_then(|text| parse::any(text, false));
            answer = answer.and(match input {
                Ok(Input::Page(page)) => {
                    let mut all = Answer::Yes;
                    for (entry, account) in (1..).zip(page.accounts()) {
                        let account = account.map(Imported::from).map_err(Failure::from);
                        all = all.and(self.one(position.entry(entry), account, output)?);
                    }
                    batches.add(page);
                    all
                }
                input => self.one(position, input.and_then(parse::single), output)?,
            });
        }
        Ok(answer.and(batches.show(output)?))
    }

    /// Adds a credential of a file, or shows why it is refused.
    fn one(
        &mut self,
        position: Position,
        read: Result<Imported, Failure>,
        output: &mut Output,
    ) -> Result<Answer, Failure> {
        match read.and_then(|read| imported::credential(&read, &OtpContext::new())) {
            Ok(credential) => {
                let text = |text: Option<&str>| text.map(str::to_owned);
                let (issuer, account) = (text(credential.issuer()), text(credential.account()));
                self.add(issuer, account, None, &credential);
                Ok(Answer::Yes)
            }
            Err(failure) => position.refuse(failure, output),
        }
    }

    /// Reads every credential of the database.
    fn database(&mut self, sealed: &Sealed, output: &mut Output) -> Result<Answer, Failure> {
        let (verifier, mut answer) = (sealed.open()?, Answer::Yes);
        each(verifier.store(), |id| {
            if let Err(error) = self.stored(sealed, &verifier, id) {
                damage::show(id, &about_one(error)?, output)?;
                answer = Answer::No;
            }
            Ok(output.is_open())
        })?;
        Ok(answer)
    }

    fn stored(
        &mut self,
        sealed: &Sealed,
        verifier: &AnyVerifier,
        id: &CredentialId,
    ) -> Result<(), Error> {
        // It may have been removed meanwhile.
        let Some(entry) = verifier.store().find(id)? else { return Ok(()) };
        let credential = sealed.credential(verifier, id, &entry)?;
        let name = Some(id.name().to_owned()).filter(|name| !name.is_empty());
        let account = Some(id.account().as_str().to_owned());
        self.add(credential.issuer().map(str::to_owned), account, name, &credential);
        Ok(())
    }

    fn add(
        &mut self,
        issuer: Option<String>,
        account: Option<String>,
        name: Option<String>,
        credential: &Credential,
    ) {
        match Generator::new(credential.kind(), credential.secret()) {
            Generator::Totp(totp) => self.watched.push(Watched { issuer, account, name, totp }),
            Generator::Hotp(_) => self.counters = self.counters.saturating_add(1),
        }
    }

    fn objects(&self, now: UnixTime, output: &mut Output) -> Result<(), Failure> {
        for Watched { issuer, account, name, totp } in &self.watched {
            let counter = totp.counter_at(now);
            output.object(&Shown {
                issuer: issuer.as_deref(),
                account: account.as_deref(),
                name: name.as_deref(),
                code: totp.generate(now).code().text().as_str(),
                counter,
                life: Life::new(totp, counter, now),
            })?;
        }
        Ok(())
    }
}

impl Watched {
    fn row(self) -> Row {
        let account = self.account.unwrap_or_default();
        let account = match self.name {
            Some(name) => format!("{account} ({name})"),
            None => account,
        };
        Row::new(&self.issuer.unwrap_or_default(), &account, self.totp)
    }
}
