use otp_core::hazmat::{self, Midstates, midstates};
use otp_core::{Code, Hotp};
use zeroize::DefaultIsZeroes;

use crate::lanes::{Key, Lanes, Truncated};
use crate::width::{LANES, Width};

/// Computes the code of each key and counter. `T` is returned to the caller with the code.
pub(crate) fn each<'a, T>(
    width: Width,
    requests: impl Iterator<Item = (&'a Hotp, u64, T)>,
    mut see: impl FnMut(usize, T, Code),
) {
    let mut sha1 = Batch::<_, 5, T>::new(width);
    let mut sha256 = Batch::<_, 8, T>::new(width);
    let mut sha512 = Batch::<_, 8, T>::new(width);
    for (place, (hotp, counter, with)) in requests.enumerate() {
        let request = Request { place, hotp, counter, with };
        match midstates(hotp) {
            Midstates::Sha1 { inner, outer } => sha1.add((inner, outer), request, &mut see),
            Midstates::Sha256 { inner, outer } => sha256.add((inner, outer), request, &mut see),
            Midstates::Sha512 { inner, outer } => sha512.add((inner, outer), request, &mut see),
            _ => request.answer_alone(&mut see),
        }
    }
    sha1.finish(&mut see);
    sha256.finish(&mut see);
    sha512.finish(&mut see);
}

struct Request<'a, T> {
    place: usize,
    hotp: &'a Hotp,
    counter: u64,
    with: T,
}

impl<T> Request<'_, T> {
    fn answer(self, truncated: u32, see: &mut impl FnMut(usize, T, Code)) {
        see(self.place, self.with, hazmat::code(truncated, self.hotp.format()));
    }

    fn answer_alone(self, see: &mut impl FnMut(usize, T, Code)) {
        see(self.place, self.with, self.hotp.generate(self.counter));
    }
}

/// Requests of one hash, which wait until there is a request for every lane.
struct Batch<'a, W: DefaultIsZeroes, const N: usize, T> {
    width: Width,
    waiting: [Option<Request<'a, T>>; LANES],
    keys: [Option<Key<'a, W, N>>; LANES],
    counters: [u64; LANES],
    length: usize,
    /// The lanes, kept between runs. Each run overwrites the keys of the one before, and the last keys
    /// are wiped.
    lanes: Option<Lanes<W, N>>,
}

impl<'a, W: DefaultIsZeroes, const N: usize, T> Batch<'a, W, N, T>
where
    Lanes<W, N>: Truncated,
{
    fn new(width: Width) -> Self {
        Self {
            width,
            waiting: [const { None }; LANES],
            keys: [None; LANES],
            counters: [0; LANES],
            length: 0,
            lanes: None,
        }
    }

    fn add(
        &mut self,
        key: Key<'a, W, N>,
        request: Request<'a, T>,
        see: &mut impl FnMut(usize, T, Code),
    ) {
        let lane = self.length;
        let slots =
            (self.waiting.get_mut(lane), self.keys.get_mut(lane), self.counters.get_mut(lane));
        if let (Some(waiting), Some(slot), Some(counter)) = slots {
            *counter = request.counter;
            (*waiting, *slot) = (Some(request), Some(key));
        }
        self.length = lane.saturating_add(1);
        if self.length == LANES {
            self.finish(see);
        }
    }

    /// Answers the requests that still wait.
    fn finish(&mut self, see: &mut impl FnMut(usize, T, Code)) {
        let truncated = self.truncated();
        let requests = self.waiting.iter_mut().map_while(Option::take);
        match truncated {
            Some(values) => {
                requests.zip(values).for_each(|(request, value)| request.answer(value, see));
            }
            None => requests.for_each(|request| request.answer_alone(see)),
        }
        self.length = 0;
    }

    /// Returns the truncated MACs, or `None` if the requests are so few that one by one is faster.
    fn truncated(&mut self) -> Option<[u32; LANES]> {
        let first = self.waiting.first()?.as_ref()?;
        if self.length < self.width.worth(first.hotp.algorithm()) {
            return None;
        }
        let any = (*self.keys.first()?)?;
        let keys = self.keys.map(|key| key.unwrap_or(any));
        let lanes = self.lanes.get_or_insert_with(Lanes::new);
        lanes.set(&keys, &self.counters);
        lanes.truncated(self.width)
    }
}
