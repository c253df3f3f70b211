-- $1 'spend 2', $2 account, $3 name, $4 generation, $5 counter, $6 next, $7 drift, $8 attempt, $9
-- whether it confirms. A verification clears the failures. A confirmation takes back its own
-- charge, if that is the last.
--
-- Every statement writes credentials before throttles, so two never deadlock. Every log-in runs
-- this statement. If it changes nothing, "not_spent" finds out why.
WITH spent AS (
    UPDATE otp_credential SET confirmed = true, next = $6, drift = $7, attempt = $8
    WHERE $1 = 'spend 2' AND account = $2 AND name = $3 AND generation = $4 AND next <= $5
    RETURNING account
), cleared AS (
    UPDATE otp_throttle SET
        failures = CASE WHEN NOT $9 THEN 0
            WHEN charged = $8 THEN GREATEST(failures - 1, 0) ELSE failures END,
        locked_until = CASE WHEN NOT $9 THEN 0
            WHEN charged = $8 THEN found_until ELSE locked_until END,
        charged = CASE WHEN $9 AND charged <> $8 THEN charged END,
        found_until = CASE WHEN $9 AND charged <> $8 THEN found_until END
    WHERE account = (SELECT account FROM spent)
    RETURNING account
)
SELECT 'spend 2' AS statement,
    row_security_active('otp_credential'::regclass)
        OR row_security_active('otp_throttle'::regclass) AS hidden,
    CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
        THEN set_config('synchronous_commit', 'on', true) END,
    CASE WHEN current_setting('client_min_messages') <> 'warning'
        THEN set_config('client_min_messages', 'warning', true) END,
    EXISTS (SELECT FROM cleared) AS done
