//! Numbers as they are said in English: "one hundred and two", "the years twenty twenty-six and two thousand and five", "second of May".

const SMALL: [&str; 20] = [
    "digit_0", "digit_1", "digit_2", "digit_3", "digit_4", "digit_5", "digit_6", "digit_7", "digit_8", "digit_9",
    "n_10", "n_11", "n_12", "n_13", "n_14", "n_15", "n_16", "n_17", "n_18", "n_19",
];
const TENS: [&str; 10] = ["", "", "n_20", "n_30", "n_40", "n_50", "n_60", "n_70", "n_80", "n_90"];
const ORDINALS: [&str; 21] = [
    "", "nth_1", "nth_2", "nth_3", "nth_4", "nth_5", "nth_6", "nth_7", "nth_8", "nth_9", "nth_10", "nth_11", "nth_12",
    "nth_13", "nth_14", "nth_15", "nth_16", "nth_17", "nth_18", "nth_19", "nth_20",
];
const MONTHS: [&str; 13] = [
    "", "month_1", "month_2", "month_3", "month_4", "month_5", "month_6", "month_7", "month_8", "month_9", "month_10",
    "month_11", "month_12",
];
const GROUPS: [(u64, &str); 3] = [(1_000_000_000, "n_billion"), (1_000_000, "n_million"), (1_000, "n_thousand")];

/// So many fen, in yuan and fen.
pub(super) fn amount(fen: u64) -> Vec<&'static str> {
    let (yuan, fen) = (fen / 100, fen % 100);
    let mut words = vec![];
    if yuan > 0 || fen == 0 {
        words.extend(number(yuan));
        words.push("n_yuan");
    }
    if fen > 0 {
        if !words.is_empty() {
            words.push("n_and");
        }
        words.extend(number(fen));
        words.push("n_fen");
    }
    words
}

fn number(n: u64) -> Vec<&'static str> {
    if n < 20 {
        return vec![SMALL[n as usize]];
    }
    if n < 100 {
        return below_hundred(n);
    }
    let mut words = vec![];
    let mut rest = n;
    for (size, word) in GROUPS {
        if rest >= size {
            words.extend(number(rest / size));
            words.push(word);
            rest %= size;
        }
    }
    if rest >= 100 {
        words.push(SMALL[(rest / 100) as usize]);
        words.push("n_hundred");
        rest %= 100;
    }
    if rest > 0 {
        words.push("n_and");
        words.extend(below_hundred(rest));
    }
    words
}

fn below_hundred(n: u64) -> Vec<&'static str> {
    let (tens, ones) = ((n / 10) as usize, (n % 10) as usize);
    match (tens, ones) {
        (0 | 1, _) => vec![SMALL[n as usize]],
        (_, 0) => vec![TENS[tens]],
        (_, _) => vec![TENS[tens], SMALL[ones]],
    }
}

/// Twenty-fourth of November twenty twenty-six.
pub(super) fn date(year: u16, month: u8, day: u8) -> Vec<&'static str> {
    let mut words = match day {
        1..=20 => vec![ORDINALS[usize::from(day)]],
        30 => vec!["nth_30"],
        _ => vec![TENS[usize::from(day / 10)], ORDINALS[usize::from(day % 10)]],
    };
    words.extend(["n_of", MONTHS[usize::from(month)]]);
    let (century, rest) = (u64::from(year / 100), u64::from(year % 100));
    match (century, rest) {
        (20, 0..=9) => words.extend(number(u64::from(year))),
        (_, 0) => {
            words.extend(below_hundred(century));
            words.push("n_hundred");
        }
        (_, 1..=9) => {
            words.extend(below_hundred(century));
            words.extend(["n_oh", SMALL[rest as usize]]);
        }
        (_, _) => {
            words.extend(below_hundred(century));
            words.extend(below_hundred(rest));
        }
    }
    words
}

pub(super) fn amount_words() -> Vec<&'static str> {
    let mut words = SMALL.to_vec();
    words.extend(&TENS[2..]);
    words.extend(GROUPS.map(|(_, word)| word));
    words.extend(["n_hundred", "n_and", "n_minus", "n_yuan", "n_fen"]);
    words
}

pub(super) fn date_words() -> Vec<&'static str> {
    let mut words = SMALL.to_vec();
    words.extend(&TENS[2..]);
    words.extend(&ORDINALS[1..]);
    words.extend(&MONTHS[1..]);
    words.extend(["nth_30", "n_of", "n_oh", "n_hundred", "n_thousand", "n_and"]);
    words
}
