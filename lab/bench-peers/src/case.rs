use core::hint::black_box;

/// Cases that do the same work in different ways. The first is compared with the others.
pub struct Group {
    pub name: String,
    /// The hash, or nothing.
    pub hash: &'static str,
    /// How many units, such as codes, one call yields.
    pub units: u64,
    pub cases: Vec<Case>,
}

/// One way to do it.
pub struct Case {
    pub name: String,
    work: Box<dyn FnMut(u64)>,
}

impl Group {
    pub fn new(name: impl Into<String>, hash: &'static str, units: u64) -> Self {
        Self { name: name.into(), hash, units, cases: Vec::new() }
    }

    /// Adds work on a number that is another one each time.
    pub fn add<T>(&mut self, name: impl Into<String>, mut work: impl FnMut(u64) -> T + 'static) {
        let mut number = 50_000_000;
        let work = Box::new(move |calls| {
            for _ in 0..calls {
                number += 1;
                black_box(work(black_box(number)));
            }
        });
        self.cases.push(Case { name: name.into(), work });
    }

    /// Adds work that the build for `totp-rfc` leaves out.
    pub fn peer<T>(&mut self, name: impl Into<String>, work: impl FnMut(u64) -> T + 'static) {
        if cfg!(not(feature = "totp-rfc")) {
            self.add(name, work);
        }
    }
}

impl Case {
    pub fn run(&mut self, calls: u64) {
        (self.work)(calls);
    }
}
