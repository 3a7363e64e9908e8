//! How sites are looked at, as it is configured.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use beian_app::{
    Chromium, ChromiumSandbox, NameServer, Probe, ProbeReach, ProbeSettings, ProbeTimeouts, SiteAuthorities,
};
use beian_domain::Clock;
use clap::{Args, ValueEnum};

/// How a reviewer's look at a site is made.
#[derive(Args, Clone, Default)]
pub(crate) struct ProbeArguments {
    /// Chromium, which takes the picture of a site that is looked at; default: the one on the PATH. Without one there
    /// are no pictures.
    #[arg(long, env = "BEIAN_CHROMIUM", value_name = "PATH")]
    pub(crate) chromium: Option<PathBuf>,
    /// Whether Chromium shuts in what shows a page. It cannot as root, and not in every container: `off` is for where
    /// all of it is shut in.
    #[arg(long, env = "BEIAN_CHROMIUM_SANDBOX", value_enum, default_value_t)]
    pub(crate) chromium_sandbox: SandboxMode,
    /// For tests: sites of this machine are looked at, at the ports `HTTP:HTTPS`.
    #[arg(long, env = "BEIAN_TEST_SITE_PORTS", hide = true, value_parser = ports)]
    pub(crate) site_ports: Option<(u16, u16)>,
}

/// See [`ProbeArguments::chromium_sandbox`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub(crate) enum SandboxMode {
    /// It does.
    #[default]
    On,
    /// It does not.
    Off,
}

fn ports(text: &str) -> Result<(u16, u16), String> {
    let read = |port: &str| port.parse().map_err(|_| format!("expected HTTP:HTTPS, got {text:?}"));
    let (http, https) = text.split_once(':').ok_or_else(|| format!("expected HTTP:HTTPS, got {text:?}"))?;
    Ok((read(http)?, read(https)?))
}

impl ProbeArguments {
    /// Makes the looks ready. `about_us` is told to the owners of sites.
    pub(crate) fn probe(
        &self,
        name_server: NameServer,
        about_us: &str,
        clock: Arc<dyn Clock>,
    ) -> anyhow::Result<Probe> {
        let sandbox = match self.chromium_sandbox {
            SandboxMode::On => ChromiumSandbox::On,
            SandboxMode::Off => ChromiumSandbox::Off,
        };
        let program = self.chromium.clone().or_else(|| on_the_path(&CHROMIUM));
        let settings = ProbeSettings {
            name_server,
            reach: match self.site_ports {
                None => ProbeReach::Public,
                Some((http, https)) => ProbeReach::Practice { http, https },
            },
            timeouts: ProbeTimeouts::default(),
            chromium: program.map(|program| Chromium { program, sandbox }),
            authorities: SiteAuthorities::Browsers,
            about_us: about_us.to_owned(),
        };
        Ok(Probe::new(settings, clock)?)
    }
}

/// Chromium by the names that systems give it.
const CHROMIUM: [&str; 3] = ["chromium", "chromium-browser", "google-chrome-stable"];

/// The first of some programs that is on the PATH.
pub(crate) fn on_the_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    let is_there = |program: &Path| program.is_file();
    names.iter().find_map(|name| {
        std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| is_there(program))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_two_numbers() {
        assert_eq!(ports("8080:8443"), Ok((8_080, 8_443)));
        for wrong in ["", "8080", "8080:", "a:b", "1:70000"] {
            assert!(ports(wrong).unwrap_err().contains("expected HTTP:HTTPS"), "{wrong}");
        }
    }
}
