use arbitrary::{Result, Unstructured};

/// Returns any number. Numbers near 0, `i64::MAX` and `u64::MAX` are more likely.
///
/// # Errors
///
/// Those of `arbitrary`.
pub fn number(bytes: &mut Unstructured<'_>) -> Result<u64> {
    let (edge, near): (u8, u8) = (bytes.arbitrary()?, bytes.arbitrary()?);
    Ok(match edge % 4 {
        0 => near.into(),
        1 => u64::MAX.saturating_sub(near.into()),
        2 => i64::MAX.unsigned_abs().saturating_add(near.into()).saturating_sub(128),
        _ => bytes.arbitrary()?,
    })
}
