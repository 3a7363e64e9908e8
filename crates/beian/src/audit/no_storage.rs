//! A program that is built without the feature `object-storage`.

use beian_audit::ObjectStorage;

use super::{AuditArguments, names_objects};
use crate::options::without_feature;

pub(crate) fn of(arguments: &AuditArguments) -> anyhow::Result<Option<ObjectStorage>> {
    if names_objects(arguments) { Err(without_feature("object-storage")) } else { Ok(None) }
}
