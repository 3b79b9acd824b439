//! The pages of codes that no rule of this folder raises: faults of the text and its shape (crate `source`), a menu written twice
//! (`compile`), and what only the proof sees (`check`).

/// What the manual says of such a code; name and reason stand where the code is raised.
#[derive(Debug)]
pub struct Beyond {
    /// Its number.
    pub number: u16,
    /// What it finds.
    pub what: &'static str,
    /// The same in Chinese.
    pub zh: &'static str,
    /// An example of it, over the sample.
    pub bad: &'static str,
    /// What to write instead.
    pub good: &'static str,
}

/// By number.
pub const BEYOND: [Beyond; 19] = [
    Beyond {
        number: 305,
        what: "Two menus bear the same name.",
        zh: "同一个菜单名写了两次。",
        bad: r#"# accounts2.yaml
version: 1
menu: accounts
languages: [zh-CN]
options:
  "0": { prompt: agent, queue: accounts }
  "*": { prompt: repeat, replay: true }
no_input: { after_s: 6, replay: 1, then: { queue: accounts } }
no_match: { replay: 1, then: { queue: accounts } }"#,
        good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "4": { prompt: loans, menu: loans }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }
# loans.yaml
version: 1
menu: loans
languages: [zh-CN]
options:
  "0": { prompt: agent, queue: loans }
  "*": { prompt: repeat, replay: true }
no_input: { after_s: 6, replay: 1, then: { queue: loans } }
no_match: { replay: 1, then: { queue: loans } }"#,
    },
    Beyond {
        number: 602,
        what: "In some situation a kind of caller reaches nobody.",
        zh: "某种情况下，这类来电者找不到任何人（建议）。",
        bad: r#"hours: { days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", utc_offset: "+08:00" }
closed: { prompt: closed, then: { hang_up: true } }"#,
        good: r#"hours: { days: [mon, tue, wed, thu, fri], from: "09:00", to: "17:00", utc_offset: "+08:00" }
closed: { prompt: closed, then: { queue: general } }"#,
    },
    Beyond {
        number: 801,
        what: "A field stands there that nobody reads.",
        zh: "有一个没人认识的字段，多半是拼错了。",
        bad: "greting: welcome",
        good: "greeting: welcome",
    },
    Beyond {
        number: 802,
        what: "A field is missing that must be there.",
        zh: "缺少必填字段。",
        bad: "no_match: { replay: 1 }",
        good: "no_match: { replay: 1, then: { queue: general } }",
    },
    Beyond {
        number: 803,
        what: "A value is of another kind, or out of range.",
        zh: "值的类型或范围不对。",
        bad: "no_input: { after_s: soon, replay: 1, then: { queue: general } }",
        good: "no_input: { after_s: 6, replay: 1, then: { queue: general } }",
    },
    Beyond {
        number: 804,
        what: "The language has this; this version of the program does not.",
        zh: "语言里有这个功能，但本版本还不支持：拒绝，而不是悄悄忽略。",
        bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, voicemail: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
        good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    },
    Beyond {
        number: 901,
        what: "A file is larger than 1 MiB.",
        zh: "文件超过 1 MiB。",
        bad: "# main.yaml: then a mebibyte of spaces",
        good: r"# main.yaml
greeting: welcome",
    },
    Beyond {
        number: 902,
        what: "A file is not UTF-8.",
        zh: "文件不是 UTF-8 编码（例如存成了 GBK）。",
        bad: "# main.yaml: saved as GBK",
        good: r"# main.yaml
title: 主菜单",
    },
    Beyond {
        number: 903,
        what: "A file is empty.",
        zh: "文件是空的，多半是一次失败的保存。",
        bad: "# main.yaml: an empty file",
        good: r"# main.yaml
greeting: welcome",
    },
    Beyond {
        number: 904,
        what: "A file is not YAML.",
        zh: "不是合法的 YAML。",
        bad: "no_match: { replay: 1, then: { queue: general }",
        good: "no_match: { replay: 1, then: { queue: general } }",
    },
    Beyond {
        number: 905,
        what: "A file is nested more than 32 levels deep.",
        zh: "嵌套超过 32 层。",
        bad: "greeting: [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[welcome]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]",
        good: "greeting: [welcome]",
    },
    Beyond {
        number: 906,
        what: "An anchor (`&`) or an alias (`*`) is used.",
        zh: "不允许锚点和别名（& 和 *）。",
        bad: r"no_input: { after_s: 6, replay: 1, then: &person { queue: general } }
no_match: { replay: 1, then: *person }",
        good: r"no_input: { after_s: 6, replay: 1, then: { queue: general } }
no_match: { replay: 1, then: { queue: general } }",
    },
    Beyond {
        number: 907,
        what: "The same key stands twice.",
        zh: "同一个键写了两次。",
        bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "1": { prompt: cards, queue: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
        good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "2": { prompt: cards, queue: cards }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    },
    Beyond {
        number: 908,
        what: "A tab is used.",
        zh: "缩进用了制表符（Tab）。",
        bad: r#"options:
	"0": { prompt: agent, queue: general }"#,
        good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    },
    Beyond {
        number: 909,
        what: "`#:` was meant as a key and is a comment.",
        zh: "没有引号的 # 在 YAML 里是注释，这个键会悄悄丢失。",
        bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  #: { prompt: back, replay: true }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
        good: r##"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "#": { prompt: back, replay: true }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"##,
    },
    Beyond {
        number: 910,
        what: "A bare `*` was meant as a key.",
        zh: "没有引号的 * 在 YAML 里是别名。",
        bad: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints }
  *: { prompt: repeat, replay: true }"#,
        good: r#"options:
  "0": { prompt: agent, queue: general }
  "1": { prompt: accounts, menu: accounts }
  "9": { prompt: complaint, queue: complaints }
  "*": { prompt: repeat, replay: true }"#,
    },
    Beyond {
        number: 911,
        what: "A key is a word that other YAML readers take for true or false.",
        zh: "有的 YAML 读取器把 yes、no、on、off 当作真假。",
        bad: "on: 1",
        good: r#"title: "on""#,
    },
    Beyond {
        number: 912,
        what: "A second document (`---`) begins in the file.",
        zh: "一个文件里有第二个文档（---），它会被忽略。",
        bad: r"greeting: welcome
---",
        good: "greeting: welcome",
    },
    Beyond {
        number: 913,
        what: "A YAML tag (`!!`) is used.",
        zh: "用了 YAML 标签（!!）。",
        bad: "greeting: !!str welcome",
        good: "greeting: welcome",
    },
];
