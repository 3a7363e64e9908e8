//! Text on photographs of certificates, read by the real Tesseract on certificates of practice identities.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::support::{House, Means};
use beian_app::{
    BeginOutcome, Beginning, CertificateReading, FieldReading, NameServer, ReadingOutcome, Tesseract,
    TesseractError,
};
use beian_domain::{
    CertificateKind, MaterialUse, OrderNumber, Personal, ServiceKind, SponsorNature, practice,
};

const CARD: MaterialUse = MaterialUse::SponsorPrincipalCertificate;
const LICENCE: MaterialUse = MaterialUse::SponsorCertificate;

/// As Debian installs it.
const TESSERACT: &str = "/usr/bin/tesseract";

/// A house that reads, and an order in it.
struct Reading {
    house: House,
    number: OrderNumber,
}

impl Reading {
    /// With the first practice organisation and person typed, each number as it is given.
    async fn begin(tesseract: Option<Tesseract>, uscc: &str, resident_id: &str) -> Self {
        let mut house = House::open().await;
        let means = Means {
            name_server: NameServer::System,
            tesseract,
            ..Means::of(house.premises.client("http://127.0.0.1:1"))
        };
        house.app = house.premises.product(house.store().await, means);
        let begun = house
            .app
            .begin_order(
                &house.filer,
                Beginning {
                    service: ServiceKind::Website,
                    nature: SponsorNature::Enterprise,
                    certificate_kind: CertificateKind::BusinessLicence,
                    certificate_number: Personal::new(practice::ORGANISATIONS[0].uscc),
                    former: None,
                    domain: "xizuo-reading.cn".to_owned(),
                },
            )
            .await
            .unwrap();
        let BeginOutcome::Begun(order) = begun else { panic!("{begun:?}") };
        let reading = Self { house, number: order.number.clone() };
        reading.retype(uscc, resident_id).await;
        reading
    }

    async fn retype(&self, uscc: &str, resident_id: &str) {
        let app = &self.house.app;
        let revision = app.order(&self.house.filer, &self.number).await.unwrap().order.revision;
        let edit = |case: &mut beian_domain::Case| {
            case.sponsor.name = Some(Personal::new(practice::ORGANISATIONS[0].name));
            case.sponsor.certificate.number = Some(Personal::new(uscc));
            let principal = &mut case.sponsor.principal;
            principal.name = Some(Personal::new(practice::PEOPLE[0].name));
            principal.certificate_kind = Some(CertificateKind::ResidentIdCard);
            principal.certificate_number = Some(Personal::new(resident_id));
        };
        app.edit_order(&self.house.filer, &self.number, revision, edit).await.unwrap();
    }

    async fn hand_in(&self, purpose: MaterialUse, picture: Vec<u8>) {
        let house = &self.house;
        house.app.hand_in_material(&house.filer, &self.number, purpose, picture).await.unwrap();
    }

    async fn outcome(&self, purpose: MaterialUse) -> ReadingOutcome {
        let view = self.house.app.order(&self.house.filer, &self.number).await.unwrap();
        let all = self.house.app.certificate_readings(&self.house.filer, &view).await.unwrap();
        let found: Vec<CertificateReading> =
            all.into_iter().filter(|reading| reading.purpose == purpose).collect();
        let [reading] = found.as_slice() else { panic!("{found:?}") };
        reading.outcome.clone()
    }

    async fn read_all(&self) {
        while self.house.app.reading_step().await.unwrap() == beian_app::Progress::Worked {}
    }
}

async fn tesseract() -> Tesseract {
    Tesseract::open(TESSERACT.into()).await.expect("Debian's tesseract-ocr and tesseract-ocr-chi-sim")
}

fn one_digit_wrong(number: &str) -> String {
    let mut typed: Vec<char> = number.chars().collect();
    typed[11] = if typed[11] == '7' { '3' } else { '7' };
    typed.into_iter().collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_agrees_with_the_photograph_or_the_digit_is_told() {
    let (organisation, person) = (&practice::ORGANISATIONS[0], &practice::PEOPLE[0]);
    let reading = Reading::begin(Some(tesseract().await), organisation.uscc, person.resident_id).await;
    let app = &reading.house.app;
    reading.hand_in(CARD, crate::drawn::photograph(&crate::drawn::identity_card(person))).await;
    reading.hand_in(LICENCE, crate::drawn::photograph(&crate::drawn::licence(organisation))).await;
    assert_eq!(reading.outcome(CARD).await, ReadingOutcome::Waiting, "never in the request");
    reading.read_all().await;
    let agree = ReadingOutcome::Read { number: FieldReading::Agrees, name: FieldReading::Agrees };
    assert_eq!(reading.outcome(CARD).await, agree);
    assert_eq!(reading.outcome(LICENCE).await, agree);

    // What is typed anew is compared anew, without reading again.
    let wrong = (one_digit_wrong(organisation.uscc), one_digit_wrong(person.resident_id));
    reading.retype(&wrong.0, &wrong.1).await;
    for purpose in [CARD, LICENCE] {
        let ReadingOutcome::Read { number: FieldReading::Differs(difference), name } =
            reading.outcome(purpose).await
        else {
            panic!("{purpose:?}")
        };
        assert_eq!(difference.places(), [12]);
        assert_eq!(name, FieldReading::Agrees);
        for shown in [difference.read_masked(), difference.typed_masked()] {
            assert_eq!(shown.chars().filter(|c| *c == '*').count(), 12, "{shown}");
        }
    }
    // The photograph of somebody else.
    let other = &practice::PEOPLE[1];
    reading.retype(organisation.uscc, person.resident_id).await;
    reading.hand_in(CARD, crate::drawn::photograph(&crate::drawn::identity_card(other))).await;
    assert_eq!(reading.outcome(CARD).await, ReadingOutcome::Waiting, "what was read is forgotten with it");
    reading.read_all().await;
    let ReadingOutcome::Read { number: FieldReading::Differs(_), .. } = reading.outcome(CARD).await else {
        panic!("{:?}", reading.outcome(CARD).await)
    };
    // Nobody else is told.
    let view = app.order(&reading.house.filer, &reading.number).await.unwrap();
    assert!(app.certificate_readings(&reading.house.other, &view).await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_practice_identity_is_read_or_nothing_is_said() {
    let (organisations, people) = (practice::ORGANISATIONS, practice::PEOPLE);
    let reading = Reading::begin(Some(tesseract().await), organisations[0].uscc, people[0].resident_id).await;
    let (mut agree, mut unsure) = (0, 0);
    for person in &people {
        reading.hand_in(CARD, crate::drawn::photograph(&crate::drawn::identity_card(person))).await;
        reading.retype(organisations[0].uscc, person.resident_id).await;
        reading.read_all().await;
        match reading.outcome(CARD).await {
            ReadingOutcome::Read { number: FieldReading::Agrees, .. } => agree += 1,
            ReadingOutcome::Read { number: FieldReading::NotFound, .. } => unsure += 1,
            other => panic!("{}: {other:?}", person.name),
        }
    }
    for organisation in &organisations {
        reading.hand_in(LICENCE, crate::drawn::photograph(&crate::drawn::licence(organisation))).await;
        reading.retype(organisation.uscc, people[0].resident_id).await;
        reading.read_all().await;
        match reading.outcome(LICENCE).await {
            ReadingOutcome::Read { number: FieldReading::Agrees, .. } => agree += 1,
            ReadingOutcome::Read { number: FieldReading::NotFound, .. } => unsure += 1,
            other => panic!("{}: {other:?}", organisation.name),
        }
    }
    println!("{agree} numbers were read, {unsure} were not");
    assert!(agree >= 12, "{agree} of {}", agree + unsure);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_blank_picture_is_not_read() {
    let reading = Reading::begin(
        Some(tesseract().await),
        practice::ORGANISATIONS[0].uscc,
        practice::PEOPLE[0].resident_id,
    )
    .await;
    reading
        .hand_in(CARD, crate::drawn::jpeg(&image::GrayImage::from_pixel(1_200, 800, image::Luma([235]))))
        .await;
    // These are no certificates.
    reading.hand_in(MaterialUse::ServicePrincipalPhoto, crate::support::picture()).await;
    reading.hand_in(MaterialUse::VerificationForm, crate::support::picture()).await;
    reading.read_all().await;
    assert_eq!(reading.outcome(CARD).await, ReadingOutcome::Unread);
    let view = reading.house.app.order(&reading.house.filer, &reading.number).await.unwrap();
    let all = reading.house.app.certificate_readings(&reading.house.filer, &view).await.unwrap();
    assert_eq!(all.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tesseract_nothing_is_read_and_nothing_waits() {
    let reading =
        Reading::begin(None, practice::ORGANISATIONS[0].uscc, practice::PEOPLE[0].resident_id).await;
    reading.hand_in(CARD, crate::support::picture()).await;
    reading.read_all().await;
    assert_eq!(reading.outcome(CARD).await, ReadingOutcome::NotInstalled);
    let settings = reading.house.app.settings(&reading.house.operator).unwrap();
    assert!(!settings.reads_photographs);
}

/// A program in the place of Tesseract, which knows Chinese and then does something else.
fn stand_in(folder: &Path, does: &str) -> PathBuf {
    let program = folder.join("tesseract");
    let text = format!(
        "#!/bin/sh\nif [ \"$1\" = --list-langs ]; then echo chi_sim; exit 0; fi\ncat > /dev/null\n{does}\n"
    );
    std::fs::write(&program, text).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o700)).unwrap();
    program
}

fn is_running(id: &str) -> bool {
    // One that has ended and was not asked for is a zombie.
    let state = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
    !state.is_empty() && !state.contains(") Z ")
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_hangs_is_ended_with_its_children() {
    let folder = tempfile::tempdir().unwrap();
    let pids = folder.path().join("pids");
    let does = format!("sleep 1000 & echo $$ $! > {}; wait", pids.display());
    let tesseract = Tesseract::open(stand_in(folder.path(), &does)).await.unwrap();
    let tesseract = tesseract.within(Duration::from_secs(2));
    let reading =
        Reading::begin(Some(tesseract), practice::ORGANISATIONS[0].uscc, practice::PEOPLE[0].resident_id)
            .await;
    reading.hand_in(CARD, crate::support::plain_picture()).await;
    let ended = tokio::time::timeout(Duration::from_secs(20), reading.read_all()).await;
    assert!(ended.is_ok(), "it still waits");
    assert_eq!(reading.outcome(CARD).await, ReadingOutcome::Unread, "it is not tried for ever");
    let pids = std::fs::read_to_string(pids).unwrap();
    assert_eq!(pids.split_whitespace().count(), 2);
    for id in pids.split_whitespace() {
        // What was killed may take a moment to be gone.
        let gone = std::iter::repeat_with(|| is_running(id)).take(1_000_000).any(|running| !running);
        assert!(gone, "{id} is still running");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_fails_floods_or_looks_around_does_no_harm() {
    for (does, is_read) in [
        ("exit 3", false),
        ("kill -9 $$", false),
        ("yes 440305199003070006", false),
        ("printf '\\377\\376 440305199003070006'", true),
        // It is told nothing of what our own process was told.
        (
            "[ -z \"$HOME$CARGO_MANIFEST_DIR$BEIAN_DATABASE\" ] && [ \"$OMP_THREAD_LIMIT\" = 1 ] && echo 440305199003070006",
            true,
        ),
        ("[ \"$(ulimit -v)\" = 1048576 ] && [ \"$(ulimit -t)\" -le 30 ] && echo 440305199003070006", true),
        ("pwd | grep -q /beian-reading- && [ -z \"$(ls)\" ] && echo 440305199003070006", true),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let tesseract = Tesseract::open(stand_in(folder.path(), does)).await.unwrap();
        let reading =
            Reading::begin(Some(tesseract), practice::ORGANISATIONS[0].uscc, practice::PEOPLE[0].resident_id)
                .await;
        reading.hand_in(CARD, crate::support::plain_picture()).await;
        reading.read_all().await;
        match reading.outcome(CARD).await {
            ReadingOutcome::Unread => assert!(!is_read, "{does}"),
            ReadingOutcome::Read { number, .. } => {
                assert!(is_read, "{does}");
                let agrees = does.contains("070006");
                assert_eq!(number == FieldReading::Agrees, agrees, "{does}: {number:?}");
            }
            other => panic!("{does}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn what_is_no_tesseract_or_reads_no_chinese_is_told() {
    let nowhere = Tesseract::open("/nowhere/tesseract".into()).await;
    assert!(matches!(nowhere, Err(TesseractError::Program { .. })), "{nowhere:?}");
    let other = Tesseract::open("/bin/true".into()).await;
    assert!(matches!(other, Err(TesseractError::Language)), "{other:?}");
}
