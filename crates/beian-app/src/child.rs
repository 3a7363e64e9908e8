//! Programs of others that work on what strangers handed in: each with its children in a group of its own.

use rustix::process::{Pid, Signal, kill_process_group};
use tokio::process::Child;

/// A program with its children, which does not outlive its use. It must have been started as a group of its own.
pub(crate) struct Group(pub(crate) Child);

impl Group {
    /// Its number; none once it has ended by itself: then the number may be another's.
    pub(crate) fn id(&self) -> Option<Pid> {
        self.0.id().and_then(|id| i32::try_from(id).ok()).and_then(Pid::from_raw)
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        if let Some(id) = self.id() {
            // It fails if it has ended in this moment.
            let _ = kill_process_group(id, Signal::KILL);
        }
    }
}
