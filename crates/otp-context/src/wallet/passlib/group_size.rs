/// Returns the size of the groups in which passlib shows a key whose text has this length, for
/// [`SecretText::grouped`](otp_core::SecretText::grouped).
///
/// The size is 4, 6 or 5: the first that divides the length. If none does, it is the size that
/// leaves the longest last group.
#[must_use]
pub const fn group_size(length: usize) -> usize {
    let (four, six, five) = (length % 4, length % 6, length % 5);
    if four == 0 {
        4
    } else if six == 0 {
        6
    } else if five == 0 {
        5
    } else if four >= six && four >= five {
        4
    } else if six >= five {
        6
    } else {
        5
    }
}
