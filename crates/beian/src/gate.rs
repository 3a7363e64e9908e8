//! `beian gate`: answers gateways whether a host is filed.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::serve::ListenerExt as _;
use beian_gate::{GateOptions, HostSource, Known, Provider, keep_up, router};
use clap::{Args, ValueEnum};

use crate::index::{IndexPath, open};
use crate::output;
use crate::serve::stop_signal;

/// How `beian gate` is started.
#[derive(Args)]
pub(crate) struct GateArguments {
    #[command(flatten)]
    index: IndexPath,
    /// Address to listen on.
    #[arg(long, env = "BEIAN_LISTEN", default_value = "127.0.0.1:8091")]
    listen: SocketAddr,
    /// What may be served, by the words of the answers.
    #[arg(long, env = "BEIAN_GATE_PASS", value_name = "ANSWER", default_value = "filed-here,unknown", value_delimiter = ',', value_parser = parse_known)]
    pass: Vec<Known>,
    /// Which header names the host below /authorize.
    #[arg(long, env = "BEIAN_GATE_HOST", value_enum, default_value_t = HostArgument::Host)]
    host: HostArgument,
    /// Name of the access provider in Chinese, for the page.
    #[arg(long, env = "BEIAN_PROVIDER", default_value = "习作云")]
    provider: String,
    /// Name of the access provider in English.
    #[arg(long, env = "BEIAN_PROVIDER_EN", default_value = "Practice Cloud")]
    provider_en: String,
    /// Where owners file, for the page: https://…
    #[arg(long, env = "BEIAN_PUBLIC_URL", value_name = "URL")]
    portal: Option<String>,
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

pub(crate) async fn run(arguments: GateArguments) -> anyhow::Result<()> {
    let reader = Arc::new(open(&arguments.index.index)?);
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
    let listener = tokio::net::TcpListener::bind(arguments.listen)
        .await
        .with_context(|| format!("{} cannot be listened on", arguments.listen))?;
    output::line(&format!("beian gate is at http://{}", listener.local_addr()?));
    let keeping_up = tokio::spawn(keep_up(Arc::clone(&reader), Duration::from_millis(arguments.refresh)));
    let listener = listener.tap_io(|stream| {
        // An answer is one small packet; it must not wait for another.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY");
        }
    });
    axum::serve(listener, router(reader, options)).with_graceful_shutdown(stop_signal()).await?;
    keeping_up.abort();
    Ok(())
}
