//! How many agents and trunks a centre needs: Erlang B, Erlang C and Erlang A.
//!
//! ```text
//!   trunks   Erlang B: who finds none free is refused     a = calls × holding time, in erlangs
//!   agents   Erlang C: who finds none free waits, for as long as it takes
//!            Erlang A: … and leaves when his patience (exponential) ends
//! ```
//! All three by recursions that neither overflow nor lose digits for thousands of servers. Not here: retrials, skills (all agents
//! serve all), arrivals that are not Poisson.

/// The share of calls that find all `servers` busy, with `a` erlangs offered (Erlang's first formula).
pub fn erlang_b(servers: u32, a: f64) -> f64 {
    let mut b = 1.0;
    for n in 1..=servers {
        b = a * b / (f64::from(n) + a * b);
    }
    b
}

/// The share of callers who wait at all, with `a` erlangs for `agents` (Erlang's second formula); 1 where the line grows for ever.
pub fn erlang_c(agents: u32, a: f64) -> f64 {
    let n = f64::from(agents);
    if a >= n {
        return 1.0;
    }
    let b = erlang_b(agents, a);
    n * b / (n - a * (1.0 - b))
}

/// The share of callers who are answered within `within_s`, with conversations of `aht_s` on average; nobody leaves.
pub fn level_c(agents: u32, a: f64, aht_s: f64, within_s: f64) -> f64 {
    if a >= f64::from(agents) {
        return 0.0;
    }
    1.0 - erlang_c(agents, a) * (-(f64::from(agents) - a) * within_s / aht_s).exp()
}

/// What Erlang A says.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct WithPatience {
    /// The share of callers who are answered within the time asked for.
    pub level: f64,
    /// The share of callers who leave before they are answered.
    pub abandoned: f64,
    /// The share of callers who wait at all.
    pub waits: f64,
}

/// Erlang A (M/M/n+M): as [`level_c`], and each caller leaves after a patience that is exponential with this mean.
///
/// Computed from the stationary distribution: with `j` waiting, callers are served at n/aht and leave at j/patience. Who comes when `j` are
/// waiting before him is served within t if j + 1 go before his patience and t end; that is a pure death process, stepped in time.
pub fn erlang_a(agents: u32, a: f64, aht_s: f64, patience_s: f64, within_s: f64) -> WithPatience {
    let n = f64::from(agents);
    let (serve, leave) = (n / aht_s, 1.0 / patience_s);
    let arrive = a / aht_s;
    // Weights relative to the state in which all agents are busy and nobody waits.
    let b = erlang_b(agents, a);
    let mut all_below = 1.0 / b;
    let mut weights = vec![1.0_f64];
    let mut heaviest = 1.0_f64;
    for j in 1..LINE_MAX {
        let weight = weights[j - 1] * arrive / (serve + j as f64 * leave);
        weights.push(weight);
        if weight > 1e200 {
            // Only ratios matter, and these would soon be no numbers.
            weights.iter_mut().for_each(|w| *w *= 1e-200);
            all_below *= 1e-200;
        }
        heaviest = weights[j].max(if weight > 1e200 { 0.0 } else { heaviest });
        if weights[j] <= heaviest * 1e-14 {
            break;
        }
    }
    let total = all_below - weights[0] + weights.iter().sum::<f64>();
    let share = |j: usize| weights[j] / total;
    let waits: f64 = (0..weights.len()).map(share).sum();
    let leaves: f64 = (0..weights.len()).map(|j| share(j) * j as f64 * leave).sum();
    let answered_late = late(&weights, total, serve, leave, within_s);
    WithPatience { level: 1.0 - waits + answered_late, abandoned: leaves / arrive, waits }
}

/// The share of callers who wait and are answered within t.
///
/// With `j` before him he is served when j + 1 have gone. Backwards in time: `s[j](t)` = P(served within t | j before him), with
/// `s' = (serve + j·leave)·(s[j−1] − s[j]) − leave·s[j]`, `s[−1] = 1`: one pass of Runge–Kutta over all j at once.
fn late(weights: &[f64], total: f64, serve: f64, leave: f64, within_s: f64) -> f64 {
    // Who has more before him than can go within t, even with luck (twelve deviations), is not served within t.
    let can_go = |j: usize| (serve + j as f64 * leave) * within_s;
    let far = (0..weights.len()).find(|j| can_go(*j) + 12.0 * can_go(*j).sqrt() + 30.0 < *j as f64);
    let weights = &weights[..far.unwrap_or(weights.len())];
    let fastest = serve + weights.len() as f64 * leave;
    let steps = ((within_s * fastest * 2.0).ceil() as usize).max(1);
    let h = within_s / steps as f64;
    let slope = |s: &[f64]| -> Vec<f64> {
        (0..s.len())
            .map(|j| {
                let before = if j == 0 { 1.0 } else { s[j - 1] };
                (serve + j as f64 * leave) * (before - s[j]) - leave * s[j]
            })
            .collect()
    };
    let mut s = vec![0.0; weights.len()];
    for _ in 0..steps {
        let at = |k: &[f64], part: f64| -> Vec<f64> { s.iter().zip(k).map(|(s, k)| s + part * h * k).collect() };
        let k1 = slope(&s);
        let k2 = slope(&at(&k1, 0.5));
        let k3 = slope(&at(&k2, 0.5));
        let k4 = slope(&at(&k3, 1.0));
        for j in 0..s.len() {
            s[j] += h / 6.0 * (k1[j] + 2.0 * k2[j] + 2.0 * k3[j] + k4[j]);
        }
    }
    s.iter().zip(weights).map(|(s, w)| s * w / total).sum()
}

/// The fewest servers for which `holds`; none up to `SERVERS_MAX`.
pub fn fewest(from: u32, holds: impl Fn(u32) -> bool) -> Option<u32> {
    let (mut low, mut high) = (from, from.max(1));
    while !holds(high) {
        low = high + 1;
        high = high.saturating_mul(2);
        if high > SERVERS_MAX {
            return None;
        }
    }
    while low < high {
        let middle = low + (high - low) / 2;
        if holds(middle) { high = middle } else { low = middle + 1 }
    }
    Some(high)
}

/// More than any centre has.
pub const SERVERS_MAX: u32 = 100_000;
/// A line longer than this is no line that anybody plans for.
const LINE_MAX: usize = 20_000;
/// Agents × seconds ÷ handling time: beyond this, `erlang_a` would take minutes.
pub const SERVED_WITHIN_MAX: f64 = 5_000.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn near(is: f64, should: f64, within: f64) {
        assert!((is - should).abs() <= within, "{is} is not {should}");
    }

    /// Offered traffic at which so many servers block so large a share: ITU's and every teletraffic handbook's table of Erlang B.
    #[test]
    fn erlang_b_is_the_published_table() {
        let table = [
            (1, 0.01, 0.0101),
            (2, 0.01, 0.153),
            (5, 0.01, 1.36),
            (10, 0.01, 4.46),
            (20, 0.01, 12.0),
            (50, 0.01, 37.9),
            (100, 0.01, 84.1),
            (5, 0.02, 1.66),
            (10, 0.02, 5.08),
            (20, 0.02, 13.2),
            (30, 0.02, 21.9),
            (10, 0.001, 3.09),
            (10, 0.05, 6.22),
            (20, 0.05, 15.2),
        ];
        for (servers, blocked, erlangs) in table {
            // The table's last digit is rounded: the true blocking lies between those of its neighbours.
            let digit = if erlangs >= 10.0 {
                0.06
            } else if erlangs >= 1.0 {
                0.006
            } else {
                0.0006
            };
            let (low, high) = (erlang_b(servers, erlangs - digit), erlang_b(servers, erlangs + digit));
            assert!(low < blocked && blocked < high, "{servers} servers: {low}..{high} does not hold {blocked}");
        }
    }

    /// Waiting probabilities for whole traffic values, as the usual tables of Erlang C have them.
    #[test]
    fn erlang_c_is_the_published_table() {
        near(erlang_c(1, 0.5), 0.5, 1e-12);
        near(erlang_c(2, 1.0), 1.0 / 3.0, 1e-12);
        near(erlang_c(3, 2.0), 4.0 / 9.0, 1e-12);
        near(erlang_c(5, 4.0), 0.5541, 5e-5);
        near(erlang_c(10, 8.0), 0.4092, 5e-5);
        near(erlang_c(11, 10.0), 0.6821, 5e-5);
        near(erlang_c(12, 10.0), 0.4494, 5e-5);
        assert_eq!(erlang_c(10, 10.0), 1.0, "a line that grows for ever");
    }

    /// The textbook case: 100 calls in half an hour, 180 s each: 10 erlangs; 80/20 wants 14 agents, who give 88.8 %.
    #[test]
    fn the_textbook_centre_needs_fourteen() {
        let level = |n| level_c(n, 10.0, 180.0, 20.0);
        near(level(14), 0.888, 1e-3);
        near(level(13), 0.796, 1e-3);
        assert_eq!(fewest(1, |n| level(n) >= 0.8), Some(14));
    }

    #[test]
    fn erlang_a_lies_between_its_neighbours() {
        // Endless patience is Erlang C; none is Erlang B.
        let patient = erlang_a(12, 10.0, 180.0, 1e9, 20.0);
        near(patient.level, level_c(12, 10.0, 180.0, 20.0), 1e-4);
        near(patient.waits, erlang_c(12, 10.0), 1e-6);
        near(patient.abandoned, 0.0, 1e-6);
        near(erlang_a(12, 10.0, 180.0, 1e-3, 20.0).abandoned, erlang_b(12, 10.0), 1e-4);
        // What comes either is served or leaves: with one agent, one erlang and patience as long as a call, state j has weight 1/j!, so
        // the agent is busy 1 − 1/e of the time, and 1/e of the callers leave.
        near(erlang_a(1, 1.0, 60.0, 60.0, 0.0).abandoned, (-1.0_f64).exp(), 1e-9);
        // More than all agents can do is possible with callers who leave.
        let crowded = erlang_a(10, 12.0, 180.0, 60.0, 20.0);
        assert!(crowded.abandoned > 2.0 / 12.0 && crowded.level > 0.0 && crowded.level < 1.0, "{crowded:?}");
    }

    #[test]
    fn more_than_anybody_has_is_none() {
        assert_eq!(fewest(1, |n| n >= 3_000), Some(3_000));
        assert_eq!(fewest(1, |_| false), None);
        // For as many servers as erlangs the blocking tends to √(2/πa).
        near(erlang_b(5_000, 5_000.0), (2.0 / (std::f64::consts::PI * 5_000.0)).sqrt(), 1e-4);
    }
}
