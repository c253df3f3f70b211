/// Whose key a sealed key is: what it was sealed with it must be opened with.
///
/// Somebody who can write to the database cannot make a sealed key work in another row, for
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
    /// Binds to the ids that the application has for the user and for this one of the user's
    /// credentials.
    ///
    /// They should be ids that never change and are never given away again: not an address, not
    /// a name.
    #[must_use]
    pub const fn new(user: &'a str, credential: &'a str) -> Self {
        Self { namespace: "", user, credential }
    }

    /// Binds to one of several applications or tenants too that share application secrets.
    #[must_use]
    pub const fn with_namespace(mut self, namespace: &'a str) -> Self {
        self.namespace = namespace;
        self
    }

    /// The application or tenant.
    #[must_use]
    pub const fn namespace(&self) -> &'a str {
        self.namespace
    }

    /// The user's id.
    #[must_use]
    pub const fn user(&self) -> &'a str {
        self.user
    }

    /// The credential's id.
    #[must_use]
    pub const fn credential(&self) -> &'a str {
        self.credential
    }
}
