//! By which of a trunk's SBCs a call goes out.
//!
//! ```text
//!   with whom we are registered ─► those that may live ─► those taken for dead       (within each: lowest priority first;
//!                                                                                     of one priority by weight and chance, RFC 2782)
//! ```
//! One that is taken for dead comes last and is not left out: a wrong guess costs a wait, no call. Does not send anything.
use super::Carrier;
use super::peer::{Health, Peer};
use crate::input::WayOut;
use switchboard_model::Instant;
use switchboard_sip::Endpoint;

pub(super) fn of(carrier: &Carrier, now: Instant, sip: &mut Endpoint) -> Vec<WayOut> {
    let registered = carrier.registration.as_ref().and_then(|r| r.way(now));
    let mut left: Vec<(usize, &Peer)> = carrier.peers.iter().enumerate().collect();
    let mut ways = vec![];
    while !left.is_empty() {
        let rank =
            |(n, p): &(usize, &Peer)| (Some(*n) != registered.map(|(at, _)| at), p.health == Health::Down, p.priority);
        let best = left.iter().map(rank).min().expect("there is one left");
        let (first, others): (Vec<_>, Vec<_>) = left.into_iter().partition(|p| rank(p) == best);
        left = others;
        ways.extend(by_weight(first, sip).into_iter().map(|(n, peer)| WayOut {
            at: peer.at,
            flow: peer.flow,
            routes: registered.filter(|(at, _)| *at == n).map_or(vec![], |(_, routes)| routes.to_vec()),
        }));
    }
    ways
}

/// RFC 2782: each is the next with the likelihood of its weight; those without one come after all that have one, but for once in a while.
fn by_weight<'p>(mut left: Vec<(usize, &'p Peer)>, sip: &mut Endpoint) -> Vec<(usize, &'p Peer)> {
    let mut order = vec![];
    left.sort_by_key(|(_, p)| p.weight);
    while left.len() > 1 {
        let sum: u64 = left.iter().map(|(_, p)| u64::from(p.weight)).sum();
        let mut drawn = sip.by_chance(sum + 1);
        let place = left.iter().position(|(_, p)| {
            let hit = u64::from(p.weight) >= drawn;
            drawn = drawn.saturating_sub(u64::from(p.weight));
            hit
        });
        order.push(left.remove(place.unwrap_or(0)));
    }
    order.extend(left);
    order
}
