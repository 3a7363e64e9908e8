//! What a machine finds on photographs, shown to who files and to who reviews. What it reads is said by a program in the
//! place of Tesseract; the real one reads in the tests of the app.

use std::os::unix::fs::PermissionsExt as _;

use crate::support::{House, handed_in, user};
use beian_app::{Progress, Submission, User};
use beian_domain::{MaterialUse, OrderNumber, practice};

/// A program that reads the same on every picture.
fn reader(reads: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let program = folder.path().join("tesseract");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo chi_sim; exit 0; fi\ncat > /dev/null\ncat <<'END'\n{reads}\nEND\n"
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    folder
}

#[tokio::test]
async fn another_number_on_the_photograph_is_shown_masked_to_who_files_and_who_reviews() {
    let (own, other) = (practice::ORGANISATIONS[0], practice::ORGANISATIONS[1]);
    let reads = format!("统一社会信用代码 {}\n名称 {}", other.uscc, own.name);
    let folder = reader(&reads);
    let house = House::reading(&folder.path().join("tesseract")).await;
    let order = handed_in(&house).await;
    let reviewer = house.sign_in("reviewer").await;
    let desk = format!("/review/{order}");
    let page = house.look(&reviewer, &desk).await;
    assert!(page.contains("is being read") && !page.contains("SIG009"), "{page}");

    while house.app.reading_step().await.unwrap() == Progress::Worked {}
    let page = house.look(&reviewer, &desk).await;
    let licence = part(&page, "id=\"materials-sponsor-certificate\"");
    assert!(
        licence.contains("Doubtful") && licence.contains("look again at character 3, 4, 6, 8, 18"),
        "{licence}"
    );
    assert!(licence.contains("reads the name that was typed"), "{licence}");
    assert!(page.contains("SIG009") && !page.contains(other.uscc), "masked, and a signal");
    assert!(!house.database_holds(other.uscc.as_bytes()), "sealed");
    // A person's card has no such number, and nothing is said against them.
    let card = part(&page, "id=\"materials-sponsor-principal-certificate\"");
    assert!(card.contains("no number that it is sure of") && !card.contains("look again"), "{card}");
    assert!(!licence.contains("Seems blurred"), "{licence}");

    let alice = user(&house, "alice").await;
    recall(&house, &alice, &order).await;
    let filer = house.sign_in("alice").await;
    let page = house.look(&filer, &format!("/orders/{order}/materials/sponsor-certificate")).await;
    assert!(page.contains("look again at character 3, 4, 6, 8, 18") && !page.contains(other.uscc), "{page}");
    let page = house.look(&filer, &format!("/orders/{order}/check")).await;
    assert!(page.contains("look again at character 3, 4, 6, 8, 18"), "{page}");
    assert!(page.contains(&format!("/orders/{order}/materials/sponsor-certificate")));

    // What who files is told of a picture that cannot be read, who reviews is told, too.
    let number = OrderNumber(order.clone());
    let soft = beian_picture::draw((900, 640), &|x, y| [((x + y) / 8) as u8; 3]);
    let material = MaterialUse::SponsorCertificate;
    house.app.hand_in_material(&alice, &number, material, soft).await.unwrap();
    let page = house.look(&filer, &format!("/orders/{order}/materials/sponsor-certificate")).await;
    assert!(page.contains("It seems blurred: wipe the lens"), "{page}");
    let revision = house.app.order(&alice, &number).await.unwrap().order.revision;
    let submission = house.app.submit_order(&alice, &number, revision).await.unwrap();
    assert!(matches!(submission, Submission::Submitted), "{submission:#?}");
    let page = house.look(&reviewer, &desk).await;
    let licence = part(&page, "id=\"materials-sponsor-certificate\"");
    assert!(licence.contains("Doubtful") && licence.contains("Seems blurred"), "{licence}");
}

#[tokio::test]
async fn where_nobody_reads_the_reviewer_is_told_once_and_who_files_is_not() {
    let house = House::open().await;
    let order = handed_in(&house).await;
    let reviewer = house.sign_in("reviewer").await;
    let page = house.look(&reviewer, &format!("/review/{order}")).await;
    assert_eq!(page.matches("Tesseract is not installed").count(), 1, "{page}");
    let alice = user(&house, "alice").await;
    recall(&house, &alice, &order).await;
    let filer = house.sign_in("alice").await;
    for path in ["materials/sponsor-certificate", "check"] {
        let page = house.look(&filer, &format!("/orders/{order}/{path}")).await;
        assert!(!page.contains("Tesseract") && !page.contains("A machine"), "{page}");
    }
}

async fn recall(house: &House, filer: &User, order: &str) {
    let number = OrderNumber(order.to_owned());
    let revision = house.app.order(filer, &number).await.unwrap().order.revision;
    house.app.recall_order(filer, &number, revision).await.unwrap();
}

/// A row of a page, up to the next.
fn part<'a>(page: &'a str, from: &str) -> &'a str {
    let begun = &page[page.find(from).unwrap_or_else(|| panic!("{from}: {page}"))..];
    begun.split("class=\"answer").next().unwrap()
}
