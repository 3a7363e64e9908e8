//! A sealed file as it is kept.

use beian_wire::package::{Algorithms, Package};
use serde::{Deserialize, Serialize};

/// A sealed file, with the numbers of its algorithms.
#[derive(Serialize, Deserialize)]
pub(crate) struct StoredPackage {
    content_base64: String,
    hash_base64: String,
    hash_algorithm: i32,
    encryption: i32,
    compression: i32,
}

impl StoredPackage {
    /// Digest of the zipped file, in base64.
    pub(crate) fn hash_base64(&self) -> &str {
        &self.hash_base64
    }

    pub(crate) fn to_package(&self) -> Package {
        Package {
            content_base64: self.content_base64.clone(),
            hash_base64: self.hash_base64.clone(),
            algorithms: Algorithms {
                hash: self.hash_algorithm,
                encryption: self.encryption,
                compression: self.compression,
            },
        }
    }
}

impl From<Package> for StoredPackage {
    fn from(package: Package) -> Self {
        Self {
            content_base64: package.content_base64,
            hash_base64: package.hash_base64,
            hash_algorithm: package.algorithms.hash,
            encryption: package.algorithms.encryption,
            compression: package.algorithms.compression,
        }
    }
}
