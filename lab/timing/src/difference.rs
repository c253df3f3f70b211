use core::fmt;

/// The |t| below which nothing shows.
const THRESHOLD: f64 = 4.5;
/// Besides all samples, those up to these quantiles are looked at: what interrupts a process is slow and
/// says nothing.
const QUANTILES: [f64; 5] = [0.25, 0.5, 0.9, 0.99, 1.0];

/// What two classes of times must do.
#[derive(Clone, Copy)]
pub(crate) enum Law {
    /// Show no difference.
    Hide,
    /// Differ by less than so many nanoseconds, by more than chance: the answer itself tells it, or it
    /// is a known limit.
    Below(f64),
}

/// How two classes of times differ, in nanoseconds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    /// The largest |t|, of all samples or of those up to a quantile.
    t: f64,
    /// The largest difference, of all samples or of those up to a quantile.
    most: f64,
    /// The difference of all samples, and its standard error.
    mean: f64,
    error: f64,
}

impl Law {
    pub(crate) fn keeps(self, found: &Difference) -> bool {
        match self {
            Self::Hide => found.t < THRESHOLD,
            Self::Below(bound) => found.most < bound && found.mean + 2.0 * found.error < bound,
        }
    }

    /// Whether it is broken so clearly that a control proves something.
    pub(crate) fn breaks(self, found: &Difference) -> bool {
        match self {
            Self::Hide => found.t >= THRESHOLD,
            Self::Below(bound) => found.t >= THRESHOLD && found.mean > bound,
        }
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { t, most, mean, error } = self;
        write!(f, "|t| {t:>8.2}  mean {mean:>7.1} ±{error:.1} ns, at most {most:.1}")
    }
}

pub(crate) fn of(classes: &[Vec<f64>; 2]) -> Difference {
    let mut sorted = classes.concat();
    sorted.sort_by(f64::total_cmp);
    let mut found = Difference { t: 0.0, most: 0.0, mean: f64::NAN, error: f64::NAN };
    for quantile in QUANTILES {
        let last = sorted.len().saturating_sub(1) as f64 * quantile;
        let bound = sorted.get(last as usize).copied().unwrap_or_default();
        let up_to = |class: &Vec<f64>| class.iter().copied().filter(|it| *it <= bound).collect();
        let [one, other] = classes.each_ref().map(up_to).map(moments);
        // Welch's t: the difference of the means over its standard error.
        (found.mean, found.error) = ((one.0 - other.0).abs(), (one.1 + other.1).sqrt());
        found.most = found.most.max(found.mean);
        if found.mean > 0.0 {
            found.t = found.t.max(found.mean / found.error);
        }
    }
    found
}

/// The mean of numbers, and the variance of that mean.
fn moments(values: Vec<f64>) -> (f64, f64) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let squares: f64 = values.iter().map(|value| (value - mean).powi(2)).sum();
    (mean, squares / (count - 1.0) / count)
}

#[cfg(test)]
mod tests {
    use super::Law::{Below, Hide};
    use super::{Difference, of};

    /// Means 3 and 6, variances 2.5 and 10: 3 over the root of 2.5 / 5 + 10 / 5.
    #[test]
    fn t_is_that_of_a_calculation_by_hand() {
        let found = of(&[vec![1.0, 2.0, 3.0, 4.0, 5.0], vec![2.0, 4.0, 6.0, 8.0, 10.0]]);
        assert!((found.mean - 3.0).abs() < 1e-12, "{found:?}");
        assert!((found.mean / found.error - 3.0 / 2.5_f64.sqrt()).abs() < 1e-12, "{found:?}");
    }

    #[test]
    fn difference_of_slow_samples_or_of_quick_ones_is_found() {
        let class = |gap: f64, late: f64| -> Vec<f64> {
            (0..1000)
                .map(|it| f64::from(it % 10) + gap + if it >= 990 { late } else { 0.0 })
                .collect()
        };
        assert!(Hide.keeps(&of(&[class(0.0, 0.0), class(0.0, 0.0)])));
        // The slow ones differ as widely among themselves.
        let quick = of(&[class(0.0, 4e6), class(1.0, 4e6)]);
        assert!(Hide.breaks(&quick) && quick.mean / quick.error < 4.5, "{quick:?}");
        let slow = of(&[class(0.0, 0.0), class(0.0, 1e4)]);
        assert!(!Below(40.0).keeps(&slow), "{slow:?}");
    }

    #[test]
    fn laws_are_kept_or_broken() {
        let found = |t, mean, most| Difference { t, most, mean, error: 0.1 };
        for (law, found, keeps, breaks) in [
            (Hide, found(4.4, 90.0, 90.0), true, false),
            (Hide, found(4.5, 1.0, 1.0), false, true),
            (Below(40.0), found(99.0, 30.0, 39.0), true, false),
            // Not by chance, and not in some of the samples alone.
            (Below(40.0), Difference { error: 19.0, ..found(99.0, 3.0, 5.0) }, false, false),
            (Below(40.0), Difference { error: f64::NAN, ..found(99.0, 3.0, 5.0) }, false, false),
            (Below(40.0), found(99.0, 3.0, 41.0), false, false),
            (Below(40.0), found(99.0, 41.0, 41.0), false, true),
            (Below(40.0), found(4.4, 90.0, 90.0), false, false),
        ] {
            assert_eq!((law.keeps(&found), law.breaks(&found)), (keeps, breaks), "{found:?}");
        }
    }
}
