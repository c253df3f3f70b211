//! Requirements on a server and a database.

use core::time::Duration;
use std::net::TcpStream;

use otp_store::{AsyncStore, Blocking, Durability, EngineErrorKind, Error, Postgres, conformance};
use tokio::net::TcpSocket;
use tokio::runtime::Runtime;
use tokio::task::JoinSet;
use tokio_postgres::NoTls;

use crate::requests::{CALLS, call, entry, id};
use crate::server::{Database, SERVER, connect, create, kind, variable};

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_starts_succeed() {
    let database = Database::new("start").await;
    let mut tasks = JoinSet::new();
    for _ in 0..24 {
        let url = database.url.clone();
        tasks.spawn(async move { create(&url).await.map(drop) });
    }
    for answer in tasks.join_all().await {
        answer.unwrap();
    }
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
    for (name, tables) in [
        ("foreign_one", "CREATE TABLE otp_credential (mine integer)"),
        ("foreign_two", "CREATE TABLE otp_throttle (mine integer)"),
        ("foreign_three", "CREATE TABLE otp_schema (mine integer)"),
        ("foreign_four", "CREATE TABLE otp_schema (version text)"),
        ("foreign_five", "CREATE TABLE otp_schema (version integer)"),
        ("foreign_six", "CREATE TABLE otp_schema AS SELECT -1 AS version"),
        ("foreign_seven", "CREATE TABLE otp_recovery (mine integer)"),
    ] {
        let database = Database::new(name).await;
        database.run(tables).await;
        for refused in [create(&database.url).await, connect(&database.url).await] {
            assert!(matches!(refused, Err(Error::Foreign)), "{tables}: {refused:?}");
        }
        let count = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'";
        assert_eq!(database.number(count).await, 1, "{tables}");
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
    database.run("DROP ROLE IF EXISTS otp_app; CREATE ROLE otp_app LOGIN PASSWORD 'app'").await;
    let url = database.url_for("otp_app", "app");
    assert_eq!(kind(create(&url).await), EngineErrorKind::Denied);
    assert!(database.store().await.unchecked().is_empty());
    assert_eq!(kind(connect(&url).await), EngineErrorKind::Denied);
    let grant = "GRANT SELECT ON otp_schema TO otp_app;
         GRANT SELECT, INSERT, UPDATE, DELETE ON otp_throttle, otp_credential, otp_recovery
             TO otp_app;
         REVOKE EXECUTE ON FUNCTION pg_control_system FROM PUBLIC;
         REVOKE SELECT ON pg_subscription_rel FROM PUBLIC";
    database.run(grant).await;
    let store = create(&url).await.unwrap();
    assert_eq!(store.unchecked(), ["timeline", "subscriptions"]);
    for name in CALLS.split(' ') {
        call(&store, name).await.unwrap();
    }
}

/// Even if the tables exist.
#[tokio::test(flavor = "multi_thread")]
async fn read_only_database_is_refused() {
    let database = Database::new("read_only").await;
    database.store().await;
    let standby = variable("OTP_TEST_POSTGRES_STANDBY");
    let (server, _) = standby.rsplit_once('/').unwrap();
    let standby = format!("{server}/{}", database.name);
    while !is_there(&standby).await {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(kind(connect(&standby).await), EngineErrorKind::ReadOnly);
    database
        .run(&format!("ALTER DATABASE {} SET default_transaction_read_only = on", database.name))
        .await;
    assert_eq!(kind(connect(&database.url).await), EngineErrorKind::ReadOnly);
}

/// Returns whether the tables have reached a standby.
async fn is_there(url: &str) -> bool {
    let Ok((client, connection)) = tokio_postgres::connect(url, NoTls).await else { return false };
    drop(tokio::spawn(connection));
    client.query("SELECT version FROM otp_schema WHERE version > 0", &[]).await.is_ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn primary_is_used_of_several_hosts() {
    let database = Database::new("hosts").await;
    let standby = variable("OTP_TEST_POSTGRES_STANDBY");
    let at = |url: &str| url.rsplit_once('@').unwrap().1.split_once('/').unwrap().0.to_owned();
    let (login, _) = database.url.rsplit_once('@').unwrap();
    let hosts = format!("{},{}", at(&standby), at(&database.url));
    let store = create(&format!("{login}@{hosts}/{}", database.name)).await.unwrap();
    assert!(store.insert(&id("alice"), &entry(7)).await.unwrap());
    let only = format!("{login}@{0},{0}/{1}", at(&standby), "postgres");
    assert_eq!(kind(connect(&only).await), EngineErrorKind::ReadOnly);
}

/// The queue of the first host is full, so the kernel drops new packets.
#[tokio::test(flavor = "multi_thread")]
async fn host_that_drops_packets_is_passed_over() {
    let database = Database::new("vanished").await;
    let dead = TcpSocket::new_v4().unwrap();
    dead.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = dead.listen(1).unwrap();
    let place = dead.local_addr().unwrap();
    // The kernel accepts a connection at once or not at all, however busy the machine is.
    let short = Duration::from_millis(200);
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&place, short) {
        queue.push(stream);
    }
    let (login, rest) = database.url.rsplit_once('@').unwrap();
    let url = |hosts: &str| format!("{login}@{hosts}/{}?connect_timeout=1", database.name);
    let (good, _) = rest.split_once('/').unwrap();
    create(&url(&format!("{place},{good}"))).await.unwrap();
    // The control: the first host is the dead one.
    assert_eq!(kind(connect(&url(&place.to_string())).await), EngineErrorKind::TimedOut);
}

/// A weaker default of the database does not affect the store's commits. A stronger one stays.
#[tokio::test(flavor = "multi_thread")]
async fn commits_are_synchronous() {
    for (name, setting) in [("commit_off", "off"), ("commit_local", "local")] {
        let database = Database::new(name).await;
        let name = &database.name;
        database.run(&format!("ALTER DATABASE {name} SET synchronous_commit = {setting}")).await;
        let store = database.store().await;
        // A trigger records the setting of the session.
        database
            .run(
                "CREATE TABLE seen (setting text);
                 CREATE FUNCTION see() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                     INSERT INTO seen VALUES (current_setting('synchronous_commit')); RETURN NEW;
                 END $$;
                 CREATE TRIGGER see BEFORE INSERT OR UPDATE ON otp_credential
                     FOR EACH ROW EXECUTE FUNCTION see()",
            )
            .await;
        store.insert(&id("alice"), &entry(7)).await.unwrap();
        assert_eq!(database.number("SELECT count(*) FROM seen WHERE setting = 'on'").await, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_may_lose_data_is_refused() {
    let _alone = SERVER.write().await;
    let database = Database::alone("unsafe").await;
    let admin = database.client().await;
    for setting in ["fsync", "full_page_writes"] {
        admin.batch_execute(&format!("ALTER SYSTEM SET {setting} = off")).await.unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        let show = format!("SHOW {setting}");
        let shown = async || -> String {
            database.client().await.query_one(&show, &[]).await.unwrap().get(0)
        };
        while shown().await != "off" {}
        let refused = connect(&database.url).await;
        admin.batch_execute(&format!("ALTER SYSTEM RESET {setting}")).await.unwrap();
        admin.batch_execute("SELECT pg_reload_conf()").await.unwrap();
        while shown().await != "on" {}
        assert_eq!(kind(refused), EngineErrorKind::Unsafe(setting));
    }
    database.store().await;
    // Standbys are not checked for this.
    assert_eq!(Postgres::DURABILITY, Durability::DiskExceptFailover);
}
