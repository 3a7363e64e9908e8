//! Materials and their files.

use std::path::Path;
use std::sync::Arc;

use beian_domain::{ImageFormat, Material, MaterialId, MaterialUse, OrderId, PictureDoubt};
use chrono::{DateTime, Utc};
use object_store::local::LocalFileSystem;
use object_store::{ObjectStore, ObjectStoreExt, PutPayload, path::Path as ObjectPath};
use sea_orm::{ActiveValue::Set, ColumnTrait, EntityTrait, QueryFilter, QueryOrder};
use serde_json::json;
use zeroize::Zeroizing;

use crate::entity::material;
use crate::sealing::{Place, Sealer, hex};
use crate::{Reader, Result, StoreError, Subject, Tx};

/// The files of materials, sealed like everything personal.
#[derive(Clone)]
pub struct Files {
    objects: Arc<dyn ObjectStore>,
    sealer: Sealer,
}

/// Which of a material's two pictures.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// As it was handed in, but for its metadata.
    Original,
    /// The legible copy that fits the regulator's interface.
    Copy,
    /// A picture that shows what a reviewer saw; it is filed under the evidence's identifier.
    Evidence,
}

impl FileKind {
    fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Copy => "copy",
            Self::Evidence => "evidence",
        }
    }
}

/// SHA-256 of a picture as it was handed in, in hexadecimal.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContentHash(pub(crate) String);

impl ContentHash {
    /// The hash of a picture's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        use sha2::Digest as _;
        Self(hex(&sha2::Sha256::digest(bytes)))
    }
}

/// A stored material with what was measured of both pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredMaterial {
    /// Its identifier; the files are found by it.
    pub id: MaterialId,
    /// The order that it belongs to.
    pub order: OrderId,
    /// What it proves.
    pub purpose: MaterialUse,
    /// Format of the original.
    pub original_format: ImageFormat,
    /// Size of the original as handed in, in bytes.
    pub original_bytes: u64,
    /// Width and height of the original, in pixels.
    pub original_size: (u32, u32),
    /// Format of the copy.
    pub copy_format: ImageFormat,
    /// Size of the copy, in bytes.
    pub copy_bytes: u64,
    /// Width and height of the copy, in pixels.
    pub copy_size: (u32, u32),
    /// When it was handed in.
    pub created_at: DateTime<Utc>,
    /// By which the same picture is found again. Unknown of those that were handed in before
    /// it was kept.
    pub content: Option<ContentHash>,
    /// What seems wrong with it. Nothing of those that were handed in before it was looked at.
    pub doubts: Vec<PictureDoubt>,
}

impl StoredMaterial {
    /// What the case says of it.
    pub fn to_material(&self) -> Material {
        Material {
            purpose: self.purpose,
            id: Some(self.id),
            bytes: Some(self.original_bytes),
            width: Some(self.original_size.0),
            height: Some(self.original_size.1),
        }
    }
}

impl Files {
    pub(crate) fn open(directory: &Path, sealer: Sealer) -> Result<Self> {
        let objects = LocalFileSystem::new_with_prefix(directory)?.with_automatic_cleanup(true);
        Ok(Self { objects: Arc::new(objects), sealer })
    }

    /// Keeps a picture. Written before the row that names it, so that a crash
    /// leaves a file too many, never a row without its file.
    pub async fn put(&self, material: MaterialId, kind: FileKind, bytes: &[u8]) -> Result<()> {
        let row = material.0.to_string();
        let sealed = self.sealer.seal(Place { table_and_column: place(kind), row: &row }, bytes)?;
        self.objects.put(&path(material, kind), PutPayload::from(sealed)).await?;
        Ok(())
    }

    /// Forgets a picture that no row names.
    pub(crate) async fn delete(&self, material: MaterialId, kind: FileKind) -> Result<()> {
        Ok(self.objects.delete(&path(material, kind)).await?)
    }

    /// The bytes of a picture.
    pub async fn get(&self, material: MaterialId, kind: FileKind) -> Result<Zeroizing<Vec<u8>>> {
        let sealed = self.objects.get(&path(material, kind)).await?.bytes().await?;
        let row = material.0.to_string();
        self.sealer.open(Place { table_and_column: place(kind), row: &row }, &sealed)
    }
}

fn path(material: MaterialId, kind: FileKind) -> ObjectPath {
    ObjectPath::from(format!("materials/{}/{}", material.0, kind.name()))
}

fn place(kind: FileKind) -> &'static str {
    match kind {
        FileKind::Original => "file.original",
        FileKind::Copy => "file.copy",
        FileKind::Evidence => "file.evidence",
    }
}

impl Tx<'_> {
    /// Puts a material in the place of an earlier one for the same purpose.
    pub async fn replace_material(&mut self, material: &StoredMaterial) -> Result<()> {
        let count = |value: u64| i64::try_from(value).unwrap_or(i64::MAX);
        self.forget_reading(material.order, material.purpose).await?;
        material::Entity::delete_many()
            .filter(material::Column::FilingOrder.eq(material.order.0))
            .filter(material::Column::Purpose.eq(material.purpose.slug()))
            .exec(&self.db)
            .await?;
        material::Entity::insert(material::ActiveModel {
            id: Set(material.id.0),
            filing_order: Set(material.order.0),
            purpose: Set(material.purpose.slug().to_owned()),
            original_format: Set(material.original_format.media_type().to_owned()),
            original_bytes: Set(count(material.original_bytes)),
            width: Set(material.original_size.0.into()),
            height: Set(material.original_size.1.into()),
            copy_format: Set(material.copy_format.media_type().to_owned()),
            copy_bytes: Set(count(material.copy_bytes)),
            copy_width: Set(material.copy_size.0.into()),
            copy_height: Set(material.copy_size.1.into()),
            created_at: Set(material.created_at),
            content_hash: Set(material.content.as_ref().map(|content| content.0.clone())),
            doubts: Set(Some(json!(material.doubts).to_string())),
        })
        .exec_without_returning(&self.db)
        .await?;
        self.note(
            "material.hand-in",
            &Subject::Order(material.order),
            json!({"purpose": material.purpose.slug(), "bytes": material.original_bytes}),
        );
        Ok(())
    }

    /// Takes a material out of an order.
    pub async fn remove_material(&mut self, order: OrderId, purpose: MaterialUse) -> Result<()> {
        self.forget_reading(order, purpose).await?;
        material::Entity::delete_many()
            .filter(material::Column::FilingOrder.eq(order.0))
            .filter(material::Column::Purpose.eq(purpose.slug()))
            .exec(&self.db)
            .await?;
        self.note("material.remove", &Subject::Order(order), json!({"purpose": purpose.slug()}));
        Ok(())
    }
}

impl Reader<'_> {
    /// The materials of an order, in the order of handing in.
    pub async fn materials(&self, order: OrderId) -> Result<Vec<StoredMaterial>> {
        in_order()
            .filter(material::Column::FilingOrder.eq(order.0))
            .all(&self.db)
            .await?
            .into_iter()
            .map(read)
            .collect()
    }

    /// One material.
    pub async fn material(&self, id: MaterialId) -> Result<Option<StoredMaterial>> {
        material::Entity::find_by_id(id.0).one(&self.db).await?.map(read).transpose()
    }
}

/// Materials in the order of handing in.
pub(crate) fn in_order() -> sea_orm::Select<material::Entity> {
    material::Entity::find().order_by_asc(material::Column::Id)
}

pub(crate) fn read(row: material::Model) -> Result<StoredMaterial> {
    let format = |text: &str| match text {
        "image/jpeg" => Ok(ImageFormat::Jpeg),
        "image/png" => Ok(ImageFormat::Png),
        other => Err(StoreError::Inconsistent {
            place: "material.format",
            expected: "a format",
            got: other.to_owned(),
        }),
    };
    let pixels = |value: i64| u32::try_from(value).unwrap_or_default();
    Ok(StoredMaterial {
        id: MaterialId(row.id),
        order: OrderId(row.filing_order),
        purpose: row
            .purpose
            .parse()
            .map_err(|error| crate::inconsistent("material.purpose", "the use of a material")(&error))?,
        original_format: format(&row.original_format)?,
        original_bytes: row.original_bytes.unsigned_abs(),
        original_size: (pixels(row.width), pixels(row.height)),
        copy_format: format(&row.copy_format)?,
        copy_bytes: row.copy_bytes.unsigned_abs(),
        copy_size: (pixels(row.copy_width), pixels(row.copy_height)),
        created_at: row.created_at,
        content: row.content_hash.map(ContentHash),
        doubts: match row.doubts {
            None => Vec::new(),
            Some(doubts) => serde_json::from_str(&doubts)
                .map_err(|error| crate::inconsistent("material.doubts", "doubts of a picture")(&error))?,
        },
    })
}
