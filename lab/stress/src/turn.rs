use std::pin::pin;
use std::task::{Context, Poll, Waker};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Result, anyhow, bail};
use tokio::runtime::Runtime;
use tokio::task::JoinSet;

use crate::user::{User, Way};

/// The duration of each verification of a turn, in nanoseconds.
pub type Times = Vec<u64>;

/// Lets every user verify, each verification after the other, until the turn is over.
pub fn turn(
    runtime: &Runtime,
    users: Vec<User>,
    time: Duration,
    way: Way,
) -> Result<(Vec<User>, Times)> {
    let end = Instant::now() + time;
    let ended: Vec<Result<(User, Times)>> = if users.first().is_some_and(User::blocks) {
        let run = |user| thread::spawn(move || ready(verify(user, end, way)));
        let threads: Vec<_> = users.into_iter().map(run).collect();
        let join = |thread: thread::JoinHandle<_>| {
            thread.join().map_err(|_| anyhow!("a user panicked")).flatten().flatten()
        };
        threads.into_iter().map(join).collect()
    } else {
        runtime.block_on(async {
            let mut tasks = JoinSet::new();
            for user in users {
                tasks.spawn(verify(user, end, way));
            }
            tasks.join_all().await
        })
    };
    let (mut users, mut times) = (Vec::new(), Vec::new());
    for one in ended {
        let (user, own) = one?;
        users.push(user);
        times.extend(own);
    }
    Ok((users, times))
}

async fn verify(mut user: User, end: Instant, way: Way) -> Result<(User, Times)> {
    let mut times = Vec::new();
    while Instant::now() < end {
        let begin = Instant::now();
        user.verify(way).await?;
        times.push(u64::try_from(begin.elapsed().as_nanos())?);
    }
    Ok((user, times))
}

/// Returns the value of a future that is ready at once.
pub fn ready<T>(future: impl Future<Output = T>) -> Result<T> {
    match pin!(future).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(value) => Ok(value),
        Poll::Pending => bail!("the future is not ready"),
    }
}

/// Returns the median and the 99th percentile.
pub fn quantiles(times: &mut [u64]) -> (u64, u64) {
    times.sort_unstable();
    let at = |percent| times.get(times.len() * percent / 100).copied().unwrap_or_default();
    (at(50), at(99))
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
