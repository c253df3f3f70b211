//! The statements on accounts.

/// $2 account, $3 the lock that was read, $4 its replacement, $5 the guesses that were read.
pub(super) const CLAMP: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET locked_until = $4
        WHERE $1 = 'clamp 3' AND account = $2 AND locked_until = $3 AND guesses = $5
        RETURNING account
    )",
    reply!("clamp 3"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account, $3 attempt.
pub(super) const TAKE_BACK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET failures = GREATEST(failures - 1, 0), locked_until = found_until,
            guesses = found_guesses, charged = NULL, found_until = NULL, found_guesses = NULL
        WHERE $1 = 'take_back 3' AND account = $2 AND charged = $3 RETURNING account
    )",
    reply!("take_back 3"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account.
pub(super) const UNLOCK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET ",
    clear!(),
    " WHERE $1 = 'unlock 3' AND account = $2 RETURNING account
    )",
    reply!("unlock 3", "otp_recovery"),
    "EXISTS (SELECT FROM changed) AS done, ",
    damaged!(),
);

/// $2 account.
pub(super) const REVOKE_TRUST: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET trust_epoch = trust_epoch + 1
        WHERE $1 = 'revoke_trust 3' AND account = $2 RETURNING account
    )",
    reply!("revoke_trust 3", "otp_recovery"),
    "EXISTS (SELECT FROM changed) AS done, ",
    damaged!(),
);

/// $2 account. A concurrent insert for the account was committed before, or must wait.
pub(super) const HOLD: &str = concat!(
    "WITH held AS (
        SELECT FROM otp_throttle WHERE $1 = 'hold 2' AND account = $2 FOR UPDATE
    )",
    reply!("hold 2"),
    "EXISTS (SELECT FROM held) AS done",
);

/// Deletes the codes of an account without a set, and an account that has no credential either.
/// $2 account.
pub(super) const TIDY: &str = concat!(
    "WITH codes AS (
        DELETE FROM otp_recovery WHERE $1 = 'tidy 3' AND account = $2
            AND EXISTS (SELECT FROM otp_throttle WHERE account = $2 AND recovery_set IS NULL)
    ), changed AS (
        DELETE FROM otp_throttle WHERE $1 = 'tidy 3' AND account = $2 AND recovery_set IS NULL
            AND NOT EXISTS (SELECT FROM otp_credential WHERE account = $2) RETURNING account
    )",
    reply!("tidy 3", "otp_recovery"),
    "EXISTS (SELECT FROM changed) AS done",
);
