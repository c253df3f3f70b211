use crate::difference::Difference;

/// What the difference of the classes must do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Expectation {
    /// Not show.
    Hide,
    /// Show: the control.
    Show,
    /// Be less than so many nanoseconds, of all samples and of those up to each quantile, by more than
    /// chance: the answer itself tells it, or it is a known limit.
    Tell(f64),
    /// Be more than so many nanoseconds, of all samples: the control of such a bound.
    Exceed(f64),
}

impl Expectation {
    pub(crate) const fn is_control(self) -> bool {
        matches!(self, Self::Show | Self::Exceed(_))
    }

    /// Whether a difference does what it must, and that in words.
    pub(crate) fn judge(self, found: &Difference) -> (bool, &'static str) {
        match (self, found.shows()) {
            (Self::Hide, false) => (true, "nothing shows"),
            (Self::Hide, true) => (false, "IT SHOWS"),
            (Self::Show, true) => (true, "shows, as it must"),
            (Self::Exceed(least), true) if found.mean > least => (true, "shows, as it must"),
            (Self::Exceed(_), true) => (false, "SHOWS TOO LITTLE, SO THE BOUND PROVES NOTHING"),
            (Self::Show | Self::Exceed(_), false) => {
                (false, "NOTHING SHOWS, SO THIS PROVES NOTHING")
            }
            (Self::Tell(bound), _)
                if found.most < bound && found.mean + 2.0 * found.error < bound =>
            {
                (true, "known to show, and little")
            }
            (Self::Tell(_), _) => (false, "SHOWS TOO MUCH, OR THE MACHINE IS TOO BUSY TO TELL"),
        }
    }

    /// The nanoseconds that are judged, if any show.
    pub(crate) fn nanoseconds(self, found: &Difference) -> Option<f64> {
        match self {
            Self::Tell(_) => Some(found.most),
            // What does not show is noise, of whatever size.
            _ if !found.shows() => None,
            Self::Exceed(_) => Some(found.mean),
            Self::Hide | Self::Show => Some(found.nanoseconds),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Expectation;
    use crate::difference::Difference;

    fn found(t: f64, nanoseconds: f64, mean: f64, most: f64) -> Difference {
        Difference { t, nanoseconds, mean, error: 0.1, most }
    }

    #[test]
    fn a_bound_is_one_of_every_difference_and_not_of_the_clearest() {
        let bound = Expectation::Tell(40.0);
        assert!(bound.judge(&found(99.0, 2.0, 30.0, 39.0)).0);
        assert!(!bound.judge(&found(99.0, 2.0, 41.0, 41.0)).0);
        assert!(!bound.judge(&found(99.0, 2.0, 3.0, 41.0)).0);
    }

    #[test]
    fn a_bound_is_not_kept_by_chance() {
        let noisy = |error| Difference { error, ..found(99.0, 2.0, 3.0, 5.0) };
        assert!(Expectation::Tell(40.0).judge(&noisy(18.0)).0);
        assert!(!Expectation::Tell(40.0).judge(&noisy(19.0)).0);
        assert!(!Expectation::Tell(40.0).judge(&noisy(f64::NAN)).0);
    }

    #[test]
    fn its_control_must_be_beyond_it() {
        let control = Expectation::Exceed(40.0);
        assert!(control.judge(&found(9.0, 2.0, 41.0, 50.0)).0);
        assert!(!control.judge(&found(9.0, 90.0, 39.0, 90.0)).0);
        assert!(!control.judge(&found(4.4, 90.0, 90.0, 90.0)).0);
    }

    #[test]
    fn what_must_hide_may_not_show_and_the_reverse() {
        for t in [4.5, -4.5] {
            assert!(!Expectation::Hide.judge(&found(t, 1.0, 1.0, 1.0)).0);
            assert!(Expectation::Show.judge(&found(t, 1.0, 1.0, 1.0)).0);
        }
        assert!(Expectation::Hide.judge(&found(4.4, 90.0, 90.0, 90.0)).0);
        assert!(!Expectation::Show.judge(&found(4.4, 90.0, 90.0, 90.0)).0);
    }
}
