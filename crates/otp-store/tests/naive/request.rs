use otp_store::{
    AccountCopy, AccountId, AttemptId, ChargeRequest, CredentialId, Entry, RecordText, RecoverySet,
    RecoverySetId, RecoverySpend, SpendRequest,
};

/// What the arguments of a call say.
#[derive(Default)]
pub(crate) struct Request {
    pub(crate) call: &'static str,
    pub(crate) account: Option<AccountId>,
    pub(crate) id: Option<CredentialId>,
    pub(crate) charge: Option<ChargeRequest>,
    pub(crate) spend: Option<SpendRequest>,
    pub(crate) recovery: Option<RecoverySpend>,
    /// The names of several credentials.
    pub(crate) names: Vec<String>,
    /// The record that is replaced.
    pub(crate) record: Option<RecordText>,
}

/// An argument of a call.
pub(crate) trait Argument<'a>: Sized {
    /// Adds what the argument says.
    fn note(&self, _request: &mut Request) {}

    /// Returns the argument with the id of the request.
    fn kept(self, _request: &'a Request) -> Self {
        self
    }
}

impl<'a> Argument<'a> for &'a CredentialId {
    fn note(&self, request: &mut Request) {
        (request.account, request.id) = (Some(self.account().clone()), Some((*self).clone()));
    }

    fn kept(self, request: &'a Request) -> Self {
        request.id.as_ref().unwrap()
    }
}

impl<'a> Argument<'a> for &'a AccountId {
    fn note(&self, request: &mut Request) {
        request.account = Some((*self).clone());
    }

    fn kept(self, request: &'a Request) -> Self {
        request.account.as_ref().unwrap()
    }
}

/// Arguments that say one thing.
macro_rules! says {
    ($($type:ty: |$argument:ident, $request:ident| $note:expr;)*) => {
        $(impl<'a> Argument<'a> for $type {
            fn note(&self, $request: &mut Request) {
                let $argument = self;
                $note;
            }
        })*
    };
}

says! {
    &'a AccountCopy: |copy, request| request.account = Some(copy.id().clone());
    &'a ChargeRequest: |charge, request| request.charge = Some(**charge);
    &'a SpendRequest: |spend, request| request.spend = Some(**spend);
    &'a RecoverySpend: |spend, request| request.recovery = Some(**spend);
    &'a RecordText: |record, request| _ = request.record.get_or_insert_with(|| (*record).clone());
    &'a [(&'a str, SpendRequest)]: |spends, request| {
        request.names = spends.iter().map(|(name, _)| (*name).to_owned()).collect();
    };
}

impl Argument<'_> for &Entry {}
impl Argument<'_> for &RecoverySet {}
impl Argument<'_> for &str {}
impl Argument<'_> for AttemptId {}
impl Argument<'_> for Option<&AccountId> {}
impl Argument<'_> for Option<&CredentialId> {}
impl Argument<'_> for RecoverySetId {}
impl Argument<'_> for usize {}
