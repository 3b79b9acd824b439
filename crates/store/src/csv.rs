//! A report as CSV (RFC 4180): one row a figure, and in every row all that must stand beside it.
//!
//! The names in `id` are the formulas' and the indicators'; counts stand over 1. The first line names the columns; moments bear
//! their offset. What begins like a formula of a spreadsheet is kept from being one.
use crate::moment::rfc3339;
use crate::{Report, Window};
use std::fmt::Write;
use switchboard_stats::{By, Clock, Unit};

const HEAD: &str = "kind,queue,from,to,by,clock,id,within_s,short_s,numerator,denominator,value,unit,formula,config_hash,as_of,target_x_s,target_percent";

/// The whole report.
pub fn csv(report: &Report) -> String {
    let mut out = format!("{HEAD}\r\n");
    let as_of = rfc3339(report.record.as_of);
    let hash = |hash: &Option<String>| hash.clone().unwrap_or_default();
    for f in &report.levels {
        let value = f.percent.map(|p| p.to_string()).unwrap_or_default();
        let mut row = vec!["level".to_owned()];
        row.extend(place(report, &f.window));
        row.extend([f.clock.clone(), f.formula.id().to_owned(), f.within_s.to_string(), f.window.short_s.to_string()]);
        row.extend([f.numerator.to_string(), f.denominator.to_string(), value, "percent".to_owned()]);
        row.extend([f.text.clone(), hash(&f.config_hash), as_of.clone()]);
        let target = f.target(&report.names).map(|(target, _)| target);
        row.extend(
            [target.map(|t| t.x_s), target.map(|t| t.y_percent)].map(|n| n.map_or(String::new(), |n| n.to_string())),
        );
        write_row(&mut out, &row);
    }
    let blocks = report.blocks.iter().flat_map(|b| b.indicators.iter().map(move |i| ("indicator", Some(b.window), i)));
    let balance = report.conservation.iter().map(|i| ("conservation", None, i));
    for (kind, window, i) in blocks.chain(balance) {
        let mut row = vec![kind.to_owned()];
        row.extend(window.map_or_else(|| [const { String::new() }; 4], |w| place(report, &w)));
        let short = window.map(|w| w.short_s.to_string()).unwrap_or_default();
        let clock = window.map_or(Clock::default(), |w| w.clock);
        row.extend([clock.text().to_owned(), i.id.clone(), String::new(), short]);
        let value = i.value.map(|v| v.to_string()).unwrap_or_default();
        row.extend([i.numerator.to_string(), i.denominator.to_string(), value, unit(i.unit).to_owned()]);
        row.extend([String::new(), hash(&report.record.config_hash), as_of.clone()]);
        row.extend([const { String::new() }; 2]);
        write_row(&mut out, &row);
    }
    out
}

fn place(report: &Report, window: &Window) -> [String; 4] {
    let by = match window.by {
        By::End => "end",
        By::Arrival => "arrival",
    };
    let about = report.about(window, "all");
    [about, rfc3339(window.from), rfc3339(window.to), by.to_owned()]
}

fn unit(unit: Unit) -> &'static str {
    match unit {
        Unit::Count => "count",
        Unit::Percent => "percent",
        Unit::Ms => "ms",
        Unit::Seconds => "s",
    }
}

fn write_row(out: &mut String, row: &[String]) {
    let cells: Vec<String> = row.iter().map(|cell| quoted(cell)).collect();
    write!(out, "{}\r\n", cells.join(",")).expect("text grows");
}

/// A spreadsheet runs what begins with one of these; a queue may be called anything.
fn quoted(cell: &str) -> String {
    let cell = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains([',', '"', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_one_cell_and_no_formula() {
        for (cell, want) in [
            ("cards", "cards"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=1+1", "'=1+1"),
            ("-", "'-"),
        ] {
            assert_eq!(quoted(cell), want);
        }
    }
}
