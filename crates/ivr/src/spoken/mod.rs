//! Amounts, dates and digits as people say them, as a list of prompts to be played one after the other.
//!
//! ```text
//!   "20502.05", amount ──zh-CN──► 两 万 零 五 百 零 二 元 零 五 分
//!                      ──en─────► twenty thousand five hundred and two yuan and five fen
//! ```
//! A pure function of form, value and language. Its words are prompts (`n_…`, `nth_…`, `month_…`, and `digit_…`, which agents' IDs are
//! read with), so the voice that says them is the bank's own. Does not play and does not know a back-end.
mod chinese;
mod english;

use switchboard_model::Language;

/// What a value is, by which rules it is said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Form {
    /// Money in yuan: `1234.50`.
    Amount,
    /// A day: `2026-11-24`.
    Date,
    /// Digits one by one: the end of a card's number.
    Digits,
}

impl Form {
    /// All, with the words the files use.
    pub const ALL: [(&'static str, Form); 3] =
        [("amount", Form::Amount), ("date", Form::Date), ("digits", Form::Digits)];
}

/// The greatest amount that is said, in fen: 9 999 亿 9 999 万 9 999 元 9 角 9 分.
const FEN_MAX: u64 = 99_999_999_999_999;
/// Digits that are said one by one; nobody remembers more.
const DIGITS_MAX: usize = 32;

/// The prompts that say this value in this language; none if it is no such value.
pub fn spoken(form: Form, value: &str, language: Language) -> Option<Vec<&'static str>> {
    let chinese = language != Language::English;
    match form {
        Form::Digits => digits(value),
        Form::Amount => {
            let (negative, fen) = amount(value)?;
            let mut words = if negative { vec!["n_minus"] } else { vec![] };
            words.extend(if chinese { chinese::amount(fen) } else { english::amount(fen) });
            Some(words)
        }
        Form::Date => {
            let (year, month, day) = date(value)?;
            Some(if chinese { chinese::date(year, month, day) } else { english::date(year, month, day) })
        }
    }
}

/// Every prompt by which values of this form may be said in this language.
pub fn words(form: Form, language: Language) -> Vec<&'static str> {
    match (form, language) {
        (Form::Digits, _) => DIGITS.to_vec(),
        (Form::Amount, Language::English) => english::amount_words(),
        (Form::Date, Language::English) => english::date_words(),
        (Form::Amount, Language::Mandarin | Language::Cantonese) => chinese::amount_words(),
        (Form::Date, Language::Mandarin | Language::Cantonese) => chinese::date_words(),
    }
}

/// One by one, as agents' IDs are said.
const DIGITS: [&str; 10] =
    ["digit_0", "digit_1", "digit_2", "digit_3", "digit_4", "digit_5", "digit_6", "digit_7", "digit_8", "digit_9"];

fn digits(value: &str) -> Option<Vec<&'static str>> {
    let of = |c: char| DIGITS.get(c.to_digit(10)? as usize).copied();
    (!value.is_empty() && value.len() <= DIGITS_MAX).then(|| value.chars().map(of).collect())?
}

/// Whether it is owed, and how many fen.
fn amount(value: &str) -> Option<(bool, u64)> {
    let (negative, value) = match value.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, value),
    };
    let (yuan, fen) = value.split_once('.').unwrap_or((value, "0"));
    let plain = |t: &str, most: usize| (1..=most).contains(&t.len()) && t.bytes().all(|b| b.is_ascii_digit());
    if !plain(yuan, 12) || !plain(fen, 2) {
        return None;
    }
    let fen: u64 = if fen.len() == 1 { fen.parse::<u64>().ok()? * 10 } else { fen.parse().ok()? };
    let all = yuan.parse::<u64>().ok()? * 100 + fen;
    (all <= FEN_MAX).then_some((negative && all > 0, all))
}

/// Year, month and day of a day that there is.
fn date(value: &str) -> Option<(u16, u8, u8)> {
    let mut parts = value.splitn(3, '-');
    let mut next = |digits: usize| parts.next().filter(|p| p.len() == digits && p.bytes().all(|b| b.is_ascii_digit()));
    let (year, month, day) = (next(4)?.parse().ok()?, next(2)?.parse().ok()?, next(2)?.parse().ok()?);
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        1..=12 => 31,
        _ => return None,
    };
    ((1900..=2099).contains(&year) && (1..=days).contains(&day)).then_some((year, month, day))
}

#[cfg(test)]
mod tests;
