-- $1 'advance 2', $2 account, $3 name, $4 generation, $5 counter, $6 next, $7 drift, $8 attempt,
-- $9 whether it confirms. A verification clears the failures; a confirmation takes back its own charge.
--
-- Credentials are always written before throttles, so two statements never wait for each other.
--
-- An attempt that asks again because its answer was lost writes the row unchanged: if the first commit
-- never reached the standby, this one waits for it. An insert sets "attempt" to NULL, so comparing
-- generation and counter of a repeated attempt is a second line, against rows edited by hand.
WITH spent AS (
    UPDATE otp_credential SET confirmed = true, next = $6, drift = $7, attempt = $8
    WHERE $1 = 'advance 2'
        AND account = $2 AND name = $3 AND generation = $4 AND next <= $5
        AND EXISTS (SELECT FROM otp_throttle WHERE account = $2)
    RETURNING account
), cleared AS (
    UPDATE otp_throttle AS throttle SET
        failures = CASE WHEN $9 THEN GREATEST(failures - 1, 0) ELSE 0 END,
        locked_until = CASE WHEN $9 THEN found_until ELSE 0 END,
        charged = NULL, found_until = NULL
    FROM spent WHERE throttle.account = spent.account AND (NOT $9 OR charged = $8)
), repeated AS (
    UPDATE otp_credential SET attempt = attempt
    WHERE $1 = 'advance 2'
        AND account = $2 AND name = $3 AND generation = $4 AND next = $6 AND attempt = $8
    RETURNING account
)
SELECT 'advance 2' AS statement,
    row_security_active('otp_credential'::regclass)
        OR row_security_active('otp_throttle'::regclass) AS hidden,
    CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        THEN set_config('synchronous_commit', 'on', true) END,
    CASE WHEN current_setting('client_min_messages') <> 'warning'
        THEN set_config('client_min_messages', 'warning', true) END,
    EXISTS (SELECT FROM spent) OR EXISTS (SELECT FROM repeated) AS done,
    credential.account, generation, next, attempt, failures
FROM (SELECT) AS one
    LEFT JOIN otp_credential AS credential ON credential.account = $2 AND name = $3
    LEFT JOIN otp_throttle AS throttle ON throttle.account = credential.account
