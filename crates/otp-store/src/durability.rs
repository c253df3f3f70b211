/// How long a store keeps what it has acknowledged, and so how long a used code stays spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// Until the process ends.
    Process,
    /// On disk before the call returns. Spent counters survive a power failure. No replica can take
    /// over.
    Disk,
    /// On one server's disk before the call returns. If a replica takes over, the last changes may
    /// be lost, and a code that was accepted moments before may be accepted once more.
    DiskExceptFailover,
}
