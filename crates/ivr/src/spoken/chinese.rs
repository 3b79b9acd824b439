//! Numbers as they are said in Chinese.
//!
//! 两 stands where a number begins with 2 and a measure or 千, 万, 亿 follows (两元, 两千, 两万二千), 二 everywhere else (十二, 二百, 三万二千).
//! 零 stands once for a gap of places within what is said (一百零二, 一万零五十), never at its end. 一十 is said 十 where a number begins with it.

const WORDS: [&str; 10] =
    ["digit_0", "n_1", "digit_2", "digit_3", "digit_4", "digit_5", "digit_6", "digit_7", "digit_8", "digit_9"];
const PLACES: [&str; 4] = ["", "n_ten", "n_hundred", "n_thousand"];
const GROUPS: [&str; 3] = ["", "n_wan", "n_yi"];

/// So many fen, in 元, 角 and 分.
pub(super) fn amount(fen: u64) -> Vec<&'static str> {
    let (yuan, jiao, fen) = (fen / 100, fen / 10 % 10, fen % 10);
    let mut words = vec![];
    if yuan > 0 || jiao + fen == 0 {
        words.extend(number(yuan));
        words.push("n_yuan");
    }
    for (digit, measure, gap) in [(jiao, "n_jiao", false), (fen, "n_fen", yuan > 0 && jiao == 0)] {
        if digit > 0 {
            if gap {
                words.push(WORDS[0]);
            }
            words.push(if words.is_empty() && digit == 2 { "n_two" } else { WORDS[digit as usize] });
            words.push(measure);
        }
    }
    words
}

/// Before a measure word.
fn number(n: u64) -> Vec<&'static str> {
    match n {
        0 => return vec![WORDS[0]],
        2 => return vec!["n_two"],
        _ => {}
    }
    let mut words: Vec<&'static str> = vec![];
    let mut gap = false;
    for (group, word) in GROUPS.iter().enumerate().rev() {
        let part = n / 10_000_u64.pow(group as u32) % 10_000;
        if part == 0 {
            gap = !words.is_empty();
            continue;
        }
        for place in (0..4).rev() {
            let digit = part / 10_u64.pow(place as u32) % 10;
            if digit == 0 {
                gap = !words.is_empty();
                continue;
            }
            if std::mem::take(&mut gap) {
                words.push(WORDS[0]);
            }
            let begins = words.is_empty();
            // What stands behind the digit: its place, or else its group.
            let behind = if place > 0 { PLACES[place] } else { word };
            match digit {
                1 if begins && place == 1 => {}
                2 if begins && matches!(behind, "n_thousand" | "n_wan" | "n_yi") => words.push("n_two"),
                _ => words.push(WORDS[digit as usize]),
            }
            if place > 0 {
                words.push(PLACES[place]);
            }
        }
        // Zeros at a group's end are no gap of their own: 二十万三千.
        gap = false;
        if group > 0 {
            words.push(word);
        }
    }
    words
}

/// 二零二六年十一月二十四日.
pub(super) fn date(year: u16, month: u8, day: u8) -> Vec<&'static str> {
    let mut words: Vec<&'static str> = [1_000, 100, 10, 1].map(|place| WORDS[usize::from(year / place % 10)]).to_vec();
    words.push("n_year");
    words.extend(below_hundred(month));
    words.push("n_month");
    words.extend(below_hundred(day));
    words.push("n_day");
    words
}

/// Months and days are names rather than counts: 二月二日.
fn below_hundred(n: u8) -> Vec<&'static str> {
    let (tens, ones) = (usize::from(n / 10), usize::from(n % 10));
    let mut words = vec![];
    if tens > 1 {
        words.push(WORDS[tens]);
    }
    if tens > 0 {
        words.push("n_ten");
    }
    if ones > 0 {
        words.push(WORDS[ones]);
    }
    words
}

pub(super) fn amount_words() -> Vec<&'static str> {
    let mut words = WORDS.to_vec();
    words.extend([
        "n_two",
        "n_ten",
        "n_hundred",
        "n_thousand",
        "n_wan",
        "n_yi",
        "n_minus",
        "n_yuan",
        "n_jiao",
        "n_fen",
    ]);
    words
}

pub(super) fn date_words() -> Vec<&'static str> {
    let mut words = WORDS.to_vec();
    words.extend(["n_ten", "n_year", "n_month", "n_day"]);
    words
}
