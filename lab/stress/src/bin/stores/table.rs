use core::fmt;

use serde_json::Value;

/// What all trials said, ready for a document.
#[derive(Default)]
pub struct Table(Vec<(String, String, String)>);

impl Table {
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn add(&mut self, row: &Value) {
        let text = |name| row.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let figures = row.as_object().into_iter().flatten();
        let figures = figures.filter(|(name, _)| !["trial", "store"].contains(&name.as_str()));
        let figures: Vec<_> =
            figures.map(|(name, value)| format!("{} {}", shown(value), spaced(name))).collect();
        self.0.push((text("trial"), text("store"), figures.join(", ")));
    }
}

/// Without digits that mean nothing.
fn shown(value: &Value) -> String {
    match value.as_f64() {
        Some(number) if value.is_f64() && number < 10.0 => format!("{number:.2}"),
        Some(number) if value.is_f64() => format!("{number:.0}"),
        _ => value.to_string(),
    }
}

fn spaced(name: &str) -> String {
    name.replace('_', " ")
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "| Trial | Store | Figures |\n|---|---|---|")?;
        for (trial, store, figures) in &self.0 {
            writeln!(f, "| {trial} | {store} | {figures} |")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Table;

    #[test]
    fn every_figure_is_in_a_line_of_its_trial() {
        let mut table = Table::default();
        table.add(&json!({"trial": "race", "store": "SQLite", "double": 0, "p50_us": 3.256}));
        let text = table.to_string();
        assert!(text.ends_with("| race | SQLite | 0 double, 3.26 p50 us |\n"), "{text}");
    }
}
