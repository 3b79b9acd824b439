//! What happened so far, counted by kind. One entry, one place: fields, names and explanations are made from it.

macro_rules! stats {
    ($($(#[doc = $doc:literal])+ $name:ident,)*) => {
        /// Counters since the start. They only grow.
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
        pub struct Stats {
            $($(#[doc = $doc])+ pub $name: u64,)*
        }

        impl Stats {
            /// Each counter's name, what it counts, and how far it got.
            pub fn rows(&self) -> impl Iterator<Item = (&'static str, &'static str, u64)> {
                [$((stringify!($name), concat!($($doc),+).trim_ascii(), self.$name)),*].into_iter()
            }
        }
    };
}

stats! {
    /// Datagrams that came in on RTP ports.
    packets_in,
    /// RTP packets sent.
    packets_out,
    /// Of those sent, the ones that forward what another party said.
    forwarded,
    /// Datagrams that are neither RTP nor RTCP.
    garbage,
    /// RTCP datagrams on RTP ports.
    rtcp,
    /// Datagrams on ports that no stream holds.
    no_stream,
    /// RTP packets of a payload type that was not agreed, or with no payload, or too much.
    payload_unknown,
    /// RTP packets from an address that is not the one latched.
    source_ignored,
    /// Streams that found where their packets come from.
    latched,
    /// Streams whose packets came to come from elsewhere.
    relatched,
    /// RTP packets that came twice or too late.
    late_or_double,
    /// RTP packets missing between two that came. Some of them may come later.
    gaps,
    /// Keys told.
    digits,
    /// Prompts or music wished for that there is no sound of.
    sounds_missing,
    /// Wishes taken.
    wishes,
    /// Wishes older than one taken before.
    wishes_old,
    /// Streams in wishes whose port is lent to another.
    streams_refused,
    /// Ticks.
    ticks,
    /// Frames that were sent late, to catch up.
    frames_late,
    /// Frames that were not sent at all: the thread stood still for too long.
    frames_skipped,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_counter_is_explained() {
        let stats = Stats { digits: 3, ..Stats::default() };
        assert!(stats.rows().all(|(name, what, _)| !name.is_empty() && what.ends_with('.')));
        assert!(stats.rows().any(|row| row == ("digits", "Keys told.", 3)));
    }
}
