//! A command in a terminal of its own.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::OwnedFd;
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use nix::pty::{Winsize, openpty};
use nix::sys::signal::{Signal, kill};
use nix::sys::termios::{Termios, tcgetattr};
use nix::unistd::Pid;

/// How long anything may take: a machine may be busy.
const DEADLINE: Duration = Duration::from_secs(180);

/// A command that runs in it.
pub struct Terminal {
    child: Child,
    keyboard: File,
    screen: Receiver<Vec<u8>>,
    /// The program's end, kept open so that its settings can be read.
    line: OwnedFd,
    before: Termios,
    printed: String,
    /// How much of it has been expected already.
    passed: usize,
}

impl Terminal {
    /// Starts it.
    pub fn start(command: &mut Command) -> Self {
        let size = Winsize {
            ws_row: 50,
            ws_col: 200,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        let pair = openpty(&size, None).expect("a pseudo-terminal");
        let line = || pair.slave.try_clone().expect("a descriptor");
        let before = tcgetattr(&pair.slave).expect("it is a terminal");
        command.env("NO_COLOR", "1").env("TERM", "xterm");
        command.stdin(line()).stdout(line()).stderr(line());
        let child = command.spawn().expect("it can be started");
        let keyboard = File::from(pair.master);
        let mut read = keyboard.try_clone().expect("a descriptor");
        let (sender, screen) = mpsc::channel();
        thread::spawn(move || {
            let mut bytes = [0; 4096];
            while let Ok(count @ 1..) = read.read(&mut bytes) {
                let _ = sender.send(bytes[..count].to_vec());
            }
        });
        Self {
            child,
            keyboard,
            screen,
            line: pair.slave,
            before,
            printed: String::new(),
            passed: 0,
        }
    }

    /// Waits until `text` is printed, after what was expected before.
    pub fn expect(&mut self, text: &str) {
        let deadline = Instant::now() + DEADLINE;
        loop {
            if let Some(at) = self.printed[self.passed..].find(text) {
                self.passed += at + text.len();
                return;
            }
            let left = deadline.saturating_duration_since(Instant::now());
            match self.screen.recv_timeout(left) {
                // What is not ASCII is not expected.
                Ok(bytes) => {
                    let shown = |byte: &u8| byte.is_ascii() && *byte != b'\r';
                    let bytes = bytes.iter().filter(|byte| shown(byte));
                    self.printed.extend(bytes.map(|&byte| char::from(byte)));
                }
                Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => {
                    let _ = self.child.kill();
                    panic!(
                        "no `{text}` after byte {} of:\n{}",
                        self.passed, self.printed
                    );
                }
            }
        }
    }

    /// All that has been printed up to what was expected last.
    pub fn printed(&self) -> &str {
        &self.printed[..self.passed]
    }

    /// Presses keys.
    pub fn press(&mut self, keys: &str) {
        let pressed = self.keyboard.write_all(keys.as_bytes());
        pressed.expect("the terminal is there");
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = i32::try_from(self.child.id()).expect("a process");
        kill(Pid::from_raw(pid), signal).expect("it is there");
    }

    /// True if the program has changed how the terminal treats keys.
    pub fn is_taken(&self) -> bool {
        tcgetattr(&self.line).expect("it is a terminal") != self.before
    }

    /// Waits for the end of the command.
    pub fn end(mut self) -> ExitStatus {
        let (sender, ended) = mpsc::channel();
        let pid = Pid::from_raw(i32::try_from(self.child.id()).expect("a process"));
        let waiting = thread::spawn(move || {
            let _ = sender.send(self.child.wait());
            self
        });
        let status = ended.recv_timeout(DEADLINE).unwrap_or_else(|_| {
            let _ = kill(pid, Signal::SIGKILL);
            panic!("it does not end");
        });
        let terminal = waiting.join().expect("it only waits");
        assert!(!terminal.is_taken(), "the terminal is not as it was");
        status.expect("its status can be known")
    }
}
