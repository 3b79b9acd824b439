//! How long people do a thing, by a law of chance, and the words for it on the command line.
//!
//! ```text
//!   90s · fixed:90s          always this                        lognormal:180s,120s   mean and standard deviation
//!   exp:3m · exp:20s+160s    exponential, with a least          weibull:60s,1.3       scale and shape
//!   file:talk.txt            one of the seconds in the file, each as likely: what a centre has seen itself
//! ```
//! Handling times are near lognormal and patience near exponential or Weibull in the literature on call centres (Brown et al., 2005).
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use switchboard_model::Chance;

/// A law of chance for a length of time.
#[derive(Clone, PartialEq, Debug)]
pub enum Spread {
    /// Always this.
    Fixed(Duration),
    /// At least this, and more by chance with this mean.
    Exponential {
        /// Never less.
        least: Duration,
        /// The mean of what comes on top.
        more: Duration,
    },
    /// Its logarithm is normal.
    Lognormal {
        /// Its mean.
        mean: Duration,
        /// Its standard deviation.
        deviation: Duration,
    },
    /// Weibull's.
    Weibull {
        /// 63 of a hundred are not longer.
        scale: Duration,
        /// Below 1 the patient grow more patient, above 1 less.
        shape: f64,
    },
    /// One of these, each as likely.
    Seen(Arc<[Duration]>),
}

impl Spread {
    /// Always this.
    pub const fn fixed(long: Duration) -> Spread {
        Spread::Fixed(long)
    }

    /// The next one; none is longer than an hour.
    pub fn draw(&self, chance: &mut Chance) -> Duration {
        let seconds = match self {
            Spread::Fixed(long) => return *long,
            Spread::Exponential { least, more } if more.is_zero() => return *least,
            Spread::Exponential { least, more } => least.as_secs_f64() + chance.exponential(more.as_secs_f64()),
            Spread::Lognormal { mean, deviation } => {
                let (mu, sigma) = log_moments(*mean, *deviation);
                (mu + sigma * normal(chance)).exp()
            }
            Spread::Weibull { scale, shape } => scale.as_secs_f64() * (-(1.0 - chance.unit()).ln()).powf(1.0 / shape),
            Spread::Seen(all) => return all[chance.below(all.len() as u64) as usize],
        };
        Duration::from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64()))
    }

    /// Its mean.
    pub fn mean(&self) -> Duration {
        match self {
            Spread::Fixed(long) => *long,
            Spread::Exponential { least, more } => *least + *more,
            Spread::Lognormal { mean, .. } => *mean,
            Spread::Weibull { scale, shape } => scale.mul_f64(gamma(1.0 + 1.0 / shape)),
            Spread::Seen(all) => all.iter().sum::<Duration>() / all.len() as u32,
        }
    }

    /// Of a hundred and fifty hardly one is longer: so long one must be ready to wait.
    pub fn longest(&self) -> Duration {
        let long = match self {
            Spread::Fixed(long) => *long,
            Spread::Exponential { least, more } => *least + *more * 5,
            Spread::Lognormal { mean, deviation } => {
                let (mu, sigma) = log_moments(*mean, *deviation);
                Duration::from_secs_f64((mu + 2.5 * sigma).exp().min(LONGEST.as_secs_f64()))
            }
            Spread::Weibull { scale, shape } => scale.mul_f64(5f64.powf(1.0 / shape)),
            Spread::Seen(all) => all.iter().copied().max().unwrap_or_default(),
        };
        long.min(LONGEST)
    }

    /// Reads the words above.
    pub fn read(text: &str) -> Result<Spread, String> {
        let (law, rest) = text.split_once(':').unwrap_or(("fixed", text));
        match law {
            "fixed" => Ok(Spread::Fixed(time(rest)?)),
            "exp" => {
                let (least, more) = rest.split_once('+').unwrap_or(("0s", rest));
                Ok(Spread::Exponential { least: time(least)?, more: time(more)? })
            }
            "lognormal" => {
                let (mean, deviation) = two(text, rest)?;
                let (mean, deviation) = (time(mean)?, time(deviation)?);
                if mean.is_zero() {
                    return Err(format!("`{text}`: a mean of nothing has no spread; write lognormal:180s,120s"));
                }
                Ok(Spread::Lognormal { mean, deviation })
            }
            "weibull" => {
                let (scale, shape) = two(text, rest)?;
                let number: Option<f64> = shape.parse().ok().filter(|s| (0.2..=20.0).contains(s));
                let shape = number.ok_or(format!("`{text}`: the shape `{shape}` is no number from 0.2 to 20"))?;
                Ok(Spread::Weibull { scale: time(scale)?, shape })
            }
            "file" => seen(Path::new(rest)),
            _ => Err(format!(
                "`{text}` begins with no law that is known; write 90s, exp:20s+160s, lognormal:180s,120s, weibull:60s,1.3 or file:NAME"
            )),
        }
    }
}

fn seen(file: &Path) -> Result<Spread, String> {
    let text = std::fs::read_to_string(file).map_err(|e| format!("{} cannot be read: {e}", file.display()))?;
    let mut all = vec![];
    for (n, line) in text.lines().enumerate() {
        let line = line.split('#').next().unwrap_or("").trim();
        if line.is_empty() {
            continue;
        }
        let seconds: Option<f64> = line.parse().ok().filter(|s| (0.0..=LONGEST.as_secs_f64()).contains(s));
        let seconds = seconds.ok_or(format!(
            "{}:{}: `{line}` is no number of seconds from 0 to {}; write one a line",
            file.display(),
            n + 1,
            LONGEST.as_secs()
        ))?;
        all.push(Duration::from_secs_f64(seconds));
        if all.len() > SEEN_MAX {
            return Err(format!("{} has more than {SEEN_MAX} lines: take a sample of them", file.display()));
        }
    }
    if all.is_empty() {
        return Err(format!("{} holds no number: write one a line, in seconds", file.display()));
    }
    Ok(Spread::Seen(all.into()))
}

fn two<'a>(text: &str, rest: &'a str) -> Result<(&'a str, &'a str), String> {
    rest.split_once(',').ok_or(format!("`{text}` wants two values with a comma between them"))
}

/// `90`, `90s`, `1.5s`, `500ms`, `3m`, `1h`.
fn time(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let factor = match &text[digits.len()..] {
        "ms" => 0.001,
        "" | "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => 0.0,
    };
    let seconds = digits.parse::<f64>().ok().filter(|_| factor > 0.0).map(|n| n * factor);
    let seconds = seconds.filter(|s| (0.0..=LONGEST.as_secs_f64()).contains(s));
    let say = || format!("`{text}` is no length of time up to {} h; write 500ms, 90s, 3m", LONGEST.as_secs() / 3_600);
    seconds.map(Duration::from_secs_f64).ok_or_else(say)
}

fn log_moments(mean: Duration, deviation: Duration) -> (f64, f64) {
    let (mean, deviation) = (mean.as_secs_f64(), deviation.as_secs_f64());
    let square = (1.0 + (deviation / mean).powi(2)).ln();
    (mean.ln() - square / 2.0, square.sqrt())
}

/// Box and Muller's way.
fn normal(chance: &mut Chance) -> f64 {
    let radius = (-2.0 * (1.0 - chance.unit()).ln()).sqrt();
    radius * (std::f64::consts::TAU * chance.unit()).cos()
}

/// Lanczos's approximation (g = 5, six terms); relative error below 2e-10 for x ≥ 1.
fn gamma(x: f64) -> f64 {
    const TERMS: [f64; 6] = [
        76.180_091_729_471_46,
        -86.505_320_329_416_77,
        24.014_098_240_830_91,
        -1.231_739_572_450_155,
        0.001_208_650_973_866_179,
        -0.000_005_395_239_384_953,
    ];
    let t = x + 5.5;
    let mut sum = 1.000_000_000_190_015;
    for (n, term) in TERMS.iter().enumerate() {
        sum += term / (x + 1.0 + n as f64);
    }
    ((x + 0.5) * t.ln() - t).exp() * (std::f64::consts::TAU.sqrt() * sum / x)
}

/// Nobody talks, waits or works longer.
pub const LONGEST: Duration = Duration::from_secs(4 * 3_600);
/// Bounds a file's memory to some megabytes.
const SEEN_MAX: usize = 200_000;

#[cfg(test)]
mod tests {
    use super::*;

    /// Its mean by the formula, by drawing, and as it should be.
    fn check(text: &str, mean: f64) {
        let spread = Spread::read(text).expect("a law");
        let mut chance = Chance::from_number(7);
        let n = 40_000;
        let drawn: Duration = (0..n).map(|_| spread.draw(&mut chance)).sum();
        let drawn = drawn.as_secs_f64() / f64::from(n);
        assert!((spread.mean().as_secs_f64() / mean - 1.0).abs() < 0.001, "{text}: {:?}", spread.mean());
        assert!((drawn / mean - 1.0).abs() < 0.03, "{text}: drawn {drawn}");
        let over = (0..n).filter(|_| spread.draw(&mut chance) > spread.longest()).count();
        assert!(over < 400, "{text}: {over} are longer than the longest");
    }

    #[test]
    fn each_law_has_its_mean() {
        check("90s", 90.0);
        check("fixed:1500ms", 1.5);
        check("exp:3m", 180.0);
        check("exp:20s+160s", 180.0);
        check("lognormal:180s,120s", 180.0);
        check("weibull:60s,1", 60.0);
        // Γ(1.5) = √π / 2.
        check("weibull:60s,2", 60.0 * std::f64::consts::PI.sqrt() / 2.0);
    }

    #[test]
    fn a_file_is_drawn_from_and_its_faults_have_lines() {
        let folder = crate::child::Folder::new().expect("a folder");
        let file = folder.path().join("talk.txt");
        std::fs::write(&file, "# seconds\n10\n20.5 # long\n\n30\n").expect("a file");
        check(&format!("file:{}", file.display()), 60.5 / 3.0);
        std::fs::write(&file, "10\nten\n").expect("a file");
        let why = Spread::read(&format!("file:{}", file.display())).expect_err("no number");
        assert!(why.contains("talk.txt:2") && why.contains("`ten`"), "{why}");
    }

    #[test]
    fn what_is_no_law_says_what_is() {
        for (text, word) in [
            ("gauss:3s", "lognormal:"),
            ("3 apples", "500ms, 90s, 3m"),
            ("weibull:60s", "two values"),
            ("weibull:60s,0", "from 0.2 to 20"),
            ("lognormal:0s,1s", "a mean of nothing"),
            ("exp:100h", "up to 4 h"),
        ] {
            let why = Spread::read(text).expect_err(text);
            assert!(why.contains(word), "{why}");
        }
    }
}
