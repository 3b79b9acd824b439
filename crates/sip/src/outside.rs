//! Requests outside a dialog: ours (REGISTER, OPTIONS) and the owner's answers to theirs (RFC 3261 §8.1, §10.2, §11.1).
use crate::endpoint::{Endpoint, NewClient};
use crate::event::{Event, OutRequest, RequestId, Series};
use crate::transaction::{Asked, ClientOther, Machine, Owner};
use crate::uac::{escape, name_addr};
use bytes::Bytes;
use std::net::SocketAddr;
use switchboard_model::{FlowId, Instant};
use switchboard_wire::sip::{Message, Method, Name, Uri, Writer, method, method_name, unfold};

impl Endpoint {
    /// Asks somebody something. A 401 or 407 is answered once with a digest. The method must not be INVITE, ACK or CANCEL.
    pub fn request(&mut self, now: Instant, request: OutRequest) -> RequestId {
        let mut series = self.new_series();
        self.request_of(now, request, &mut series)
    }

    /// The same as one of a series.
    pub fn request_of(&mut self, now: Instant, request: OutRequest, series: &mut Series) -> RequestId {
        let id = RequestId(self.fresh());
        let tag = self.new_tag(request.flow);
        let (call_id, cseq) = (series.call_id.clone(), series.cseq);
        // Room for those that answer a challenge.
        series.cseq += 4;
        self.ask(now, Asked { id, request, call_id, tag, cseq, tries: 0 }, None);
        id
    }

    /// A series of its own.
    pub fn new_series(&mut self) -> Series {
        Series { call_id: format!("{}@{}", self.chance().token(24), self.host()), cseq: 1 }
    }

    /// Where we are reached by this user name: `<sip:user@…>`.
    pub fn contact_of(&self, flow: FlowId, user: &str) -> String {
        self.contact(flow).replacen("<sip:", &format!("<sip:{}@", escape(user)), 1)
    }
    /// The address in our Contacts.
    pub fn reached_at(&self) -> SocketAddr {
        self.config.local
    }
    /// A number below this, from the recorded generator.
    pub fn by_chance(&mut self, below: u64) -> u64 {
        self.chance().below(below)
    }

    fn ask(&mut self, now: Instant, asked: Asked, authorization: Option<(String, String)>) {
        let request = &asked.request;
        let known = method(&request.method).filter(|m| !matches!(m, Method::Invite | Method::Ack | Method::Cancel));
        let name = method_name(known.unwrap_or_else(|| panic!("{} is no request outside a dialog", request.method)));
        let branch = self.new_branch(request.flow);
        let is_register = known == Some(Method::Register);
        let domain = Uri::parse(&request.target).map_or_else(String::new, |uri| uri.host());
        let from_host = if is_register { domain.clone() } else { self.host() };
        let from = name_addr(None, &request.from_user, &from_host);
        let to = if is_register { from.clone() } else { format!("<{}>", request.target) };
        let mut w = Writer::request(name, &request.target);
        w.header(Name::Via, &self.via(request.flow, &branch))
            .header(Name::MaxForwards, "70")
            .header(Name::From, &format!("{from};tag={}", asked.tag))
            .header(Name::To, &to)
            .header(Name::CallId, &asked.call_id)
            .header(Name::CSeq, &format!("{} {name}", asked.cseq));
        for (header, value) in request.headers.iter().chain(&authorization) {
            w.named(header, value);
        }
        w.header(Name::UserAgent, &self.config.product);
        let bytes = w.finish("", &request.body);
        self.start_client(NewClient {
            machine: Machine::ClientOther(ClientOther::new(now, request.flow.is_reliable())),
            branch,
            method: name,
            flow: request.flow,
            to: request.to_addr,
            bytes,
            owner: Owner::Outside(Box::new(asked)),
        });
    }

    pub(crate) fn on_outside_answered(
        &mut self,
        now: Instant,
        mut asked: Asked,
        code: u16,
        message: Option<&Message<'_>>,
    ) {
        let (credentials, target, name) =
            (asked.request.credentials.clone(), asked.request.target.clone(), asked.request.method.clone());
        let header = message.and_then(|m| self.authorization(credentials, asked.tries, code, m, &name, &target));
        if header.is_some() {
            asked.tries += 1;
            asked.cseq += 1;
            return self.ask(now, asked, header);
        }
        let headers = message
            .map(|m| m.headers().map(|(_, name, value)| (name.to_owned(), unfold(value).into_owned())).collect());
        let body = message.and_then(|m| m.body()).map_or_else(Bytes::new, Bytes::copy_from_slice);
        self.tell(Event::Response { request: asked.id, code, headers: headers.unwrap_or_default(), body });
    }

    /// Answers an `Event::Request`.
    pub fn respond(
        &mut self,
        now: Instant,
        request: RequestId,
        code: u16,
        headers: Vec<(String, String)>,
        body: Bytes,
    ) {
        let Some(reply) = self.transactions.get(&request.0).and_then(|t| t.reply.clone()) else { return };
        let tag = self.new_tag(reply.flow);
        let mut w = reply.start(code, None, &tag);
        for (name, value) in &headers {
            w.named(name, value);
        }
        w.header(Name::Server, &self.config.product);
        self.respond_on(now, request.0, code, w.finish("", &body));
    }
}
