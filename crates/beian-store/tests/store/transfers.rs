//! Members and transfers: every test here runs on SQLite and on PostgreSQL.

use std::sync::Arc;

use beian_domain::{
    AccountId, Case, CertificateKind, CertificateNumber, FilingKind, ManualClock, MemberRole,
    MembershipEvent, MembershipState, OrderEvent, OrderId, OrderNumber, Personal, RecordState, Role,
    SeededRandom, SponsorNature, TransferEvent, TransferProof, TransferState, practice,
};
use beian_store::{
    Actor, AuditReport, FilingRecord, Keys, NewAccount, NewMembership, NewOrder, NewTransfer, Options,
    PendingProof, Store, StoreError, Transfer,
};
use chrono::{DateTime, TimeDelta, Utc};
use rstest::rstest;
use sea_orm::{ConnectionTrait, Database};
use serde_json::json;

use crate::support::{self, Backend};

struct House {
    store: Store,
    clock: Arc<ManualClock>,
    random: Arc<SeededRandom>,
    database: String,
    _directory: tempfile::TempDir,
}

const START: i64 = 1_795_000_000;

fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::from_timestamp(START + seconds, 0).unwrap()
}

impl House {
    async fn open(backend: Backend) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let database = match backend {
            Backend::Sqlite => format!("sqlite://{}/test.db?mode=rwc", directory.path().display()),
            Backend::Postgres => support::fresh_postgres().await,
        };
        let clock = Arc::new(ManualClock::at(at(0)));
        let random = Arc::new(SeededRandom::new(42));
        let options = Options {
            database: database.clone(),
            files: directory.path().to_owned(),
            keys: Keys::generate(&*random),
            commit_hook: None,
        };
        let store = Store::open(options, clock.clone(), random.clone()).await.unwrap();
        Self { store, clock, random, database, _directory: directory }
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

    fn certificate(&self) -> CertificateNumber {
        CertificateNumber::parse(CertificateKind::BusinessLicence, practice::ORGANISATIONS[0].uscc).unwrap()
    }

    fn new_transfer(&self, from: Option<AccountId>, to: AccountId) -> NewTransfer {
        let number: beian_domain::ServiceFilingNumber = "粤ICP备2026000001号-1".parse().unwrap();
        NewTransfer {
            sponsor_number: number.sponsor().clone(),
            sponsor_index: self.store.certificate_index(&self.certificate()),
            service_number: number,
            domain: "xizuo.cn".parse().unwrap(),
            from,
            to,
            requester: to,
            due_at: at(3_600),
        }
    }

    async fn request(&self, from: Option<AccountId>, to: AccountId) -> Result<Transfer, StoreError> {
        let mut tx = self.store.begin(Actor::Account(to));
        let transfer = tx.insert_transfer(self.new_transfer(from, to)).await?;
        tx.commit().await?;
        Ok(transfer)
    }

    async fn happen(&self, transfer: &mut Transfer, events: &[TransferEvent]) -> Result<(), StoreError> {
        let mut tx = self.store.begin(Actor::System);
        for event in events {
            transfer.apply(*event).unwrap();
        }
        tx.update_transfer(transfer, "transfer.test", json!({})).await?;
        tx.commit().await
    }

    async fn read(&self, transfer: &Transfer) -> Transfer {
        self.store.read().transfer(transfer.id).await.unwrap().unwrap()
    }
}

fn case() -> Case {
    let mut case = Case::default();
    case.sponsor.certificate.kind = Some(CertificateKind::BusinessLicence);
    case.sponsor.certificate.number = Some(Personal::new(practice::ORGANISATIONS[0].uscc));
    case
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_transfer_comes_back_as_it_was_kept_and_its_secrets_are_sealed(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (old, new) = (house.account("old").await, house.account("new").await);
    let mut transfer = house.request(Some(old), new).await.unwrap();
    let mut stale = house.read(&transfer).await;
    let proof = PendingProof::Sms { code: Personal::new("271828"), good_until: at(600), wrong: 2 };
    transfer.proof = Some(proof.clone());
    transfer.codes_sent = 2;
    transfer.objection = Some(Personal::new("不是我们转的"));
    house.happen(&mut transfer, &[TransferEvent::ChooseProof]).await.unwrap();
    let read = house.read(&transfer).await;
    assert_eq!(read.state(), TransferState::ProofPending);
    assert_eq!((read.proof, read.codes_sent), (Some(proof), 2));
    assert_eq!(read.objection.unwrap().expose(), "不是我们转的");
    assert_eq!((read.from, read.to, read.due_at), (Some(old), new, Some(at(3_600))));

    let error = house.happen(&mut stale, &[TransferEvent::Cancel]).await.unwrap_err();
    assert!(matches!(error, StoreError::Stale { expected: 1, .. }), "{error}");

    let db = Database::connect(&house.database).await.unwrap();
    let rows = db
        .query_all_raw(sea_orm::Statement::from_string(
            db.get_database_backend(),
            "SELECT proof_sealed, objection_sealed FROM transfer",
        ))
        .await
        .unwrap();
    for column in ["proof_sealed", "objection_sealed"] {
        let sealed: Vec<u8> = rows[0].try_get("", column).unwrap();
        for plain in ["271828", "不是我们转的"] {
            assert!(!sealed.windows(plain.len()).any(|window| window == plain.as_bytes()));
        }
    }

    // What is over keeps no proof, and nothing is due.
    house.happen(&mut transfer, &[TransferEvent::Cancel]).await.unwrap();
    let read = house.read(&transfer).await;
    assert_eq!((read.proof, read.due_at, read.decided_at), (None, None, Some(at(0))));
    assert!(matches!(house.store.read().verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn the_database_lets_one_account_alone_prove_a_sponsor(#[case] backend: Backend) {
    use TransferEvent as E;
    let house = House::open(backend).await;
    let old = house.account("old").await;
    let (first, second) = (house.account("first").await, house.account("second").await);
    let mut one = house.request(Some(old), first).await.unwrap();
    let twice = house.request(Some(old), first).await.unwrap_err();
    assert!(matches!(twice, StoreError::Exists { .. }), "{twice}");
    // A request holds nothing: another account can ask, too.
    let mut other = house.request(Some(old), second).await.unwrap();
    one.proven_by = Some(TransferProof::Dns);
    house.happen(&mut one, &[E::ChooseProof, E::Prove, E::Wait]).await.unwrap();
    let error = house.happen(&mut other, &[E::ChooseProof, E::Prove, E::Wait]).await.unwrap_err();
    assert!(matches!(error, StoreError::Exists { .. }), "{error}");
    assert_eq!(house.read(&other).await.state(), TransferState::Requested, "nothing was changed");
    assert_eq!(house.read(&one).await.proven_by, Some(TransferProof::Dns));
    house.happen(&mut one, &[E::Object, E::Uphold]).await.unwrap();
    let mut other = house.read(&other).await;
    house.happen(&mut other, &[E::ChooseProof, E::Prove, E::Wait]).await.unwrap();
    house.request(Some(old), first).await.unwrap();

    assert_eq!(house.store.read().transfers_of(old, 10).await.unwrap().len(), 3);
    assert_eq!(house.store.read().transfers_of(second, 10).await.unwrap().len(), 1);
    let open = house.store.read().open_transfers_of_sponsor(&other.sponsor_number).await.unwrap();
    assert_eq!(open.len(), 2);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_is_due_first_comes_first(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (old, new) = (house.account("old").await, house.account("new").await);
    let mut late = house.request(Some(old), new).await.unwrap();
    let mut soon = house.request(Some(old), house.account("other").await).await.unwrap();
    soon.due_at = Some(at(60));
    house.happen(&mut soon, &[TransferEvent::ChooseProof]).await.unwrap();
    assert!(house.store.read().due_transfer(at(59)).await.unwrap().is_none());
    assert_eq!(house.store.read().due_transfer(at(60)).await.unwrap().unwrap().id, soon.id);
    assert_eq!(house.store.read().due_transfer(at(3_600)).await.unwrap().unwrap().id, soon.id);
    house.happen(&mut soon, &[TransferEvent::Expire]).await.unwrap();
    assert_eq!(house.store.read().due_transfer(at(3_600)).await.unwrap().unwrap().id, late.id);
    late.due_at = None;
    house.happen(&mut late, &[TransferEvent::ChooseProof]).await.unwrap();
    assert!(house.store.read().due_transfer(at(9_999)).await.unwrap().is_none());
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn sponsors_are_counted_once_in_records_orders_and_transfers(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (owner, other) = (house.account("owner").await, house.account("other").await);
    let index = house.store.certificate_index(&house.certificate());
    let sponsors = async |account| house.store.read().sponsors_of(account).await.unwrap().len();
    assert_eq!(sponsors(owner).await, 0);

    let mut tx = house.store.begin(Actor::Account(owner));
    let number = OrderNumber::new(&*house.clock, &*house.random);
    let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case: case() };
    let mut order = tx.insert_order(new).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sponsors(owner).await, 1);

    let record = FilingRecord {
        service_number: "粤ICP备2026000001号-1".parse().unwrap(),
        sponsor_number: "粤ICP备2026000001号".parse().unwrap(),
        holder: Some(owner),
        state: RecordState::Active,
        order: OrderId(order.id.0),
        domain: "xizuo.cn".parse().unwrap(),
        sponsor_index: index.clone(),
        sponsor_nature: SponsorNature::Enterprise,
        sponsor_name: Personal::new(practice::ORGANISATIONS[0].name),
        service_name: "习作".to_owned(),
        ids: None,
        resource: None,
        served_elsewhere: None,
        content: None,
        as_of: at(0),
    };
    let mut tx = house.store.begin(Actor::Bridge);
    tx.insert_record(&record).await.unwrap();
    order.apply(&OrderEvent::Withdraw).unwrap();
    tx.update_order(&mut order, "order.test", json!({})).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(sponsors(owner).await, 1, "a withdrawn order counts no more, the record does");
    assert_eq!(
        house.store.read().orders_about_sponsor(owner, &index, &[], 10).await.unwrap(),
        [order.id],
        "whatever has become of it"
    );
    assert!(house.store.read().orders_about_sponsor(other, &index, &[], 10).await.unwrap().is_empty());

    house.request(Some(owner), other).await.unwrap();
    assert_eq!((sponsors(owner).await, sponsors(other).await), (1, 1));

    let mut unclaimed = record.clone();
    unclaimed.holder = None;
    let mut tx = house.store.begin(Actor::System);
    tx.update_record(&unclaimed, "record.test").await.unwrap();
    tx.commit().await.unwrap();
    let read = house.store.read().record_of_number(&record.service_number).await.unwrap().unwrap();
    assert_eq!(read.holder, None);
    assert_eq!(sponsors(owner).await, 0);
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_membership_is_one_until_it_is_over(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (account, member) = (house.account("account").await, house.account("member").await);
    let new = || NewMembership {
        account,
        member,
        role: MemberRole::Agent,
        state: MembershipState::Invited,
        ends_at: Some(at(100)),
    };
    let mut tx = house.store.begin(Actor::Account(account));
    let mut membership = tx.insert_membership(new(), "member.invite").await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.store.begin(Actor::Account(account));
    let twice = tx.insert_membership(new(), "member.invite").await.unwrap_err();
    assert!(matches!(twice, StoreError::Exists { .. }), "{twice}");
    drop(tx);

    assert!(!membership.is_good(at(0)), "not yet accepted");
    let mut stale = house.store.read().membership(membership.id).await.unwrap().unwrap();
    for (event, count) in [(MembershipEvent::Accept, 1), (MembershipEvent::End, 1)] {
        membership.apply(event).unwrap();
        let mut tx = house.store.begin(Actor::Account(member));
        tx.update_membership(&mut membership, "member.test").await.unwrap();
        tx.commit().await.unwrap();
        let read = house.store.read().memberships_of(member, 10).await.unwrap();
        assert_eq!((read.len(), read[0].state()), (count, membership.state()));
        let good = event == MembershipEvent::Accept;
        assert_eq!((read[0].is_good(at(99)), read[0].is_good(at(100))), (good, false));
    }
    stale.apply(MembershipEvent::Accept).unwrap();
    let mut tx = house.store.begin(Actor::Account(member));
    let error = tx.update_membership(&mut stale, "member.test").await.unwrap_err();
    assert!(matches!(error, StoreError::Stale { .. }), "{error}");
    drop(tx);

    house.clock.advance(TimeDelta::seconds(1));
    let mut tx = house.store.begin(Actor::Account(account));
    tx.insert_membership(new(), "member.invite").await.unwrap();
    tx.commit().await.unwrap();
    let members = house.store.read().members_of(account, 10).await.unwrap();
    let states: Vec<_> = members.iter().map(|membership| membership.state()).collect();
    assert_eq!(states, [MembershipState::Invited, MembershipState::Ended], "newest first");
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn domains_are_listed_by_state_and_page_by_page(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let owner = house.account("owner").await;
    let mut tx = house.store.begin(Actor::Account(owner));
    let number = OrderNumber::new(&*house.clock, &*house.random);
    let new = NewOrder { number, owner, kind: FilingKind::FirstFiling, case: case() };
    let order = tx.insert_order(new).await.unwrap();
    tx.commit().await.unwrap();
    let mut tx = house.store.begin(Actor::Bridge);
    for number in 1..=7 {
        let record = FilingRecord {
            service_number: format!("粤ICP备2026000001号-{number}").parse().unwrap(),
            sponsor_number: "粤ICP备2026000001号".parse().unwrap(),
            holder: Some(owner),
            state: RecordState::ALL[number % 3],
            order: OrderId(order.id.0),
            domain: format!("d{number}.cn").parse().unwrap(),
            sponsor_index: house.store.certificate_index(&house.certificate()),
            sponsor_nature: SponsorNature::Enterprise,
            sponsor_name: Personal::new(practice::ORGANISATIONS[0].name),
            service_name: "习作".to_owned(),
            ids: None,
            resource: None,
            served_elsewhere: None,
            content: None,
            as_of: at(number as i64),
        };
        tx.insert_record(&record).await.unwrap();
    }
    tx.commit().await.unwrap();
    for (state, expected) in RecordState::ALL.into_iter().zip([vec![3, 6], vec![1, 4, 7], vec![2, 5]]) {
        let mut found = Vec::new();
        let mut after = None;
        loop {
            let page = house.store.read().domains_after(state, after.as_ref(), 2).await.unwrap();
            assert!(page.len() <= 2);
            let Some(last) = page.last() else { break };
            after = Some(last.service_number.clone());
            found.extend(page.into_iter().map(|row| (row.domain.as_ascii().to_owned(), row.as_of)));
        }
        let expected: Vec<_> =
            expected.into_iter().map(|number| (format!("d{number}.cn"), at(number))).collect();
        assert_eq!(found, expected, "{state:?}");
    }
}
