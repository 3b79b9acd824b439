//! What bad lines, bad translators and bad people make of a datagram.
use bytes::Bytes;
use switchboard_model::Chance;

/// What looks harmless and is not: what parsers stumble over.
const SPLINTERS: [&[u8]; 26] = [
    b"\r\n",
    b"\r\n\r\n",
    b"\n",
    b"\r",
    b"\0",
    b"\xff\xfe",
    "一号".as_bytes(),
    b"\"",
    b"<",
    b">",
    b";",
    b",",
    b":",
    b"@",
    b"%",
    b"%00",
    b"[::1",
    b";tag=",
    b";branch=z9hG4bK",
    b"-1",
    b"0",
    b"4294967296",
    b"99999999999999999999999999",
    b"Content-Length: 7\r\n",
    b"\r\n m=audio 0 RTP/AVP",
    b"CANCEL",
];

/// One to four wounds.
pub fn damage(chance: &mut Chance, datagram: &Bytes) -> Bytes {
    let mut bytes = datagram.to_vec();
    for _ in 0..=chance.below(4) {
        wound(chance, &mut bytes);
    }
    bytes.into()
}

fn wound(chance: &mut Chance, bytes: &mut Vec<u8>) {
    let mut below = |n: usize| chance.below(n.max(1) as u64) as usize;
    let at = below(bytes.len());
    let some = below(40).min(bytes.len() - at);
    match below(8) {
        0 if !bytes.is_empty() => bytes[at] ^= 1 << below(8),
        1 => drop(bytes.drain(at..at + some)),
        2 => {
            let again = bytes[at..at + some].to_vec();
            bytes.splice(at..at, again);
        }
        3 => drop(bytes.splice(at..at + some.min(4), SPLINTERS[below(SPLINTERS.len())].iter().copied())),
        4 => bytes.truncate(at),
        // A number of its own becomes another.
        5 => {
            let digits: Vec<usize> = (0..bytes.len()).filter(|i| bytes[*i].is_ascii_digit()).collect();
            if let Some(&digit) = digits.get(below(digits.len())) {
                bytes[digit] = b'0' + below(10) as u8;
            }
        }
        // Two lines change places, or one is there twice.
        _ => {
            let mut lines: Vec<Vec<u8>> = bytes.split(|b| *b == b'\n').map(<[u8]>::to_vec).collect();
            let (one, other) = (below(lines.len()), below(lines.len()));
            if below(2) == 0 {
                lines.swap(one, other);
            } else {
                let twice = lines[one].clone();
                lines.insert(other, twice);
            }
            *bytes = lines.join(&b'\n');
        }
    }
}
