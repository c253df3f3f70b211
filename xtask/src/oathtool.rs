use anyhow::{Context, Result, bail, ensure};
use otp_core::{Algorithm, Secret};

use crate::arguments::Arguments;
use crate::case::{Case, Moving, decimal};
use crate::command::Command;
use crate::otp::Otp;
use crate::parallel;
use crate::random::Random;
use crate::vectors::LATEST;
use crate::workspace::Workspace;

/// Codes before and after the expected one that a trial knows.
const AROUND: u64 = 3;
/// A case, and what is asked of `otp match`.
struct Trial {
    case: Case,
    behind: u64,
    ahead: u64,
    /// The highest counter that is spent already; TOTP only.
    last: Option<u64>,
    /// Which of the codes around the expected one is typed: this one less `AROUND`.
    typed: u64,
}

/// Checks that `otp code` and `otp match` agree with oathtool on random cases.
pub(crate) fn run(workspace: &Workspace, mut arguments: Arguments) -> Result<()> {
    let cases = arguments.option("--cases")?.unwrap_or(1200_usize);
    let seed = arguments.option("--seed")?.unwrap_or_else(Random::seed);
    arguments.end()?;
    let version = Command::new("oathtool").arg("--version").read();
    let version = version.context("this step needs oathtool, as Debian packages it")?;
    println!("{}", version.lines().next().unwrap_or_default());
    let otp = Otp::build(workspace)?;

    println!("cargo xtask oathtool --cases {cases} --seed {seed}");
    let mut random = Random::new(seed);
    let trials: Vec<_> = (0..cases).map(|_| Trial::random(&mut random)).collect::<Result<_>>()?;
    ensure!(!trials.is_empty(), "no cases");
    parallel::each(&trials, |trial| trial.check(&otp, &trial.codes()?))?;
    println!("{cases} cases agree, `otp code` and `otp match`");

    // A check that cannot fail proves nothing: with one digit changed, it must notice.
    for trial in trials.iter().take(10) {
        let mut codes = trial.codes()?;
        for code in &mut codes {
            let last = if code.pop() == Some('7') { '8' } else { '7' };
            code.push(last);
        }
        ensure!(trial.check(&otp, &codes).is_err(), "a wrong digit is not noticed");
    }
    Ok(())
}

impl Trial {
    fn random(random: &mut Random) -> Result<Self> {
        let length = 1 + random.below(130);
        let key = Secret::new(random.bytes(length))?;
        let format = decimal(6 + random.below(3))?;
        let room = AROUND + 1;
        let (algorithm, moving) = if random.below(3) == 0 {
            let counter = random.sized(64).clamp(room, u64::MAX - room);
            (Algorithm::Sha1, Moving::Counter(counter))
        } else {
            let algorithm = random.pick(Algorithm::ALL, Algorithm::Sha1);
            let (odd, late) = (1 + random.sized(12), random.sized(32));
            let period = random.pick(&[30, 60, odd], 30);
            let t0 = random.pick(&[0, late], 0);
            // Neither end of the window may lie before 1970 or T0.
            let first = t0 + period * room;
            let time = first + random.sized(38);
            (algorithm, Moving::Time { time: time.min(LATEST), period, t0 })
        };
        let id = String::new();
        let case = Case { id, key, algorithm, format, moving };
        let last = match case.moving {
            Moving::Time { .. } if random.below(2) == 0 => {
                Some((case.counter()? + random.below(4)).saturating_sub(2))
            }
            _ => None,
        };
        let (behind, ahead) = (random.below(3), random.below(3));
        let typed = random.below(2 * AROUND + 1);
        Ok(Self { case, behind, ahead, last, typed })
    }

    /// What oathtool says: the codes from `AROUND` before the expected one to `AROUND` after it.
    fn codes(&self) -> Result<Vec<String>> {
        let key = self.case.key.reveal_hex();
        let window = AROUND * 2;
        let moving = match self.case.moving {
            Moving::Counter(counter) => format!("--hotp --counter={}", counter - AROUND),
            Moving::Time { time, period, t0 } => {
                let (mode, first) = (self.case.algorithm, time - AROUND * period);
                format!(
                    "--totp={mode} --time-step-size={period}s --start-time=@{t0} --now=@{first}"
                )
            }
        };
        let digits = self.case.format.length();
        let command = Command::new("oathtool")
            .words(&moving)
            .words(&format!("--digits={digits} --window={window} -"));
        let line = format!("echo {} | {command}", key.as_str());
        let output = command.ask(key.as_str())?;
        let said = String::from_utf8_lossy(&output.stderr);
        ensure!(output.status.success(), "`{line}` failed: {said}");
        let codes: Vec<_> = String::from_utf8(output.stdout)?.lines().map(str::to_owned).collect();
        ensure!(codes.len() as u64 == window + 1, "`{line}` gave {} codes", codes.len());
        Ok(codes)
    }

    fn check(&self, otp: &Otp, codes: &[String]) -> Result<()> {
        let (key, arguments) = (self.case.key.reveal_hex(), self.case.arguments());
        let code = |place: u64| usize::try_from(place).ok().and_then(|place| codes.get(place));
        let expected = self.case.counter()?;

        let answer = otp.ask(&format!("code --hex {arguments}"), key.as_str())?;
        answer.expect_status(0)?;
        answer.expect("counter", expected)?;
        answer.expect("code", code(AROUND).map(String::as_str))?;

        let Some(typed) = code(self.typed) else { bail!("no such code") };
        let last = self.last.map_or_else(String::new, |last| format!(" --last {last}"));
        let (behind, ahead) = (self.behind, self.ahead);
        let line =
            format!("match {typed} --hex {arguments} --behind {behind} --ahead {ahead}{last}");
        let answer = otp.ask(&line, key.as_str())?;
        // Which counters of the window have the code, by oathtool alone.
        let floor = match self.case.moving {
            Moving::Counter(counter) => counter,
            Moving::Time { .. } => self.last.map_or(0, |last| last + 1),
        };
        let hits = (AROUND - behind..=AROUND + ahead).filter(|place| code(*place) == Some(typed));
        let hits: Vec<u64> = hits.map(|place| expected - AROUND + place).collect();
        match hits.iter().copied().filter(|counter| *counter >= floor).max() {
            Some(counter) => {
                answer.expect_status(0)?;
                answer.expect("matched", true)?;
                answer.expect("counter", counter)?;
                answer.expect("expected", expected)
            }
            None => {
                answer.expect_status(1)?;
                answer.expect("matched", false)?;
                answer.expect("reason", if hits.is_empty() { "mismatch" } else { "replayed" })
            }
        }
    }
}
