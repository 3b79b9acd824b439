//! Chance, handed in.
use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use serde::{Deserialize, Serialize};

/// A generator seeded with 256 bits by the rim; tags, branches, nonces and SSRCs come from it. It is part of its owner's
/// record, so that after a restore the same numbers follow. A seed that can be replayed exists in `sim` only.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Chance(ChaCha8Rng);

impl Chance {
    /// From the rim's 256 bits.
    pub fn from_seed(seed: [u8; 32]) -> Self {
        Chance(ChaCha8Rng::from_seed(seed))
    }
    /// From a small number, for a simulated world.
    pub fn from_number(seed: u64) -> Self {
        Chance(ChaCha8Rng::seed_from_u64(seed))
    }
    /// 256 bits for an heir, whose numbers are independent of ours.
    pub fn seed(&mut self) -> [u8; 32] {
        let mut seed = [0; 32];
        self.0.fill_bytes(&mut seed);
        seed
    }
    /// 64 bits.
    pub fn u64(&mut self) -> u64 {
        self.0.next_u64()
    }
    /// 32 bits.
    pub fn u32(&mut self) -> u32 {
        self.0.next_u32()
    }
    /// Evenly from `0..n`; `n` must not be 0. (The bias of a 64-bit remainder is below 2⁻³² for every n below 2³².)
    pub fn below(&mut self, n: u64) -> u64 {
        assert!(n > 0, "nothing can be chosen from an empty range");
        self.u64() % n
    }
    /// Evenly from [0, 1).
    pub fn unit(&mut self) -> f64 {
        (self.u64() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// True with probability `p`.
    pub fn happens(&mut self, p: f64) -> bool {
        self.unit() < p
    }
    /// Exponentially distributed with this mean.
    pub fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.unit()).ln()
    }
    /// `n` characters of lower-case base 32, five bits each.
    pub fn token(&mut self, n: usize) -> String {
        const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
        (0..n).map(|_| ALPHABET[(self.u32() >> 27) as usize] as char).collect()
    }
}
