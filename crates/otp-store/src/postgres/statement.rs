use self::account::{CLAMP, HOLD, REVOKE_TRUST, TAKE_BACK, TIDY, UNLOCK};
use self::charge::{CHARGE, CHARGE_ACCOUNT, CHARGE_RECOVERY};
use self::copy::{COPY, RESTORE};
use self::recovery::{
    LIST_RECOVERY, RECOVERY, REMOVE_RECOVERY, RESEAL_RECOVERY, SPEND_RECOVERY, STORE_CODES,
    STORE_RECOVERY,
};
use super::share::Stage;

macro_rules! statements {
    ($($statement:ident: $name:literal, $text:ident;)+) => {
        /// The statements. Each is a transaction of its own, except those of a removal and of storing
        /// recovery codes.
        ///
        /// A driver numbers its prepared statements. Behind a pooler that does not keep them, a number
        /// may lead to another program's statement. So each statement takes its name as its first
        /// parameter, and acts only if the name is equal. Each returns a row that begins with its name,
        /// even without a result. A statement that changes gets a new version.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub(super) enum Statement {
            $($statement,)+
        }

        impl Statement {
            #[cfg(test)]
            const ALL: &[Self] = &[$(Self::$statement),+];

            /// Returns its name and version.
            pub(super) const fn name(self) -> &'static str {
                match self {
                    $(Self::$statement => $name,)+
                }
            }

            pub(super) const fn text(self) -> &'static str {
                match self {
                    $(Self::$statement => $text,)+
                }
            }
        }
    };
}

statements! {
    Find: "find 3", FIND;
    Credentials: "credentials 3", CREDENTIALS;
    Charge: "charge 4", CHARGE;
    ChargeAccount: "charge_account 4", CHARGE_ACCOUNT;
    Clamp: "clamp 3", CLAMP;
    TakeBack: "take_back 3", TAKE_BACK;
    Spend: "spend 3", SPEND;
    Confirm: "confirm 3", CONFIRM;
    NotSpent: "not_spent 3", NOT_SPENT;
    SpendAll: "spend_all 3", SPEND_ALL;
    Insert: "insert 2", INSERT;
    Reseal: "reseal 2", RESEAL;
    ResetDrift: "reset_drift 2", RESET_DRIFT;
    Unlock: "unlock 3", UNLOCK;
    Delete: "delete 2", DELETE;
    Hold: "hold 2", HOLD;
    Tidy: "tidy 3", TIDY;
    List: "list 2", LIST;
    RevokeTrust: "revoke_trust 3", REVOKE_TRUST;
    StoreRecovery: "store_recovery 3", STORE_RECOVERY;
    StoreCodes: "store_codes 3", STORE_CODES;
    Recovery: "recovery 3", RECOVERY;
    ChargeRecovery: "charge_recovery 4", CHARGE_RECOVERY;
    SpendRecovery: "spend_recovery 3", SPEND_RECOVERY;
    ResealRecovery: "reseal_recovery 3", RESEAL_RECOVERY;
    RemoveRecovery: "remove_recovery 3", REMOVE_RECOVERY;
    ListRecovery: "list_recovery 3", LIST_RECOVERY;
    Copy: "copy 4", COPY;
    Restore: "restore 4", RESTORE;
}

impl Statement {
    /// Returns whether it begins or finishes an attempt.
    pub(super) const fn stage(self) -> Stage {
        match self {
            Self::Spend
            | Self::Confirm
            | Self::NotSpent
            | Self::SpendAll
            | Self::SpendRecovery
            | Self::TakeBack => Stage::Finishes,
            _ => Stage::Begins,
        }
    }
}

/// Begins the row that every statement returns: its name, and whether row level security hides rows
/// from the role. It also corrects two settings for the transaction, since those of a session are
/// lost behind a pooler. The commit waits for the disk, and the server reports a wait that was
/// cancelled.
///
/// A statement on recovery codes looks at their table, too. A log-in does not pay for that.
macro_rules! reply {
    ($name:literal $(, $codes:literal)?) => {
        concat!(
            " SELECT '",
            $name,
            "' AS statement,
            row_security_active('otp_credential'::regclass)
                OR row_security_active('otp_throttle'::regclass)",
            $("
                OR row_security_active('", $codes, "'::regclass)",)?
            " AS hidden,
            CASE WHEN current_setting('synchronous_commit') NOT IN ('on', 'remote_apply')
                THEN set_config('synchronous_commit', 'on', true) END,
            CASE WHEN current_setting('client_min_messages') <> 'warning'
                THEN set_config('client_min_messages', 'warning', true) END, "
        )
    };
}

/// The columns of a credential that a table of that name has.
macro_rules! credential {
    () => {
        "credential.account,
            CASE WHEN octet_length(record) <= 1048576 THEN record END AS record,
            hotp, length, generation, confirmed, next, drift, attempt, "
    };
}

/// The name of a credential, for statements about several.
macro_rules! credential_name {
    () => {
        "CASE WHEN octet_length(credential.name) <= 255 THEN credential.name END AS name, "
    };
}

/// Ends a row with a credential, if it exists: $2 account, and $3 name or all of the account. The
/// throttle is joined by the parameter. Joined by the credential's column, with several
/// credentials, PostgreSQL would read all throttles.
macro_rules! entry {
    ($name:literal $(, $one:literal)?) => {
        concat!(
            credential!(),
            "failures, locked_until, guesses, charged, found_until, found_guesses, trust_epoch,
                recovery_set
            FROM (SELECT) AS one
            LEFT JOIN otp_credential AS credential ON $1 = '",
            $name,
            "' AND credential.account = $2 ",
            $($one,)?
            "LEFT JOIN otp_throttle AS throttle ON throttle.account = $2"
        )
    };
}

/// Clears what failed attempts left of an account.
macro_rules! clear {
    () => {
        "failures = 0, locked_until = 0, guesses = 0, charged = NULL, found_until = NULL,
            found_guesses = NULL"
    };
}

/// Finds whether account $2 has credentials or codes, but has lost its throttle.
macro_rules! damaged {
    () => {
        "(EXISTS (SELECT FROM otp_credential WHERE account = $2)
            OR EXISTS (SELECT FROM otp_recovery WHERE account = $2))
            AND NOT EXISTS (SELECT FROM otp_throttle WHERE account = $2) AS damaged"
    };
}

/// The columns of account $2's set of recovery codes.
macro_rules! recovery_set {
    () => {
        concat!(
            "CASE WHEN octet_length(recovery_key) <= 1024 THEN recovery_key END AS recovery_key,
            (SELECT count(*) FROM otp_recovery WHERE account = $2 AND attempt IS NULL) AS codes, ",
            damaged!(),
            ", "
        )
    };
}

mod account;
mod charge;
mod copy;
mod recovery;

/// $2 account, $3 name.
const FIND: &str = concat!(reply!("find 3"), entry!("find 3", "AND credential.name = $3 "));

/// $2 account.
const CREDENTIALS: &str = concat!(
    reply!("credentials 3"),
    credential_name!(),
    entry!("credentials 3"),
    " ORDER BY credential.name"
);

/// Spends a counter: $2 account, $3 name, $4 generation, $5 counter, $6 next, $7 drift, $8 attempt.
///
/// Every statement but `RESTORE` locks credentials before throttles, and throttles before recovery codes,
/// so two never deadlock. Every log-in runs this statement. If it changes nothing, `NOT_SPENT` finds out why.
macro_rules! spend {
    ($name:literal, $throttle:expr) => {
        concat!(
            "WITH spent AS (
                UPDATE otp_credential SET confirmed = true, next = $6, drift = $7, attempt = $8
                WHERE $1 = '",
            $name,
            "' AND account = $2 AND name = $3 AND generation = $4 AND next <= $5
                RETURNING account
            ), changed AS (
                UPDATE otp_throttle SET ",
            $throttle,
            " WHERE account = (SELECT account FROM spent) RETURNING account
            )",
            reply!($name),
            "EXISTS (SELECT FROM changed) AS done"
        )
    };
}

/// A verification clears the failures.
const SPEND: &str = spend!("spend 3", clear!());

/// A confirmation takes back its own charge, if that is the last.
const CONFIRM: &str = spend!(
    "confirm 3",
    "failures = CASE WHEN charged = $8 THEN GREATEST(failures - 1, 0) ELSE failures END,
        locked_until = CASE WHEN charged = $8 THEN found_until ELSE locked_until END,
        guesses = CASE WHEN charged = $8 THEN found_guesses ELSE guesses END,
        charged = CASE WHEN charged <> $8 THEN charged END,
        found_until = CASE WHEN charged <> $8 THEN found_until END,
        found_guesses = CASE WHEN charged <> $8 THEN found_guesses END"
);

/// Finds out why nothing was spent. $2 account, $3 name, $4 generation, $5 next, $6 attempt.
///
/// A retry after a lost reply writes the row unchanged: if the first commit never reached the
/// standby, this one waits for it. An insert sets `attempt` to NULL, so comparing generation and
/// counter is a second line of defence, against rows edited by hand.
const NOT_SPENT: &str = concat!(
    "WITH repeated AS (
        UPDATE otp_credential SET attempt = attempt
        WHERE $1 = 'not_spent 3' AND account = $2 AND name = $3 AND generation = $4 AND next = $5
            AND attempt = $6 AND EXISTS (SELECT FROM otp_throttle WHERE account = $2)
        RETURNING account
    )",
    reply!("not_spent 3"),
    "EXISTS (SELECT FROM repeated) AS done, ",
    entry!("not_spent 3", "AND credential.name = $3 "),
);

/// Returns all credentials of the account, as they were before. The parameters are in
/// `spend_all.sql`.
const SPEND_ALL: &str = concat!(
    "WITH wanted AS (
        SELECT * FROM unnest($3::text[], $4::bigint[], $5::bigint[], $6::bigint[], $7::bytea[])
            AS wanted (name, generation, counter, drift, attempt)
        WHERE $1 = 'spend_all 3'
    ), ",
    include_str!("spend_all.sql"),
    reply!("spend_all 3"),
    "EXISTS (SELECT FROM judged WHERE done) AS done, ",
    credential_name!(),
    entry!("spend_all 3"),
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

/// $2 account, $3 name.
const DELETE: &str = concat!(
    "WITH changed AS (
        DELETE FROM otp_credential
        WHERE $1 = 'delete 2' AND account = $2 AND name = $3 RETURNING account
    )",
    reply!("delete 2"),
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

    #[test]
    fn every_statement_checks_and_returns_its_name() {
        let beginning = |text: &str| {
            let (_, answer) = text.split_once("SELECT '").unwrap();
            let (_, answer) = answer.split_once("' AS statement").unwrap();
            let (checks, _) = answer.split_once("'warning', true) END,").unwrap();
            checks.split_whitespace().collect::<String>()
        };
        for question in Statement::ALL {
            let (text, name) = (question.text(), question.name());
            let others = Statement::ALL.iter().filter(|other| *other != question);
            assert!(others.clone().all(|other| other.name() != name));
            assert!(others.clone().all(|other| !text.contains(&format!("'{}'", other.name()))));
            assert!(text.contains(&format!("SELECT '{name}' AS statement")), "{name}");
            assert!(text.contains(&format!("$1 = '{name}'")), "{name}");
            let codes = "ORrow_security_active('otp_recovery'::regclass)";
            let checked = beginning(text);
            assert_eq!(text.contains(" otp_recovery"), checked.contains(codes), "{name}");
            assert_eq!(checked.replace(codes, ""), beginning(Statement::Find.text()), "{name}");
        }
    }
}
