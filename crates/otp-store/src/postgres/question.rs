/// The statements; each is a transaction of its own, so a pooler may stand in between.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    Find,
    Charge,
    Clamp,
    Advance,
    Insert,
    Reseal,
    Unlock,
    Delete,
    Hold,
    Tidy,
    List,
}

/// Makes the commit of a statement wait for the disk, whatever has become of the session's
/// setting.
macro_rules! durable {
    () => {
        "CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
         ELSE set_config('synchronous_commit', 'on', true) END"
    };
}

impl Question {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Find => FIND,
            Self::Charge => CHARGE,
            Self::Clamp => CLAMP,
            Self::Advance => ADVANCE,
            Self::Insert => INSERT,
            Self::Reseal => RESEAL,
            Self::Unlock => UNLOCK,
            Self::Delete => DELETE,
            Self::Hold => HOLD,
            Self::Tidy => TIDY,
            Self::List => LIST,
        }
    }
}

/// $1 account, $2 name.
const FIND: &str = "
SELECT record, hotp, length, generation, confirmed, next, drift, attempt,
    throttle.failures, throttle.locked_until
FROM otp_credential LEFT JOIN otp_throttle AS throttle USING (account)
WHERE account = $1 AND name = $2";

/// $1 account, $2 name, $3 confirmed, $4 length, $5 now; $6 waits, $7 step and $8 limit for HOTP,
/// $9, $10 and $11 for TOTP. The last two columns are `NULL` if the attempt was not counted.
///
/// What `throttle` shows is of the moment the statement began. The update waits for others and
/// then looks again: so it may refuse what `throttle` would have permitted, never the reverse.
const CHARGE: &str = concat!(
    "
WITH credential AS (
    SELECT account, record, hotp, length, generation, confirmed, next, drift, attempt
    FROM otp_credential WHERE account = $1 AND name = $2
), policy AS (
    SELECT account, CASE WHEN hotp THEN $6::bigint[] ELSE $9::bigint[] END AS waits,
        CASE WHEN hotp THEN $7::bigint ELSE $10::bigint END AS step,
        CASE WHEN hotp THEN $8::bigint ELSE $11::bigint END AS most
    FROM credential WHERE confirmed = $3 AND length = $4
), counted AS (
    UPDATE otp_throttle AS throttle SET
        failures = LEAST(failures + 1, 4294967295),
        locked_until = CASE
            WHEN LEAST(failures + 1, 4294967295) >= most THEN 9223372036854775807
            WHEN step > 4294967295 / LEAST(failures + 1, 4294967295)
                THEN LEAST($5::bigint, 9223372036854775807 - 4294967295) + 4294967295
            WHEN waits[LEAST(failures + 1, cardinality(waits))]
                + step * LEAST(failures + 1, 4294967295) = 0 THEN 0
            ELSE LEAST($5::bigint, 9223372036854775807 - waits[LEAST(failures + 1, cardinality(waits))]
                    - step * LEAST(failures + 1, 4294967295))
                + waits[LEAST(failures + 1, cardinality(waits))]
                + step * LEAST(failures + 1, 4294967295)
        END
    FROM policy
    WHERE throttle.account = policy.account
        AND locked_until <= $5::bigint AND locked_until < 9223372036854775807
    RETURNING failures, locked_until, ",
    durable!(),
    "
)
SELECT record, hotp, length, generation, confirmed, next, drift, attempt,
    throttle.failures, throttle.locked_until, counted.failures, counted.locked_until
FROM credential LEFT JOIN otp_throttle AS throttle USING (account) LEFT JOIN counted ON true"
);

/// $1 account, $2 the lock that was seen, $3 the one in its place.
const CLAMP: &str = concat!(
    "UPDATE otp_throttle SET locked_until = $3 WHERE account = $1 AND locked_until = $2 RETURNING ",
    durable!(),
);

/// $1 account, $2 name, $3 generation, $4 counter, $5 next, $6 drift, $7 attempt.
///
/// Credentials are always written before throttles: so no two statements wait for one another.
const ADVANCE: &str = concat!(
    "
WITH spent AS (
    UPDATE otp_credential SET confirmed = true, next = $5, drift = $6, attempt = $7
    WHERE account = $1 AND name = $2 AND generation = $3 AND next <= $4
    RETURNING account, ",
    durable!(),
    "
), cleared AS (
    UPDATE otp_throttle AS throttle SET failures = 0, locked_until = 0
    FROM spent WHERE throttle.account = spent.account
)
SELECT EXISTS (SELECT FROM spent), generation, next, attempt
FROM otp_credential WHERE account = $1 AND name = $2"
);

/// $1 account, $2 name, $3 record, $4 hotp, $5 length, $6 generation, $7 confirmed, $8 next,
/// $9 drift, $10 attempt. A throttle that is there is written as it is, to hold it against a
/// removal.
const INSERT: &str = concat!(
    "
WITH stored AS (
    INSERT INTO otp_credential AS old
        (account, name, record, hotp, length, generation, confirmed, next, drift, attempt)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (account, name) DO UPDATE SET
        record = excluded.record, hotp = excluded.hotp, length = excluded.length,
        generation = excluded.generation, confirmed = excluded.confirmed, next = excluded.next,
        drift = excluded.drift, attempt = excluded.attempt
    WHERE NOT old.confirmed
    RETURNING account
)
INSERT INTO otp_throttle AS throttle (account) SELECT account FROM stored
ON CONFLICT (account) DO UPDATE SET failures = throttle.failures RETURNING ",
    durable!(),
);

/// $1 account, $2 name, $3 the old record, $4 the new one.
const RESEAL: &str = concat!(
    "UPDATE otp_credential SET record = $4 WHERE account = $1 AND name = $2 AND record = $3
     RETURNING ",
    durable!(),
);

/// $1 account, $2 name.
const UNLOCK: &str = concat!(
    "UPDATE otp_throttle SET failures = 0, locked_until = 0 WHERE account = $1 AND EXISTS
         (SELECT FROM otp_credential WHERE account = $1 AND name = $2)
     RETURNING ",
    durable!(),
);

/// $1 account, $2 name.
const DELETE: &str =
    concat!("DELETE FROM otp_credential WHERE account = $1 AND name = $2 RETURNING ", durable!(),);

/// $1 account. Who inserts another credential meanwhile has come before or must wait.
const HOLD: &str = "SELECT FROM otp_throttle WHERE account = $1 FOR UPDATE";

/// $1 account.
const TIDY: &str = "
DELETE FROM otp_throttle WHERE account = $1
    AND NOT EXISTS (SELECT FROM otp_credential WHERE account = $1)";

/// $1 account and $2 name to come after, $3 how many.
const LIST: &str = "
SELECT account, name FROM otp_credential WHERE (account, name) > ($1, $2)
ORDER BY account, name LIMIT $3";
