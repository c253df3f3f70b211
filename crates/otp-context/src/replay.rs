//! Replay protection and limits on guessing: each code works once, and wrong guesses lock. It needs no
//! heap.

mod clock_offset;
mod drift;
mod guard;
mod throttle;
mod throttle_policy;
mod tracker;

pub use self::clock_offset::ClockOffset;
pub use self::drift::Drift;
pub use self::guard::{Guard, GuardError};
pub use self::throttle::{Lock, Locked, Permit, Throttle};
pub use self::throttle_policy::{ThrottlePolicy, WindowTooWide};
pub use self::tracker::Tracker;
