//! The checks, one a file. What many of them begin with stands here.
mod ack_in;
mod allow_out;
mod amr_first_in;
mod amr_only_in;
mod anonymous_in;
mod asserted_in;
mod big_in;
mod big_out;
mod bye_in;
mod bye_out;
mod caller_in;
mod cancel_in;
mod cancel_out;
mod codec_change_in;
mod codec_in;
mod codec_out;
mod compact_in;
mod contact_in;
mod delayed_offer_in;
mod dialled_in;
mod diversion_in;
mod dtmf_in;
mod events_in;
mod events_out;
mod foreign_sound_in;
mod hold_in;
mod hold_out;
mod hold_zero_in;
mod info_in;
mod isup_in;
mod local_number_in;
mod max_forwards_in;
mod numbers_in;
mod options_dialog_in;
mod options_dialog_out;
mod options_out;
mod precondition_in;
mod ptime_in;
mod qos_in;
mod routes_in;
mod rport_out;
mod session_interval_in;
mod session_timer_in;
mod sound_in;
mod stranger_in;
mod symmetric_out;
mod t38_in;
mod unknown_number_in;
mod unknown_number_out;
mod update_in;
mod video_in;
mod wrong_tag_in;

use super::{Check, Draft, Leg, Step};

/// Every check: first outwards, then inwards; those that take longest first.
pub const ALL: &[&Check] = &[
    &options_out::CHECK,
    &rport_out::CHECK,
    &symmetric_out::CHECK,
    &allow_out::CHECK,
    &big_out::CHECK,
    &unknown_number_out::CHECK,
    &codec_out::CHECK,
    &events_out::CHECK,
    &cancel_out::CHECK,
    &hold_out::CHECK,
    &options_dialog_out::CHECK,
    &bye_out::CHECK,
    &contact_in::CHECK,
    &ack_in::CHECK,
    &numbers_in::CHECK,
    &local_number_in::CHECK,
    &anonymous_in::CHECK,
    &dialled_in::CHECK,
    &codec_in::CHECK,
    &events_in::CHECK,
    &amr_first_in::CHECK,
    &amr_only_in::CHECK,
    &delayed_offer_in::CHECK,
    &video_in::CHECK,
    &qos_in::CHECK,
    &precondition_in::CHECK,
    &ptime_in::CHECK,
    &isup_in::CHECK,
    &compact_in::CHECK,
    &big_in::CHECK,
    &routes_in::CHECK,
    &sound_in::CHECK,
    &dtmf_in::CHECK,
    &info_in::CHECK,
    &foreign_sound_in::CHECK,
    &hold_in::CHECK,
    &hold_zero_in::CHECK,
    &codec_change_in::CHECK,
    &t38_in::CHECK,
    &update_in::CHECK,
    &session_timer_in::CHECK,
    &session_interval_in::CHECK,
    &options_dialog_in::CHECK,
    &caller_in::CHECK,
    &asserted_in::CHECK,
    &diversion_in::CHECK,
    &unknown_number_in::CHECK,
    &stranger_in::CHECK,
    &max_forwards_in::CHECK,
    &cancel_in::CHECK,
    &wrong_tag_in::CHECK,
    &bye_in::CHECK,
];

/// A call to a telephone by the carrier, that is answered and acknowledged; the 200 stays the last that was heard.
fn call_out() -> Vec<Step> {
    let invite: fn(&mut Leg) -> Draft = |l| {
        let (callee, sdp) = (l.plan.callee.clone(), l.usual());
        l.invite(&callee, &sdp)
    };
    vec![Step::Say(invite), Step::Final(30_000), Step::Must(|l| l.code(&[200])), Step::Say(|l| l.ack(""))]
}

/// A plain call of the carrier to the menu, answered and acknowledged.
fn call_in() -> Vec<Step> {
    call_with(|l| {
        let sdp = l.usual();
        l.call(&sdp)
    })
}

/// A call that begins with this INVITE, answered and acknowledged.
fn call_with(invite: fn(&mut Leg) -> Draft) -> Vec<Step> {
    vec![Step::Say(invite), Step::Final(4_000), Step::Must(|l| l.code(&[200])), Step::Say(|l| l.ack(""))]
}

/// A re-INVITE like this, answered and acknowledged.
fn again(invite: fn(&mut Leg) -> Draft) -> Vec<Step> {
    call_with(invite)
}

/// The last answer's direction must be one of these.
fn direction(l: &mut Leg, wanted: &[&str]) -> Result<(), String> {
    let direction = l.sdp()?.direction();
    if wanted.contains(&direction) {
        Ok(())
    } else {
        Err(format!("the answer says {direction}, not {}", wanted.join(" or ")))
    }
}

#[cfg(test)]
mod tests {
    use super::super::Lie;
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn names_differ_and_every_lie_is_looked_for() {
        let names: BTreeSet<&str> = ALL.iter().map(|c| c.id).collect();
        assert_eq!(names.len(), ALL.len());
        for check in ALL {
            assert_eq!(check.id.ends_with("-out"), check.way.is_out(), "{}", check.id);
            assert!(!check.cure.is_empty() && !check.zh.is_empty() && !(check.steps)().is_empty(), "{}", check.id);
        }
        for lie in Lie::ALL {
            assert!(names.contains(lie.found_by()), "{} is looked for by nobody", lie.word());
        }
    }
}
