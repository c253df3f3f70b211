use core::time::Duration;

/// How a [`Postgres`](crate::Postgres) store connects.
///
/// ```
/// use core::time::Duration;
/// use otp_store::PostgresOptions;
///
/// let options = PostgresOptions::new().with_connections(32).with_timeout(Duration::from_secs(2));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    pub(super) connections: usize,
    pub(super) timeout: Duration,
    pub(super) pooler: bool,
}

impl PostgresOptions {
    /// The defaults: up to 16 connections, 5 seconds.
    #[must_use]
    pub const fn new() -> Self {
        Self { connections: 16, timeout: Duration::from_secs(5), pooler: false }
    }

    /// The same with up to so many connections, at least one. They are opened as needed.
    #[must_use]
    pub const fn with_connections(self, most: usize) -> Self {
        Self { connections: if most == 0 { 1 } else { most }, ..self }
    }

    /// The same with another patience, in milliseconds from 1 to 2^31 - 1: with the wait for a
    /// connection that is free, with opening one (all hosts of the URL together), and with each
    /// statement. The last is the server's to stop; if it is silent for a second more, it is given
    /// up.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        const MOST: Duration = Duration::from_millis(0x7fff_ffff);
        Self { timeout: timeout.clamp(Duration::from_millis(1), MOST), ..self }
    }

    /// Uses no prepared statements, for a pooler in transaction mode that does not keep them, as
    /// PgBouncer before 1.21. The server plans each statement anew, so it takes about twice the time.
    ///
    /// Without this option such a pooler makes calls fail, and lets no one in.
    #[must_use]
    pub const fn with_pooler(self) -> Self {
        Self { pooler: true, ..self }
    }
}

impl Default for PostgresOptions {
    fn default() -> Self {
        Self::new()
    }
}
