//! The names that may stand in a menu, and what each of them means to a reader.
use crate::facts::Facts;
use crate::lint;
use crate::menu::PromptKind;
use crate::prompts::read_prompts;
use crate::sources::Sources;
use std::collections::BTreeMap;
use switchboard_model::Language;
use switchboard_source::read;

/// All of them, with one line about each.
#[derive(Debug, Default)]
pub struct Names {
    menus: BTreeMap<String, String>,
    queues: BTreeMap<String, String>,
    prompts: BTreeMap<String, Spoken>,
    calendars: BTreeMap<String, String>,
    services: BTreeMap<String, String>,
}

/// A prompt's kind, and its words by language.
#[derive(Debug)]
struct Spoken {
    kind: PromptKind,
    words: Vec<(Language, String, f64)>,
}

/// What a menu's own lines may begin with.
pub const MENU_FIELDS: &[(&str, &str)] = &[
    ("version", "语言版本 always 1"),
    ("menu", "菜单名 its name"),
    ("title", "标题，不播放 for readers"),
    ("languages", "语言，第一种为默认 the first is the default"),
    ("greeting", "进入时播放 heard on entering"),
    ("announce_first", "最先报读的键 the key that is read first"),
    ("options", "键与选项 keys and what they do"),
    ("no_input", "不按键时 when nothing is pressed"),
    ("no_match", "按错键时 when a wrong key is pressed"),
    ("calendar", "按日历营业 its hours"),
    ("closed", "不在服务时间 outside its hours"),
    ("holiday", "节假日 on a holiday"),
    ("queue_full", "排队已满 when the queue is full"),
    ("systems_down", "系统故障 when systems are down"),
    ("elderly", "老年客户 callers of 65 and more"),
    ("emergency", "应急预案 by emergency plan"),
    ("effective_from", "生效时间 not live before"),
];
/// What a choice may say.
pub const CHOICE_FIELDS: &[(&str, &str)] = &[
    ("prompt", "提示音 what is said of it"),
    ("queue", "转人工 to a person"),
    ("menu", "下一级菜单 into a menu"),
    ("language", "换语言 in this language"),
    ("replay", "重听 read again"),
    ("service", "自助办理 without a person"),
    ("on_failure", "办理失败时 if the service fails"),
    ("voicemail", "留言 a message"),
    ("callback", "回电 is called back"),
    ("hang_up", "挂断 the call ends"),
    ("then", "然后 what follows"),
    ("after_s", "等几秒 seconds to answer"),
];

impl Names {
    /// Those that these files and this configuration know, however wrong the rest of them is.
    pub fn of(sources: &Sources, facts: &Facts) -> Names {
        let mut names = Names::default();
        for (path, bytes) in sources.menus() {
            let text = String::from_utf8_lossy(bytes);
            let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name).map(|v| v.trim().to_owned()));
            if let Some(menu) = field("menu:") {
                let file = path.rsplit('/').next().unwrap_or(path);
                names.menus.insert(menu, format!("{} ({file})", field("title:").unwrap_or_default()));
            }
        }
        for (queue, about) in &facts.queues {
            let who =
                about.agents.iter().map(|(language, n)| format!("{language}: {n}")).collect::<Vec<_>>().join(", ");
            names.queues.insert(queue.clone(), format!("坐席 agents {who}"));
        }
        for (path, bytes) in sources.named("prompts.yaml") {
            let Some(doc) = read(lint::FAMILY, path, bytes).0 else { continue };
            for (name, prompt) in read_prompts(&doc, sources, &mut vec![]) {
                let words = prompt.takes.iter().map(|(language, take)| {
                    let text = take.text.as_ref().map_or(String::new(), |t| t.value.clone());
                    (*language, text, take.millis() as f64 / 1000.0)
                });
                names.prompts.insert(name, Spoken { kind: prompt.kind, words: words.collect() });
            }
        }
        for (file, into) in [("calendars", &mut names.calendars), ("services", &mut names.services)] {
            for (path, bytes) in sources.named(&format!("{file}.yaml")) {
                let Some(doc) = read(lint::FAMILY, path, bytes).0 else { continue };
                let entries = doc.json().and_then(|v| v[file].as_object().cloned()).unwrap_or_default();
                into.extend(entries.into_iter().map(|(name, value)| (name, value.to_string())));
            }
        }
        names
    }

    /// What may stand as the value of a field, with one line about each.
    pub fn for_field(&self, field: &str) -> Vec<(String, String)> {
        let all = |map: &BTreeMap<String, String>| map.clone().into_iter().collect();
        let words = |words: &[&str]| words.iter().map(|w| ((*w).to_owned(), String::new())).collect();
        match field {
            "queue" | "callback" => all(&self.queues),
            "menu" => all(&self.menus),
            "calendar" => all(&self.calendars),
            "service" | "verify" => all(&self.services),
            "prompt" | "greeting" => {
                let line = |(name, s): (&String, &Spoken)| {
                    (name.clone(), s.words.first().map_or(String::new(), |w| w.1.clone()))
                };
                self.prompts.iter().map(line).collect()
            }
            "language" | "languages" => words(&Language::ALL.map(Language::tag)),
            "kind" => words(&PromptKind::ALL.map(|(word, _)| word)),
            "replay" | "hang_up" | "secret" | "on_silence" => words(&["true"]),
            _ => vec![],
        }
    }

    /// What a name means; where a field says what kind of name it is, of that kind.
    pub fn meaning(&self, name: &str, field: Option<&str>) -> Option<String> {
        let prompt = || {
            let spoken = self.prompts.get(name)?;
            let kind = PromptKind::ALL.iter().find(|(_, kind)| *kind == spoken.kind).map_or("", |(word, _)| *word);
            let mut text = format!("**{name}** ({kind})");
            for (language, words, seconds) in &spoken.words {
                text += &format!("\n\n- `{language}` {words} ({seconds:.1} s)");
            }
            Some(text)
        };
        let of = |map: &BTreeMap<String, String>, what: &str| {
            map.get(name).map(|about| format!("**{name}** {what} {about}"))
        };
        match field {
            Some("queue" | "callback") => of(&self.queues, "队列 queue"),
            Some("menu") => of(&self.menus, "菜单 menu"),
            Some("calendar") => of(&self.calendars, "日历 calendar"),
            Some("service" | "verify") => of(&self.services, "业务 service"),
            Some("prompt" | "greeting") => prompt(),
            // A list of greetings, or a name at its own place.
            _ => prompt().or_else(|| of(&self.menus, "菜单 menu")).or_else(|| of(&self.queues, "队列 queue")),
        }
    }
}
