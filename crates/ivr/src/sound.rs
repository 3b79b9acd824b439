//! The one form of sound that is played: RIFF WAVE, PCM, 8 kHz, mono, 16 bit.
//!
//! Reads the header only. Does not convert: another form is refused, with what it is.

/// What a sound's header says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sound<'a> {
    /// The samples.
    pub data: &'a [u8],
    /// How long it takes.
    pub millis: u64,
}

/// Reads a sound, or says why it cannot be played.
pub fn samples(bytes: &[u8]) -> Result<Sound<'_>, String> {
    let number16 = |at: usize| bytes.get(at..at + 2).map_or(0, |b| u16::from_le_bytes([b[0], b[1]]));
    let number32 = |at: usize| bytes.get(at..at + 4).map_or(0, |b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]));
    if bytes.get(..4) != Some(b"RIFF") || bytes.get(8..12) != Some(b"WAVE") {
        return Err("it is not a WAVE file".into());
    }
    let mut at = 12;
    let mut format = None;
    while let Some(id) = bytes.get(at..at + 4) {
        let size = number32(at + 4) as usize;
        let body = at + 8;
        match id {
            b"fmt " => format = Some((number16(body), number16(body + 2), number32(body + 4), number16(body + 14))),
            b"data" => {
                let data = bytes.get(body..body.saturating_add(size)).ok_or("it ends before its sound does")?;
                return match format {
                    Some((1, 1, 8000, 16)) => Ok(Sound { data, millis: data.len() as u64 / 16 }),
                    Some((1, channels, hertz, bits)) => {
                        Err(format!("it has {channels} channels, {hertz} Hz and {bits} bit"))
                    }
                    Some((coding, ..)) => Err(format!("its coding is number {coding}, not PCM")),
                    None => Err("it does not say what its sound is".into()),
                };
            }
            _ => {}
        }
        at = body.saturating_add(size).saturating_add(size % 2);
    }
    Err("it has no sound in it".into())
}

/// A silent sound of that length, at so many samples a second: for examples and tests.
pub(crate) fn silence(millis: u64, hertz: u32) -> Vec<u8> {
    let len = (millis * u64::from(hertz) / 1000) as u32 * 2;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + len).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(hertz.to_le_bytes());
    wav.extend((hertz * 2).to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(len.to_le_bytes());
    wav.resize(wav.len() + len as usize, 0);
    wav
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn only_one_form_is_taken() {
        let good = silence(1500, 8000);
        assert_eq!(samples(&good).map(|s| (s.millis, s.data.len())), Ok((1500, 24_000)));
        let change = |at: usize, byte: u8| {
            let mut wav = good.clone();
            wav[at] = byte;
            wav
        };
        for (wav, why) in [
            (vec![], "not a WAVE"),
            (change(0, b'X'), "not a WAVE"),
            (change(22, 2), "2 channels"),
            (change(25, 0x3e), "15936 Hz"),
            (change(34, 8), "8 bit"),
            (change(20, 7), "number 7"),
            (good[..100].to_vec(), "ends before"),
            (good[..36].to_vec(), "no sound"),
        ] {
            let said = samples(&wav).expect_err(why);
            assert!(said.contains(why), "{said} / {why}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic_it(tail in proptest::collection::vec(any::<u8>(), 0..80)) {
            let _ = samples(&[&b"RIFF\0\0\0\0WAVEfmt "[..], &tail].concat());
        }
    }
}
