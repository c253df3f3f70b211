use std::collections::BTreeMap;

/// What is known of a value: whether it depends on a secret, and where on the stack it points.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) secret: bool,
    pub(super) stack: Option<i32>,
}

impl Known {
    pub(super) const PUBLIC: Self = Self { secret: false, stack: None };
    pub(super) const SECRET: Self = Self { secret: true, stack: None };

    pub(super) fn join(self, other: Self) -> Self {
        let stack = if self.stack == other.stack { self.stack } else { None };
        Self { secret: self.secret || other.secret, stack }
    }
}

/// What is known of registers, flags and stack at one place of a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    /// Registers that were written; all others are secret.
    registers: BTreeMap<String, Known>,
    /// Bytes that were written; all others are secret.
    memory: BTreeMap<i32, Known>,
    /// Whether the flags are secret.
    pub(super) flags: bool,
}

impl Place {
    /// Nothing is known but where the stack and the code are: arguments are secret.
    pub(super) fn entry() -> Self {
        let mut place = Self { registers: BTreeMap::new(), memory: BTreeMap::new(), flags: true };
        place.set("sp", Known { secret: false, stack: Some(0) });
        place.set("pc", Known::PUBLIC);
        place
    }

    pub(super) fn get(&self, register: &str) -> Known {
        self.registers.get(canonical(register)).copied().unwrap_or(Known::SECRET)
    }

    pub(super) fn set(&mut self, register: &str, known: Known) {
        self.registers.insert(canonical(register).to_owned(), known);
    }

    pub(super) fn join(&self, other: &Self) -> Self {
        let names = self.registers.keys().chain(other.registers.keys());
        let registers =
            names.map(|name| (name.clone(), self.get(name).join(other.get(name)))).collect();
        let both = self
            .memory
            .iter()
            .filter_map(|(place, known)| Some((*place, known.join(*other.memory.get(place)?))));
        Self { registers, memory: both.collect(), flags: self.flags || other.flags }
    }

    pub(super) fn load(&self, address: Known, bytes: i32) -> Known {
        let Some(at) = address.stack else { return Known::SECRET };
        let byte = |place| self.memory.get(&place).copied().unwrap_or(Known::SECRET);
        let whole = (at..at + bytes).map(byte).reduce(Known::join).unwrap_or(Known::SECRET);
        // A pointer is known only as a whole.
        Known { stack: if bytes == 4 { whole.stack } else { None }, ..whole }
    }

    pub(super) fn store(&mut self, address: Known, bytes: i32, value: Known) {
        match address.stack {
            Some(at) => {
                let value = if bytes == 4 { value } else { Known { stack: None, ..value } };
                self.memory.extend((at..at + bytes).map(|place| (place, value)));
            }
            // It may be anywhere.
            None => self.memory.clear(),
        }
    }
}

fn canonical(register: &str) -> &str {
    match register {
        "r13" => "sp",
        "r14" => "lr",
        "fp" => "r11",
        "ip" => "r12",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::{Known, Place};

    #[test]
    fn what_was_written_is_known_and_nothing_else() {
        let mut place = Place::entry();
        let at = |stack| Known { secret: false, stack: Some(stack) };
        place.store(at(-8), 4, Known::PUBLIC);
        assert_eq!(place.load(at(-8), 4), Known::PUBLIC);
        assert_eq!(place.load(at(-6), 4), Known::SECRET);
        place.store(at(-6), 1, Known::SECRET);
        assert!(place.load(at(-8), 4).secret && !place.load(at(-8), 2).secret);
        let joined = place.join(&Place::entry());
        assert_eq!(joined.load(at(-8), 1), Known::SECRET);
        place.store(Known::PUBLIC, 4, Known::PUBLIC);
        assert_eq!(place.load(at(-8), 1), Known::SECRET);
    }
}
