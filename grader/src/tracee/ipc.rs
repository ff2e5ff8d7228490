//! System V objects and message queues: what outlives the processes that made
//! it, and has no name among the files.

use std::ffi::CString;
use std::fs;
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use libc::{c_int, key_t};
use nix::unistd::Pid;

/// A family of System V objects (sysvipc(7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// shmget(2).
    Memory,
    /// semget(2).
    Semaphores,
    /// msgget(2).
    Messages,
}

/// All families.
pub const FAMILIES: [Family; 3] = [Family::Memory, Family::Semaphores, Family::Messages];

/// A System V object. The kernel gives out no id a second time before it has
/// used up all others (`ipc_idr_alloc` in ipc/util.c).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Object {
    /// What it is.
    pub family: Family,
    /// Its id.
    pub id: i32,
}

impl Family {
    /// True if there is an object of this key, which is not IPC_PRIVATE.
    #[must_use]
    pub fn holds(self, key: key_t) -> bool {
        // SAFETY: plain numbers; without IPC_CREAT nothing is made.
        let found = unsafe {
            match self {
                Self::Memory => libc::shmget(key, 0, 0),
                Self::Semaphores => libc::semget(key, 0, 0),
                Self::Messages => libc::msgget(key, 0),
            }
        };
        found != -1 || io::Error::last_os_error().raw_os_error() != Some(libc::ENOENT)
    }

    /// The objects that there are (proc_sysvipc(5)), of whomever.
    #[must_use]
    pub fn objects(self) -> Vec<Object> {
        self.table()
            .iter()
            .filter_map(|fields| {
                let id = i32::try_from(*fields.get(1)?).ok()?;
                Some(Object { family: self, id })
            })
            .collect()
    }

    /// The lines of this family's table, without its head.
    fn table(self) -> Vec<Vec<i64>> {
        let name = match self {
            Self::Memory => "shm",
            Self::Semaphores => "sem",
            Self::Messages => "msg",
        };
        let text = fs::read_to_string(format!("/proc/sysvipc/{name}")).unwrap_or_default();
        let numbers = |line: &str| {
            let fields = line.split_ascii_whitespace();
            fields.map_while(|field| field.parse().ok()).collect()
        };
        text.lines().skip(1).map(numbers).collect()
    }
}

impl Object {
    /// The processes that the kernel keeps with it: who made it (memory), who
    /// used it last (all).
    #[must_use]
    pub fn processes(self) -> Vec<Pid> {
        let table = self.family.table();
        let Some(line) = table
            .iter()
            .find(|line| line.get(1) == Some(&i64::from(self.id)))
        else {
            return Vec::new();
        };
        let pids: Vec<i64> = match self.family {
            // cpid and lpid; lspid and lrpid.
            Family::Memory => line.iter().skip(4).take(2).copied().collect(),
            Family::Messages => line.iter().skip(5).take(2).copied().collect(),
            Family::Semaphores => {
                let count = line.get(3).copied().unwrap_or(0);
                (0..count as c_int)
                    // SAFETY: plain numbers; the fourth argument is not used.
                    .map(|number| unsafe { libc::semctl(self.id, number, libc::GETPID) })
                    .map(i64::from)
                    .collect()
            }
        };
        pids.into_iter()
            .filter(|&pid| pid > 0)
            .map(|pid| Pid::from_raw(pid as i32))
            .collect()
    }

    /// The user that it belongs to (proc_sysvipc(5)).
    #[must_use]
    pub fn owner(self) -> Option<u32> {
        let table = self.family.table();
        let line = table
            .iter()
            .find(|line| line.get(1) == Some(&i64::from(self.id)))?;
        let uid = match self.family {
            Family::Memory | Family::Messages => 7,
            Family::Semaphores => 4,
        };
        u32::try_from(*line.get(uid)?).ok()
    }

    /// Removes it, if it is still there.
    pub fn remove(self) {
        // SAFETY: plain numbers; IPC_RMID takes no further argument.
        unsafe {
            match self.family {
                Family::Memory => libc::shmctl(self.id, libc::IPC_RMID, std::ptr::null_mut()),
                Family::Semaphores => libc::semctl(self.id, 0, libc::IPC_RMID),
                Family::Messages => libc::msgctl(self.id, libc::IPC_RMID, std::ptr::null_mut()),
            };
        }
    }
}

/// True if there is a message queue of this name (mq_overview(7)); the name is
/// the system call's, without a slash.
#[must_use]
pub fn queue_exists(name: &Path) -> bool {
    let Ok(name) = CString::new(name.as_os_str().as_bytes()) else {
        return false;
    };
    let flags = libc::O_RDONLY | libc::O_NONBLOCK | libc::O_CLOEXEC;
    // SAFETY: the kernel reads a string that is ended by a zero byte; without
    // O_CREAT the call takes no more than two arguments.
    let fd = unsafe { libc::syscall(libc::SYS_mq_open, name.as_ptr(), flags, 0, 0) };
    if fd == -1 {
        return io::Error::last_os_error().raw_os_error() != Some(libc::ENOENT);
    }
    // SAFETY: the descriptor was just made, and nobody else knows of it.
    unsafe { libc::close(fd as c_int) };
    true
}
