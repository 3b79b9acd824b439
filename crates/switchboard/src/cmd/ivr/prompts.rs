//! `switchboard ivr prompts`: speaks the prompts that have no sound yet, plays the waiting music, and says which sounds are synthetic.
//!
//! ```text
//!   prompts.yaml ──text, say──► espeak-ng ──22 050 Hz──► sox: 8 kHz mono 16 bit, silence cut, one loudness ──mark──► *.wav
//! ```
//! The voices are synthetic: good enough to hear every path, to be replaced by recorded ones; a mark in the file says which are. The melody
//! is our own. A text that the Mandarin voice would spell in English letters is refused (espeak-ng 1.51 does that to some words).
use crate::cmd::say::say;
use crate::cmd::{Done, Json, write_json};
use serde_json::json;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use switchboard_source::{Fields, Item, has_errors, read, render};

/// Language folder, voice, words a minute.
const VOICES: [(&str, &str, &str); 3] =
    [("zh-CN", "cmn-latn-pinyin", "210"), ("en", "en-gb", "175"), ("yue", "yue", "190")];
/// The longest prompt: whoever needs more says too much.
const SECONDS_MAX: u64 = 8;
/// Bytes of one second.
const BYTES_A_SECOND: u64 = 16_000;

/// Sounds of prompts.
#[derive(clap::Args, Debug)]
pub struct Prompts {
    /// The folder in which prompts.yaml lies.
    #[arg(default_value = "ivr-menus")]
    folder: PathBuf,
    /// Make every sound anew, recorded ones too.
    #[arg(long, conflicts_with = "list")]
    all: bool,
    /// Make nothing: only say which sounds are missing, synthetic or recorded.
    #[arg(long)]
    list: bool,
    #[command(flatten)]
    json: Json,
}

/// What there is of a sound.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum State {
    Missing,
    Synthetic,
    Recorded,
}

impl Prompts {
    /// Exit code 0: every sound is there; 1: with `--list`, some are missing; 2: prompts.yaml cannot be read, or a sound not made.
    pub fn run(self) -> Done {
        let path = self.folder.join("prompts.yaml").to_string_lossy().into_owned();
        let bytes = fs::read(&path).map_err(|e| format!("cannot read {path}: {e}"))?;
        let takes = takes(&path, &bytes)?;
        let mut made = 0;
        for (file, words) in takes.iter().filter(|_| !self.list) {
            let target = self.folder.join(file);
            if self.all || !target.exists() {
                make(file, words.as_deref(), &target)?;
                made += 1;
            }
        }
        let states: Vec<(&str, State)> = takes.keys().map(|f| (f.as_str(), state(&self.folder.join(f)))).collect();
        let of = |wanted: State| states.iter().filter(move |(_, s)| *s == wanted);
        of(State::Missing).for_each(|(file, _)| say!("缺少 missing: {file}"));
        let (missing, synthetic, recorded) =
            (of(State::Missing).count(), of(State::Synthetic).count(), of(State::Recorded).count());
        say!("{made} 新做 made; {missing} 缺少 missing, {synthetic} 合成 synthetic, {recorded} 录音 recorded");
        let word = |s: State| format!("{s:?}").to_lowercase();
        let list: Vec<_> = states.iter().map(|(file, s)| json!({ "file": file, "state": word(*s) })).collect();
        write_json(self.json.json.as_deref(), &list)?;
        Ok(missing == 0)
    }
}

fn state(file: &Path) -> State {
    match fs::read(file) {
        Ok(bytes) if bytes.ends_with(&mark()) => State::Synthetic,
        Ok(_) => State::Recorded,
        Err(_) => State::Missing,
    }
}

fn make(file: &str, words: Option<&str>, target: &Path) -> Result<(), String> {
    let failed = |e: std::io::Error| format!("cannot write {}: {e}", target.display());
    if let Some(folder) = target.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    if let Some(words) = words {
        speak(file, words, &target.to_string_lossy())?;
    }
    let sound = if words.is_some() { fs::read(target).map_err(failed)? } else { music() };
    fs::write(target, marked(sound)).map_err(failed)
}

/// A RIFF comment (LIST INFO ICMT) after the samples: players pass over it.
fn mark() -> Vec<u8> {
    const COMMENT: &[u8; 20] = b"synthetic: espeak-ng";
    let mut chunk = b"LIST".to_vec();
    chunk.extend((4 + 8 + COMMENT.len() as u32).to_le_bytes());
    chunk.extend(b"INFOICMT");
    chunk.extend((COMMENT.len() as u32).to_le_bytes());
    chunk.extend(COMMENT);
    chunk
}

/// The sound with the mark, and the length of the whole set right.
fn marked(mut sound: Vec<u8>) -> Vec<u8> {
    sound.extend(mark());
    let rest = (sound.len() - 8) as u32;
    sound[4..8].copy_from_slice(&rest.to_le_bytes());
    sound
}

/// Sound file → what to say; nothing to say is music.
fn takes(path: &str, bytes: &[u8]) -> Result<BTreeMap<String, Option<String>>, String> {
    let (doc, mut faults) = read("IVR", path, bytes);
    let mut takes = BTreeMap::new();
    if let Some(doc) = doc {
        let prompts = doc.top().fields(&mut faults).and_then(|mut f| f.must("prompts", &mut faults));
        for (name, item) in prompts.map_or(vec![], |p| p.entries(&mut faults)) {
            let Some(mut fields) = item.fields(&mut faults) else { continue };
            let usual = VOICES.map(|(word, ..)| (word, format!("prompts/{word}/{name}.wav")));
            for (word, file) in usual.into_iter().chain([("all", format!("prompts/{name}.wav"))]) {
                if let Some(mut take) = fields.may(word).and_then(|i| i.fields(&mut faults)) {
                    let file = text(&mut take, "file").unwrap_or(file);
                    let words = text(&mut take, "say").or(text(&mut take, "text"));
                    takes.insert(file, words);
                }
            }
        }
    }
    if has_errors(&faults) { Err(render(&faults)) } else { Ok(takes) }
}

fn text(fields: &mut Fields<'_>, name: &'static str) -> Option<String> {
    let of = |item: Item<'_>| item.text(&mut vec![]).map(|t| t.value);
    fields.may(name).and_then(of)
}

fn speak(file: &str, words: &str, target: &str) -> Result<(), String> {
    let folder = file.split('/').nth(1).unwrap_or_default();
    let (_, voice, speed) = VOICES
        .into_iter()
        .find(|(word, ..)| *word == folder)
        .ok_or_else(|| format!("{file}: no voice for `{folder}`"))?;
    let phonemes = output(Command::new("espeak-ng").args(["-v", voice, "-x", "-q", words]))?;
    if voice != "en-gb" && phonemes.contains("(en)") {
        return Err(format!("{file}: the voice would read a part of `{words}` as English; write `say:`"));
    }
    let raw = format!("{target}.raw.wav");
    output(Command::new("espeak-ng").args(["-v", voice, "-s", speed, "-w", &raw, words]))?;
    // Cut silence at both ends, keep a breath at the end, and bring all to one loudness.
    let cut = ["silence", "1", "0.02", "0.3%", "reverse", "silence", "1", "0.02", "0.3%", "reverse"];
    let shape = ["-R", &raw, "-r", "8000", "-c", "1", "-b", "16", "-D", target, "highpass", "120"];
    let rest = ["pad", "0.03", "0.22", "norm", "-3"];
    output(Command::new("sox").args(shape).args(cut).args(rest))?;
    fs::remove_file(&raw).map_err(|e| format!("{raw}: {e}"))?;
    let bytes = fs::metadata(target).map_err(|e| format!("{target}: {e}"))?.len();
    if bytes > SECONDS_MAX * BYTES_A_SECOND {
        return Err(format!("{file}: longer than {SECONDS_MAX} s"));
    }
    Ok(())
}

fn output(command: &mut Command) -> Result<String, String> {
    let name = command.get_program().to_string_lossy().into_owned();
    let output = command.output().map_err(|e| format!("{name}: {e} (apt-get install espeak-ng sox)"))?;
    match output.status.success() {
        true => Ok(String::from_utf8_lossy(&output.stdout).into_owned()),
        false => Err(format!("{name}: {}", String::from_utf8_lossy(&output.stderr))),
    }
}

/// A quiet melody over four chords, plucked, that can be repeated without a seam. Half-tones from middle C; −1 is a rest.
fn music() -> Vec<u8> {
    const MELODY: [i32; 32] = [
        7, -1, 12, 11, 9, -1, 7, -1, 5, -1, 9, 7, 4, -1, -1, -1, 2, -1, 5, 9, 7, -1, 4, -1, 5, 4, 2, -1, 0, -1, -1, -1,
    ];
    const CHORDS: [[i32; 3]; 8] =
        [[0, 4, 7], [5, 9, 12], [5, 9, 12], [0, 4, 7], [2, 5, 9], [0, 4, 7], [7, 11, 14], [0, 4, 7]];
    const NOTE_S: f64 = 0.45;
    const RATE: f64 = 8000.0;
    let total = (MELODY.len() as f64 * NOTE_S * RATE) as usize;
    let mut mix = vec![0.0f64; total];
    let mut pluck = |at_s: f64, half_tones: i32, loud: f64, decay_s: f64| {
        let hertz = 261.63 * 2f64.powf(f64::from(half_tones) / 12.0);
        for i in 0..(decay_s * 4.0 * RATE) as usize {
            let t = i as f64 / RATE;
            let attack = (t / 0.008).min(1.0);
            let tone =
                (TAU * hertz * t).sin() + 0.35 * (TAU * 2.0 * hertz * t).sin() + 0.12 * (TAU * 3.0 * hertz * t).sin();
            // What outlasts the end is heard at the beginning, so that there is no seam.
            mix[((at_s * RATE) as usize + i) % total] += loud * attack * (-t / decay_s).exp() * tone;
        }
    };
    for (i, &note) in MELODY.iter().enumerate().filter(|(_, n)| **n >= 0) {
        pluck(i as f64 * NOTE_S, note, 0.20, 0.55);
    }
    for (i, chord) in CHORDS.iter().enumerate() {
        for (j, &note) in chord.iter().enumerate() {
            pluck((i * 4) as f64 * NOTE_S + j as f64 * 0.06, note - 12, 0.09, 0.9);
        }
    }
    let loudest = mix.iter().fold(0.0f64, |a, b| a.max(b.abs())).max(1e-9);
    let samples = mix.iter().flat_map(|s| ((s / loudest * 12_000.0) as i16).to_le_bytes());
    wave(samples.collect())
}

/// The header of 8 kHz, mono, 16 bit in front of the samples.
fn wave(samples: Vec<u8>) -> Vec<u8> {
    let len = samples.len() as u32;
    let mut wav = b"RIFF".to_vec();
    wav.extend((36 + len).to_le_bytes());
    wav.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0");
    wav.extend(8000u32.to_le_bytes());
    wav.extend(16_000u32.to_le_bytes());
    wav.extend(b"\x02\0\x10\0data");
    wav.extend(len.to_le_bytes());
    wav.extend(samples);
    wav
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_spoken_once_and_music_says_nothing() {
        let yaml = "prompts:\n  a: { kind: menu, zh-CN: { text: 甲, say: 假 }, en: { text: A, file: x/en/b.wav } }\n  m: { kind: music, all: {} }\n";
        let takes = takes("p.yaml", yaml.as_bytes()).expect("sound YAML");
        let wants = [("prompts/m.wav", None), ("prompts/zh-CN/a.wav", Some("假")), ("x/en/b.wav", Some("A"))];
        let seen: Vec<_> = takes.iter().map(|(f, w)| (f.as_str(), w.as_deref())).collect();
        assert_eq!(seen, wants);
    }

    #[test]
    fn a_marked_sound_is_the_same_sound_and_known_again() {
        let (plain, with) = (music(), marked(music()));
        let samples = |wav: &[u8]| {
            switchboard_media::Sound::from_wav(wav).map(|s| s.bytes(switchboard_media::Codec::Pcma).to_vec())
        };
        assert_eq!(samples(&plain).expect("a sound"), samples(&with).expect("a sound"));
        assert!(with.ends_with(&mark()) && !plain.ends_with(&mark()));
        assert_eq!(u32::from_le_bytes([with[4], with[5], with[6], with[7]]) as usize + 8, with.len());
    }

    #[test]
    fn the_music_is_about_fifteen_seconds_and_has_no_seam() {
        let wav = music();
        let samples: Vec<i16> = wav[44..].chunks_exact(2).map(|b| i16::from_le_bytes([b[0], b[1]])).collect();
        assert!((14 * 8000..16 * 8000).contains(&samples.len()), "{}", samples.len());
        let step = |a: i16, b: i16| i32::from(a).abs_diff(i32::from(b));
        let usual = samples.windows(2).map(|w| step(w[0], w[1])).max();
        assert!(Some(step(samples[samples.len() - 1], samples[0])) <= usual);
    }
}
