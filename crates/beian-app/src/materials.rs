//! The pictures of an order: handed in, taken out, and shown.

use beian_domain::{MaterialId, MaterialUse, OrderNumber};
use beian_picture::{MAXIMUM_BYTES, PictureError, Prepared};
use beian_store::{Actor, FileKind, StoredMaterial};
use serde_json::json;

use crate::orders::{conflict, hidden, require_returned};
use crate::permission::Action;
use crate::{App, AppError, User};

impl App {
    /// Takes a picture for an order, in the place of an earlier one.
    pub async fn hand_in_material(
        &self,
        user: &User,
        number: &OrderNumber,
        purpose: MaterialUse,
        bytes: Vec<u8>,
    ) -> Result<StoredMaterial, AppError> {
        let mut order = self.editable_order(user, number, None).await?;
        let pointer = format!("/materials/{}", purpose.slug());
        require_returned(&order, std::slice::from_ref(&pointer))?;
        let size = bytes.len();
        if size > MAXIMUM_BYTES {
            return Err(PictureError::TooManyBytes { got: size }.into());
        }
        let prepared = self.prepare_picture(bytes, purpose).await?;
        let material = StoredMaterial {
            id: MaterialId(beian_domain::new_uuid(&*self.inner.clock, &*self.inner.random)),
            order: order.id,
            purpose,
            original_format: prepared.original.format,
            original_bytes: size as u64,
            original_size: prepared.original.size,
            copy_format: prepared.copy.format,
            copy_bytes: prepared.copy.bytes.len() as u64,
            copy_size: prepared.copy.size,
            created_at: self.inner.clock.now(),
            doubts: prepared.doubts,
            content: Some(beian_store::ContentHash::of(&prepared.original.bytes)),
        };
        self.inner.store.files().put(material.id, FileKind::Original, &prepared.original.bytes).await?;
        self.inner.store.files().put(material.id, FileKind::Copy, &prepared.copy.bytes).await?;
        order.case.materials.retain(|known| known.purpose != purpose);
        order.case.materials.push(material.to_material());
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.replace_material(&material).await?;
        tx.update_order(&mut order, "order.edit", json!({ "fields": [pointer] })).await.map_err(conflict)?;
        tx.commit().await?;
        self.inner.wake_reading.notify_one();
        Ok(material)
    }

    /// Takes a picture out of an order.
    pub async fn remove_material(
        &self,
        user: &User,
        number: &OrderNumber,
        purpose: MaterialUse,
    ) -> Result<(), AppError> {
        let mut order = self.editable_order(user, number, None).await?;
        let pointer = format!("/materials/{}", purpose.slug());
        require_returned(&order, std::slice::from_ref(&pointer))?;
        order.case.materials.retain(|known| known.purpose != purpose);
        let mut tx = self.inner.store.begin(Actor::Account(user.account));
        tx.remove_material(order.id, purpose).await?;
        tx.update_order(&mut order, "order.edit", json!({ "fields": [pointer] })).await.map_err(conflict)?;
        Ok(tx.commit().await?)
    }

    /// One of a material's two pictures, for who may see the order.
    pub async fn material_file(
        &self,
        user: &User,
        material: MaterialId,
        kind: FileKind,
    ) -> Result<(Vec<u8>, beian_domain::ImageFormat), AppError> {
        let material = self.inner.store.read().material(material).await?.ok_or(AppError::NotFound)?;
        let order = self.inner.store.read().order(material.order).await?.ok_or(AppError::NotFound)?;
        user.require(Action::ViewOrder, Some(order.owner)).map_err(hidden)?;
        let format = match kind {
            FileKind::Original => material.original_format,
            FileKind::Copy => material.copy_format,
            FileKind::Evidence => return Err(AppError::NotFound),
        };
        let bytes = self.inner.store.files().get(material.id, kind).await?;
        Ok((bytes.to_vec(), format))
    }

    async fn prepare_picture(&self, bytes: Vec<u8>, purpose: MaterialUse) -> Result<Prepared, AppError> {
        let _slot = self
            .inner
            .picture_slots
            .acquire()
            .await
            .map_err(|error| AppError::Internal(error.to_string()))?;
        let work = tokio::task::spawn_blocking(move || beian_picture::prepare(&bytes, purpose));
        Ok(work.await.map_err(|error| AppError::Internal(error.to_string()))??)
    }
}
