//! What a verifier asks a store, and what it makes of the answers, without a database.

mod advance;
mod attempt;
mod charge;
mod judge;
mod rules;

pub use self::advance::{Advance, AttemptId};
pub use self::attempt::{Attempt, Matched};
pub use self::charge::Charge;
pub(crate) use self::judge::{Judge, Judged};
pub use self::rules::Rules;
