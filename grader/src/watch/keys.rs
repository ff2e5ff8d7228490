//! Keys, each as it is pressed, and the terminal as it was before.

use std::io::Read;
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::Sender;
use std::thread;

use nix::sys::termios::{LocalFlags, SetArg, Termios, tcgetattr, tcsetattr};
use signal_hook::consts::{SIGHUP, SIGINT, SIGQUIT, SIGTERM};
use signal_hook::iterator::Signals;

use super::session::Input;
use crate::error::{Error, Result};

/// A key that means something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    Next,
    Previous,
    Regrade,
    Quit,
}

impl Key {
    /// What the key that gives `byte` means.
    const fn of(byte: u8) -> Option<Self> {
        /// Ctrl-C, Ctrl-D and Ctrl-\, which are bytes here like all others.
        const ENDS: [u8; 3] = [0x03, 0x04, 0x1c];
        match byte {
            b'n' | b' ' => Some(Self::Next),
            b'p' => Some(Self::Previous),
            b'r' => Some(Self::Regrade),
            b'q' => Some(Self::Quit),
            _ if byte == ENDS[0] || byte == ENDS[1] || byte == ENDS[2] => Some(Self::Quit),
            _ => None,
        }
    }
}

/// A terminal that gives keys at once and shows none. Whoever drops it, also as
/// they panic, has it as it was.
#[derive(Debug)]
pub(super) struct Raw {
    terminal: OwnedFd,
    before: Termios,
}

impl Raw {
    /// Takes this terminal.
    pub fn new(terminal: OwnedFd) -> nix::Result<Self> {
        let before = tcgetattr(&terminal)?;
        let mut raw = before.clone();
        // What is printed is treated as always.
        raw.local_flags -=
            LocalFlags::ICANON | LocalFlags::ECHO | LocalFlags::ISIG | LocalFlags::IEXTEN;
        tcsetattr(&terminal, SetArg::TCSADRAIN, &raw)?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Raw {
    fn drop(&mut self) {
        let _ = tcsetattr(&self.terminal, SetArg::TCSADRAIN, &self.before);
    }
}

/// Has keys, and signals that ask this process to end, sent to `inputs`.
pub(super) fn listen(inputs: &Sender<Input>) -> Result<Raw> {
    let failed = |cause: &dyn std::fmt::Display| Error::grader("read the terminal", cause);
    let mut signals =
        Signals::new([SIGHUP, SIGINT, SIGQUIT, SIGTERM]).map_err(|cause| failed(&cause))?;
    let ends = inputs.clone();
    thread::spawn(move || {
        for _ in signals.forever() {
            let _ = ends.send(Input::Key(Key::Quit));
        }
    });
    let terminal = std::io::stdin().as_fd().try_clone_to_owned();
    let raw =
        Raw::new(terminal.map_err(|cause| failed(&cause))?).map_err(|cause| failed(&cause))?;
    let keys = inputs.clone();
    thread::spawn(move || {
        // A terminal that has gone away asks to end as well.
        for byte in std::io::stdin()
            .lock()
            .bytes()
            .map_while(std::io::Result::ok)
        {
            if let Some(key) = Key::of(byte) {
                let _ = keys.send(Input::Key(key));
            }
        }
        let _ = keys.send(Input::Key(Key::Quit));
    });
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use nix::pty::openpty;

    use super::*;

    #[test]
    fn a_panic_leaves_the_terminal_as_it_was() {
        let pair = openpty(None, None).expect("a pseudo-terminal");
        let before = tcgetattr(&pair.slave).expect("it is a terminal");
        let taken = pair.slave.try_clone().expect("a descriptor");
        let ended = std::panic::catch_unwind(|| {
            let raw = Raw::new(taken).expect("it is a terminal");
            let flags = tcgetattr(&raw.terminal)
                .expect("it is a terminal")
                .local_flags;
            assert!(!flags.intersects(LocalFlags::ICANON | LocalFlags::ECHO));
            panic!("as a test");
        });
        assert!(ended.is_err());
        assert_eq!(tcgetattr(&pair.slave).expect("it is a terminal"), before);
    }
}
