//! The vectors, by what a caller hears; and every word that is ever said is among the words that are checked to have a sound.
use super::*;
use std::collections::BTreeSet;

/// What is heard when this prompt is played.
fn said(word: &str, language: Language) -> String {
    let chinese = language != Language::English;
    let (name, zh, en) = HEARD.iter().find(|(name, _, _)| *name == word).unwrap_or_else(|| panic!("what is {word}?"));
    let heard = if chinese { *zh } else { *en };
    assert!(!heard.is_empty(), "{name} is not said in {language}");
    heard.to_owned()
}

#[rustfmt::skip]
const HEARD: &[(&str, &str, &str)] = &[
    ("digit_0", "零", "zero"), ("digit_1", "幺", "one"), ("digit_2", "二", "two"), ("digit_3", "三", "three"), ("digit_4", "四", "four"),
    ("digit_5", "五", "five"), ("digit_6", "六", "six"), ("digit_7", "七", "seven"), ("digit_8", "八", "eight"), ("digit_9", "九", "nine"),
    ("n_1", "一", ""), ("n_two", "两", ""), ("n_ten", "十", ""), ("n_hundred", "百", "hundred"), ("n_thousand", "千", "thousand"),
    ("n_wan", "万", ""), ("n_yi", "亿", ""), ("n_million", "", "million"), ("n_billion", "", "billion"), ("n_minus", "负", "minus"),
    ("n_yuan", "元", "yuan"), ("n_jiao", "角", ""), ("n_fen", "分", "fen"), ("n_and", "", "and"), ("n_of", "", "of"), ("n_oh", "", "oh"),
    ("n_year", "年", ""), ("n_month", "月", ""), ("n_day", "日", ""),
    ("n_10", "", "ten"), ("n_11", "", "eleven"), ("n_12", "", "twelve"), ("n_13", "", "thirteen"), ("n_14", "", "fourteen"),
    ("n_15", "", "fifteen"), ("n_16", "", "sixteen"), ("n_17", "", "seventeen"), ("n_18", "", "eighteen"), ("n_19", "", "nineteen"),
    ("n_20", "", "twenty"), ("n_30", "", "thirty"), ("n_40", "", "forty"), ("n_50", "", "fifty"), ("n_60", "", "sixty"),
    ("n_70", "", "seventy"), ("n_80", "", "eighty"), ("n_90", "", "ninety"),
    ("nth_1", "", "first"), ("nth_2", "", "second"), ("nth_3", "", "third"), ("nth_4", "", "fourth"), ("nth_12", "", "twelfth"),
    ("nth_20", "", "twentieth"), ("nth_30", "", "thirtieth"),
    ("month_1", "", "January"), ("month_2", "", "February"), ("month_5", "", "May"), ("month_11", "", "November"), ("month_12", "", "December"),
];

fn check(form: Form, value: &str, language: Language, wanted: &str) {
    let words = spoken(form, value, language).unwrap_or_else(|| panic!("{value} is not said in {language}"));
    let known = super::words(form, language);
    assert!(words.iter().all(|w| known.contains(w)), "{value}: {words:?} beyond {known:?}");
    let apart = if language == Language::English { " " } else { "" };
    let heard: Vec<String> = words.iter().map(|w| said(w, language)).collect();
    assert_eq!(heard.join(apart), wanted, "{value}");
}

#[test]
fn amounts_in_mandarin() {
    for (value, wanted) in [
        ("0", "零元"),
        ("0.00", "零元"),
        ("0.02", "两分"),
        ("0.20", "两角"),
        ("0.22", "两角二分"),
        ("0.05", "五分"),
        ("0.5", "五角"),
        ("1.05", "一元零五分"),
        ("1.50", "一元五角"),
        ("2", "两元"),
        ("2.22", "两元二角二分"),
        ("10", "十元"),
        ("12", "十二元"),
        ("20", "二十元"),
        ("22", "二十二元"),
        ("100", "一百元"),
        ("102", "一百零二元"),
        ("110", "一百一十元"),
        ("112", "一百一十二元"),
        ("200", "二百元"),
        ("222", "二百二十二元"),
        ("1000", "一千元"),
        ("1002", "一千零二元"),
        ("1010", "一千零一十元"),
        ("1200", "一千二百元"),
        ("2000", "两千元"),
        ("2222", "两千二百二十二元"),
        ("10000", "一万元"),
        ("10001", "一万零一元"),
        ("10050", "一万零五十元"),
        ("12000", "一万二千元"),
        ("20000", "两万元"),
        ("20502.05", "两万零五百零二元零五分"),
        ("22000", "两万二千元"),
        ("32000", "三万二千元"),
        ("100000", "十万元"),
        ("102000", "十万二千元"),
        ("120300", "十二万零三百元"),
        ("203000", "二十万三千元"),
        ("200000", "二十万元"),
        ("1000000", "一百万元"),
        ("1100000", "一百一十万元"),
        ("10020030", "一千零二万零三十元"),
        ("20000000", "两千万元"),
        ("100000000", "一亿元"),
        ("100000001", "一亿零一元"),
        ("100010000", "一亿零一万元"),
        ("120000000", "一亿二千万元"),
        ("200020002", "两亿零二万零二元"),
        ("999999999999.99", "九千九百九十九亿九千九百九十九万九千九百九十九元九角九分"),
        ("-12.30", "负十二元三角"),
        ("-0", "零元"),
    ] {
        check(Form::Amount, value, Language::Mandarin, wanted);
    }
}

#[test]
fn amounts_in_english() {
    for (value, wanted) in [
        ("0", "zero yuan"),
        ("0.05", "five fen"),
        ("1", "one yuan"),
        ("1.50", "one yuan and fifty fen"),
        ("12.11", "twelve yuan and eleven fen"),
        ("20", "twenty yuan"),
        ("99", "ninety nine yuan"),
        ("100", "one hundred yuan"),
        ("102", "one hundred and two yuan"),
        ("345", "three hundred and forty five yuan"),
        ("1000", "one thousand yuan"),
        ("1001", "one thousand and one yuan"),
        ("1100", "one thousand one hundred yuan"),
        ("20502.05", "twenty thousand five hundred and two yuan and five fen"),
        ("100000", "one hundred thousand yuan"),
        ("1000000", "one million yuan"),
        ("2345678", "two million three hundred and forty five thousand six hundred and seventy eight yuan"),
        ("1000000001", "one billion and one yuan"),
        ("-3", "minus three yuan"),
    ] {
        check(Form::Amount, value, Language::English, wanted);
    }
}

#[test]
fn dates_and_digits() {
    for (value, wanted) in [
        ("2026-11-24", "二零二六年十一月二十四日"),
        ("2027-02-02", "二零二七年二月二日"),
        ("2000-01-10", "二零零零年一月十日"),
        ("2028-02-29", "二零二八年二月二十九日"),
        ("2026-12-31", "二零二六年十二月三十一日"),
    ] {
        check(Form::Date, value, Language::Mandarin, wanted);
    }
    for (value, wanted) in [
        ("2026-11-24", "twenty fourth of November twenty twenty six"),
        ("2027-02-02", "second of February twenty twenty seven"),
        ("2005-05-20", "twentieth of May two thousand and five"),
        ("2000-01-30", "thirtieth of January two thousand"),
        ("1905-12-31", "thirty first of December nineteen oh five"),
        ("1900-01-12", "twelfth of January nineteen hundred"),
    ] {
        check(Form::Date, value, Language::English, wanted);
    }
    check(Form::Digits, "0123", Language::Mandarin, "零幺二三");
    check(Form::Digits, "0123", Language::English, "zero one two three");
}

#[test]
fn what_is_no_such_value_is_not_said() {
    for (form, value) in [
        (Form::Amount, ""),
        (Form::Amount, "1,000"),
        (Form::Amount, "1.234"),
        (Form::Amount, "1."),
        (Form::Amount, ".5"),
        (Form::Amount, "+1"),
        (Form::Amount, "--1"),
        (Form::Amount, "1000000000000"),
        (Form::Amount, "一百"),
        (Form::Date, "2027-02-29"),
        (Form::Date, "2026-13-01"),
        (Form::Date, "2026-00-01"),
        (Form::Date, "2026-04-31"),
        (Form::Date, "26-11-24"),
        (Form::Date, "2026/11/24"),
        (Form::Date, "2026-11-24T00:00"),
        (Form::Date, "1899-12-31"),
        (Form::Digits, ""),
        (Form::Digits, "12a"),
        (Form::Digits, "012345678901234567890123456789012"),
    ] {
        for language in Language::ALL {
            assert_eq!(spoken(form, value, language), None, "{form:?} {value:?}");
        }
    }
}

#[test]
fn every_word_that_is_said_is_one_of_those_that_must_have_a_sound() {
    for language in Language::ALL {
        let known: BTreeSet<_> = words(Form::Amount, language).into_iter().collect();
        // Every digit in every place, and every gap.
        for fen in (0..12_345).chain((0..9_999).map(|n| n * 10_000_019 % FEN_MAX)) {
            let value = format!("{}.{:02}", fen / 100, fen % 100);
            let said = spoken(Form::Amount, &value, language).expect("an amount");
            assert!(said.iter().all(|w| known.contains(w)), "{value} {said:?}");
        }
        let known: BTreeSet<_> = words(Form::Date, language).into_iter().collect();
        for n in 0..200 * 12 * 28 {
            let value = format!("{:04}-{:02}-{:02}", 1900 + n / 336, 1 + n / 28 % 12, 1 + n % 28);
            let said = spoken(Form::Date, &value, language).expect("a day");
            assert!(said.iter().all(|w| known.contains(w)), "{value} {said:?}");
        }
    }
}
