//! Does it grow? A slope that outliers do not move, and whether chance alone would show it.
//!
//! ```text
//!   memory ▲       ·  ·· ·   median of the slopes of all pairs (Theil, Sen)
//!          │  · ·  ··        how many pairs rise, against how many would by chance (Mann, Kendall): beyond three deviations it is a trend
//!          └────────────►
//! ```
use serde::Serialize;

/// What a series of points shows.
#[derive(Clone, Copy, PartialEq, Debug, Serialize)]
pub struct Trend {
    /// Units of y for one of x.
    pub slope: f64,
    /// So many standard deviations from what chance shows; positive: it rises.
    pub deviations: f64,
    /// The median of y.
    pub level: f64,
}

impl Trend {
    /// Of these points; none with fewer than [`POINTS_MIN`], which show nothing.
    pub fn of(points: &[(f64, f64)]) -> Option<Trend> {
        if points.len() < POINTS_MIN {
            return None;
        }
        let mut slopes = vec![];
        let mut rise = 0i64;
        for (i, (x, y)) in points.iter().enumerate() {
            for (later, higher) in &points[i + 1..] {
                slopes.push((higher - y) / (later - x));
                rise += i64::from(higher > y) - i64::from(higher < y);
            }
        }
        let n = points.len() as f64;
        let mut levels: Vec<f64> = points.iter().map(|(_, y)| *y).collect();
        // Points that are equal say nothing either way, and make the pairs fewer.
        levels.sort_by(f64::total_cmp);
        let ties: f64 =
            levels.chunk_by(|a, b| a == b).map(|t| t.len() as f64).map(|t| t * (t - 1.0) * (2.0 * t + 5.0)).sum();
        let deviation = ((n * (n - 1.0) * (2.0 * n + 5.0) - ties) / 18.0).sqrt();
        let deviations = if deviation > 0.0 { (rise as f64 - rise.signum() as f64) / deviation } else { 0.0 };
        Some(Trend { slope: median(&mut slopes), deviations, level: median(&mut levels) })
    }

    /// Whether it rises beyond what chance shows.
    pub fn rises(&self) -> bool {
        self.deviations > BEYOND_CHANCE && self.slope > 0.0
    }
}

fn median(of: &mut [f64]) -> f64 {
    of.sort_by(f64::total_cmp);
    let n = of.len();
    if n % 2 == 1 { of[n / 2] } else { (of[n / 2 - 1] + of[n / 2]) / 2.0 }
}

/// With fewer no order of them is beyond chance.
pub const POINTS_MIN: usize = 10;
/// One run in seven hundred shows more without a trend.
const BEYOND_CHANCE: f64 = 3.0;

#[cfg(test)]
mod tests {
    use super::*;
    use switchboard_model::Chance;

    fn points(n: u32, mut y: impl FnMut(f64) -> f64) -> Vec<(f64, f64)> {
        (0..n).map(|x| (f64::from(x), y(f64::from(x)))).collect()
    }

    #[test]
    fn a_leak_under_noise_rises_and_noise_does_not() {
        let mut chance = Chance::from_number(11);
        let leak = Trend::of(&points(40, |x| 50_000.0 + 30.0 * x + 200.0 * chance.unit())).expect("enough");
        assert!(leak.rises() && (25.0..35.0).contains(&leak.slope), "{leak:?}");
        let risen =
            (0..200).filter(|_| Trend::of(&points(40, |_| 200.0 * chance.unit())).is_some_and(|t| t.rises())).count();
        assert!(risen <= 2, "{risen} of 200 runs of noise");
        let falls = Trend::of(&points(40, |x| 1_000.0 - x)).expect("enough");
        assert!(!falls.rises() && falls.slope == -1.0);
    }

    #[test]
    fn one_wild_point_moves_nothing_and_few_points_say_nothing() {
        let flat = Trend::of(&points(30, |x| if x == 17.0 { 1e9 } else { 500.0 })).expect("enough");
        assert!(!flat.rises() && flat.slope == 0.0 && flat.level == 500.0, "{flat:?}");
        assert_eq!(Trend::of(&points(9, |x| x)), None);
        assert!(Trend::of(&points(12, |_| 1.0)).is_some_and(|t| t.deviations == 0.0));
    }
}
