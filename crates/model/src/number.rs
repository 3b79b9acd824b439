//! A telephone number as it came and as we compare it.
use serde::{Deserialize, Serialize};
use std::fmt;

/// Both forms are kept: what the carrier sent, for the record, and E.164-like digits, for comparing. Prints masked.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Number {
    /// As it stood on the wire (the user part, or the `tel:` number). May be empty.
    pub raw: String,
    /// `+` and digits where it could be told, bare digits for a short code, empty when withheld.
    pub normalised: String,
}

impl Number {
    /// Reads a user part. `country` is the trunk's country code (`86`), `area` its area code without the 0 (`21`).
    ///
    /// For China: `1xxxxxxxxxx` and `0`+mobile are mobiles, `0`+area+number is a land line, 7–8 digits are local to `area`,
    /// `+86`, `0086` and `86`+11 digits are international forms; 3–6 digits and 95xxx/96xxx access codes stay bare.
    pub fn read(raw: &str, country: &str, area: &str) -> Number {
        let raw = raw.trim();
        let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
        let visual = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')' | ' ');
        let normalised = if digits.is_empty() || !raw.chars().all(visual) {
            String::new()
        } else if let Some(rest) = international(raw, &digits) {
            // Some gateways keep the area code's 0 behind the country code.
            match rest.strip_prefix("860").filter(|_| country == "86") {
                Some(national) => format!("+86{national}"),
                None => format!("+{rest}"),
            }
        } else if country == "86" {
            normalise_china(&digits, area)
        } else if let Some(rest) = digits.strip_prefix('0') {
            format!("+{country}{rest}")
        } else {
            digits
        };
        Number { raw: raw.to_owned(), normalised }
    }

    /// Whether the caller withheld it, or the carrier did not know it.
    pub fn is_withheld(&self) -> bool {
        self.normalised.is_empty()
    }

    /// The form to show where numbers are masked: the last four digits replaced.
    pub fn masked(&self) -> String {
        let shown = if self.normalised.is_empty() { "anonymous" } else { &self.normalised };
        if shown.len() <= 6 || self.normalised.is_empty() {
            return shown.to_owned();
        }
        format!("{}****", &shown[..shown.len() - 4])
    }
}

/// The forms in which a dialled access code may stand among a trunk's numbers, likeliest first: as it is; without `+`, `00` and country
/// code; in China without area code too (`01095588` is 95588 dialled from Beijing, `+862195588` from Shanghai).
pub fn dialled_forms(raw: &str, country: &str) -> Vec<String> {
    let visual = |c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '.' | '(' | ')' | ' ');
    if !raw.chars().all(visual) {
        return vec![];
    }
    let digits: String = raw.chars().filter(char::is_ascii_digit).collect();
    let international = international(raw, &digits);
    let national = international.and_then(|d| d.strip_prefix(country));
    let mut forms = vec![digits.clone()];
    forms.extend(national.map(str::to_owned));
    if country == "86" {
        // Inside the country an area code has a 0 before it; behind the country code it has none.
        let after_area = national.or_else(|| digits.strip_prefix('0').filter(|_| international.is_none()));
        forms.extend(
            after_area
                .and_then(|d| d.get(area_digits(d)..))
                .filter(|code| CODE_DIGITS.contains(&code.len()))
                .map(str::to_owned),
        );
    }
    forms
}

/// The digits behind `+` or `00`.
fn international<'d>(raw: &str, digits: &'d str) -> Option<&'d str> {
    raw.trim_start().starts_with('+').then_some(digits).or(digits.strip_prefix("00"))
}

/// Access codes have 3 to 8 digits: 110, 95588, 9558801, 95013xxx.
const CODE_DIGITS: std::ops::RangeInclusive<usize> = 3..=8;

/// How many digits the area code at the head has, written without its 0: two for Beijing (10) and the 2x, three elsewhere.
fn area_digits(national: &str) -> usize {
    if national.starts_with("10") || national.starts_with('2') { 2 } else { 3 }
}

fn normalise_china(digits: &str, area: &str) -> String {
    let mobile = |d: &str| {
        d.len() == 11 && d.starts_with('1') && !d.starts_with("10") && !d.starts_with("11") && !d.starts_with("12")
    };
    match digits {
        d if mobile(d) => format!("+86{d}"),
        d if d.len() == 12 && d.starts_with('0') && mobile(&d[1..]) => format!("+86{}", &d[1..]),
        d if d.len() == 13 && d.starts_with("86") && mobile(&d[2..]) => format!("+{d}"),
        d if d.len() <= 6 => d.to_owned(),
        d if d.starts_with('0') => format!("+86{}", &d[1..]),
        d if (7..=8).contains(&d.len()) && !d.starts_with('9') && !area.is_empty() => format!("+86{area}{d}"),
        d => d.to_owned(),
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}
impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.masked())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_chinese_trunk() {
        for (raw, normalised) in [
            ("13812345678", "+8613812345678"),
            ("013812345678", "+8613812345678"),
            ("+8613812345678", "+8613812345678"),
            ("008613812345678", "+8613812345678"),
            ("8613812345678", "+8613812345678"),
            ("+86-138-1234-5678", "+8613812345678"),
            ("62345678", "+862162345678"),
            ("6234567", "+86216234567"),
            ("+8602162345678", "+862162345678"),
            ("008602162345678", "+862162345678"),
            ("010-62345678", "+861062345678"),
            ("4001234567", "4001234567"),
            ("02162345678", "+862162345678"),
            ("+862162345678", "+862162345678"),
            ("95588", "95588"),
            ("02195588", "+862195588"),
            ("110", "110"),
            ("", ""),
            ("anonymous", ""),
            ("unavailable", ""),
        ] {
            let number = Number::read(raw, "86", "21");
            assert_eq!(number.normalised, normalised, "{raw}");
            assert_eq!(number.raw, raw);
        }
    }

    #[test]
    fn an_access_code_is_found_in_every_form_that_carriers_write() {
        for (raw, forms) in [
            ("95588", &["95588"][..]),
            ("02195588", &["02195588", "95588"]),
            ("01095588", &["01095588", "95588"]),
            ("075595588", &["075595588", "95588"]),
            ("+862195588", &["862195588", "2195588", "95588"]),
            ("+8695588", &["8695588", "95588"]),
            ("008675595588", &["008675595588", "75595588", "95588"]),
            ("+86 21-95588", &["862195588", "2195588", "95588"]),
            ("+12125550100", &["12125550100"]),
            ("bank", &[]),
            ("", &[""]),
        ] {
            assert_eq!(dialled_forms(raw, "86"), forms, "{raw}");
        }
        assert_eq!(dialled_forms("+442079460000", "44"), ["442079460000", "2079460000"]);
    }

    #[test]
    fn it_prints_masked() {
        let number = Number::read("13812345678", "86", "21");
        assert_eq!(format!("{number}"), "+861381234****");
        assert!(!format!("{number:?}").contains("5678"));
    }
}
