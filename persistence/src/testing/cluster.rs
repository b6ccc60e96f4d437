//! A throw-away PostgreSQL cluster that all test processes of a run share.
//!
//! Each process holds a shared lock on `users.lock` for its life. The first one makes the cluster and starts a watchdog
//! shell, which runs the server and tries to take that lock alone: once nobody held it for some seconds, it stops the
//! server and removes the files. Locks end with their processes, so a killed test run leaves nothing behind either.
//!
//! Invariant: while this process lives, the cluster that it was given runs.

use std::fs::{File, Permissions};
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Mutex;
use std::time::Duration;

const READY_PAUSE: Duration = Duration::from_millis(50);
/// Waits up to 30 s: a cold machine needs a few for `initdb`'s files.
const READY_TRIES: u32 = 600;
const SOCKET: &str = "s/.s.PGSQL.5432";

/// Stops the server when nobody held the lock at five tries, a second apart. The last try keeps the lock while stopping,
/// so that a newcomer waits and then starts a new cluster.
const WATCHDOG: &str = r#"
"$BIN/postgres" -D data -k "$PWD/s" -c listen_addresses= -c max_connections=300 -c fsync="$FSYNC" </dev/null &
server=$!
free=0
while kill -0 $server 2>/dev/null; do
    sleep 1
    if [ $free -lt 4 ]; then
        if flock -n -x users.lock true; then free=$((free + 1)); else free=0; fi
        continue
    fi
    flock -n -x users.lock sh -c "kill -QUIT $server; while kill -0 $server 2>/dev/null; do sleep 0.1; done; rm -rf data s" && exit 0
    free=0
done
"#;

/// The folder of the socket, for the life of this process; the lock that keeps the cluster alive stands beside it.
static SHARED: Mutex<Option<(PathBuf, File)>> = Mutex::new(None);

/// The folder with the socket of a running cluster, whose superuser is `postgres`.
pub(super) fn socket_folder() -> Result<PathBuf, String> {
    let mut shared =
        SHARED.lock().map_err(|_| "another test thread failed to start it".to_owned())?;
    if let Some((folder, _)) = &*shared {
        return Ok(folder.clone());
    }
    let (folder, lock) = join().map_err(|error| format!("cannot start a cluster: {error}"))?;
    *shared = Some((folder.clone(), lock));
    Ok(folder)
}

/// Takes part in the shared cluster, starting it if it does not run.
fn join() -> io::Result<(PathBuf, File)> {
    let binaries = newest_binaries()?;
    let owner = Owner::choose()?;
    let base = std::env::temp_dir().join(format!("smartqueue-postgres-{}", owner.uid));
    std::fs::create_dir_all(&base)?;
    owner.take(&base)?;
    let users = lock_file(&base, "users.lock")?;
    users.lock_shared()?;
    let starting = lock_file(&base, "start.lock")?;
    starting.lock()?;
    if !answers(&binaries, &base) {
        start(&binaries, &base, &owner)?;
    }
    Ok((base.join("s"), users))
}

fn lock_file(base: &Path, name: &str) -> io::Result<File> {
    let file = File::options().create(true).truncate(false).write(true).open(base.join(name))?;
    file.set_permissions(Permissions::from_mode(0o666))?;
    Ok(file)
}

fn start(binaries: &Path, base: &Path, owner: &Owner) -> io::Result<()> {
    for old in ["data", "s"] {
        match std::fs::remove_dir_all(base.join(old)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    std::fs::create_dir(base.join("s"))?;
    owner.take(&base.join("s"))?;
    let log = File::create(base.join("log"))?;
    let mut init = owner.command(&binaries.join("initdb"), base, &log)?;
    let made = init
        .args(["-D", "data", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-N"])
        .status()?;
    if !made.success() {
        return Err(io::Error::other("initdb failed; see its log"));
    }
    let fsync = std::env::var("SMARTQUEUE_TEST_POSTGRES_FSYNC").unwrap_or_else(|_| "on".to_owned());
    let mut watchdog = owner.command(Path::new("/bin/sh"), base, &log)?;
    watchdog
        .args(["-c", WATCHDOG])
        .env("BIN", binaries)
        .env("FSYNC", fsync)
        .process_group(0)
        .spawn()?;
    for _ in 0..READY_TRIES {
        if answers(binaries, base) {
            return Ok(());
        }
        std::thread::sleep(READY_PAUSE);
    }
    Err(io::Error::other("the server did not become ready; see its log"))
}

fn answers(binaries: &Path, base: &Path) -> bool {
    if !base.join(SOCKET).exists() {
        return false;
    }
    let mut ask = Command::new(binaries.join("pg_isready"));
    let asked = ask
        .arg("-q")
        .arg("-h")
        .arg(base.join("s"))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    asked.is_ok_and(|status| status.success())
}

/// The `bin` folder of the newest installed PostgreSQL.
fn newest_binaries() -> io::Result<PathBuf> {
    let versions = std::fs::read_dir("/usr/lib/postgresql")?.flatten().filter_map(|entry| {
        let version: u32 = entry.file_name().to_str()?.parse().ok()?;
        let binaries = entry.path().join("bin");
        binaries.join("postgres").exists().then_some((version, binaries))
    });
    versions.max().map(|(_, binaries)| binaries).ok_or_else(|| io::ErrorKind::NotFound.into())
}

/// Whose the cluster is: PostgreSQL refuses to run as root.
struct Owner {
    uid: u32,
    gid: u32,
    /// True when we are root and lend the cluster to somebody else.
    lent: bool,
}

impl Owner {
    fn choose() -> io::Result<Self> {
        let me = std::fs::metadata("/proc/self")?;
        if me.uid() != 0 {
            return Ok(Self { uid: me.uid(), gid: me.gid(), lent: false });
        }
        let users = std::fs::read_to_string("/etc/passwd")?;
        let find = |name: &str| users.lines().find(|line| line.split(':').next() == Some(name));
        let line = find("postgres")
            .or_else(|| find("nobody"))
            .ok_or_else(|| io::Error::other("no user but root"))?;
        let mut numbers = line.split(':').skip(2).map_while(|number| number.parse().ok());
        match (numbers.next(), numbers.next()) {
            (Some(uid), Some(gid)) => Ok(Self { uid, gid, lent: true }),
            _ => Err(io::Error::other("cannot read the list of users")),
        }
    }

    fn take(&self, folder: &Path) -> io::Result<()> {
        if self.lent { chown(folder, Some(self.uid), Some(self.gid)) } else { Ok(()) }
    }

    /// A command run by the owner, in the cluster's folder, with no hold on this process' terminal or pipes.
    fn command(&self, program: &Path, base: &Path, log: &File) -> io::Result<Command> {
        let mut command = Command::new(program);
        command
            .current_dir(base)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log.try_clone()?);
        if self.lent {
            command.uid(self.uid).gid(self.gid);
        }
        Ok(command)
    }
}
