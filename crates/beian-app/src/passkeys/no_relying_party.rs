//! In the place of the relying party where the program was built without passkeys: there can be none.

use beian_domain::{AccountId, LoginName};
use beian_store::Passkey;

use super::{Asked, Made, PasskeyRefusal, Used};
use crate::AppError;

/// Has no value.
pub(crate) enum RelyingParty {}

impl RelyingParty {
    pub(crate) fn at(_: &str) -> Option<Self> {
        None
    }

    pub(crate) fn ask_for_new(&self, _: AccountId, _: &LoginName, _: &[Passkey]) -> Result<Asked, AppError> {
        match *self {}
    }

    pub(crate) fn new_passkey(&self, _: &[u8], _: &str) -> Result<Made, PasskeyRefusal> {
        match *self {}
    }

    pub(crate) fn ask_to_use(&self, _: &[Passkey]) -> Result<Asked, AppError> {
        match *self {}
    }

    pub(crate) fn used_passkey(
        &self,
        _: AccountId,
        _: &[Passkey],
        _: &[u8],
        _: &str,
    ) -> Result<Used, PasskeyRefusal> {
        match *self {}
    }
}
