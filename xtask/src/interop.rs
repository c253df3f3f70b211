//! URIs to and from other projects: PyOTP, and the package otpauth of npm; and pictures of them to
//! zbarimg.

mod peer;
mod picture;
mod trial;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::arguments::Arguments;
use crate::interop::peer::{PEERS, Peer};
use crate::interop::trial::Trial;
use crate::random::Random;
use crate::workspace::Workspace;

/// Exchanges random credentials with other projects, in both directions, and shows one pictures.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let cases = arguments.option("--cases")?.unwrap_or(500_usize);
    let seed = arguments.option("--seed")?.unwrap_or_else(Random::seed);
    arguments.end()?;
    ensure!(cases > 0, "no cases");
    println!("cargo xtask interop --cases {cases} --seed {seed}");
    for peer in &PEERS {
        let exchange = Exchange::new(peer, cases, &mut Random::new(seed))?;
        let mut answers = peer.ask(workspace, &exchange.questions()?)?;
        exchange.compare(&answers).with_context(|| format!("{} differs", peer.name))?;
        println!("{cases} URIs read by {0}, {cases} read from it, codes compared", peer.name);
        exchange.notices_changes(&mut answers)?;
    }
    picture::run(workspace)
}

/// Credentials that a peer reads from us, and those that we read from it.
struct Exchange {
    ours: Vec<Trial>,
    theirs: Vec<Trial>,
}

impl Exchange {
    fn new(peer: &Peer, cases: usize, random: &mut Random) -> Result<Self> {
        let mut trials =
            |passes| (0..cases).map(|_| Trial::random(random, peer, passes)).collect::<Result<_>>();
        Ok(Self { ours: trials(peer.can_read)?, theirs: trials(peer.can_write)? })
    }

    fn questions(&self) -> Result<Vec<Value>> {
        let read = self.ours.iter().map(|trial| Ok(trial.to_read()));
        read.chain(self.theirs.iter().map(Trial::to_write)).collect()
    }

    /// Refuses an answer that is not what we say.
    fn compare(&self, answers: &[Value]) -> Result<()> {
        let (read, written) =
            answers.split_at_checked(self.ours.len()).context("too few answers")?;
        ensure!(written.len() == self.theirs.len(), "not one answer for each question");
        for (trial, answer) in self.ours.iter().zip(read) {
            trial.check_read(answer)?;
        }
        for (trial, answer) in self.theirs.iter().zip(written) {
            trial.check_written(answer)?;
        }
        Ok(())
    }

    /// A check that cannot fail proves nothing: each of these changes must be noticed.
    fn notices_changes(&self, answers: &mut [Value]) -> Result<()> {
        let other = "otpauth://totp/other?secret=GEZDGNBVGY3TQOJQGEZDGNBVGY";
        let has_period = answers.first().is_some_and(|it| it.pointer("/read/period").is_some());
        let moving = if has_period { "/read/period" } else { "/read/counter" };
        for (place, pointer, value) in [
            (0, "/read/type", "steam"),
            (0, "/read/account", " "),
            (0, "/read/issuer", " "),
            (0, "/read/secret_hex", "00"),
            (0, "/read/algorithm", "MD5"),
            (0, "/read/digits", "0"),
            (0, moving, "0"),
            (0, "/codes/2", "000 000"),
            (self.ours.len(), "/written", other),
            (self.ours.len(), "/codes/2", "000 000"),
        ] {
            let part = answers.get_mut(place).and_then(|answer| answer.pointer_mut(pointer));
            let right = core::mem::replace(part.context("no such answer")?, Value::from(value));
            ensure!(self.compare(answers).is_err(), "a wrong {pointer} is not noticed");
            let part = answers.get_mut(place).and_then(|answer| answer.pointer_mut(pointer));
            *part.context("no such answer")? = right;
        }
        self.compare(answers)
    }
}
