//! The stock of opened RTP ports, in the core's hands, so that an SDP answer needs no round trip.
//!
//! Ports are lent in turn, not lowest first, so that a late packet of an earlier call finds a port that is long unused.
use std::collections::BTreeSet;
use std::net::SocketAddr;

/// The slots of one shard.
#[derive(Clone, Debug)]
pub struct Ports {
    first: u32,
    addresses: Vec<SocketAddr>,
    lent: BTreeSet<u32>,
}

impl Ports {
    /// Slots `first..first + addresses.len()`, with the address that our SDP gives for each.
    pub fn new(first: u32, addresses: Vec<SocketAddr>) -> Self {
        Ports { first, addresses, lent: BTreeSet::new() }
    }

    /// Lends the next free slot from `cursor` on, and moves it.
    pub fn lend(&mut self, cursor: &mut u32) -> Option<u32> {
        let n = self.addresses.len() as u32;
        let free = (0..n).map(|i| (cursor.wrapping_add(i)) % n).find(|i| !self.lent.contains(&(self.first + i)))?;
        *cursor = (free + 1) % n;
        self.lent.insert(self.first + free);
        Some(self.first + free)
    }

    /// This slot is lent, as a record says.
    pub fn lend_again(&mut self, slot: u32) {
        assert!(self.lent.insert(slot), "port slot {slot} is lent to two calls");
    }

    /// Gives a slot back.
    pub fn give_back(&mut self, slot: u32) {
        assert!(self.lent.remove(&slot), "port slot {slot} was not lent");
    }

    /// The address of a slot, as SDP says it.
    pub fn address(&self, slot: u32) -> SocketAddr {
        self.addresses[(slot - self.first) as usize]
    }

    /// How many are lent.
    pub fn lent(&self) -> usize {
        self.lent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_lent_in_turn_and_run_out() {
        let address = |p: u16| SocketAddr::from(([127, 0, 0, 1], p));
        let mut ports = Ports::new(10, vec![address(1), address(2), address(3)]);
        let mut cursor = 0;
        assert_eq!(ports.lend(&mut cursor), Some(10));
        ports.give_back(10);
        assert_eq!(ports.lend(&mut cursor), Some(11), "not the one just given back");
        assert_eq!(ports.lend(&mut cursor), Some(12));
        assert_eq!(ports.lend(&mut cursor), Some(10));
        assert_eq!(ports.lend(&mut cursor), None);
        assert_eq!(ports.address(12), address(3));
    }
}
