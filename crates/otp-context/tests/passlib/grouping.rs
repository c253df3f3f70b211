//! The sizes of groups are those of passlib.

use otp_context::wallet::passlib::group_size;

/// The sizes that divide a length, else the one with the largest rest, the first of equals. The
/// recordings have lengths of their own.
fn model(length: usize) -> usize {
    let sizes = [4, 6, 5];
    sizes.into_iter().find(|size| length.is_multiple_of(*size)).unwrap_or_else(|| {
        let largest = sizes.into_iter().map(|size| length % size).max();
        sizes.into_iter().find(|size| Some(length % size) == largest).unwrap()
    })
}

#[test]
fn groups_have_the_sizes_of_passlib() {
    for length in 0..=130 {
        assert_eq!(group_size(length), model(length), "{length}");
    }
}
