use super::reply::number;
use crate::Error;

/// The version of the key layout.
const VERSION: u32 = 2;

/// The schema key of this version: the version, and the oldest version that may still write.
pub(super) const CURRENT: &str = "otp-store 2 2";

/// Version 1 had no oldest writer.
pub(super) const FIRST: &str = "otp-store 1";

/// Keys of version 1 are being moved. No program may write until all are moved.
pub(super) const MOVING: &str = "otp-store 1 2";

/// Checks whether this version may work with a schema.
pub(super) fn judge(found: &[u8]) -> Result<(), Error> {
    let text = str::from_utf8(found).ok().and_then(|text| text.strip_prefix("otp-store "));
    let text = text.ok_or(Error::Foreign)?;
    let read = |text| number::<u32>(text, "schema").map_err(|_| Error::Foreign);
    let (version, oldest) = match text.split_once(' ') {
        Some((version, oldest)) => (read(version)?, Some(read(oldest)?)),
        None => (read(text)?, None),
    };
    match (version, oldest) {
        (0, _) => Err(Error::Foreign),
        (1..VERSION, _) => Err(Error::Outdated { found: version, needed: VERSION }),
        (_, Some(..=VERSION)) => Ok(()),
        // Only version 1 has no oldest writer.
        _ => Err(Error::Newer),
    }
}

#[cfg(test)]
mod tests {
    use super::{CURRENT, FIRST, MOVING, judge};
    use crate::Error;

    #[test]
    fn schemas_are_distinguished() {
        for sound in [CURRENT, "otp-store 3 2", "otp-store 4000000000 1"] {
            assert!(judge(sound.as_bytes()).is_ok(), "{sound}");
        }
        for newer in ["otp-store 2", "otp-store 3 3", "otp-store 4000000000", "otp-store 2 3"] {
            assert!(matches!(judge(newer.as_bytes()), Err(Error::Newer)), "{newer}");
        }
        for old in [FIRST, MOVING] {
            let judged = judge(old.as_bytes());
            assert!(matches!(judged, Err(Error::Outdated { found: 1, needed: 2 })), "{old}");
        }
        for foreign in [
            &b""[..],
            b"1",
            b"otp-store",
            b"otp-store 0",
            b"otp-store 0 2",
            b"otp-store x",
            b"otp-store 2 ",
            b"otp-store 2 2 2",
            b"otp-store 02 2",
            b"\xff",
        ] {
            assert!(matches!(judge(foreign), Err(Error::Foreign)), "{foreign:?}");
        }
    }

    /// The check of programs of version 1, which must never accept a later schema.
    #[test]
    fn redis_version_1_refuses_later_schemas() {
        for later in [CURRENT, MOVING] {
            let version = later.strip_prefix("otp-store ").map(str::parse::<u32>);
            assert!(version.is_some_and(|version| version.is_err()), "{later}");
        }
    }
}
