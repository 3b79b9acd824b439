//! A call's question to a back-end, put into its words, and the answer taken out of them.
//!
//! ```text
//!   {"account":"6222…","pin":"……"}  ──►  200 {"result":"verified","customer":"C100237"} · "refused" · "locked"
//! ```
//! Anything else, and any other status, is a back-end that is down: the caller is not made to pay for it with a try.
use serde::Deserialize;
use switchboard_engine::lookup::{Answer, Lookup, Question};
use switchboard_model::CallId;
use switchboard_reach::{Backend, Failed, Reach, Reply, Wiped};

/// Asks; `back` is called once with the answer.
pub fn ask(reach: &Reach, lookup: Lookup, back: impl FnOnce(CallId, u32, Answer) + Send + 'static) {
    let Lookup { call, id, backend, question } = lookup;
    let Question::Verify { account, pin } = question;
    let mut body = Wiped::with_room(BODY_ROOM);
    body.push(b"{\"account\":\"");
    body.push_secret(&account);
    body.push(b"\",\"pin\":\"");
    body.push_secret(&pin);
    body.push(b"\"}");
    let backend =
        Backend { address: backend.address, host: backend.host, path: backend.verify_path, within: backend.within };
    reach.ask(backend, body, Box::new(move |reply| back(call, id, answer(reply))));
}

/// Two secrets of 32 digits and the words around them.
const BODY_ROOM: usize = 128;

#[derive(Deserialize)]
struct Verdict {
    result: String,
    customer: Option<String>,
}

/// A reference longer than this is none.
const CUSTOMER_MAX: usize = 64;

fn answer(reply: Result<Reply, Failed>) -> Answer {
    let verdict = match reply {
        Ok(Reply { status: 200, body }) => serde_json::from_slice::<Verdict>(&body).ok(),
        Ok(Reply { status, .. }) => {
            tracing::warn!("the back-end answered a verification with {status}");
            None
        }
        Err(why) => {
            tracing::warn!("a verification was not answered: {why}");
            None
        }
    };
    match verdict {
        Some(Verdict { result, customer: Some(customer) })
            if result == "verified" && customer.len() <= CUSTOMER_MAX =>
        {
            Answer::Verified { customer }
        }
        Some(Verdict { result, .. }) if result == "refused" => Answer::Refused,
        Some(Verdict { result, .. }) if result == "locked" => Answer::Locked,
        Some(_) | None => Answer::Down,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_understood_is_a_back_end_that_is_down() {
        let check = |status: u16, body: &str, wanted: Answer| {
            let reply = Reply { status, body: body.as_bytes().to_vec() };
            assert_eq!(answer(Ok(reply)), wanted, "{status} {body}");
        };
        let verified = Answer::Verified { customer: "C1".to_owned() };
        check(200, r#"{"result":"verified","customer":"C1"}"#, verified);
        check(200, r#"{"result":"refused"}"#, Answer::Refused);
        check(200, r#"{"result":"locked"}"#, Answer::Locked);
        check(200, r#"{"result":"verified"}"#, Answer::Down);
        check(200, &format!(r#"{{"result":"verified","customer":"{}"}}"#, "x".repeat(65)), Answer::Down);
        check(200, r#"{"result":"perhaps"}"#, Answer::Down);
        check(200, "", Answer::Down);
        check(500, r#"{"result":"refused"}"#, Answer::Down);
        assert_eq!(answer(Err(Failed::Late)), Answer::Down);
    }
}
