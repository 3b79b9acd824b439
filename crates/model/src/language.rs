//! The languages a caller can be served in.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A language as menus and prompts name it (BCP 47), and the skill an agent needs for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub enum Language {
    /// Mandarin.
    #[serde(rename = "zh-CN")]
    Mandarin,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Cantonese.
    #[serde(rename = "yue")]
    Cantonese,
}

impl Language {
    /// All of them, in the order in which they are listed.
    pub const ALL: [Language; 3] = [Language::Mandarin, Language::English, Language::Cantonese];

    /// The BCP 47 tag, as in menus: `zh-CN`, `en`, `yue`.
    pub const fn tag(self) -> &'static str {
        match self {
            Language::Mandarin => "zh-CN",
            Language::English => "en",
            Language::Cantonese => "yue",
        }
    }
    /// The skill that serves it: `lang.cmn`, `lang.en`, `lang.yue`.
    pub const fn skill(self) -> &'static str {
        match self {
            Language::Mandarin => "lang.cmn",
            Language::English => "lang.en",
            Language::Cantonese => "lang.yue",
        }
    }
}

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag())
    }
}

/// The tag that is no language of ours.
#[derive(Debug, thiserror::Error)]
#[error("unknown language `{0}`; known are zh-CN, en, yue")]
pub struct UnknownLanguage(pub String);

impl FromStr for Language {
    type Err = UnknownLanguage;
    fn from_str(s: &str) -> Result<Self, UnknownLanguage> {
        Language::ALL.into_iter().find(|l| l.tag() == s).ok_or_else(|| UnknownLanguage(s.to_owned()))
    }
}
