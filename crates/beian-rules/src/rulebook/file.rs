//! The common form of the rulebook's files.

use std::collections::BTreeMap;

/// What is wrong in a file whose form is right.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Wrong {
    /// Where, as a pointer into the file: `/sms-hours/1/source`.
    pub(super) pointer: String,
    /// What is expected.
    pub(super) expected: String,
    /// What was found.
    pub(super) got: String,
}

impl Wrong {
    pub(super) fn at(
        pointer: impl Into<String>,
        expected: impl Into<String>,
        got: impl Into<String>,
    ) -> Self {
        Self { pointer: pointer.into(), expected: expected.into(), got: got.into() }
    }
}

/// The citation that a source's name stands for.
pub(super) fn cited(pointer: &str, name: &str, sources: &BTreeMap<String, String>) -> Result<String, Wrong> {
    sources
        .get(name)
        .cloned()
        .ok_or_else(|| Wrong::at(pointer, "a source that [sources] lists", format!("{name:?}")))
}

/// Declares a file: plain values, dated series and `[sources]`. Every series
/// is listed once, so that none can escape the resolution of its sources, the
/// list of values, or the test of its boundary days. A series that is
/// `optional` is absent where no source states a rule, which is another thing
/// than a rule that had not begun.
macro_rules! rulebook_file {
    (
        $(#[$doc:meta])*
        pub struct $name:ident {
            plain { $($(#[$plain_doc:meta])* $plain:ident: $plain_type:ty,)* }
            series { $($(#[$series_doc:meta])* $series:ident: $series_type:ty,)+ }
            $(optional { $($(#[$optional_doc:meta])* $optional:ident: $optional_type:ty,)+ })?
        }
    ) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Deserialize)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name {
            $($(#[$plain_doc])* pub $plain: $plain_type,)*
            $($(#[$series_doc])* pub $series: Series<$series_type>,)+
            $($($(#[$optional_doc])* pub $optional: Option<Series<$optional_type>>,)+)?
            sources: BTreeMap<String, String>,
        }

        impl $name {
            /// Puts citations in the place of their names.
            pub(super) fn resolve(mut self) -> Result<Self, super::file::Wrong> {
                $(self.$series.resolve(
                    &format!("/{}", super::file::key(stringify!($series))),
                    &self.sources,
                )?;)+
                $($(if let Some(series) = &mut self.$optional {
                    series.resolve(
                        &format!("/{}", super::file::key(stringify!($optional))),
                        &self.sources,
                    )?;
                })+)?
                Ok(self)
            }

            /// Every dated value with its key.
            pub(super) fn values(&self) -> Vec<(String, Vec<super::ValueEntry>)> {
                [
                    $(Some((super::file::key(stringify!($series)), self.$series.to_json())),)+
                    $($(self.$optional.as_ref().map(|series| {
                        (super::file::key(stringify!($optional)), series.to_json())
                    }),)+)?
                ]
                .into_iter()
                .flatten()
                .collect()
            }

            /// Holds every series against its own boundaries; the number of entries.
            #[cfg(test)]
            pub(super) fn assert_boundaries(&self) -> usize {
                0 $(+ self.$series.assert_boundaries(stringify!($series)))+
                    $($(+ self.$optional.as_ref().map_or(0, |series| {
                        series.assert_boundaries(stringify!($optional))
                    }))+)?
            }
        }
    };
}

pub(super) use rulebook_file;

/// The key of a field, as files write it.
pub(super) fn key(field: &str) -> String {
    field.replace('_', "-")
}
