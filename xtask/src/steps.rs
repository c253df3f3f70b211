//! What is checked: the steps of `ci`, which are quick, and those of `full`.

mod ci;
mod full;
mod needs;

pub(crate) use self::ci::CI;
pub(crate) use self::full::FULL;
