//! The pictures of a run along its time: what became of calls, how late answers were, what the target used, and what happened to it.
use crate::report::Report;
use crate::timeline::Point;
use std::fmt::Write;

const LEFT: f64 = 56.0;
const RIGHT: f64 = 704.0;

/// Both pictures; nothing where nothing was told along time.
pub fn along(w: &mut String, report: &Report) {
    let points = &report.timeline;
    if points.is_empty() {
        return;
    }
    let every = points.get(1).map_or(1.0, |p| p.at_s - points[0].at_s).max(0.001);
    let end = points.last().map_or(1.0, |p| p.at_s + every);
    let x = move |s: f64| LEFT + (RIGHT - LEFT) * s / end;
    w.push_str("<h2>Along the time</h2>");
    calls(w, report, every, end, &x);
    if points.iter().any(|p| p.rss_kb.is_some()) {
        target(w, points, end, &x);
    }
}

fn calls(w: &mut String, report: &Report, every: f64, end: f64, x: &dyn Fn(f64) -> f64) {
    let points = &report.timeline;
    let (top, bottom) = (40.0, 256.0);
    let most = points.iter().map(|p| p.offered).max().unwrap_or(1).max(1) as f64;
    let slowest = points.iter().filter_map(|p| p.setup_p99_ms).fold(report.asked.setup_p99_ms, f64::max) * 1.1;
    let decades = (slowest / 0.1).log10().max(1.0);
    let ms = |ms: f64| bottom - (bottom - top) * ((ms.max(0.1) / 0.1).log10() / decades).min(1.0);
    let height = |n: u64| (bottom - top) * n as f64 / most;
    let _ = write!(w, "<svg viewBox=\"0 0 790 300\" role=\"img\" aria-label=\"calls along the time\">");
    for share in [0.0, 0.5, 1.0] {
        let y = bottom - (bottom - top) * share;
        let _ = write!(
            w,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text x=\"50\" y=\"{:.1}\" text-anchor=\"end\">{:.0}</text>",
            y + 4.0,
            most * share
        );
    }
    let wide = (x(every) - x(0.0) - 0.6).max(0.6);
    for p in points {
        let (done, failed) = (height(p.done), height(p.failed));
        let at = x(p.at_s);
        let _ = write!(
            w,
            "<rect class=\"done\" x=\"{at:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{done:.1}\"/>",
            bottom - done
        );
        if p.failed > 0 {
            let _ = write!(
                w,
                "<rect class=\"failed\" x=\"{at:.1}\" y=\"{:.1}\" width=\"{wide:.1}\" height=\"{failed:.1}\"/>",
                bottom - done - failed
            );
        }
    }
    let late = points.iter().map(|p| p.setup_p99_ms.map(|late| (x(p.at_s + every / 2.0), ms(late)))).collect();
    line(w, "slow", late);
    let mut tick = 0.1;
    while tick <= slowest {
        let _ = write!(w, "<text class=\"slow\" x=\"710\" y=\"{:.1}\">{tick} ms</text>", ms(tick) + 4.0);
        tick *= 10.0;
    }
    seconds(w, end, x);
    // Labels of events that are near each other stand below one another.
    let mut lines_free_from = [0.0f64; 3];
    for event in &report.events {
        let at = x(event.at_s);
        let wide = event.what.chars().count() as f64 * 6.2 + 8.0;
        let anchor_end = at + wide > 780.0;
        let from = if anchor_end { at - wide } else { at };
        let row = (0..3).find(|row| lines_free_from[*row] <= from).unwrap_or(2);
        lines_free_from[row] = from + wide;
        let (dx, anchor) = if anchor_end { (-4.0, "end") } else { (4.0, "start") };
        let _ = write!(
            w,
            "<line class=\"knee\" x1=\"{at:.1}\" x2=\"{at:.1}\" y1=\"4\" y2=\"{bottom}\"/><text x=\"{:.1}\" y=\"{}\" text-anchor=\"{anchor}\">{}</text>",
            at + dx,
            12 + row * 12,
            super::escape(&event.what)
        );
    }
    w.push_str(
        "</svg><p><span class=\"done\">■ calls that went all the way</span> &nbsp; <span class=\"failed\">■ calls that did not</span>, \
         each by the moment it was meant (left) &nbsp; <span class=\"slow\">— setup p99, ms (right)</span></p>",
    );
}

fn target(w: &mut String, points: &[Point], end: f64, x: &dyn Fn(f64) -> f64) {
    let (top, bottom) = (16.0, 176.0);
    let most_mb = points.iter().filter_map(|p| p.rss_kb).max().unwrap_or(1) as f64 / 1_000.0 * 1.1;
    let most_cores = points.iter().filter_map(|p| p.cores).fold(0.1, f64::max) * 1.1;
    let y = |share: f64| bottom - (bottom - top) * share;
    let _ = write!(w, "<svg viewBox=\"0 0 790 220\" role=\"img\" aria-label=\"memory and cores along the time\">");
    for share in [0.0, 0.5, 1.0] {
        let at = y(share);
        let _ = write!(
            w,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/><text class=\"memory\" x=\"50\" y=\"{:.1}\" \
             text-anchor=\"end\">{:.0} MB</text><text class=\"slow\" x=\"710\" y=\"{:.1}\">{:.2}</text>",
            at + 4.0,
            most_mb * share,
            at + 4.0,
            most_cores * share
        );
    }
    line(
        w,
        "memory",
        points.iter().map(|p| p.rss_kb.map(|kb| (x(p.at_s), y(kb as f64 / 1_000.0 / most_mb)))).collect(),
    );
    line(w, "slow", points.iter().map(|p| p.cores.map(|cores| (x(p.at_s), y(cores / most_cores)))).collect());
    seconds_at(w, end, x, 194.0);
    w.push_str("</svg><p><span class=\"memory\">— memory of the target, MB (left)</span> &nbsp; <span class=\"slow\">— its CPU, cores (right)</span></p>");
}

fn seconds(w: &mut String, end: f64, x: &dyn Fn(f64) -> f64) {
    seconds_at(w, end, x, 274.0);
}

fn seconds_at(w: &mut String, end: f64, x: &dyn Fn(f64) -> f64, y: f64) {
    let (unit, in_s) = match end {
        e if e < 300.0 => ("s", 1.0),
        e if e < 4.0 * 3_600.0 => ("min", 60.0),
        _ => ("h", 3_600.0),
    };
    for n in 0..=5 {
        let at = end * f64::from(n) / 5.0;
        let _ = write!(w, "<text x=\"{:.1}\" y=\"{y}\" text-anchor=\"middle\">{:.1} {unit}</text>", x(at), at / in_s);
    }
}

/// A line with gaps where there is nothing.
fn line(w: &mut String, class: &str, points: Vec<Option<(f64, f64)>>) {
    for part in points.split(Option::is_none) {
        let text: Vec<String> = part.iter().flatten().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        match text.as_slice() {
            [] => {}
            [one] => {
                let (x, y) = one.split_once(',').unwrap_or((one, "0"));
                let _ = write!(w, "<circle class=\"{class}\" cx=\"{x}\" cy=\"{y}\" r=\"2\"/>");
            }
            many => {
                let _ = write!(w, "<polyline class=\"{class}\" points=\"{}\"/>", many.join(" "));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_events_and_gaps_are_drawn() {
        let point = |n: u32, failed: u64, late: Option<f64>| Point {
            at_s: f64::from(n),
            offered: 10,
            done: 10 - failed,
            failed,
            setup_p99_ms: late,
            rss_kb: late.map(|_| 50_000),
            ..Point::default()
        };
        let mut report = super::super::tests::report();
        let mut w = String::new();
        along(&mut w, &report);
        assert_eq!(w, "", "no time, no picture");
        report.timeline = vec![
            point(0, 0, Some(2.0)),
            point(1, 0, Some(3.0)),
            point(2, 10, None),
            point(3, 1, Some(4.0)),
            point(4, 0, Some(2.0)),
        ];
        report.events = vec![crate::timeline::TimelineEvent { at_s: 2.0, what: "kill <9>".to_owned() }];
        along(&mut w, &report);
        assert_eq!((w.matches("class=\"done\" x").count(), w.matches("class=\"failed\" x").count()), (5, 2));
        assert_eq!(w.matches("<polyline class=\"slow\"").count(), 2, "a gap parts the line");
        assert!(w.contains("kill &lt;9&gt;") && w.contains("aria-label=\"memory"));
    }
}
