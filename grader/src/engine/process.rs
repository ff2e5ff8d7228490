//! What the engine keeps of each process: its shared mappings and what it
//! does about signals.

use std::collections::BTreeMap;

use nix::unistd::Pid;

use crate::tracee::displaced::Copies;

/// The signals whose default is to be ignored (signal(7)).
const IGNORED_BY_DEFAULT: [i32; 4] = [libc::SIGCHLD, libc::SIGURG, libc::SIGWINCH, libc::SIGCONT];

const SIG_IGN: u64 = 1;

/// A process of the execution.
#[derive(Debug, Clone)]
pub(super) struct Process {
    pub pid: Pid,
    pub mappings: Mappings,
    pub signals: Signals,
    /// Places in private memory that it slept on, in order of first use.
    pub places: Vec<u64>,
    /// True once its parent has waited for it.
    pub reaped: bool,
    /// Address of a `syscall` instruction in it; 0 until one has been seen.
    pub site: u64,
    /// Copies of instructions on shared memory, once its pages are closed.
    pub copies: Option<Copies>,
}

impl Process {
    pub fn new(pid: Pid) -> Self {
        Self {
            pid,
            mappings: Mappings::default(),
            signals: Signals::default(),
            places: Vec::new(),
            reaped: false,
            site: 0,
            copies: None,
        }
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
        self.copies = None;
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

    /// The signals that a process would never notice if it were not traced,
    /// but that end a blocked call of a traced one.
    pub fn unnoticed(self) -> u64 {
        let by_default: u64 = IGNORED_BY_DEFAULT.iter().map(|&signal| bit(signal)).sum();
        (by_default | self.ignored) & !self.caught
    }
}

/// The MAP_SHARED mappings of a process, by start address.
#[derive(Debug, Clone, Default)]
pub(super) struct Mappings(BTreeMap<u64, Mapping>);

/// One mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mapping {
    pub number: u32,
    pub length: u64,
    pub before_fork: bool,
    /// Offset of its first byte in what is mapped.
    pub base: u64,
    /// Where the same pages are open, if they are closed here.
    pub alias: Option<u64>,
}

/// A place within a mapping.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place {
    pub mapping: u32,
    pub offset: u64,
    pub before_fork: bool,
}

impl Mappings {
    pub fn add(&mut self, start: u64, mapping: Mapping) {
        self.0.insert(start, mapping);
    }

    /// The mappings whose pages are open.
    pub fn open(&self) -> Vec<(u64, Mapping)> {
        self.which(|mapping| mapping.alias.is_none())
    }

    /// The mappings whose pages are closed.
    pub fn closed(&self) -> Vec<(u64, Mapping)> {
        self.which(|mapping| mapping.alias.is_some())
    }

    fn which(&self, wanted: impl Fn(&Mapping) -> bool) -> Vec<(u64, Mapping)> {
        let chosen = self.0.iter().filter(|(_, mapping)| wanted(mapping));
        chosen.map(|(start, mapping)| (*start, *mapping)).collect()
    }

    /// Notes where the pages of the mapping at `start` are open.
    pub fn set_alias(&mut self, start: u64, alias: u64) {
        if let Some(mapping) = self.0.get_mut(&start) {
            mapping.alias = Some(alias);
        }
    }

    /// Where the byte at a closed address can be got at.
    pub fn alias(&self, address: u64) -> Option<u64> {
        let (&start, mapping) = self.0.range(..=address).next_back()?;
        let offset = address - start;
        let alias = mapping.alias.filter(|_| offset < mapping.length)?;
        Some(alias + offset)
    }

    /// munmap(2) of these bytes; a mapping that is cut is dropped whole.
    pub fn remove(&mut self, start: u64, length: u64) {
        let end = start.saturating_add(length);
        self.0
            .retain(|&from, mapping| from >= end || from + mapping.length <= start);
    }

    pub fn find(&self, address: u64) -> Option<Place> {
        let (&start, mapping) = self.0.range(..=address).next_back()?;
        let offset = address - start;
        (offset < mapping.length).then_some(Place {
            mapping: mapping.number,
            offset: mapping.base + offset,
            before_fork: mapping.before_fork,
        })
    }

    /// mremap(2): the mapping at `from` is now at `to`, `length` bytes long.
    pub fn moved(&mut self, from: u64, to: u64, length: u64) {
        if let Some(mapping) = self.0.remove(&from) {
            self.0.insert(to, Mapping { length, ..mapping });
        }
    }

    /// Where a place can be got at in this process.
    pub fn address(&self, mapping: u32, offset: u64) -> Option<u64> {
        self.0.iter().find_map(|(start, candidate)| {
            let within = offset.checked_sub(candidate.base)?;
            let found = candidate.number == mapping && within < candidate.length;
            found.then(|| candidate.alias.unwrap_or(*start) + within)
        })
    }

    /// Where the closed mappings that these bytes touch are open.
    pub fn aliases(&self, start: u64, length: u64) -> Vec<(u64, u64)> {
        let end = start.saturating_add(length);
        let touched = self
            .0
            .iter()
            .filter(|(from, mapping)| **from < end && start < **from + mapping.length);
        touched
            .filter_map(|(_, mapping)| Some((mapping.alias?, mapping.length)))
            .collect()
    }
}
