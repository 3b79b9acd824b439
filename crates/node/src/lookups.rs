//! A call's question to a back-end, put into its words, and the answer taken out of them.
//!
//! ```text
//!   {"account":"6222…","pin":"……"}  ──►  200 {"result":"verified","customer":"C100237"} · "refused" · "locked"
//!   {"account":"6222…"}             ──►  200 {"result":"done","values":{"balance":"1234.50"}} · "refused" · "locked"
//! ```
//! Anything else, and any other status, is a back-end that is down: the caller is not made to pay for it with a try.
use serde::Deserialize;
use std::collections::BTreeMap;
use switchboard_engine::lookup::{Answer, Lookup, Question};
use switchboard_model::{CallId, Secret};
use switchboard_reach::{Backend, Failed, Reach, Reply, Wiped};

/// Asks; `back` is called once with the answer.
pub fn ask(reach: &Reach, lookup: Lookup, back: impl FnOnce(CallId, u32, Answer) + Send + 'static) {
    let Lookup { call, id, backend, question } = lookup;
    let backend = Backend { address: backend.address, host: backend.host, path: backend.path, within: backend.within };
    let (fields, about) = match question {
        Question::Verify { account, pin } => {
            (vec![("account".to_owned(), account), ("pin".to_owned(), pin)], About::Verification)
        }
        Question::Service { fields, .. } => (fields, About::Service),
    };
    let body = body(&fields);
    // Only the buffer that is wiped still has them.
    drop(fields);
    reach.ask(backend, body, Box::new(move |reply| back(call, id, answer(reply, about))));
}

/// What a question was about: an answer to one kind is none to the other.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum About {
    Verification,
    Service,
}

/// One JSON object; names are letters, digits and `_`, values are keys.
fn body(fields: &[(String, Secret)]) -> Wiped {
    let room = fields.iter().map(|(name, secret)| name.len() + secret.len() + 8).sum::<usize>();
    let mut body = Wiped::with_room(room + 2);
    body.push(b"{");
    for (n, (name, secret)) in fields.iter().enumerate() {
        body.push(if n == 0 { b"\"" } else { b",\"" });
        body.push(name.as_bytes());
        body.push(b"\":\"");
        body.push_secret(secret);
        body.push(b"\"");
    }
    body.push(b"}");
    body
}

#[derive(Deserialize)]
struct Verdict {
    result: String,
    customer: Option<String>,
    values: Option<BTreeMap<String, String>>,
}

/// A reference longer than this is none.
const CUSTOMER_MAX: usize = 64;

/// A caller is told a few values, not a page.
const VALUES_MAX: usize = 16;
/// Longer than any amount, day or number that is said.
const VALUE_MAX: usize = 64;

fn sayable(values: &BTreeMap<String, String>) -> bool {
    values.len() <= VALUES_MAX && values.values().all(|v| v.len() <= VALUE_MAX)
}

fn answer(reply: Result<Reply, Failed>, about: About) -> Answer {
    let verdict = match reply {
        Ok(Reply { status: 200, body }) => serde_json::from_slice::<Verdict>(&body).ok(),
        Ok(Reply { status, .. }) => {
            tracing::warn!("the back-end answered with {status}: {about:?}");
            None
        }
        Err(why) => {
            tracing::warn!("a question was not answered: {why}: {about:?}");
            None
        }
    };
    match verdict {
        Some(Verdict { result, customer: Some(customer), .. })
            if about == About::Verification && result == "verified" && customer.len() <= CUSTOMER_MAX =>
        {
            Answer::Verified { customer }
        }
        Some(Verdict { result, values, .. })
            if about == About::Service && result == "done" && values.as_ref().is_none_or(sayable) =>
        {
            Answer::Served { values: values.unwrap_or_default() }
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
            assert_eq!(answer(Ok(reply), About::Verification), wanted, "{status} {body}");
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
        assert_eq!(answer(Err(Failed::Late), About::Verification), Answer::Down);
        check(200, r#"{"result":"done","values":{"balance":"1"}}"#, Answer::Down);
    }

    #[test]
    fn a_service_is_answered_by_a_few_short_values() {
        let check = |body: &str, wanted: Answer| {
            let reply = Reply { status: 200, body: body.as_bytes().to_vec() };
            assert_eq!(answer(Ok(reply), About::Service), wanted, "{body}");
        };
        let served = |values: &[(&str, &str)]| Answer::Served {
            values: values.iter().map(|(n, v)| ((*n).to_owned(), (*v).to_owned())).collect(),
        };
        check(r#"{"result":"done"}"#, served(&[]));
        check(r#"{"result":"done","values":{"balance":"1234.50"}}"#, served(&[("balance", "1234.50")]));
        check(r#"{"result":"refused"}"#, Answer::Refused);
        check(r#"{"result":"locked"}"#, Answer::Locked);
        check(r#"{"result":"verified","customer":"C1"}"#, Answer::Down);
        check(r#"{"result":"done","values":{"balance":1234.5}}"#, Answer::Down);
        check(&format!(r#"{{"result":"done","values":{{"balance":"{}"}}}}"#, "1".repeat(65)), Answer::Down);
        let many: Vec<String> = (0..17).map(|n| format!("\"v{n}\":\"1\"")).collect();
        check(&format!(r#"{{"result":"done","values":{{{}}}}}"#, many.join(",")), Answer::Down);
    }

    #[test]
    fn what_was_keyed_is_one_json_object() {
        let secret = |faces: &str| {
            let mut secret = Secret::new();
            faces.chars().for_each(|c| assert!(secret.push(switchboard_model::Digit::from_char(c).expect("a key"))));
            secret
        };
        let fields = [("account".to_owned(), secret("622200")), ("pin".to_owned(), secret("112233"))];
        assert_eq!(body(&fields).bytes(), br#"{"account":"622200","pin":"112233"}"#);
        assert_eq!(body(&[]).bytes(), b"{}");
    }
}
