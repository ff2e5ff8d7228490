//! What there is to see around a step, for those who want it explained.

use std::fs::File;
use std::io::Read;

use super::setup::Setup;
use crate::operation::Object;
use crate::trace::CodePlace;
use crate::tracee::proc;
use crate::tracee::stop::Stopped;

/// How much of the stack is kept: enough for the frames between a system call
/// and the program's own code.
const STACK_BYTES: u64 = 64 << 10;
const PAGE_BYTES: u64 = 4096;

/// How much of a file is kept.
const FILE_MAX_BYTES: u64 = 64 << 10;

/// Where in its program a tracee is; `None` if it does not tell.
pub(super) fn place(stopped: &Stopped) -> Option<CodePlace> {
    let registers = stopped.registers().ok()?;
    let mut stack = Vec::new();
    let mut at = registers.rsp;
    let end = at.saturating_add(STACK_BYTES);
    // Page by page, as the stack may end before.
    while at < end {
        let length = PAGE_BYTES - at % PAGE_BYTES;
        let mut page = vec![0; length as usize];
        if stopped.read(at, &mut page).is_err() {
            break;
        }
        stack.append(&mut page);
        at += length;
    }
    Some(CodePlace {
        instruction: registers.rip,
        stack_pointer: registers.rsp,
        frame_pointer: registers.rbp,
        stack,
        mapped: proc::mapped_files(stopped.tid()),
    })
}

/// What a file of the scratch folder holds; `None` for anything else.
pub(super) fn file(setup: &Setup, object: &Object) -> Option<Vec<u8>> {
    let path = match object {
        Object::File => setup.scratch.file_path(),
        Object::Path(path) => setup.scratch.folder().join(path),
        _ => return None,
    };
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut content = Vec::new();
    let file = File::open(path).ok()?;
    file.take(FILE_MAX_BYTES).read_to_end(&mut content).ok()?;
    Some(content)
}
