//! A user of its own for the programs of this grading, where the grader is
//! root: so that they cannot reach another's at all.

use std::ffi::CString;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::{SocketAddr, UnixListener};
use std::path::Path;
use std::sync::OnceLock;

use nix::unistd::geteuid;

use crate::tracee::identity::Identity;
use crate::tracee::probe;
use crate::tracee::spawn::Control;

/// Numbers that no distribution gives to anyone, and that containers have too
/// (Users, Groups, UIDs and GIDs on systemd Systems: 60706 to 61183 unused).
const NUMBERS: std::ops::RangeInclusive<u32> = 60_706..=61_183;

/// One of this grader's users, until it ends.
#[derive(Debug)]
struct Job {
    identity: Identity,
    /// Its name is what keeps other graders from the same number; it goes with
    /// the process, however that ends (unix(7), abstract).
    _claim: UnixListener,
}

static TRACED: OnceLock<Result<Job, String>> = OnceLock::new();
/// A limit on a user's processes counts all of them: what is not traced, and so
/// not counted by us, has a user of its own.
static NATIVE: OnceLock<Result<Job, String>> = OnceLock::new();

/// The user for `program`, or why it has to be the grader's own.
pub fn identity(program: &Path, control: Control) -> Result<Identity, String> {
    let job = match control {
        Control::Traced => &TRACED,
        Control::Native => &NATIVE,
    };
    let job = job.get_or_init(claim).as_ref().map_err(Clone::clone)?;
    let identity = job.identity;
    let reachable = CString::new(program.as_os_str().as_bytes())
        .is_ok_and(|program| probe::can_execute(identity, &program));
    match reachable {
        true => Ok(identity),
        false => {
            Err("another user can neither read nor execute the program where it is".to_owned())
        }
    }
}

/// Whether there is a user, or why there is none.
pub fn available() -> Result<(), String> {
    let job = TRACED.get_or_init(claim);
    job.as_ref().map(|_| ()).map_err(Clone::clone)
}

fn claim() -> Result<Job, String> {
    if !geteuid().is_root() {
        return Err("the grader is not root".to_owned());
    }
    let job = NUMBERS.into_iter().find_map(|number| {
        let name = format!("process-sync-grader-user-{number}");
        let address = SocketAddr::from_abstract_name(name).ok()?;
        Some(Job {
            identity: Identity::new(number),
            _claim: UnixListener::bind_addr(&address).ok()?,
        })
    });
    let job = job.ok_or("all numbers for users are taken")?;
    // Of a grader that was killed, and had the same number.
    job.identity.remove_leftovers();
    match probe::traces(Some(job.identity)) {
        Ok(()) => Ok(job),
        Err(cause) => Err(format!("another user's process cannot be traced: {cause}")),
    }
}
