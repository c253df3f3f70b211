//! What a log-in costs: beside two plain writes, by its other calls, and among many credentials.

use std::sync::Arc;
use std::thread;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail, ensure};
use otp_store::{CredentialId, RecoveryVerdict, Store, Verdict, Verifier};

use crate::database::{Database, Handle};
use crate::naive::Naive;
use crate::phone::{Phone, plain_verifier, recovery_codes, verifier};
use crate::turns::{Client, Side, compare};

const SIZES: [usize; 2] = [1000, 1_000_000];
/// The clients of a trial with many credentials.
const CLIENTS: usize = 8;
/// The names of an account's credentials.
const NAMES: [&str; 6] = ["", "b", "c", "d", "e", "f"];

/// Whole verifications, beside two writes of a number by the same client library: nothing that counts an
/// attempt first and spends a counter later can do with less.
pub fn throughput(database: &Database) -> Result<()> {
    for count in [1, 8, 64] {
        let verifier = Arc::new(verifier(database.open()?)?);
        let (mut logins, mut writes) = (Vec::new(), Vec::new());
        for number in 0..count {
            let phone = Phone::new(&format!("client-{number}"))?;
            phone.enroll(&verifier)?;
            let ids = vec![phone.id.clone()];
            logins.push(login(&verifier, phone, ids));
            writes.push(two_writes(Naive::create(database)?, number + 1));
        }
        let sides = vec![Side::new("two writes", writes), Side::new("verify", logins)];
        compare(&format!("{count} clients"), sides)?;
    }
    Ok(())
}

/// The time of a verification with few credentials and with many.
pub fn growth(databases: [Database; 2]) -> Result<()> {
    let mut sides = Vec::new();
    for (database, (size, name)) in databases.iter().zip(SIZES.into_iter().zip(["few", "many"])) {
        let (verifier, phone) =
            (Arc::new(plain_verifier(database.open()?)?), Phone::new("template")?);
        phone.enroll(&verifier)?;
        let mut clients = Vec::new();
        for number in 0..CLIENTS {
            let own = (number..size).step_by(CLIENTS);
            let ids = own.map(|number| CredentialId::new(format!("crowd-{number}")));
            clients.push(ids.collect::<Result<Vec<_>, _>>()?);
        }
        copy(&verifier, &phone.id, &clients)?;
        let login = |ids| Ok(login(&verifier, Phone::new("template")?, ids));
        sides.push(Side::new(name, clients.into_iter().map(login).collect::<Result<_>>()?));
    }
    compare("growth", sides)
}

/// Copies a credential to all ids, from a thread for each client.
fn copy(
    verifier: &Verifier<Handle>,
    id: &CredentialId,
    clients: &[Vec<CredentialId>],
) -> Result<()> {
    let entry = verifier.store().find(id)?.context("no credential")?;
    let insert = |ids: &[CredentialId]| {
        ids.iter().try_for_each(|id| {
            ensure!(verifier.store().insert(id, &entry)?, "{id:?} is there");
            Ok(())
        })
    };
    thread::scope(|scope| {
        let threads = clients.iter().map(|ids| scope.spawn(|| insert(ids)));
        let threads: Vec<_> = threads.collect();
        let mut ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended.try_for_each(|ended| ended.map_err(|_| anyhow!("a thread panicked"))?)
    })
}

/// Log-ins by account and by recovery code, beside that by the name of a credential. Credentials are
/// HOTP, which compare more counters than TOTP.
pub fn accounts(database: &Database) -> Result<()> {
    let verifier = Arc::new(verifier(database.open()?)?);
    let mut sides = Vec::new();
    for (way, names) in
        [("name", &NAMES[..1]), ("account", &NAMES[..1]), ("account of six", &NAMES[..])]
    {
        let account = way.replace(' ', "-");
        for name in names {
            Phone::named(&account, name)?.enroll(&verifier)?;
        }
        // The user has the last.
        let phone = Phone::named(&account, names[names.len() - 1])?;
        let ids = vec![phone.id.clone()];
        let client = match way {
            "name" => login(&verifier, phone, ids),
            _ => login_by_account(&verifier, phone),
        };
        sides.push(Side::new(way, vec![client]));
    }
    sides.push(Side::new("recovery code", vec![recovery(&verifier, Phone::new("recovery")?)]));
    compare("log-in", sides)
}

/// A user of one account or many, in scattered order, each as often as any other.
fn login(verifier: &Arc<Verifier<Handle>>, phone: Phone, ids: Vec<CredentialId>) -> Client {
    let (verifier, mut next, mut turns) = (Arc::clone(verifier), vec![1; ids.len()], 0_usize);
    Box::new(move || {
        turns = turns.wrapping_add(0x9e37_79b9);
        let place = turns % ids.len();
        let typed = phone.code(next[place]);
        let begin = Instant::now();
        let verdict = verifier.verify(&ids[place], &typed)?;
        let time = begin.elapsed();
        let Verdict::Accepted(accepted) = verdict else { bail!("{verdict:?}") };
        next[place] = accepted.counter() + 1;
        Ok(time)
    })
}

fn login_by_account(verifier: &Arc<Verifier<Handle>>, phone: Phone) -> Client {
    let (verifier, mut next) = (Arc::clone(verifier), 1);
    Box::new(move || {
        let typed = phone.code(next);
        let begin = Instant::now();
        let verdict = verifier.verify_account(phone.id.account(), &typed)?;
        let time = begin.elapsed();
        let Verdict::Accepted(accepted) = verdict else { bail!("{verdict:?}") };
        // A later counter can have the same code, also of another credential.
        let own = accepted.id() == &phone.id;
        next = if own { accepted.counter() } else { next } + 1;
        Ok(time)
    })
}

fn recovery(verifier: &Arc<Verifier<Handle>>, phone: Phone) -> Client {
    let (verifier, mut codes) = (Arc::clone(verifier), Vec::new());
    Box::new(move || {
        if codes.is_empty() {
            codes = recovery_codes(&verifier, phone.id.account())?;
        }
        let code = codes.pop().context("an empty set")?;
        let begin = Instant::now();
        let verdict = verifier.recover(phone.id.account(), &code)?;
        let time = begin.elapsed();
        ensure!(matches!(verdict, RecoveryVerdict::Accepted(_)), "{verdict:?}");
        Ok(time)
    })
}

fn two_writes(mut naive: Naive, key: i64) -> Client {
    let mut value = 0;
    Box::new(move || {
        let begin = Instant::now();
        for _ in 0..2 {
            value += 1;
            naive.write(key, value)?;
        }
        Ok(begin.elapsed())
    })
}
