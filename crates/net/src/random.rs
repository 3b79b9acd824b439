//! Chance from the operating system: 256 bits, once, from which every tag, branch, nonce and SSRC follows.
use rustix::rand::{GetRandomFlags, getrandom};
use std::io;

/// A seed nobody can guess. Blocks only if the machine has just booted and has not yet gathered any entropy.
pub fn seed() -> io::Result<[u8; 32]> {
    let mut seed = [0u8; 32];
    let mut filled = 0;
    while filled < seed.len() {
        match getrandom(&mut seed[filled..], GetRandomFlags::empty()) {
            Ok(n) => filled += n,
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(seed)
}

#[cfg(test)]
mod tests {
    #[test]
    fn two_seeds_differ() {
        let (a, b) = (super::seed().unwrap(), super::seed().unwrap());
        assert_ne!(a, b);
        assert_ne!(a, [0; 32]);
    }
}
