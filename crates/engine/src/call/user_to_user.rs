//! What an agent's telephone is told of the caller beside his number: User-to-User (RFC 7433).
//!
//! ```text
//!   User-to-User: 04 "queue=cards;lang=zh-CN;menu=accounts;verified=account_pin;call=…";encoding=hex
//!                 └ IA5 characters follow (ITU-T Q.931 §4.5.30)
//! ```
//! It is what desktop programs of many makers pop a customer's page by. At most 128 octets, the first included (RFC 7433 §3.1, for
//! ISDN's sake); what comes last is left out whole if it does not fit. Nothing in it is secret: no account, no key that was pressed.
use super::Facts;

/// The header, for this call in this queue.
pub fn header(queue: &str, facts: &Facts) -> (String, String) {
    let verified = facts.verified.as_ref().map_or("no", |v| v.what());
    let parts = [
        ("queue", queue),
        ("lang", facts.language.tag()),
        ("verified", verified),
        ("call", &facts.id.0.to_string()),
        ("menu", &facts.menu),
    ];
    ("User-to-User".to_owned(), format!("{};encoding=hex", hex(&text(&parts))))
}

/// With the discriminator before it.
const OCTETS_MAX: usize = 128;
const IA5: u8 = 0x04;

fn text(parts: &[(&str, &str)]) -> String {
    let mut text = String::new();
    for (name, value) in parts {
        let part = format!("{}{name}={}", if text.is_empty() { "" } else { ";" }, plain(value));
        if 1 + text.len() + part.len() <= OCTETS_MAX {
            text.push_str(&part);
        }
    }
    text
}

/// Letters, digits and `-._~`; every other byte as in a URI (RFC 3986 §2.1): names may be Chinese, and the field may not.
fn plain(value: &str) -> String {
    value.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            other => out.push_str(&format!("%{other:02X}")),
        }
        out
    })
}

fn hex(text: &str) -> String {
    std::iter::once(IA5).chain(text.bytes()).map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_does_not_fit_is_left_out_whole_and_every_byte_is_ia5() {
        let whole = text(&[("queue", "cards"), ("lang", "zh-CN"), ("menu", "主")]);
        assert_eq!(whole, "queue=cards;lang=zh-CN;menu=%E4%B8%BB");
        assert_eq!(text(&[("queue", "a;b=c"), ("menu", &"x".repeat(120)), ("lang", "en")]), "queue=a%3Bb%3Dc;lang=en");
        assert_eq!(text(&[("menu", &"x".repeat(122))]).len() + 1, OCTETS_MAX);
        assert_eq!(text(&[("menu", &"x".repeat(123))]), "");
        assert_eq!(hex("q=1"), "04713d31");
    }
}
