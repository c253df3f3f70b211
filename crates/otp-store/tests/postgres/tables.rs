//! Tables that are missing, another version's or another program's, and rights on them.

use otp_store::{AsyncStore, Blocking, EngineErrorKind, Error, Postgres, conformance};
use tokio::runtime::Runtime;

use crate::requests::{CALLS, at_once, call, entry, id, kind};
use crate::server::{Database, connect, create};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_starts_succeed() {
    let database = Database::new("start").await;
    let created = at_once(24, |_| {
        let url = database.url.clone();
        async move { create(&url).await.map(drop).unwrap() }
    });
    created.await;
    assert_eq!(database.number("SELECT sum(version) FROM otp_schema").await, 3);
}

/// The error names what is missing and where, and nothing is created.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_opening_creates_nothing_and_names_the_place() {
    let database = Database::new("missing").await;
    database.run("CREATE SCHEMA apart").await;
    for (path, expected) in [
        ("public", "no table otp_schema in the schemas of the search_path: public"),
        ("apart%2Cpublic", "no table otp_schema in the schemas of the search_path: apart, public"),
        ("nowhere", "no existing schema in the search_path: nowhere"),
    ] {
        let url = format!("{}?options=-c%20search_path%3D{path}", database.url);
        let mut refused = vec![connect(&url).await.err(), Postgres::migrate(&url).await.err()];
        if path == "nowhere" {
            refused.push(create(&url).await.err());
        }
        for error in refused {
            let Some(Error::Missing(place)) = error else { panic!("{path}: {error:?}") };
            let said = Error::Missing(place).to_string();
            assert!(said.ends_with(expected), "{said}");
        }
    }
    let tables = "SELECT count(*) FROM pg_class WHERE relname LIKE 'otp\\_%'";
    assert_eq!(database.number(tables).await, 0);
    // The control: tables may lie in a schema of their own.
    let url = format!("{}?options=-c%20search_path%3Dapart", database.url);
    let store = create(&url).await.unwrap();
    store.insert(&id("alice"), &entry(7)).await.unwrap();
    assert_eq!(database.number("SELECT count(*) FROM apart.otp_credential").await, 1);
}

#[test]
fn postgres_opening_and_a_missing_account_row_keep_the_laws() {
    let runtime = Runtime::new().unwrap();
    let database = runtime.block_on(Database::new("damage"));
    conformance::opening_creates_nothing(|| Blocking::open(connect(&database.url)));
    runtime.block_on(database.store());
    conformance::damage_is_said(
        || Blocking::open(connect(&database.url)).unwrap(),
        |id| {
            let damage = format!(
                "ALTER TABLE otp_credential DROP CONSTRAINT otp_credential_account_fkey;
                 DELETE FROM otp_throttle WHERE account = '{}'",
                id.account()
            );
            runtime.block_on(database.run(&damage));
        },
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_schema_is_refused() {
    let database = Database::new("newer").await;
    database.store().await;
    database.run("UPDATE otp_schema SET version = 99").await;
    connect(&database.url).await.unwrap();
    database.run("UPDATE otp_schema SET oldest = 99").await;
    assert!(matches!(connect(&database.url).await, Err(Error::Newer)));
    assert!(matches!(create(&database.url).await, Err(Error::Newer)));
}

#[tokio::test(flavor = "multi_thread")]
async fn foreign_tables_are_refused_and_unchanged() {
    let tables = [
        "otp_credential (mine integer)",
        "otp_throttle (mine integer)",
        "otp_recovery (mine integer)",
        "otp_schema (mine integer)",
        "otp_schema (version text)",
        "otp_schema (version integer)",
        "otp_schema AS SELECT -1 AS version",
    ];
    for (number, table) in tables.iter().enumerate() {
        let database = Database::new(&format!("foreign_{number}")).await;
        database.run(&format!("CREATE TABLE {table}")).await;
        for refused in [create(&database.url).await, connect(&database.url).await] {
            assert!(matches!(refused, Err(Error::Foreign)), "{table}: {refused:?}");
        }
        let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(database.number(count).await, 1, "{table}");
    }
    let database = Database::new("shared").await;
    database.run("CREATE TABLE other AS SELECT 1 AS mine").await;
    database.store().await;
    let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE 'otp\\_%'";
    assert_eq!(database.number(count).await, 1);
}

/// Checks that the role's rights prevent are named, and do not refuse the server.
#[tokio::test(flavor = "multi_thread")]
async fn role_with_row_rights_alone_can_use_existing_tables() {
    let database = Database::new("rights").await;
    let url = database.role("otp_app").await;
    assert_eq!(kind(create(&url).await), EngineErrorKind::Denied);
    assert!(database.store().await.unchecked().is_empty());
    assert_eq!(kind(connect(&url).await), EngineErrorKind::Denied);
    database.grant_rows("otp_app").await;
    let hide = "REVOKE EXECUTE ON FUNCTION pg_control_system FROM PUBLIC;
         REVOKE SELECT ON pg_subscription_rel FROM PUBLIC";
    database.run(hide).await;
    let store = create(&url).await.unwrap();
    assert_eq!(store.unchecked(), ["timeline", "subscriptions"]);
    for name in CALLS.split(' ') {
        call(&store, name).await.unwrap();
    }
}

/// A role whose rows are hidden by row level security gets an error, and never "no credential".
#[tokio::test(flavor = "multi_thread")]
async fn postgres_row_level_security_is_an_error() {
    let database = Database::new("row_security").await;
    database.store().await.insert(&id("alice"), &entry(7)).await.unwrap();
    let url = database.role("otp_policed").await;
    database.grant_rows("otp_policed").await;
    let store = connect(&url).await.unwrap();
    assert!(store.find(&id("alice")).await.unwrap().is_some(), "the control");
    let of_codes =
        "recovery charge_recovery remove_recovery list_recovery revoke_trust unlock remove";
    // A log-in does not look at the codes.
    let all = format!("{of_codes} find list spend confirm reseal");
    for (table, calls) in
        [("otp_credential", &*all), ("otp_throttle", &all), ("otp_recovery", of_codes)]
    {
        database.run(&format!("ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")).await;
        for name in calls.split(' ') {
            let kind = kind(call(&store, name).await);
            assert!(matches!(kind, EngineErrorKind::Unfit(why) if why.contains("row level")));
        }
        database.run(&format!("ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")).await;
    }
    database.run("ALTER TABLE otp_schema ENABLE ROW LEVEL SECURITY").await;
    let refused = kind(connect(&url).await);
    assert!(matches!(refused, EngineErrorKind::Unfit(why) if why.contains("row level")));
    // The owner of the tables sees every row.
    let owner = connect(&database.url).await.unwrap();
    assert!(owner.find(&id("alice")).await.unwrap().is_some());
}

/// Unlogged tables are refused, since a crash would empty them.
#[tokio::test(flavor = "multi_thread")]
async fn postgres_unlogged_tables_are_refused() {
    let database = Database::new("unlogged").await;
    drop(database.store().await);
    for table in ["otp_credential", "otp_recovery", "otp_schema"] {
        database.run(&format!("ALTER TABLE {table} SET UNLOGGED")).await;
        let refused = kind(connect(&database.url).await);
        assert_eq!(refused, EngineErrorKind::Unfit("its tables are UNLOGGED"), "{table}");
        // The control.
        database.run(&format!("ALTER TABLE {table} SET LOGGED")).await;
        connect(&database.url).await.unwrap();
    }
}
