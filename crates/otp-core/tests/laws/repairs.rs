//! The set of repairs.

use otp_core::Repairs;
use proptest::prelude::*;

const EACH: [(Repairs, &str); 8] = [
    (Repairs::CASE, "case"),
    (Repairs::SEPARATORS, "separators"),
    (Repairs::WHITESPACE, "white space"),
    (Repairs::PADDING, "padding"),
    (Repairs::STRAY_PADDING, "stray padding"),
    (Repairs::TYPOS, "typing errors"),
    (Repairs::BITS, "unused bits"),
    (Repairs::LENGTH, "length"),
];

/// Any set.
pub fn sets() -> impl Strategy<Value = Repairs> {
    any::<[bool; 8]>().prop_map(|chosen| {
        EACH.iter()
            .zip(chosen)
            .filter(|(_, chosen)| *chosen)
            .fold(Repairs::NONE, |set, ((repair, _), _)| set | *repair)
    })
}

/// The table of the documentation.
#[test]
fn who_accepts_what() {
    for (repair, typed, uri) in [
        (Repairs::CASE, true, true),
        (Repairs::SEPARATORS, true, true),
        (Repairs::WHITESPACE, true, false),
        (Repairs::PADDING, true, true),
        (Repairs::STRAY_PADDING, true, true),
        (Repairs::TYPOS, true, false),
        (Repairs::BITS, true, true),
        (Repairs::LENGTH, false, true),
    ] {
        assert_eq!(Repairs::TYPED.contains(repair), typed, "{repair:?}");
        assert_eq!(Repairs::URI.contains(repair), uri, "{repair:?}");
        assert!(Repairs::ALL.contains(repair) && !Repairs::NONE.contains(repair));
    }
}

#[test]
fn names() {
    for (repair, name) in EACH {
        assert_eq!(repair.names().collect::<Vec<_>>(), [name]);
    }
    assert_eq!(Repairs::ALL.names().count(), 8);
    assert_eq!(Repairs::NONE.names().count(), 0);
    let set = Repairs::BITS | Repairs::CASE;
    assert_eq!(format!("{set:?}"), r#"{"case", "unused bits"}"#);
}

proptest! {
    #[test]
    fn it_is_a_set(a in sets(), b in sets()) {
        let mut both = a;
        both |= b;
        prop_assert_eq!(both, a | b);
        for (repair, _) in EACH {
            prop_assert_eq!(both.contains(repair), a.contains(repair) || b.contains(repair));
            prop_assert_eq!(
                a.without(b).contains(repair), a.contains(repair) && !b.contains(repair));
        }
        prop_assert!(both.contains(a) && both.contains(Repairs::NONE));
        prop_assert_eq!(a.is_empty(), a == Repairs::NONE);
        prop_assert!(a.without(a).is_empty());
        prop_assert_eq!(a | Repairs::default(), a);
    }
}
