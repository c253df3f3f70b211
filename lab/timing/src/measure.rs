use std::hint::black_box;
use std::time::Instant;

use crate::difference::Difference;
use crate::expectation::Expectation;
use crate::interruptions::interruptions;
use crate::random::Random;
use crate::welch::Welch;

/// Two classes of inputs to one piece of work.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) expectation: Expectation,
    /// Takes so many samples.
    pub(crate) measure: fn(u32) -> Difference,
}

/// Inputs that are made at a time.
const CHUNK: u32 = 1000;
/// For each of these chunks so many may be measured in vain, since another process interrupted them.
const PATIENCE: u32 = 8;
/// Besides all of them, the samples up to these quantiles, of the first ones: what interrupts a
/// process is slow and says nothing.
const QUANTILES: [f64; 4] = [0.25, 0.5, 0.9, 0.99];

/// What differs in time: `make` makes an input of a class, and `work` is timed on it.
pub(crate) fn measure<I, T>(
    samples: u32,
    make: impl Fn(bool, &mut Random) -> I,
    work: impl Fn(&I) -> T,
) -> Difference {
    let mut random = Random(u64::from(samples));
    let mut bounds = None;
    let mut all: [Welch; QUANTILES.len() + 1] = Default::default();
    let mut chunks = samples.div_ceil(CHUNK) + 1;
    let mut patience = PATIENCE.saturating_mul(chunks);
    while chunks > 0 {
        let classes: Vec<bool> = (0..CHUNK).map(|_| random.next() & 1 == 1).collect();
        let inputs: Vec<I> = classes.iter().map(|class| make(*class, &mut random)).collect();
        let before = interruptions();
        let times: Vec<f64> = inputs.iter().map(|input| time(|| work(input))).collect();
        // A millisecond of another program would outweigh all that is to be seen in the mean.
        if before != interruptions() && patience > 0 {
            patience -= 1;
            continue;
        }
        chunks -= 1;
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
    difference(&all)
}

/// Of those up to each quantile, and last of all.
fn difference(all: &[Welch]) -> Difference {
    let nanoseconds = |welch: &Welch| welch.difference().abs();
    let clearest = all.iter().max_by(|one, other| one.t().abs().total_cmp(&other.t().abs()));
    Difference {
        t: clearest.map_or(0.0, Welch::t),
        nanoseconds: clearest.map_or(0.0, nanoseconds),
        mean: all.last().map_or(f64::NAN, nanoseconds),
        error: all.last().map_or(f64::NAN, Welch::error),
        most: all.iter().map(nanoseconds).max_by(f64::total_cmp).unwrap_or_default(),
    }
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

#[cfg(test)]
mod tests {
    use super::difference;
    use crate::welch::Welch;

    fn welch(gap: f64, noise: i32) -> Welch {
        let mut welch = Welch::default();
        for number in 0..1000 {
            welch.add(false, f64::from(number % noise));
            welch.add(true, f64::from(number % noise) + gap);
        }
        welch
    }

    /// What is in the slow samples alone is behind their noise, and a large difference all the same.
    #[test]
    fn a_difference_is_not_hidden_by_a_clearer_one() {
        let found = difference(&[welch(2.0, 10), welch(50.0, 1000)]);
        assert!((found.nanoseconds - 2.0).abs() < 1e-6 && found.t.abs() > 10.0, "{found:?}");
        assert!((found.mean - 50.0).abs() < 1e-6 && (found.most - 50.0).abs() < 1e-6);
        let found = difference(&[welch(50.0, 10), welch(-2.0, 1000)]);
        assert!((found.mean - 2.0).abs() < 1e-6 && (found.most - 50.0).abs() < 1e-6);
    }
}
