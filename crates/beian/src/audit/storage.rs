//! The object storage that `s3://` names lead to, as the environment tells it: by the names that AWS' own tools read.

use std::time::Duration;

use anyhow::{Context, bail};
use beian_audit::{BucketAddress, ObjectStorage, StorageKey, StorageSettings};
use beian_domain::Clock as _;

use super::{AddressArgument, AuditArguments, names_objects};
use crate::system::SystemClock;

/// The region of signatures where none is told, as most storages but AWS do not care.
const DEFAULT_REGION: &str = "us-east-1";
/// How long it waits after a first failure.
const PAUSE: Duration = Duration::from_millis(500);

/// The storage; none if no log is there.
pub(crate) fn of(arguments: &AuditArguments) -> anyhow::Result<Option<ObjectStorage>> {
    if !names_objects(arguments) {
        return Ok(None);
    }
    let endpoint = told(&["AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"])?;
    let by_default = if endpoint.is_some() { AddressArgument::Path } else { AddressArgument::Host };
    let key = match (told(&["AWS_ACCESS_KEY_ID"])?, told(&["AWS_SECRET_ACCESS_KEY"])?) {
        (Some(id), Some(secret)) => Some(StorageKey { id, secret, token: told(&["AWS_SESSION_TOKEN"])? }),
        (None, None) => None,
        (Some(_), None) => bail!("expected AWS_SECRET_ACCESS_KEY beside AWS_ACCESS_KEY_ID, got none"),
        (None, Some(_)) => bail!("expected AWS_ACCESS_KEY_ID beside AWS_SECRET_ACCESS_KEY, got none"),
    };
    let settings = StorageSettings {
        endpoint,
        region: told(&["AWS_REGION", "AWS_DEFAULT_REGION"])?.unwrap_or_else(|| DEFAULT_REGION.to_owned()),
        key,
        address: match arguments.bucket_address.unwrap_or(by_default) {
            AddressArgument::Path => BucketAddress::Path,
            AddressArgument::Host => BucketAddress::Host,
        },
        pause: PAUSE,
        clock: || SystemClock.now().timestamp(),
    };
    Ok(Some(ObjectStorage::new(settings).context("the object storage that AWS_ENDPOINT_URL names")?))
}

/// The first of some variables that is set and not empty. What is wrong with one is told without its value.
fn told(names: &[&str]) -> anyhow::Result<Option<String>> {
    for name in names {
        match std::env::var(name) {
            Ok(value) if !value.trim().is_empty() => return Ok(Some(value.trim().to_owned())),
            Ok(_) | Err(std::env::VarError::NotPresent) => {}
            Err(std::env::VarError::NotUnicode(_)) => bail!("expected UTF-8 in {name}, got other bytes"),
        }
    }
    Ok(None)
}
