/// The flaw of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flaw {
    /// Has no flaw.
    None,
    /// Reads a row, checks, and writes it back.
    ReadCheckWrite,
    /// Checks the lock first, and counts later.
    CheckThenCount,
    /// Reads a record first, and replaces it later.
    LookThenReseal,
    /// Has no generation.
    NoGeneration,
    /// Keeps spent counters in the memory of a handle.
    OwnMemory,
    /// Spends no counter.
    SpendsNothing,
    /// Refuses only the counter that was spent last.
    LastCodeOnly,
    /// Does not keep the attempt that spent last.
    NoAttempt,
    /// Does a repeated spend again.
    RepeatsAll,
    /// Keeps no drift.
    NoDrift,
    /// Keeps counters in doubles.
    Doubles,
    /// Keeps generations in doubles.
    DoubleGenerations,
    /// Compares ids without case.
    CaseBlind,
    /// Joins account and name without a separator.
    Glued,
    /// Lists in any order.
    Unordered,
    /// Counts failures by credential.
    ByCredential,
    /// Counts codes of a wrong length.
    CountsMalformed,
    /// Never shortens a wait.
    NoCut,
    /// Takes a lock far in the future for one that has ended.
    ForgetsAhead,
    /// Lets a hard lock end.
    SoftLock,
    /// Shortens a lock-out to the longest wait.
    CutsLockOut,
    /// Replaces a confirmed credential.
    Replaces,
    /// Clears failures with a new credential.
    FreshStart,
    /// Keeps the failures of an account without credentials.
    Ghost,
    /// Keeps them only if another account's name begins with the removed one's.
    Neighbour,
    /// Unlocks without clearing failures.
    HalfUnlock,
    /// Lets an unconfirmed credential verify.
    Unconfirmed,
    /// Replaces any record.
    BlindReseal,
    /// Rolls a charge back after a wrong code.
    RolledBack,
    /// Truncates long records.
    Cuts,
    /// Takes the wait of the failures before this one.
    OffByOne,
    /// Takes a charge back by lowering the count.
    LowersCount,
    /// Takes a charge back without restoring its lock.
    KeepsLock,
    /// Clears the account's failures when a new credential is confirmed.
    ConfirmingClears,
    /// Resets the drift of every credential of an account.
    ForgetsAllDrift,
    /// Reports a missing account row as an unknown account.
    SilentDamage,
    /// Takes a repeated spend for a new one.
    NewAttempt,
    /// Gives HOTP the policy of TOTP.
    OnePolicy,
    /// Counts an attempt on an account for each of its credentials.
    CountsEach,
    /// Counts the guesses of one credential for an attempt on several.
    OneGuess,
    /// Spends a code of several credentials in the first.
    SpendsFirst,
    /// Keeps the codes of an old set.
    KeepsOldCodes,
    /// Looks for a recovery code first, and deletes it later.
    LookThenDelete,
    /// Deletes a recovery code without keeping the attempt that spent it.
    DeletesCode,
    /// Counts no attempt on recovery codes.
    FreeRecovery,
    /// Forgets with a success that trust was revoked.
    ForgetsTrust,
    /// Deletes an account with its last credential, although it has recovery codes.
    OrphansCodes,
    /// Restores recovery codes as unspent.
    RestoresCodes,
    /// Restores an account without its failures.
    RestoresOpen,
    /// Copies recovery codes later than the account that names them.
    TornCopy,
}
