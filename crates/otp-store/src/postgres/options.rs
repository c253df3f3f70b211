use core::time::Duration;

/// Options for connecting a [`Postgres`](crate::Postgres) store.
///
/// ```
/// use core::time::Duration;
/// use otp_store::PostgresOptions;
///
/// let options = PostgresOptions::new()
///     .with_connections(32)
///     .with_timeout(Duration::from_secs(2));
/// # let _ = options;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PostgresOptions {
    pub(super) connections: usize,
    pub(super) timeout: Duration,
    pub(super) pooler: bool,
}

impl PostgresOptions {
    /// Returns the defaults: up to 16 connections, a timeout of 5 seconds, no pooler.
    #[must_use]
    pub const fn new() -> Self {
        Self { connections: 16, timeout: Duration::from_secs(5), pooler: false }
    }

    /// Sets the maximum number of connections. Default: 16, minimum: 1. They open on demand.
    #[must_use]
    pub const fn with_connections(self, most: usize) -> Self {
        Self { connections: if most == 0 { 1 } else { most }, ..self }
    }

    /// Sets the timeout, from 1 to 2^31 - 1 milliseconds. Default: 5 seconds. It applies to the
    /// wait for a free connection, to opening one (all hosts of the URL together), and to each
    /// statement. The server stops a statement at the timeout. If the server is silent for another
    /// second, the call gives up.
    #[must_use]
    pub fn with_timeout(self, timeout: Duration) -> Self {
        const MOST: Duration = Duration::from_millis(0x7fff_ffff);
        Self { timeout: timeout.clamp(Duration::from_millis(1), MOST), ..self }
    }

    /// Uses no prepared statements. Set it for a pooler in transaction mode that does not keep
    /// them, as PgBouncer before 1.21. The server then plans each statement again, which takes
    /// about twice the time.
    ///
    /// Without this option such a pooler makes calls fail, and no user is let in.
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
