//! The bank's list of customers of 65 and more: telephone numbers, one a line, as the bank writes them.
//!
//! ```text
//!   # exported 2026-11-01
//!   138 0013 8000
//!   021-62345678
//! ```
//! Numbers are personal data: a fault names the line and never the number. Lines that are empty or begin with `#` are for readers.
use crate::centre::CentreFile;
use crate::faults::code;
use crate::load::beside;
use crate::loaded::TrunkConf;
use sha2::{Digest as _, Sha256};
use std::collections::BTreeSet;
use switchboard_ivr::Disk;
use switchboard_model::Number;
use switchboard_source::Diagnostic;

/// A list of five million numbers; a bank that has more asks its back-end, not a file.
const BYTES_MAX: usize = 64 << 20;
/// Faults told; a file in a wrong form has as many as it has lines.
const FAULTS_MAX: usize = 10;

/// Reads it, if `centre.yaml` names one. Numbers without a country are the first trunk's.
pub fn read(
    folder: &str,
    centre: &CentreFile,
    trunks: &[TrunkConf],
    disk: &mut dyn Disk,
    hash: &mut Sha256,
    faults: &mut Vec<Diagnostic>,
) -> BTreeSet<String> {
    let mut numbers = BTreeSet::new();
    let Some(file) = &centre.elderly else { return numbers };
    let path = beside(folder, &file.value);
    let bytes = match disk.read(&path) {
        Ok(bytes) => bytes,
        Err(e) => {
            let fault = Diagnostic::error(code(17), &file.at, format!("{path} cannot be read: {e}"));
            faults.push(fault.help("one number a line; or take `elderly_numbers` out"));
            return numbers;
        }
    };
    hash.update(&bytes);
    let text = match std::str::from_utf8(&bytes) {
        Ok(text) if bytes.len() <= BYTES_MAX => text,
        _ => {
            let message = format!("{path} is no UTF-8 text of at most {} MiB", BYTES_MAX >> 20);
            faults.push(Diagnostic::error(code(17), &file.at, message).help("one number a line"));
            return numbers;
        }
    };
    let (country, area) = trunks.first().map_or(("86", ""), |t| (t.country.as_str(), t.area.as_str()));
    let mut wrong = 0;
    for (n, line) in text.lines().enumerate().map(|(n, line)| (n + 1, line.trim())) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let number = Number::read(line, country, area);
        if number.is_withheld() {
            wrong += 1;
            if wrong <= FAULTS_MAX {
                let fault = Diagnostic::error(code(17), &file.at, format!("line {n} of {path} is no telephone number"));
                faults.push(fault.help("digits, with +, -, ( ) and spaces; one number a line"));
            }
            continue;
        }
        numbers.insert(number.normalised);
    }
    numbers
}
