//! The vector registers of a tracee, as far as SSE has them.

use libc::user_fpregs_struct;

/// How many there are in 64-bit mode without AVX-512.
pub const VECTORS: usize = 16;
/// The length of one, in bytes.
pub const VECTOR_BYTES: usize = 16;
/// The words that the kernel keeps each in.
const WORDS: usize = VECTOR_BYTES / 4;

/// The floating-point and vector registers of a tracee (PTRACE_GETFPREGS).
#[derive(Debug, Clone, Copy)]
pub struct Vectors(pub(super) user_fpregs_struct);

impl Vectors {
    /// What the register with this number holds, lowest byte first.
    ///
    /// # Panics
    /// From [`VECTORS`] on.
    #[must_use]
    pub fn get(&self, number: usize) -> [u8; VECTOR_BYTES] {
        let mut bytes = [0; VECTOR_BYTES];
        let words = &self.0.xmm_space[number * WORDS..][..WORDS];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// Clears the register with this number.
    ///
    /// # Panics
    /// From [`VECTORS`] on.
    pub fn clear(&mut self, number: usize) {
        self.0.xmm_space[number * WORDS..][..WORDS].fill(0);
    }
}
