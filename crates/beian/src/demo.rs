//! placeholder
use clap::Args;
#[derive(Args)]
pub(crate) struct DemoArguments {
    #[arg(long, env = "BEIAN_DATABASE", hide_env_values = true)]
    database: Option<String>,
}
pub(crate) async fn run(_arguments: DemoArguments) -> anyhow::Result<()> { Ok(()) }
