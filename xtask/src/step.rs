use anyhow::{Context, Result};

use crate::command::Command;
use crate::workspace::Workspace;

/// One check, or a few of a kind.
pub(crate) struct Step {
    pub(crate) name: &'static str,
    pub(crate) purpose: &'static str,
    pub(crate) needs: &'static [Need],
    pub(crate) work: Work,
}

/// How to see that a tool is there, and how to install it.
pub(crate) struct Need(pub(crate) &'static str, pub(crate) &'static str);

pub(crate) enum Work {
    /// Lines of a shell, at the root of the workspace; the last one gets the words of a call.
    Lines(&'static [Line]),
    /// A function, which gets the words of a call.
    Program(fn(&Workspace, &[String]) -> Result<()>),
}

pub(crate) enum Line {
    Run(&'static str),
    /// A control: it must fail, and say this.
    Fail(&'static str, &'static str),
}

impl Step {
    pub(crate) fn run(&self, words: &[String]) -> Result<()> {
        self.needs.iter().try_for_each(Need::install)?;
        match self.work {
            Work::Lines(lines) => {
                let (last, others) = lines.split_last().context("a step of no line")?;
                others.iter().try_for_each(|line| line.run(&[]))?;
                last.run(words)
            }
            Work::Program(program) => program(&Workspace::read()?, words),
        }
    }
}

impl Need {
    fn install(&self) -> Result<()> {
        let Self(look, install) = self;
        if Command::shell(look).ask("")?.status.success() {
            return Ok(());
        }
        Command::shell(install).run().with_context(|| format!("this step needs `{install}`"))
    }
}

impl Line {
    fn run(&self, words: &[String]) -> Result<()> {
        match self {
            Self::Run(line) => {
                Command::shell(&[&[(*line).to_owned()], words].concat().join(" ")).run()
            }
            Self::Fail(line, why) => Command::shell(line).fail(why),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Line, Need, Step, Work};

    fn step(work: Work) -> Step {
        Step { name: "", purpose: "", needs: &[], work }
    }

    #[test]
    fn a_line_that_fails_ends_a_step_and_a_control_must_fail() {
        let lines = |lines| step(Work::Lines(lines)).run(&[]);
        assert!(lines(&[Line::Run("true"), Line::Fail("echo no >&2; false", "no")]).is_ok());
        assert!(lines(&[Line::Run("false | cat")]).is_err());
        assert!(lines(&[Line::Run("for it in 1 2; do test $it = 2; done")]).is_err());
        assert!(lines(&[Line::Fail("echo no >&2", "no")]).is_err());
        let last = || step(Work::Lines(&[Line::Run("true"), Line::Run("test 1 =")]));
        assert!(last().run(&["1".to_owned()]).is_ok() && last().run(&["2".to_owned()]).is_err());
    }

    #[test]
    fn what_is_missing_is_installed_or_named() {
        assert!(Need("true", "false").install().is_ok());
        assert!(Need("false", "true").install().is_ok());
        let error = Need("false", "false # tool").install().unwrap_err();
        assert!(error.to_string().contains("false # tool"));
    }
}
