//! How text on photographs of certificates is read, as it is configured.

use anyhow::Context as _;
use beian_app::Tesseract;
use clap::Args;

use crate::options::PathOrOff;
use crate::probe::on_the_path;

/// By what photographs of certificates are read.
#[derive(Args, Clone, Default)]
pub(crate) struct ReadingArguments {
    /// Tesseract, which reads text on photographs of certificates, with its language chi_sim; `off` for none. Default:
    /// the one on the PATH, if there is one.
    #[arg(long, env = "BEIAN_TESSERACT", value_name = "PATH|off")]
    pub(crate) tesseract: Option<PathOrOff>,
}

impl ReadingArguments {
    /// Makes the reader ready. One that was named must work; without one there is none, and that is told here, once.
    pub(crate) async fn tesseract(&self) -> anyhow::Result<Option<Tesseract>> {
        let program = match &self.tesseract {
            Some(PathOrOff::Off) => return Ok(None),
            Some(PathOrOff::At(program)) => {
                let opened = Tesseract::open(program.clone()).await;
                return Ok(Some(opened.context("--tesseract")?));
            }
            None => on_the_path(&["tesseract"]),
        };
        let Some(program) = program else {
            tracing::info!("photographs of certificates are not read: Tesseract is not installed");
            return Ok(None);
        };
        match Tesseract::open(program).await {
            Ok(tesseract) => Ok(Some(tesseract)),
            Err(error) => {
                tracing::info!(%error, "photographs of certificates are not read");
                Ok(None)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_that_is_named_must_be_there_and_off_is_none() {
        let with = |text: &str| ReadingArguments { tesseract: Some(text.parse().unwrap()) };
        assert!(with("off").tesseract().await.unwrap().is_none());
        let error = with("/nowhere/tesseract").tesseract().await.unwrap_err();
        assert!(format!("{error:#}").contains("/nowhere/tesseract"), "{error:#}");
        // A program that is there, and is none.
        assert!(with("/bin/true").tesseract().await.is_err());
    }
}
