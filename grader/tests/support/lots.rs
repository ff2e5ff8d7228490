//! Lots: pseudo-random numbers, the same ones in every run.

/// Draws by lot (Knuth, MMIX).
#[derive(Debug)]
pub struct Lots(u64);

impl Lots {
    /// Another series for each seed.
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        // Its high bits are the better ones.
        (self.0 >> 33) % end
    }
}
