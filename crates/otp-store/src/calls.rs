/// Passes every call of a store to a macro, so that a store around another one names none of them.
macro_rules! calls {
    ($macro:ident) => {
        $macro! {
            insert(id: &$crate::CredentialId, entry: &$crate::Entry) -> bool;
            find(id: &$crate::CredentialId) -> Option<$crate::Entry>;
            credentials(account: &$crate::AccountId) -> Vec<($crate::CredentialId, $crate::Entry)>;
            charge(id: &$crate::CredentialId, charge: &$crate::ChargeRequest) -> $crate::ChargeReply;
            charge_account(account: &$crate::AccountId, charge: &$crate::ChargeRequest)
                -> $crate::ChargeReply<Vec<($crate::CredentialId, $crate::Entry)>>;
            take_back(account: &$crate::AccountId, attempt: $crate::AttemptId) -> bool;
            spend(id: &$crate::CredentialId, spend: &$crate::SpendRequest) -> $crate::SpendReply;
            spend_all(account: &$crate::AccountId, spends: &[(&str, $crate::SpendRequest)]) -> $crate::SpendReply;
            reseal(id: &$crate::CredentialId, old: &$crate::RecordText, new: &$crate::RecordText) -> bool;
            reset_drift(id: &$crate::CredentialId) -> bool;
            unlock(account: &$crate::AccountId) -> bool;
            revoke_trust(account: &$crate::AccountId) -> bool;
            remove(id: &$crate::CredentialId) -> bool;
            list(after: Option<&$crate::CredentialId>, most: usize) -> Vec<$crate::CredentialId>;
            store_recovery(account: &$crate::AccountId, set: &$crate::RecoverySet) -> ();
            recovery(account: &$crate::AccountId) -> Option<$crate::RecoveryEntry>;
            charge_recovery(account: &$crate::AccountId, charge: &$crate::ChargeRequest) -> $crate::ChargeReply<$crate::RecoveryEntry>;
            spend_recovery(account: &$crate::AccountId, spend: &$crate::RecoverySpend) -> $crate::RecoveryReply;
            reseal_recovery(account: &$crate::AccountId, set: $crate::RecoverySetId, old: &str, new: &str) -> bool;
            remove_recovery(account: &$crate::AccountId) -> bool;
            copy(account: &$crate::AccountId) -> Option<$crate::AccountCopy>;
            restore(copy: &$crate::AccountCopy) -> bool;
            list_recovery(after: Option<&$crate::AccountId>, most: usize) -> Vec<$crate::AccountId>;
        }
    };
}

pub(crate) use calls;
