//! Every way through a service, and what of it is written down.
use super::*;
use std::collections::BTreeMap;
use switchboard_ivr::{Collect, Facts, Said, Sources, compile, spoken::Form};
use switchboard_model::{Record, RecordKey, RecordKind};

const KEY: RecordKey = RecordKey { kind: RecordKind::Call, id: 1 };

fn service() -> Service {
    let collect = |name: &str, digits| Collect { name: name.to_owned(), prompt: String::new(), digits };
    Service {
        collect: vec![collect("account", (6, 19)), collect("pin", (6, 6))],
        time_limit_s: 6,
        attempts: 2,
        again: None,
        say: vec![Said::Value(Form::Digits, "n".to_owned())],
    }
}

/// Menus with the ten digits, the only words that this service says.
fn menus() -> Menus {
    let mut sources = Sources::new();
    let mut prompts = "version: 1\nprompts:\n".to_owned();
    for name in (0..10).map(|d| format!("digit_{d}")).chain(["agent".to_owned()]) {
        prompts += &format!("  {name}: {{ kind: menu, zh-CN: {{ text: 人工服务请按零 }} }}\n");
        sources.add(format!("prompts/zh-CN/{name}.wav"), wav());
    }
    sources.add("prompts.yaml", prompts.into_bytes());
    let menu = "version: 1\nmenu: main\ntitle: x\nlanguages: [zh-CN]\nannounce_first: \"0\"\noptions:\n  \"0\": { prompt: agent, queue: general }\n  \
                \"*\": { replay: true }\nno_input: { after_s: 6, replay: 1, then: { queue: general } }\nno_match: { replay: 1, then: { queue: general } }\n";
    sources.add("main.yaml", menu.as_bytes().to_vec());
    let queue = switchboard_ivr::QueueFacts {
        agents: BTreeMap::from([(Language::Mandarin, 2)]),
        ..switchboard_ivr::QueueFacts::default()
    };
    let facts = Facts { queues: BTreeMap::from([("general".to_owned(), queue)]), ..Facts::default() };
    let (menus, faults) = compile(&sources, &facts);
    menus.unwrap_or_else(|| panic!("{faults:?}"))
}

/// A second of silence, as the rules for sounds want it.
fn wav() -> Vec<u8> {
    let mut wav = b"RIFF".to_vec();
    wav.extend(16_036_u32.to_le_bytes());
    wav.extend(b"WAVEfmt ");
    wav.extend(16_u32.to_le_bytes());
    wav.extend([1_u16.to_le_bytes(), 1_u16.to_le_bytes()].concat());
    wav.extend([8_000_u32.to_le_bytes(), 16_000_u32.to_le_bytes()].concat());
    wav.extend([2_u16.to_le_bytes(), 16_u16.to_le_bytes()].concat());
    wav.extend(b"data");
    wav.extend(16_000_u32.to_le_bytes());
    wav.resize(16_044, 0);
    wav
}

/// Keys; `.` twenty seconds without a key; `y` done, `x` done with what cannot be said, `n` refused, `l` locked, `d` down; `p` the play is over;
/// `r` a restart. Then how it ended, and what the last question was.
fn check(story: &str, end: Option<ServeEnd>, asked: Option<&str>) {
    let menus = menus();
    let mut now = Instant::from_millis(1_000);
    let (mut serving, _) = Serving::begin(now, "balance", &service(), 1, 1);
    let (mut over, mut last, mut number) = (None, None, 1);
    for word in story.chars() {
        now = now + Duration::from_secs(if word == '.' { 20 } else { 1 });
        number += 1;
        let at = Moment { now, number, menus: menus.clone(), service: service(), language: Language::Mandarin };
        let values = |text: &str| BTreeMap::from([("n".to_owned(), text.to_owned())]);
        let answer = match word {
            'y' => Some(Answer::Served { values: values("12") }),
            'x' => Some(Answer::Served { values: values("twelve") }),
            'n' => Some(Answer::Refused),
            'l' => Some(Answer::Locked),
            'd' => Some(Answer::Down),
            _ => None,
        };
        let step = match (answer, word) {
            (Some(answer), _) => serving.answered(&at, (serving.lookup(), answer)),
            (None, '.') => serving.timeout(&at),
            (None, 'p') => serving.played(serving.play),
            (None, 'r') => {
                serving = Record::write(KEY, 1, &serving).read(1).expect("what was just written");
                Step::Wait
            }
            (None, face) => serving.digit(&at, Digit::from_char(face).expect("a key")),
        };
        match step {
            Step::Wait => {}
            Step::Ask(Question::Service { name, fields }, within) => {
                assert_eq!((name.as_str(), within), ("balance", Duration::from_secs(6)));
                let faces = |s: &Secret| s.reveal().iter().map(|d| char::from(b'0' + d)).collect::<String>();
                last = Some(fields.iter().map(|(n, s)| format!("{n}={}", faces(s))).collect::<Vec<_>>().join(" "));
            }
            Step::Ask(Question::Verify { .. }, _) => panic!("nobody is verified here"),
            Step::Over(end) => over = Some(end),
            Step::OverBy(_) => over = Some(ServeEnd::Done),
        }
    }
    assert_eq!((over, last.as_deref()), (end, asked), "{story}");
}

#[test]
fn every_way_through() {
    let asked = Some("account=622200 pin=112233");
    check("622200#112233", None, asked);
    check("622200#112233y", None, asked);
    check("622200#112233yp", Some(ServeEnd::Done), asked);
    check("622200#112233y4", Some(ServeEnd::Done), asked);
    // The hash after the PIN, once more, does not cut the answer off.
    check("622200#112233y#", None, asked);
    check("622200#112233x", Some(ServeEnd::Down), asked);
    check("622200#112233d", Some(ServeEnd::Down), asked);
    check("622200#112233.", Some(ServeEnd::Down), asked);
    check("622200#112233l", Some(ServeEnd::Locked), asked);
    // A slip of the finger; and the back-end says no.
    check("62*622200#112233yp", Some(ServeEnd::Done), asked);
    check("622200#112233n622200#445566yp", Some(ServeEnd::Done), Some("account=622200 pin=445566"));
    check("622200#112233n622200#112233n", Some(ServeEnd::Refused), asked);
    check("1#1#", Some(ServeEnd::Refused), None);
    check("..", Some(ServeEnd::NoInput), None);
    // A late answer to the first question is none to the second.
    check("622200#112233n.y", Some(ServeEnd::NoInput), asked);
    // A restart forgets every key: the next one only brings the question back.
    check("622200#11r2622200#112233yp", Some(ServeEnd::Done), asked);
    check("622200#112233ryp", Some(ServeEnd::Done), asked);
}

#[test]
fn nothing_of_the_digits_is_written_or_printed() {
    let at = Moment {
        now: Instant::from_millis(1),
        number: 2,
        menus: menus(),
        service: service(),
        language: Language::Mandarin,
    };
    let after = |keys: &str| {
        let (mut serving, _) = Serving::begin(at.now, "balance", &service(), 1, 1);
        for face in keys.chars() {
            let _ = serving.digit(&at, Digit::from_char(face).expect("a key"));
        }
        serving
    };
    let (one, other) = (after("62220055#1122"), after("777777#9999"));
    assert_eq!(Record::write(KEY, 1, &one), Record::write(KEY, 1, &other), "a record that depends on what was pressed");
    assert!(!format!("{one:?}").contains("6, 2"), "{one:?}");
}
