//! The picture as SVG: rectangles, curves and text, nothing that a viewer could lack.
use super::layout::{Arrow, FONT, Frame, HEAD, Picture, ROW, row_y, text_width};
use super::{Card, End, Graph};
use std::fmt::Write as _;

const FONTS: &str = "'Noto Sans CJK SC','Noto Sans SC','Source Han Sans SC','Microsoft YaHei','PingFang SC','WenQuanYi Zen Hei',sans-serif";
/// A colour a menu, so that an arrow can be followed back; dark enough on white.
const COLOURS: [&str; 8] = ["#1f5fa8", "#a8471f", "#2b7a3f", "#7a2b6e", "#8a6d00", "#146c78", "#9c2740", "#4a4f9c"];

/// Draws it.
pub fn draw(graph: &Graph, picture: &Picture) -> String {
    let mut svg = String::new();
    let mut put = |line: String| writeln!(svg, "{line}").expect("a string takes everything");
    let (w, h) = (picture.w.ceil(), picture.h.ceil());
    put(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{w}\" height=\"{h}\" viewBox=\"0 0 {w} {h}\" font-family=\"{FONTS}\">"
    ));
    put(format!("<rect width=\"{w}\" height=\"{h}\" fill=\"#ffffff\"/>"));
    let owners =
        graph.cards.iter().enumerate().flat_map(|(i, c)| c.rows.iter().filter(|r| r.to.is_some()).map(move |_| i));
    for (arrow, owner) in picture.arrows.iter().zip(owners) {
        put(curve(arrow, COLOURS[owner % COLOURS.len()]));
    }
    for (i, (card, frame)) in graph.cards.iter().zip(&picture.cards).enumerate() {
        put(menu(card, *frame, COLOURS[i % COLOURS.len()]));
    }
    for (end, frame) in graph.ends.iter().zip(&picture.ends) {
        put(place(end, *frame));
    }
    put("</svg>".into());
    svg
}

fn curve(arrow: &Arrow, colour: &str) -> String {
    let (x, y) = arrow.points[0];
    let mut path = format!("M{x:.1} {y:.1}");
    for (i, pair) in arrow.points.windows(2).enumerate() {
        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
        // Odd stretches run through a lane.
        if i % 2 == 1 {
            write!(path, " L{x2:.1} {y2:.1}").expect("a string takes everything");
        } else {
            let bend = (x2 - x1) * 0.5;
            write!(path, " C{:.1} {y1:.1} {:.1} {y2:.1} {x2:.1} {y2:.1}", x1 + bend, x2 - bend)
                .expect("a string takes everything");
        }
    }
    let dashes = if arrow.quiet { " stroke-dasharray=\"5 4\"" } else { "" };
    let (x, y) = arrow.points[arrow.points.len() - 1];
    format!(
        "<path d=\"{path}\" fill=\"none\" stroke=\"{colour}\" stroke-width=\"1.4\" stroke-opacity=\"0.75\"{dashes}/>\
         <path d=\"M{x:.1} {y:.1} l-8 -4 v8 z\" fill=\"{colour}\"/>"
    )
}

fn menu(card: &Card, at: Frame, colour: &str) -> String {
    let Frame { x, y, w, h } = at;
    let mut svg = format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"6\" fill=\"#ffffff\" stroke=\"{colour}\" stroke-width=\"1.5\"/>\
         <path d=\"M{x:.1} {:.1} v-{:.1} q0 -6 6 -6 h{:.1} q6 0 6 6 v{:.1} z\" fill=\"{colour}\"/>",
        y + HEAD - 4.0,
        HEAD - 10.0,
        w - 12.0,
        HEAD - 10.0,
    );
    let head = y + HEAD / 2.0 + 4.0;
    svg += &text(&card.title, x + 14.0, head, 16.0, "#ffffff", " font-weight=\"bold\"");
    let name_x = x + 14.0 + text_width(&card.title, 16.0) + 10.0;
    svg += &text(&card.name, name_x, head, 11.0, "#dfe8f2", "");
    svg += &text(&card.hours, x + w - 12.0, head, 11.0, "#ffffff", " text-anchor=\"end\"");
    for (i, row) in card.rows.iter().enumerate() {
        let middle = row_y(at, i);
        if row.key.is_empty() {
            svg += &text(&row.text, x + 36.0, middle + 4.5, FONT - 2.0, "#777777", "");
            continue;
        }
        svg += &text(&row.text, x + 36.0, middle + 4.5, FONT, "#222222", "");
        svg += &key(&row.key, x + 18.0, middle, colour, false);
        if row.to.is_some() {
            svg += &key(&row.key, x + w, middle, colour, true);
        }
    }
    svg
}

/// A key's face in a disc: filled where an arrow begins.
fn key(face: &str, x: f64, y: f64, colour: &str, filled: bool) -> String {
    let (fill, ink) = if filled { (colour, "#ffffff") } else { ("#ffffff", colour) };
    let disc =
        format!("<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"{:.1}\" fill=\"{fill}\" stroke=\"{colour}\"/>", ROW * 0.38);
    disc + &text(face, x, y + 4.5, 12.0, ink, " text-anchor=\"middle\" font-weight=\"bold\"")
}

/// What stands in an end.
pub fn end_text(end: &End) -> String {
    match end {
        End::Queue(queue) => format!("人工 {queue}"),
        End::Voicemail(name) => format!("留言 {name}"),
        End::Callback(queue) => format!("回电 {queue}"),
        End::HangUp => "挂断".to_owned(),
    }
}

fn place(end: &End, at: Frame) -> String {
    let Frame { x, y, w, h } = at;
    let (fill, ink) = match end {
        End::Queue(_) => ("#e5f3e8", "#1f6b33"),
        End::Voicemail(_) | End::Callback(_) => ("#fdf3dc", "#7a5a10"),
        End::HangUp => ("#f7e3e3", "#9c2727"),
    };
    let frame = format!(
        "<rect x=\"{x:.1}\" y=\"{y:.1}\" width=\"{w:.1}\" height=\"{h:.1}\" rx=\"{:.1}\" fill=\"{fill}\" stroke=\"{ink}\"/>",
        h / 2.0
    );
    frame + &text(&end_text(end), x + w / 2.0, y + h / 2.0 + 4.5, FONT, ink, " text-anchor=\"middle\"")
}

fn text(words: &str, x: f64, y: f64, size: f64, ink: &str, more: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    let words = words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;");
    format!("<text x=\"{x:.1}\" y=\"{y:.1}\" font-size=\"{size}\" fill=\"{ink}\"{more}>{words}</text>")
}
