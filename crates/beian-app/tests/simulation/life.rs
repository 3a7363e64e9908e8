//! The life of one opening of the product, which ends in a crash.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use beian_store::{CommitHook, CommitPoint};
use tokio::sync::Notify;

use crate::chance::Chance;

/// Until it ends, the product lives. After that it must not reach anybody any more: no commit, no call.
#[derive(Default)]
pub(crate) struct Life {
    is_over: AtomicBool,
    ended: Notify,
}

/// What a commit panics with that a crash prevents or hides.
struct PlannedCrash;

impl Life {
    pub(crate) fn end(&self) {
        self.is_over.store(true, Ordering::SeqCst);
        self.ended.notify_one();
    }

    pub(crate) fn is_over(&self) -> bool {
        self.is_over.load(Ordering::SeqCst)
    }

    pub(crate) async fn over(&self) {
        self.ended.notified().await;
    }

    /// Crashes at a commit, on either side of it, in so many of a thousand. A crash before leaves nothing:
    /// the panic drops the transaction. One after leaves everything, and nobody is told.
    pub(crate) fn commit_hook(self: Arc<Self>, chance: Arc<Chance>, per_mille: u64) -> CommitHook {
        Arc::new(move |point, _| {
            // Who has crashed commits nothing more.
            if !self.is_over() {
                if !chance.happens(per_mille) {
                    return;
                }
                let name = match point {
                    CommitPoint::Before => "crash before a commit",
                    CommitPoint::After => "crash after a commit",
                };
                chance.note(name, "");
                self.end();
            }
            std::panic::panic_any(PlannedCrash);
        })
    }
}

/// Lets planned crashes pass without a word, and tells of every other panic as before.
pub(crate) fn keep_planned_crashes_quiet() {
    static ONCE: std::sync::Once = std::sync::Once::new();
    ONCE.call_once(|| {
        let loud = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if !info.payload().is::<PlannedCrash>() {
                loud(info);
            }
        }));
    });
}
