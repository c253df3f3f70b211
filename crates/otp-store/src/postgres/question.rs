use super::share::Stage;

/// The statements; each is a transaction of its own, except the three of a removal.
///
/// A driver numbers its prepared statements, so behind a pooler that does not know of them a number
/// may lead to another program's statement. That is why each statement takes its own name as its first
/// parameter and acts only if the name is equal, and why each answers with a row, even if there is
/// nothing to tell, that begins with its name. A statement that changes gets another version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Question {
    Find,
    Charge,
    Clamp,
    TakeBack,
    Advance,
    Insert,
    Reseal,
    ResetDrift,
    Unlock,
    Delete,
    Hold,
    Tidy,
    List,
}

impl Question {
    /// What it does to an attempt.
    pub(super) const fn stage(self) -> Stage {
        match self {
            Self::Advance | Self::TakeBack => Stage::Finishes,
            _ => Stage::Begins,
        }
    }

    /// Its name and version.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Find => "find 2",
            Self::Charge => "charge 2",
            Self::Clamp => "clamp 2",
            Self::TakeBack => "take_back 2",
            Self::Advance => "advance 2",
            Self::Insert => "insert 2",
            Self::Reseal => "reseal 2",
            Self::ResetDrift => "reset_drift 2",
            Self::Unlock => "unlock 2",
            Self::Delete => "delete 2",
            Self::Hold => "hold 2",
            Self::Tidy => "tidy 2",
            Self::List => "list 2",
        }
    }

    pub(super) const fn text(self) -> &'static str {
        match self {
            Self::Find => FIND,
            Self::Charge => CHARGE,
            Self::Clamp => CLAMP,
            Self::TakeBack => TAKE_BACK,
            Self::Advance => ADVANCE,
            Self::Insert => INSERT,
            Self::Reseal => RESEAL,
            Self::ResetDrift => RESET_DRIFT,
            Self::Unlock => UNLOCK,
            Self::Delete => DELETE,
            Self::Hold => HOLD,
            Self::Tidy => TIDY,
            Self::List => LIST,
        }
    }
}

/// Begins the row that a statement always answers with: its name, whether row level security hides
/// rows from the role, and two settings that are made right for the transaction, since a session's
/// are lost behind a pooler. The commit waits for the disk, and a warning of a wait that was cancelled
/// is sent.
macro_rules! answer {
    ($name:literal) => {
        concat!(
            " SELECT '",
            $name,
            "' AS statement,
            row_security_active('otp_credential'::regclass)
                OR row_security_active('otp_throttle'::regclass) AS hidden,
            CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
                THEN set_config('synchronous_commit', 'on', true) END,
            CASE WHEN current_setting('client_min_messages') <> 'warning'
                THEN set_config('client_min_messages', 'warning', true) END, "
        )
    };
}

/// $2 account, $3 name.
const FIND: &str = concat!(
    answer!("find 2"),
    "credential.account, CASE WHEN octet_length(record) <= 1048576 THEN record END AS record,
        hotp, length, generation, confirmed, next, drift, attempt, failures, locked_until, charged,
        found_until
    FROM (SELECT) AS one
    LEFT JOIN otp_credential AS credential ON $1 = 'find 2' AND account = $2 AND name = $3
    LEFT JOIN otp_throttle AS throttle ON throttle.account = credential.account"
);

const CHARGE: &str = include_str!("charge.sql");

/// $2 account, $3 the lock that was seen, $4 the one in its place.
const CLAMP: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET locked_until = $4
        WHERE $1 = 'clamp 2' AND account = $2 AND locked_until = $3 RETURNING account
    )",
    answer!("clamp 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account, $3 attempt.
const TAKE_BACK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET failures = GREATEST(failures - 1, 0), locked_until = found_until,
            charged = NULL, found_until = NULL
        WHERE $1 = 'take_back 2' AND account = $2 AND charged = $3 RETURNING account
    )",
    answer!("take_back 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

const ADVANCE: &str = include_str!("advance.sql");

/// $2 account, $3 name, $4 record, $5 hotp, $6 length, $7 generation, $8 next, $9 confirmed. A
/// throttle that is there is written unchanged, to hold it against a removal. `drift` and `attempt` of
/// a row that is replaced are a second line: a row that was never confirmed has neither.
const INSERT: &str = concat!(
    "WITH stored AS (
        INSERT INTO otp_credential AS old
            (account, name, record, hotp, length, generation, confirmed, next, drift)
        SELECT $2, $3, $4, $5, $6::smallint, $7::bigint, $9, $8::bigint, 0 WHERE $1 = 'insert 2'
        ON CONFLICT (account, name) DO UPDATE SET
            record = excluded.record, hotp = excluded.hotp, length = excluded.length,
            generation = excluded.generation, next = excluded.next,
            confirmed = excluded.confirmed, drift = 0, attempt = NULL
        WHERE NOT old.confirmed
        RETURNING account
    ), held AS (
        INSERT INTO otp_throttle AS throttle (account) SELECT account FROM stored
        ON CONFLICT (account) DO UPDATE SET failures = throttle.failures RETURNING account
    )",
    answer!("insert 2"),
    "EXISTS (SELECT FROM held) AS done",
);

/// $2 account, $3 name, $4 the old record, $5 the new one.
const RESEAL: &str = concat!(
    "WITH changed AS (
        UPDATE otp_credential SET record = $5
        WHERE $1 = 'reseal 2' AND account = $2 AND name = $3 AND record = $4 RETURNING account
    )",
    answer!("reseal 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account, $3 name.
const RESET_DRIFT: &str = concat!(
    "WITH changed AS (
        UPDATE otp_credential SET drift = 0
        WHERE $1 = 'reset_drift 2' AND account = $2 AND name = $3 RETURNING account
    )",
    answer!("reset_drift 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account. Also tells whether the account has credentials and no throttle.
const UNLOCK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET failures = 0, locked_until = 0, charged = NULL, found_until = NULL
        WHERE $1 = 'unlock 2' AND account = $2 RETURNING account
    )",
    answer!("unlock 2"),
    "EXISTS (SELECT FROM changed) AS done, EXISTS (
        SELECT FROM otp_credential AS credential WHERE account = $2
            AND NOT EXISTS (SELECT FROM otp_throttle WHERE account = credential.account)
    ) AS damaged",
);

/// $2 account, $3 name.
const DELETE: &str = concat!(
    "WITH changed AS (
        DELETE FROM otp_credential
        WHERE $1 = 'delete 2' AND account = $2 AND name = $3 RETURNING account
    )",
    answer!("delete 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account. Who inserts another credential meanwhile has come before or must wait.
const HOLD: &str = concat!(
    "WITH held AS (
        SELECT FROM otp_throttle WHERE $1 = 'hold 2' AND account = $2 FOR UPDATE
    )",
    answer!("hold 2"),
    "EXISTS (SELECT FROM held) AS done",
);

/// $2 account.
const TIDY: &str = concat!(
    "WITH changed AS (
        DELETE FROM otp_throttle WHERE $1 = 'tidy 2' AND account = $2
            AND NOT EXISTS (SELECT FROM otp_credential WHERE account = $2) RETURNING account
    )",
    answer!("tidy 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account and $3 name to come after, $4 how many. One row without an account if there are none.
const LIST: &str = concat!(
    answer!("list 2"),
    "page.account IS NOT NULL AS done,
        CASE WHEN octet_length(page.account) <= 255 THEN page.account END AS account,
        CASE WHEN octet_length(page.name) <= 255 THEN page.name END AS name
    FROM (SELECT) AS one LEFT JOIN (
        SELECT account, name FROM otp_credential
        WHERE $1 = 'list 2' AND (account, name) > ($2, $3) ORDER BY account, name LIMIT $4
    ) AS page ON true ORDER BY page.account, page.name"
);

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Question;

    pub(super) const ALL: [Question; 13] = [
        Question::Find,
        Question::Charge,
        Question::Clamp,
        Question::TakeBack,
        Question::Advance,
        Question::Insert,
        Question::Reseal,
        Question::ResetDrift,
        Question::Unlock,
        Question::Delete,
        Question::Hold,
        Question::Tidy,
        Question::List,
    ];

    #[test]
    fn every_statement_asks_for_its_name_and_answers_with_it() {
        let beginning = |text: &str| {
            let (_, answer) = text.split_once("SELECT '").unwrap();
            let (_, answer) = answer.split_once("' AS statement").unwrap();
            let (checks, _) = answer.split_once("'warning', true) END,").unwrap();
            checks.split_whitespace().collect::<String>()
        };
        for question in ALL {
            let (text, name) = (question.text(), question.name());
            let others = ALL.iter().filter(|other| **other != question);
            assert!(others.clone().all(|other| other.name() != name));
            assert!(others.clone().all(|other| !text.contains(&format!("'{}'", other.name()))));
            assert!(text.contains(&format!("SELECT '{name}' AS statement")), "{name}");
            assert!(text.contains(&format!("$1 = '{name}'")), "{name}");
            assert_eq!(beginning(text), beginning(Question::Find.text()), "{name}");
        }
    }
}

#[cfg(all(test, feature = "server-tests"))]
mod server_tests {
    #![allow(clippy::unwrap_used)]

    use tokio_postgres::types::{ToSql, Type};
    use tokio_postgres::{Client, Error, NoTls, Row};

    use super::Question;
    use crate::postgres::parameters::{Parameters, parameters};
    use crate::postgres::schema::{STEPS, WAIT, create};

    async fn client(schema: &str) -> Client {
        let url = std::env::var("OTP_TEST_POSTGRES").unwrap();
        let (mut client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
        drop(tokio::spawn(connection));
        let statements = format!(
            "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema};
             SET search_path = {schema}"
        );
        client.batch_execute(&statements).await.unwrap();
        create(&mut client, STEPS, WAIT).await.unwrap();
        client
    }

    async fn ask(
        client: &Client,
        name: &str,
        question: Question,
        parameters: &Parameters,
    ) -> Result<Row, Error> {
        let mut all: Vec<(&(dyn ToSql + Sync), Type)> = vec![(&name, Type::TEXT)];
        for (value, of) in parameters {
            all.push((&**value, of.clone()));
        }
        let mut rows = client.query_typed(question.text(), &all).await?;
        assert_eq!(rows.len(), 1);
        Ok(rows.remove(0))
    }

    fn id() -> String {
        "alice".to_owned()
    }

    fn attempt() -> Vec<u8> {
        vec![7; 16]
    }

    fn insert(hotp: bool) -> Parameters {
        parameters![id(), String::new(), "{}".to_owned(), hotp, 6_i16, 1_i64, 1_i64, false]
    }

    /// Writes down what the setting is when a transaction ends.
    const WITNESS: &str = "
        CREATE TABLE seen (setting text, messages text);
        CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            INSERT INTO seen VALUES
                (current_setting('synchronous_commit'), current_setting('client_min_messages'));
            RETURN NULL;
        END $$;
        CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_throttle
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see();
        CREATE CONSTRAINT TRIGGER see AFTER INSERT OR UPDATE OR DELETE ON otp_credential
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION see()";

    /// As behind a pooler, where a session has the settings of another program.
    #[tokio::test]
    async fn a_statement_is_durable_in_a_session_that_is_not() {
        let client = client("otp_durable").await;
        client.batch_execute(WITNESS).await.unwrap();
        let none = || vec![0_i64];
        let spend =
            || parameters![id(), String::new(), 1_i64, 1_i64, 2_i64, 0_i16, attempt(), false];
        let record = || "{}".to_owned();
        let charge = || {
            parameters![
                id(),
                String::new(),
                false,
                6_i16,
                1_i64,
                none(),
                1_i64,
                2_i64,
                none(),
                1_i64,
                2_i64,
                attempt(),
            ]
        };
        let statements: [(Question, Parameters); 11] = [
            (Question::Insert, insert(true)),
            (Question::Charge, charge()),
            (Question::TakeBack, parameters![id(), attempt()]),
            (Question::Charge, charge()),
            (Question::Clamp, parameters![id(), 2_i64, 1_i64]),
            (Question::Advance, spend()),
            // The same attempt again, which must not be told of what no standby has.
            (Question::Advance, spend()),
            (Question::Reseal, parameters![id(), String::new(), record(), record()]),
            (Question::ResetDrift, parameters![id(), String::new()]),
            (Question::Unlock, parameters![id()]),
            (Question::Delete, parameters![id(), String::new()]),
        ];
        for (setting, messages, expected) in [
            ("off", "error", "on"),
            ("local", "notice", "on"),
            ("remote_write", "warning", "on"),
            ("remote_apply", "error", "remote_apply"),
        ] {
            let weaker =
                format!("SET synchronous_commit = {setting}; SET client_min_messages = {messages}");
            client.batch_execute(&weaker).await.unwrap();
            for (question, parameters) in &statements {
                let name = question.name();
                client.batch_execute("DELETE FROM seen").await.unwrap();
                // The control: under another name it does nothing.
                ask(&client, "canary", *question, parameters).await.unwrap();
                let count = "SELECT count(*) FROM seen";
                let count: i64 = client.query_one(count, &[]).await.unwrap().get(0);
                assert_eq!(count, 0, "{name}");
                ask(&client, name, *question, parameters).await.unwrap();
                let seen = "SELECT DISTINCT setting, messages FROM seen";
                let seen = client.query(seen, &[]).await.unwrap();
                let seen: Vec<(&str, &str)> =
                    seen.iter().map(|row| (row.get(0), row.get(1))).collect();
                assert_eq!(seen, [(expected, "warning")], "{setting}: {name}");
            }
            // The control: the session itself stays as it was.
            client.batch_execute("DELETE FROM seen; DELETE FROM otp_throttle").await.unwrap();
            let seen = client.query_one("SELECT setting, messages FROM seen", &[]).await.unwrap();
            assert_eq!((seen.get(0), seen.get(1)), (setting, messages));
        }
    }

    /// Cutting a lock must not undo what another call has set since it was read.
    #[tokio::test]
    async fn a_lock_that_is_another_by_now_is_not_cut() {
        let client = client("otp_clamp").await;
        ask(&client, "insert 2", Question::Insert, &insert(true)).await.unwrap();
        client.batch_execute("UPDATE otp_throttle SET locked_until = 900").await.unwrap();
        for (seen, cut) in [(899_i64, false), (900, true)] {
            let parameters = parameters![id(), seen, 5_i64];
            let row = ask(&client, "clamp 2", Question::Clamp, &parameters).await;
            assert_eq!(row.unwrap().get::<_, bool>("done"), cut);
            let lock = client.query_one("SELECT locked_until FROM otp_throttle", &[]).await;
            assert_eq!(lock.unwrap().get::<_, i64>(0), if cut { 5 } else { 900 });
        }
    }

    /// Each type waits by its own policy: times and steps, too.
    #[tokio::test]
    async fn each_type_waits_by_its_own_policy() {
        let client = client("otp_waits").await;
        for (hotp, waits, steps, expected) in [
            (true, [1_i64, 100], [0_i64, 0], 1_001_i64),
            (false, [1, 100], [0, 0], 1_100),
            (true, [0, 0], [7, 30], 1_007),
            (false, [0, 0], [7, 30], 1_030),
        ] {
            client.batch_execute("TRUNCATE otp_credential, otp_throttle").await.unwrap();
            ask(&client, "insert 2", Question::Insert, &insert(hotp)).await.unwrap();
            let ([hotp_wait, totp_wait], [hotp_step, totp_step]) = (waits, steps);
            let charge = parameters![
                id(),
                String::new(),
                false,
                6_i16,
                1_000_i64,
                vec![hotp_wait],
                hotp_step,
                9_i64,
                vec![totp_wait],
                totp_step,
                9_i64,
                attempt(),
            ];
            let row = ask(&client, "charge 2", Question::Charge, &charge).await.unwrap();
            assert_eq!(row.get::<_, i64>("counted_locked_until"), expected, "{hotp}");
        }
    }
}
