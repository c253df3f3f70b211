/// How well a store remembers what it has answered, and so what single use of a code means there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// As long as the process lives.
    Process,
    /// On disk before it answers: what is spent stays spent, also when machines lose power. There
    /// is no replica that could take over.
    Disk,
    /// On one server's disk before it answers. When a replica takes over, the last answers may be
    /// forgotten, and a code that was accepted moments before may be accepted once more.
    DiskExceptFailover,
}
