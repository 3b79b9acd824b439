//! Where everything stands: a column for each level of menus, the ends at the right.
//!
//! ```text
//!   level 1      level 2        ends
//!   ┌─────┐──────►┌─────┐──────►(queue)
//!   │     │       └─────┘
//!   │     │───────· lane ·─────►(queue)      an arrow that passes a column gets a lane in it, so that it crosses no card
//!   └─────┘
//! ```
//! Each column is ordered by where its arrows come from (the barycentre of Sugiyama's method), left to right, once.
use super::{Graph, Target};
use std::collections::BTreeMap;

/// Height of a card's head, in pixels.
pub const HEAD: f64 = 40.0;
/// Height of a row.
pub const ROW: f64 = 24.0;
/// Height of an end.
pub const END: f64 = 34.0;
/// Font size of a row.
pub const FONT: f64 = 13.0;
const MARGIN: f64 = 24.0;
const BETWEEN_COLUMNS: f64 = 110.0;
const BETWEEN_CARDS: f64 = 26.0;
const LANE: f64 = 12.0;

/// A rectangle.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Frame {
    /// Left.
    pub x: f64,
    /// Top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
}

/// An arrow through these points: from, lane in and out, …, to.
#[derive(Clone, PartialEq, Debug)]
pub struct Arrow {
    /// Its corners.
    pub points: Vec<(f64, f64)>,
    /// The menu does it by itself.
    pub quiet: bool,
}

/// The whole picture.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Picture {
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// The cards' frames.
    pub cards: Vec<Frame>,
    /// The ends' frames.
    pub ends: Vec<Frame>,
    /// The arrows.
    pub arrows: Vec<Arrow>,
}

/// What stands in a column.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Thing {
    Place(Target),
    /// Lets the arrows of this card to this target pass this column.
    Lane(usize, Target, usize),
}

/// Places everything.
pub fn place(graph: &Graph) -> Picture {
    let last = graph.cards.iter().map(|c| c.level + 1).max().unwrap_or(0);
    let column = |t: Target| match t {
        Target::Card(i) => graph.cards[i].level,
        Target::End(_) => last,
    };
    let mut columns: Vec<Vec<Thing>> = vec![vec![]; last + 1];
    for i in 0..graph.cards.len() {
        columns[graph.cards[i].level].push(Thing::Place(Target::Card(i)));
    }
    for i in 0..graph.ends.len() {
        columns[last].push(Thing::Place(Target::End(i)));
    }
    for (i, card) in graph.cards.iter().enumerate() {
        for to in card.rows.iter().filter_map(|r| r.to) {
            for (n, things) in columns.iter_mut().enumerate().take(column(to)).skip(card.level + 1) {
                if !things.contains(&Thing::Lane(i, to, n)) {
                    things.push(Thing::Lane(i, to, n));
                }
            }
        }
    }
    let mut frames: BTreeMap<Thing, Frame> = BTreeMap::new();
    let mut x = MARGIN;
    for (n, things) in columns.into_iter().enumerate() {
        let w = things.iter().map(|t| width(graph, *t)).fold(0.0, f64::max);
        let mut wanted: Vec<(Option<f64>, Thing)> =
            things.into_iter().map(|t| (comes_from(graph, t, n, &frames), t)).collect();
        // What nothing leads to stands at the bottom.
        wanted.sort_by(|a, b| a.0.unwrap_or(f64::MAX).total_cmp(&b.0.unwrap_or(f64::MAX)));
        let mut y = MARGIN;
        for (from, thing) in wanted {
            let h = height(graph, thing);
            let top = from.map_or(y, |from| (from - attach(thing)).max(y));
            frames.insert(thing, Frame { x, y: top, w, h });
            y = top + h + if matches!(thing, Thing::Lane(..)) { LANE } else { BETWEEN_CARDS };
        }
        x += w + BETWEEN_COLUMNS;
    }
    let of = |t: Target| frames[&Thing::Place(t)];
    let bottom = frames.values().map(|f| f.y + f.h).fold(0.0, f64::max);
    Picture {
        w: x - BETWEEN_COLUMNS + MARGIN,
        h: bottom + MARGIN,
        cards: (0..graph.cards.len()).map(|i| of(Target::Card(i))).collect(),
        ends: (0..graph.ends.len()).map(|i| of(Target::End(i))).collect(),
        arrows: arrows(graph, &frames, column),
    }
}

fn arrows(graph: &Graph, frames: &BTreeMap<Thing, Frame>, column: impl Fn(Target) -> usize) -> Vec<Arrow> {
    let mut arrows = vec![];
    for (i, card) in graph.cards.iter().enumerate() {
        let own = frames[&Thing::Place(Target::Card(i))];
        for (r, row) in card.rows.iter().enumerate() {
            let Some(to) = row.to else { continue };
            let mut points = vec![(own.x + own.w, row_y(own, r))];
            for n in card.level + 1..column(to) {
                let lane = frames[&Thing::Lane(i, to, n)];
                points.extend([(lane.x, lane.y), (lane.x + lane.w, lane.y)]);
            }
            let there = frames[&Thing::Place(to)];
            points.push((there.x, there.y + attach(Thing::Place(to))));
            arrows.push(Arrow { points, quiet: row.key.is_empty() });
        }
    }
    arrows
}

/// The middle of a card's row.
pub fn row_y(card: Frame, row: usize) -> f64 {
    card.y + HEAD + ROW * row as f64 + ROW / 2.0
}

/// How far below its top an arrow reaches a thing.
fn attach(thing: Thing) -> f64 {
    match thing {
        Thing::Place(Target::Card(_)) => HEAD / 2.0,
        Thing::Place(Target::End(_)) => END / 2.0,
        Thing::Lane(..) => 0.0,
    }
}

/// The mean height from which arrows come to a thing; none if none come from the left.
fn comes_from(graph: &Graph, thing: Thing, column: usize, frames: &BTreeMap<Thing, Frame>) -> Option<f64> {
    let mut ys = vec![];
    for (i, card) in graph.cards.iter().enumerate() {
        let Some(own) = frames.get(&Thing::Place(Target::Card(i))) else { continue };
        for (r, row) in card.rows.iter().enumerate() {
            let Some(to) = row.to else { continue };
            let meant = match thing {
                Thing::Place(target) => to == target,
                Thing::Lane(from, target, _) => from == i && to == target,
            };
            if meant {
                let lane = column.checked_sub(1).and_then(|before| frames.get(&Thing::Lane(i, to, before)));
                ys.push(lane.map_or(row_y(*own, r), |lane| lane.y));
            }
        }
    }
    (!ys.is_empty()).then(|| ys.iter().sum::<f64>() / ys.len() as f64)
}

fn height(graph: &Graph, thing: Thing) -> f64 {
    match thing {
        Thing::Place(Target::Card(i)) => HEAD + ROW * graph.cards[i].rows.len() as f64 + 6.0,
        Thing::Place(Target::End(_)) => END,
        Thing::Lane(..) => 0.0,
    }
}

fn width(graph: &Graph, thing: Thing) -> f64 {
    match thing {
        Thing::Place(Target::Card(i)) => {
            let card = &graph.cards[i];
            let rows = card.rows.iter().map(|r| text_width(&r.text, FONT) + 56.0);
            let head =
                text_width(&card.title, 16.0) + text_width(&card.name, 11.0) + text_width(&card.hours, 11.0) + 50.0;
            rows.fold(head.max(180.0), f64::max)
        }
        Thing::Place(Target::End(i)) => text_width(&super::svg::end_text(&graph.ends[i]), FONT) + 34.0,
        Thing::Lane(..) => 0.0,
    }
}

/// About how wide a text is: a Chinese character is as wide as it is high, others about half.
pub fn text_width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| if c > '\u{2e7f}' { size } else { size * 0.56 }).sum()
}
