//! The MAP_SHARED mappings of a process, in pieces that are mapped, moved and
//! protected as a whole.

use std::collections::BTreeMap;

pub(super) const PAGE_BYTES: u64 = 4096;

/// The mappings of a process, by start address.
#[derive(Debug, Clone, Default)]
pub(super) struct Mappings(BTreeMap<u64, Mapping>);

/// One mapping, or a piece of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Mapping {
    pub number: u32,
    /// In bytes, whole pages.
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

/// A length in whole pages, as the kernel rounds it.
pub(super) const fn whole_pages(length: u64) -> u64 {
    length.saturating_add(PAGE_BYTES - 1) & !(PAGE_BYTES - 1)
}

impl Mapping {
    /// The piece of it from `offset` on.
    fn from(self, offset: u64) -> Self {
        Self {
            length: self.length - offset,
            base: self.base + offset,
            alias: self.alias.map(|alias| alias + offset),
            ..self
        }
    }
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

    /// How many pieces there are of a mapping.
    pub fn pieces(&self, number: u32) -> usize {
        let pieces = self.0.values();
        pieces.filter(|mapping| mapping.number == number).count()
    }

    /// True if pages are closed.
    pub fn any_closed(&self) -> bool {
        self.0.values().any(|mapping| mapping.alias.is_some())
    }

    fn which(&self, wanted: impl Fn(&Mapping) -> bool) -> Vec<(u64, Mapping)> {
        let chosen = self.0.iter().filter(|(_, mapping)| wanted(mapping));
        chosen.map(|(start, mapping)| (*start, *mapping)).collect()
    }

    /// Notes where the pages of the mapping at `start` are open.
    pub fn set_alias(&mut self, start: u64, alias: Option<u64>) {
        if let Some(mapping) = self.0.get_mut(&start) {
            mapping.alias = alias;
        }
    }

    fn at(&self, address: u64) -> Option<(u64, &Mapping)> {
        let (&start, mapping) = self.0.range(..=address).next_back()?;
        let offset = address - start;
        (offset < mapping.length).then_some((offset, mapping))
    }

    /// Where the byte at a closed address can be got at.
    pub fn alias(&self, address: u64) -> Option<u64> {
        let (offset, mapping) = self.at(address)?;
        Some(mapping.alias? + offset)
    }

    /// How many bytes of one mapping from a closed address on can be got at
    /// together.
    pub fn bytes_together(&self, address: u64) -> u64 {
        let (Some(alias), Some(first)) = (self.alias(address), self.find(address)) else {
            return 0;
        };
        let goes_on = |bytes| {
            let place = self.find(address + bytes);
            self.alias(address + bytes) == Some(alias + bytes)
                && place.is_some_and(|place| {
                    (place.mapping, place.offset) == (first.mapping, first.offset + bytes)
                })
        };
        let mut bytes = 0;
        while goes_on(bytes) {
            bytes = match self.at(address + bytes) {
                Some((offset, mapping)) => bytes + (mapping.length - offset),
                None => break,
            };
        }
        bytes
    }

    /// True if any of these bytes are closed.
    pub fn touches_closed(&self, start: u64, length: u64) -> bool {
        let end = start.saturating_add(length);
        self.0.iter().any(|(&from, mapping)| {
            mapping.alias.is_some() && from < end && start < from + mapping.length
        })
    }

    /// What of these bytes is mapped, in pieces that lie within them.
    pub fn cut(&mut self, start: u64, length: u64) -> Vec<(u64, Mapping)> {
        let end = start.saturating_add(whole_pages(length));
        for edge in [start, end] {
            if let Some((offset, &mapping)) = self.at(edge).filter(|(offset, _)| *offset > 0) {
                let first = Mapping {
                    length: offset,
                    ..mapping
                };
                self.0.insert(edge - offset, first);
                self.0.insert(edge, mapping.from(offset));
            }
        }
        let within = self.0.range(start..end);
        within.map(|(start, mapping)| (*start, *mapping)).collect()
    }

    /// Forgets these bytes; what of them was mapped.
    pub fn remove(&mut self, start: u64, length: u64) -> Vec<(u64, Mapping)> {
        let gone = self.cut(start, length);
        for (start, _) in &gone {
            self.0.remove(start);
        }
        gone
    }

    pub fn find(&self, address: u64) -> Option<Place> {
        let (offset, mapping) = self.at(address)?;
        Some(Place {
            mapping: mapping.number,
            offset: mapping.base + offset,
            before_fork: mapping.before_fork,
        })
    }

    /// Where a place can be got at in this process.
    pub fn address(&self, mapping: u32, offset: u64) -> Option<u64> {
        self.0.iter().find_map(|(start, candidate)| {
            let within = offset.checked_sub(candidate.base)?;
            let found = candidate.number == mapping && within < candidate.length;
            found.then(|| candidate.alias.unwrap_or(*start) + within)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MAPPING: Mapping = Mapping {
        number: 0,
        length: 4 * PAGE_BYTES,
        before_fork: true,
        base: 0,
        alias: Some(0x90000),
    };

    #[test]
    fn a_hole_leaves_the_rest_where_it_is() {
        let mut mappings = Mappings::default();
        mappings.add(0x10000, MAPPING);
        let gone = mappings.remove(0x11000, 1);
        let [(0x11000, piece)] = gone.as_slice() else {
            panic!("{gone:?}")
        };
        assert_eq!((piece.length, piece.alias), (PAGE_BYTES, Some(0x91000)));
        assert_eq!(mappings.alias(0x10fff), Some(0x90fff));
        assert_eq!(mappings.alias(0x11000), None);
        assert_eq!(mappings.alias(0x12010), Some(0x92010));
        assert_eq!(
            mappings.find(0x12010).map(|place| place.offset),
            Some(0x2010)
        );
    }

    #[test]
    fn pieces_are_together_as_long_as_their_aliases_are() {
        let mut mappings = Mappings::default();
        mappings.add(0x10000, MAPPING);
        assert_eq!(mappings.bytes_together(0x10010), 4 * PAGE_BYTES - 0x10);
        mappings.cut(0x11000, PAGE_BYTES);
        assert_eq!(mappings.bytes_together(0x10010), 4 * PAGE_BYTES - 0x10);
        let elsewhere = Mapping {
            alias: Some(0x70000),
            ..MAPPING
        };
        mappings.add(0x14000, elsewhere);
        assert_eq!(mappings.bytes_together(0x13ff8), 8);
    }
}
