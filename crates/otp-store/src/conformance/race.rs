use std::sync::Barrier;
use std::thread;

use super::subject::{Subject, asked, done, enrolled, found, inserted};
use crate::{Error, RecordText, SpendReply, Store};

/// The number of handles of a race, and of threads that share a handle.
const HANDLES: usize = 4;
const SHARING: usize = 3;
const THREADS: u64 = (HANDLES * SHARING) as u64;
const ROUNDS: u64 = 12;

/// Runs a closure in every thread at the same moment, with the thread's number and handle.
pub(super) fn raced<S: Store + Sync, T: Send>(
    handles: &[S],
    sharing: usize,
    work: impl Fn(u64, &S) -> T + Sync,
) -> Vec<T> {
    let threads = handles.len().saturating_mul(sharing);
    let (barrier, work) = (Barrier::new(threads), &work);
    let runners = handles.iter().cycle().take(threads);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..)
            .zip(runners)
            .map(|(number, store)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    work(number, store)
                })
            })
            .collect();
        let ended = threads.into_iter().map(thread::ScopedJoinHandle::join);
        ended.map(|end| end.unwrap_or_else(|_| panic!("a thread of the race panicked"))).collect()
    })
}

pub(super) fn handles<S: Store>(open: impl Fn() -> S) -> Vec<S> {
    (0..HANDLES).map(|_| open()).collect()
}

/// A code that arrives through many handles and threads at once is accepted once.
pub fn single_use_in_a_race<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    enrolled(&subject, store, &id, &subject.hotp(0, 1), 0);
    for counter in 1..=ROUNDS {
        let answers = raced(&handles, SHARING, |_, store| {
            let charged = asked(|| store.charge(&id, &subject.free(true))).0?;
            let crate::ChargeReply::Permitted(_) = charged else {
                panic!("an unlimited attempt is not permitted: {charged:?}");
            };
            let spend = subject.spend(1, counter);
            asked(|| store.spend(&id, &spend)).0
        });
        let mut accepted = 0_u32;
        for answer in answers {
            match done("a race", answer) {
                SpendReply::Done => accepted += 1,
                other => assert_eq!(other, SpendReply::Replayed, "a race gets another reply"),
            }
        }
        assert_eq!(accepted, 1, "a code that arrived many times at once was not accepted once");
        assert_eq!(found(store, &id).next, counter + 1, "the lowest unspent counter is wrong");
    }
}

/// Of many counters that are spent at once, the highest stays spent.
pub fn highest_counter_wins_a_race<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    enrolled(&subject, store, &id, &subject.hotp(0, 1), 0);
    for round in 1..=ROUNDS {
        let answers = raced(&handles, SHARING, |number, store| {
            // Threads start in some order, so each counter takes each place once.
            let counter = round * 100 + (number + round) % THREADS;
            let spend = subject.spend(1, counter);
            asked(|| store.spend(&id, &spend)).0.map(|spent| (counter, spent))
        });
        let answers = answers.into_iter().collect::<Result<Vec<_>, Error>>();
        let done = done("a race", answers).into_iter();
        let highest =
            done.filter(|(_, it)| *it == SpendReply::Done).map(|(counter, _)| counter).max();
        let last = round * 100 + THREADS - 1;
        assert_eq!(highest, Some(last), "a higher counter is refused in a race");
        assert_eq!(
            found(store, &id).next,
            last + 1,
            "a lower counter is written over a higher one in a race"
        );
    }
}

/// Of many concurrent re-encryptions of a key, one succeeds.
pub fn one_reseal_wins_a_race<S: Store + Sync>(open: impl Fn() -> S + Sync) {
    let (subject, handles) = (Subject::new(), handles(&open));
    let [store, ..] = &handles[..] else { panic!("there is no handle") };
    let id = subject.id("alice");
    inserted(store, &id, &subject.hotp(0, 1));
    for round in 0..ROUNDS {
        let old = found(store, &id).record;
        let answers = raced(&handles, SHARING, |number, store| {
            let new = RecordText::new(format!("{round} {number}"));
            // Equal records would not show whose record it is.
            store.reseal(&id, &old, &new).map(|resealed| resealed.then_some(new))
        });
        let lost = answers.iter().filter(|it| it.as_ref().is_err_and(Error::is_transient)).count();
        let answers = answers.into_iter().filter(|it| !it.as_ref().is_err_and(Error::is_transient));
        let answers: Vec<_> = answers.filter_map(|answer| done("a race", answer)).collect();
        match &answers[..] {
            [new] => assert!(found(store, &id).record == *new, "a record is lost"),
            [] if lost > 0 => {}
            _ => panic!("{} of many re-encrypt a key at once", answers.len()),
        }
    }
}
