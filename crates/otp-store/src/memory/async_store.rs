use crate::calls::calls;
use crate::{AsyncStore, Error, Memory, Store};

macro_rules! ready {
    ($($name:ident($($argument:ident: $type:ty),*) -> $reply:ty;)*) => {
        /// Every future is ready at once.
        impl AsyncStore for Memory {
            $(async fn $name(&self, $($argument: $type),*) -> Result<$reply, Error> {
                Store::$name(self, $($argument),*)
            })*
        }
    };
}

calls!(ready);
