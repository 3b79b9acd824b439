//! The result as one HTML page that needs nothing else: pictures as SVG, the steps as a table.
mod along;

use crate::measured::Summary;
use crate::report::{Report, Verdict};
use std::fmt::Write;

/// Draws it.
pub fn page(report: &Report) -> String {
    let mut w = String::with_capacity(16_384);
    let colour = match report.verdict {
        Verdict::Pass => "#1a7f37",
        Verdict::Fail => "#b42318",
        Verdict::CouldNotMeasure => "#8a6100",
    };
    let _ = write!(
        w,
        "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>switchboard bench {verb}</title><style>{STYLE}</style>\
         <h1>switchboard bench {verb}</h1><p class=\"line\" style=\"border-color:{colour}\">{line}</p>\
         <p>{target}<br>{when} · {machine} · version {version} · seed {seed} · {sound} % of calls with sound both ways</p>",
        verb = escape(&report.verb),
        line = escape(&report.line()),
        target = escape(&report.target),
        when = escape(&report.when),
        machine = escape(&report.machine),
        version = escape(&report.version),
        seed = report.seed,
        sound = report.sound_percent,
    );
    along::along(&mut w, report);
    if report.timeline.is_empty() && !report.steps.is_empty() {
        w.push_str("<h2>Rate against success and latency</h2>");
        rates(&mut w, report);
    }
    let shown = report.steps.iter().rfind(|s| s.carried).or(report.steps.last());
    if let Some(step) = shown {
        let _ = write!(w, "<h2>Latency at {:.0} calls/s</h2><div class=\"two\">", step.asked_cps);
        bars(&mut w, "from the moment the call was meant to the answer", &step.setup);
        bars(&mut w, "from key and free agent to the agent's INVITE", &step.dispatch);
        for (what, of) in [
            ("from the agent's answer to sound both ways", &step.sound),
            ("a frame of sound on its way through the target", &step.media_delay),
        ] {
            if of.samples > 0 {
                bars(&mut w, what, of);
            }
        }
        w.push_str("</div>");
    }
    if !report.steps.is_empty() {
        w.push_str("<h2>Steps</h2>");
        table(&mut w, report);
    }
    list(&mut w, "Could not be measured", &report.could_not_measure);
    list(&mut w, "Disturbed by", &report.disturbed);
    if !report.figures.is_empty() {
        w.push_str("<h2>Figures</h2><table>");
        for (name, value) in &report.figures {
            let _ = write!(w, "<tr><td>{}<td class=\"n\">{value:.3}", escape(name));
        }
        w.push_str("</table>");
    }
    w.push_str("</html>\n");
    w
}

fn rates(w: &mut String, report: &Report) {
    let mut steps: Vec<_> = report.steps.iter().collect();
    steps.sort_by(|a, b| a.asked_cps.total_cmp(&b.asked_cps));
    // Of a rate that was tried twice, the second try counts: the sort keeps their order.
    let steps: Vec<_> =
        steps.chunk_by(|a, b| a.asked_cps == b.asked_cps).filter_map(|same| same.last().copied()).collect();
    let most = steps.last().map_or(1.0, |s| s.asked_cps) * 1.05;
    let slowest =
        steps.iter().filter_map(|s| s.setup.p99_ms.or(s.setup.max_ms)).fold(report.asked.setup_p99_ms, f64::max) * 1.1;
    let (left, right, top, bottom) = (56.0, 704.0, 16.0, 256.0);
    let x = |cps: f64| left + (right - left) * cps / most;
    let percent = |p: f64| bottom - (bottom - top) * p / 100.0;
    // Decades, from 0.1 ms up: an idle target and one that is lost lie four of them apart.
    let decades = (slowest / 0.1).log10().max(1.0);
    let ms = |ms: f64| bottom - (bottom - top) * ((ms.max(0.1) / 0.1).log10() / decades).min(1.0);
    w.push_str("<svg viewBox=\"0 0 790 300\" role=\"img\" aria-label=\"rate against success and p99\">");
    for p in [0.0, 25.0, 50.0, 75.0, 100.0] {
        let y = percent(p);
        let _ = write!(
            w,
            "<line class=\"grid\" x1=\"{left}\" x2=\"{right}\" y1=\"{y:.1}\" y2=\"{y:.1}\"/><text class=\"ok\" x=\"50\" y=\"{:.1}\" text-anchor=\"end\">{p:.0} %</text>",
            y + 4.0
        );
    }
    let mut tick = 0.1;
    while tick <= slowest {
        let _ = write!(w, "<text class=\"slow\" x=\"710\" y=\"{:.1}\">{tick} ms</text>", ms(tick) + 4.0);
        tick *= 10.0;
    }
    for n in 0..=5 {
        let cps = most / 1.05 * f64::from(n) / 5.0;
        let _ = write!(w, "<text x=\"{:.1}\" y=\"274\" text-anchor=\"middle\">{cps:.0}</text>", x(cps));
    }
    w.push_str("<text x=\"380\" y=\"294\" text-anchor=\"middle\">calls a second</text>");
    if let Some(knee) = report.knee_cps {
        let _ = write!(
            w,
            "<line class=\"knee\" x1=\"{0:.1}\" x2=\"{0:.1}\" y1=\"{top}\" y2=\"{bottom}\"/><text x=\"{1:.1}\" y=\"28\" text-anchor=\"end\">knee {knee:.0}</text>",
            x(knee),
            x(knee) - 6.0
        );
    }
    let mut curve = |class: &str, points: Vec<(f64, f64)>| {
        let text: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(w, "<polyline class=\"{class}\" points=\"{}\"/>", text.join(" "));
        for (x, y) in points {
            let _ = write!(w, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3.5\"/>");
        }
    };
    curve("ok", steps.iter().map(|s| (x(s.asked_cps), percent(s.success_percent))).collect());
    let slow = steps.iter().filter_map(|s| Some((x(s.asked_cps), ms(s.setup.p99_ms.or(s.setup.max_ms)?))));
    curve("slow", slow.collect());
    w.push_str("</svg><p><span class=\"ok\">● calls that went all the way, % (left)</span> &nbsp; <span class=\"slow\">● setup p99, ms (right)</span></p>");
}

fn bars(w: &mut String, what: &str, summary: &Summary) {
    let most = summary.histogram.iter().map(|(_, n)| *n).max().unwrap_or(0).max(1) as f64;
    let used = |(_, n): &(f64, u64)| *n > 0;
    let first = summary.histogram.iter().position(used).unwrap_or(0);
    let last = summary.histogram.iter().rposition(used).unwrap_or(0);
    let shown: Vec<_> = summary.histogram.iter().skip(first).take(last + 1 - first).collect();
    let height = shown.len() * 22 + 8;
    let _ = write!(
        w,
        "<div><p>{what}; {} samples</p><svg viewBox=\"0 0 360 {height}\" role=\"img\" aria-label=\"histogram\">",
        summary.samples
    );
    for (row, (bound, n)) in shown.iter().enumerate() {
        let (y, long) = (row * 22 + 4, 200.0 * *n as f64 / most);
        let _ = write!(
            w,
            "<text x=\"84\" y=\"{}\" text-anchor=\"end\">≤ {bound} ms</text><rect class=\"bar\" x=\"90\" y=\"{y}\" width=\"{long:.1}\" height=\"18\"/><text x=\"{:.1}\" y=\"{}\">{n}</text>",
            y + 14,
            long + 96.0,
            y + 14
        );
    }
    w.push_str("</svg></div>");
}

fn table(w: &mut String, report: &Report) {
    w.push_str(
        "<table><tr><th>asked/s<th>offered<th>done<th>done/s<th>success %<th>setup p50<th>p99<th>p99.9 ms<th>dispatch p50<th>p99 ms\
         <th>sound judged<th>sound late p50<th>p99 ms<th>lost %<th>out of order<th>doubled<th>said again<th>came again<th>cores<th>µs/call<th>switches/call<th>RSS MB<th>",
    );
    let number = |n: Option<f64>, digits: usize| n.map_or("–".to_owned(), |n| format!("{n:.digits$}"));
    for s in &report.steps {
        let cells = [
            format!("{:.1}", s.asked_cps),
            s.offered.to_string(),
            s.done.to_string(),
            format!("{:.1}", s.done_cps),
            format!("{:.2}", s.success_percent),
            number(s.setup.p50_ms, 2),
            number(s.setup.p99_ms, 2),
            number(s.setup.p999_ms, 2),
            number(s.dispatch.p50_ms, 2),
            number(s.dispatch.p99_ms, 2),
            s.sound_judged.to_string(),
            number(s.media_delay.p50_ms, 2),
            number(s.media_delay.p99_ms, 2),
            number(s.media_lost_percent, 2),
            s.out_of_order.to_string(),
            s.doubled_agents.to_string(),
            s.said_again.to_string(),
            s.came_again.to_string(),
            number(s.target_cores, 2),
            number(s.target_us_a_call, 0),
            number(s.target_switches_a_call, 1),
            number(s.target_rss_kb.map(|kb| kb as f64 / 1_000.0), 0),
        ];
        w.push_str("<tr>");
        for cell in cells {
            let _ = write!(w, "<td class=\"n\">{cell}");
        }
        let _ = write!(w, "<td>{}", if s.carried { "carried" } else { "not&nbsp;carried" });
        for (why, n) in &s.faults {
            let _ = write!(w, "<tr class=\"why\"><td><td colspan=\"22\">{n} × {}", escape(why));
        }
    }
    w.push_str("</table>");
}

fn list(w: &mut String, title: &str, all: &[String]) {
    if all.is_empty() {
        return;
    }
    let _ = write!(w, "<h2>{title}</h2><ul>");
    for one in all {
        let _ = write!(w, "<li>{}", escape(one));
    }
    w.push_str("</ul>");
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

const STYLE: &str = "body{font:15px/1.45 system-ui,sans-serif;max-width:1100px;margin:24px auto;padding:0 16px;color:#1f2328;background:#fff}\
 h1{font-size:22px}h2{font-size:17px;margin-top:28px}.line{border-left:6px solid;padding:8px 12px;background:#f6f8fa;font-weight:600}\
 svg{width:100%;max-width:790px;font-size:12px}.two svg{max-width:420px}.grid{stroke:#d8dee4}.knee{stroke:#1f2328;stroke-dasharray:4 4}\
 polyline{fill:none;stroke-width:2}polyline.ok{stroke:#1a7f37}polyline.slow{stroke:#bc4c00}circle.ok,text.ok{fill:#1a7f37}circle.slow,text.slow{fill:#bc4c00}\
 span.ok{color:#1a7f37}span.slow{color:#bc4c00}.bar{fill:#0969da}rect.done{fill:#8fd19e}rect.failed{fill:#e5534b}span.done{color:#2da44e}span.failed{color:#cf222e}\
 polyline.memory{stroke:#0969da}circle.memory,text.memory{fill:#0969da}span.memory{color:#0969da}.two{display:grid;grid-template-columns:1fr 1fr;gap:24px}\
 table{border-collapse:collapse;font-size:12.5px}th{font-weight:600;text-align:left;vertical-align:bottom}td,th{padding:3px 7px;border-bottom:1px solid #d8dee4;vertical-align:top}.why td{border:0;color:#b42318}.n{text-align:right;font-variant-numeric:tabular-nums}";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::knee::{Bound, Limits};
    use crate::step::Step;

    /// A result of a search.
    pub fn report() -> Report {
        let step = |cps: f64, percent: f64| Step {
            asked_cps: cps,
            success_percent: percent,
            faults: [("refused <with> 503".to_owned(), 3)].into(),
            ..Step::default()
        };
        Report {
            verb: "knee".into(),
            verdict: Verdict::Pass,
            knee_cps: Some(100.0),
            limit: Some(Bound::Success),
            reason: "knee 100 calls/s".into(),
            could_not_measure: vec!["p99.9".into()],
            disturbed: vec![],
            asked: Limits { success_percent: 99.0, setup_p99_ms: 200.0, dispatch_p99_ms: 200.0 },
            ceiling_cps: Some(1_000.0),
            ceiling_setup_p99_ms: None,
            target: "demo".into(),
            when: String::new(),
            machine: String::new(),
            version: String::new(),
            seed: 1,
            sound_percent: 10,
            figures: [].into(),
            steps: vec![step(100.0, 100.0), step(200.0, 40.0)],
            timeline: vec![],
            events: vec![],
        }
    }

    #[test]
    fn it_holds_the_verdict_the_curves_and_no_markup_of_others() {
        let report = report();
        let page = page(&report);
        assert!(page.contains("PASS knee: knee 100 calls/s") && page.contains("knee 100</text>"));
        assert_eq!(page.matches("<circle class=\"ok\"").count(), 2);
        assert!(page.contains("refused &lt;with&gt; 503") && !page.contains("<with>"));
        assert!(!page.contains("http"), "it needs nothing from elsewhere");
    }
}
