use std::hint::black_box;
use std::time::Instant;

use crate::random::Random;
use crate::welch::Welch;

/// Two classes of inputs to one piece of work.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) must: Must,
    /// Takes so many samples.
    pub(crate) measure: fn(u32) -> Difference,
}

/// What the difference of the classes must do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Must {
    /// Not show.
    Hide,
    /// Show: the control.
    Show,
    /// Be less than so many nanoseconds: the answer itself tells it, or it is a known limit.
    Tell(f64),
}

/// What the classes differ in.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Difference {
    pub(crate) t: f64,
    pub(crate) nanoseconds: f64,
}

/// Inputs that are made at a time.
const CHUNK: u32 = 1000;
/// Besides all of them, the samples up to these quantiles, of the first ones: what interrupts a
/// process is slow and says nothing.
const QUANTILES: [f64; 4] = [0.25, 0.5, 0.9, 0.99];

/// The largest t, of all samples or of those up to a quantile: `make` makes an input of a class,
/// and `work` is timed on it.
pub(crate) fn measure<I, T>(
    samples: u32,
    make: impl Fn(bool, &mut Random) -> I,
    work: impl Fn(&I) -> T,
) -> Difference {
    let mut random = Random(u64::from(samples));
    let mut bounds = None;
    let mut all: [Welch; QUANTILES.len() + 1] = Default::default();
    for _ in 0..samples.div_ceil(CHUNK) + 1 {
        let classes: Vec<bool> = (0..CHUNK).map(|_| random.next() & 1 == 1).collect();
        let inputs: Vec<I> = classes.iter().map(|class| make(*class, &mut random)).collect();
        let times: Vec<f64> = inputs.iter().map(|input| time(|| work(input))).collect();
        let Some(bounds) = bounds else {
            // The first ones warm up, and tell what is slow.
            bounds = Some(quantiles(times));
            continue;
        };
        for (class, time) in classes.into_iter().zip(times) {
            for (bound, welch) in bounds.iter().chain([&f64::INFINITY]).zip(&mut all) {
                if time <= *bound {
                    welch.add(class, time);
                }
            }
        }
    }
    let differences =
        all.iter().map(|welch| Difference { t: welch.t(), nanoseconds: welch.difference().abs() });
    differences.max_by(|one, other| one.t.abs().total_cmp(&other.t.abs())).unwrap_or_default()
}

/// Nanoseconds.
fn time<T>(work: impl FnOnce() -> T) -> f64 {
    let begun = Instant::now();
    black_box(work());
    begun.elapsed().as_nanos() as f64
}

fn quantiles(mut times: Vec<f64>) -> [f64; QUANTILES.len()] {
    times.sort_by(f64::total_cmp);
    let last = times.len() as f64 - 1.0;
    QUANTILES.map(|quantile| times.get((last * quantile) as usize).copied().unwrap_or(0.0))
}
