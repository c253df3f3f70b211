//! What remembers and counts: no code is accepted twice, and guessing ends. It needs no heap.

mod clock_offset;
mod drift;
mod guard;
mod policy;
mod throttle;
mod tracker;

pub use self::clock_offset::ClockOffset;
pub use self::drift::Drift;
pub use self::guard::{Guard, GuardError};
pub use self::policy::{Policy, WindowTooWide};
pub use self::throttle::{Lock, Locked, Permit, Throttle};
pub use self::tracker::Tracker;
