use core::hint::black_box;

/// Cases that do the same work in different ways.
pub struct Group {
    pub name: &'static str,
    /// The hash, or nothing.
    pub hash: &'static str,
    pub cases: Vec<Case>,
    /// The case that the others are compared with.
    pub base: usize,
}

/// One way to do it.
pub struct Case {
    pub name: String,
    /// How many units, such as codes, one call yields.
    pub units: u64,
    work: Box<dyn FnMut(u64)>,
}

impl Group {
    pub fn new(name: &'static str, hash: &'static str) -> Self {
        Self { name, hash, cases: Vec::new(), base: 0 }
    }

    /// Adds work on a number that is another one each time.
    pub fn add<T>(&mut self, name: &str, work: impl FnMut(u64) -> T + 'static) {
        self.add_units(name, 1, work);
    }

    /// Adds a case whose calls yield more than one unit.
    pub fn add_units<T>(
        &mut self,
        name: &str,
        units: u64,
        mut work: impl FnMut(u64) -> T + 'static,
    ) {
        let mut number = 50_000_000;
        let work = Box::new(move |calls| {
            for _ in 0..calls {
                number += 1;
                black_box(work(black_box(number)));
            }
        });
        self.cases.push(Case { name: name.to_owned(), units, work });
    }

    /// Adds work that cannot begin before the last call has ended: its number depends on it.
    pub fn add_chain(&mut self, name: &str, mut work: impl FnMut(u64) -> u64 + 'static) {
        let mut number = 50_000_000_u64;
        let work = Box::new(move |calls| {
            for _ in 0..calls {
                number = number.wrapping_add(1).wrapping_add(work(black_box(number)));
            }
            black_box(number);
        });
        self.cases.push(Case { name: name.to_owned(), units: 1, work });
    }
}

impl Case {
    pub fn run(&mut self, calls: u64) {
        (self.work)(calls);
    }
}
