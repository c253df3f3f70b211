use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Barrier, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result, bail};

use crate::database::Database;

/// Processes of this program that act at the same time, round by round.
pub struct Crew {
    members: Vec<(Child, ChildStdin, BufReader<ChildStdout>)>,
}

/// The results of a process, or of all, in a round.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How often a code was accepted, of each of two credentials that it may be of.
    pub accepted: [u64; 2],
    pub evaluated: u64,
    pub answered: u64,
    pub errors: u64,
}

impl Tally {
    pub fn add(&mut self, other: Self) {
        for (all, accepted) in self.accepted.iter_mut().zip(other.accepted) {
            *all += accepted;
        }
        self.evaluated += other.evaluated;
        self.answered += other.answered;
        self.errors += other.errors;
    }
}

impl Crew {
    pub fn start(trial: &str, database: &Database, words: &[String], count: u64) -> Result<Self> {
        let mut members = Vec::new();
        for _ in 0..count {
            let mut command = Command::new(std::env::current_exe()?);
            command.arg(trial).arg(database.url()).args(words);
            let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            let input = child.stdin.take().context("no input")?;
            let output = BufReader::new(child.stdout.take().context("no output")?);
            members.push((child, input, output));
        }
        let mut crew = Self { members };
        // Each process reports when it is ready.
        crew.hear()?;
        Ok(crew)
    }

    /// Lets all processes do a round with a line of text.
    pub fn round(&mut self, text: &str) -> Result<Tally> {
        for (_, input, _) in &mut self.members {
            writeln!(input, "{text}")?;
            input.flush()?;
        }
        self.hear()
    }

    fn hear(&mut self) -> Result<Tally> {
        let mut all = Tally::default();
        for (child, _, output) in &mut self.members {
            let mut line = String::new();
            if output.read_line(&mut line)? == 0 {
                bail!("a worker died: {}", child.wait()?);
            }
            let numbers: Vec<u64> = line.split_whitespace().flat_map(str::parse).collect();
            let [first, second, evaluated, answered, errors] = numbers[..] else {
                bail!("a worker prints {line}");
            };
            all.add(Tally { accepted: [first, second], evaluated, answered, errors });
        }
        Ok(all)
    }
}

impl Drop for Crew {
    fn drop(&mut self) {
        for (child, ..) in &mut self.members {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// The worker's side: threads that each act in each round, all at the same moment.
pub fn rounds(threads: usize, work: impl Fn(usize, &str) -> Tally + Sync) -> Result<()> {
    let (begin, end) = (Barrier::new(threads + 1), Barrier::new(threads + 1));
    let (round, all) = (Mutex::new(None), Mutex::new(Tally::default()));
    let set = |text: Option<String>| {
        *round.lock().unwrap_or_else(PoisonError::into_inner) = text;
        begin.wait();
    };
    thread::scope(|scope| {
        for number in 0..threads {
            let (begin, end, round, all, work) = (&begin, &end, &round, &all, &work);
            scope.spawn(move || {
                loop {
                    begin.wait();
                    let text = round.lock().unwrap_or_else(PoisonError::into_inner).clone();
                    let Some(text) = text else { return };
                    let tally = work(number, &text);
                    all.lock().unwrap_or_else(PoisonError::into_inner).add(tally);
                    end.wait();
                }
            });
        }
        let say = |tally: Tally| {
            let Tally { accepted: [first, second], evaluated, answered, errors } = tally;
            println!("{first} {second} {evaluated} {answered} {errors}");
        };
        say(Tally::default());
        for line in std::io::stdin().lines() {
            let Ok(line) = line else { break };
            set(Some(line));
            end.wait();
            say(std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner)));
        }
        set(None);
    });
    Ok(())
}
