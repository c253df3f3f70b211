use core::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use anyhow::{Context, Result, anyhow};

/// Checks every item, on all processors, until one is not right.
pub(crate) fn each<T: Sync>(items: &[T], check: impl Fn(&T) -> Result<()> + Sync) -> Result<()> {
    let next = AtomicUsize::new(0);
    let worker = || {
        while let Some(item) = items.get(next.fetch_add(1, Ordering::Relaxed)) {
            if let Err(error) = check(item) {
                // The others have nothing left to take.
                next.store(items.len(), Ordering::Relaxed);
                return Err(error);
            }
        }
        Ok(())
    };
    let processors = thread::available_parallelism().context("how many processors?")?.get();
    thread::scope(|scope| {
        let workers: Vec<_> = (0..processors).map(|_| scope.spawn(worker)).collect();
        workers.into_iter().try_for_each(|worker| {
            worker.join().map_err(|_| anyhow!("a worker panicked")).flatten()
        })
    })
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn every_item_is_checked_and_one_failure_is_enough() {
        let items: Vec<u32> = (0..1000).collect();
        assert!(each(&items, |_| Ok(())).is_ok());
        assert!(
            each(&items, |item| if *item == 999 { anyhow::bail!("no") } else { Ok(()) }).is_err()
        );
    }
}
