//! From a place in a running program to a line of its source.
//!
//! A step is made in the C library as a rule, in `write` or
//! `pthread_mutex_lock`; the line that matters is that of the caller in the
//! program itself. So the stack is unwound by the call frame information that
//! every x86-64 program carries (System V ABI, AMD64 supplement, 3.7), and the
//! first frame counts whose line is in a source file of the program.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use addr2line::Loader;
use framehop::x86_64::{CacheX86_64, UnwindRegsX86_64, UnwinderX86_64};
use framehop::{ExplicitModuleSectionInfo, FrameAddress, Module, Unwinder};
use object::{Object, ObjectSection, ObjectSegment};

use crate::trace::{CodePlace, Execution, MappedFile};

/// Frames that are looked through at the most.
const FRAMES_MAX: usize = 64;

/// Folders of sources that are not the program's own: the Rust distribution's
/// and those of its dependencies.
const FOREIGN: [&str; 2] = ["/rustc/", "/.cargo/registry/"];

/// A line of source.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// The file, as the debug information names it.
    pub file: PathBuf,
    /// Counted from 1.
    pub number: u32,
    /// What stands there; empty if the file cannot be read.
    pub text: String,
}

/// Finds lines for places of one program and its libraries.
#[derive(Default)]
pub struct Sources {
    images: BTreeMap<PathBuf, Option<Image>>,
}

/// What is known of an ELF file.
struct Image {
    lines: Option<Loader>,
    sections: Vec<(&'static str, Range<u64>, Vec<u8>)>,
    /// Address of its lowest segment; `None` if it is loaded where it says.
    lowest: Option<u64>,
}

impl Sources {
    /// The innermost line of the program's own source; `None` without debug
    /// information.
    #[must_use]
    pub fn line(&mut self, place: &CodePlace) -> Option<Line> {
        for file in &place.mapped {
            let image = || Image::read(&file.path);
            self.images.entry(file.path.clone()).or_insert_with(image);
        }
        let mut unwinder = UnwinderX86_64::<Vec<u8>>::new();
        for file in &place.mapped {
            if let Some(Some(image)) = self.images.get(&file.path) {
                unwinder.add_module(image.module(file));
            }
        }
        let mut read = |address: u64| {
            let at = address.checked_sub(place.stack_pointer).ok_or(())? as usize;
            let bytes = place.stack.get(at..at + 8).ok_or(())?;
            Ok(u64::from_le_bytes(bytes.try_into().map_err(|_| ())?))
        };
        let mut cache = CacheX86_64::<_>::new();
        let registers =
            UnwindRegsX86_64::new(place.instruction, place.stack_pointer, place.frame_pointer);
        let mut frames = unwinder.iter_frames(place.instruction, registers, &mut cache, &mut read);
        for _ in 0..FRAMES_MAX {
            let frame: FrameAddress = frames.next().ok()??;
            if let Some(line) = self.own_line(place, frame.address_for_lookup()) {
                return Some(line);
            }
        }
        None
    }

    /// The line of each step of an execution whose steps were looked at.
    pub fn lines(&mut self, execution: &Execution) -> Vec<Option<Line>> {
        let sights = execution.sights.iter();
        sights
            .map(|sight| self.line(sight.place.as_ref()?))
            .collect()
    }

    fn own_line(&self, place: &CodePlace, address: u64) -> Option<Line> {
        let file = place
            .mapped
            .iter()
            .find(|file| (file.start..file.end).contains(&address))?;
        let image = self.images.get(&file.path)?.as_ref()?;
        let probe = address - image.bias(file);
        let mut frames = image.lines.as_ref()?.find_frames(probe).ok()?;
        // Inlined functions come before the one they are part of.
        while let Ok(Some(frame)) = frames.next() {
            let Some(location) = frame.location else {
                continue;
            };
            let (Some(name), Some(number)) = (location.file, location.line) else {
                continue;
            };
            if !FOREIGN.iter().any(|folder| name.contains(folder)) {
                return Some(Line {
                    text: text(Path::new(name), number),
                    file: PathBuf::from(name),
                    number,
                });
            }
        }
        None
    }
}

fn text(file: &Path, number: u32) -> String {
    let source = std::fs::read_to_string(file).unwrap_or_default();
    let line = source.lines().nth(number.saturating_sub(1) as usize);
    line.unwrap_or_default().to_owned()
}

impl Image {
    fn read(path: &Path) -> Option<Self> {
        let bytes = std::fs::read(path).ok()?;
        let elf = object::File::parse(bytes.as_slice()).ok()?;
        let mut sections = Vec::new();
        for name in [".text", ".eh_frame", ".eh_frame_hdr"] {
            if let Some(section) = elf.section_by_name(name) {
                let range = section.address()..section.address() + section.size();
                sections.push((name, range, section.data().ok()?.to_vec()));
            }
        }
        let lowest = elf.segments().map(|segment| segment.address()).min();
        let fixed = elf.kind() == object::ObjectKind::Executable;
        Some(Self {
            lines: Loader::new(path).ok(),
            sections,
            lowest: lowest.filter(|_| !fixed),
        })
    }

    /// How far its addresses are moved where it is mapped.
    fn bias(&self, file: &MappedFile) -> u64 {
        const PAGE: u64 = 4096;
        self.lowest
            .map_or(0, |lowest| file.start - lowest / PAGE * PAGE)
    }

    fn module(&self, file: &MappedFile) -> Module<Vec<u8>> {
        let section = |name| self.sections.iter().find(|(known, ..)| *known == name);
        let range = |name| section(name).map(|(_, range, _)| range.clone());
        let data = |name| section(name).map(|(.., data)| data.clone());
        Module::new(
            file.path.to_string_lossy().into_owned(),
            file.start..file.end,
            self.bias(file),
            ExplicitModuleSectionInfo {
                base_svma: 0,
                text_svma: range(".text"),
                text: data(".text"),
                eh_frame_svma: range(".eh_frame"),
                eh_frame: data(".eh_frame"),
                eh_frame_hdr_svma: range(".eh_frame_hdr"),
                eh_frame_hdr: data(".eh_frame_hdr"),
                ..Default::default()
            },
        )
    }
}
