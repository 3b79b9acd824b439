//! Digest authentication, both sides (RFC 3261 §22, RFC 7616 §3.4, RFC 8760).
//!
//! ```text
//!   HA1 = H(user:realm:password)     HA2 = H(method:uri)     response = H(HA1:nonce:nc:cnonce:auth:HA2)
//! ```
//! H is MD5 or SHA-256. A server offers SHA-256 first (RFC 8760 §2.3: the topmost that is understood is taken). `auth-int` and the
//! `-sess` forms are not offered and not understood; a challenge without `qop` (RFC 2069) is answered.
use crate::event::Credentials;
use md5::{Digest, Md5};
use sha2::Sha256;
use switchboard_wire::sip::{split_commas, unquote};

/// A hash algorithm.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Algorithm {
    /// `SHA-256`.
    Sha256,
    /// `MD5`.
    Md5,
}

impl Algorithm {
    /// As offered, best first.
    pub const ALL: [Algorithm; 2] = [Algorithm::Sha256, Algorithm::Md5];

    /// Its name on the wire.
    pub const fn name(self) -> &'static str {
        match self {
            Algorithm::Sha256 => "SHA-256",
            Algorithm::Md5 => "MD5",
        }
    }
    fn of(name: &str) -> Option<Algorithm> {
        Self::ALL.into_iter().find(|a| a.name().eq_ignore_ascii_case(name))
    }
    /// Lower-case hex of the hash of these parts with colons between them.
    pub fn hash(self, parts: &[&str]) -> String {
        fn run<D: Digest>(parts: &[&str]) -> String {
            let mut hasher = D::new();
            for (i, part) in parts.iter().enumerate() {
                if i > 0 {
                    hasher.update(b":");
                }
                hasher.update(part.as_bytes());
            }
            hex(&hasher.finalize())
        }
        match self {
            Algorithm::Sha256 => run::<Sha256>(parts),
            Algorithm::Md5 => run::<Md5>(parts),
        }
    }
    /// HA1: what may be stored instead of a password.
    pub fn ha1(self, user: &str, realm: &str, password: &str) -> String {
        self.hash(&[user, realm, password])
    }
}

/// Lower-case hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    bytes.iter().flat_map(|b| [DIGITS[(b >> 4) as usize] as char, DIGITS[(b & 15) as usize] as char]).collect()
}

/// A challenge that we understand.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Challenge {
    /// Its realm.
    pub realm: String,
    /// Its nonce.
    pub nonce: String,
    /// To be sent back as it is.
    pub opaque: Option<String>,
    /// How it is hashed.
    pub algorithm: Algorithm,
    /// Whether it offers `qop="auth"`.
    pub auth: bool,
    /// Whether only the nonce was too old, not the password wrong.
    pub stale: bool,
}

impl Challenge {
    /// The topmost challenge of these WWW-Authenticate or Proxy-Authenticate values that we understand.
    pub fn choose<'a>(values: impl Iterator<Item = &'a str>) -> Option<Challenge> {
        values.flat_map(schemes).find_map(|(scheme, fields)| {
            if !scheme.eq_ignore_ascii_case("Digest") {
                return None;
            }
            let auth = match fields.get("qop") {
                None => false,
                Some(qop) => qop.split(',').any(|q| q.trim().eq_ignore_ascii_case("auth")).then_some(true)?,
            };
            Some(Challenge {
                realm: fields.get("realm")?,
                nonce: fields.get("nonce")?,
                opaque: fields.get("opaque"),
                algorithm: fields.get("algorithm").map_or(Some(Algorithm::Md5), |name| Algorithm::of(&name))?,
                auth,
                stale: fields.get("stale").is_some_and(|s| s.eq_ignore_ascii_case("true")),
            })
        })
    }

    /// The value of Authorization or Proxy-Authorization that answers it. The nonce is used once, so its count is 1.
    pub fn answer(&self, credentials: &Credentials, method: &str, uri: &str, cnonce: &str) -> String {
        let ha1 = self.algorithm.ha1(&credentials.user, &self.realm, &credentials.password);
        let ha2 = self.algorithm.hash(&[method, uri]);
        let response = if self.auth {
            self.algorithm.hash(&[&ha1, &self.nonce, "00000001", cnonce, "auth", &ha2])
        } else {
            self.algorithm.hash(&[&ha1, &self.nonce, &ha2])
        };
        let mut value = format!(
            "Digest username=\"{}\", realm=\"{}\", nonce=\"{}\", uri=\"{}\", response=\"{response}\", algorithm={}",
            quoted(&credentials.user),
            quoted(&self.realm),
            quoted(&self.nonce),
            quoted(uri),
            self.algorithm.name()
        );
        if self.auth {
            value.push_str(&format!(", qop=auth, nc=00000001, cnonce=\"{cnonce}\""));
        }
        if let Some(opaque) = &self.opaque {
            value.push_str(&format!(", opaque=\"{}\"", quoted(opaque)));
        }
        value
    }
}

/// What an Authorization header claims.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Claim {
    /// Who.
    pub user: String,
    /// In which realm.
    pub realm: String,
    /// With which nonce.
    pub nonce: String,
    /// The nonce count; none without `qop`.
    pub count: Option<u32>,
    uri: String,
    response: String,
    algorithm: Algorithm,
    cnonce: String,
    count_text: String,
}

impl Claim {
    /// Reads an Authorization value; `None` if it is no digest that we understand.
    pub fn parse(value: &str) -> Option<Claim> {
        let (_, fields) = schemes(value).into_iter().find(|(scheme, _)| scheme.eq_ignore_ascii_case("Digest"))?;
        let (count, count_text) = match fields.get("qop") {
            None => (None, String::new()),
            Some(qop) if qop.eq_ignore_ascii_case("auth") => {
                let text = fields.get("nc")?;
                let well = text.len() == 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
                (Some(u32::from_str_radix(&text, 16).ok().filter(|_| well)?), text)
            }
            Some(_) => return None,
        };
        Some(Claim {
            user: fields.get("username")?,
            realm: fields.get("realm")?,
            nonce: fields.get("nonce")?,
            count,
            uri: fields.get("uri")?,
            response: fields.get("response")?,
            algorithm: fields.get("algorithm").map_or(Some(Algorithm::Md5), |name| Algorithm::of(&name))?,
            cnonce: fields.get("cnonce").unwrap_or_default(),
            count_text,
        })
    }

    /// How it is hashed.
    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }
    /// The URI it was made for.
    pub fn uri(&self) -> &str {
        &self.uri
    }
    /// Whether whoever made it knew this HA1.
    pub fn proves(&self, ha1: &str, method: &str) -> bool {
        let ha2 = self.algorithm.hash(&[method, &self.uri]);
        let wanted = match self.count {
            Some(_) => self.algorithm.hash(&[ha1, &self.nonce, &self.count_text, &self.cnonce, "auth", &ha2]),
            None => self.algorithm.hash(&[ha1, &self.nonce, &ha2]),
        };
        let given = self.response.to_ascii_lowercase();
        // Without an early end, so that the time tells nothing about how far they agree.
        wanted.len() == given.len() && wanted.bytes().zip(given.bytes()).fold(0, |diff, (a, b)| diff | (a ^ b)) == 0
    }
}

struct Fields<'a>(Vec<(&'a str, &'a str)>);

impl Fields<'_> {
    fn get(&self, name: &str) -> Option<String> {
        self.0.iter().find(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| unquote(v).into_owned())
    }
}

/// `Digest a=b, c=d, Digest e=f`: several schemes may stand in one value.
fn schemes(value: &str) -> Vec<(&str, Fields<'_>)> {
    let mut out: Vec<(&str, Fields<'_>)> = vec![];
    for part in split_commas(value) {
        let (name, field_value) = part.split_once('=').unwrap_or((part, ""));
        let (name, field_value) = (name.trim(), field_value.trim());
        match name.split_once(|c: char| c.is_ascii_whitespace()) {
            Some((scheme, first)) => out.push((scheme, Fields(vec![(first.trim(), field_value)]))),
            None => {
                if let Some((_, fields)) = out.last_mut() {
                    fields.0.push((name, field_value));
                }
            }
        }
    }
    out
}

fn quoted(text: &str) -> String {
    text.replace('\\', "\\\\").replace('"', "\\\"")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of RFC 7616 §3.9.1, which gives both digests.
    #[test]
    fn the_rfcs_own_example() {
        for (algorithm, response) in [
            (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
            (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
        ] {
            let value = format!(
                "Digest username=\"Mufasa\", realm=\"http-auth@example.org\", uri=\"/dir/index.html\", algorithm={}, \
                 nonce=\"7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v\", nc=00000001, \
                 cnonce=\"f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ\", qop=auth, response=\"{response}\", \
                 opaque=\"FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS\"",
                algorithm.name()
            );
            let claim = Claim::parse(&value).expect("a digest");
            assert!(claim.proves(&algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of Life"), "GET"));
            assert!(!claim.proves(&algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of life"), "GET"));
            assert!(!claim.proves(&algorithm.ha1("Mufasa", "http-auth@example.org", "Circle of Life"), "PUT"));
        }
    }

    #[test]
    fn what_we_answer_we_would_accept() {
        let credentials = Credentials { user: "a \"b\\".to_owned(), password: "p".to_owned() };
        let check = |challenge: &str, algorithm: Algorithm, count: Option<u32>| {
            let challenge = Challenge::choose([challenge].into_iter()).expect("understood");
            assert_eq!(challenge.algorithm, algorithm);
            let claim = Claim::parse(&challenge.answer(&credentials, "INVITE", "sip:x@y", "cn")).expect("a digest");
            assert_eq!((claim.user.as_str(), claim.count, claim.uri()), ("a \"b\\", count, "sip:x@y"));
            assert!(claim.proves(&algorithm.ha1("a \"b\\", &challenge.realm, "p"), "INVITE"));
        };
        check("Digest realm=\"r\", nonce=\"n\"", Algorithm::Md5, None);
        check("Digest realm=\"r\", nonce=\"n\", qop=\"auth,auth-int\", algorithm=MD5", Algorithm::Md5, Some(1));
        check(
            "Digest realm=\"r\", qop=\"auth\", nonce=\"n\", algorithm=SHA-256, opaque=\"o\"",
            Algorithm::Sha256,
            Some(1),
        );
        check(
            "Basic realm=\"x\", Digest realm=\"a\", nonce=\"n\", algorithm=SHA-512-256, Digest realm=\"r\", nonce=\"m\"",
            Algorithm::Md5,
            None,
        );
    }

    #[test]
    fn what_is_not_understood() {
        for value in [
            "",
            "NoOneKnowsThisScheme opaque-data=here",
            "Digest",
            "Digest realm=\"r\"",
            "Digest realm=r, nonce=n, qop=auth-int",
        ] {
            assert_eq!(Challenge::choose([value].into_iter()), None, "{value}");
            assert_eq!(Claim::parse(value), None, "{value}");
        }
        assert_eq!(
            Claim::parse("Digest username=u, realm=r, nonce=n, uri=x, response=y, qop=auth, nc=+0000001, cnonce=c"),
            None
        );
    }
}
