//! Cuts the power at every step of every operation, and checks that no counter repeats.

use otp_flash::{Error, FlashCounter};

use crate::flash::{Cut, Flash, PATTERNS, POSITIONS, Power};

/// The size of a page: small, so that a few presses erase both pages.
const PAGE: usize = 96;
const START: u64 = 41;

/// The function under test: spends a counter and returns it.
type Take<const UNIT: usize> = fn(&mut Flash<UNIT, PAGE>) -> Result<u64, Error<Power>>;

fn take<const UNIT: usize>(flash: &mut Flash<UNIT, PAGE>) -> Result<u64, Error<Power>> {
    FlashCounter::new(flash).take()
}

fn formatted<const UNIT: usize>() -> Flash<UNIT, PAGE> {
    let mut flash = Flash::blank();
    FlashCounter::new(&mut flash).format(START).unwrap();
    flash
}

/// Returns the number of presses that fill two and a half pages.
fn presses<const UNIT: usize>() -> usize {
    (PAGE - 16) / UNIT * 5 / 2 + 4
}

/// Presses the button until a cut, again until a cut during recovery, and then to the end. Returns the
/// number of cuts, or what went wrong.
fn survive<const UNIT: usize>(
    take: Take<UNIT>,
    first: Cut,
    second: Option<Cut>,
) -> Result<u32, String> {
    let mut flash = formatted::<UNIT>();
    let (mut last, mut cuts, mut pending) = (None::<u64>, 0, 0);
    for cut in [Some(first), second, None] {
        flash.power_up(cut);
        for _ in 0..presses::<UNIT>() {
            match take(&mut flash) {
                Ok(counter) => {
                    let expected = last.map_or(START, |last| last + 1);
                    if counter < expected {
                        return Err(format!("{counter} after {last:?}: repeated"));
                    }
                    if counter > expected + pending {
                        return Err(format!("{counter} after {last:?}: skipped too many"));
                    }
                    // A mark that is left halfway may read as spent only later.
                    pending = if first.halfway { pending - (counter - expected) } else { 0 };
                    last = Some(counter);
                }
                Err(Error::Flash(Power)) => break,
                Err(error) => return Err(format!("after {last:?}: {error}")),
            }
        }
        if flash.down {
            (cuts, pending) = (cuts + 1, pending + 1);
        }
    }
    Ok(cuts)
}

fn operations<const UNIT: usize>() -> usize {
    let mut flash = formatted::<UNIT>();
    flash.operations = 0;
    for _ in 0..presses::<UNIT>() {
        take(&mut flash).unwrap();
    }
    flash.operations
}

/// Cuts at every operation, at every position within it, with every pattern, and again in recovery.
fn every_cut<const UNIT: usize>(take: Take<UNIT>) -> Result<u32, String> {
    let mut cuts = 0;
    for operation in 0..operations::<UNIT>() {
        for position in 0..POSITIONS {
            for (pattern, halfway) in
                PATTERNS.into_iter().flat_map(|one| [(one, false), (one, true)])
            {
                let cut = Cut { operation, position, pattern, halfway };
                cuts += survive(take, cut, None)?;
                // A second cut in the first operations afterwards interrupts the recovery, too.
                let (place, operation) = (operation % POSITIONS, position % 4);
                let again = Cut { operation, position: place, pattern, halfway };
                cuts += survive(take, cut, Some(again))?;
            }
        }
    }
    Ok(cuts)
}

#[test]
fn no_power_cut_repeats_a_counter_and_each_skips_at_most_one() {
    let cuts = [
        every_cut::<1>(take),
        every_cut::<2>(take),
        every_cut::<3>(take),
        every_cut::<4>(take),
        every_cut::<8>(take),
        every_cut::<12>(take),
        every_cut::<16>(take),
    ];
    let cuts: u32 = cuts.into_iter().sum::<Result<_, _>>().unwrap();
    println!("{cuts} power cuts");
    assert!(cuts > 100_000);
}

/// The controls: the model notices counters with a mistake.
mod controls {
    use embedded_storage::nor_flash::NorFlash;

    use super::*;

    /// Returns the counter before it is spent. After a power cut it is returned again.
    fn hasty<const UNIT: usize>(flash: &mut Flash<UNIT, PAGE>) -> Result<u64, Error<Power>> {
        let mut copy = flash.clone();
        copy.power_up(None);
        let counter = FlashCounter::new(&mut copy).take()?;
        let _ = FlashCounter::new(flash).take();
        Ok(counter)
    }

    /// Keeps the counter in a single page, which is erased and rewritten each time.
    fn single_page<const UNIT: usize>(flash: &mut Flash<UNIT, PAGE>) -> Result<u64, Error<Power>> {
        let stored = u64::from_le_bytes(flash.bytes[..8].try_into().unwrap());
        flash.erase(0, PAGE as u32)?;
        flash.write(0, &stored.wrapping_add(1).to_le_bytes())?;
        Ok(stored)
    }

    #[test]
    fn controls_every_mistake_is_noticed() {
        // It repeats no counter, but it is still a mistake.
        let skipping = |flash: &mut _| take(flash).and_then(|_| take(flash));
        let mistakes: [(Take<4>, _); 2] = [(hasty, "repeated"), (skipping, "skipped too many")];
        for (mistaken, mistake) in mistakes {
            let found = every_cut(mistaken).unwrap_err();
            assert!(found.ends_with(mistake), "{found}");
        }
        // Blank flash reads as a distant counter, and torn flash as any counter.
        assert!(every_cut::<4>(single_page).is_err());
    }
}
