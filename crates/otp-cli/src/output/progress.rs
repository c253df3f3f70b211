use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::output::Output;

/// The fewest counters that take long enough for a bar.
const WORTH: u64 = 1_000_000;

const TEMPLATE: &str = "{bar:40} {percent}% of {human_len}, {eta} left";

/// A progress bar for a long computation: on stderr, and removed at the end.
///
/// It is shown only if stderr is a terminal and stdout is not, since it would mix with the answers.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(counters: u64, output: &Output) -> Self {
        let is_seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
        if is_seen && counters >= WORTH && !output.is_quiet() {
            Self::shown(counters)
        } else {
            Self::hidden()
        }
    }

    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    fn shown(counters: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(counters), ProgressDrawTarget::stderr());
        // If the template is not valid, the bar keeps its default style.
        let style = ProgressStyle::with_template(TEMPLATE);
        Self(style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style)))
    }

    /// Adds to the number of counters that are done.
    pub(crate) fn advance(&self, counters: u64) {
        self.0.inc(counters);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}

#[cfg(test)]
mod tests {
    use super::{Output, Progress, ProgressStyle, TEMPLATE};
    use crate::output::OutputOptions;

    #[test]
    fn bar_counts_and_has_a_style() {
        let progress = Progress::shown(2_000_000);
        progress.advance(500_000);
        progress.advance(500_000);
        assert_eq!((progress.0.position(), progress.0.length()), (1_000_000, Some(2_000_000)));
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn short_computation_shows_no_bar() {
        let output = Output::new(&OutputOptions::default());
        assert!(Progress::new(1000, &output).0.is_hidden());
    }
}
