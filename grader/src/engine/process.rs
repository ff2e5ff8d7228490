//! What the engine keeps of each process: its shared mappings and what it
//! does about signals.

use std::rc::Rc;

use nix::unistd::Pid;

use super::descriptions::Descriptions;
use super::mappings::{Mappings, PAGE_BYTES, whole_pages};
use crate::tracee::code::Code;
use crate::tracee::displaced::Copies;

/// Far from where Linux puts programs, heaps, mappings and stacks on x86-64.
const ROOM_START: u64 = 0x2000_0000_0000;

/// The signals whose default is to be ignored (signal(7)).
const IGNORED_BY_DEFAULT: [i32; 4] = [libc::SIGCHLD, libc::SIGURG, libc::SIGWINCH, libc::SIGCONT];

/// The signals whose default is to stop the process.
const STOPPING: [i32; 4] = [libc::SIGSTOP, libc::SIGTSTP, libc::SIGTTIN, libc::SIGTTOU];

const SIG_IGN: u64 = 1;

/// A process of the execution.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub pid: Pid,
    pub mappings: Mappings,
    pub signals: Signals,
    /// Places in private memory that it slept on, in order of first use.
    pub places: Vec<u64>,
    pub descriptions: Descriptions,
    /// True once it, or whoever forked it, has locked a file.
    pub locks_files: bool,
    /// True once its parent has waited for it.
    pub reaped: bool,
    /// Address of a `syscall` instruction in it; 0 until one has been seen.
    pub site: u64,
    /// What is known of its code, once its pages are closed.
    pub code: Option<Rc<Code>>,
    /// Copies of instructions on shared memory, once its pages are closed.
    pub copies: Option<Copies>,
    /// Where the next open mapping of closed pages is put.
    room: u64,
    /// True while it runs in its parent's memory (vfork(2)).
    pub borrows_memory: bool,
}

impl Process {
    pub fn new(pid: Pid) -> Self {
        Self {
            pid,
            mappings: Mappings::default(),
            signals: Signals::default(),
            places: Vec::new(),
            descriptions: Descriptions::Of(Vec::new()),
            locks_files: false,
            reaped: false,
            site: 0,
            code: None,
            copies: None,
            room: ROOM_START,
            borrows_memory: false,
        }
    }

    /// An address for so many bytes that the program does not use: not in a
    /// hole that it has made itself, where it should find nothing. A page
    /// stays free before it.
    pub fn take_room(&mut self, length: u64) -> u64 {
        let start = self.room + PAGE_BYTES;
        self.room = start + whole_pages(length);
        start
    }

    /// The child that fork makes of it.
    pub fn forked(&self, pid: Pid) -> Self {
        Self {
            pid,
            places: Vec::new(),
            reaped: false,
            ..self.clone()
        }
    }

    /// The number of a place in its private memory.
    pub fn place(&mut self, address: u64) -> u32 {
        let found = self.places.iter().position(|&place| place == address);
        let place = found.unwrap_or_else(|| {
            self.places.push(address);
            self.places.len() - 1
        });
        place as u32
    }

    /// A new program image: mappings are gone, handlers back to the default
    /// (execve(2)).
    pub fn executed(&mut self) {
        self.mappings = Mappings::default();
        self.signals.caught = 0;
        self.site = 0;
        self.code = None;
        self.copies = None;
        self.room = ROOM_START;
        self.borrows_memory = false;
        self.places.clear();
    }
}

/// What a process does about each signal; bit n-1 is signal n.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signals {
    caught: u64,
    ignored: u64,
}

impl Default for Signals {
    /// As [`crate::tracee::spawn`] starts every program.
    fn default() -> Self {
        Self {
            caught: 0,
            ignored: bit(libc::SIGXFSZ),
        }
    }
}

/// The bit of a signal in a mask.
pub(super) const fn bit(signal: i32) -> u64 {
    1 << (signal - 1)
}

impl Signals {
    /// rt_sigaction(2) with this handler.
    pub fn set(&mut self, signal: i32, handler: u64) {
        if !(1..=64).contains(&signal) {
            return;
        }
        let bit = bit(signal);
        self.caught &= !bit;
        self.ignored &= !bit;
        match handler {
            0 => {}
            SIG_IGN => self.ignored |= bit,
            _ => self.caught |= bit,
        }
    }

    pub const fn catches(self, signal: i32) -> bool {
        self.caught & bit(signal) != 0
    }

    pub const fn ignores(self, signal: i32) -> bool {
        self.ignored & bit(signal) != 0
    }

    /// True if the process dies of the signal.
    pub fn kills(self, signal: i32) -> bool {
        !self.catches(signal)
            && !self.ignores(signal)
            && !IGNORED_BY_DEFAULT.contains(&signal)
            && !STOPPING.contains(&signal)
    }

    /// The signals that a process would never notice if it were not traced,
    /// but that end a blocked call of a traced one.
    pub fn unnoticed(self) -> u64 {
        let by_default: u64 = IGNORED_BY_DEFAULT.iter().map(|&signal| bit(signal)).sum();
        (by_default | self.ignored) & !self.caught
    }
}
