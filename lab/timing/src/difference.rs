/// Below it nothing shows.
const THRESHOLD: f64 = 4.5;

/// What the classes differ in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Difference {
    /// The largest, of all samples or of those up to a quantile.
    pub(crate) t: f64,
    /// Where that is found.
    pub(crate) nanoseconds: f64,
    /// Of all samples, in nanoseconds.
    pub(crate) mean: f64,
    /// The standard error of that.
    pub(crate) error: f64,
    /// The most nanoseconds, of all samples or of those up to a quantile.
    pub(crate) most: f64,
}

impl Difference {
    pub(crate) fn shows(&self) -> bool {
        self.t.abs() >= THRESHOLD
    }
}
