//! A Slurm of two nodes on this machine: all its state is in a folder, and all
//! its processes end with it.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use super::processes::{Process, processes};

/// How long anything of it may take, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(180);
/// Between two looks.
const POLL: Duration = Duration::from_millis(50);

/// It, with one processor a node.
pub struct Cluster {
    folder: PathBuf,
    daemons: Vec<Child>,
}

impl Cluster {
    /// Starts it, with its state in this folder, and waits for its nodes.
    pub fn start(folder: &Path) -> Self {
        fs::create_dir_all(folder).expect("the test's own");
        let mut cluster = Self {
            folder: folder.to_owned(),
            daemons: Vec::new(),
        };
        cluster.configure();
        cluster.daemon(&["munged", "--foreground", "--force"], |command, folder| {
            for (option, file) in [
                ("key-file", "munge.key"),
                ("socket", "munge.socket"),
                ("pid-file", "munge.pid"),
                ("log-file", "munge.log"),
                ("seed-file", "munge.seed"),
            ] {
                command.arg(format!("--{option}={}", folder.join(file).display()));
            }
        });
        let socket = cluster.folder.join("munge.socket");
        wait("munged's socket", || socket.exists());
        cluster.daemon(&["slurmctld", "-D"], |_, _| {});
        for node in ["n1", "n2"] {
            cluster.daemon(&["slurmd", "-D", "-N", node], |command, _| {
                command.env(NODE, node);
            });
        }
        wait("two idle nodes", || {
            cluster.check_daemons();
            cluster.try_ask(&["sinfo", "-h", "-N", "-o", "%N %t"]) == "n1 idle\nn2 idle\n"
        });
        cluster
    }

    fn configure(&self) {
        let folder = &self.folder;
        let write = |name: &str, text: &[u8], mode: u32| {
            let path = folder.join(name);
            fs::write(&path, text).expect("the test's own");
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the test's own");
        };
        // Any 1024 bytes are a key, for processes of one user.
        write("munge.key", &[b'k'; 1024], 0o600);
        fs::create_dir(folder.join("state")).expect("the test's own");
        let host = fs::read_to_string("/proc/sys/kernel/hostname").expect("it has a name");
        let host = host.trim().split('.').next().expect("a first part");
        let user = nix::unistd::geteuid();
        let port: [u16; 3] = free_ports();
        let at = folder.display();
        let text = format!(
            "ClusterName=test
SlurmctldHost={host}(127.0.0.1)
SlurmUser={user}
SlurmdUser={user}
AuthType=auth/munge
AuthInfo=socket={at}/munge.socket,cred_expire=5
SlurmctldPort={}
StateSaveLocation={at}/state
SlurmdSpoolDir={at}/spool-%n
SlurmctldPidFile={at}/slurmctld.pid
SlurmdPidFile={at}/%n.pid
SlurmctldLogFile={at}/slurmctld.log
SlurmdLogFile={at}/%n.log
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
AccountingStorageType=accounting_storage/none
JobAcctGatherType=jobacct_gather/none
SchedulerParameters=batch_sched_delay=0,bf_interval=1
SlurmdTimeout=6
ReturnToService=2
KillWait=2
NodeName=n1 NodeHostname={host} NodeAddr=127.0.0.1 Port={} CPUs=1
NodeName=n2 NodeHostname={host} NodeAddr=127.0.0.1 Port={} CPUs=1
PartitionName=all Nodes=n[1-2] Default=YES MaxTime=INFINITE State=UP
",
            port[0], port[1], port[2]
        );
        write("slurm.conf", text.as_bytes(), 0o644);
        write("cgroup.conf", b"CgroupPlugin=cgroup/v1\n", 0o644);
    }

    fn daemon(&mut self, words: &[&str], more: impl FnOnce(&mut Command, &Path)) {
        let log = |end: &str| {
            let path = self.folder.join(format!("{}.{end}", words.join("")));
            File::create(path).expect("the test's own")
        };
        let mut command = Command::new(words[0]);
        command.args(&words[1..]);
        command.env(CONFIG, self.config()).stdin(Stdio::null());
        command.stdout(log("out")).stderr(log("err"));
        more(&mut command, &self.folder);
        let child = command.spawn().unwrap_or_else(|error| {
            panic!(
                "cannot run {}: {error}; install munge and slurm-wlm, or unset KIT_TESTS",
                words[0]
            )
        });
        self.daemons.push(child);
    }

    /// One that has ended by itself will never answer.
    fn check_daemons(&mut self) {
        for daemon in &mut self.daemons {
            let ended = daemon.try_wait().expect("it is a child");
            assert!(ended.is_none(), "a daemon has ended: {ended:?}");
        }
    }

    fn config(&self) -> PathBuf {
        self.folder.join("slurm.conf")
    }

    /// A command that speaks with this cluster.
    pub fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        command.env(CONFIG, self.config()).stdin(Stdio::null());
        command
    }

    /// What a command of Slurm's prints; nothing if it fails.
    pub fn try_ask(&self, words: &[&str]) -> String {
        let output = self.command(words[0]).args(&words[1..]).output();
        let output = output.expect("it is installed with the daemons");
        match output.status.success() {
            true => String::from_utf8_lossy(&output.stdout).into_owned(),
            false => String::new(),
        }
    }

    /// Ends a node as a power cut would: its daemons first, so that none is left
    /// to tell of the end of what they have started, and then that.
    pub fn cut_power(&self, node: &str) {
        let log = self.folder.join(format!("{node}.log"));
        let daemon = format!("{NODE}={node}");
        let job = format!("SLURMD_NODENAME={node}");
        self.end_all(|one| one.files().contains(&log) || one.environment().contains(&daemon));
        self.end_all(|one| one.environment().contains(&job));
    }

    /// Kills the cluster's processes that are like that, until there is none.
    /// What a daemon starts for a job writes over its environment, but has a
    /// log open.
    fn end_all(&self, wanted: impl Fn(&Process) -> bool) {
        let ours = format!("{CONFIG}={}", self.config().display());
        let is_ours = |one: &Process| {
            let mut files = one.files().into_iter();
            one.environment().contains(&ours) || files.any(|file| file.starts_with(&self.folder))
        };
        wait("the end of processes", || {
            let mut alive = 0;
            for one in processes().filter(|one| is_ours(one) && wanted(one)) {
                alive += 1;
                let _ = kill(Pid::from_raw(one.pid), Signal::SIGKILL);
            }
            alive == 0
        });
    }

    /// The logs, for whoever looks into a failure.
    fn show_logs(&self) {
        let entries = fs::read_dir(&self.folder).into_iter().flatten().flatten();
        for entry in entries {
            let path = entry.path();
            if path
                .extension()
                .is_some_and(|end| end == "log" || end == "err")
            {
                let text = fs::read(&path).unwrap_or_default();
                println!("--- {}\n{}", path.display(), String::from_utf8_lossy(&text));
            }
        }
    }
}

/// Where Slurm's programs look for their configuration; jobs have it too, and
/// so it tells whose a process is.
const CONFIG: &str = "SLURM_CONF";
/// Which node a daemon, and what it starts itself, is of.
const NODE: &str = "GRADER_TEST_NODE";

impl Drop for Cluster {
    fn drop(&mut self) {
        if thread::panicking() {
            self.show_logs();
        }
        self.end_all(|_| true);
        for daemon in &mut self.daemons {
            let _ = daemon.wait();
        }
    }
}

/// Waits until `there` says so.
pub fn wait(what: &str, mut there: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !there() {
        assert!(begun.elapsed() < PATIENCE, "waited too long for {what}");
        thread::sleep(POLL);
    }
}

/// Ports that nobody has. All are held until all are known.
fn free_ports<const N: usize>() -> [u16; N] {
    let held = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("there are free ports"));
    held.map(|listener| listener.local_addr().expect("it is bound").port())
}
