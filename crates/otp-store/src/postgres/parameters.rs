use tokio_postgres::types::{ToSql, Type};

/// The parameters of a statement, which outlive the call.
pub(super) type Parameters = Vec<(Box<dyn ToSql + Send + Sync>, Type)>;

/// A value whose database type is known without a query.
pub(super) trait Parameter: ToSql + Send + Sync {
    const TYPE: Type;
}

macro_rules! parameter {
    ($($value:ty: $name:ident),+) => {
        $(impl Parameter for $value {
            const TYPE: Type = Type::$name;
        })+
    };
}

parameter!(
    String: TEXT, bool: BOOL, i16: INT2, i64: INT8, Vec<u8>: BYTEA, Vec<String>: TEXT_ARRAY,
    Vec<i64>: INT8_ARRAY, Vec<Vec<u8>>: BYTEA_ARRAY
);

/// Returns a parameter with its type.
pub(super) fn parameter<T: Parameter + 'static>(value: T) -> (Box<dyn ToSql + Send + Sync>, Type) {
    (Box::new(value), T::TYPE)
}

macro_rules! parameters {
    ($($value:expr),+ $(,)?) => {
        vec![$($crate::postgres::parameters::parameter($value)),+]
    };
}

pub(super) use parameters;
