//! Notices, inbox, webhooks and what is told once: on SQLite and on PostgreSQL, with the same results.

use std::sync::Arc;

use beian_domain::{
    AccountId, Case, Clock, FilingKind, ManualClock, NoticeChannel, NoticeClass, NoticeKind, NoticeLanguage,
    OrderEvent, OrderNumber, OrderState, Personal, Role, SeededRandom, Text, practice,
};
use beian_store::{
    Actor, EndpointId, InboxContent, Keys, Message, Milestone, NewAccount, NewEndpoint, NewNotice, NewOrder,
    Notice, NoticeFilter, NoticeSettings, NoticeState, Occasion, Options, ReadMark, Store, StoreError,
    Subject,
};
use chrono::{DateTime, TimeDelta};
use rstest::rstest;

use crate::support::{self, Backend};

struct House {
    store: Store,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    _directory: tempfile::TempDir,
}

impl House {
    async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => support::fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(DateTime::from_timestamp(1_795_000_000, 0).unwrap()));
        let random = Arc::new(SeededRandom::new(43));
        let options = Options {
            database,
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        Self { store, clock, random, _directory: directory }
    }

    async fn account(&self, login: &str) -> AccountId {
        let mut tx = self.store.begin(Actor::Anonymous);
        let new = NewAccount {
            login: login.parse().unwrap(),
            password_hash: "$argon2id$x".to_owned(),
            role: Role::Filer,
            email: None,
        };
        let id = tx.insert_account(new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn queue(&self, account: AccountId, message: Message) {
        let mut tx = self.store.begin(Actor::System);
        let new = NewNotice {
            about: Subject::Account(account),
            kind: NoticeKind::OrderWaiting,
            account: Some(account),
            message,
            give_up_at: self.clock.now() + TimeDelta::days(1),
        };
        tx.insert_notice(new).await.unwrap();
        tx.commit().await.unwrap();
        self.clock.advance(TimeDelta::seconds(1));
    }

    async fn endpoint(&self, account: Option<AccountId>, kinds: Vec<NoticeKind>) -> EndpointId {
        let mut tx = self.store.begin(Actor::System);
        let url = Personal::new("https://example.com/hook?token=abc");
        let new = NewEndpoint { account, url, kinds, secret: Personal::new("whsec_AAAA") };
        let id = tx.insert_endpoint(new).await.unwrap();
        tx.commit().await.unwrap();
        id
    }

    async fn due(&self, channel: NoticeChannel) -> Vec<Notice> {
        self.store.read().due_notices(channel, self.clock.now(), 10).await.unwrap()
    }
}

fn hook(endpoint: EndpointId, body: &str) -> Message {
    Message::Webhook { endpoint, body: body.to_owned() }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_notice_is_tried_given_up_and_tried_again(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let to = Personal::new(practice::PEOPLE[0].mobile);
    house.queue(owner, Message::Sms { to: to.clone(), text: "练习".to_owned() }).await;
    assert!(house.due(NoticeChannel::Mail).await.is_empty(), "each way by itself");
    let notice = house.due(NoticeChannel::Sms).await.remove(0);
    let Message::Sms { to: read, text } = &notice.message else { panic!("{notice:?}") };
    assert_eq!((read, text.as_str()), (&to, "练习"));

    let mut tx = house.store.begin(Actor::System);
    let next = house.clock.now() + TimeDelta::minutes(1);
    tx.postpone_notice(&notice, next, "no connection").await.unwrap();
    tx.commit().await.unwrap();
    assert!(house.due(NoticeChannel::Sms).await.is_empty());
    let troubled = house.store.read().notices(NoticeFilter::Troubled, 10).await.unwrap();
    assert_eq!((troubled[0].attempts, troubled[0].problem.as_deref()), (1, Some("no connection")));

    let mut tx = house.store.begin(Actor::System);
    tx.fail_notice(&troubled[0], "no").await.unwrap();
    tx.commit().await.unwrap();
    house.clock.advance(TimeDelta::hours(1));
    assert!(house.due(NoticeChannel::Sms).await.is_empty());
    let failed = house.store.read().notices(NoticeFilter::Failed, 10).await.unwrap();
    assert!(matches!(failed[0].state, NoticeState::Failed(_)));

    let mut tx = house.store.begin(Actor::System);
    tx.requeue_notice(notice.id, house.clock.now() + TimeDelta::days(1)).await.unwrap();
    tx.commit().await.unwrap();
    let again = house.due(NoticeChannel::Sms).await.remove(0);
    assert_eq!((again.attempts, again.state), (0, NoticeState::Waiting));
    let mut tx = house.store.begin(Actor::System);
    tx.complete_notice(again.id).await.unwrap();
    tx.commit().await.unwrap();
    let sent = house.store.read().notice(again.id).await.unwrap().unwrap();
    assert!(matches!(sent.state, NoticeState::Sent(_)) && sent.problem.is_none());
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn endpoints_take_turns_and_one_that_fails_rests_as_a_whole(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let other = house.account("other").await;
    let own = house.endpoint(Some(owner), vec![NoticeKind::OrderWaiting]).await;
    let provider = house.endpoint(None, Vec::new()).await;
    house.endpoint(Some(other), Vec::new()).await;
    let hearing = house.store.read().endpoints_hearing(owner, 10).await.unwrap();
    let ids: std::collections::BTreeSet<EndpointId> = hearing.iter().map(|endpoint| endpoint.id).collect();
    assert_eq!(ids, [own, provider].into());
    let kept = house.store.read().endpoint(own).await.unwrap().unwrap();
    assert!(kept.hears(NoticeKind::OrderWaiting) && !kept.hears(NoticeKind::OrderFiled));
    assert_eq!(kept.url.expose(), "https://example.com/hook?token=abc");
    assert!(!format!("{kept:?}").contains("whsec_AAAA"));

    for body in ["1", "2", "3"] {
        house.queue(owner, hook(own, body)).await;
    }
    house.queue(owner, hook(provider, "4")).await;
    let due = async || {
        let mut bodies: Vec<String> = house
            .store
            .read()
            .due_webhooks(house.clock.now(), 8)
            .await
            .unwrap()
            .into_iter()
            .map(|notice| match notice.message {
                Message::Webhook { body, .. } => body,
                other => panic!("{other:?}"),
            })
            .collect();
        bodies.sort();
        bodies
    };
    assert_eq!(due().await, ["1", "4"], "the oldest of each");
    let first = house.store.read().notices(NoticeFilter::To(own), 10).await.unwrap().pop().unwrap();
    let mut tx = house.store.begin(Actor::System);
    tx.postpone_notice(&first, house.clock.now() + TimeDelta::minutes(5), "500").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due().await, ["4"]);
    house.clock.advance(TimeDelta::minutes(6));
    assert_eq!(due().await, ["1", "4"]);

    let mut tx = house.store.begin(Actor::System);
    tx.stop_endpoint(own, "stopped").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(due().await, ["4"]);
    assert_eq!(house.store.read().notices(NoticeFilter::Failed, 10).await.unwrap().len(), 3);
    assert!(house.store.read().endpoint(own).await.unwrap().unwrap().stopped_at.is_some());
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn an_inbox_is_read_page_by_page_and_by_its_owner_alone(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (owner, other) = (house.account("filer").await, house.account("other").await);
    let mut ids = Vec::new();
    for number in 0..5 {
        let content = InboxContent {
            subject: Text::new(format!("第 {number} 条 <b>"), format!("Message {number} <b>")),
            body: Text::new("正文", "Body"),
            link: Some("/home".to_owned()),
        };
        let mut tx = house.store.begin(Actor::System);
        ids.push(tx.insert_inbox_message(owner, NoticeKind::General, &content).await.unwrap());
        tx.commit().await.unwrap();
        house.clock.advance(TimeDelta::seconds(1));
    }
    let reader = house.store.read();
    let page = reader.inbox(owner, None, 2).await.unwrap();
    assert_eq!(page.iter().map(|message| message.id).collect::<Vec<_>>(), [ids[4], ids[3]]);
    assert_eq!(page[0].content.subject.zh, "第 4 条 <b>");
    let next = reader.inbox(owner, Some(ids[3]), 10).await.unwrap();
    assert_eq!(next.len(), 3);
    assert!(reader.inbox(other, None, 10).await.unwrap().is_empty());
    assert_eq!(reader.count_unread(owner, 100).await.unwrap(), 5);
    assert_eq!(reader.count_unread(owner, 3).await.unwrap(), 3, "counted no further");

    let mark = async |account, which| {
        let mut tx = house.store.begin(Actor::System);
        tx.mark_read(account, which).await.unwrap();
        tx.commit().await.unwrap();
        house.store.read().count_unread(owner, 100).await.unwrap()
    };
    assert_eq!(mark(other, ReadMark::One(ids[0])).await, 5, "somebody else's");
    assert_eq!(mark(owner, ReadMark::One(ids[4])).await, 4);
    assert_eq!(mark(owner, ReadMark::UpTo(ids[2])).await, 1, "what came after stays unread");

    let settings = house.store.read().notice_settings(owner).await.unwrap();
    assert_eq!(settings, NoticeSettings::default());
    assert!(settings.wants(NoticeClass::Action, NoticeChannel::Sms));
    for mobile in [practice::PEOPLE[0].mobile, practice::PEOPLE[1].mobile] {
        let settings = NoticeSettings {
            language: NoticeLanguage::English,
            mobile: Some(Personal::new(mobile)),
            choices: Some(vec![(NoticeClass::Deadline, NoticeChannel::Mail)]),
        };
        let mut tx = house.store.begin(Actor::Account(owner));
        tx.put_notice_settings(owner, &settings).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!(house.store.read().notice_settings(owner).await.unwrap(), settings);
        assert!(!settings.wants(NoticeClass::Action, NoticeChannel::Mail));
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_is_told_once_is_told_once(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let occasion = |stage: &str| Occasion {
        kind: NoticeKind::DomainExpiring,
        subject: "粤ICP备2026000001号-1".to_owned(),
        stage: stage.to_owned(),
    };
    for (round, expected) in [(0, true), (1, false)] {
        let mut tx = house.store.begin(Actor::System);
        assert_eq!(tx.tell_once(&occasion("60")).await.unwrap(), expected, "round {round}");
        // The transaction goes on after what was told before.
        tx.tell_once(&occasion(&format!("other {round}"))).await.unwrap();
        tx.commit().await.unwrap();
    }
    let untold = house.store.read().untold(vec![occasion("60"), occasion("30")]).await.unwrap();
    assert_eq!(untold, [occasion("30")]);
    // What is rolled back was not told.
    let mut tx = house.store.begin(Actor::System);
    assert!(tx.tell_once(&occasion("30")).await.unwrap());
    drop(tx);
    assert_eq!(house.store.read().untold(vec![occasion("30")]).await.unwrap().len(), 1);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn orders_reach_their_milestones_one_after_the_other(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("filer").await;
    let mut tx = house.store.begin(Actor::Account(owner));
    let number = OrderNumber::new(&*house.clock, &*house.random);
    let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case: Case::default() };
    let order = tx.insert_order(new).await.unwrap();
    tx.commit().await.unwrap();
    let due = async || {
        let since = |days| house.clock.now() - TimeDelta::days(days);
        let milestones = [
            Milestone { since: since(7), reminders: 1 },
            Milestone { since: since(15), reminders: 2 },
            Milestone { since: since(45), reminders: u32::MAX },
        ];
        house.store.read().orders_at_milestones(&[OrderState::Draft], &milestones, 10).await.unwrap()
    };
    assert!(due().await.is_empty());
    house.clock.advance(TimeDelta::days(7));
    assert_eq!(due().await, [order.id]);
    let remind = async |mut order: beian_store::Order, reminders| {
        let mut tx = house.store.begin(Actor::System);
        let outcome = tx.note_reminders(&mut order, reminders).await;
        if outcome.is_ok() {
            tx.commit().await.unwrap();
        }
        outcome
    };
    remind(order.clone(), 1).await.unwrap();
    let twice = remind(order.clone(), 1).await;
    assert!(matches!(twice, Err(StoreError::Stale { .. })), "of two workers one is the first: {twice:?}");
    assert!(due().await.is_empty());
    house.clock.advance(TimeDelta::days(8));
    assert_eq!(due().await, [order.id]);
    let read = house.store.read().order(order.id).await.unwrap().unwrap();
    assert_eq!((read.reminders, read.updated_at), (1, order.updated_at), "a reminder is no touch");
    remind(read.clone(), 2).await.unwrap();
    house.clock.advance(TimeDelta::days(30));
    assert_eq!(due().await, [order.id], "the end of its time");
    let mut read = house.store.read().order(order.id).await.unwrap().unwrap();
    read.apply(&OrderEvent::Expire).unwrap();
    let mut tx = house.store.begin(Actor::System);
    tx.update_order(&mut read, "order.expire", serde_json::json!({})).await.unwrap();
    tx.commit().await.unwrap();
    assert!(due().await.is_empty());
    assert_eq!(house.store.read().order(order.id).await.unwrap().unwrap().reminders, 0);
}
