//! The three statements that charge. They share the arithmetic.

/// The state of the account after the charge, or the state that was read if nothing is counted. Two
/// columns are from the start of the statement: if they change at the same moment, no token of a
/// browser that names the old values is trusted, and no code of the old set is spent.
macro_rules! account {
    () => {
        "counted.account IS NOT NULL AS counted,
            COALESCE(counted.failures, throttle.failures) AS failures,
            COALESCE(counted.locked_until, throttle.locked_until) AS locked_until,
            COALESCE(counted.guesses, throttle.guesses) AS guesses,
            COALESCE(counted.charged, throttle.charged) AS charged,
            COALESCE(counted.found_until, throttle.found_until) AS found_until,
            COALESCE(counted.found_guesses, throttle.found_guesses) AS found_guesses,
            trust_epoch, recovery_set"
    };
}

/// Charges the credentials that `which` selects. `chosen` selects what the attempt is on: the rules
/// and the guesses. $2 account, $3 length, $4 now, $5 the rules for HOTP, $6 for TOTP, $7 attempt.
///
/// Rules are the step, the limit, the guesses of one credential, the budget, the seconds of a lock-out,
/// and then the waits.
/// `OFFSET 0` keeps PostgreSQL from writing them out in each place that uses them, a tenth of its
/// work for a log-in.
macro_rules! charge {
    ($name:literal, $which:literal, $chosen:literal $(, $column:ident)?) => {
        concat!(
            "WITH credential AS (
                SELECT account, name, record, hotp, length, generation, confirmed, next, drift, attempt
                FROM otp_credential WHERE $1 = '",
            $name,
            "' AND account = $2",
            $which,
            "), policy AS (
                SELECT rules, rules[1] AS step, rules[2] AS most, rules[5] AS reopen,
                    rules[4] - more AS left_over, more
                FROM (",
            $chosen,
            " OFFSET 0) AS chosen OFFSET 0
            ), ",
            include_str!("../charge.sql"),
            reply!($name),
            $($column!(),)?
            credential!(),
            account!(),
            "
            FROM (SELECT) AS one LEFT JOIN credential ON true
            LEFT JOIN otp_throttle AS throttle ON throttle.account = $2
            LEFT JOIN counted ON true"
        )
    };
}

/// $8 name, $9 confirmed.
pub(super) const CHARGE: &str = charge!(
    "charge 4",
    " AND name = $8",
    "SELECT CASE WHEN hotp THEN $5::bigint[] ELSE $6::bigint[] END AS rules,
        CASE WHEN hotp THEN ($5::bigint[])[3] ELSE ($6::bigint[])[3] END AS more
    FROM credential WHERE confirmed = $9 AND length = $3 AND octet_length(record) <= 1048576"
);

/// HOTP's rules hold if the code is compared with any HOTP credential.
pub(super) const CHARGE_ACCOUNT: &str = concat!(
    charge!(
        "charge_account 4",
        "",
        "SELECT CASE WHEN bool_or(hotp) THEN $5::bigint[] ELSE $6::bigint[] END AS rules,
            count(*) FILTER (WHERE hotp) * ($5::bigint[])[3]
                + count(*) FILTER (WHERE NOT hotp) * ($6::bigint[])[3] AS more
        FROM credential WHERE confirmed AND length = $3
        HAVING bool_and(octet_length(record) <= 1048576)",
        credential_name
    ),
    " ORDER BY credential.name"
);

/// $4 now, $6 the rules for TOTP, $7 attempt. The parameters are those of a charge of an account. An
/// attempt on recovery codes guesses at no counter, so it has no budget.
pub(super) const CHARGE_RECOVERY: &str = concat!(
    "WITH policy AS (
        SELECT rules, rules[1] AS step, rules[2] AS most, rules[5] AS reopen,
            9223372036854775807 AS left_over, 0 AS more
        FROM (
            SELECT $6::bigint[] AS rules FROM otp_throttle
            WHERE $1 = 'charge_recovery 4' AND account = $2 AND recovery_set IS NOT NULL
                AND octet_length(recovery_key) <= 1024 OFFSET 0
        ) AS chosen OFFSET 0
    ), ",
    include_str!("../charge.sql"),
    reply!("charge_recovery 4", "otp_recovery"),
    recovery_set!(),
    account!(),
    " FROM (SELECT) AS one LEFT JOIN otp_throttle AS throttle ON throttle.account = $2
        LEFT JOIN counted ON true",
);
