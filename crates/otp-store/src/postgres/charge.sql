-- $1 'charge 2', $2 account, $3 name, $4 confirmed, $5 length, $6 now; $7 waits, $8 step and $9
-- limit for HOTP, $10, $11 and $12 for TOTP; $13 attempt. The last columns are NULL if it was not
-- counted.
--
-- "throttle" shows the state at the start of the statement. The update waits for other updates and
-- then checks again. So it may refuse what "throttle" would permit, never the reverse.
--
-- LEAST(failures + 1, 4294967295) is the count with this attempt. The cap is a second line of
-- defence, since every policy locks hard before. waits[…] is the wait after that count. The reader
-- reports numbers that are out of bounds.
WITH credential AS (
    SELECT account, record, hotp, length, generation, confirmed, next, drift, attempt
    FROM otp_credential WHERE $1 = 'charge 2' AND account = $2 AND name = $3
), policy AS (
    SELECT account, CASE WHEN hotp THEN $7::bigint[] ELSE $10::bigint[] END AS waits,
        CASE WHEN hotp THEN $8::bigint ELSE $11::bigint END AS step,
        CASE WHEN hotp THEN $9::bigint ELSE $12::bigint END AS most
    FROM credential WHERE confirmed = $4 AND length = $5 AND octet_length(record) <= 1048576
), counted AS (
    UPDATE otp_throttle AS throttle SET
        failures = LEAST(failures + 1, 4294967295),
        locked_until = CASE
            WHEN LEAST(failures + 1, 4294967295) >= most THEN 9223372036854775807
            -- The seconds do not fit into 32 bits.
            WHEN step > 4294967295 / LEAST(failures + 1, 4294967295)
                THEN LEAST($6::bigint, 9223372036854775807 - 4294967295) + 4294967295
            WHEN waits[LEAST(failures + 1, cardinality(waits))] + step = 0 THEN 0
            ELSE LEAST($6::bigint, 9223372036854775807
                    - waits[LEAST(failures + 1, cardinality(waits))]
                    - step * LEAST(failures + 1, 4294967295))
                + waits[LEAST(failures + 1, cardinality(waits))]
                + step * LEAST(failures + 1, 4294967295)
        END,
        charged = $13, found_until = locked_until
    FROM policy
    WHERE throttle.account = policy.account AND failures BETWEEN 0 AND 4294967295
        AND locked_until BETWEEN 0 AND $6::bigint AND locked_until < 9223372036854775807
    RETURNING failures, locked_until, found_until
)
SELECT 'charge 2' AS statement,
    row_security_active('otp_credential'::regclass)
        OR row_security_active('otp_throttle'::regclass) AS hidden,
    CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        THEN set_config('synchronous_commit', 'on', true) END,
    CASE WHEN current_setting('client_min_messages') <> 'warning'
        THEN set_config('client_min_messages', 'warning', true) END,
    credential.account, CASE WHEN octet_length(record) <= 1048576 THEN record END AS record,
    hotp, length, generation, confirmed, next, drift, attempt,
    throttle.failures, throttle.locked_until, throttle.charged, throttle.found_until,
    counted.failures AS counted_failures, counted.locked_until AS counted_locked_until,
    counted.found_until AS counted_found_until
FROM (SELECT) AS one LEFT JOIN credential ON true
    LEFT JOIN otp_throttle AS throttle ON throttle.account = credential.account
    LEFT JOIN counted ON true
