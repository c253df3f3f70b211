use core::ops::{Deref, DerefMut};
use core::time::Duration;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// A value that threads use one after another, and wait for with a limit, which `Mutex` lacks.
#[derive(Debug)]
pub(super) struct Turns<T> {
    value: Mutex<T>,
    taken: Mutex<bool>,
    free: Condvar,
}

/// Exclusive use of the value, until dropped. The inner lock is released first.
pub(super) struct Turn<'turns, T> {
    value: MutexGuard<'turns, T>,
    _end: End<'turns>,
}

struct End<'turns> {
    taken: &'turns Mutex<bool>,
    free: &'turns Condvar,
}

impl<T> Turns<T> {
    pub(super) fn new(value: T) -> Self {
        Self { value: Mutex::new(value), taken: Mutex::default(), free: Condvar::new() }
    }

    /// Waits for exclusive use, or returns `None` after `patience`.
    pub(super) fn take(&self, patience: Duration) -> Option<Turn<'_, T>> {
        let free = self.free.wait_timeout_while(lock(&self.taken), patience, |taken| *taken);
        let (mut taken, _) = free.unwrap_or_else(PoisonError::into_inner);
        if *taken {
            return None;
        }
        *taken = true;
        drop(taken);
        let end = End { taken: &self.taken, free: &self.free };
        Some(Turn { value: lock(&self.value), _end: end })
    }
}

/// Locks in spite of poison: a panic elsewhere leaves no half-done statement, since transactions
/// roll back.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<T> Deref for Turn<'_, T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.value
    }
}

impl<T> DerefMut for Turn<'_, T> {
    fn deref_mut(&mut self) -> &mut T {
        &mut self.value
    }
}

impl Drop for End<'_> {
    fn drop(&mut self) {
        *lock(self.taken) = false;
        self.free.notify_one();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use core::time::Duration;
    use std::thread;

    use super::Turns;

    const SHORT: Duration = Duration::from_millis(20);
    const LONG: Duration = Duration::from_secs(60);

    #[test]
    fn waiting_thread_gets_the_next_turn_or_gives_up() {
        let turns = Turns::new(0);
        let mut turn = turns.take(SHORT).unwrap();
        assert!(turns.take(SHORT).is_none());
        thread::scope(|scope| {
            let waiting: Vec<_> =
                (0..4).map(|_| scope.spawn(|| *turns.take(LONG).unwrap() += 1)).collect();
            *turn += 10;
            drop(turn);
            waiting.into_iter().for_each(|it| it.join().unwrap());
        });
        assert_eq!(*turns.take(SHORT).unwrap(), 14);
    }

    #[test]
    fn turn_ends_when_its_thread_panics() {
        let turns = Turns::new(0);
        let panics = || {
            let _turn = turns.take(SHORT);
            std::panic::resume_unwind(Box::new(()));
        };
        assert!(thread::scope(|scope| scope.spawn(panics).join()).is_err());
        assert!(turns.take(SHORT).is_some());
    }
}
