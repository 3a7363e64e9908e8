//! What is typed and not handed in yet, on both databases.

use crate::support::{Backend, House, at};
use beian_domain::{AccountId, FilingKind, OrderEvent, OrderId, OrderState, Role};
use beian_store::{Actor, AuditReport, Keeping, SheetId, TypedPage};
use rstest::rstest;

struct Typing {
    order: OrderId,
    account: AccountId,
}

impl Typing {
    /// Keeps a text on the page, as a sheet that was shown after another.
    async fn keep(&self, house: &House, sheet: SheetId, after: Option<SheetId>, text: &str) -> Keeping {
        let typed = TypedPage {
            order: self.order,
            account: self.account,
            page: "sponsor-name".to_owned(),
            sheet,
            fields: vec![("sponsor-name".to_owned(), text.to_owned())],
            at: at(5),
        };
        let mut tx = house.store.begin(Actor::Account(self.account));
        let keeping = tx.keep_typed(&typed, after).await.unwrap();
        tx.commit().await.unwrap();
        keeping
    }

    async fn text(&self, house: &House) -> Option<String> {
        let page = house.store.read().typed_page(self.order, self.account, "sponsor-name").await.unwrap();
        let all = house.store.read().typed_pages(self.order, self.account).await.unwrap();
        assert_eq!(all.len(), usize::from(page.is_some()));
        assert_eq!(all.first(), page.as_ref());
        page.map(|mut page| page.fields.remove(0).1)
    }
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn a_sheet_replaces_what_it_has_seen_and_nothing_else(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let (anna, boris) = (house.account("anna", Role::Filer).await, house.account("boris", Role::Filer).await);
    let order = house.draft(anna, FilingKind::FirstFiling, house.case(0)).await.id;
    let annas = Typing { order, account: anna };
    let boriss = Typing { order, account: boris };
    let [one, two, three] = [(); 3].map(|()| house.store.new_sheet());
    assert_eq!(annas.keep(&house, one, None, "一").await, Keeping::Kept);
    assert_eq!(annas.keep(&house, one, None, "一二").await, Keeping::Kept, "the same sheet goes on");
    assert_eq!(annas.keep(&house, two, None, "乙").await, Keeping::OtherSheet, "it never saw the first");
    assert_eq!(annas.text(&house).await.as_deref(), Some("一二"));
    assert_eq!(annas.keep(&house, three, Some(one), "一二三").await, Keeping::Kept);
    assert_eq!(annas.keep(&house, one, None, "四").await, Keeping::OtherSheet, "the third is newer");
    assert_eq!(annas.text(&house).await.as_deref(), Some("一二三"));

    // What others type on the same page is theirs.
    assert_eq!(boriss.text(&house).await, None);
    assert_eq!(boriss.keep(&house, two, None, "乙").await, Keeping::Kept);
    assert_eq!(annas.text(&house).await.as_deref(), Some("一二三"));
    let mut tx = house.store.begin(Actor::Account(anna));
    tx.forget_typed(order, anna, "sponsor-name").await.unwrap();
    tx.forget_typed(order, anna, "nothing-there").await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!((annas.text(&house).await, boriss.text(&house).await.as_deref()), (None, Some("乙")));
    assert_eq!(annas.keep(&house, two, None, "五").await, Keeping::Kept, "there is nothing to replace");
    assert!(matches!(house.store.read().verify_audit().await.unwrap(), AuditReport::Intact { .. }));
}

#[rstest]
#[case(Backend::Sqlite)]
#[case(Backend::Postgres)]
#[tokio::test]
async fn what_cannot_be_handed_in_any_more_is_forgotten(#[case] backend: Backend) {
    let house = House::open(backend).await;
    let anna = house.account("anna", Role::Filer).await;
    let draft = house.draft(anna, FilingKind::FirstFiling, house.case(0)).await;
    let mut withdrawn = house.draft(anna, FilingKind::FirstFiling, house.case(1)).await;
    let sheet = house.store.new_sheet();
    for order in [draft.id, withdrawn.id] {
        Typing { order, account: anna }.keep(&house, sheet, None, "一").await;
    }
    house.happen(&mut withdrawn, &[OrderEvent::Withdraw]).await;
    let mut tx = house.store.begin(Actor::System);
    assert_eq!(tx.forget_typed_where(&[OrderState::Withdrawn, OrderState::Filed]).await.unwrap(), 1);
    tx.commit().await.unwrap();
    assert_eq!(Typing { order: withdrawn.id, account: anna }.text(&house).await, None);
    assert_eq!(Typing { order: draft.id, account: anna }.text(&house).await.as_deref(), Some("一"));
}
