/// Implements `Debug` for an error: `{:?}` is its text, since that is what a `main` prints that returns
/// an error, and `{:#?}` is the variant or the structure with the fields that are named.
///
/// The other crates of this workspace use it. It is not part of the public interface.
#[doc(hidden)]
#[macro_export]
macro_rules! __debug_error {
    // An enumeration, and the variant whose value shows itself in `{:?}`, too, if there is one.
    (enum $type:ident $(: $own:ident)? {
        $($(#[$if:meta])? $variant:ident $(($value:ident))? $({ $($field:ident),+ })?,)+
    }) => {
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                match self {
                    $(Self::$own(value) if !f.alternate() => ::core::fmt::Debug::fmt(value, f),)?
                    _ if !f.alternate() => ::core::fmt::Display::fmt(self, f),
                    $(
                        $(#[$if])?
                        Self::$variant $(($value))? $({ $($field),+ })? => {
                            $crate::__debug_error!(@ f $variant $(($value))? $({ $($field),+ })?)
                        }
                    )+
                }
            }
        }
    };
    (struct $type:ident $(($value:ident))? $({ $($field:ident),+ })?) => {
        impl ::core::fmt::Debug for $type {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                let Self $(($value))? $({ $($field,)+ .. })? = self;
                if !f.alternate() {
                    return ::core::fmt::Display::fmt(self, f);
                }
                $crate::__debug_error!(@ f $type $(($value))? $({ $($field),+ })?)
            }
        }
    };
    (@ $f:ident $name:ident) => {
        $f.write_str(stringify!($name))
    };
    (@ $f:ident $name:ident ($value:ident)) => {
        $f.debug_tuple(stringify!($name)).field($value).finish()
    };
    (@ $f:ident $name:ident { $($field:ident),+ }) => {
        $f.debug_struct(stringify!($name))$(.field(stringify!($field), $field))+.finish()
    };
}
