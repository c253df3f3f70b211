//! The statements on whole accounts.

/// $2 account. Returns a row for each credential, with the codes in each, or one row with the codes.
pub(super) const COPY: &str = concat!(
    reply!("copy 4", "otp_recovery"),
    credential_name!(),
    recovery_set!(),
    "(SELECT array_agg(digest ORDER BY digest) FROM otp_recovery WHERE account = $2) AS digests,
    (SELECT array_agg(attempt ORDER BY digest) FROM otp_recovery WHERE account = $2) AS attempts, ",
    entry!("copy 4"),
    " ORDER BY credential.name"
);

/// $2 account, $3 its failures, lock, guesses, lock and guesses before the last charge, trust epoch
/// and set, where -1 is none; $4 the attempt of that charge, or no byte; $5 key of the set. Of the
/// credentials: $6 names, $7 records, $8 for each its type (1 for HOTP), length, generation,
/// confirmation (1 for yes), next and drift; $9 attempts, which are empty for none. Of the codes: $10
/// digests, $11 attempts.
///
/// It locks the throttle first: only a new account may get credentials. So an enrolment of the account at
/// the same moment can deadlock with it, and the server ends one of the two. A retry succeeds.
pub(super) const RESTORE: &str = concat!(
    "WITH new AS (
        INSERT INTO otp_throttle (account, failures, locked_until, guesses, found_until,
            found_guesses, trust_epoch, recovery_set, charged, recovery_key)
        SELECT $2, state[1], state[2], state[3], NULLIF(state[4], -1), NULLIF(state[5], -1), state[6],
            NULLIF(state[7], -1), NULLIF($4, ''), CASE WHEN state[7] <> -1 THEN $5 END
        FROM (SELECT $3::bigint[] AS state) AS state WHERE $1 = 'restore 4'
        ON CONFLICT (account) DO NOTHING RETURNING account
    ), credentials AS (
        INSERT INTO otp_credential (account, name, record, hotp, length, generation, confirmed, next,
            drift, attempt)
        SELECT account, name, record, numbers[6 * place - 5] = 1, numbers[6 * place - 4],
            numbers[6 * place - 3], numbers[6 * place - 2] = 1, numbers[6 * place - 1],
            numbers[6 * place], NULLIF(attempt, '')
        FROM new, (SELECT $8::bigint[] AS numbers) AS numbers,
            unnest($6::text[], $7::text[], $9::bytea[]) WITH ORDINALITY
                AS credential (name, record, attempt, place)
    ), codes AS (
        INSERT INTO otp_recovery (account, digest, attempt)
        SELECT account, digest, NULLIF(attempt, '')
        FROM new, unnest($10::bytea[], $11::bytea[]) AS code (digest, attempt)
    )",
    reply!("restore 4", "otp_recovery"),
    "EXISTS (SELECT FROM new) AS done",
);
