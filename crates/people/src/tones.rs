//! The plan of tones: callers and agents are told apart by frequency, 20 Hz from each other, in two bands.
//!
//! A window of 100 ms tells tones 20 Hz apart. Neither band holds a DTMF frequency within 10 Hz, and a tone counts as heard only
//! when nearly all of a window's energy is in it, which neither speech nor music brings about.

/// The callers' tones, in Hz: 1 000 to 1 180 and on to 1 920, those near DTMF left out.
pub fn of_caller(n: usize) -> f64 {
    let all = band(1_000, 1_940);
    all[n % all.len()]
}

/// The agents' tones, in Hz: 2 000 to 3 000.
pub fn of_agent(n: usize) -> f64 {
    let all = band(2_000, 3_020);
    all[n % all.len()]
}

/// Every caller's tone.
pub fn callers() -> Vec<f64> {
    band(1_000, 1_940)
}

/// Every agent's tone.
pub fn agents() -> Vec<f64> {
    band(2_000, 3_020)
}

const DTMF: [f64; 8] = [697.0, 770.0, 852.0, 941.0, 1209.0, 1336.0, 1477.0, 1633.0];

fn band(from: u32, to: u32) -> Vec<f64> {
    (from..to).step_by(20).map(f64::from).filter(|f| DTMF.iter().all(|d| (d - f).abs() > 10.0)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bands_are_apart_and_wide_enough() {
        assert!(callers().len() >= 40 && agents().len() >= 50);
        assert!(callers().iter().all(|f| *f < 1_990.0) && agents().iter().all(|f| *f >= 2_000.0));
    }
}
