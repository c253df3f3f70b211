-- $1 account, $2 name, $3 generation, $4 counter, $5 next, $6 drift, $7 attempt.
--
-- Credentials are always written before throttles, so no two statements wait for one another.
--
-- An attempt that asks again because its answer was lost writes the row as it is: if the first commit
-- never reached the standby, this one waits for it.
WITH spent AS (
    UPDATE otp_credential SET confirmed = true, next = $5, drift = $6, attempt = $7
    WHERE account = $1 AND name = $2 AND generation = $3 AND next <= $4
    RETURNING account,
        CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
        ELSE set_config('synchronous_commit', 'on', true) END
), cleared AS (
    UPDATE otp_throttle AS throttle SET failures = 0, locked_until = 0
    FROM spent WHERE throttle.account = spent.account
), repeated AS (
    UPDATE otp_credential SET attempt = attempt
    WHERE account = $1 AND name = $2 AND generation = $3 AND next = $5 AND attempt = $7
    RETURNING
        CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
        ELSE set_config('synchronous_commit', 'on', true) END
)
SELECT EXISTS (SELECT FROM spent) OR EXISTS (SELECT FROM repeated), generation, next, attempt
FROM otp_credential WHERE account = $1 AND name = $2
