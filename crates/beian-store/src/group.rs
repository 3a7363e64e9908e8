//! Group commits on SQLite: those who wait for the writer's turn share one durable commit.
//!
//! SQLite has one writer at a time, and a durable commit waits for the disk ten times as long as the statements of an
//! order take. So a transaction here is a savepoint in a transaction of all: each is kept or rolled back alone, and is
//! told that it is durable when the whole is. Who is done queues again behind those who wait by then; whoever comes to
//! such a turn first commits for everybody. With nobody waiting it is a commit like any other, and nobody waits for a
//! clock.
//!
//! Turns are given in the order of asking. SQLite's own way of waiting is to sleep and try again, which starves some
//! and wastes most of the time of all.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, SqliteTransactionMode,
    Statement, TransactionOptions, TransactionTrait,
};
use tokio::runtime::Handle;
use tokio::sync::{Mutex, OwnedMutexGuard, oneshot};

use crate::audit::Head;
use crate::{CommitHook, CommitPoint, batch};

/// The writer's turn.
#[derive(Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<Option<Group>>>);

/// Transactions that wait to be durable together.
struct Group {
    whole: DatabaseTransaction,
    members: Vec<Member>,
    /// Where the audit trail ends, as soon as one of them has written to it.
    head: Option<Head>,
}

/// A transaction that is done and not durable yet.
struct Member {
    number: u64,
    durable: oneshot::Sender<Result<(), String>>,
}

/// The right to write, as long as it is held. What was done by then is put back, unless it is committed.
pub(crate) struct Turn {
    turns: Turns,
    /// None once it is committed.
    group: Option<OwnedMutexGuard<Option<Group>>>,
}

/// One is always open, for whoever comes next: to open it takes no message of its own.
const OPEN: &str = "SAVEPOINT member";
const KEEP: &str = "RELEASE member";
const PUT_BACK: &str = "ROLLBACK TO member";

impl Turns {
    /// Waits for the turn in the transaction of all.
    pub(crate) async fn begin(&self, db: &DatabaseConnection) -> Result<Turn, DbErr> {
        let mut group = self.0.clone().lock_owned().await;
        if group.is_none() {
            let options = TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..Default::default()
            };
            let whole = db.begin_with_options(options).await?;
            whole.execute_raw(statement(OPEN)).await?;
            *group = Some(Group { whole, members: Vec::new(), head: None });
        }
        Ok(Turn { turns: self.clone(), group: Some(group) })
    }
}

impl Turn {
    /// What the statements of this turn are carried out in.
    pub(crate) fn whole(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.group().map(|group| &group.whole).ok_or_else(lost)
    }

    /// Where the audit trail ends, if others of the group have written to it.
    pub(crate) fn head(&self) -> Option<&Head> {
        self.group()?.head.as_ref()
    }

    /// Makes the last changes, after which the audit trail ends at `head` if it has gone on, and then everything durable
    /// together with whatever else is.
    pub(crate) async fn commit(
        mut self,
        mut last: Vec<Statement>,
        head: Option<Head>,
        number: u64,
        hook: Option<CommitHook>,
    ) -> Result<(), DbErr> {
        let group = self.group.as_mut().and_then(|group| group.as_mut()).ok_or_else(lost)?;
        last.extend([statement(KEEP), statement(OPEN)]);
        // Whoever gives up waiting for the answer leaves it open whether the trail has gone on.
        let before = group.head.take();
        group.whole.execute_raw(batch::joined(last)).await?;
        let (durable, told) = oneshot::channel();
        group.members.push(Member { number, durable });
        group.head = head.or(before);
        self.group = None;
        let turns = self.turns.clone();
        // Whoever asked may be gone by then: what was done is committed all the same, as others are in it.
        tokio::spawn(async move { settle(turns.0.lock_owned().await, hook).await });
        match told.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(reason)) => Err(DbErr::Custom(reason)),
            Err(_) => Err(lost()),
        }
    }

    fn group(&self) -> Option<&Group> {
        self.group.as_ref()?.as_ref()
    }
}

impl Drop for Turn {
    /// Others of the group stay as they were. Their own turns come; without others the whole ends here.
    fn drop(&mut self) {
        let Some(mut group) = self.group.take() else { return };
        if group.as_ref().is_none_or(|group| group.members.is_empty()) {
            *group = None;
            return;
        }
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(put_back(group))),
            // Those who wait for the commit are gone, too.
            Err(error) => break_up(&mut group, &error),
        }
    }
}

/// Takes back what the last one did.
async fn put_back(mut group: OwnedMutexGuard<Option<Group>>) {
    let Some(Group { whole, .. }) = &*group else { return };
    // SQLite gives up the whole transaction when the disk is full or fails.
    if let Err(error) = whole.execute_raw(statement(PUT_BACK)).await {
        break_up(&mut group, &error);
    }
}

/// The transaction of all is gone, and nobody in it may believe otherwise.
fn break_up(group: &mut Option<Group>, error: &dyn std::fmt::Display) {
    for member in group.take().into_iter().flat_map(|group| group.members) {
        // Who asked may be gone.
        let _ = member.durable.send(Err(error.to_string()));
    }
}

/// Commits for everybody, unless somebody has.
async fn settle(mut turn: OwnedMutexGuard<Option<Group>>, hook: Option<CommitHook>) {
    let Some(Group { whole, members, .. }) = turn.take() else { return };
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

fn statement(text: &str) -> Statement {
    Statement::from_string(DbBackend::Sqlite, text)
}

fn lost() -> DbErr {
    DbErr::Custom("the transaction was lost".to_owned())
}
