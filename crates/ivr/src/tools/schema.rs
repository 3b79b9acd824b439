//! A JSON Schema (draft 2020-12) for each kind of file, so that a stock editor completes fields, shows what they mean and underlines
//! what is wrong while one types.
//!
//! Says the shape only; what names mean and what callers reach is the linter's business.
use crate::menu::{PromptKind, Retention};
use serde_json::{Value, json};
use switchboard_model::Language;

/// The kinds of files, as `ivr schema` names them.
pub const KINDS: [&str; 5] = ["menu", "prompts", "policy", "calendars", "services"];

/// The schema of a kind; none if there is no such kind.
pub fn schema(kind: &str) -> Option<Value> {
    match kind {
        "menu" => Some(menu()),
        "prompts" => Some(prompts()),
        "policy" => Some(policy()),
        "calendars" => Some(calendars()),
        "services" => Some(services()),
        _ => None,
    }
}

fn object(title: &str, required: &[&str], properties: Value) -> Value {
    json!({
        "type": "object", "description": title, "additionalProperties": false,
        "required": required, "properties": properties,
    })
}

fn file(title: &str, required: &[&str], properties: Value) -> Value {
    let mut schema = object(title, required, properties);
    schema["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    schema["title"] = json!(title);
    schema["properties"]["version"] = json!({ "const": 1, "description": "语言版本 language version" });
    schema
}

fn text(description: &str) -> Value {
    json!({ "type": "string", "minLength": 1, "description": description })
}

fn whole(description: &str, least: u32, most: u32) -> Value {
    json!({ "type": "integer", "minimum": least, "maximum": most, "description": description })
}

fn language(description: &str) -> Value {
    json!({ "enum": Language::ALL.map(Language::tag), "description": description })
}

/// Where something leads: exactly one of these words.
fn leads(words: &[(&str, Value)], more: Value, required: &[&str], description: &str) -> Value {
    let mut properties = more;
    for (word, schema) in words {
        properties[*word] = schema.clone();
    }
    let mut schema = object(description, required, properties);
    schema["oneOf"] = words.iter().map(|(word, _)| json!({ "required": [word] })).collect();
    schema
}

fn target(description: &str) -> Value {
    leads(&target_words(), json!({}), &[], description)
}

fn target_words() -> Vec<(&'static str, Value)> {
    vec![
        ("queue", text("转到这个队列的人工 to a person of this queue")),
        ("menu", text("进入这个菜单 into this menu")),
        ("voicemail", text("在这个信箱留言 a message in this box")),
        ("callback", text("由这个队列回电 he is called back by this queue")),
        ("hang_up", json!({ "const": true, "description": "挂断 the call ends" })),
    ]
}

fn menu() -> Value {
    let mut words = target_words();
    words.push(("language", language("换成这种语言 the same menu in this language")));
    words.push(("replay", json!({ "const": true, "description": "重听 read again" })));
    words.push(("service", text("自助办理 something is done without a person")));
    let more = json!({
        "prompt": text("提示音 what is said of it"),
        "on_failure": target("办理失败时 what follows if the service fails"),
        "verify": text("先核实身份 the verification that comes before"),
        "retention": { "enum": Retention::ALL.map(|(word, _)| word), "description": "保存等级 how long the file is kept" },
    });
    let option = leads(&words, more, &[], "一个选项 a choice");
    let then = target("然后 what then");
    let prompt = text("先播放 said before the menu is read again");
    let replay = whole("再读几遍 how often it is read again", 0, 5);
    let notice = |description: &str| {
        let fields = json!({ "prompt": text("提示音 what is heard"), "then": then.clone() });
        object(description, &["prompt", "then"], fields)
    };
    // These go on into the menu if nothing is said of what follows.
    let words_first = |description: &str| {
        object(description, &["prompt"], json!({ "prompt": text("提示音 what is heard"), "then": then.clone() }))
    };
    let mut elderly = words_first("老年客户 callers of 65 and more");
    elderly["properties"]["on_silence"] =
        json!({ "type": "boolean", "description": "不按键的人同样对待 who is silent once is treated alike" });
    file(
        "语音菜单 a menu",
        &["version", "menu", "languages", "options", "no_input", "no_match"],
        json!({
            "menu": { "type": "string", "pattern": "^[A-Za-z0-9_]{1,64}$", "description": "菜单名 its name" },
            "title": text("给人看的标题，不播放 for readers, never spoken"),
            "languages": {
                "type": "array", "minItems": 1, "items": language("语言 a language"),
                "description": "语言，第一种为默认 languages, the first is the default",
            },
            "greeting": {
                "oneOf": [text("提示音 a prompt"), { "type": "array", "items": text("提示音 a prompt") }],
                "description": "进入时播放 heard on entering",
            },
            "announce_first": {
                "type": ["string", "integer"], "description": "最先报读的键 the key that is read first",
            },
            "options": {
                "type": "object", "propertyNames": { "pattern": "^[0-9*#]$" }, "additionalProperties": option,
                "description": "键与选项，键要加引号 keys, in quotes, and what they do",
            },
            "no_input": object("不按键时 when nothing is pressed", &["after_s", "replay", "then"], json!({
                "after_s": whole("等几秒 seconds to answer", 1, 60), "replay": replay, "prompt": prompt, "then": then,
            })),
            "no_match": object("按错键时 when a wrong key is pressed", &["replay", "then"], json!({
                "replay": replay, "prompt": prompt, "then": then,
            })),
            "hours": object("服务时间 when it is open", &["days", "from", "to", "utc_offset"], json!({
                "days": weekdays(), "from": time(), "to": time(),
                "utc_offset": { "type": "string", "pattern": "^[+-][0-9]{2}:[0-9]{2}$" },
            })),
            "calendar": text("按这个日历营业 it keeps the hours of this calendar"),
            "effective_from": text("生效时间，如 2026-12-06T02:00+08:00 not live before this moment"),
            "closed": notice("不在服务时间 outside its hours"),
            "holiday": notice("节假日 on a holiday of its calendar"),
            "systems_down": words_first("系统故障 when the bank's systems are down"),
            "elderly": elderly,
            "emergency": {
                "type": "object", "description": "应急预案 by emergency plan",
                "additionalProperties": words_first("这个预案启动时 when this plan is in force"),
            },
            "queue_full": notice("排队已满 when the queue is full"),
        }),
    )
}

fn weekdays() -> Value {
    json!({ "type": "array", "items": { "enum": crate::hours::Hours::DAYS }, "description": "星期 days of the week" })
}

fn time() -> Value {
    json!({ "type": "string", "pattern": "^([01][0-9]|2[0-3]):[0-5][0-9]$|^24:00$" })
}

fn day(description: &str) -> Value {
    json!({ "type": "string", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$", "description": description })
}

fn calendars() -> Value {
    let hours =
        object("营业时间 hours", &["days", "from", "to"], json!({ "days": weekdays(), "from": time(), "to": time() }));
    let holiday = object(
        "节假日 a holiday",
        &["name", "from"],
        json!({ "name": text("名称 its name"), "from": day("第一天 the first day"), "to": day("最后一天 the last day") }),
    );
    let working = object(
        "调休上班 a working day that makes up for a holiday",
        &["day", "like"],
        json!({ "day": day("哪天 which day"), "like": { "enum": crate::hours::Hours::DAYS, "description": "按星期几 whose hours" } }),
    );
    let calendar = object(
        "一个日历 a calendar",
        &["zone", "years", "hours"],
        json!({
            "zone": text("时区，如 Asia/Shanghai the time zone by its name"),
            "years": {
                "type": "array", "minItems": 1, "items": whole("年 a year", 1970, 2099),
                "description": "节假日已录全的年份 the years whose holidays stand here, all of them",
            },
            "hours": { "type": "array", "items": hours },
            "holidays": { "type": "array", "items": holiday },
            "working_days": { "type": "array", "items": working },
        }),
    );
    let all = json!({ "type": "object", "additionalProperties": calendar });
    file("日历 calendars", &["version", "calendars"], json!({ "calendars": all }))
}

fn services() -> Value {
    let collect = object(
        "请来电者输入 what the caller is asked for",
        &["name", "prompt", "digits"],
        json!({
            "name": text("名称 what it is"),
            "prompt": text("提示音 how he is asked"),
            "digits": {
                "type": "array", "minItems": 2, "maxItems": 2, "items": whole("位数 digits", 1, 32),
                "description": "最少和最多几位 the fewest and the most digits",
            },
            "secret": { "type": "boolean", "description": "保密：不记录、不录音 nobody may read it" },
        }),
    );
    let mut said = object(
        "结果的一部分 a part of the answer",
        &[],
        json!({
            "prompt": text("提示音 these words"),
            "amount": text("金额，如 1234.50 an amount: the name of the back-end's value"),
            "date": text("日期，如 2026-11-24 a date"),
            "digits": text("逐位读的数字 digits, one by one"),
        }),
    );
    said["minProperties"] = json!(1);
    said["maxProperties"] = json!(1);
    let service = object(
        "一项自助业务 a service",
        &[],
        json!({
            "time_limit_s": whole("后台几秒内必须答复 seconds after which the back-end has failed", 1, 30),
            "collect": { "type": "array", "maxItems": 4, "items": collect },
            "attempts": whole("最多可输入几遍 how often the caller may key it all", 1, 5),
            "again": text("输入有误时的提示音 said before he is asked again"),
            "say": { "type": "array", "items": said, "description": "怎样读出结果 what he hears of the answer" },
        }),
    );
    let all = json!({ "type": "object", "additionalProperties": service });
    file("自助业务 services", &["version", "services"], json!({ "services": all }))
}

fn prompts() -> Value {
    let hash = json!({ "type": "string", "pattern": "^[0-9a-fA-F]{64}$", "description": "审核过的录音的 SHA-256 of the reviewed sound" });
    let take = object(
        "一种语言的说法 in one language",
        &[],
        json!({
            "text": text("文字 what it says"),
            "say": text("只给合成器看的写法 what the synthesiser is told instead"),
            "file": text("录音文件 the sound, beside this file"),
            "seconds": { "type": "number", "minimum": 0.1, "maximum": 600, "description": "审核过的长度 the reviewed length" },
            "sha256": hash,
        }),
    );
    let mut fields = json!({
        "kind": {
            "enum": PromptKind::ALL.map(|(word, _)| word),
            "description": "种类：menu 菜单、notice 通知、consent 同意（必须听完）、advert 广告（不得进主菜单）、music 音乐",
        },
        "all": take,
    });
    for language in Language::ALL {
        fields[language.tag()] = take.clone();
    }
    let prompt = object("一条提示音 a prompt", &["kind"], fields);
    file(
        "提示音 prompts",
        &["version", "prompts"],
        json!({ "prompts": { "type": "object", "additionalProperties": prompt } }),
    )
}

fn policy() -> Value {
    let day = day("最后有效日 the last day");
    let approver = text("批准人 who allowed it");
    let mut accepted = object(
        "读起来像广告、经人工确认不是的提示音 read by a person and found to be no advert",
        &["approver", "until"],
        json!({
            "text": text("原文 its exact words"),
            "hash": { "type": "string", "pattern": "^[0-9a-fA-F]{64}$", "description": "原文的 SHA-256 of its words" },
            "approver": approver, "until": day,
        }),
    );
    accepted["oneOf"] = json!([{ "required": ["text"] }, { "required": ["hash"] }]);
    let waiver = object(
        "豁免 an exception",
        &["rule", "approver", "reason", "until"],
        json!({
            "rule": { "type": "string", "pattern": "^IVR02[0-9]{2}$", "description": "只有本行规定可豁免 a house rule" },
            "menu": text("哪个菜单，不写则全部 which menu, else all"),
            "approver": approver, "reason": text("原因 why"), "until": day,
        }),
    );
    file(
        "本行规定 house policy",
        &["version"],
        json!({
            "levels_max": whole("菜单层数 levels", 1, 9),
            "choices_max": whole("每层选项 choices of one menu", 1, 9),
            "person_within_s": whole("几秒内报出人工 how soon a person is said", 1, 120),
            "answer_s_min": whole("等待按键的最短秒数 the least time to answer", 1, 60),
            "elderly_answer_s": whole("老年客户等待按键的最短秒数 the least time for callers who need it", 1, 60),
            "digits_max": whole("自助业务最多要求输入几位 the most digits of a service", 1, 99),
            "recorded": { "type": "boolean", "description": "通话是否录音 whether calls are recorded" },
            "advert_words": { "type": "array", "items": text("广告用语 a word of adverts") },
            "accepted": { "type": "array", "items": accepted },
            "waivers": { "type": "array", "items": waiver },
        }),
    )
}
