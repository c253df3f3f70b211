use std::fs;
use std::hint::black_box;
use std::time::Instant;

/// Inputs that are made at a time.
const CHUNK: u32 = 1000;
/// For each of these chunks so many may be measured in vain, since another process interrupted them.
const PATIENCE: u32 = 8;

/// Measures nanoseconds: `make` makes an input of a class, and `work` is timed on it.
pub(crate) fn measure<I, T>(
    samples: u32,
    make: impl Fn(bool, &mut Random) -> I,
    work: impl Fn(&I) -> T,
) -> [Vec<f64>; 2] {
    let (mut random, mut all) = (Random(u64::from(samples)), [Vec::new(), Vec::new()]);
    let chunks = samples.div_ceil(CHUNK);
    let (mut left, mut patience) = (chunks + 1, PATIENCE.saturating_mul(chunks));
    while left > 0 {
        let classes: Vec<bool> = (0..CHUNK).map(|_| random.next() & 1 == 1).collect();
        let inputs: Vec<I> = classes.iter().map(|class| make(*class, &mut random)).collect();
        let time = |input| {
            let begun = Instant::now();
            black_box(work(input));
            begun.elapsed().as_nanos() as f64
        };
        let before = interruptions();
        let times: Vec<f64> = inputs.iter().map(time).collect();
        // A millisecond of another program would outweigh all that is to be seen in the mean.
        if before != interruptions() && patience > 0 {
            patience -= 1;
            continue;
        }
        // The first chunk warms up.
        if left <= chunks {
            for (class, time) in classes.into_iter().zip(times) {
                all[usize::from(class)].push(time);
            }
        }
        left -= 1;
    }
    all
}

/// How often another thread took the processor from this thread, where the system counts it.
fn interruptions() -> Option<u64> {
    let status = fs::read_to_string("/proc/thread-self/status").ok()?;
    let count = status.lines().find_map(|line| line.strip_prefix("nonvoluntary_ctxt_switches:"));
    count?.trim().parse().ok()
}

/// Numbers that look random (SplitMix64), for inputs and classes.
#[derive(Debug)]
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    pub(crate) fn below(&mut self, end: u32) -> u32 {
        u32::try_from(self.next() % u64::from(end)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_os = "linux")]
    #[test]
    fn linux_counts_interruptions() {
        assert!(super::interruptions().is_some());
    }
}
