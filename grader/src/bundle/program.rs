//! The grader's own program: whether it starts on any Linux, or needs the C
//! library that it was built with.

use object::elf::FileHeader64;
use object::read::elf::{FileHeader, ProgramHeader};
use object::{Endianness, elf};

/// How a program finds the C library.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Linkage {
    /// It holds it.
    Static,
    /// It is loaded; the newest version of glibc that it asks for, if any.
    Dynamic(Option<String>),
}

/// How the program in these bytes does.
///
/// # Errors
/// If they are no program for this kind of machine.
pub(super) fn linkage(program: &[u8]) -> Result<Linkage, object::Error> {
    let header = FileHeader64::<Endianness>::parse(program)?;
    let endian = header.endian()?;
    let segments = header.program_headers(endian, program)?;
    // One that is only relocatable has a dynamic section, but asks for no loader.
    let loaded = segments
        .iter()
        .any(|segment| segment.p_type(endian) == elf::PT_INTERP);
    if !loaded {
        return Ok(Linkage::Static);
    }
    let sections = header.sections(endian, program)?;
    let mut newest: Option<Vec<u64>> = None;
    if let Some((needs, strings)) = sections.gnu_verneed(endian, program)? {
        let strings = sections.strings(endian, program, strings)?;
        for need in needs {
            for version in need?.1 {
                let name = strings.get(version?.vna_name.get(endian)).unwrap_or(b"");
                newest = newest.max(glibc(name));
            }
        }
    }
    let text = |numbers: Vec<u64>| {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        numbers.join(".")
    };
    Ok(Linkage::Dynamic(newest.map(text)))
}

/// The numbers of `GLIBC_2.34`.
fn glibc(version: &[u8]) -> Option<Vec<u64>> {
    let numbers = std::str::from_utf8(version).ok()?.strip_prefix("GLIBC_")?;
    numbers.split('.').map(|part| part.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert!(glibc(b"GLIBC_2.34") > glibc(b"GLIBC_2.4"));
        assert_eq!(glibc(b"GLIBC_PRIVATE"), None);
        assert_eq!(glibc(b"GCC_3.0"), None);
    }

    #[test]
    fn this_test_is_a_program_and_text_is_none() {
        let program = std::env::current_exe().expect("it is running");
        let program = std::fs::read(program).expect("it can be read");
        assert!(linkage(&program).is_ok());
        assert!(linkage(b"#!/bin/sh\n").is_err());
    }
}
