//! What is left of an event when its contact's file has been erased: what figures are made of, and nothing that says who called.
//!
//! Numbers and moments stay, so that a report over erased days is the report it was, and no writer's numbers have a gap. Every
//! kind of event is named here, so that a new one cannot come without somebody having thought of it.
use switchboard_model::{Destination, Disposed, Number, What};

/// The word that stands where something was.
pub(crate) const GONE: &str = "erased";

/// The same fact without the customer.
pub(crate) fn redacted(what: What) -> What {
    match what {
        What::Arrived { trunk, dialled, .. } => What::Arrived {
            trunk,
            from: Number::default(),
            // The centre's own number is nobody's secret, and reports by number need it.
            dialled,
            first_dialled: None,
            sip_call_id: GONE.to_owned(),
        },
        // The outcome is the agent's own words, and may say anything; the topic is what figures are made of.
        What::Disposed { agent, of_call, needs } => What::Disposed {
            agent,
            of_call,
            needs: needs.into_iter().map(|need| Disposed { outcome: GONE.to_owned(), ..need }).collect(),
        },
        // To whom a call was given may be a number outside; that one was, stays.
        What::TransferStarted { agent, to, how } => What::TransferStarted { agent, to: inside(to), how },
        What::TransferEnded { agent, to, end } => What::TransferEnded { agent, to: inside(to), end },
        What::ConsultStarted { agent, with } => What::ConsultStarted { agent, with: inside(with) },
        What::ConsultAnswered { agent, with } => What::ConsultAnswered { agent, with: inside(with) },
        What::ConsultEnded { agent, with, consult_ms, end } => {
            What::ConsultEnded { agent, with: inside(with), consult_ms, end }
        }
        What::Conferenced { agent, with } => What::Conferenced { agent, with: inside(with) },
        // None of these bears anything that the customer said or is.
        What::Answered
        | What::MenuEntered { .. }
        | What::MenuChoice { .. }
        | What::Served { .. }
        | What::HumanRequested { .. }
        | What::Queued { .. }
        | What::StepTaken { .. }
        | What::Ringing { .. }
        | What::RingEnded { .. }
        | What::PickedUp { .. }
        | What::AgentIdAnnounced { .. }
        | What::Connected { .. }
        | What::TalkEnded { .. }
        | What::Held { .. }
        | What::Retrieved { .. }
        | What::VerifyStarted { .. }
        | What::VerifyEnded { .. }
        | What::Ended { .. }
        | What::AgentState { .. }
        | What::ConfigLive { .. } => what,
    }
}

fn inside(to: Destination) -> Destination {
    match to {
        Destination::Outside(_) => Destination::Outside(Number::default()),
        Destination::Agent(_) | Destination::Queue(_) => to,
    }
}
