//! Every service-level formula in use, by name: one row each.
//!
//! ```text
//!   A answered      A≤X within X s      S abandoned within the short threshold      C callbacks taken (none yet: 0)
//!   B abandoned     B≤X, B>X            W still waiting, W>X of them over X         F failed (see `WaitEnd::Failed`)
//! ```
//! Exactly X counts as within. An empty denominator is *no data* and never 100 %. A formula's id, its text and its clock are
//! printed beside every percentage: products that print one number of one formula are the reason this file exists.
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What a formula is made of. All of one window.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Counts {
    /// A: answered.
    pub answered: u64,
    /// A≤X: answered within X seconds.
    pub answered_within: u64,
    /// B: abandoned.
    pub abandoned: u64,
    /// B≤X: abandoned within X seconds.
    pub abandoned_within: u64,
    /// B>X: abandoned later.
    pub abandoned_over: u64,
    /// S: abandoned within the short threshold.
    pub short: u64,
    /// F: ended neither answered nor abandoned.
    pub failed: u64,
    /// W: still waiting.
    pub waiting: u64,
    /// W>X: still waiting, and already longer than X seconds.
    pub waiting_over: u64,
    /// C: callbacks taken.
    pub callbacks: u64,
    /// C≤X: callbacks taken within X seconds.
    pub callbacks_within: u64,
}

macro_rules! formulas {
    ($($name:ident $id:literal, $text:literal, $used_by:literal, |$c:ident| $num:expr, $den:expr;)+) => {
        /// A service-level formula.
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
        pub enum Formula {
            $(#[doc = concat!($text, ": ", $used_by)] #[serde(rename = $id)] $name,)+
        }
        /// Every formula, once, in the order of [`Formula`].
        pub const FORMULAS: &[FormulaRow] = &[
            $(FormulaRow {
                formula: Formula::$name, id: $id, text: $text, used_by: $used_by,
                numerator: |$c| $num, denominator: |$c| $den,
            },)+
        ];
    };
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct FormulaRow {
    /// Which.
    pub formula: Formula,
    /// Its name, as users type it: `F3`.
    pub id: &'static str,
    /// Its text, printed beside the figure.
    pub text: &'static str,
    /// Who uses it.
    pub used_by: &'static str,
    /// Above the line.
    pub numerator: fn(&Counts) -> u64,
    /// Below the line.
    pub denominator: fn(&Counts) -> u64,
}

formulas! {
    F1 "F1", "(A≤X + B≤X) / (A + B)", "ICMI 1, 公式一, Asterisk SL2",
        |c| c.answered_within + c.abandoned_within, c.answered + c.abandoned;
    F2 "F2", "A≤X / A", "ICMI 2, 公式二, Asterisk SL", |c| c.answered_within, c.answered;
    F3 "F3", "A≤X / (A + B)", "ICMI 3, 公式三", |c| c.answered_within, c.answered + c.abandoned;
    F4 "F4", "A≤X / (A + B>X)", "ICMI 4, 公式四, Bright Pattern", |c| c.answered_within, c.answered + c.abandoned_over;
    F5a "F5a", "(A≤X + S) / (A + B)", "ICMI 5, short abandons counted as good",
        |c| c.answered_within + c.short, c.answered + c.abandoned;
    F5b "F5b", "A≤X / (A + B − S)", "short abandons left out", |c| c.answered_within, c.answered + c.abandoned - c.short;
    F6 "F6", "(A≤X + B≤X + C≤X) / (A + B + C + F + W)", "Amazon Connect",
        |c| c.answered_within + c.abandoned_within + c.callbacks_within,
        c.answered + c.abandoned + c.callbacks + c.failed + c.waiting;
    F7 "F7", "(A − A>X) / (A + B), no flow-outs", "Genesys Cloud, abandons included",
        |c| c.answered - (c.answered - c.answered_within), c.answered + c.abandoned;
    F8 "F8", "A≤X / (A + B + W>X)", "live: who waits too long counts at once",
        |c| c.answered_within, c.answered + c.abandoned + c.waiting_over;
}

impl Formula {
    /// Its row.
    pub fn row(self) -> &'static FormulaRow {
        &FORMULAS[self as usize]
    }
    /// Its name, as users type it.
    pub fn id(self) -> &'static str {
        self.row().id
    }
}

impl fmt::Display for Formula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

/// The name that is no formula.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("unknown formula `{0}`; known are F1 F2 F3 F4 F5a F5b F6 F7 F8")]
pub struct UnknownFormula(pub String);

impl FromStr for Formula {
    type Err = UnknownFormula;
    fn from_str(s: &str) -> Result<Formula, UnknownFormula> {
        let row = FORMULAS.iter().find(|r| r.id.eq_ignore_ascii_case(s));
        row.map(|r| r.formula).ok_or_else(|| UnknownFormula(s.to_owned()))
    }
}

/// `numerator / denominator` in percent with two decimals, halves rounded up; none if there is nothing to divide by.
///
/// It is rounded in whole numbers, so that a second implementation arrives at the same digits.
pub fn percent(numerator: u64, denominator: u64) -> Option<f64> {
    if denominator == 0 {
        return None;
    }
    let (n, d) = (u128::from(numerator), u128::from(denominator));
    Some(((20_000 * n + d) / (2 * d)) as f64 / 100.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// ICMI's worked example: 1000 answered, 860 of them in time; 60 abandoned, 20 of them in time and 10 within 5 s.
    const EXAMPLE: Counts = Counts {
        answered: 1000,
        answered_within: 860,
        abandoned: 60,
        abandoned_within: 20,
        abandoned_over: 40,
        short: 10,
        failed: 0,
        waiting: 0,
        waiting_over: 0,
        callbacks: 0,
        callbacks_within: 0,
    };

    #[test]
    fn the_worked_example() {
        for (id, want) in [
            ("F1", 83.02),
            ("F2", 86.0),
            ("F3", 81.13),
            ("F4", 82.69),
            ("F5a", 82.08),
            ("F5b", 81.9),
            ("F6", 83.02),
            ("F7", 81.13),
            ("F8", 81.13),
        ] {
            let row = id.parse::<Formula>().expect("a known name").row();
            let level = percent((row.numerator)(&EXAMPLE), (row.denominator)(&EXAMPLE));
            assert_eq!(level, Some(want), "{id} = {}", row.text);
        }
    }

    #[test]
    fn those_who_wait_too_long_lower_f8_and_f6_only() {
        let late = Counts { waiting: 30, waiting_over: 25, failed: 5, ..EXAMPLE };
        for row in FORMULAS {
            let (before, after) = ((row.denominator)(&EXAMPLE), (row.denominator)(&late));
            let more = match row.formula {
                Formula::F8 => 25,
                Formula::F6 => 35,
                Formula::F1 | Formula::F2 | Formula::F3 | Formula::F4 => 0,
                Formula::F5a | Formula::F5b | Formula::F7 => 0,
            };
            assert_eq!(after - before, more, "{}", row.id);
        }
    }

    #[test]
    fn nothing_to_divide_by_is_no_data() {
        for row in FORMULAS {
            let none = Counts::default();
            assert_eq!(percent((row.numerator)(&none), (row.denominator)(&none)), None, "{}", row.id);
        }
        assert_eq!(percent(0, 3), Some(0.0));
        assert_eq!(percent(1, 128), Some(0.78));
        assert_eq!(percent(1, 200), Some(0.5));
        assert_eq!(percent(1, 800), Some(0.13));
        assert_eq!(percent(3, 3), Some(100.0));
    }

    #[test]
    fn the_table_is_in_order_and_names_are_read() {
        for (i, row) in FORMULAS.iter().enumerate() {
            assert_eq!(row.formula as usize, i);
            assert_eq!(row.id.parse(), Ok(row.formula));
            assert!("F1 F2 F3 F4 F5a F5b F6 F7 F8".contains(row.id));
        }
        assert_eq!("F9".parse::<Formula>(), Err(UnknownFormula("F9".to_owned())));
    }
}
