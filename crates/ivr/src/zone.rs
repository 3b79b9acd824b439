//! A time zone by its name: how far its clocks are from UTC at each moment.
//!
//! The rules are the IANA database's, as the crate `jiff` carries them inside the program: they do not depend on the machine, so
//! a replay tomorrow sees the hours that were seen today. They are worked out once, when the menus are compiled; whoever asks
//! later only looks into a list.
use jiff::Timestamp;
use jiff::tz::TimeZoneDatabase;
use switchboard_model::Instant;

/// A zone's distances from UTC, from 1970 to the end of 2099.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Zone {
    /// As IANA names it: `Asia/Shanghai`.
    pub name: String,
    /// From which second since 1970 on how many minutes east of Greenwich; by time, the first is second 0.
    changes: Vec<(u64, i32)>,
}

/// The first second of 2100: menus live for years, not for centuries.
const END_S: i64 = 4_102_444_800;

impl Zone {
    /// The zone with this name; none if IANA knows none. Aliases (`PRC`) are zones, too.
    pub fn named(name: &str) -> Option<Zone> {
        let zone = TimeZoneDatabase::bundled().get(name).ok()?;
        let minutes = |at: Timestamp| zone.to_offset(at).seconds() / 60;
        let mut changes = vec![(0, minutes(Timestamp::UNIX_EPOCH))];
        for change in zone.following(Timestamp::UNIX_EPOCH) {
            let second = change.timestamp().as_second();
            if second >= END_S {
                break;
            }
            changes.push((second.unsigned_abs(), change.offset().seconds() / 60));
        }
        Some(Zone { name: name.to_owned(), changes })
    }
    /// A place whose clocks are always as far from UTC as that.
    pub fn fixed(utc_offset_min: i32) -> Zone {
        Zone { name: String::new(), changes: vec![(0, utc_offset_min)] }
    }
    /// Minutes east of Greenwich at that moment.
    pub fn offset_min(&self, now: Instant) -> i32 {
        let after = self.changes.partition_point(|(from, _)| *from <= now.seconds());
        self.changes[after.saturating_sub(1)].1
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::civil::moment;

    #[test]
    fn clocks_are_as_far_from_utc_as_the_zone_says_on_that_day() {
        for (name, at, minutes) in [
            ("Asia/Shanghai", "2026-07-01T00:00Z", 480),
            // Summer time, the last one: 1991.
            ("Asia/Shanghai", "1991-07-01T00:00Z", 540),
            ("Asia/Urumqi", "2026-07-01T00:00Z", 360),
            ("Asia/Hong_Kong", "2026-01-01T00:00Z", 480),
            ("Europe/Berlin", "2026-03-29T00:59Z", 60),
            ("Europe/Berlin", "2026-03-29T01:00Z", 120),
            ("America/New_York", "2098-12-01T00:00Z", -300),
        ] {
            let zone = Zone::named(name).unwrap_or_else(|| panic!("{name} is a zone"));
            assert_eq!(zone.offset_min(moment(at).expect("a moment")), minutes, "{name} {at}");
        }
        assert_eq!(Zone::fixed(-210).offset_min(moment("2026-01-01T00:00Z").expect("a moment")), -210);
        for name in ["Asia/Beijing", "", "+08:00", "../../etc/passwd"] {
            assert_eq!(Zone::named(name), None, "{name}");
        }
    }
}
