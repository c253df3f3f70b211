//! The set of repairs.

use otp_core::Repairs;
use proptest::prelude::*;

/// The table of the documentation: each repair, its name, and whether it is in `TYPED` and in `URI`.
const EACH: [(Repairs, &str, bool, bool); 8] = [
    (Repairs::CASE, "case", true, true),
    (Repairs::SEPARATORS, "separators", true, true),
    (Repairs::WHITESPACE, "white space", true, false),
    (Repairs::PADDING, "padding", true, true),
    (Repairs::STRAY_PADDING, "stray padding", true, true),
    (Repairs::TYPOS, "typing errors", true, false),
    (Repairs::BITS, "unused bits", true, true),
    (Repairs::LENGTH, "length", false, true),
];

#[test]
fn repairs_have_names_and_sets() {
    for (repair, name, typed, uri) in EACH {
        assert_eq!(repair.names().collect::<Vec<_>>(), [name]);
        assert_eq!(Repairs::TYPED.contains(repair), typed, "{repair:?}");
        assert_eq!(Repairs::URI.contains(repair), uri, "{repair:?}");
        assert!(Repairs::ALL.contains(repair) && !Repairs::NONE.contains(repair));
    }
    assert_eq!((Repairs::ALL.names().count(), Repairs::NONE.names().count()), (8, 0));
    assert_eq!(format!("{:?}", Repairs::BITS | Repairs::CASE), r#"{"case", "unused bits"}"#);
}

fn sets() -> impl Strategy<Value = Repairs> {
    any::<[bool; 8]>().prop_map(|chosen| {
        let chosen = EACH.iter().zip(chosen).filter(|(_, chosen)| *chosen);
        chosen.fold(Repairs::NONE, |set, ((repair, ..), _)| set | *repair)
    })
}

proptest! {
    #[test]
    fn it_is_a_set(a in sets(), b in sets()) {
        let mut both = a;
        both |= b;
        prop_assert_eq!(both, a | b);
        for (repair, ..) in EACH {
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
