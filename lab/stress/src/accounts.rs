//! The cost of a log-in by account and by recovery code, beside that by the name of a credential, in
//! turns. Credentials are HOTP, which compare more counters than TOTP.

use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use otp_store::{RecoveryVerdict, Verdict, Verifier};
use serde_json::json;

use crate::arguments::Arguments;
use crate::database::Handle;
use crate::phone::{Phone, recovery_codes, unlimited, verifier};
use crate::turn::median;

const NAMES: [&str; 6] = ["", "b", "c", "d", "e", "f"];

/// A user who logs in one way.
enum Way {
    Name,
    Account,
    Recovery,
}

struct User {
    way: Way,
    phone: Phone,
    next: u64,
    codes: Vec<String>,
}

pub fn run(arguments: &Arguments) -> Result<()> {
    let rounds: usize = arguments.get("rounds", 20)?;
    let logins: usize = arguments.get("logins", 300)?;
    let verifier = verifier(arguments.database.open()?, unlimited())?;
    let mut users = [
        User::new(&verifier, Way::Name, "name-one", 1)?,
        User::new(&verifier, Way::Account, "account-one", 1)?,
        User::new(&verifier, Way::Account, "account-six", NAMES.len())?,
        User::new(&verifier, Way::Recovery, "recovery", 1)?,
    ];
    let (mut times, mut ratios) = ([const { Vec::new() }; 4], [const { Vec::new() }; 3]);
    // The first round warms the caches. The order alternates.
    for round in 0..=rounds {
        let mut turn = [0.0; 4];
        for place in 0..users.len() {
            let place = if round % 2 == 0 { place } else { users.len() - 1 - place };
            turn[place] = users[place].turn(&verifier, logins)?;
        }
        if round > 0 {
            let [name, one, six, recovery] = turn;
            for (all, ratio) in ratios.iter_mut().zip([one / name, six / one, recovery / name]) {
                all.push(ratio);
            }
            for (all, time) in times.iter_mut().zip(turn) {
                all.push(time);
            }
        }
    }
    let ([one, six, recovery], micros) = (ratios.map(median), times.map(median));
    println!(
        "{}",
        json!({
            "trial": "accounts", "store": arguments.database.name(), "rounds": rounds,
            "logins": logins, "account_to_name": one, "six_to_one": six,
            "recovery_to_name": recovery, "name_us": micros[0], "account_us": micros[1],
            "six_us": micros[2], "recovery_us": micros[3],
        })
    );
    Ok(())
}

impl User {
    /// Enrols that many credentials. The user has the last.
    fn new(verifier: &Verifier<Handle>, way: Way, account: &str, count: usize) -> Result<Self> {
        for name in &NAMES[..count] {
            Phone::named(account, name)?.enroll(verifier)?;
        }
        let phone = Phone::named(account, NAMES[count - 1])?;
        Ok(Self { way, phone, next: 1, codes: Vec::new() })
    }

    /// Logs in that many times. Returns the median time in microseconds.
    fn turn(&mut self, verifier: &Verifier<Handle>, logins: usize) -> Result<f64> {
        let mut times = Vec::new();
        for _ in 0..logins {
            let typed = self.code(verifier)?;
            let begin = Instant::now();
            let verdict = match self.way {
                Way::Name => verifier.verify(&self.phone.id, &typed)?,
                Way::Account => verifier.verify_account(self.phone.id.account(), &typed)?,
                Way::Recovery => {
                    let verdict = verifier.recover(self.phone.id.account(), &typed)?;
                    times.push(begin.elapsed().as_secs_f64() * 1e6);
                    ensure!(matches!(verdict, RecoveryVerdict::Accepted(_)), "{verdict:?}");
                    continue;
                }
            };
            times.push(begin.elapsed().as_secs_f64() * 1e6);
            let Verdict::Accepted(accepted) = verdict else { bail!("{verdict:?}") };
            // A later counter can have the same code.
            let own = accepted.id() == &self.phone.id;
            self.next = if own { accepted.counter() } else { self.next } + 1;
        }
        Ok(median(times))
    }

    /// Returns the next code, and makes new recovery codes after ten.
    fn code(&mut self, verifier: &Verifier<Handle>) -> Result<String> {
        if !matches!(self.way, Way::Recovery) {
            return Ok(self.phone.code(self.next));
        }
        if self.codes.is_empty() {
            self.codes = recovery_codes(verifier, self.phone.id.account())?;
        }
        self.codes.pop().context("an empty set")
    }
}
