//! Calls that change nothing, but tell what others did: whether a file is there
//! and how long it is.

use std::io;

use libc::c_long;

use super::call::Manner;
use super::decode::{Decoded, Decoder, Hidden};
use super::extent::ALL_BYTES;
use super::naming::Named;
use crate::operation::{Call as Kind, Extent, Object, Operation};

const POLLFD_BYTES: u64 = 8;
/// Descriptors of one poll(2) that are looked at.
const POLLED_MAX: u64 = 64;

impl Decoder<'_> {
    /// Decodes a call of the kin of stat(2).
    pub(super) fn look(&mut self, number: c_long, a: [u64; 6]) -> io::Result<Decoded> {
        match number {
            libc::SYS_fstat => self.on_descriptor(Kind::Stat, a[0], None),
            libc::SYS_ioctl if a[1] == libc::FIONREAD => self.on_descriptor(Kind::Stat, a[0], None),
            libc::SYS_ioctl => Ok(Decoded::Hidden(Hidden::Plain)),
            libc::SYS_getdents64 => self.list(number, a[0]),
            libc::SYS_newfstatat => self.stat_at(a[0], a[1], a[3]),
            libc::SYS_statx => self.stat_at(a[0], a[1], a[2]),
            libc::SYS_access | libc::SYS_readlink => self.look_at_path(a[0], Extent::Existence),
            libc::SYS_faccessat | libc::SYS_faccessat2 | libc::SYS_readlinkat => {
                self.look_at_path(a[1], Extent::Existence)
            }
            _ => self.look_at_path(a[0], ALL_BYTES),
        }
    }

    /// Of a descriptor, if the flags say so and there is no path.
    fn stat_at(&mut self, fd: u64, path: u64, flags: u64) -> io::Result<Decoded> {
        let empty = flags & libc::AT_EMPTY_PATH as u64 != 0
            && (path == 0
                || self
                    .path_argument(path)
                    .is_some_and(|path| path.as_os_str().is_empty()));
        match empty {
            true => self.on_descriptor(Kind::Stat, fd, None),
            false => self.look_at_path(path, ALL_BYTES),
        }
    }

    fn look_at_path(&mut self, path: u64, extent: Extent) -> io::Result<Decoded> {
        let path = self.path_argument(path);
        let Some(object) = path.and_then(|path| self.naming.noticed(&path)) else {
            return Ok(Decoded::Hidden(Hidden::Plain));
        };
        let operation = Operation {
            extent,
            ..Operation::new(Kind::Stat, object, None)
        };
        self.with(operation, Manner::Normal, None)
    }

    /// True if one of the descriptors of poll(2) can become ready by what others
    /// do.
    pub(super) fn polls_a_channel(&mut self, watched: u64, count: u64) -> bool {
        // struct pollfd: a descriptor, and two shorts.
        let mut bytes = vec![0; (count.min(POLLED_MAX) * POLLFD_BYTES) as usize];
        if self.stopped.read(watched, &mut bytes).is_err() {
            return true;
        }
        let (each, _) = bytes.as_chunks::<{ POLLFD_BYTES as usize }>();
        each.iter().any(|&[a, b, c, d, ..]| {
            let fd = i64::from(i32::from_ne_bytes([a, b, c, d]));
            let link = self.link(fd.cast_unsigned());
            let named = self.naming.descriptor(link.as_deref());
            matches!(named, Named::Visible(Object::Pipe(_) | Object::Kernel(_)))
        }) || count > POLLED_MAX
    }

    /// What is in a folder depends on all that is made and removed there.
    fn list(&mut self, number: c_long, fd: u64) -> io::Result<Decoded> {
        match self.link(fd).and_then(|link| self.naming.path(&link)) {
            Some(_) => self.other(number),
            None => Ok(Decoded::Hidden(Hidden::Plain)),
        }
    }
}
