//! A program that is built without the feature `object-storage`.

use std::convert::Infallible;
use std::io::{self, Read};

use crate::input::{FileFacts, Log};

/// There is none.
#[derive(Debug, Clone)]
pub struct ObjectStorage(Infallible);

impl ObjectStorage {
    pub(crate) fn list(&self, _: &str) -> io::Result<Vec<Log>> {
        match self.0 {}
    }

    pub(crate) fn open(&self, _: &str, _: &FileFacts, _: u64) -> io::Result<ObjectReader> {
        match self.0 {}
    }

    pub(crate) fn pieces(&self, _: &str, _: &FileFacts) -> io::Result<Pieces> {
        match self.0 {}
    }
}

/// There is none.
pub(crate) struct ObjectReader(Infallible);

impl Read for ObjectReader {
    fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
        match self.0 {}
    }
}

/// There are none.
pub(crate) struct Pieces(Infallible);

impl Pieces {
    pub(crate) fn length(&self) -> u64 {
        match self.0 {}
    }

    pub(crate) fn read_at(&self, _: &mut [u8], _: u64) -> io::Result<usize> {
        match self.0 {}
    }
}
