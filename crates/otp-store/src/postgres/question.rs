/// The statements; each is a transaction of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    Find,
    Charge,
    Clamp,
    Advance,
    Insert,
    Reseal,
    Unlock,
    Delete,
    Hold,
    Tidy,
    List,
}

/// Makes the commit of a statement wait for the disk, whatever has become of the session's
/// setting.
macro_rules! durable {
    () => {
        "CASE WHEN current_setting('synchronous_commit') IN ('on', 'remote_apply') THEN NULL
         ELSE set_config('synchronous_commit', 'on', true) END"
    };
}

impl Question {
    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Find => FIND,
            Self::Charge => CHARGE,
            Self::Clamp => CLAMP,
            Self::Advance => ADVANCE,
            Self::Insert => INSERT,
            Self::Reseal => RESEAL,
            Self::Unlock => UNLOCK,
            Self::Delete => DELETE,
            Self::Hold => HOLD,
            Self::Tidy => TIDY,
            Self::List => LIST,
        }
    }
}

/// $1 account, $2 name.
const FIND: &str = "
SELECT record, hotp, length, generation, confirmed, next, drift, attempt,
    throttle.failures, throttle.locked_until
FROM otp_credential LEFT JOIN otp_throttle AS throttle USING (account)
WHERE account = $1 AND name = $2";

const CHARGE: &str = include_str!("charge.sql");

/// $1 account, $2 the lock that was seen, $3 the one in its place.
const CLAMP: &str = concat!(
    "UPDATE otp_throttle SET locked_until = $3 WHERE account = $1 AND locked_until = $2 RETURNING ",
    durable!(),
);

const ADVANCE: &str = include_str!("advance.sql");

/// $1 account, $2 name, $3 record, $4 hotp, $5 length, $6 generation, $7 next, $8 confirmed. A throttle
/// that is there is written as it is, to hold it against a removal.
const INSERT: &str = concat!(
    "
WITH stored AS (
    INSERT INTO otp_credential AS old
        (account, name, record, hotp, length, generation, confirmed, next, drift)
    VALUES ($1, $2, $3, $4, $5, $6, $8, $7, 0)
    ON CONFLICT (account, name) DO UPDATE SET
        record = excluded.record, hotp = excluded.hotp, length = excluded.length,
        generation = excluded.generation, next = excluded.next,
        confirmed = excluded.confirmed, drift = 0, attempt = NULL
    WHERE NOT old.confirmed
    RETURNING account
)
INSERT INTO otp_throttle AS throttle (account) SELECT account FROM stored
ON CONFLICT (account) DO UPDATE SET failures = throttle.failures RETURNING ",
    durable!(),
);

/// $1 account, $2 name, $3 the old record, $4 the new one.
const RESEAL: &str = concat!(
    "UPDATE otp_credential SET record = $4 WHERE account = $1 AND name = $2 AND record = $3
     RETURNING ",
    durable!(),
);

/// $1 account.
const UNLOCK: &str = concat!(
    "UPDATE otp_throttle SET failures = 0, locked_until = 0 WHERE account = $1 RETURNING ",
    durable!(),
);

/// $1 account, $2 name.
const DELETE: &str =
    concat!("DELETE FROM otp_credential WHERE account = $1 AND name = $2 RETURNING ", durable!(),);

/// $1 account. Who inserts another credential meanwhile has come before or must wait.
const HOLD: &str = "SELECT FROM otp_throttle WHERE account = $1 FOR UPDATE";

/// $1 account.
const TIDY: &str = "
DELETE FROM otp_throttle WHERE account = $1
    AND NOT EXISTS (SELECT FROM otp_credential WHERE account = $1)";

/// $1 account and $2 name to come after, $3 how many.
const LIST: &str = "
SELECT account, name FROM otp_credential WHERE (account, name) > ($1, $2)
ORDER BY account, name LIMIT $3";

#[cfg(all(test, feature = "server-tests"))]
mod tests {
    #![allow(clippy::unwrap_used)]

    use tokio_postgres::NoTls;
    use tokio_postgres::types::ToSql;

    use super::{ADVANCE, CHARGE, CLAMP, DELETE, INSERT, RESEAL, UNLOCK};
    use crate::postgres::schema::{STEPS, migrate};

    /// Writes down what the setting is when a transaction ends.
    const WITNESS: &str = "
        CREATE TABLE seen (setting text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_throttle
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
        CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_credential
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()";

    /// As behind a pooler, where a session has the settings of somebody else.
    #[tokio::test]
    async fn a_statement_is_durable_in_a_session_that_is_not() {
        let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
        let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        let schema = "DROP SCHEMA IF EXISTS otp_durable CASCADE; CREATE SCHEMA otp_durable;
             SET search_path = otp_durable";
        client.batch_execute(schema).await.unwrap();
        migrate(&mut client, STEPS).await.unwrap();
        client.batch_execute(WITNESS).await.unwrap();

        let (id, name, record) = ("alice", "", "{}");
        let (yes, no, length, drift, attempt) = (true, false, 6_i16, 0_i16, &[7_u8; 16][..]);
        let (one, two, none) = (1_i64, 2_i64, vec![0_i64]);
        let statements: [(&str, &[&(dyn ToSql + Sync)]); 8] = [
            (INSERT, &[&id, &name, &record, &yes, &length, &one, &one, &no]),
            (CHARGE, &[&id, &name, &no, &length, &one, &none, &one, &two, &none, &one, &two]),
            (CLAMP, &[&id, &two, &one]),
            (ADVANCE, &[&id, &name, &one, &one, &two, &drift, &attempt]),
            // The same attempt again, which must not be told of what no standby has.
            (ADVANCE, &[&id, &name, &one, &one, &two, &drift, &attempt]),
            (RESEAL, &[&id, &name, &record, &record]),
            (UNLOCK, &[&id]),
            (DELETE, &[&id, &name]),
        ];
        for (setting, expected) in [
            ("off", "on"),
            ("local", "on"),
            ("remote_write", "on"),
            ("remote_apply", "remote_apply"),
        ] {
            let weaker = format!("SET synchronous_commit = {setting}");
            client.batch_execute(&weaker).await.unwrap();
            for (statement, parameters) in statements {
                client.batch_execute("DELETE FROM seen").await.unwrap();
                assert_eq!(client.execute(statement, parameters).await.unwrap(), 1, "{statement}");
                let seen = client.query("SELECT DISTINCT setting FROM seen", &[]).await.unwrap();
                let seen: Vec<&str> = seen.iter().map(|row| row.get(0)).collect();
                assert_eq!(seen, [expected], "{setting}: {statement}");
            }
            // The control: the session itself is as it was.
            client.batch_execute("DELETE FROM seen; DELETE FROM otp_throttle").await.unwrap();
            let seen = client.query_one("SELECT setting FROM seen", &[]).await.unwrap();
            assert_eq!(seen.get::<_, &str>(0), setting);
        }
    }
}
