//! Group commits on SQLite: those who wait for the writer's turn share one durable commit.
//!
//! SQLite has one writer at a time, and a durable commit waits for the disk ten times as long as the statements of an
//! order take. So a transaction here is a savepoint in a transaction of all: each is kept or rolled back alone, and is
//! told that it is durable when the whole is. Who has released its savepoint queues again behind those who wait by
//! then; whoever comes to such a turn first commits for everybody. With nobody waiting it is a commit like any other,
//! and nobody waits for a clock.
//!
//! Turns are given in the order of asking. SQLite's own way of waiting is to sleep and try again, which starves some
//! and wastes most of the time of all.

use std::sync::Arc;

use sea_orm::{
    DatabaseConnection, DatabaseTransaction, DbErr, SqliteTransactionMode, TransactionOptions,
    TransactionTrait,
};
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::{CommitHook, CommitPoint, Result};

/// The writer's turn.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<Option<Group>>>);

/// Transactions that wait to be durable together.
struct Group {
    whole: DatabaseTransaction,
    members: Vec<Member>,
}

/// A transaction that is done and not durable yet.
struct Member {
    number: u64,
    durable: oneshot::Sender<Result<(), String>>,
}

/// The right to write, as long as it is held.
pub(crate) struct Turn {
    turns: Turns,
    group: OwnedMutexGuard<Option<Group>>,
}

impl Turns {
    /// Waits for the turn, and begins a transaction within that of all.
    pub(crate) async fn begin(&self, db: &DatabaseConnection) -> Result<(Turn, DatabaseTransaction)> {
        let mut turn = Turn { turns: self.clone(), group: self.0.clone().lock_owned().await };
        let group = match &mut *turn.group {
            Some(group) => group,
            none => {
                let options = TransactionOptions {
                    sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                    ..Default::default()
                };
                let whole = db.begin_with_options(options).await?;
                none.insert(Group { whole, members: Vec::new() })
            }
        };
        match group.whole.begin().await {
            Ok(own) => Ok((turn, own)),
            Err(error) => {
                turn.break_up(&error);
                Err(error.into())
            }
        }
    }
}

impl Turn {
    /// Makes what was done within `own` durable, together with whatever else is.
    pub(crate) async fn commit(
        mut self,
        own: DatabaseTransaction,
        number: u64,
        hook: Option<CommitHook>,
    ) -> Result<()> {
        if let Err(error) = own.commit().await {
            // SQLite gives up the whole transaction when the disk is full or fails.
            self.break_up(&error);
            return Err(error.into());
        }
        let (durable, told) = oneshot::channel();
        if let Some(group) = &mut *self.group {
            group.members.push(Member { number, durable });
        }
        let turns = self.turns.clone();
        drop(self);
        // Whoever asked may be gone by then: what was done is committed all the same, as others are in it.
        tokio::spawn(async move { settle(turns.0.lock_owned().await, hook).await });
        let lost = || DbErr::Custom("the commit was lost".to_owned());
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(DbErr::Custom(reason).into()),
            Err(_) => Err(lost().into()),
        }
    }

    /// The transaction of all is gone, and nobody in it may believe otherwise.
    fn break_up(&mut self, error: &DbErr) {
        if let Some(group) = self.group.take() {
            for member in group.members {
                // Who asked may be gone.
                let _ = member.durable.send(Err(error.to_string()));
            }
        }
    }
}

impl Drop for Turn {
    /// Who gives up leaves the others as they were. Their own turns come; without others the whole ends here.
    fn drop(&mut self) {
        if self.group.as_ref().is_some_and(|group| group.members.is_empty()) {
            *self.group = None;
        }
    }
}

/// Commits for everybody, unless somebody has.
async fn settle(mut turn: OwnedMutexGuard<Option<Group>>, hook: Option<CommitHook>) {
    let Some(Group { whole, members }) = turn.take() else { return };
    let call = |point| {
        for member in hook.iter().flat_map(|hook| members.iter().map(move |member| (hook, member))) {
            (member.0)(point, member.1.number);
        }
    };
    call(CommitPoint::Before);
    let result = whole.commit().await.map_err(|error| error.to_string());
    if result.is_ok() {
        call(CommitPoint::After);
    }
    drop(turn);
    for member in members {
        // Who asked may be gone.
        let _ = member.durable.send(result.clone());
    }
}
