//! Waits with a limit on their time. How long the others take is up to the
//! scheduler, so a limit is reached when nobody else can move, and not before:
//! the kernel waits without one, and the engine says when the time is up.

use libc::c_long;

use super::call::{Call, arguments, number, result as result_of};
use super::decode::FUTEX_COMMAND_MASK;
use super::error::{EngineError, doing};
use super::step::Run;
use super::tracees::{Pending, State};
use crate::tracee::stop::{Look, Registers, Stop, Stopped, Until};

/// From linux/futex.h, without the flags: WAIT, LOCK_PI and WAIT_BITSET.
const FUTEX_TIMED: [u64; 3] = [0, 6, 9];
/// Bits of one word of an fd_set (select(2)).
const SET_WORD_BITS: u64 = 64;

/// At the entry of a call: takes its limit away, and says what it returns when
/// the time is up; `None` if it has no limit.
pub(super) fn take_limit(stopped: &Stopped, call: &Call) -> std::io::Result<Option<i64>> {
    if !call.may_block() {
        return Ok(None);
    }
    let mut registers = stopped.registers()?;
    let limit = without_limit(&mut registers);
    if limit.is_some() {
        stopped.set_registers(&registers);
    }
    Ok(limit)
}

/// The result of a call whose time is up.
fn without_limit(registers: &mut Registers) -> Option<i64> {
    let a = arguments(registers);
    let (limited, place, forever, result) = match number(registers) {
        libc::SYS_futex if FUTEX_TIMED.contains(&(a[1] & FUTEX_COMMAND_MASK)) => {
            (a[3] != 0, &mut registers.r10, 0, -libc::ETIMEDOUT)
        }
        libc::SYS_poll => (a[2] as i32 >= 0, &mut registers.rdx, u64::MAX, 0),
        libc::SYS_ppoll => (a[2] != 0, &mut registers.rdx, 0, 0),
        libc::SYS_epoll_wait | libc::SYS_epoll_pwait => {
            (a[3] as i32 >= 0, &mut registers.r10, u64::MAX, 0)
        }
        libc::SYS_select | libc::SYS_pselect6 => (a[4] != 0, &mut registers.r8, 0, 0),
        libc::SYS_rt_sigtimedwait => (a[2] != 0, &mut registers.rdx, 0, -libc::EAGAIN),
        libc::SYS_semtimedop => (a[3] != 0, &mut registers.r10, 0, -libc::EAGAIN),
        _ => return None,
    };
    *place = forever;
    limited.then_some(i64::from(result))
}

impl Run<'_> {
    /// Has the time of one wait be up, that of the first that has a limit; false
    /// if there is none.
    pub(super) fn let_time_pass(&mut self) -> Result<bool, EngineError> {
        let limited =
            |state: &State| matches!(state, State::Blocked(_, sleep) if sleep.time_up.is_some());
        let tracees = &mut self.book.tracees;
        let Some(index) = tracees.iter().position(|tracee| limited(&tracee.state)) else {
            return Ok(false);
        };
        let State::Blocked(mut running, sleep) =
            std::mem::replace(&mut tracees[index].state, State::Moving)
        else {
            return Ok(false);
        };
        running.interrupt().map_err(doing("end a wait"))?;
        loop {
            let stopped = match running.wait().map_err(doing("end a wait"))? {
                Look::Stopped(stopped, Stop::CallExit) => {
                    if let Some(result) = sleep.time_up {
                        end(&stopped, result).map_err(doing("end a wait"))?;
                    }
                    let pending = Pending::Return(sleep);
                    self.book.tracees[index].state = State::Ready(stopped, pending);
                    return Ok(true);
                }
                Look::Stopped(stopped, _) => stopped,
                Look::Running(further) => {
                    running = further;
                    continue;
                }
                Look::Ended(status) => {
                    self.ended(index, status, true)?;
                    return Ok(true);
                }
            };
            running = stopped
                .resume(Until::CallExit, 0)
                .map_err(doing("end a wait"))?;
        }
    }
}

/// At the exit of a wait that was broken off: makes it one whose time is up.
fn end(stopped: &Stopped, result: i64) -> std::io::Result<()> {
    let mut registers = stopped.registers()?;
    if result_of(&registers) != -i64::from(libc::EINTR) {
        return Ok(());
    }
    registers.rax = result.cast_unsigned();
    stopped.set_registers(&registers);
    let call: c_long = number(&registers);
    if call == libc::SYS_select || call == libc::SYS_pselect6 {
        let [watched, sets @ ..] = arguments(&registers);
        let bytes = vec![0; (watched.div_ceil(SET_WORD_BITS) * SET_WORD_BITS / 8) as usize];
        for &set in sets[..3].iter().filter(|&&set| set != 0) {
            stopped.write(set, &bytes)?;
        }
    }
    Ok(())
}
