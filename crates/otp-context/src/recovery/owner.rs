/// The account that recovery codes belong to. Their digests and their key are bound to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RecoveryOwner<'a> {
    namespace: &'a str,
    account: &'a str,
}

impl<'a> RecoveryOwner<'a> {
    /// Takes the application's id of the account: one that never changes and is never reused.
    #[must_use]
    pub const fn new(account: &'a str) -> Self {
        Self { namespace: "", account }
    }

    /// Sets the application or tenant, if several share application secrets. Default: empty.
    #[must_use]
    pub const fn with_namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = namespace;
        self
    }

    /// Returns the application or tenant.
    #[must_use]
    pub const fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// Returns the account's id.
    #[must_use]
    pub const fn account(&self) -> &'a str {
        self.account
    }
}
