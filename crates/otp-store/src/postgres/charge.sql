-- $1 account, $2 name, $3 confirmed, $4 length, $5 now; $6 waits, $7 step and $8 limit for HOTP,
-- $9, $10 and $11 for TOTP. The last two columns are NULL if the attempt was not counted.
--
-- What "throttle" shows is of the moment the statement began. The update waits for others and then
-- looks again: so it may refuse what "throttle" would have permitted, never the reverse.
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
            -- More seconds than 32 bits hold.
            WHEN step > 4294967295 / LEAST(failures + 1, 4294967295)
                THEN LEAST($5::bigint, 9223372036854775807 - 4294967295) + 4294967295
            WHEN waits[LEAST(failures + 1, cardinality(waits))] + step = 0 THEN 0
            ELSE LEAST($5::bigint, 9223372036854775807
                    - waits[LEAST(failures + 1, cardinality(waits))]
                    - step * LEAST(failures + 1, 4294967295))
                + waits[LEAST(failures + 1, cardinality(waits))]
                + step * LEAST(failures + 1, 4294967295)
        END
    FROM policy
    WHERE throttle.account = policy.account
        AND locked_until <= $5::bigint AND locked_until < 9223372036854775807
    RETURNING failures, locked_until,
        CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
        ELSE set_config('synchronous_commit', 'on', true) END
)
SELECT record, hotp, length, generation, confirmed, next, drift, attempt,
    throttle.failures, throttle.locked_until, counted.failures, counted.locked_until
FROM credential LEFT JOIN otp_throttle AS throttle USING (account) LEFT JOIN counted ON true
