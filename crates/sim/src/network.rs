//! The network between people and the centre: it loses, delays, doubles and reorders, by the seed.
use std::time::Duration;
use switchboard_model::Chance;

/// How bad it is.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Quality {
    /// Probability that a datagram is lost.
    pub loss: f64,
    /// Probability that it comes twice.
    pub doubled: f64,
    /// Least delay.
    pub delay_min: Duration,
    /// Most delay; what varies between them is disorder.
    pub delay_max: Duration,
}

impl Quality {
    /// When copies of one datagram arrive, if any, counted from now.
    pub fn deliveries(&self, chance: &mut Chance) -> Vec<Duration> {
        let mut copies = vec![];
        if !chance.happens(self.loss) {
            copies.push(self.delay(chance));
        }
        if chance.happens(self.doubled) {
            copies.push(self.delay(chance));
        }
        copies
    }

    fn delay(&self, chance: &mut Chance) -> Duration {
        self.delay_min + (self.delay_max - self.delay_min).mul_f64(chance.unit())
    }
}
