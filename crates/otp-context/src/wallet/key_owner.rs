/// The owner of a sealed key: a key opens only for the owner that it was sealed for.
///
/// So an attacker with write access to the database cannot make a sealed key work in another row, for
/// another user, or with other parameters.
///
/// ```
/// use otp_context::wallet::KeyOwner;
///
/// let owner = KeyOwner::new("user-4711", "phone").with_namespace("shop");
/// assert_eq!(owner.user(), "user-4711");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyOwner<'a> {
    namespace: &'a str,
    user: &'a str,
    credential: &'a str,
}

impl<'a> KeyOwner<'a> {
    /// Takes the application's id of the user, and its id of this credential of the user.
    ///
    /// Use ids that never change and are never reused: not an address, not a name.
    #[must_use]
    pub const fn new(user: &'a str, credential: &'a str) -> Self {
        Self { namespace: "", user, credential }
    }

    /// Sets the application or tenant, if several share application secrets.
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

    /// Returns the user's id.
    #[must_use]
    pub const fn user(&self) -> &'a str {
        self.user
    }

    /// Returns the credential's id.
    #[must_use]
    pub const fn credential(&self) -> &'a str {
        self.credential
    }
}
