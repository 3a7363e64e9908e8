//! How new generations of the index are taken up, and what is in the way.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use beian_index::{Reader, Refreshed};
use tokio::time::MissedTickBehavior;

/// Why the newest index is not asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// What was seen at the last look.
    pub text: String,
    /// Since when every look failed, whatever with: RFC 3339, UTC.
    pub since: String,
}

/// What [`keep_up`] saw, for whoever watches the gate.
#[derive(Debug, Default)]
pub struct Upkeep {
    problem: Mutex<Option<Problem>>,
}

/// What a failed look tells that the one before did not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum News {
    Other,
    Same,
}

impl Upkeep {
    /// What is in the way of the newest index, if anything is.
    pub fn problem(&self) -> Option<Problem> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Nothing is in the way any more. Answers with what was.
    fn clear(&self) -> Option<Problem> {
        self.problem.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn failed(&self, text: &str, now: impl FnOnce() -> String) -> News {
        let mut problem = self.problem.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *problem {
            Some(known) if known.text == text => News::Same,
            // Another reason, but stuck all the same, and since the same time.
            Some(known) => {
                text.clone_into(&mut known.text);
                News::Other
            }
            None => {
                *problem = Some(Problem { text: text.to_owned(), since: now() });
                News::Other
            }
        }
    }
}

/// Takes new generations up, without end. Look-ups do not wait for it. When one cannot be taken up, the old one goes
/// on answering; why is logged once, and stays in `upkeep` until a look finds nothing wrong. `now` tells the time, as
/// RFC 3339 in UTC.
pub async fn keep_up(reader: Arc<Reader>, every: Duration, upkeep: Arc<Upkeep>, now: impl Fn() -> String) {
    let mut ticks = tokio::time::interval(every);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let reader = Arc::clone(&reader);
        // A new base is read as a whole.
        let refreshed = tokio::task::spawn_blocking(move || {
            let refreshed = reader.refresh();
            refreshed.map(|refreshed| (refreshed, reader.current().generation()))
        });
        let text = match refreshed.await {
            Ok(Ok((refreshed, generation))) => {
                let was_stuck = upkeep.clear().is_some();
                // The files that were asked all along may also have come back.
                if was_stuck || refreshed == Refreshed::Replaced {
                    tracing::info!(generation, "the newest index is asked from now on");
                }
                continue;
            }
            Ok(Err(error)) => error.to_string(),
            Err(error) => format!("looking for a new index failed: {error}"),
        };
        if upkeep.failed(&text, &now) == News::Other {
            tracing::error!(error = text, "the new index cannot be used; the old one goes on answering");
        }
    }
}
