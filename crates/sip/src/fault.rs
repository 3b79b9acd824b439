//! An error of our own costs the dialog at work, never the endpoint.
//!
//! ```text
//!   a message, a timer ──► work ──panic──► mend:  what was being timed is taken away, so that its time does not come again
//!                                                 a dialog that the panic took with it: Ended{Fault}
//!                                                 look-ups and timers lead only to what is still there
//! ```
//! Whoever works on a dialog takes it out of the store and puts it back; so what a panic interrupts is missing, not half done. What
//! was told and sent before the panic stays told and sent. The peer of a dialog that is lost so gets no BYE, since its numbers are
//! not to be trusted; he hears 481 at his next request (RFC 3261 §12.2.2).
use crate::endpoint::{Endpoint, Timed, dialog_key, transaction_key};
use crate::event::{EndedWhy, Event, Output};
use crate::transaction::{Owner, Transaction};
use bytes::Bytes;
use std::panic::{AssertUnwindSafe, catch_unwind};

impl Endpoint {
    /// Does this work; `at_work` is whose time has come, if that is why.
    pub(crate) fn guarded(&mut self, at_work: Option<Timed>, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            self.mend(at_work);
        }
    }

    fn mend(&mut self, at_work: Option<Timed>) {
        match at_work {
            Some(Timed::Transaction(id)) => self.drop_transaction(id),
            Some(Timed::Dialog(id)) => drop(self.dialogs.remove(&id)),
            None => {}
        }
        for lost in self.forget_the_lost() {
            self.changed.insert(dialog_key(lost));
            self.set_timer(Timed::Dialog(lost), None);
            // What is timed runs out by itself. What waits for the dialog's word alone, an INVITE under way, would wait for ever.
            let owned = |t: &Transaction| matches!(t.owner, Owner::Dialog(id) if id == lost);
            let untimed = self.transactions.iter().filter(|(_, t)| owned(t) && t.machine.deadline().is_none());
            for id in untimed.map(|(id, _)| *id).collect::<Vec<_>>() {
                self.drop_transaction(id);
            }
            self.tell(Event::Ended { dialog: lost, why: EndedWhy::Fault });
        }
        // A call that the owner has not heard of yet, and never need.
        let dialogs = &self.dialogs;
        self.out.retain(|o| !matches!(o, Output::Event(Event::Invite { dialog, .. }) if !dialogs.contains_key(dialog)));
        self.tell(Event::Fault);
    }

    /// Takes a transaction away, and with it the dialog that waits for its end; whoever asked outside a dialog hears that nobody answered.
    fn drop_transaction(&mut self, id: u64) {
        let Some(transaction) = self.transactions.remove(&id) else { return };
        self.changed.insert(transaction_key(id));
        self.set_timer(Timed::Transaction(id), None);
        match transaction.owner {
            Owner::Dialog(dialog) => drop(self.dialogs.remove(&dialog)),
            Owner::Outside(asked) => {
                self.tell(Event::Response { request: asked.id, code: 408, headers: vec![], body: Bytes::new() });
            }
            Owner::Nobody => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use crate::endpoint::{Endpoint, EndpointConfig, Timed};
    use crate::event::{EndedWhy, Event, Invite, Output};
    use crate::timers::T1;
    use switchboard_model::{Chance, EndpointId, FlowId, Instant};

    const START: Instant = Instant::from_micros(0);

    fn endpoint() -> Endpoint {
        let at = "127.0.0.1:5060".parse().expect("an address");
        Endpoint::new(EndpointConfig::new(EndpointId(1), at, "us", Chance::from_seed([7; 32])))
    }

    fn dial(e: &mut Endpoint, to: &str) -> crate::DialogId {
        let invite = Invite {
            target: format!("sip:a@{to}"),
            to_addr: to.parse().expect("an address"),
            flow: FlowId(0),
            from_user: "us".to_owned(),
            from_display: None,
            headers: vec![],
            sdp: None,
            credentials: None,
            terms: Default::default(),
        };
        e.invite(START, invite)
    }

    fn drained(e: &mut Endpoint) -> Vec<Event> {
        std::iter::from_fn(|| e.poll())
            .filter_map(|o| match o {
                Output::Event(event) => Some(event),
                Output::Send { .. } => None,
            })
            .collect()
    }

    #[test]
    fn a_panic_over_a_dialog_ends_that_dialog_and_no_other() {
        let mut e = endpoint();
        let (one, two) = (dial(&mut e, "127.0.0.1:5070"), dial(&mut e, "127.0.0.1:5072"));
        drained(&mut e);
        e.guarded(None, |e| {
            let _taken = e.dialogs.remove(&one).expect("it is there");
            panic!("planted");
        });
        assert_eq!(drained(&mut e), [Event::Ended { dialog: one, why: EndedWhy::Fault }, Event::Fault]);
        assert!(e.record(super::dialog_key(one)).is_none() && e.record(super::dialog_key(two)).is_some());
        // The transaction of the lost one still runs out by itself; the other call is given up in its own time, and told so.
        let mut last = START;
        while let Some(at) = e.next_timeout() {
            assert!(at >= last && at <= START + T1 * 200, "a timer that never ends");
            (last, _) = (at, e.handle_timeout(at));
        }
        let refused: Vec<Event> = drained(&mut e);
        assert!(matches!(&refused[..], [Event::Refused { dialog, code: 408, .. }] if *dialog == two), "{refused:?}");
        assert_eq!((e.dialogs(), e.transactions()), (0, 0));
    }

    #[test]
    fn a_timer_that_panics_does_not_come_again() {
        let mut e = endpoint();
        let one = dial(&mut e, "127.0.0.1:5070");
        drained(&mut e);
        let (_, timed) = e.first_timer().expect("the INVITE is repeated");
        assert!(matches!(timed, Timed::Transaction(_)));
        e.guarded(Some(timed), |_| panic!("planted"));
        // The dialog waited for this transaction's end and for nothing else.
        assert_eq!(drained(&mut e), [Event::Ended { dialog: one, why: EndedWhy::Fault }, Event::Fault]);
        assert_eq!((e.dialogs(), e.transactions(), e.next_timeout()), (0, 0, None));
    }

    #[test]
    fn an_invite_under_way_is_not_left_without_its_dialog() {
        let mut e = endpoint();
        let invite = b"INVITE sip:a@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.1:5070;branch=z9hG4bKx\r\nMax-Forwards: 9\r\n\
            From: <sip:b@c>;tag=1\r\nTo: <sip:a@127.0.0.1>\r\nContact: <sip:b@127.0.0.1:5070>\r\nCall-ID: one\r\nCSeq: 1 INVITE\r\n\r\n";
        e.handle_datagram(START, FlowId(0), "127.0.0.1:5070".parse().expect("an address"), invite);
        let told = drained(&mut e);
        let [Event::Invite { dialog, .. }] = &told[..] else { panic!("{told:?}") };
        e.guarded(Some(Timed::Dialog(*dialog)), |_| panic!("planted"));
        assert_eq!(drained(&mut e), [Event::Ended { dialog: *dialog, why: EndedWhy::Fault }, Event::Fault]);
        assert_eq!((e.dialogs(), e.transactions()), (0, 0));
    }

    #[test]
    fn what_a_mended_endpoint_keeps_is_what_it_restores_from() {
        let mut e = endpoint();
        let one = dial(&mut e, "127.0.0.1:5070");
        dial(&mut e, "127.0.0.1:5072");
        e.guarded(Some(Timed::Dialog(one)), |e| {
            e.dialogs.remove(&one);
            panic!("planted");
        });
        let kept = e.records();
        let again = Endpoint::restore(e.config.clone(), &kept).expect("our own records");
        assert_eq!(again.records(), kept);
        assert_eq!(again.next_timeout(), e.next_timeout());
    }
}
