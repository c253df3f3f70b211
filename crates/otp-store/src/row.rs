use otp_context::{Lock, Throttle};
use otp_core::{Algorithm, Digits, Period, Secret, UnixTime};
use otp_uri::{Generator, KeyUri, Kind};
use rusqlite::Row;

use crate::{Error, Status};

/// The columns that [`Credential::read`] expects, in its order.
pub(crate) const COLUMNS: &str = "type, algorithm, digits, period, secret, generation, confirmed, \
                                  next, failures, locked_until";

/// A stored credential, made live through the checked constructors.
pub(crate) struct Credential {
    pub(crate) generator: Generator,
    pub(crate) generation: i64,
    pub(crate) status: Status,
}

impl Credential {
    pub(crate) fn read(row: &Row<'_>) -> Result<Self, Error> {
        let kind: String = row.get(0)?;
        let algorithm: String = row.get(1)?;
        let algorithm: Algorithm = algorithm.parse().map_err(|_| Error::Corrupt("algorithm"))?;
        let digits: Option<u8> = row.get(2)?;
        let period: Option<i64> = row.get(3)?;
        let secret =
            Secret::new(row.get::<_, Vec<u8>>(4)?).map_err(|_| Error::Corrupt("secret"))?;

        let digits = || {
            let digits = digits.and_then(|digits| Digits::new(digits).ok());
            digits.ok_or(Error::Corrupt("digits"))
        };
        let next = unsigned(row.get(7)?, "counter")?;
        let kind = match kind.as_str() {
            "totp" => {
                let period = period.and_then(|period| u64::try_from(period).ok());
                let period = period.and_then(|period| Period::from_secs(period).ok());
                let period = period.ok_or(Error::Corrupt("period"))?;
                Kind::Totp { algorithm, digits: digits()?, period }
            }
            "hotp" => Kind::Hotp { algorithm, digits: digits()?, counter: next },
            "steam" => Kind::Steam,
            _ => return Err(Error::Corrupt("type")),
        };
        let generator = Generator::new(kind, &secret);
        Ok(Self {
            generator,
            generation: row.get(5)?,
            status: Status {
                confirmed: row.get(6)?,
                next,
                throttle: Throttle::resume(row.get(8)?, lock(row.get(9)?)?),
            },
        })
    }
}

/// The columns of a new credential's parameters.
pub(crate) struct Parameters {
    pub(crate) kind: &'static str,
    pub(crate) algorithm: &'static str,
    pub(crate) digits: Option<u8>,
    pub(crate) period: Option<i64>,
    pub(crate) next: i64,
}

impl Parameters {
    pub(crate) fn of(uri: &KeyUri) -> Result<Self, Error> {
        let kind = uri.kind();
        let (digits, period, next) = match *kind {
            Kind::Totp { digits, period, .. } => {
                (Some(digits.get()), Some(signed(period.as_secs(), "period")?), 0)
            }
            Kind::Hotp { digits, counter, .. } => {
                (Some(digits.get()), None, signed(counter, "counter")?)
            }
            _ => (None, None, 0),
        };
        let algorithm = kind.algorithm().name();
        Ok(Self { kind: kind.name(), algorithm, digits, period, next })
    }
}

/// SQLite's integers are signed.
pub(crate) fn signed(value: u64, part: &'static str) -> Result<i64, Error> {
    i64::try_from(value).map_err(|_| Error::TooLarge(part))
}

fn unsigned(value: i64, part: &'static str) -> Result<u64, Error> {
    u64::try_from(value).map_err(|_| Error::Corrupt(part))
}

/// 0 is open, the largest integer a hard lock, anything between a time.
fn lock(locked_until: i64) -> Result<Lock, Error> {
    Ok(match locked_until {
        0 => Lock::Open,
        i64::MAX => Lock::Hard,
        until => Lock::Until(UnixTime::from_secs(unsigned(until, "lock")?)),
    })
}

/// The opposite of [`lock`]; times past the year 292 billion count as hard.
pub(crate) fn locked_until(lock: Lock) -> i64 {
    match lock {
        Lock::Open => 0,
        Lock::Until(until) => i64::try_from(until.as_secs()).unwrap_or(i64::MAX),
        Lock::Hard => i64::MAX,
    }
}
