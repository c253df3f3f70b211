use anyhow::{Context, Result, ensure};
use serde_json::Value;

/// What was measured or counted of one case.
pub(crate) struct Row {
    pub(crate) group: String,
    pub(crate) hash: String,
    pub(crate) case: String,
    /// The median time in nanoseconds; 0 of a count.
    pub(crate) median: f64,
    /// The median of this case's time divided by that of the group's base in the same round.
    pub(crate) ratio: f64,
    pub(crate) allocations: u64,
}

impl Row {
    /// One JSON object a line.
    pub(crate) fn read_all(lines: &str) -> Result<Vec<Self>> {
        lines.lines().map(Self::read).collect()
    }

    fn read(line: &str) -> Result<Self> {
        let value: Value = serde_json::from_str(line)?;
        let text = |name: &str| {
            let text = value.get(name).and_then(Value::as_str).map(str::to_owned);
            text.with_context(|| format!("a measurement without {name}"))
        };
        let number = |name: &str| value.get(name).and_then(Value::as_f64);
        let allocations = value.get("allocations").and_then(Value::as_u64);
        ensure!(allocations.is_some() || number("median_ns").is_some(), "nothing in a line");
        Ok(Self {
            group: text("group")?,
            hash: text("hash")?,
            case: text("case")?,
            median: number("median_ns").unwrap_or_default(),
            ratio: number("ratio").unwrap_or_default(),
            allocations: allocations.unwrap_or_default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Row;

    #[test]
    fn a_line_is_a_row_and_anything_else_an_error() {
        let time = r#"{"group":"g","hash":"SHA1","case":"c","median_ns":2.5,"ratio":1.5}"#;
        let count = r#"{"group":"g","hash":"","case":"c","allocations":3}"#;
        let rows = Row::read_all(&format!("{time}\n{count}\n")).unwrap();
        assert!((rows[0].median - 2.5).abs() < 1e-9 && (rows[0].ratio - 1.5).abs() < 1e-9);
        assert_eq!(rows[1].allocations, 3);
        assert!(Row::read_all("").unwrap().is_empty());
        assert!(Row::read_all("warning").is_err());
        assert!(Row::read_all(r#"{"group":"g","hash":"","case":"c"}"#).is_err());
    }
}
