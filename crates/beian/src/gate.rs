//! `beian gate`: answers gateways whether a host is filed.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt as _;
use beian_domain::Clock as _;
use beian_gate::{
    GateOptions, HostSource, Known, Patience, PatientListener, Provider, Upkeep, WebAddress, keep_up, router,
};
use chrono::SecondsFormat;
use clap::{Args, ValueEnum};
use tokio::net::TcpListener;

use crate::index::{IndexPath, open_in_memory};
use crate::output;
use crate::serve::stop_signal;
use crate::system::SystemClock;

/// How `beian gate` is started.
#[derive(Args)]
pub(crate) struct GateArguments {
    #[command(flatten)]
    index: IndexPath,
    /// Address or host name, and port, to listen on. Of a name with several addresses the first that can be had is taken.
    #[arg(long, env = "BEIAN_LISTEN", value_name = "HOST:PORT", default_value = "127.0.0.1:8091", value_parser = parse_listen)]
    listen: String,
    /// What may be served, by the words of the answers.
    #[arg(long, env = "BEIAN_GATE_PASS", value_name = "ANSWER", default_value = "filed-here,unknown", value_delimiter = ',', value_parser = parse_known)]
    pass: Vec<Known>,
    /// Which header names the host below /authorize.
    #[arg(long, env = "BEIAN_GATE_HOST", value_enum, default_value_t = HostArgument::Host)]
    host: HostArgument,
    /// Name of the access provider in Chinese, with which the page is signed; default: it is not.
    #[arg(long, env = "BEIAN_PROVIDER", value_name = "NAME")]
    provider: Option<String>,
    /// The same in English.
    #[arg(long, env = "BEIAN_PROVIDER_EN", value_name = "NAME")]
    provider_en: Option<String>,
    /// Where owners file, for the page: https://…; default: the page leads nowhere.
    #[arg(long, env = "BEIAN_PUBLIC_URL", value_name = "URL")]
    portal: Option<WebAddress>,
    /// Milliseconds between two looks for a new index.
    #[arg(long, env = "BEIAN_GATE_REFRESH", value_name = "MS", default_value_t = 500, value_parser = clap::value_parser!(u64).range(10..))]
    refresh: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum HostArgument {
    /// `Host`.
    Host,
    /// `X-Forwarded-Host`: only if the gateway sets it itself at every request.
    ForwardedHost,
}

fn parse_known(text: &str) -> Result<Known, String> {
    Known::of_name(text).ok_or_else(|| format!("expected one of {}", Known::ALL.map(Known::name).join(", ")))
}

/// Whether there is such a host, only listening tells.
fn parse_listen(text: &str) -> Result<String, String> {
    let is_bare = |host: &str| !host.is_empty() && !host.contains(':');
    let is_host = |host: &str| is_bare(host) || host.starts_with('[') && host.ends_with(']');
    match text.rsplit_once(':') {
        Some((host, port)) if is_host(host) && port.parse::<u16>().is_ok() => Ok(text.to_owned()),
        _ => {
            Err("expected a host and a port, such as 127.0.0.1:8091, [::1]:8091 or localhost:8091".to_owned())
        }
    }
}

pub(crate) async fn run(arguments: GateArguments) -> anyhow::Result<()> {
    let reader = Arc::new(open_in_memory(&arguments.index.index)?);
    reader.current().check_all()?;
    let options = GateOptions {
        pass: arguments.pass,
        host_source: match arguments.host {
            HostArgument::Host => HostSource::Host,
            HostArgument::ForwardedHost => HostSource::ForwardedHost,
        },
        provider: Provider {
            name_zh: arguments.provider,
            name_en: arguments.provider_en,
            portal: arguments.portal,
        },
    };
    let listener = TcpListener::bind(arguments.listen.as_str())
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    output::line(&format!("beian gate is at http://{}", listener.local_addr()?));
    let upkeep = Arc::new(Upkeep::default());
    let every = Duration::from_millis(arguments.refresh);
    let now = || SystemClock.now().to_rfc3339_opts(SecondsFormat::Secs, true);
    let keeping_up = tokio::spawn(keep_up(Arc::clone(&reader), every, Arc::clone(&upkeep), now));
    let listener = listener.tap_io(|stream| {
        // An answer is one small packet; it must not wait for another.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
    });
    let listener = PatientListener::new(listener, Patience::default());
    axum::serve(listener, router(reader, options, upkeep)).with_graceful_shutdown(stop_signal()).await?;
    keeping_up.abort();
    Ok(())
}
