/// Truncates a MAC (RFC 4226 § 5.3), given its first five words and its last one.
///
/// Runs the same operations for every lane, without a branch or a table.
#[inline(always)]
pub(crate) const fn truncate([a, b, c, d, e]: [u32; 5], last: u32) -> u32 {
    let (two, one) = ((last >> 3) & 1, (last >> 2) & 1);
    let head = pick(two, pick(one, a, b), pick(one, c, d));
    let tail = pick(two, pick(one, b, c), pick(one, d, e));
    let bits = (last & 3) << 3;
    (head.wrapping_shl(bits) | (tail >> 1).wrapping_shr(31 ^ bits)) & 0x7fff_ffff
}

#[inline(always)]
const fn pick(bit: u32, no: u32, yes: u32) -> u32 {
    no ^ (bit.wrapping_neg() & (no ^ yes))
}
