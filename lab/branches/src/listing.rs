use std::collections::BTreeMap;

/// How calls, and jumps to other functions, are relocated.
const CALLS: [&str; 3] = ["R_ARM_THM_CALL", "R_ARM_THM_JUMP24", "R_ARM_THM_JUMP19"];

/// Functions of an object file, as a disassembler lists them.
#[derive(Debug, Default)]
pub(super) struct Listing(pub(super) BTreeMap<String, Function>);

/// Instructions by their addresses.
pub(super) type Function = BTreeMap<u32, Instruction>;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Instruction {
    pub(super) name: String,
    /// What stands between commas, brackets and braces kept together.
    pub(super) operands: Vec<String>,
    /// The function that a call is relocated to.
    pub(super) callee: Option<String>,
}

impl Listing {
    pub(super) fn parse(text: &str) -> Self {
        let mut listing = Self::default();
        let (mut name, mut last) = (None, 0);
        for line in text.lines() {
            if let Some(found) = heading(line) {
                // The first of a name is the one in the same object.
                name = (!listing.0.contains_key(found)).then(|| found.to_owned());
                if let Some(name) = &name {
                    listing.0.insert(name.clone(), Function::new());
                }
                continue;
            }
            let Some(function) = name.as_ref().and_then(|name| listing.0.get_mut(name)) else {
                continue;
            };
            let callee = CALLS.iter().find_map(|call| line.split_once(call));
            if let Some((_, callee)) = callee {
                set_callee(function, last, callee);
            } else if let Some((address, instruction)) = instruction(line) {
                last = address;
                function.insert(address, instruction);
            }
        }
        listing
    }
}

fn set_callee(function: &mut Function, address: u32, callee: &str) {
    if let Some(instruction) = function.get_mut(&address) {
        instruction.callee = Some(callee.trim().to_owned());
    }
}

/// `00000000 <name>:`
fn heading(line: &str) -> Option<&str> {
    let (address, name) = line.split_once(" <")?;
    u32::from_str_radix(address, 16).ok()?;
    name.strip_suffix(">:")
}

/// `      12:       bl  0x12 <name+0x12> @ imm = #-0x4`
fn instruction(line: &str) -> Option<(u32, Instruction)> {
    let (address, rest) = line.split_once(':')?;
    let address = u32::from_str_radix(address.trim(), 16).ok()?;
    let rest = rest.split(['@', '<']).next()?.trim();
    let (name, operands) = rest.split_once(char::is_whitespace).unwrap_or((rest, ""));
    if name.is_empty() || name.starts_with("R_ARM") || name.starts_with('.') {
        return None;
    }
    let name = name.trim_end_matches(".w").trim_end_matches(".n").to_owned();
    Some((address, Instruction { name, operands: split(operands), callee: None }))
}

fn split(operands: &str) -> Vec<String> {
    let (mut parts, mut depth) = (vec![String::new()], 0_u32);
    for character in operands.chars().filter(|it| !it.is_whitespace()) {
        match character {
            '[' | '{' => depth += 1,
            ']' | '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(String::new());
                continue;
            }
            _ => {}
        }
        if let Some(part) = parts.last_mut() {
            part.push(character);
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

#[cfg(test)]
mod tests {
    use super::{Listing, split};

    #[test]
    fn a_listing_is_read() {
        let text = "Disassembly of section .text.f:\n\n00000000 <f>:\n       0:      \tpush\t{r4, lr}\n\
                    \x20      2:      \tbl\t0x2 <f+0x2>     @ imm = #-0x4\n\
                    \t\t\t00000002:  R_ARM_THM_CALL\tg\n\
                    \x20      6:      \tldr.w\tr0, [r1, #0x4]!\n\n00000000 <g>:\n       0:      \tbx\tlr\n";
        let listing = Listing::parse(text);
        let f = &listing.0["f"];
        assert_eq!(f.len(), 3);
        assert_eq!(f[&0].operands, ["{r4,lr}"]);
        assert_eq!((f[&2].name.as_str(), f[&2].callee.as_deref()), ("bl", Some("g")));
        assert_eq!((f[&6].name.as_str(), f[&6].operands[1].as_str()), ("ldr", "[r1,#0x4]!"));
        assert_eq!(split("r0, r1, {r2, r3}"), ["r0", "r1", "{r2,r3}"]);
    }
}
