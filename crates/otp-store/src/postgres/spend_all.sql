-- The part of a spend of several credentials that spends. $2 account; $3 names, $4 generations, $5
-- counters, $6 drifts and $7 attempts, in arrays of one length.
--
-- "held" locks the credentials in the order of their names, so two calls never deadlock, and shows
-- their newest state. "judged" reads all of it first, so credentials are locked before the throttle.
-- A counter that the same attempt has spent is written unchanged: if the first commit never reached
-- the standby, this one waits for it.
held AS (
    SELECT credential.name, wanted.counter, wanted.drift, wanted.attempt,
        credential.generation = wanted.generation AND next <= wanted.counter AS unspent,
        credential.generation = wanted.generation AND next = wanted.counter + 1
            AND credential.attempt IS NOT DISTINCT FROM wanted.attempt AS repeated
    FROM wanted JOIN otp_credential AS credential ON credential.name = wanted.name
    WHERE credential.account = $2
    ORDER BY credential.name FOR UPDATE OF credential
), judged AS (
    SELECT bool_and(unspent OR repeated) AS done, bool_or(unspent) AS changed FROM held
    HAVING count(*) = cardinality($3) AND EXISTS (SELECT FROM otp_throttle WHERE account = $2)
), spent AS (
    UPDATE otp_credential AS credential SET confirmed = true, next = held.counter + 1,
        drift = CASE WHEN unspent THEN held.drift ELSE credential.drift END,
        attempt = held.attempt
    FROM judged, held
    WHERE account = $2 AND credential.name = held.name AND (unspent OR repeated)
), cleared AS (
    UPDATE otp_throttle SET failures = 0, locked_until = 0, guesses = 0,
        charged = NULL, found_until = NULL, found_guesses = NULL
    FROM judged WHERE account = $2 AND done AND changed
)
