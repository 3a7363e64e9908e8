//! The common form of the rulebook's files.

/// A source that an entry names and the file does not list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct UnknownSource {
    /// The key that names it.
    pub(super) key: String,
    /// The name.
    pub(super) name: String,
}

/// Declares a file: plain values, dated series and `[sources]`. Every series
/// is listed once, so that none can escape the resolution of its sources.
macro_rules! rulebook_file {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            plain { $($(#[$plain_doc:meta])* $plain:ident: $plain_type:ty,)* }
            series { $($(#[$series_doc:meta])* $series:ident: $series_type:ty,)+ }
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$plain_doc])* pub $plain: $plain_type,)*
            $($(#[$series_doc])* pub $series: Series<$series_type>,)+
            sources: BTreeMap<String, String>,
        }

        impl $name {
            /// Puts citations in the place of their names.
            pub(super) fn resolve(&mut self) -> Result<(), super::file::UnknownSource> {
                $(self.$series.resolve(&self.sources).map_err(|name| super::file::UnknownSource {
                    key: stringify!($series).replace('_', "-"),
                    name,
                })?;)+
                Ok(())
            }
        }
    };
}

pub(super) use rulebook_file;
