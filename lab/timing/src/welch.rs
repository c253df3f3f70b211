/// Mean and variance of numbers as they come (Welford).
#[derive(Debug, Default)]
struct Moments {
    count: f64,
    mean: f64,
    squares: f64,
}

impl Moments {
    fn add(&mut self, value: f64) {
        self.count += 1.0;
        let before = value - self.mean;
        self.mean += before / self.count;
        self.squares += before * (value - self.mean);
    }

    /// The variance of the mean.
    fn error(&self) -> f64 {
        self.squares / (self.count - 1.0) / self.count
    }
}

/// Two classes of numbers, and whether their means differ.
#[derive(Debug, Default)]
pub(crate) struct Welch([Moments; 2]);

impl Welch {
    pub(crate) fn add(&mut self, class: bool, value: f64) {
        self.0[usize::from(class)].add(value);
    }

    /// Welch's t: the difference of the means over its standard error.
    pub(crate) fn t(&self) -> f64 {
        let [one, other] = &self.0;
        let difference = self.difference();
        if difference == 0.0 || one.count < 2.0 || other.count < 2.0 {
            return 0.0;
        }
        difference / self.error()
    }

    /// The standard error of the difference.
    pub(crate) fn error(&self) -> f64 {
        let [one, other] = &self.0;
        (one.error() + other.error()).sqrt()
    }

    /// The difference of the means.
    pub(crate) fn difference(&self) -> f64 {
        let [one, other] = &self.0;
        one.mean - other.mean
    }
}

#[cfg(test)]
mod tests {
    use super::Welch;

    fn t(classes: [&[f64]; 2]) -> f64 {
        let mut welch = Welch::default();
        for (class, values) in [false, true].into_iter().zip(classes) {
            values.iter().for_each(|value| welch.add(class, *value));
        }
        welch.t()
    }

    /// Means 3 and 6, variances 2.5 and 10: 3 over the root of 2.5 / 5 + 10 / 5.
    #[test]
    fn t_is_that_of_a_calculation_by_hand() {
        let found = t([&[1.0, 2.0, 3.0, 4.0, 5.0], &[2.0, 4.0, 6.0, 8.0, 10.0]]);
        assert!((found + 3.0 / 2.5_f64.sqrt()).abs() < 1e-12, "{found}");
    }

    #[test]
    fn a_class_without_numbers_tells_nothing() {
        assert_eq!(t([&[], &[1.0, 2.0]]), 0.0);
        assert_eq!(t([&[1.0], &[1.0, 2.0]]), 0.0);
    }

    #[test]
    fn equal_classes_show_nothing_and_others_do() {
        let values: Vec<f64> = (0..1000).map(|value| f64::from(value % 10)).collect();
        let more: Vec<f64> = values.iter().map(|value| value + 1.0).collect();
        assert!(t([&values, &values]).abs() < 1e-9);
        assert!(t([&values, &more]) < -4.5);
    }
}
