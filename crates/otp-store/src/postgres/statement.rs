use super::share::Stage;

/// The statements. Each is a transaction of its own, except the three of a removal.
///
/// A driver numbers its prepared statements. Behind a pooler that does not keep them, a number may
/// lead to another program's statement. So each statement takes its name as its first parameter,
/// and acts only if the name is equal. Each returns a row that begins with its name, even without a
/// result. A statement that changes gets a new version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Statement {
    Find,
    Charge,
    Clamp,
    TakeBack,
    Spend,
    NotSpent,
    Insert,
    Reseal,
    ResetDrift,
    Unlock,
    Delete,
    Hold,
    Tidy,
    List,
}

impl Statement {
    /// Returns whether it begins or finishes an attempt.
    pub(super) const fn stage(self) -> Stage {
        match self {
            Self::Spend | Self::NotSpent | Self::TakeBack => Stage::Finishes,
            _ => Stage::Begins,
        }
    }

    /// Returns its name and version.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Find => "find 2",
            Self::Charge => "charge 2",
            Self::Clamp => "clamp 2",
            Self::TakeBack => "take_back 2",
            Self::Spend => "spend 2",
            Self::NotSpent => "not_spent 2",
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
            Self::Spend => SPEND,
            Self::NotSpent => NOT_SPENT,
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

/// Begins the row that every statement returns: its name, and whether row level security hides rows
/// from the role. It also corrects two settings for the transaction, since those of a session are
/// lost behind a pooler. The commit waits for the disk, and the server reports a wait that was
/// cancelled.
macro_rules! reply {
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

/// Ends a row with a credential, if it exists: $2 account, $3 name.
macro_rules! entry {
    ($name:literal) => {
        concat!(
            "credential.account, CASE WHEN octet_length(record) <= 1048576 THEN record END AS record,
            hotp, length, generation, confirmed, next, drift, attempt, failures, locked_until, charged,
            found_until
            FROM (SELECT) AS one
            LEFT JOIN otp_credential AS credential
                ON $1 = '",
            $name,
            "' AND credential.account = $2 AND credential.name = $3
            LEFT JOIN otp_throttle AS throttle ON throttle.account = credential.account"
        )
    };
}

/// $2 account, $3 name.
const FIND: &str = concat!(reply!("find 2"), entry!("find 2"));

const CHARGE: &str = include_str!("charge.sql");

/// $2 account, $3 the lock that was read, $4 its replacement.
const CLAMP: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET locked_until = $4
        WHERE $1 = 'clamp 2' AND account = $2 AND locked_until = $3 RETURNING account
    )",
    reply!("clamp 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account, $3 attempt.
const TAKE_BACK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET failures = GREATEST(failures - 1, 0), locked_until = found_until,
            charged = NULL, found_until = NULL
        WHERE $1 = 'take_back 2' AND account = $2 AND charged = $3 RETURNING account
    )",
    reply!("take_back 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

const SPEND: &str = include_str!("spend.sql");

/// Finds out why nothing was spent. $2 account, $3 name, $4 generation, $5 next, $6 attempt.
///
/// A retry after a lost reply writes the row unchanged: if the first commit never reached the
/// standby, this one waits for it. An insert sets `attempt` to NULL, so comparing generation and
/// counter is a second line of defence, against rows edited by hand.
const NOT_SPENT: &str = concat!(
    "WITH repeated AS (
        UPDATE otp_credential SET attempt = attempt
        WHERE $1 = 'not_spent 2' AND account = $2 AND name = $3 AND generation = $4 AND next = $5
            AND attempt = $6 AND EXISTS (SELECT FROM otp_throttle WHERE account = $2)
        RETURNING account
    )",
    reply!("not_spent 2"),
    "EXISTS (SELECT FROM repeated) AS done, ",
    entry!("not_spent 2"),
);

/// $2 account, $3 name, $4 record, $5 hotp, $6 length, $7 generation, $8 next, $9 confirmed. An
/// existing throttle is written unchanged, to hold it against a removal. Resetting `drift` and
/// `attempt` is a second line of defence: a row that was never confirmed has neither.
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
    reply!("insert 2"),
    "EXISTS (SELECT FROM held) AS done",
);

/// $2 account, $3 name, $4 the old record, $5 the new one.
const RESEAL: &str = concat!(
    "WITH changed AS (
        UPDATE otp_credential SET record = $5
        WHERE $1 = 'reseal 2' AND account = $2 AND name = $3 AND record = $4 RETURNING account
    )",
    reply!("reseal 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account, $3 name.
const RESET_DRIFT: &str = concat!(
    "WITH changed AS (
        UPDATE otp_credential SET drift = 0
        WHERE $1 = 'reset_drift 2' AND account = $2 AND name = $3 RETURNING account
    )",
    reply!("reset_drift 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account. Also returns whether the account has credentials but no throttle.
const UNLOCK: &str = concat!(
    "WITH changed AS (
        UPDATE otp_throttle SET failures = 0, locked_until = 0, charged = NULL, found_until = NULL
        WHERE $1 = 'unlock 2' AND account = $2 RETURNING account
    )",
    reply!("unlock 2"),
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
    reply!("delete 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account. A concurrent insert for the account was committed before, or must wait.
const HOLD: &str = concat!(
    "WITH held AS (
        SELECT FROM otp_throttle WHERE $1 = 'hold 2' AND account = $2 FOR UPDATE
    )",
    reply!("hold 2"),
    "EXISTS (SELECT FROM held) AS done",
);

/// $2 account.
const TIDY: &str = concat!(
    "WITH changed AS (
        DELETE FROM otp_throttle WHERE $1 = 'tidy 2' AND account = $2
            AND NOT EXISTS (SELECT FROM otp_credential WHERE account = $2) RETURNING account
    )",
    reply!("tidy 2"),
    "EXISTS (SELECT FROM changed) AS done",
);

/// $2 account and $3 name to start after, $4 the most rows. Returns one row without an account if
/// there are no more.
const LIST: &str = concat!(
    reply!("list 2"),
    "page.account IS NOT NULL AS done,
        CASE WHEN octet_length(page.account) <= 255 THEN page.account END AS account,
        CASE WHEN octet_length(page.name) <= 255 THEN page.name END AS name
    FROM (SELECT) AS one LEFT JOIN (
        SELECT account, name FROM otp_credential
        WHERE $1 = 'list 2' AND (account, name) > ($2, $3) ORDER BY account, name LIMIT $4
    ) AS page ON true ORDER BY page.account, page.name"
);

#[cfg(all(test, feature = "server-tests"))]
mod server_tests;

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::Statement;

    pub(super) const ALL: [Statement; 14] = [
        Statement::Find,
        Statement::Charge,
        Statement::Clamp,
        Statement::TakeBack,
        Statement::Spend,
        Statement::NotSpent,
        Statement::Insert,
        Statement::Reseal,
        Statement::ResetDrift,
        Statement::Unlock,
        Statement::Delete,
        Statement::Hold,
        Statement::Tidy,
        Statement::List,
    ];

    #[test]
    fn every_statement_checks_and_returns_its_name() {
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
            assert_eq!(beginning(text), beginning(Statement::Find.text()), "{name}");
        }
    }
}
