//! What every family is: a table of parameters, each of which may be given or not.

/// Writes a family: its table, how it is read, and which of its parameters are given.
macro_rules! family {
    (
        $(#[$about:meta])* $Type:ident, $what:literal,
        { $($(#[$doc:meta])* $field:ident: $T:ty),* $(,)? }
    ) => {
        $(#[$about])*
        #[derive(Clone, Debug, Default, PartialEq, serde::Serialize, schemars::JsonSchema)]
        #[schemars(deny_unknown_fields)]
        pub struct $Type {
            $($(#[$doc])* #[serde(skip_serializing_if = "Option::is_none")] pub $field: Option<$T>),*
        }

        $crate::doc::read_table!($Type, $what, { $($field),* });

        impl $Type {
            pub(super) const KEYS: &[&str] = &[$(stringify!($field)),*];

            fn given(&self) -> Vec<&'static str> {
                let mut given = Vec::new();
                $(if self.$field.is_some() { given.push(stringify!($field)) })*
                given
            }
        }
    };
}
pub(super) use family;
