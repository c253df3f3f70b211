use std::io::{BufRead, BufReader, Write};
use std::ops::AddAssign;
use std::process::{Child, ChildStdin, ChildStdout, Stdio};
use std::sync::Barrier;
use std::thread;

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use crate::role::Role;

/// Processes of this program that act at the same time, round by round.
pub struct Crew(Vec<(Child, ChildStdin, BufReader<ChildStdout>)>);

/// The results of a process, or of all, in a round.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Tally {
    /// How often a text was accepted, of each of two credentials that it may be of.
    pub accepted: [u64; 2],
    pub answered: u64,
    pub errors: u64,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        for (all, accepted) in self.accepted.iter_mut().zip(other.accepted) {
            *all += accepted;
        }
        self.answered += other.answered;
        self.errors += other.errors;
    }
}

impl Crew {
    pub fn start(role: &Role, count: usize) -> Result<Self> {
        let mut crew = Self(Vec::new());
        for _ in 0..count {
            let mut child = role.command()?.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let input = child.stdin.take().context("no input")?;
            let output = BufReader::new(child.stdout.take().context("no output")?);
            crew.0.push((child, input, output));
        }
        // Each process reports when it is ready.
        crew.hear()?;
        Ok(crew)
    }

    /// Lets all processes do a round with a line of text.
    pub fn round(&mut self, text: &str) -> Result<Tally> {
        for (_, input, _) in &mut self.0 {
            writeln!(input, "{text}")?;
        }
        self.hear()
    }

    fn hear(&mut self) -> Result<Tally> {
        let mut all = Tally::default();
        for (child, _, output) in &mut self.0 {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                bail!("a process died: {}", child.wait()?);
            }
            all += serde_json::from_str(&line).with_context(|| line)?;
        }
        Ok(all)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for (child, ..) in &mut self.0 {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The side of a process: in each round its threads act at the same moment. `work` returns for each of
/// two credentials whether it accepted the text.
pub fn rounds(
    threads: usize,
    work: impl Fn(usize, &str) -> Result<[bool; 2]> + Sync,
) -> Result<()> {
    println!("{}", serde_json::to_string(&Tally::default())?);
    for line in std::io::stdin().lines() {
        let (line, begin) = (line?, Barrier::new(threads));
        let act = |number| {
            begin.wait();
            match work(number, &line) {
                Ok(accepted) => Tally { accepted: accepted.map(u64::from), answered: 1, errors: 0 },
                Err(error) => {
                    eprintln!("{error:#}");
                    Tally { errors: 1, ..Tally::default() }
                }
            }
        };
        let mut all = Tally::default();
        thread::scope(|scope| {
            let act = &act;
            let threads: Vec<_> =
                (0..threads).map(|number| scope.spawn(move || act(number))).collect();
            for thread in threads {
                all += thread.join().unwrap_or(Tally { errors: 1, ..Tally::default() });
            }
        });
        println!("{}", serde_json::to_string(&all)?);
    }
    Ok(())
}
