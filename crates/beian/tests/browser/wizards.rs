//! Every wizard but that of a first filing, by clicking, in a real Chromium: each is walked
//! page by page, shows what follows before it is sent, and is handed in. One server and one
//! browser for all. The pictures are left in `target/screenshots/`.

use beian_domain::practice;

use crate::support::person::{Answer, Driver, Person, Scripts, Stated};
use crate::support::provider::{PASSWORD, Provider};

const FILERS: [&str; 3] = ["shenzhen", "beijing", "shanghai"];
const SERVERS: [(&str, &str, &str); 4] = [
    ("wizard-server-1", FILERS[0], "203.0.113.41"),
    ("wizard-server-2", FILERS[0], "203.0.113.42"),
    ("wizard-server-3", FILERS[1], "203.0.113.43"),
    ("wizard-server-4", FILERS[2], "203.0.113.44"),
];

fn typed(name: &'static str, text: &str) -> Answer {
    Answer::Type(name, text.to_owned())
}

fn chosen(name: &'static str, value: &str) -> Answer {
    Answer::Choose(name, value.to_owned())
}

/// The portal, and somebody at a browser.
struct World {
    provider: Provider,
    uploads: tempfile::TempDir,
    _driver: Driver,
    person: Person,
}

impl World {
    async fn open() -> Self {
        let uploads = tempfile::tempdir().unwrap();
        let mut provider = Provider::start(&uploads.path().join("data"), &[]);
        for (login, person) in FILERS.iter().zip(practice::PEOPLE) {
            provider.sign_up(login, person.email).await;
        }
        for (reference, owner, address) in SERVERS {
            provider.report_server(reference, owner, address).await;
        }
        provider.let_review().await;
        let driver = Driver::start();
        let person = Person::sit_down(&driver, &provider.base, Scripts::On).await;
        Self { provider, uploads, _driver: driver, person }
    }

    async fn sign_in(&self, login: &str) {
        self.person.sign_in(login, PASSWORD).await;
    }

    /// Begins with what is filed, by certificate and domain; answers with the order.
    async fn begin(&self, service: &str, organisation: usize, domain: &str) -> String {
        let person = &self.person;
        person.open("/home").await;
        person.press("main a[href='/start']").await;
        person.choose("service", service).await;
        if service == "app" {
            person.whole_page("wizard-30-what-is-filed").await;
        }
        person.next().await;
        person.choose("sponsor-nature", "enterprise").await;
        person.next().await;
        person.type_into("service-domain", domain).await;
        if service == "app" {
            person.whole_page("wizard-31-app-domain").await;
        }
        person.next().await;
        person.choose("sponsor-certificate-kind", "business-licence").await;
        person.type_into("sponsor-certificate-number", practice::ORGANISATIONS[organisation].uscc).await;
        person.next().await;
        let begun = person.path().await;
        assert!(begun.ends_with("/begun"), "{begun}: {}", person.text().await);
        let order = begun.split('/').nth(2).unwrap().to_owned();
        person.press("main a.button").await;
        order
    }

    /// Begins from a record; answers with the order.
    async fn begin_about(&self, record: &str, kind: &str) -> String {
        let person = &self.person;
        person.open(&format!("/records/{record}")).await;
        person.press(&format!("form:has(input[value='{kind}']) button")).await;
        let tasks = person.path().await;
        assert!(tasks.ends_with("/tasks"), "{tasks}");
        person.whole_page(&format!("wizard-40-{kind}-tasks")).await;
        tasks.split('/').nth(2).unwrap().to_owned()
    }

    /// From the task list through the wizard.
    async fn walk(&self, stated: &Stated, pictures: &[(&str, &str)]) {
        self.person.press("main a.button").await;
        self.person.walk(stated, &self.uploads, pictures).await;
    }

    /// Sees what follows, and hands the order in.
    async fn submit(&self, order: &str, name: &str, follows: &str) {
        let person = &self.person;
        person.open(&format!("/orders/{order}/check")).await;
        person.whole_page(&format!("{name}-check")).await;
        let text = person.text().await;
        assert!(text.contains(follows), "{name}: what follows is told before it is sent: {text}");
        person.choose("declared", "yes").await;
        person.next().await;
        assert_eq!(person.path().await, format!("/orders/{order}"), "{}", person.text().await);
        assert!(person.text().await.contains("初审中"));
        person.whole_page(&format!("{name}-sent")).await;
    }

    /// Makes room for the next: a sponsor has one open order.
    async fn take_back(&self, login: &str, order: &str) {
        self.provider.visitor(login).await.withdraw(order).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wizard_is_walked_by_clicking() {
    let world = World::open().await;
    let first = world.provider.file_website(FILERS[0], 0, SERVERS[0].0, "xizuo-wizard-1.cn").await;
    world.sign_in(FILERS[0]).await;
    let added = add_a_service(&world).await;
    file_an_app(&world).await;
    file_a_mini_program_and_a_quick_app(&world).await;
    change(&world, &first, &added).await;
    give_up(&world, &first, &added).await;
    world.person.sign_out().await;
    connect(&world).await;
    world.person.sign_out().await;
    add_to_anothers_record(&world).await;
    world.person.leave().await;
}

/// The sponsor is filed here: it is not asked again.
async fn add_a_service(world: &World) -> String {
    let order = world.begin("website", 0, "xizuo-wizard-2.cn").await;
    assert!(!world.person.text().await.contains("主办者名称"), "what is on record is not asked again");
    world.person.whole_page("wizard-32-add-service-tasks").await;
    let stated =
        Stated::of(0, SERVERS[0].0).with("service-name", vec![typed("service-name", "习作软件产品介绍")]);
    world.walk(&stated, &[]).await;
    world.person.prove(&order).await;
    world.submit(&order, "wizard-33-add-service", "新增网站").await;
    world.provider.finish(FILERS[0], &order).await
}

async fn file_an_app(world: &World) {
    let order = world.begin("app", 0, "xizuo-wizard-1.cn").await;
    assert!(world.person.text().await.contains("新增网站（APP）"));
    let signed = practice::release();
    let stated = Stated::of(0, SERVERS[0].0)
        .with("platforms", vec![chosen("service-releases", "android")])
        .with(
            "release-android",
            vec![
                typed("service-releases-android-identifier", signed.identifier.as_deref().unwrap()),
                typed("service-releases-android-public-key", signed.public_key.as_deref().unwrap()),
                typed("service-releases-android-fingerprint", signed.fingerprint.as_deref().unwrap()),
            ],
        )
        .with("service-name", vec![typed("service-name", "习作软件手机版")]);
    let pictures = [("platforms", "wizard-34-platforms"), ("release-android", "wizard-35-release")];
    world.walk(&stated, &pictures).await;
    world.person.prove(&order).await;
    world.submit(&order, "wizard-36-app", "cn.xizuo.lianxi").await;
    let number = world.provider.finish(FILERS[0], &order).await;
    assert_eq!(number, "粤ICP备2026000001号-3A");
    world.person.open(&format!("/orders/{order}")).await;
    world.person.whole_page("wizard-37-app-filed").await;
    world.person.open(&format!("/records/{number}")).await;
    let text = world.person.text().await;
    assert!(text.contains("APP名称") && text.contains("cn.xizuo.lianxi") && text.contains("安卓"), "{text}");
    world.person.whole_page("wizard-38-app-record").await;
    in_english(&world.person, &order, &number).await;
}

/// What was just seen in Chinese.
async fn in_english(person: &Person, order: &str, number: &str) {
    person.press("a[hreflang='en']").await;
    for (path, says, name) in [
        ("/start".to_owned(), "What do you want to file?", "54-what-is-filed-english"),
        (format!("/orders/{order}"), "Your filing number", "55-app-filed-english"),
        (format!("/records/{number}"), "Android", "56-app-record-english"),
    ] {
        person.open(&path).await;
        let text = person.text().await;
        assert!(text.contains(says), "{path}: {text}");
        person.whole_page(&format!("wizard-{name}")).await;
    }
    person.press("a[hreflang='zh-CN']").await;
}

async fn file_a_mini_program_and_a_quick_app(world: &World) {
    let signed = practice::release();
    for (service, platform, page, answers) in [
        (
            "mini-program",
            "wechat",
            "release-wechat",
            vec![typed("service-releases-wechat-identifier", "wx0123456789abcdef")],
        ),
        (
            "quick-app",
            "quick-app-alliance",
            "release-quick-app",
            vec![
                typed("service-releases-quick-app-alliance-identifier", "cn.xizuo.quick"),
                typed(
                    "service-releases-quick-app-alliance-public-key",
                    signed.public_key.as_deref().unwrap(),
                ),
                typed(
                    "service-releases-quick-app-alliance-fingerprint",
                    signed.fingerprint.as_deref().unwrap(),
                ),
            ],
        ),
    ] {
        let order = world.begin(service, 0, "xizuo-wizard-1.cn").await;
        let stated = Stated::of(0, SERVERS[0].0)
            .with("platforms", vec![chosen("service-releases", platform)])
            .with(page, answers)
            .with("service-name", vec![typed("service-name", "习作产品助手")]);
        world.walk(&stated, &[]).await;
        world.person.prove(&order).await;
        world.submit(&order, &format!("wizard-39-{service}"), "习作产品助手").await;
        world.take_back(FILERS[0], &order).await;
    }
}

async fn change(world: &World, first: &str, added: &str) {
    let person = &world.person;
    let edit = |order: &str, page: &str| format!("/orders/{order}/edit/{page}");

    let order = world.begin_about(first, "change-sponsor").await;
    person.open(&edit(&order, "principal-phones")).await;
    let stated = Stated::of(0, SERVERS[0].0)
        .with("principal-phones", vec![typed("sponsor-principal-mobile", practice::PEOPLE[2].mobile)]);
    person.walk(&stated, &world.uploads, &[]).await;
    person.prove(&order).await;
    world.submit(&order, "wizard-41-change-sponsor", practice::PEOPLE[0].mobile).await;
    world.take_back(FILERS[0], &order).await;

    let order = world.begin_about(added, "change-service").await;
    person.open(&edit(&order, "service-name")).await;
    let stated =
        Stated::of(0, SERVERS[0].0).with("service-name", vec![typed("service-name", "习作软件下载介绍")]);
    person.walk(&stated, &world.uploads, &[]).await;
    person.prove(&order).await;
    world.submit(&order, "wizard-42-change-service", "习作软件产品介绍").await;
    world.take_back(FILERS[0], &order).await;

    let order = world.begin_about(added, "change-access").await;
    person.open(&edit(&order, "resource")).await;
    person.whole_page("wizard-43-resource").await;
    person.walk(&Stated::of(0, SERVERS[1].0), &world.uploads, &[]).await;
    world.submit(&order, "wizard-44-change-access", SERVERS[0].0).await;
    world.take_back(FILERS[0], &order).await;

    let order = world.begin_about(added, "supplement-materials").await;
    person.open(&format!("/orders/{order}/materials/verification-form")).await;
    person.upload("verification-form", &world.uploads).await;
    world.submit(&order, "wizard-45-supplement", "补交").await;
    world.take_back(FILERS[0], &order).await;
}

async fn give_up(world: &World, first: &str, added: &str) {
    let person = &world.person;
    let because = || vec![chosen("cancellation-reason", "sponsors-wish")];
    let order = world.begin_about(added, "cancel-service").await;
    world
        .walk(
            &Stated::of(0, SERVERS[0].0).with("cancellation", because()),
            &[("cancellation", "wizard-46-reason")],
        )
        .await;
    world.submit(&order, "wizard-47-cancel-service", "xizuo-wizard-2.cn").await;
    world.take_back(FILERS[0], &order).await;

    let sponsor = first.rsplit_once('-').unwrap().0;
    let password = world.provider.desk.filing_password(sponsor).await.unwrap();
    let order = world.begin_about(first, "cancel-sponsor").await;
    let stated = Stated::of(0, SERVERS[0].0)
        .with("cancellation", because())
        .with("filing-password", vec![typed("filing-password", &password)]);
    world.walk(&stated, &[]).await;
    assert!(person.text().await.contains("备案密码正确"), "{}", person.text().await);
    let follows = "xizuo-wizard-1.cn、xizuo-wizard-2.cn 立即或在";
    world.submit(&order, "wizard-48-cancel-sponsor", follows).await;
}

/// An access to another provider's record; the password is asked of the regulator at once.
async fn connect(world: &World) {
    let person = &world.person;
    world.provider.desk.seed(practice::ORGANISATIONS[1].uscc, "xizuo-wizard-9.cn").await.unwrap();
    let sponsor = world.provider.desk.sponsor_of("xizuo-wizard-9.cn").await.unwrap();
    let password = world.provider.desk.filing_password(&sponsor).await.unwrap();
    world.sign_in(FILERS[1]).await;
    let order = world.begin("website", 1, "xizuo-wizard-9.cn").await;
    person.open(&format!("/orders/{order}/edit/filing-password")).await;
    person.type_into("filing-password", "not the one").await;
    person.next().await;
    assert!(person.text().await.contains("与备案号不符"), "{}", person.text().await);
    person.whole_page("wizard-49-password-wrong").await;
    person.type_into("filing-password", &password).await;
    person.next().await;
    assert!(person.text().await.contains("备案密码正确"), "{}", person.text().await);
    person.whole_page("wizard-50-password-right").await;
    person.walk(&Stated::of(1, SERVERS[2].0), &world.uploads, &[]).await;
    person.prove(&order).await;
    world.submit(&order, "wizard-51-add-access", "xizuo-wizard-9.cn").await;
    let number = world.provider.finish(FILERS[1], &order).await;

    let order = world.begin_about(&number, "cancel-access").await;
    let because = vec![chosen("cancellation-reason", "access-ended")];
    world.walk(&Stated::of(1, SERVERS[2].0).with("cancellation", because), &[]).await;
    world.submit(&order, "wizard-52-cancel-access", "xizuo-wizard-9.cn").await;
}

/// The sponsor is filed through another provider: it is asked, and its password, too.
async fn add_to_anothers_record(world: &World) {
    world.provider.desk.seed(practice::ORGANISATIONS[2].uscc, "xizuo-wizard-8.cn").await.unwrap();
    let sponsor = world.provider.desk.sponsor_of("xizuo-wizard-8.cn").await.unwrap();
    let password = world.provider.desk.filing_password(&sponsor).await.unwrap();
    world.sign_in(FILERS[2]).await;
    let order = world.begin("website", 2, "xizuo-wizard-7.cn").await;
    assert!(world.person.text().await.contains("主办者名称"));
    world.person.open(&format!("/orders/{order}/edit/filing-password")).await;
    let stated =
        Stated::of(2, SERVERS[3].0).with("filing-password", vec![typed("filing-password", &password)]);
    world.person.walk(&stated, &world.uploads, &[]).await;
    world.person.prove(&order).await;
    world.submit(&order, "wizard-53-add-service-elsewhere", "新增网站").await;
}
