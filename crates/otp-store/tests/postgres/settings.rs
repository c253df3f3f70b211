//! Settings of a server and a database, and hosts of a URL.

use core::time::Duration;
use std::net::TcpStream;

use otp_store::{AsyncStore, Durability, EngineErrorKind, Postgres};
use tokio::net::TcpSocket;
use tokio_postgres::NoTls;

use crate::requests::{entry, id, kind};
use crate::server::{Database, SERVER, connect, create, place, variable};

/// Existing tables do not help a server or a database that only reads.
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
    database.alter("SET default_transaction_read_only = on").await;
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
    let at = place(&standby);
    let hosts = format!("{at},{}", place(&database.url));
    let store = create(&database.url_at(&hosts)).await.unwrap();
    assert!(store.insert(&id("alice"), &entry(7)).await.unwrap());
    let only = standby.replace(at, &format!("{at},{at}"));
    assert_eq!(kind(connect(&only).await), EngineErrorKind::ReadOnly);
}

/// The queue of the first host is full, so the kernel drops new packets.
#[tokio::test(flavor = "multi_thread")]
async fn host_that_drops_packets_is_passed_over() {
    let database = Database::new("vanished").await;
    let dead = TcpSocket::new_v4().unwrap();
    dead.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    let dead = dead.listen(1).unwrap();
    let dead_place = dead.local_addr().unwrap();
    // The kernel accepts a connection at once or not at all, however busy the machine is.
    let short = Duration::from_millis(200);
    let mut queue = Vec::new();
    while let Ok(stream) = TcpStream::connect_timeout(&dead_place, short) {
        queue.push(stream);
    }
    let url = |hosts: &str| format!("{}?connect_timeout=1", database.url_at(hosts));
    let both = format!("{dead_place},{}", place(&database.url));
    create(&url(&both)).await.unwrap();
    // The control: the first host is the dead one.
    let only = connect(&url(&dead_place.to_string())).await;
    assert_eq!(kind(only), EngineErrorKind::TimedOut);
}

/// A weaker default of the database does not affect the store's commits. A stronger one stays.
#[tokio::test(flavor = "multi_thread")]
async fn commits_are_synchronous() {
    for (setting, kept) in [("off", "on"), ("local", "on"), ("remote_apply", "remote_apply")] {
        let database = Database::new(&format!("commit_{setting}")).await;
        database.alter(&format!("SET synchronous_commit = {setting}")).await;
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
        let seen = format!("SELECT count(*) FROM seen WHERE setting = '{kept}'");
        assert_eq!(database.number(&seen).await, 1, "{setting}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn server_that_may_lose_data_is_refused() {
    let _alone = SERVER.write().await;
    let database = Database::alone("unsafe").await;
    for setting in ["fsync", "full_page_writes"] {
        let is = async |value: &str| {
            let settings = "SELECT count(*) FROM pg_settings";
            let query = format!("{settings} WHERE name = '{setting}' AND setting = '{value}'");
            database.number(&query).await == 1
        };
        database.alter_system(&format!("SET {setting} = off")).await;
        while !is("off").await {}
        let refused = connect(&database.url).await;
        database.alter_system(&format!("RESET {setting}")).await;
        while !is("on").await {}
        assert_eq!(kind(refused), EngineErrorKind::Unsafe(setting));
    }
    database.store().await;
    // Standbys are not checked for this.
    assert_eq!(Postgres::DURABILITY, Durability::DiskExceptFailover);
}
