//! Reads what devices really send.
//!
//! ```text
//!   bytes ─► lines (CRLF, LF or CR) ─► only those that concern us, in the one form the typed reader takes ─► sdp-types
//! ```
//! Dropped before the typed reader sees them: times, zones, keys, bandwidths, titles, e-mails, lines that are not `x=…`, a
//! second `c=` or `o=`, and origins and addresses that are out of form. Nothing we decide by depends on those. A media line
//! is never dropped, for the answer must have one for each (RFC 3264 §6): one that cannot be read makes the whole unreadable.
use super::{MEDIA_LINES_MAX, Malformed, SdpError, Session, TEXT_BYTES_MAX};

/// Reads a description.
pub fn parse(text: &[u8]) -> Result<Session, SdpError> {
    if text.len() > TEXT_BYTES_MAX {
        return Err(SdpError::TooLong(text.len()));
    }
    let fit = make_fit(&String::from_utf8_lossy(text)).map_err(SdpError::Malformed)?;
    let typed = sdp_types::Session::parse(fit.as_bytes()).map_err(|_| SdpError::Malformed(Malformed::Form))?;
    Ok(Session { typed })
}

fn make_fit(text: &str) -> Result<String, Malformed> {
    let mut lines = text.split(['\r', '\n']).map(str::trim).filter(|line| !line.is_empty());
    // A byte order mark, or nothing at all, is not a description.
    if lines.next().and_then(value_of('v')) != Some("0") {
        return Err(Malformed::NoVersion);
    }
    let mut fit = String::from("v=0\r\n");
    let (mut origin, mut name, mut address, mut media) = (false, false, false, 0);
    for line in lines {
        let Some((key, value)) = line.split_once('=').filter(|(key, _)| key.len() == 1) else { continue };
        let value = value.trim();
        if value.contains('\0') {
            continue;
        }
        match key {
            "m" if media == MEDIA_LINES_MAX => return Err(Malformed::TooManyLines),
            "m" => {
                push(&mut fit, 'm', &media_line(value).ok_or(Malformed::MediaLine)?);
                media += 1;
                address = false;
            }
            "o" if media == 0 && !origin => {
                if let Some(value) = origin_line(value) {
                    push(&mut fit, 'o', &value);
                    origin = true;
                }
            }
            "s" if media == 0 && !name => {
                push(&mut fit, 's', if value.is_empty() { "-" } else { value });
                name = true;
            }
            "c" if !address => {
                if let Some(value) = address_line(value) {
                    push(&mut fit, 'c', &value);
                    address = true;
                }
            }
            "a" if !value.is_empty() => push(&mut fit, 'a', value),
            _ => {}
        }
    }
    Ok(fit)
}

fn value_of(key: char) -> impl Fn(&str) -> Option<&str> {
    move |line| line.strip_prefix(key)?.trim_start().strip_prefix('=').map(str::trim)
}

fn push(fit: &mut String, key: char, value: &str) {
    fit.push(key);
    fit.push('=');
    fit.push_str(value);
    fit.push_str("\r\n");
}

/// `audio 4000 RTP/AVP 8 0`, single blanks. A port like `4000/2` keeps its first number.
fn media_line(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let [media, port, proto, formats @ ..] = words.as_slice() else { return None };
    let port: u16 = port.split('/').next()?.parse().ok()?;
    if formats.is_empty() {
        return None;
    }
    Some(format!("{media} {port} {proto} {}", formats.join(" ")))
}

/// The last five words count; a user name with blanks in it is a known habit. A version beyond 64 bits reads as 0.
fn origin_line(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    let [.., id, version, net, family, address] = words.as_slice() else { return None };
    let version: u64 = version.parse().unwrap_or(0);
    is_token(net).then_some(())?;
    is_token(family).then_some(())?;
    Some(format!("- {id} {version} {net} {family} {address}"))
}

fn address_line(value: &str) -> Option<String> {
    let words: Vec<&str> = value.split_whitespace().collect();
    match words.as_slice() {
        [net, family, address, ..] if is_token(net) && is_token(family) => Some(format!("{net} {family} {address}")),
        _ => None,
    }
}

fn is_token(word: &str) -> bool {
    word.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn check(text: &str, expected: Result<usize, SdpError>) {
        assert_eq!(parse(text.as_bytes()).map(|s| s.typed().medias.len()), expected, "{text:?}");
    }

    #[test]
    fn what_devices_send_is_read() {
        check(
            "v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nc=IN IP4 10.0.0.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n",
            Ok(1),
        );
        check("v=0\nm=audio 4000 RTP/AVP 8\nm=video 0 RTP/AVP 96\n", Ok(2));
        check("v=0\rm=audio 4000 RTP/AVP 8\r", Ok(1));
        check("v=0\r\ns=\r\nm=audio  4000  RTP/AVP   8  0 \r\n", Ok(1));
        check(
            "v=0\r\no=John Q Public 1 99999999999999999999999 IN IP4 h\r\nt=now then\r\nm=audio 4/2 RTP/AVP 8\r\n",
            Ok(1),
        );
        check(
            "v=0\r\no=x\r\nc=oops\r\nc=IN IP4 10.0.0.1\r\nc=IN IP4 10.0.0.2\r\nr=1\r\nz=\r\nk=\r\nb=AS\r\nnonsense\r\na=\r\n",
            Ok(0),
        );
        check("v=0\r\na=x\0y\r\nm=audio 4000 RTP/AVP 8\r\n", Ok(1));
        check("v=0\r\no=- 1 1 I-N IP(4 h\r\nc=I,N IP4 h\r\nm=audio 4000 RTP/AVP 8\r\n", Ok(1));
    }

    #[test]
    fn what_cannot_be_read_says_why() {
        check("", Err(SdpError::Malformed(Malformed::NoVersion)));
        check("hello", Err(SdpError::Malformed(Malformed::NoVersion)));
        check("v=1\r\n", Err(SdpError::Malformed(Malformed::NoVersion)));
        check("v=0\r\nm=audio RTP/AVP 8\r\n", Err(SdpError::Malformed(Malformed::MediaLine)));
        check("v=0\r\nm=audio 70000 RTP/AVP 8\r\n", Err(SdpError::Malformed(Malformed::MediaLine)));
        check("v=0\r\nm=audio 4000 RTP/AVP\r\n", Err(SdpError::Malformed(Malformed::MediaLine)));
        let many = format!("v=0\r\n{}", "m=audio 1 RTP/AVP 8\r\n".repeat(MEDIA_LINES_MAX + 1));
        check(&many, Err(SdpError::Malformed(Malformed::TooManyLines)));
        check(&"v".repeat(TEXT_BYTES_MAX + 1), Err(SdpError::TooLong(TEXT_BYTES_MAX + 1)));
    }

    #[test]
    fn the_version_is_kept() {
        let session = parse(b"v=0\r\no=a b 7 42 IN IP4 10.0.0.1\r\n").expect("readable");
        assert_eq!(session.version(), 42);
    }

    proptest! {
        #[test]
        fn no_bytes_panic_it(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _ = parse(&bytes);
        }
        /// Lines of the right letters with any value are either read or refused as a media line, never as out of form.
        #[test]
        fn only_media_lines_make_it_unreadable(lines in proptest::collection::vec("[vosctbakiuepzrm]=[ -~é]{0,30}", 0..12)) {
            let text = format!("v=0\r\n{}", lines.join("\r\n"));
            match parse(text.as_bytes()) {
                Ok(_) | Err(SdpError::Malformed(Malformed::MediaLine)) => {}
                Err(e) => prop_assert!(false, "{e:?} from {text:?}"),
            }
        }
    }
}
