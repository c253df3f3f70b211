use super::reply::number;
use crate::Error;

/// The version of the key layout.
const VERSION: u32 = 3;

/// The schema key of this version: the version, and the oldest version that may still write.
pub(super) const CURRENT: &str = "otp-store 3 3";

/// Version 1 had no oldest writer.
pub(super) const FIRST: &str = "otp-store 1";

/// Keys of version 1 are being moved. No program may write until all are moved.
pub(super) const MOVING: &str = "otp-store 1 2";

/// Version 2 counted no guesses.
pub(super) const SECOND: &str = "otp-store 2 2";

/// Accounts of version 2 are being given their guesses. No program may write until all have them.
pub(super) const RECOUNTING: &str = "otp-store 2 3";

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
        (1, None) | (1..VERSION, Some(..=VERSION)) => {
            Err(Error::Outdated { found: version, needed: VERSION })
        }
        (_, Some(..=VERSION)) => Ok(()),
        // Only version 1 has no oldest writer.
        _ => Err(Error::Newer),
    }
}

#[cfg(test)]
mod tests {
    use super::{CURRENT, FIRST, MOVING, RECOUNTING, SECOND, judge};
    use crate::Error;

    #[test]
    fn schemas_are_distinguished() {
        for sound in [CURRENT, "otp-store 4 3", "otp-store 4000000000 1"] {
            assert!(judge(sound.as_bytes()).is_ok(), "{sound}");
        }
        for newer in [
            "otp-store 2",
            "otp-store 4 4",
            "otp-store 4000000000",
            "otp-store 3 4",
            "otp-store 2 4",
        ] {
            assert!(matches!(judge(newer.as_bytes()), Err(Error::Newer)), "{newer}");
        }
        for (old, version) in [(FIRST, 1), (MOVING, 1), (SECOND, 2), (RECOUNTING, 2)] {
            let judged = judge(old.as_bytes());
            let found =
                matches!(judged, Err(Error::Outdated { found, needed: 3 }) if found == version);
            assert!(found, "{old} {judged:?}");
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
        for later in [CURRENT, MOVING, SECOND, RECOUNTING] {
            let version = later.strip_prefix("otp-store ").map(str::parse::<u32>);
            assert!(version.is_some_and(|version| version.is_err()), "{later}");
        }
    }

    /// The check of programs of version 2, which read the oldest writer.
    #[test]
    fn redis_version_2_refuses_later_schemas() {
        let oldest =
            |schema: &str| schema.rsplit_once(' ').and_then(|(_, oldest)| oldest.parse().ok());
        for later in [CURRENT, RECOUNTING] {
            assert!(oldest(later).is_some_and(|oldest: u32| oldest > 2), "{later}");
        }
        // The control.
        assert_eq!(oldest(SECOND), Some(2));
    }
}
