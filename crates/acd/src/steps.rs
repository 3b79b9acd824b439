//! Overflow steps by waiting time: the longer one waits, the less is asked of the agent.
use crate::queue::Queue;
use switchboard_model::Instant;

/// The step that is due for one who waits since `since`.
pub fn due_step(queue: &Queue, since: Instant, now: Instant) -> usize {
    queue.steps.iter().take_while(|s| since + s.after <= now).count()
}

/// When the step after `step` becomes due; `None` if there is none.
pub fn next_step_at(queue: &Queue, since: Instant, step: usize) -> Option<Instant> {
    queue.steps.get(step).map(|s| since + s.after)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::queue::Step;
    use std::time::Duration;
    use switchboard_model::QueueId;

    #[test]
    fn a_step_is_due_at_its_second_and_not_before() {
        let step = |s| Step { after: Duration::from_secs(s), needs: vec![] };
        let queue = Queue {
            id: QueueId(0),
            name: "cards".into(),
            needs: vec![],
            steps: vec![step(30), step(60)],
            priority_offset_s: 0,
            max_waiting: 10,
            max_wait_s: 600,
            at_max_wait: crate::AtMaxWait::HangUp,
            overflow: None,
        };
        let since = Instant::from_millis(1_000);
        for (ms, due) in [(1_000, 0), (30_999, 0), (31_000, 1), (60_999, 1), (61_000, 2), (999_000, 2)] {
            assert_eq!(due_step(&queue, since, Instant::from_millis(ms)), due, "{ms}");
        }
        assert_eq!(next_step_at(&queue, since, 0), Some(Instant::from_millis(31_000)));
        assert_eq!(next_step_at(&queue, since, 2), None);
    }
}
