//! Some gateways write v, f, t, i, m, c and l.
use crate::joint::checks::call_with;
use crate::joint::{Check, Way};

/// Some gateways write v, f, t, i, m, c and l.
pub const CHECK: Check = Check {
    id: "compact-in",
    title: "compact header names are read",
    zh: "缩写头域可识别",
    way: Way::In,
    cure: "Ours: RFC 3261 §7.3.3. If this fails, report it as our fault.",
    steps: || {
        call_with(|l| {
            let sdp = l.usual();
            let mut draft = l.call(&sdp);
            for (name, _) in &mut draft.headers {
                let compact = [
                    ("Via", "v"),
                    ("From", "f"),
                    ("To", "t"),
                    ("Call-ID", "i"),
                    ("Contact", "m"),
                    ("Content-Type", "c"),
                ];
                if let Some((_, short)) = compact.iter().find(|(long, _)| long == name) {
                    (*short).clone_into(name);
                }
            }
            draft
        })
    },
};
