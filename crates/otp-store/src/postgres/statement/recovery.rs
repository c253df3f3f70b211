//! The statements on recovery codes.
//!
//! Each locks the account's throttle before it writes codes, so calls on one account take turns.

/// $2 account, $3 set, $4 key.
pub(super) const STORE_RECOVERY: &str = concat!(
    "WITH stored AS (
        INSERT INTO otp_throttle AS throttle (account, recovery_set, recovery_key)
        SELECT $2, $3::bigint, $4 WHERE $1 = 'store_recovery 3'
        ON CONFLICT (account) DO UPDATE SET
            recovery_set = excluded.recovery_set, recovery_key = excluded.recovery_key
        RETURNING account
    )",
    reply!("store_recovery 3"),
    "EXISTS (SELECT FROM stored) AS done",
);

/// Replaces the codes, after the set: $2 account, $3 all digests, one after the other. If a program
/// stores a set again after a lost reply, its codes are there already.
///
/// The digests are no array: behind a pooler that mixes up statements, the server would refuse other
/// bytes as an array, with an error of its own.
pub(super) const STORE_CODES: &str = concat!(
    "WITH new AS (
        SELECT substring($3 FROM place FOR 32) AS digest
        FROM generate_series(1, length($3), 32) AS place WHERE $1 = 'store_codes 3'
    ), old AS (
        DELETE FROM otp_recovery WHERE $1 = 'store_codes 3' AND account = $2
            AND NOT EXISTS (SELECT FROM new WHERE new.digest = otp_recovery.digest)
    ), stored AS (
        INSERT INTO otp_recovery (account, digest) SELECT $2, digest FROM new
        ON CONFLICT (account, digest) DO UPDATE SET attempt = NULL RETURNING account
    )",
    reply!("store_codes 3", "otp_recovery"),
    "EXISTS (SELECT FROM stored) AS done",
);

/// $2 account.
pub(super) const RECOVERY: &str = concat!(
    reply!("recovery 3", "otp_recovery"),
    recovery_set!(),
    "failures, locked_until, guesses, charged, found_until, found_guesses, trust_epoch, recovery_set
    FROM (SELECT) AS one
    LEFT JOIN otp_throttle AS throttle ON $1 = 'recovery 3' AND throttle.account = $2",
);

/// $2 account, $3 set, $4 digest, $5 attempt.
///
/// After a wait for another call, "held" and "codes" show the newest state, so the reply needs no
/// second statement. A code that the same attempt has spent is written unchanged: if the first commit
/// never reached the standby, this one waits for it.
pub(super) const SPEND_RECOVERY: &str = concat!(
    "WITH held AS (
        SELECT recovery_set FROM otp_throttle
        WHERE $1 = 'spend_recovery 3' AND account = $2 FOR UPDATE
    ), codes AS (
        SELECT digest, attempt FROM otp_recovery
        WHERE account = $2 AND EXISTS (SELECT FROM held WHERE recovery_set = $3) FOR UPDATE
    ), typed AS (
        SELECT attempt IS NULL AS unspent, attempt IS NULL OR attempt = $5 AS done
        FROM codes WHERE digest = $4
    ), spent AS (
        UPDATE otp_recovery SET attempt = $5 FROM typed
        WHERE account = $2 AND digest = $4 AND typed.done
    ), cleared AS (
        UPDATE otp_throttle SET ",
    clear!(),
    " FROM typed WHERE account = $2 AND typed.unspent
    )",
    reply!("spend_recovery 3", "otp_recovery"),
    "EXISTS (SELECT FROM typed WHERE typed.done) AS done, EXISTS (SELECT FROM typed) AS found,
    (SELECT recovery_set FROM held) AS recovery_set,
    (SELECT count(*) FROM codes WHERE attempt IS NULL)
        - (SELECT count(*) FROM typed WHERE unspent) AS codes, ",
    damaged!(),
);

/// $2 account, $3 set, $4 the old key, $5 the new one.
pub(super) const RESEAL_RECOVERY: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET recovery_key = $5
        WHERE $1 = 'reseal_recovery 3' AND account = $2 AND recovery_set = $3 AND recovery_key = $4
        RETURNING account
    )",
    reply!("reseal_recovery 3"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// Removes the set. A second statement deletes the codes. $2 account.
pub(super) const REMOVE_RECOVERY: &str = concat!(
    "WITH held AS (
        SELECT FROM otp_throttle
        WHERE $1 = 'remove_recovery 3' AND account = $2 AND recovery_set IS NOT NULL FOR UPDATE
    ), changed AS (
        UPDATE otp_throttle SET recovery_set = NULL, recovery_key = NULL
        WHERE account = $2 AND EXISTS (SELECT FROM held)
    )",
    reply!("remove_recovery 3"),
    "EXISTS (SELECT FROM held) AS done",
);

/// $2 account to start after, $3 the most rows. Returns one row without an account if there are no
/// more. The codes' primary key serves: an index of throttles would be a cost of every log-in.
pub(super) const LIST_RECOVERY: &str = concat!(
    reply!("list_recovery 3", "otp_recovery"),
    "page.account IS NOT NULL AS done,
        CASE WHEN octet_length(page.account) <= 255 THEN page.account END AS account
    FROM (SELECT) AS one LEFT JOIN (
        SELECT account FROM otp_recovery WHERE $1 = 'list_recovery 3' AND account > $2
        GROUP BY account ORDER BY account LIMIT $3
    ) AS page ON true ORDER BY page.account"
);
