//! Records as tables: each field with its type, its element and its limits, once for
//! reading and writing.
//!
//! Whether an element may be absent follows from the type: `Option` and `Vec` say so.

use std::net::Ipv4Addr;

use chrono::{Datelike as _, NaiveDate};

use crate::WireTime;
use crate::common::{self, Approval, Certificate};
use crate::xml::{Fields, Number, Repeated, Text, WriteError, XmlWriter};

/// What an element with fields of its own holds.
pub(crate) trait Record: Sized {
    fn read(fields: &mut Fields<'_, '_>) -> Option<Self>;
    fn write(&self, out: &mut XmlWriter) -> Result<(), WriteError>;
}

/// How a value of type `T` stands in a record.
pub(crate) trait Codec<T> {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<T>;
    fn write(&self, value: &T, out: &mut XmlWriter) -> Result<(), WriteError>;
}

/// Declares a record: `shows` names the fields that `Debug` may tell; all others may be
/// about people. All fields are read before any is missed, so that all problems are told.
macro_rules! record {
    (
        shows($($shown:ident),*);
        $(#[$meta:meta])*
        pub struct $name:ident $(<$generic:ident: $bound:path>)? {
            $($(#[$field_meta:meta])* pub $field:ident: $type:ty = $codec:expr,)+
        }
    ) => {
        $(#[$meta])*
        #[derive(Clone, PartialEq, Eq)]
        pub struct $name $(<$generic>)? {
            $($(#[$field_meta])* pub $field: $type,)+
        }

        impl $(<$generic: $bound>)? $crate::record::Record for $name $(<$generic>)? {
            fn read(fields: &mut $crate::xml::Fields<'_, '_>) -> Option<Self> {
                $(let $field = $crate::record::Codec::<$type>::read(&$codec, fields);)+
                Some(Self { $($field: $field?,)+ })
            }

            fn write(&self, out: &mut $crate::xml::XmlWriter) -> Result<(), $crate::WriteError> {
                $($crate::record::Codec::<$type>::write(&$codec, &self.$field, out)?;)+
                Ok(())
            }
        }

        impl $(<$generic: std::fmt::Debug>)? std::fmt::Debug for $name $(<$generic>)? {
            fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                out.debug_struct(stringify!($name))
                    $(.field(stringify!($shown), &self.$shown))*
                    .finish_non_exhaustive()
            }
        }
    };
}
pub(crate) use record;

/// Declares what the numbers of an element mean.
macro_rules! codes {
    (
        $(#[$meta:meta])*
        pub enum $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $code:literal,)+ }
    ) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl $name {
            /// All of them.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The number in the documents.
            #[must_use]
            pub fn code(self) -> u8 {
                match self { $(Self::$variant => $code,)+ }
            }
        }

        impl $crate::record::Code for $name {
            fn code(self) -> u8 {
                self.code()
            }

            fn of_code(code: u64) -> Option<Self> {
                match code { $($code => Some(Self::$variant),)+ _ => None }
            }
        }
    };
}
pub(crate) use codes;

/// A value that stands as a number out of a list.
pub(crate) trait Code: Copy {
    fn code(self) -> u8;
    fn of_code(code: u64) -> Option<Self>;
}

impl Codec<String> for Text {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<String> {
        fields.text(*self)
    }

    fn write(&self, value: &String, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.text(*self, value)
    }
}

impl Codec<Option<String>> for Text {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<String>> {
        Some(fields.optional_text(*self))
    }

    fn write(&self, value: &Option<String>, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_text(*self, value.as_ref())
    }
}

macro_rules! numbers {
    ($($type:ty)+) => {$(
        impl Codec<$type> for Number {
            fn read(&self, fields: &mut Fields<'_, '_>) -> Option<$type> {
                fields.number(*self)
            }

            fn write(&self, value: &$type, out: &mut XmlWriter) -> Result<(), WriteError> {
                out.number(*self, *value)
            }
        }

        impl Codec<Option<$type>> for Number {
            fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<$type>> {
                Some(fields.optional_number(*self))
            }

            fn write(&self, value: &Option<$type>, out: &mut XmlWriter) -> Result<(), WriteError> {
                out.optional_number(*self, *value)
            }
        }
    )+};
}
numbers!(u8 u16 u32 u64);

/// A number out of a list; the range is only for the report of what is no number.
pub(crate) struct Listed(pub(crate) Number);

impl<E: Code> Codec<E> for Listed {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<E> {
        fields.listed(self.0, E::of_code)
    }

    fn write(&self, value: &E, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(self.0, value.code())
    }
}

impl<E: Code> Codec<Option<E>> for Listed {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<E>> {
        Some(fields.optional_listed(self.0, E::of_code))
    }

    fn write(&self, value: &Option<E>, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(self.0, value.map(Code::code))
    }
}

/// Yes (1) or no (0).
pub(crate) struct Flag(pub(crate) &'static str);

impl Flag {
    fn field(&self) -> Number {
        Number::new(self.0, 0, 1)
    }
}

impl Codec<bool> for Flag {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<bool> {
        fields.number(self.field()).map(|code: u8| code == 1)
    }

    fn write(&self, value: &bool, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(self.field(), u8::from(*value))
    }
}

impl Codec<Option<bool>> for Flag {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<bool>> {
        Some(fields.optional_number(self.field()).map(|code: u8| code == 1))
    }

    fn write(&self, value: &Option<bool>, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(self.field(), value.map(u8::from))
    }
}

/// A point in time.
pub(crate) struct Time(pub(crate) &'static str);

impl Time {
    fn field(&self) -> Text {
        Text::new(self.0, 10, 22)
    }
}

impl Codec<WireTime> for Time {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<WireTime> {
        fields.parsed(self.0, |text| text.parse().ok())
    }

    fn write(&self, value: &WireTime, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.text(self.field(), value.as_str())
    }
}

impl Codec<Option<WireTime>> for Time {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<WireTime>> {
        Some(fields.optional_parsed(self.0, |text| text.parse().ok()))
    }

    fn write(&self, value: &Option<WireTime>, out: &mut XmlWriter) -> Result<(), WriteError> {
        value.as_ref().map_or(Ok(()), |time| Codec::<WireTime>::write(self, time, out))
    }
}

/// A day, as `2026-03-25`.
pub(crate) struct Day(pub(crate) &'static str);

impl Day {
    fn parse(text: &str) -> Option<NaiveDate> {
        let ten = text.len() == 10 && !text.starts_with(['0', '+', '-', ' ']);
        ten.then(|| NaiveDate::parse_from_str(text, "%Y-%m-%d").ok()).flatten()
    }
}

impl Codec<NaiveDate> for Day {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<NaiveDate> {
        fields.parsed(self.0, Self::parse)
    }

    fn write(&self, value: &NaiveDate, out: &mut XmlWriter) -> Result<(), WriteError> {
        // Other years have another width, and what is too long is refused with its place.
        let year = value.year();
        out.text(
            Text::new(self.0, 10, 10),
            &if (1000..=9999).contains(&year) { value.to_string() } else { year.to_string() },
        )
    }
}

impl Codec<Option<NaiveDate>> for Day {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<NaiveDate>> {
        Some(fields.optional_parsed(self.0, Self::parse))
    }

    fn write(&self, value: &Option<NaiveDate>, out: &mut XmlWriter) -> Result<(), WriteError> {
        value.as_ref().map_or(Ok(()), |day| Codec::<NaiveDate>::write(self, day, out))
    }
}

/// An IPv4 address, which stands as a number.
pub(crate) struct Address(Number);

impl Address {
    pub(crate) const fn new(name: &'static str) -> Self {
        Self(Number::new(name, 1, u32::MAX as u64))
    }

    /// Where the ministry's schema takes `0.0.0.0` too.
    pub(crate) const fn from_zero(name: &'static str) -> Self {
        Self(Number::new(name, 0, u32::MAX as u64))
    }
}

impl Codec<Ipv4Addr> for Address {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Ipv4Addr> {
        fields.number::<u32>(self.0).map(Ipv4Addr::from)
    }

    fn write(&self, value: &Ipv4Addr, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.number(self.0, u32::from(*value))
    }
}

impl Codec<Option<Ipv4Addr>> for Address {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<Ipv4Addr>> {
        Some(fields.optional_number::<u32>(self.0).map(Ipv4Addr::from))
    }

    fn write(&self, value: &Option<Ipv4Addr>, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.optional_number(self.0, value.map(u32::from))
    }
}

/// A value that some places of the interface require and others do not.
pub(crate) struct Required<C>(pub(crate) C, pub(crate) Presence);

/// Whether an element must stand.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Presence {
    Mandatory,
    Optional,
}

impl<T: Clone, C: Codec<T> + Codec<Option<T>> + Named> Codec<Option<T>> for Required<C> {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<T>> {
        match self.1 {
            Presence::Mandatory => Codec::<T>::read(&self.0, fields).map(Some),
            Presence::Optional => Codec::<Option<T>>::read(&self.0, fields),
        }
    }

    fn write(&self, value: &Option<T>, out: &mut XmlWriter) -> Result<(), WriteError> {
        if self.1 == Presence::Mandatory && value.is_none() {
            return Err(out.missing(self.0.name()));
        }
        Codec::<Option<T>>::write(&self.0, value, out)
    }
}

/// An element with a name of its own.
pub(crate) trait Named {
    fn name(&self) -> &'static str;
}

impl Named for Text {
    fn name(&self) -> &'static str {
        self.name
    }
}

impl Named for Address {
    fn name(&self) -> &'static str {
        self.0.name
    }
}

/// An element with fields of its own.
pub(crate) struct One(pub(crate) &'static str);

impl<R: Record> Codec<R> for One {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<R> {
        fields.child(self.0, R::read)
    }

    fn write(&self, value: &R, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(self.0, |out| value.write(out))
    }
}

impl<R: Record> Codec<Option<R>> for One {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Option<R>> {
        Some(fields.optional_child(self.0, R::read))
    }

    fn write(&self, value: &Option<R>, out: &mut XmlWriter) -> Result<(), WriteError> {
        value.as_ref().map_or(Ok(()), |value| Codec::<R>::write(self, value, out))
    }
}

impl<R: Record> Codec<Vec<R>> for Repeated {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Vec<R>> {
        Some(fields.children(*self, R::read))
    }

    fn write(&self, value: &Vec<R>, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.children(*self, value, R::write)
    }
}

/// A list element around repeated ones; absent when there are none.
pub(crate) struct List(pub(crate) &'static str, pub(crate) &'static str);

impl<R: Record> Codec<Vec<R>> for List {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Vec<R>> {
        let item = Repeated::new(self.1, 1, usize::MAX);
        Some(fields.optional_child(self.0, |list| Some(list.children(item, R::read))).unwrap_or_default())
    }

    fn write(&self, value: &Vec<R>, out: &mut XmlWriter) -> Result<(), WriteError> {
        if value.is_empty() {
            return Ok(());
        }
        out.child(self.0, |out| out.children(Repeated::new(self.1, 1, usize::MAX), value, R::write))
    }
}

/// The fields of another record, among one's own.
pub(crate) struct Inline;

impl<R: Record> Codec<R> for Inline {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<R> {
        R::read(fields)
    }

    fn write(&self, value: &R, out: &mut XmlWriter) -> Result<(), WriteError> {
        value.write(out)
    }
}

/// A list element around one code after another.
pub(crate) struct CodeList {
    pub(crate) list: &'static str,
    pub(crate) item: Number,
    pub(crate) most: usize,
    pub(crate) presence: Presence,
}

impl CodeList {
    pub(crate) const PLACES: Self = Self::of(common::PLACES, common::PLACE);
    pub(crate) const METHODS: Self = Self::of(common::METHODS, common::METHOD);
    pub(crate) const CONTENTS: Self = Self::of(common::CONTENTS, common::CONTENT);
    pub(crate) const LANGUAGES: Self = Self {
        list: common::LANGUAGES,
        item: common::LANGUAGE,
        most: common::MOST_LANGUAGES,
        presence: Presence::Mandatory,
    };

    const fn of(list: &'static str, item: Number) -> Self {
        Self { list, item, most: common::MOST_CODES, presence: Presence::Mandatory }
    }

    pub(crate) const fn optional(self) -> Self {
        Self { presence: Presence::Optional, ..self }
    }
}

impl Codec<Vec<u8>> for CodeList {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Vec<u8>> {
        match self.presence {
            Presence::Mandatory => common::read_codes(fields, self.list, self.item, self.most),
            Presence::Optional => Some(
                fields
                    .optional_child(self.list, |fields| Some(fields.numbers(self.item, self.most)))
                    .unwrap_or_default(),
            ),
        }
    }

    fn write(&self, value: &Vec<u8>, out: &mut XmlWriter) -> Result<(), WriteError> {
        if self.presence == Presence::Optional && value.is_empty() {
            return Ok(());
        }
        common::write_codes(out, self.list, self.item, self.most, value)
    }
}

/// Pre-approvals of a website.
pub(crate) struct Approvals;

impl Codec<Vec<Approval>> for Approvals {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Vec<Approval>> {
        Some(Approval::read_all(fields))
    }

    fn write(&self, value: &Vec<Approval>, out: &mut XmlWriter) -> Result<(), WriteError> {
        Approval::write_all(value, out)
    }
}

/// A sponsor's certificate with a number of up to 255 characters.
pub(crate) struct CertificateElement;

impl CertificateElement {
    const NUMBER: Text = Text::new("Zjhm", 1, 255);
}

impl Codec<Certificate> for CertificateElement {
    fn read(&self, fields: &mut Fields<'_, '_>) -> Option<Certificate> {
        fields.child(common::CERTIFICATE, |fields| Certificate::read(fields, Self::NUMBER))
    }

    fn write(&self, value: &Certificate, out: &mut XmlWriter) -> Result<(), WriteError> {
        out.child(common::CERTIFICATE, |out| value.write(out, Self::NUMBER))
    }
}

/// Makes records of types that read and write themselves.
macro_rules! written_out {
    ($($name:ty),+) => {$(
        impl $crate::record::Record for $name {
            fn read(fields: &mut $crate::xml::Fields<'_, '_>) -> Option<Self> {
                <$name>::read(fields)
            }

            fn write(&self, out: &mut $crate::xml::XmlWriter) -> Result<(), $crate::WriteError> {
                <$name>::write(self, out)
            }
        }
    )+};
}
pub(crate) use written_out;
