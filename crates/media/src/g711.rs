//! G.711: A-law and µ-law, to and from samples and each other (ITU-T G.711).
//!
//! ```text
//!   sign │ exponent (3) │ mantissa (4)         A-law: even bits inverted          µ-law: all bits inverted, magnitude + 132
//! ```
//! Everything on the way of a packet is a look-up of one byte; encoding is arithmetic and happens when a sound is prepared.
use switchboard_wire::sdp::Codec;

/// Samples in one frame of 20 ms.
pub const FRAME_SAMPLES: usize = 160;

/// Samples a second.
pub const RATE_HZ: u32 = 8_000;

/// The byte that means silence.
pub const fn silence(codec: Codec) -> u8 {
    match codec {
        Codec::Pcma => 0xd5,
        Codec::Pcmu => 0xff,
    }
}

/// A byte's sample.
pub const fn decode(codec: Codec, byte: u8) -> i16 {
    match codec {
        Codec::Pcma => A_TO_PCM[byte as usize],
        Codec::Pcmu => U_TO_PCM[byte as usize],
    }
}

/// A sample's byte.
pub const fn encode(codec: Codec, sample: i16) -> u8 {
    match codec {
        Codec::Pcma => a_of(sample),
        Codec::Pcmu => u_of(sample),
    }
}

/// A byte of one law as the byte of another that sounds like it.
pub const fn translate(from: Codec, to: Codec, byte: u8) -> u8 {
    match (from, to) {
        (Codec::Pcma, Codec::Pcmu) => A_TO_U[byte as usize],
        (Codec::Pcmu, Codec::Pcma) => U_TO_A[byte as usize],
        (Codec::Pcma, Codec::Pcma) | (Codec::Pcmu, Codec::Pcmu) => byte,
    }
}

static A_TO_PCM: [i16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = pcm_of_a(i as u8);
        i += 1;
    }
    table
};
static U_TO_PCM: [i16; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = pcm_of_u(i as u8);
        i += 1;
    }
    table
};
static A_TO_U: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = u_of(pcm_of_a(i as u8));
        i += 1;
    }
    table[silence(Codec::Pcma) as usize] = silence(Codec::Pcmu);
    table
};
static U_TO_A: [u8; 256] = {
    let mut table = [0; 256];
    let mut i = 0;
    while i < 256 {
        table[i] = a_of(pcm_of_u(i as u8));
        i += 1;
    }
    table
};

const fn pcm_of_a(byte: u8) -> i16 {
    let code = byte ^ 0x55;
    let exponent = (code >> 4) & 7;
    let mantissa = ((code & 0x0f) as i16) << 4;
    let magnitude = if exponent == 0 { mantissa + 8 } else { (mantissa + 0x108) << (exponent - 1) };
    if code & 0x80 == 0 { -magnitude } else { magnitude }
}

const fn a_of(sample: i16) -> u8 {
    // One's complement, so that the intervals on both sides of zero are alike.
    let (sign, magnitude) = if sample < 0 { (0, !sample as u16) } else { (0x80, sample as u16) };
    let code = if magnitude < 0x100 {
        (magnitude >> 4) as u8
    } else {
        let exponent = 8 - magnitude.leading_zeros() as u8;
        exponent << 4 | ((magnitude >> (exponent + 3)) & 0x0f) as u8
    };
    (sign | code) ^ 0x55
}

const BIAS: u16 = 0x84;
const CLIP: u16 = 32_635;

const fn pcm_of_u(byte: u8) -> i16 {
    let code = !byte;
    let exponent = (code >> 4) & 7;
    let magnitude = (((((code & 0x0f) as u16) << 3) + BIAS) << exponent) - BIAS;
    if code & 0x80 == 0 { magnitude as i16 } else { -(magnitude as i16) }
}

const fn u_of(sample: i16) -> u8 {
    let sign = if sample < 0 { 0x80 } else { 0 };
    let magnitude = sample.unsigned_abs();
    let magnitude = if magnitude > CLIP { CLIP } else { magnitude } + BIAS;
    let exponent = 8 - magnitude.leading_zeros() as u8;
    !(sign | exponent << 4 | ((magnitude >> (exponent + 3)) & 0x0f) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn known_values() {
        // ITU-T G.711, tables 1a and 2a: the outermost, the innermost and a middle value of each law, at 16 bits.
        for (codec, byte, sample) in [
            (Codec::Pcma, 0xd5, 8),
            (Codec::Pcma, 0x55, -8),
            (Codec::Pcma, 0xaa, 32_256),
            (Codec::Pcma, 0x2a, -32_256),
            (Codec::Pcma, 0xc5, 264),
            (Codec::Pcmu, 0xff, 0),
            (Codec::Pcmu, 0x80, 32_124),
            (Codec::Pcmu, 0x00, -32_124),
            (Codec::Pcmu, 0xef, 132),
        ] {
            assert_eq!(decode(codec, byte), sample, "{codec:?} {byte:#x}");
            assert_eq!(encode(codec, sample), byte, "{codec:?} {sample}");
        }
    }

    #[test]
    fn every_byte_comes_back() {
        for codec in Codec::ALL {
            for byte in 0..=255 {
                // µ-law has two zeros; the negative one comes back as the other.
                let expected = if (codec, byte) == (Codec::Pcmu, 0x7f) { 0xff } else { byte };
                assert_eq!(encode(codec, decode(codec, byte)), expected, "{codec:?}");
            }
        }
    }

    #[test]
    fn translation_keeps_silence_and_loudness() {
        assert_eq!(translate(Codec::Pcma, Codec::Pcmu, 0xd5), 0xff);
        assert_eq!(translate(Codec::Pcmu, Codec::Pcma, 0xff), 0xd5);
        for (from, to) in [(Codec::Pcma, Codec::Pcmu), (Codec::Pcmu, Codec::Pcma)] {
            for byte in 0..=255 {
                let before = i32::from(decode(from, byte));
                let after = i32::from(decode(to, translate(from, to, byte)));
                assert!((before - after).abs() <= 8 + before.abs() / 16, "{from:?} {byte:#x}: {before} became {after}");
            }
        }
    }

    proptest! {
        /// The step at a magnitude is at most a sixteenth of it; the error half of that, and the clipped top a little more.
        #[test]
        fn a_sample_comes_back_nearly(sample: i16) {
            for codec in Codec::ALL {
                let back = i32::from(decode(codec, encode(codec, sample)));
                let sample = i32::from(sample);
                prop_assert!((back - sample).abs() <= 8 + sample.abs() / 31, "{codec:?}: {sample} became {back}");
            }
        }
        #[test]
        fn louder_stays_louder(a: i16, b: i16) {
            for codec in Codec::ALL {
                let (low, high) = (a.min(b), a.max(b));
                prop_assert!(decode(codec, encode(codec, low)) <= decode(codec, encode(codec, high)));
            }
        }
    }
}
