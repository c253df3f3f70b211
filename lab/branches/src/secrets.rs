use std::collections::{BTreeMap, BTreeSet};

use anyhow::{Context, Result, ensure};

use super::effect;
use super::listing::{Function, Instruction, Listing};
use super::place::{Known, Place};

/// Conditions, as suffixes of instructions.
const CONDITIONS: [&str; 16] = [
    "eq", "ne", "cs", "hs", "cc", "lo", "mi", "pl", "vs", "vc", "hi", "ls", "ge", "lt", "gt", "le",
];
/// How many calls within calls are followed.
const DEEPEST: usize = 16;

/// How a leak ends that is a branch.
pub(super) const BRANCH: &str = "a branch on a secret";
const LOST: &str = "it is not known where this leads";

/// The places where what a function does depends on its first two arguments.
///
/// Follows every way through the function and what it calls, with what is known of each register and
/// each byte of the stack. What is not known to be public counts as secret, and an instruction that is
/// not known is told.
pub(super) fn leaks(listing: &Listing, function: &str) -> Result<Vec<String>> {
    let mut reading = Reading { listing, leaks: BTreeSet::new() };
    reading.call(function, Place::entry(), 0)?;
    Ok(reading.leaks.into_iter().collect())
}

struct Reading<'l> {
    listing: &'l Listing,
    leaks: BTreeSet<String>,
}

/// Where an instruction leads.
enum Next {
    On,
    To(u32),
    Return,
}

/// Everywhere that an instruction leads, with what is known there.
type Ways = Vec<(Next, Place)>;

impl Reading<'_> {
    /// What is known once a call has returned.
    fn call(&mut self, name: &str, entry: Place, depth: usize) -> Result<Place> {
        ensure!(depth < DEEPEST, "{name}: too many calls within calls");
        let code = self.listing.0.get(name).with_context(|| format!("there is no {name}"))?;
        let first = *code.keys().next().with_context(|| format!("{name} is empty"))?;
        let mut seen = BTreeMap::from([(first, entry)]);
        let (mut waiting, mut returned) = (vec![first], None::<Place>);
        while let Some(address) = waiting.pop() {
            let place = seen.get(&address).context("seen before")?.clone();
            for (next, place) in self.step(name, code, address, &place, depth)? {
                let target = match next {
                    Next::On => {
                        let on = code.range(address + 1..).next();
                        *on.with_context(|| format!("{name} runs out"))?.0
                    }
                    Next::To(target) => target,
                    Next::Return => {
                        returned = Some(returned.map_or(place.clone(), |other| other.join(&place)));
                        continue;
                    }
                };
                let joined = seen.get(&target).map_or(place.clone(), |known| known.join(&place));
                if seen.get(&target) != Some(&joined) {
                    seen.insert(target, joined);
                    waiting.push(target);
                }
            }
        }
        returned.with_context(|| format!("{name} never returns"))
    }

    /// One instruction, which may be skipped if it stands in an `it` block.
    fn step(
        &mut self,
        function: &str,
        code: &Function,
        address: u32,
        before: &Place,
        depth: usize,
    ) -> Result<Ways> {
        let shown = code.get(&address).with_context(|| format!("{function}: {address:#x}"))?;
        let conditional = is_conditional(code, address);
        let mut instruction = shown.clone();
        if conditional {
            without_condition(&shown.name).clone_into(&mut instruction.name);
        }
        let mut told = Vec::new();
        let mut ways = self.act(&instruction, before.clone(), depth, &mut told)?;
        if conditional {
            if before.flags && !effect::is_computation(&instruction.name) {
                told.push("skipped or not by a secret");
            }
            if let [(Next::On, place)] = ways.as_mut_slice() {
                *place = place.join(before);
                for register in effect::targets(&instruction).iter().filter(|_| before.flags) {
                    place.set(register, Known { secret: true, ..place.get(register) });
                }
            } else {
                ways.push((Next::On, before.clone()));
            }
        }
        for what in told {
            let Instruction { name, operands, .. } = shown;
            let operands = operands.join(", ");
            self.leaks.insert(format!("{function}+{address:#x}: {name} {operands}: {what}"));
        }
        Ok(ways)
    }

    /// What an instruction does that is not skipped.
    fn act(
        &mut self,
        instruction: &Instruction,
        mut place: Place,
        depth: usize,
        told: &mut Vec<&str>,
    ) -> Result<Ways> {
        let name = instruction.name.as_str();
        let operands: Vec<&str> = instruction.operands.iter().map(String::as_str).collect();
        if is_branch(name) && place.flags {
            told.push(BRANCH);
        }
        if let Some(callee) = &instruction.callee {
            let called = self.call(callee, place.clone(), depth + 1)?;
            return Ok(match name {
                "bl" => vec![(Next::On, called)],
                "b" => vec![(Next::Return, called)],
                _ => vec![(Next::Return, called), (Next::On, place)],
            });
        }
        match (name, operands.as_slice()) {
            ("b", [target]) => return Ok(vec![(Next::To(address_of(target)?), place)]),
            (_, [target]) if is_branch(name) => {
                let target = Next::To(address_of(target)?);
                return Ok(vec![(target, place.clone()), (Next::On, place)]);
            }
            ("cbz" | "cbnz", [register, target]) => {
                if place.get(register).secret {
                    told.push(BRANCH);
                }
                let target = Next::To(address_of(target)?);
                return Ok(vec![(target, place.clone()), (Next::On, place)]);
            }
            ("bx", ["lr"]) => return Ok(vec![(Next::Return, place)]),
            ("bl" | "bx" | "blx" | "tbb" | "tbh", _) => {
                told.push(LOST);
                return Ok(vec![(Next::Return, place)]);
            }
            ("trap" | "udf", _) => return Ok(Vec::new()),
            _ => {}
        }
        if let Some(what) = effect::apply(&mut place, name, &operands)? {
            told.push(what);
        }
        if effect::targets(instruction).contains(&"pc".to_owned()) {
            let pops = name == "pop" || (name == "ldr" && operands.get(1) == Some(&"[sp]"));
            told.extend((!pops).then_some(LOST));
            return Ok(vec![(Next::Return, place)]);
        }
        Ok(vec![(Next::On, place)])
    }
}

fn is_branch(name: &str) -> bool {
    name.strip_prefix('b').is_some_and(|rest| CONDITIONS.contains(&rest))
}

/// Whether an instruction is one of those that an `it` before it makes conditional.
fn is_conditional(code: &Function, address: u32) -> bool {
    let before = code.range(..address).rev().take(4).enumerate();
    before.into_iter().any(|(distance, (_, other))| {
        let reach = other
            .name
            .strip_prefix('i')
            .filter(|rest| rest.bytes().all(|it| it == b't' || it == b'e'));
        reach.is_some_and(|rest| rest.starts_with('t') && distance < rest.len())
    })
}

fn without_condition(name: &str) -> &str {
    CONDITIONS.iter().find_map(|condition| name.strip_suffix(condition)).unwrap_or(name)
}

fn address_of(operand: &str) -> Result<u32> {
    let digits = operand.trim_start_matches("0x");
    u32::from_str_radix(digits, 16).with_context(|| format!("what place is {operand}?"))
}

#[cfg(test)]
mod tests {
    use super::{Listing, leaks};

    fn told(code: &str) -> usize {
        let lines = code.split(';').enumerate();
        let lines = lines.map(|(place, line)| format!("  {:x}: {}\n", place * 2, line.trim()));
        let text = format!("00000000 <f>:\n{}", lines.collect::<String>());
        leaks(&Listing::parse(&text), "f").unwrap().len()
    }

    #[test]
    fn what_depends_on_a_secret_is_told() {
        for code in [
            "cmp r0, r1; beq 0x6; nop; bx lr",
            "eors r0, r1; bne 0x4; bx lr",
            "movs r2, #0x1; ands r2, r0; cbz r2, 0x6; bx lr",
            "push {r0, lr}; ldr r2, [sp]; cmp r2, #0x0; beq 0x8; pop {r0, pc}",
            "ldrb r2, [r3, r0]; bx lr",
            "udiv r2, r0, r3; bx lr",
            "cmp r0, #0x0; it ne; strne r3, [sp]; bx lr",
            "movs r2, #0x4; ldr r2, [r2]; cmp r2, #0x0; beq 0x8; bx lr",
            "cmp r0, r1; adcs r2, r3; bne 0x6; bx lr",
            "cmp r0, r1; it eq; moveq r2, #0x1; cmp r2, #0x0; beq 0xa; bx lr",
            // Returning or calling, or not.
            "cmp r0, r1; it ne; bxne lr; bx lr",
            "push {r4, lr}; cmp r0, r1; it ne; popne {r4, pc}; pop {r4, pc}",
            "push {lr}; cmp r0, r1; it ne; ldrne pc, [sp], #4; pop {pc}",
            "cmp r0, r1; it ne; bne 0x8; nop; bx lr",
            // What comes after a return that does not depend on a secret.
            "movs r2, #0x1; cmp r2, #0x2; it ne; bxne lr; cmp r0, #0x0; beq 0xc; bx lr",
            // No flags are set, or not all.
            "movs r2, #0x1; cmp r0, r1; mls r2, r2, r2, r2; beq 0x8; bx lr",
            "cmp r0, r1; movs r2, #0x1; bhs 0x6; bx lr",
            // What is written was read too.
            "movs r2, #0x1; bfi r0, r2, #0x0, #0x4; cbz r0, 0x6; bx lr",
            "movs r2, #0x1; movt r0, #0x1; cbz r0, 0x6; bx lr",
            "movs r2, #0x1; movs r3, #0x1; umlal r2, r0, r3, r3; cbz r2, 0x8; bx lr",
            "movs r2, #0x1; movs r3, #0x1; umlal r2, r0, r3, r3; cbz r0, 0x8; bx lr",
            "movs r2, #0x1; cmp r0, r1; it ne; umullne r4, r5, r2, r2; cbz r5, 0xa; bx lr",
            "movs r2, #0x1; adds r2, r2, r0, lsl #2; cbz r2, 0x6; bx lr",
            // A register that was never set, and flags that are not known.
            "cmp r3, #0x0; beq 0x4; bx lr",
            "beq 0x2; bx lr",
            "vpush {d8}; bx lr",
            "mov pc, r2",
        ] {
            assert_eq!(told(code), 1, "{code}");
        }
    }

    #[test]
    fn what_does_not_is_not() {
        for code in [
            "movs r2, #0xc; lsls r0, r1; subs r2, #0x1; bne 0x2; bx lr",
            "push {r4, lr}; movs r4, #0x7; str r4, [sp, #-0x4]!; ldr r2, [sp], #4; cmp r2, #0x7; \
             beq 0xc; pop {r4, pc}",
            "eors r0, r1; rsbs r1, r0, #0; orrs r0, r1; lsrs r0, r0, #0x1f; bx lr",
            "cmp r0, r1; it eq; moveq r0, #0x1; bx lr",
            "movs r3, #0x1; cmp r3, #0x0; beq 0x6; bx lr",
            "movs r2, #0x1; cmp r2, #0x2; it ne; bxne lr; bx lr",
            "push {r4, lr}; movs r2, #0x1; cmp r2, #0x2; it ne; popne {r4, pc}; pop {r4, pc}",
            "movs r2, #0x1; mls r0, r2, r2, r2; umull r0, r3, r2, r2; cbz r3, 0x8; cbz r0, 0xa; bx lr",
            "cmp r0, r1; movs r2, #0x1; lsls r2, r2, #0x3; cmp r2, #0x1; beq 0xa; bx lr",
        ] {
            assert_eq!(told(code), 0, "{code}");
        }
    }
}
