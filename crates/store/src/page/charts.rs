//! The five pictures. Each says in words what it shows, marks by shape and number and never by colour alone.
use super::Lang;
use super::svg::{Frame, Svg, ceiling};
use crate::moment::tick;
use crate::{Pictures, Report};
use switchboard_stats::WaitEnd;

fn labels(p: &Pictures) -> Vec<String> {
    p.slots.iter().map(|s| tick(s.from, p.slot_s)).collect()
}

/// The level through the day against the target.
pub fn level(p: &Pictures, lang: Lang) -> String {
    let (frame, n) = (Frame::WIDE, p.slots.len());
    let mut svg = frame.canvas();
    frame.left_axis(&mut svg, 100.0, " %");
    frame.lower_axis(&mut svg, &labels(p));
    if let Some(target) = p.target {
        let y = frame.y(f64::from(target) / 100.0);
        svg.line("target", (frame.left, y), (frame.left + frame.width, y));
        let word = lang.say("target", "目标");
        svg.text("start targettext", (frame.left + frame.width + 4.0, y + 4.0), &format!("{word} {target}"));
    }
    let mut run: Vec<(f64, f64)> = Vec::new();
    for (i, slot) in p.slots.iter().enumerate() {
        let Some(percent) = slot.percent else {
            svg.path("level", &std::mem::take(&mut run)); // a slot without data is a gap, not a zero
            continue;
        };
        let at = ((frame.x(i, n) + frame.x(i + 1, n)) / 2.0, frame.y(percent / 100.0));
        run.push(at);
        let missed = p.target.is_some_and(|t| percent < f64::from(t));
        svg.dot(if missed { "missed" } else { "met" }, at, &format!("{} {percent:.2} %", tick(slot.from, p.slot_s)));
    }
    svg.path("level", &run);
    svg.finish(lang.say("service level through the window against the target", "服务水平随时间变化与目标"))
}

/// Waits by their length and the time.
pub fn heat(p: &Pictures, lang: Lang) -> String {
    let mut edges: Vec<u16> = vec![5, 10, 15, 20, 30, 45, 60, 90, 120, 180, 300];
    let x = u16::try_from(p.question.within_s).unwrap_or(u16::MAX);
    if let Err(at) = edges.binary_search(&x) {
        edges.insert(at, x);
    }
    let longest = WaitEnd::ALL.iter().filter_map(|e| p.waits.lengths(*e).last()).map(|(s, _)| s).max().unwrap_or(0);
    edges.truncate(edges.partition_point(|edge| *edge < longest.max(x.saturating_add(1))) + 1);
    let table = p.heat(&edges);
    let most = table.iter().flatten().copied().max().unwrap_or(0).max(1) as f64;
    let (rows, n) = (edges.len() + 1, p.slots.len());
    let frame = Frame { height: 20.0 * rows as f64, ..Frame::WIDE };
    let mut svg = frame.canvas();
    frame.lower_axis(&mut svg, &labels(p));
    let row_y = |band: usize| frame.bottom() - 20.0 * (band + 1) as f64;
    for band in 0..rows {
        let from = band.checked_sub(1).map_or(0, |b| edges[b]);
        let name = edges.get(band).map_or(format!("> {from} s"), |to| format!("≤ {to} s"));
        svg.text("end", (frame.left - 6.0, row_y(band) + 14.0), &name);
        for (i, row) in table.iter().enumerate().filter(|(_, row)| row[band] > 0) {
            let (x, w) = (frame.x(i, n), frame.width / n as f64);
            let title = format!("{}, {name}: {}", tick(p.slots[i].from, p.slot_s), row[band]);
            svg.shade(0.15 + 0.6 * row[band] as f64 / most, (x, row_y(band)), (w - 1.0, 19.0), &title);
            if w >= 14.0 {
                svg.text("middle small", (x + w / 2.0, row_y(band) + 14.0), &row[band].to_string());
            }
        }
    }
    let y = row_y(edges.iter().position(|e| *e == x).expect("inserted above"));
    svg.line("target", (frame.left, y), (frame.left + frame.width, y));
    svg.text("start targettext", (frame.left + frame.width + 4.0, y + 4.0), &format!("X = {x}"));
    svg.finish(lang.say("how many waits of each length there were in each slot", "各时段各等待时长的来电数"))
}

/// Arrivals as bars, agents as lines on an axis of their own.
pub fn flow(p: &Pictures, lang: Lang) -> String {
    let (frame, n) = (Frame::WIDE, p.slots.len());
    let mut svg = frame.canvas();
    let most = ceiling(p.slots.iter().map(|s| s.arrivals).max().unwrap_or(0) as f64);
    let staff = ceiling(p.slots.iter().map(|s| s.staffed).fold(0.0, f64::max));
    frame.left_axis(&mut svg, most, "");
    frame.lower_axis(&mut svg, &labels(p));
    let w = frame.width / n as f64;
    for (i, slot) in p.slots.iter().enumerate() {
        let h = frame.height * slot.arrivals as f64 / most;
        let title = format!("{}: {}", tick(slot.from, p.slot_s), slot.arrivals);
        svg.rect("arrivals", (frame.x(i, n), frame.bottom() - h), ((w - 1.0).max(0.5), h), &title);
    }
    type Agents = fn(&crate::pictures::Slot) -> f64;
    let lines: [(&str, &str, Agents); 2] =
        [("staffed", lang.say("logged in", "签入"), |s| s.staffed), ("busy", lang.say("busy", "忙"), |s| s.busy)];
    for (class, word, value) in lines {
        let at = |(i, s)| ((frame.x(i, n) + frame.x(i + 1, n)) / 2.0, frame.y(value(s) / staff));
        let points: Vec<(f64, f64)> = p.slots.iter().enumerate().map(at).collect();
        svg.path(class, &points);
        if let (Some(&(_, y)), Some(last)) = (points.last(), p.slots.last()) {
            let name = format!("{word} {:.1}", value(last));
            svg.text("start small", (frame.left + frame.width + 2.0, y + 4.0), &name);
        }
    }
    svg.finish(lang.say("callers who asked for a person, and agents", "转人工量与坐席数"))
}

/// How long people waited, with X marked.
pub fn waits(p: &Pictures, lang: Lang) -> String {
    let x = u64::from(p.question.within_s);
    let longest = WaitEnd::ALL.iter().filter_map(|e| p.waits.lengths(*e).last()).map(|(s, _)| u64::from(s)).max();
    let reach = longest.unwrap_or(0).max(x + 1).max(10);
    let least = reach.div_ceil(60);
    let width = (least..=x).find(|w| x % w == 0).unwrap_or(least); // X is the edge of a bar where one can be
    let n = reach.div_ceil(width) as usize + 1;
    let mut bars = vec![[0u64; 3]; n];
    for end in WaitEnd::ALL {
        for (s, count) in p.waits.lengths(end) {
            // A wait of no time is its own bar; else the bar of `(before, s]`.
            bars[u64::from(s).div_ceil(width) as usize][end as usize] += u64::from(count);
        }
    }
    let most = ceiling(bars.iter().map(|b| b.iter().sum::<u64>()).max().unwrap_or(0) as f64);
    let frame = Frame::WIDE;
    let mut svg = frame.canvas();
    frame.left_axis(&mut svg, most, "");
    let names: Vec<String> = (0..n as u64).map(|i| format!("{} s", i * width)).collect();
    frame.lower_axis(&mut svg, &names);
    for (i, bar) in bars.iter().enumerate() {
        let mut y = frame.bottom();
        for (count, class) in bar.iter().zip(["answered", "abandoned", "failed"]).filter(|(n, _)| **n > 0) {
            let h = frame.height * *count as f64 / most;
            y -= h;
            let title = format!("≤ {} {}: {count}", names[i], lang.end(class));
            svg.rect(class, (frame.x(i, n), y), (frame.width / n as f64 - 1.0, h), &title);
        }
    }
    let at = frame.left + frame.width * (x as f64 / width as f64 + 1.0) / n as f64;
    svg.line("target", (at, frame.top), (at, frame.bottom()));
    svg.text("start targettext", (at + 4.0, frame.top + 10.0), &format!("X = {x} s"));
    svg.finish(lang.say("how many waited how long, with X marked", "等待时长分布，标出 X"))
}

/// Both equations of the record, as bars of the same length if it adds up.
pub fn balance(report: &Report, lang: Lang) -> String {
    let term = |id: &str| {
        let name = format!("record.{id}");
        report.conservation.iter().find(|i| i.id == name).map_or(0, |i| i.numerator)
    };
    let sides: [(&str, &[&str]); 4] = [
        ("arrived", &["arrived"]),
        ("", &["rejected", "in_menu", "ended_in_menu", "offered"]),
        ("offered", &["offered"]),
        ("", &["answered", "abandoned", "failed", "waiting"]),
    ];
    let most = sides.iter().map(|(_, terms)| terms.iter().map(|t| term(t)).sum::<u64>()).max().unwrap_or(0).max(1);
    let mut svg = Svg::new(1010.0, 220.0);
    for (row, (_, terms)) in sides.iter().enumerate() {
        let y = 6.0 + 46.0 * row as f64 + if row > 1 { 22.0 } else { 0.0 };
        let mut x = 10.0;
        for (i, id) in terms.iter().enumerate().filter(|(_, id)| term(id) > 0) {
            let w = 990.0 * term(id) as f64 / most as f64;
            let name = crate::labels::label_in(&format!("record.{id}"), &report.names, lang);
            let says = format!("{name} {}", term(id));
            svg.rect(if terms.len() == 1 { "whole" } else { ["p0", "p1", "p2", "p3"][i] }, (x, y), (w, 38.0), &says);
            // A Chinese character is about twice as wide as a Latin one.
            let wide: f64 = says.chars().map(|c| if c.is_ascii() { 7.0 } else { 13.0 }).sum();
            if wide < w - 8.0 {
                svg.text("start", (x + 6.0, y + 24.0), &says);
            } else if w > 26.0 {
                svg.text("start", (x + 4.0, y + 24.0), &term(id).to_string());
            }
            x += w;
        }
    }
    svg.finish(lang.say("calls that came and where they are", "来电及其去向"))
}
