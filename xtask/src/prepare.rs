//! Installs what the tests need and the machine lacks.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::command::{command, find, output, run, succeeds};
use crate::postgres;
use crate::workspace::Workspace;

/// A cargo subcommand that is built from crates.io into the checkout's own tools.
struct CargoTool {
    subcommand: &'static str,
    package: &'static str,
    /// What is installed, exactly.
    version: &'static str,
    /// What an installed one must begin with to be used as it is.
    accepted: &'static str,
}

/// A thing from Debian's packages.
struct DebianTool {
    /// A program on the PATH, or the absolute path of a file.
    thing: &'static str,
    package: &'static str,
}

const CARGO_TOOLS: [CargoTool; 2] = [
    CargoTool { subcommand: "nextest", package: "cargo-nextest", version: "0.9.143", accepted: "0.9." },
    CargoTool { subcommand: "deny", package: "cargo-deny", version: "0.20.2", accepted: "0.20." },
];

const DEBIAN_TOOLS: [DebianTool; 21] = [
    DebianTool { thing: "cc", package: "gcc" },
    DebianTool { thing: "python3", package: "python3" },
    // Runs Spark, which the Python packages bring.
    DebianTool { thing: "java", package: "default-jre-headless" },
    DebianTool { thing: "node", package: "nodejs" },
    DebianTool { thing: "npm", package: "npm" },
    DebianTool { thing: "psql", package: "postgresql-client" },
    DebianTool { thing: "chromium", package: "chromium" },
    DebianTool { thing: "chromedriver", package: "chromium-driver" },
    DebianTool { thing: "xmllint", package: "libxml2-utils" },
    // Answers the lookups of a transfer that is proven by a TXT record.
    DebianTool { thing: "/usr/sbin/dnsmasq", package: "dnsmasq-base" },
    // A name server that writes dnstap, and what reads it.
    DebianTool { thing: "/usr/sbin/named", package: "bind9" },
    DebianTool { thing: "dnstap-read", package: "bind9-dnsutils" },
    // The gateway that asks whether a host is filed.
    DebianTool { thing: "/usr/sbin/nginx", package: "nginx-light" },
    DebianTool { thing: "openssl", package: "openssl" },
    // Another reckoner of the codes that a second factor shows.
    DebianTool { thing: "oathtool", package: "oathtool" },
    DebianTool { thing: "unzip", package: "unzip" },
    DebianTool { thing: "pdftotext", package: "poppler-utils" },
    DebianTool { thing: "qpdf", package: "qpdf" },
    // Reads text on photographs of certificates.
    DebianTool { thing: "tesseract", package: "tesseract-ocr" },
    DebianTool {
        thing: "/usr/share/tesseract-ocr/5/tessdata/chi_sim.traineddata",
        package: "tesseract-ocr-chi-sim",
    },
    // Pages and pictures are Chinese; without these glyphs a screenshot shows boxes.
    DebianTool { thing: "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc", package: "fonts-noto-cjk" },
];

/// What benchmarks are run against, or with.
const BENCH_TOOLS: [DebianTool; 4] = [
    DebianTool { thing: "python3", package: "python3" },
    DebianTool { thing: "redis-server", package: "redis-server" },
    DebianTool { thing: "taskset", package: "util-linux" },
    DebianTool { thing: "wrk", package: "wrk" },
];

/// Installs everything that is missing; does nothing, quickly, when nothing is.
pub(crate) fn prepare(workspace: &Workspace) -> Result<()> {
    rust_components(workspace)?;
    debian_packages(workspace, &DEBIAN_TOOLS)?;
    for tool in &CARGO_TOOLS {
        cargo_tool(workspace, tool)?;
    }
    python_packages(workspace, "xtask/python-requirements.txt", &python(workspace))?;
    python_packages(workspace, "python/beian-audit/tests/requirements.txt", &spark_python(workspace))?;
    node_packages(workspace)
}

/// Installs what benchmarks need that tests do not: the peers.
pub(crate) fn prepare_for_benches(workspace: &Workspace) -> Result<()> {
    debian_packages(workspace, &BENCH_TOOLS)?;
    python_packages(workspace, "benches/requirements.txt", &peers_python(workspace))
}

/// What installs a program that was not found.
pub(crate) fn remedy(program: &str) -> String {
    let name =
        Path::new(program).file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    if name == "initdb" || name == "postgres" {
        return "apt-get install postgresql, or `cargo xtask test prepare` as root".to_owned();
    }
    match DEBIAN_TOOLS.iter().chain(&BENCH_TOOLS).find(|tool| tool.thing == name) {
        Some(tool) => format!("apt-get install {}, or `cargo xtask test prepare` as root", tool.package),
        None => "`cargo xtask test prepare` as root installs what the tests need".to_owned(),
    }
}

/// The Python interpreter with the packages of `python-requirements.txt`.
pub(crate) fn python(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("venv/bin/python")
}

/// The Python interpreter with Spark, and what builds our package for it.
pub(crate) fn spark_python(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("spark/bin/python")
}

/// The Python interpreter with what a user would take instead of us.
pub(crate) fn peers_python(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("peers/bin/python")
}

/// Where the packages of `npm/package.json` lie.
pub(crate) fn node_modules(workspace: &Workspace) -> PathBuf {
    workspace.tools().join("npm/node_modules")
}

/// The script that judges whether a page can be used by everybody.
pub(crate) fn axe(workspace: &Workspace) -> PathBuf {
    node_modules(workspace).join("axe-core/axe.min.js")
}

fn rust_components(workspace: &Workspace) -> Result<()> {
    for component in ["fmt", "clippy"] {
        if !succeeds(command(workspace, "cargo").args([component, "--version"])) {
            bail!("cargo {component} is missing: rustup component add rustfmt clippy");
        }
    }
    Ok(())
}

fn debian_packages(workspace: &Workspace, tools: &[DebianTool]) -> Result<()> {
    let mut packages: Vec<&str> =
        tools.iter().filter(|tool| find(tool.thing).is_none()).map(|tool| tool.package).collect();
    if postgres::programs().is_none() {
        packages.push("postgresql");
    }
    // Debian splits venv's ensurepip off; another Python brings it along.
    if !succeeds(command(workspace, "python3").args(["-c", "import ensurepip"])) {
        packages.push("python3-venv");
    }
    if packages.is_empty() {
        return Ok(());
    }
    let list = packages.join(" ");
    if find("apt-get").is_none() {
        bail!("missing, by Debian's names: {list}; install them with this system's own packages");
    }
    if output(command(workspace, "id").arg("-u"))? != "0" {
        bail!(
            "missing: {list}\n  sudo apt-get update && sudo apt-get install --no-install-recommends {list}"
        );
    }
    run(command(workspace, "apt-get").args(["-qq", "update"]))?;
    run(command(workspace, "apt-get")
        .args(["-qq", "-y", "--no-install-recommends", "install"])
        .args(&packages)
        .env("DEBIAN_FRONTEND", "noninteractive"))
}

fn cargo_tool(workspace: &Workspace, tool: &CargoTool) -> Result<()> {
    let installed = output(command(workspace, "cargo").args([tool.subcommand, "--version"]));
    if installed.is_ok_and(|text| has_version(&text, tool.accepted)) {
        return Ok(());
    }
    // Built without optimisation: it runs for seconds and would compile for minutes.
    run(command(workspace, "cargo")
        .args(["install", tool.package, "--version", tool.version, "--locked", "--quiet", "--root"])
        .arg(workspace.tools())
        .env_remove("CARGO_TARGET_DIR")
        .env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0")
        .env("CARGO_PROFILE_RELEASE_LTO", "off")
        .env("CARGO_PROFILE_RELEASE_DEBUG", "0")
        .env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16"))
}

fn has_version(text: &str, accepted: &str) -> bool {
    text.split_whitespace().any(|word| word.starts_with(accepted))
}

/// Makes an environment with the packages of a list, if the one that is there has another.
fn python_packages(workspace: &Workspace, list: &str, python: &Path) -> Result<()> {
    let wanted = workspace.root.join(list);
    let environment = python.ancestors().nth(2).context("an interpreter in an environment")?;
    let installed = environment.join("installed.txt");
    let list = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    if fs::read_to_string(&installed).is_ok_and(|text| text == list) && python.exists() {
        return Ok(());
    }
    run(command(workspace, "python3").args(["-m", "venv", "--clear"]).arg(environment))?;
    run(command(workspace, python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&wanted))?;
    fs::write(&installed, list).with_context(|| installed.display().to_string())
}

fn node_packages(workspace: &Workspace) -> Result<()> {
    let wanted = workspace.root.join("xtask/npm/package.json");
    let list = fs::read_to_string(&wanted).with_context(|| wanted.display().to_string())?;
    let folder = workspace.tools().join("npm");
    let installed = folder.join("package.json");
    if fs::read_to_string(&installed).is_ok_and(|text| text == list) && axe(workspace).exists() {
        return Ok(());
    }
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    fs::write(&installed, list).with_context(|| installed.display().to_string())?;
    // Nothing of a package runs while it is installed.
    run(command(workspace, "npm")
        .args(["install", "--ignore-scripts", "--no-package-lock", "--no-audit", "--no-fund", "--silent"])
        .arg("--prefix")
        .arg(&folder))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_is_told_by_the_package_that_brings_it() {
        assert!(remedy("chromedriver").contains("apt-get install chromium-driver"));
        assert!(remedy("/usr/lib/postgresql/15/bin/initdb").contains("apt-get install postgresql"));
    }

    #[test]
    fn the_version_is_found_in_either_manner_of_telling_it() {
        assert!(has_version("cargo-deny 0.20.2", "0.20."));
        assert!(has_version("cargo-nextest 0.9.143 (60fa45f63 2026-08-04)\nrelease: 0.9.143", "0.9."));
        assert!(!has_version("cargo-deny 0.18.0", "0.20."));
    }
}
