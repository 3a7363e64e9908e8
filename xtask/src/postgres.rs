//! A PostgreSQL of our own for tests: new, empty, quick and forgetful.
//!
//! The server refuses to run as root, so root starts it as Debian's user `postgres`. It listens on
//! 127.0.0.1 alone, writes nothing through to the disk, and its data live in the temporary
//! directory, where that user can reach them whoever owns the checkout.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use crate::command::{command, explain, find, output, succeeds};
use crate::workspace::Workspace;

/// The variable tests read: a URL without the database's name, whose user may create databases.
pub(crate) const VARIABLE: &str = "BEIAN_TEST_POSTGRES";

/// How long a start or a stop may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// The PostgreSQL that a run of tests uses.
pub(crate) enum Postgres {
    /// It was there before and stays.
    Borrowed(String),
    /// It lives as long as this value.
    Own(Server),
}

impl Postgres {
    /// Takes the one named in the environment, else the one left running, else starts one.
    pub(crate) fn obtain(workspace: &Workspace) -> Result<Self> {
        if let Ok(url) = std::env::var(VARIABLE) {
            return Ok(Self::Borrowed(format!("{}/", url.trim_end_matches('/'))));
        }
        if let Some(detached) = Detached::read(workspace) {
            return Ok(Self::Borrowed(url(detached.port)));
        }
        Ok(Self::Own(Server::start(workspace, Lifetime::Ours)?))
    }

    /// The URL for [`VARIABLE`].
    pub(crate) fn url(&self) -> String {
        match self {
            Self::Borrowed(url) => url.clone(),
            Self::Own(server) => url(server.port),
        }
    }
}

/// `cargo xtask postgres`: serves until Ctrl-C.
pub(crate) fn serve(workspace: &Workspace) -> Result<()> {
    let mut server = Server::start(workspace, Lifetime::Ours)?;
    announce(server.port);
    eprintln!("Ctrl-C stops it.");
    let status = server.child.wait()?;
    println!("PostgreSQL ended with {status}; its log is {}", log_file(workspace).display());
    Ok(())
}

/// `cargo xtask postgres --detach`: starts one that outlives this process.
pub(crate) fn detach(workspace: &Workspace) -> Result<()> {
    if let Some(detached) = Detached::read(workspace) {
        announce(detached.port);
        return Ok(());
    }
    let server = Server::start(workspace, Lifetime::UntilStopped)?;
    let detached =
        Detached { pid: server.child.id(), port: server.port, directory: server.directory.clone() };
    detached.write(workspace)?;
    // From here on the note is what knows of the server.
    std::mem::forget(server);
    announce(detached.port);
    eprintln!("`cargo xtask postgres --stop` stops it.");
    Ok(())
}

/// `cargo xtask postgres --stop`.
pub(crate) fn stop_detached(workspace: &Workspace) -> Result<()> {
    let Some(detached) = Detached::read(workspace) else {
        println!("No PostgreSQL was left running by this checkout.");
        return Ok(());
    };
    interrupt(detached.pid);
    let start = Instant::now();
    while runs(detached.pid) {
        if start.elapsed() > PATIENCE {
            bail!("PostgreSQL (process {}) does not stop", detached.pid);
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    fs::remove_dir_all(&detached.directory)?;
    fs::remove_file(Detached::note(workspace))?;
    Ok(())
}

/// The directory with `initdb` and `postgres`: of the newest version that Debian's packages
/// brought, else from the PATH.
pub(crate) fn programs() -> Option<PathBuf> {
    let mut versions: Vec<(u32, PathBuf)> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let version = entry.file_name().to_str()?.parse().ok()?;
            let directory = entry.path().join("bin");
            directory.join("initdb").exists().then_some((version, directory))
        })
        .collect();
    versions.sort();
    versions.pop().map(|(_, directory)| directory).or_else(|| Some(find("initdb")?.parent()?.to_owned()))
}

/// A running server; dropping it stops it and deletes its data.
pub(crate) struct Server {
    child: Child,
    port: u16,
    directory: PathBuf,
}

/// When a server ends.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lifetime {
    /// With this process, however that ends.
    Ours,
    /// When told to.
    UntilStopped,
}

impl Server {
    fn start(workspace: &Workspace, lifetime: Lifetime) -> Result<Self> {
        let programs = programs().with_context(
            || "PostgreSQL is missing: apt-get install postgresql, or `cargo xtask test prepare` as root",
        )?;
        sweep();
        let directory = data_directory(std::process::id());
        fs::create_dir(&directory).with_context(|| directory.display().to_string())?;
        let user =
            if output(command(workspace, "id").arg("-u"))? == "0" { User::Postgres } else { User::Own };
        if user == User::Postgres {
            output(command(workspace, "chown").arg("postgres:").arg(&directory))?;
        }

        // Names sort by the rules of languages, not by bytes, as they do on most production
        // servers: a query that needs the order of bytes has to say so.
        let output = user
            .command(workspace, &programs.join("initdb"), lifetime)
            .args(["--no-sync", "--auth=trust", "--username=beian", "--encoding=UTF8", "--locale=C.UTF-8"])
            .args(["--locale-provider=icu", "--icu-locale=und", "--pgdata"])
            .arg(&directory)
            .output()
            .context("initdb")?;
        if !output.status.success() {
            bail!("initdb ended with {}: {}", output.status, String::from_utf8_lossy(&output.stderr));
        }

        let port = free_port()?;
        fs::create_dir_all(&workspace.target)?;
        let log = File::create(log_file(workspace))?;
        let mut postgres = user.command(workspace, &programs.join("postgres"), lifetime);
        postgres.arg("-D").arg(&directory).args(["-p", &port.to_string()]);
        for setting in [
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "max_connections=200",
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
        ] {
            postgres.args(["-c", setting]);
        }
        postgres.stdin(Stdio::null()).stdout(log.try_clone()?).stderr(log);
        if lifetime == Lifetime::UntilStopped {
            postgres.process_group(0);
        }
        let child = postgres.spawn().map_err(|error| explain(&postgres, error))?;
        let mut server = Self { child, port, directory };
        server.wait_until_ready(workspace, &programs)?;
        Ok(server)
    }

    fn wait_until_ready(&mut self, workspace: &Workspace, programs: &Path) -> Result<()> {
        let start = Instant::now();
        let port = self.port.to_string();
        while !succeeds(command(workspace, programs.join("pg_isready")).args([
            "-q",
            "-h",
            "127.0.0.1",
            "-p",
            &port,
        ])) {
            let log = log_file(workspace);
            if let Some(status) = self.child.try_wait()? {
                bail!("PostgreSQL ended with {status} while it started; see {}", log.display());
            }
            if start.elapsed() > PATIENCE {
                bail!("PostgreSQL was not ready after {} s; see {}", PATIENCE.as_secs(), log.display());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        interrupt(self.child.id());
        let start = Instant::now();
        while start.elapsed() < PATIENCE && matches!(self.child.try_wait(), Ok(None)) {
            std::thread::sleep(Duration::from_millis(20));
        }
        if let Err(error) = fs::remove_dir_all(&self.directory) {
            println!("{} stays: {error}", self.directory.display());
        }
    }
}

/// As whom the server's programs run.
#[derive(Clone, Copy, PartialEq, Eq)]
enum User {
    /// As whoever started us.
    Own,
    /// As the system's user `postgres`, for root.
    Postgres,
}

impl User {
    fn command(self, workspace: &Workspace, program: &Path, lifetime: Lifetime) -> Command {
        let mut command = command(workspace, "setpriv");
        // A directory that this user may enter.
        command.current_dir("/");
        if lifetime == Lifetime::Ours {
            // Interrupted is PostgreSQL's word for: drop the connections and stop.
            command.args(["--pdeathsig", "INT"]);
        }
        if self == Self::Postgres {
            command.args(["--reuid=postgres", "--regid=postgres", "--init-groups"]);
        }
        command.arg(program);
        command
    }
}

/// A server left running, as noted in the target directory.
struct Detached {
    pid: u32,
    port: u16,
    directory: PathBuf,
}

impl Detached {
    fn note(workspace: &Workspace) -> PathBuf {
        workspace.target.join("postgres.json")
    }

    /// The one that still runs.
    fn read(workspace: &Workspace) -> Option<Self> {
        let note: Value = serde_json::from_slice(&fs::read(Self::note(workspace)).ok()?).ok()?;
        let detached = Self {
            pid: note["pid"].as_u64()?.try_into().ok()?,
            port: note["port"].as_u64()?.try_into().ok()?,
            directory: note["directory"].as_str()?.into(),
        };
        runs(detached.pid).then_some(detached)
    }

    fn write(&self, workspace: &Workspace) -> Result<()> {
        let note = json!({ "pid": self.pid, "port": self.port, "directory": self.directory });
        Ok(fs::write(Self::note(workspace), note.to_string())?)
    }
}

/// The one thing on standard output, so that a shell can `eval` it.
fn announce(port: u16) {
    println!("export {VARIABLE}={}", url(port));
}

fn url(port: u16) -> String {
    format!("postgres://beian:beian@127.0.0.1:{port}/")
}

fn log_file(workspace: &Workspace) -> PathBuf {
    workspace.target.join("postgres.log")
}

/// Named after the process that began it, so that [`sweep`] can tell what was left behind.
fn data_directory(process: u32) -> PathBuf {
    std::env::temp_dir().join(format!("beian-postgres-{process}"))
}

/// Deletes the data of servers that were killed before they could do it themselves.
fn sweep() {
    for entry in fs::read_dir(std::env::temp_dir()).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(process) = name.to_str().and_then(|name| name.strip_prefix("beian-postgres-")) else {
            continue;
        };
        let server = fs::read_to_string(entry.path().join("postmaster.pid"))
            .ok()
            .and_then(|text| text.lines().next()?.parse().ok());
        let begun = Path::new("/proc").join(process).exists();
        if !begun && !server.is_some_and(runs) {
            // Someone else's directory stays; that is no reason not to start.
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// Whether the process is a PostgreSQL that has not ended.
fn runs(pid: u32) -> bool {
    fs::read(format!("/proc/{pid}/cmdline"))
        .is_ok_and(|line| String::from_utf8_lossy(&line).contains("postgres"))
}

fn interrupt(pid: u32) {
    // The shell's own kill: the program of that name is not on every machine.
    let _ = Command::new("sh").args(["-c", &format!("kill -INT {pid}")]).stderr(Stdio::null()).status();
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind("127.0.0.1:0")?.local_addr()?.port())
}
