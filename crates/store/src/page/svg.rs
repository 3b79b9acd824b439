//! Pictures as SVG, written by hand: rectangles, lines, texts, and a frame with axes. No script, nothing from elsewhere.
use std::fmt::Write;

/// `&`, `<`, `>` and quotes as XML wants them.
pub fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A picture being drawn. Lengths are pixels at the size it is made for; it scales.
pub struct Svg {
    width: f64,
    height: f64,
    body: String,
}

impl Svg {
    /// An empty picture.
    pub fn new(width: f64, height: f64) -> Svg {
        Svg { width, height, body: String::new() }
    }

    /// A rectangle; `title` is shown under the mouse.
    pub fn rect(&mut self, class: &str, (x, y): (f64, f64), (w, h): (f64, f64), title: &str) {
        let title = if title.is_empty() { String::new() } else { format!("<title>{}</title>", escape(title)) };
        self.put(format!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}">{title}</rect>"#
        ));
    }

    /// A rectangle filled more or less strongly, from 0 to 1.
    pub fn shade(&mut self, strength: f64, (x, y): (f64, f64), (w, h): (f64, f64), title: &str) {
        let title = escape(title);
        self.put(format!(
            r#"<rect class="heat" fill-opacity="{strength:.3}" x="{x:.1}" y="{y:.1}" width="{w:.1}" height="{h:.1}"><title>{title}</title></rect>"#
        ));
    }

    /// A line.
    pub fn line(&mut self, class: &str, (x1, y1): (f64, f64), (x2, y2): (f64, f64)) {
        self.put(format!(r#"<line class="{class}" x1="{x1:.1}" y1="{y1:.1}" x2="{x2:.1}" y2="{y2:.1}"/>"#));
    }

    /// A line through points.
    pub fn path(&mut self, class: &str, points: &[(f64, f64)]) {
        let points: Vec<String> = points.iter().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        self.put(format!(r#"<polyline class="{class}" points="{}"/>"#, points.join(" ")));
    }

    /// A dot with its value under the mouse.
    pub fn dot(&mut self, class: &str, (x, y): (f64, f64), title: &str) {
        let title = escape(title);
        self.put(format!(r#"<circle class="{class}" cx="{x:.1}" cy="{y:.1}" r="3"><title>{title}</title></circle>"#));
    }

    /// A text; the class says where it is anchored: `start`, `middle` or `end`.
    pub fn text(&mut self, class: &str, (x, y): (f64, f64), text: &str) {
        let text = escape(text);
        self.put(format!(r#"<text class="{class}" x="{x:.1}" y="{y:.1}">{text}</text>"#));
    }

    fn put(&mut self, element: String) {
        writeln!(self.body, "{element}").expect("text grows");
    }

    /// The element, with what it shows in words for those who do not see it.
    pub fn finish(self, says: &str) -> String {
        let Svg { width, height, body } = self;
        let says = escape(says);
        format!(r#"<svg viewBox="0 0 {width} {height}" role="img" aria-label="{says}">{body}</svg>"#)
    }
}

/// Where values lie in a picture: a field with a left and a lower axis.
pub struct Frame {
    /// The left edge.
    pub left: f64,
    /// The upper edge.
    pub top: f64,
    /// From the left edge to the right.
    pub width: f64,
    /// From the upper edge to the lower.
    pub height: f64,
}

impl Frame {
    /// The field of every picture with axes.
    pub const WIDE: Frame = Frame { left: 56.0, top: 14.0, width: 880.0, height: 200.0 };

    /// A picture that holds the frame and what is written around it.
    pub fn canvas(&self) -> Svg {
        Svg::new(self.left + self.width + 74.0, self.top + self.height + 34.0)
    }

    /// The height of a part of the whole, 0 to 1.
    pub fn y(&self, part: f64) -> f64 {
        self.top + self.height * (1.0 - part)
    }

    /// The left edge of the `i`th of `n` columns.
    pub fn x(&self, i: usize, n: usize) -> f64 {
        self.left + self.width * i as f64 / n.max(1) as f64
    }

    /// The lower edge.
    pub fn bottom(&self) -> f64 {
        self.top + self.height
    }

    /// Lines across with their values on the left: 0 to `max` in at most five steps.
    pub fn left_axis(&self, svg: &mut Svg, max: f64, unit: &str) {
        let step = step(max);
        let mut value = 0.0;
        while value <= max + step / 1000.0 {
            let y = self.y(value / max);
            svg.line("grid", (self.left, y), (self.left + self.width, y));
            svg.text("end", (self.left - 6.0, y + 4.0), &format!("{value}{unit}"));
            value += step;
        }
    }

    /// Words below the columns, as many as there is room for.
    pub fn lower_axis(&self, svg: &mut Svg, labels: &[String]) {
        let every = labels.len().div_ceil(12).max(1);
        for (i, label) in labels.iter().enumerate().step_by(every) {
            let x = self.x(i, labels.len());
            svg.line("tick", (x, self.bottom()), (x, self.bottom() + 4.0));
            svg.text("start", (x, self.bottom() + 18.0), label);
        }
        svg.line("axis", (self.left, self.bottom()), (self.left + self.width, self.bottom()));
    }
}

/// A round step of which at most five reach `max`.
fn step(max: f64) -> f64 {
    let mut step = 1.0;
    for factor in [2.0, 2.5, 2.0].into_iter().cycle() {
        if max / step <= 5.0 {
            break;
        }
        step *= factor;
    }
    step
}

/// The smallest round number of a left axis that `max` does not exceed.
pub fn ceiling(max: f64) -> f64 {
    let step = step(max.max(1.0));
    (max.max(1.0) / step).ceil() * step
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_axis_has_few_round_steps() {
        for (max, want) in
            [(0.0, 1.0), (1.0, 1.0), (4.2, 5.0), (7.0, 8.0), (23.0, 25.0), (100.0, 100.0), (101.0, 150.0)]
        {
            assert_eq!(ceiling(max), want, "{max}");
        }
    }

    #[test]
    fn a_name_cannot_leave_its_text() {
        let mut svg = Svg::new(1.0, 1.0);
        svg.text("start", (0.0, 0.0), "</text><script>\"&");
        assert!(svg.finish("").contains("&lt;/text&gt;&lt;script&gt;&quot;&amp;"));
    }
}
