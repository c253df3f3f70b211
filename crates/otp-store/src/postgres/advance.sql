-- $1 account, $2 name, $3 generation, $4 counter, $5 next, $6 drift, $7 attempt.
--
-- Credentials are always written before throttles, so no two statements wait for one another.
WITH spent AS (
    UPDATE otp_credential SET confirmed = true, next = $5, drift = $6, attempt = $7
    WHERE account = $1 AND name = $2 AND generation = $3 AND next <= $4
    RETURNING account,
        CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
        ELSE set_config('synchronous_commit', 'on', true) END
), cleared AS (
    UPDATE otp_throttle AS throttle SET failures = 0, locked_until = 0
    FROM spent WHERE throttle.account = spent.account
)
SELECT EXISTS (SELECT FROM spent), generation, next, attempt
FROM otp_credential WHERE account = $1 AND name = $2
