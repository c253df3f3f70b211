use std::io::{self, IsTerminal};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Below so many counters nobody has time to look at a bar.
const WORTH: u64 = 1_000_000;

const TEMPLATE: &str = "{bar:40} {percent}% of {human_len}, {eta} left";

/// How far a long computation has come, for people: a bar on stderr, gone when it is done.
///
/// There is none unless stderr is a terminal and stdout is not, which a bar would run into.
pub(crate) struct Progress(ProgressBar);

impl Progress {
    pub(crate) fn new(counters: u64) -> Self {
        let is_seen = io::stderr().is_terminal() && !io::stdout().is_terminal();
        if is_seen && counters >= WORTH { Self::shown(counters) } else { Self::hidden() }
    }

    pub(crate) fn hidden() -> Self {
        Self(ProgressBar::hidden())
    }

    fn shown(counters: u64) -> Self {
        let bar = ProgressBar::with_draw_target(Some(counters), ProgressDrawTarget::stderr());
        // Without a style that can be read there is the bar's own.
        let style = ProgressStyle::with_template(TEMPLATE);
        Self(style.map_or_else(|_| bar.clone(), |style| bar.clone().with_style(style)))
    }

    /// So many counters more are done.
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
    use super::{Progress, ProgressStyle, TEMPLATE};

    #[test]
    fn a_bar_counts_and_has_a_style() {
        let progress = Progress::shown(2_000_000);
        progress.advance(500_000);
        progress.advance(500_000);
        assert_eq!((progress.0.position(), progress.0.length()), (1_000_000, Some(2_000_000)));
        assert!(ProgressStyle::with_template(TEMPLATE).is_ok());
    }

    #[test]
    fn little_to_do_shows_nothing() {
        assert!(Progress::new(1000).0.is_hidden());
    }
}
