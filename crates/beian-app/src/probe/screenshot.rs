//! A picture of a hostile page, by a browser that can reach nothing but that page.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt;
use tokio::process::Command;

use crate::child::Group;

/// Width and height of the window, in pixels.
const WINDOW: (u32, u32) = (1_280, 900);
/// Most bytes of the browser's own picture.
const MOST_BYTES: u64 = 16 * 1024 * 1024;

/// A page is shown, not run. `--blink-settings=scriptEnabled=false` would stop the browser's own page, too, by which it
/// takes pictures.
const PREFERENCES: &str = r#"{
    "profile": {"default_content_setting_values": {
        "javascript": 2, "popups": 2, "notifications": 2, "geolocation": 2, "automatic_downloads": 2
    }},
    "download_restrictions": 3,
    "alternate_error_pages": {"enabled": false}
}"#;

/// A browser for pictures.
#[derive(Debug, Clone)]
pub struct Chromium {
    /// Its program.
    pub program: PathBuf,
    /// Whether it shuts itself in.
    pub sandbox: ChromiumSandbox,
}

/// Whether Chromium shuts in what shows a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChromiumSandbox {
    /// It does. It cannot as root.
    On,
    /// It does not: for tests, and for containers that shut in all of it.
    Off,
}

/// A picture, as PNG.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Screenshot {
    /// Its bytes, written anew.
    pub png: Vec<u8>,
    /// Width and height, in pixels.
    pub size: (u32, u32),
}

/// Why there is no picture.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WhyNone {
    /// There is no browser.
    #[error("expected Chromium, got none installed")]
    NotInstalled,
    /// As root it does not shut itself in, and was not told that it need not.
    #[error("expected another user than root, as whom Chromium shuts nothing in")]
    Root,
    /// No page came.
    #[error("expected a page, got none")]
    NoPage,
    /// It was not done in time, and was ended.
    #[error("expected a picture in {seconds} seconds, got none")]
    TimedOut {
        /// How long it had.
        seconds: u64,
    },
    /// It did not do its part.
    #[error("Chromium failed: {0}")]
    Failed(String),
}

/// Where a host leads, for the browser.
pub(super) struct Mapping {
    pub(super) host: String,
    pub(super) port: u16,
    pub(super) address: IpAddr,
}

/// Takes a picture of `url` with a browser for which no host exists but those of `reachable`.
pub(super) async fn take(
    chromium: &Chromium,
    url: &str,
    reachable: &[Mapping],
    user_agent: &str,
    limit: Duration,
) -> Result<Screenshot, WhyNone> {
    if chromium.sandbox == ChromiumSandbox::On && rustix::process::geteuid().is_root() {
        return Err(WhyNone::Root);
    }
    let failed = |error: std::io::Error| WhyNone::Failed(error.to_string());
    // Everything that it writes goes there, and with it.
    let home = tempfile::Builder::new().prefix("beian-probe-").tempdir().map_err(failed)?;
    let file = home.path().join("page.png");
    let profile = home.path().join("profile/Default");
    std::fs::create_dir_all(&profile).map_err(failed)?;
    std::fs::write(profile.join("Preferences"), PREFERENCES).map_err(failed)?;
    let mut command = command(chromium, home.path(), &file, limit);
    command.arg(format!("--user-agent={user_agent}"));
    command.arg(format!("--host-resolver-rules={}", rules(reachable)));
    // Behind it, nothing is an option.
    command.arg("--").arg(url);
    let child = command.spawn().map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => WhyNone::NotInstalled,
        _ => failed(error),
    })?;
    let mut group = Group(child);
    let Ok(ended) = tokio::time::timeout(limit, group.0.wait()).await else {
        drop(group);
        return Err(WhyNone::TimedOut { seconds: limit.as_secs() });
    };
    let status = ended.map_err(failed)?;
    let opened = tokio::fs::File::open(&file).await;
    let opened = opened.map_err(|_| WhyNone::Failed(format!("no picture; it ended with {status}")))?;
    let mut bytes = Vec::new();
    opened.take(MOST_BYTES + 1).read_to_end(&mut bytes).await.map_err(failed)?;
    if bytes.len() as u64 > MOST_BYTES {
        return Err(WhyNone::Failed(format!("expected a picture of at most {MOST_BYTES} bytes")));
    }
    // What a browser that was taken over would write is as hostile as the page.
    let work = tokio::task::spawn_blocking(move || beian_picture::shrink_to_png(&bytes, WINDOW.0));
    let picture = work.await.map_err(|error| WhyNone::Failed(error.to_string()))?;
    let picture = picture.map_err(|error| WhyNone::Failed(error.to_string()))?;
    Ok(Screenshot { png: picture.bytes, size: picture.size })
}

fn command(chromium: &Chromium, home: &Path, file: &Path, limit: Duration) -> Command {
    let mut command = Command::new(&chromium.program);
    command
        .args([
            "--headless=new",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--hide-scrollbars",
            "--mute-audio",
            "--lang=zh-CN",
            "--ignore-certificate-errors",
            // Nothing of its own goes out, and nothing around the resolver's rules.
            "--disable-background-networking",
            "--disable-breakpad",
            "--disable-component-update",
            "--disable-crash-reporter",
            "--disable-default-apps",
            "--disable-domain-reliability",
            "--disable-extensions",
            "--disable-quic",
            "--disable-sync",
            "--dns-prefetch-disable",
            "--metrics-recording-only",
            "--no-default-browser-check",
            "--no-first-run",
            "--no-pings",
            "--no-proxy-server",
            "--no-service-autorun",
            "--password-store=basic",
            "--use-mock-keychain",
        ])
        .arg(format!("--window-size={},{}", WINDOW.0, WINDOW.1))
        // A page that never ends loading is shown as far as it came.
        .arg(format!("--timeout={}", limit.as_millis() / 2))
        .arg(format!("--user-data-dir={}", home.join("profile").display()))
        .arg(format!("--screenshot={}", file.display()));
    if chromium.sandbox == ChromiumSandbox::Off {
        command.arg("--no-sandbox");
    }
    // What our own process was told, it need not know. Debian's Chromium is a script, which looks for others.
    command.env_clear().env("PATH", "/usr/local/bin:/usr/bin:/bin");
    for variable in ["HOME", "TMPDIR", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR"] {
        command.env(variable, home);
    }
    command.current_dir(home).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.process_group(0).kill_on_drop(true);
    command
}

/// Every host at its port as it was looked at; any other host, name or number, is not found.
fn rules(reachable: &[Mapping]) -> String {
    let mut rules: Vec<String> = reachable
        .iter()
        .map(|Mapping { host, port, address }| match address {
            IpAddr::V4(address) => format!("MAP {host}:{port} {address}:{port}"),
            IpAddr::V6(address) => format!("MAP {host}:{port} [{address}]:{port}"),
        })
        .collect();
    rules.push("MAP * ~NOTFOUND".to_owned());
    rules.join(", ")
}
