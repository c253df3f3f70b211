-- The part of a charge that counts. "policy" has a row if the attempt may be counted: its rules, and
-- of these the step, the limit ("most") and the seconds of a lock-out ("reopen", 0 if it does not end
-- by itself), its guesses ("more"), and the budget without these ("left_over"). $4 is the time, and $7
-- the attempt.
--
-- "policy" shows the credentials at the start of the statement. The update waits for other updates
-- and then checks again. So it may refuse what the state at the start would permit, never the
-- reverse.
--
-- LEAST(failures + 1, 4294967295) is the count with this attempt. The cap is a second line of
-- defence, since every policy locks out before. rules[LEAST(failures + 6, …)] is the wait after that
-- count. The reader reports numbers that are out of bounds.
counted AS (
    UPDATE otp_throttle AS throttle SET
        failures = LEAST(failures + 1, 4294967295),
        locked_until = CASE
            -- The last attempt, or another one like it would exceed the budget.
            WHEN LEAST(failures + 1, 4294967295) >= most OR guesses > left_over - more THEN
                CASE reopen WHEN 0 THEN 9223372036854775807
                ELSE LEAST($4::bigint, 9223372036854775807 - reopen) + reopen END
            -- The seconds do not fit into 32 bits.
            WHEN step > 4294967295 / LEAST(failures + 1, 4294967295)
                THEN LEAST($4::bigint, 9223372036854775807 - 4294967295) + 4294967295
            WHEN rules[LEAST(failures + 6, cardinality(rules))] + step = 0 THEN 0
            ELSE LEAST($4::bigint, 9223372036854775807
                    - rules[LEAST(failures + 6, cardinality(rules))]
                    - step * LEAST(failures + 1, 4294967295))
                + rules[LEAST(failures + 6, cardinality(rules))]
                + step * LEAST(failures + 1, 4294967295)
        END,
        guesses = LEAST(guesses + more, 4294967295),
        charged = $7, found_until = locked_until, found_guesses = guesses
    FROM policy
    WHERE account = $2 AND failures BETWEEN 0 AND 4294967295
        AND locked_until BETWEEN 0 AND $4::bigint AND locked_until < 9223372036854775807
        -- The first attempt of a clean account is within any budget, and so is one after a lock-out.
        AND (guesses = 0 OR guesses BETWEEN 1 AND left_over
            OR reopen > 0 AND guesses BETWEEN 1 AND 4294967295)
    RETURNING account, failures, locked_until, guesses, charged, found_until, found_guesses
)
