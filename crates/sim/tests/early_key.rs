//! A key that comes before the ACK is not lost: the ACK may be, while the caller already hears the menu.
//!
//! Not covered here: the same on a lossy line with real sound (`crates/e2e`).
mod rig;

use rig::{Rig, START};
use switchboard_model::{ShardId, What};

fn check(before: &str, after: &str, expected: &[char]) {
    let mut rig = Rig::new(ShardId(1), &Rig::config(), START);
    rig.call();
    before.chars().for_each(|face| rig.key(face));
    rig.ack();
    after.chars().for_each(|face| rig.key(face));
    let chosen: Vec<char> = rig
        .told
        .iter()
        .filter_map(|what| if let What::MenuChoice { key, .. } = what { Some(*key) } else { None })
        .collect();
    assert_eq!(chosen, expected, "{before} ACK {after}: {:?}", rig.told);
}

#[test]
fn keys_before_the_ack_count_and_come_first() {
    check("", "0", &['0']);
    check("0", "", &['0']);
    check("1", "0", &['1', '0']);
    check("10", "", &['1', '0']);
    // More than a menu needs, typed by a robot: eight are kept.
    check("********0", "", &['*'; 8]);
}
