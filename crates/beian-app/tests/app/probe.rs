//! Sites that are open, closed and hostile, as real servers on this machine; the picture by a real Chromium.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use beian_app::{
    Chromium, ChromiumSandbox, Door, End, NameServer, Page, Probe, ProbeReach, ProbeSettings, ProbeTimeouts,
    Read, SiteAuthorities, SiteLook, WhyNone,
};
use beian_domain::{DomainName, ManualClock};
use beian_rules::{BlockPage, Rulebook, SiteState};
use chrono::DateTime;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

const DOMAIN: &str = "xizuo-journey.cn";

/// A web server that answers every request with the same bytes, and remembers what it was asked.
#[derive(Clone)]
struct Site {
    address: SocketAddr,
    asked: Arc<Mutex<Vec<String>>>,
}

/// How a server goes on after its bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    Close,
    /// The bytes again, for ever.
    Repeat,
    /// Nothing, for ever.
    Silence,
    /// Closed without a word, before anything is asked.
    Slam,
}

impl Site {
    async fn start(answer: impl Into<Vec<u8>>, after: After) -> Self {
        let answer = answer.into();
        Self::answering(move |_| answer.clone(), after).await
    }

    /// Each answer by the path that is asked for.
    async fn answering(answer: impl Fn(&str) -> Vec<u8> + Send + Sync + 'static, after: After) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let site = Self { address: listener.local_addr().unwrap(), asked: Arc::default() };
        let (asked, answer) = (site.asked.clone(), Arc::new(answer));
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, asked.clone(), answer.clone(), after));
            }
        });
        site
    }

    fn port(&self) -> u16 {
        self.address.port()
    }

    fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

async fn serve(
    mut stream: TcpStream,
    asked: Arc<Mutex<Vec<String>>>,
    answer: Arc<impl Fn(&str) -> Vec<u8>>,
    after: After,
) {
    if after == After::Slam {
        return;
    }
    let mut head = Vec::new();
    let mut buffer = [0; 4_096];
    while !head.windows(4).any(|window| window == b"\r\n\r\n") {
        match stream.read(&mut buffer).await {
            Ok(0) | Err(_) => break,
            Ok(length) => head.extend_from_slice(&buffer[..length]),
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
    asked.lock().unwrap().push(head);
    let bytes = answer(&path);
    if stream.write_all(&bytes).await.is_err() {
        return;
    }
    match after {
        After::Close | After::Slam => {}
        After::Repeat => while stream.write_all(&bytes).await.is_ok() {},
        After::Silence => std::future::pending().await,
    }
}

fn page(status: &str, headers: &str, body: impl AsRef<[u8]>) -> Vec<u8> {
    let body = body.as_ref();
    let head =
        format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {}\r\nConnection: close\r\n\r\n", body.len());
    [head.as_bytes(), body].concat()
}

fn redirect(to: &str) -> Vec<u8> {
    page("302 Found", &format!("Location: {to}\r\n"), "")
}

/// A port on which nobody listens.
fn nobody() -> u16 {
    crate::dns::free_address().port()
}

fn block_pages() -> Vec<BlockPage> {
    Rulebook::bundled().unwrap().national().block_pages.as_ref().unwrap().latest().value.clone()
}

/// What is known to the name server of these tests.
const NAMES: [(&str, &str); 3] =
    [(DOMAIN, "127.0.0.1"), ("xizuo-intranet.cn", "10.0.0.1"), ("xizuo-neighbour.cn", "127.0.0.1")];

struct Lookout {
    probe: Probe,
    _name_server: crate::dns::NameServerProcess,
}

impl Lookout {
    async fn new(http: u16, https: u16) -> Self {
        Self::with(ProbeReach::Practice { http, https }, None).await
    }

    async fn with(reach: ProbeReach, chromium: Option<Chromium>) -> Self {
        let address = crate::dns::free_address();
        let name_server = crate::dns::serve_addresses(address, &NAMES).await;
        Self { probe: probe(NameServer::At(address), reach, chromium), _name_server: name_server }
    }

    async fn look(&self) -> SiteLook {
        self.look_at(DOMAIN).await
    }

    async fn look_at(&self, domain: &str) -> SiteLook {
        let domain: DomainName = domain.parse().unwrap();
        self.probe.look(&domain, None, &block_pages()).await
    }
}

fn probe(name_server: NameServer, reach: ProbeReach, chromium: Option<Chromium>) -> Probe {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let settings = ProbeSettings {
        name_server,
        reach,
        timeouts: ProbeTimeouts {
            connect: Duration::from_millis(500),
            look: Duration::from_millis(1_500),
            screenshot: Duration::from_secs(40),
        },
        chromium,
        authorities: SiteAuthorities::Browsers,
        about_us: "https://provider.example.com/beian".to_owned(),
    };
    let now = DateTime::from_timestamp(1_795_400_000, 0).unwrap();
    Probe::new(settings, Arc::new(ManualClock::at(now))).unwrap()
}

fn answer(door: &Door) -> &Page {
    match &door.end {
        End::Answer { page } => page,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn an_open_site_is_open_with_what_it_says() {
    let body = "<!doctype html><title>习作网络科技</title>";
    let site =
        Site::start(page("200 OK", "Server: practice\r\nSet-Cookie: a=b\r\n", body), After::Close).await;
    let lookout = Lookout::new(site.port(), nobody()).await;
    let look = lookout.look().await;
    assert_eq!(look.state, SiteState::Open, "{look:?}");
    assert_eq!(look.at.timestamp(), 1_795_400_000);
    let page = answer(look.because());
    assert_eq!((page.status, page.read, page.bytes), (200, Read::Whole, body.len()));
    assert_eq!(page.title.as_deref(), Some("习作网络科技"));
    assert_eq!(page.server.as_deref(), Some("practice"));
    assert_eq!(page.url, format!("http://{DOMAIN}:{}/", site.port()));
    assert_eq!(look.because().resolved, ["127.0.0.1".parse::<std::net::IpAddr>().unwrap()]);
    assert_eq!(look.screenshot.unwrap_err(), WhyNone::NotInstalled);
    assert_eq!(look.doors.len(), 4, "with and without www, on HTTP and HTTPS");
    assert_eq!(look.doors[1].end, End::Refused);
    for head in site.asked() {
        assert!(head.contains("beian/") && head.contains("+https://provider.example.com/beian"), "{head}");
        assert!(!head.to_ascii_lowercase().contains("cookie"), "{head}");
    }
    // What is kept of it is JSON, and comes back as it was.
    let json = serde_json::to_string(&look.doors).unwrap();
    assert_eq!(serde_json::from_str::<Vec<Door>>(&json).unwrap(), look.doors);
}

#[tokio::test]
async fn a_site_that_is_at_its_home_page_alone_is_open() {
    let site = Site::answering(
        |path| page(if path == "/shop?a=b" { "200 OK" } else { "404 Not Found" }, "", "x"),
        After::Close,
    )
    .await;
    let lookout = Lookout::new(site.port(), nobody()).await;
    assert_eq!(lookout.look().await.state, SiteState::Closed);
    let home = format!("shop.{DOMAIN}/shop?a=b");
    let look = lookout.probe.look(&DOMAIN.parse().unwrap(), Some(&home), &block_pages()).await;
    assert_eq!((look.state, look.doors.len()), (SiteState::Open, 5));
    assert!(look.because().url.starts_with("http://shop."), "{look:?}");
}

#[tokio::test]
async fn a_providers_page_in_its_place_is_closed() {
    let body = "<title>Non-compliance ICP Filing</title>";
    let site = Site::start(page("403 Forbidden", "Server: Beaver\r\n", body), After::Close).await;
    // As such providers do it: HTTPS is broken off in the handshake.
    let broken = Site::start("", After::Slam).await;
    let look = Lookout::new(site.port(), broken.port()).await.look().await;
    assert_eq!(look.state, SiteState::Closed, "{look:?}");
    let End::BlockPage { by, page: Some(shown) } = &look.because().end else { panic!("{look:?}") };
    assert_eq!((by.as_str(), shown.status, shown.server.as_deref()), ("阿里云", 403, Some("Beaver")));
    assert!(matches!(look.doors[1].end, End::Broken { .. }), "{look:?}");

    // Another provider sends visitors to a page of its own; that one is not called.
    let to = "https://dnspod.qcloud.com/static/webblock.html?d=xizuo-journey.cn";
    let site = Site::start(redirect(to), After::Close).await;
    let look = Lookout::new(site.port(), broken.port()).await.look().await;
    assert_eq!(look.state, SiteState::Closed);
    assert_eq!(look.because().end, End::BlockPage { by: "腾讯云".to_owned(), page: None });
    assert_eq!(look.because().sent_to, [to]);

    // The same broken handshake without such a page tells nothing.
    let site = Site::start(page("404 Not Found", "", ""), After::Close).await;
    let look = Lookout::new(site.port(), broken.port()).await.look().await;
    assert_eq!(look.state, SiteState::Unknown, "{look:?}");
}

#[tokio::test]
async fn a_refused_connection_and_a_name_that_leads_nowhere_are_closed() {
    let lookout = Lookout::new(nobody(), nobody()).await;
    let look = lookout.look().await;
    assert_eq!((look.state, &look.because().end), (SiteState::Closed, &End::Refused), "{look:?}");
    let look = lookout.look_at("xizuo-nowhere.cn").await;
    assert_eq!((look.state, &look.because().end), (SiteState::Closed, &End::NoName), "{look:?}");
}

#[tokio::test]
async fn a_name_server_that_does_not_answer_tells_nothing() {
    let reach = ProbeReach::Practice { http: nobody(), https: nobody() };
    for malice in [crate::dns::Malice::Refusal, crate::dns::Malice::Garbage, crate::dns::Malice::Silence] {
        let probe = probe(NameServer::At(crate::dns::hostile(malice)), reach, None);
        let look = probe.look(&DOMAIN.parse().unwrap(), None, &[]).await;
        assert_eq!(look.state, SiteState::Unknown, "{malice:?} {look:?}");
        assert!(matches!(look.because().end, End::NotResolved { .. } | End::TimedOut), "{malice:?} {look:?}");
    }
}

#[tokio::test]
async fn silence_is_not_closed() {
    let silent = Site::start("", After::Silence).await;
    let look = Lookout::new(silent.port(), nobody()).await.look().await;
    assert_eq!((look.state, &look.because().end), (SiteState::Unknown, &End::TimedOut), "{look:?}");
    assert_eq!(look.because().resolved.len(), 1, "what was found on the way is kept");
}

#[tokio::test]
async fn a_page_that_never_ends_is_read_so_far() {
    let endless = [b"HTTP/1.1 200 OK\r\n\r\n<title>long</title>".to_vec(), vec![b'x'; 8_192]].concat();
    let site = Site::start(endless, After::Repeat).await;
    let look = Lookout::new(site.port(), nobody()).await.look().await;
    assert_eq!(look.state, SiteState::Open);
    let page = answer(look.because());
    assert_eq!(
        (page.bytes, page.read, page.title.as_deref()),
        (256 * 1_024, Read::UpToTheLimit, Some("long"))
    );

    let begun = "HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n<title>slow</title>";
    let site = Site::start(begun, After::Silence).await;
    let look = Lookout::new(site.port(), nobody()).await.look().await;
    let page = answer(look.because());
    assert_eq!(
        (look.state, page.read, page.title.as_deref()),
        (SiteState::Open, Read::UntilTimeOut, Some("slow"))
    );
}

/// A server of our own network, which nothing may reach.
async fn ours() -> Site {
    Site::start(page("200 OK", "", "<title>ours</title>"), After::Close).await
}

#[tokio::test]
async fn nothing_leads_into_our_own_network() {
    let ours = ours().await;
    let port = ours.port();
    for (to, is_public_name) in [
        (format!("http://127.0.0.1:{port}/"), false),
        ("http://127.0.0.1/".to_owned(), false),
        ("http://2130706433/".to_owned(), false),
        ("http://[::1]/".to_owned(), false),
        ("http://localhost/".to_owned(), false),
        ("http://169.254.169.254/latest/meta-data".to_owned(), false),
        ("http://xizuo-intranet.cn/".to_owned(), true),
        // This machine is allowed to the site alone, not to its neighbour.
        ("http://xizuo-neighbour.cn/".to_owned(), true),
        ("http://notxizuo-journey.cn/".to_owned(), true),
    ] {
        let site = Site::start(redirect(&to), After::Close).await;
        let look = Lookout::new(site.port(), nobody()).await.look().await;
        let is_nowhere = to.contains("notxizuo");
        let state = if is_nowhere { SiteState::Closed } else { SiteState::Unknown };
        assert_eq!(look.state, state, "{to} {look:?}");
        let end = &look.doors[0].end;
        let is_held = match end {
            End::NotPublic { .. } => true,
            End::NotOfTheWeb { .. } => !is_public_name,
            End::NoName => is_nowhere,
            _ => false,
        };
        assert!(is_held, "{to} {end:?}");
        assert_eq!(look.doors[0].sent_to.len(), 1, "it is told where visitors were to be sent");
    }
    // Another port of the site's own machine.
    for to in [
        format!("http://{DOMAIN}:{port}/"),
        format!("http://www.{DOMAIN}:22/"),
        "file:///etc/passwd".to_owned(),
    ] {
        let site = Site::start(redirect(&to), After::Close).await;
        let look = Lookout::new(site.port(), nobody()).await.look().await;
        assert!(matches!(look.doors[0].end, End::NotOfTheWeb { .. }), "{to} {look:?}");
    }
    // The site itself, as it is looked at outside of practice.
    let lookout = Lookout::with(ProbeReach::Public, None).await;
    for domain in [DOMAIN, "xizuo-intranet.cn"] {
        let look = lookout.look_at(domain).await;
        assert_eq!(look.state, SiteState::Unknown, "{look:?}");
        assert_eq!(look.because().end, End::NotPublic { host: domain.to_owned() });
    }
    assert_eq!(ours.asked(), Vec::<String>::new());
}

#[tokio::test]
async fn a_site_that_sends_visitors_on_is_followed_three_times() {
    let site = Site::answering(
        |path| match path {
            "/" => redirect("/1"),
            "/1" => redirect("/2"),
            "/2" => redirect("/3"),
            _ => page("200 OK", "", "<title>at last</title>"),
        },
        After::Close,
    )
    .await;
    let look = Lookout::new(site.port(), nobody()).await.look().await;
    assert_eq!(look.state, SiteState::Open, "{look:?}");
    assert_eq!(look.because().sent_to.len(), 3);
    assert!(answer(look.because()).url.ends_with("/3"));

    let circle = Site::start(redirect("/"), After::Close).await;
    let look = Lookout::new(circle.port(), nobody()).await.look().await;
    assert_eq!((look.state, &look.because().end), (SiteState::Unknown, &End::TooManyRedirects), "{look:?}");
    assert_eq!(circle.asked().len(), 8, "two doors, four requests each");
}

#[tokio::test]
async fn what_is_no_text_is_no_reason_to_fail() {
    let gbk = encoding_rs::GBK.encode("<title>习作网络科技</title>").0.into_owned();
    for (body, title) in [
        (gbk, Some("习作网络科技")),
        (b"<title>\xff\xfe\x00</title>\x80".to_vec(), None),
        (vec![0xff; 70_000], None),
        (Vec::new(), None),
    ] {
        let site = Site::start(page("200 OK", "Server: \u{202e}x\t\r\n", &body), After::Close).await;
        let look = Lookout::new(site.port(), nobody()).await.look().await;
        assert_eq!(look.state, SiteState::Open, "{look:?}");
        let page = answer(look.because());
        if title.is_some() {
            assert_eq!(page.title.as_deref(), title);
        }
        assert!(page.title.as_deref().is_none_or(|title| !title.contains(char::is_control)), "{page:?}");
        assert!(page.server.as_deref().is_none_or(|server| !server.contains(char::is_control)), "{page:?}");
    }
}

fn chromium() -> Chromium {
    let program = std::env::var("BEIAN_TEST_CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".to_owned());
    Chromium { program: program.into(), sandbox: ChromiumSandbox::Off }
}

/// A page that is red by a style sheet of the site, would be blue by a script, and calls `ours` by every way that a
/// page has.
fn attack(ours: SocketAddr, refresh: &str) -> impl Fn(&str) -> Vec<u8> + Send + Sync + 'static {
    let port = ours.port();
    let html = format!(
        "<!doctype html><title>red</title>\
         <link rel=stylesheet href=/red.css><link rel=stylesheet href=http://127.0.0.1:{port}/style.css>\
         <link rel=prefetch href=http://127.0.0.1:{port}/prefetch><link rel=preconnect href=http://127.0.0.1:{port}>\
         <meta http-equiv=refresh content='{refresh};url=http://127.0.0.1:{port}/refresh'>\
         <img src=http://127.0.0.1:{port}/image.png><img src=http://localhost:{port}/image.png>\
         <img src=http://xizuo-neighbour.cn:{port}/image.png><img src=http://{DOMAIN}:{port}/image.png>\
         <img src=http://[::ffff:127.0.0.1]:{port}/image.png><img src=http://2130706433:{port}/image.png>\
         <img src=/sent-on.png><iframe src=http://127.0.0.1:{port}/frame></iframe>\
         <video autoplay src=http://127.0.0.1:{port}/film></video><object data=http://127.0.0.1:{port}/object></object>\
         <script src=http://127.0.0.1:{port}/script.js></script>\
         <script>document.documentElement.style.background='#0000ff';fetch('http://127.0.0.1:{port}/fetch')</script>"
    );
    let sent_on = redirect(&format!("http://127.0.0.1:{port}/sent-on"));
    move |path| match path {
        "/red.css" => page("200 OK", "Content-Type: text/css\r\n", "html{background:#ff0000;height:100%}"),
        "/sent-on.png" => sent_on.clone(),
        _ => page("200 OK", "Content-Type: text/html; charset=utf-8\r\n", &html),
    }
}

#[tokio::test]
async fn a_picture_shows_the_page_and_reaches_nothing_else() {
    let ours = ours().await;
    let site = Site::answering(attack(ours.address, "2"), After::Close).await;
    let reach = ProbeReach::Practice { http: site.port(), https: nobody() };
    let lookout = Lookout::with(reach, Some(chromium())).await;
    let look = lookout.look().await;
    assert_eq!(look.state, SiteState::Open, "{:?}", look.doors);
    let picture = look.screenshot.unwrap();
    let image = image::load_from_memory_with_format(&picture.png, image::ImageFormat::Png).unwrap().to_rgb8();
    assert_eq!((image.dimensions(), picture.size.0), (picture.size, 1_280));
    // Below all that does not load.
    let corner = image.get_pixel(picture.size.0 - 5, picture.size.1 - 5).0;
    assert_eq!(corner, [255, 0, 0], "red: its own style sheet was loaded, and its script did not run");
    assert!(site.asked().iter().any(|head| head.starts_with("GET /sent-on.png")), "{:?}", site.asked());
    assert_eq!(ours.asked(), Vec::<String>::new());

    // A page that sends its visitors on at once.
    let site = Site::answering(attack(ours.address, "0"), After::Close).await;
    let reach = ProbeReach::Practice { http: site.port(), https: nobody() };
    let look = Lookout::with(reach, Some(chromium())).await.look().await;
    assert_eq!(look.state, SiteState::Open);
    let shown = site.asked().iter().filter(|head| head.starts_with("GET / ")).count();
    assert_eq!(shown, 3, "ours at two doors, and the browser's: {:?}", site.asked());
    assert_eq!(ours.asked(), Vec::<String>::new());

    // The same page in a browser without those rules does reach it: the attack is one.
    let profile = tempfile::tempdir().unwrap();
    let browser = tokio::process::Command::new(chromium().program)
        .args([
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--no-first-run",
        ])
        .arg(format!("--user-data-dir={}", profile.path().display()))
        .arg(format!("--screenshot={}", profile.path().join("page.png").display()))
        // Every name leads here, so that no name server of the machine is waited for.
        .args(["--host-resolver-rules=MAP * 127.0.0.1", "--timeout=8000"])
        .arg(format!("http://127.0.0.1:{}/", site.port()))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .kill_on_drop(true)
        .status();
    // What it reached counts, not how it ended.
    let _ = tokio::time::timeout(Duration::from_secs(20), browser).await;
    // A browser also connects and asks nothing.
    let paths: Vec<String> =
        ours.asked().iter().filter_map(|head| Some(head.split(' ').nth(1)?.to_owned())).collect();
    assert!(paths.contains(&"/image.png".to_owned()) && paths.contains(&"/refresh".to_owned()), "{paths:?}");
}

#[tokio::test]
async fn a_block_page_has_a_picture_and_a_site_without_a_page_has_none() {
    let body = "<title>Non-compliance ICP Filing</title><body bgcolor=#00ff00>";
    let site = Site::start(page("403 Forbidden", "Content-Type: text/html\r\n", body), After::Close).await;
    let reach = ProbeReach::Practice { http: site.port(), https: nobody() };
    let look = Lookout::with(reach, Some(chromium())).await.look().await;
    let picture = look.screenshot.unwrap();
    let image = image::load_from_memory(&picture.png).unwrap().to_rgb8();
    assert_eq!(image.get_pixel(5, 5).0, [0, 255, 0]);

    let reach = ProbeReach::Practice { http: nobody(), https: nobody() };
    let look = Lookout::with(reach, Some(chromium())).await.look().await;
    assert_eq!(look.screenshot.unwrap_err(), WhyNone::NoPage);
}

/// A program in the place of the browser.
fn script(directory: &Path, text: &str) -> Chromium {
    let program = directory.join("browser");
    std::fs::write(&program, format!("#!/bin/sh\n{text}\n")).unwrap();
    std::fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).unwrap();
    Chromium { program, sandbox: ChromiumSandbox::Off }
}

async fn picture_by(chromium: Chromium) -> Result<beian_app::Screenshot, WhyNone> {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let site = Site::start(page("200 OK", "", "x"), After::Close).await;
    let address = crate::dns::free_address();
    let _name_server = crate::dns::serve_addresses(address, &NAMES).await;
    let settings = ProbeSettings {
        name_server: NameServer::At(address),
        reach: ProbeReach::Practice { http: site.port(), https: nobody() },
        timeouts: ProbeTimeouts { screenshot: Duration::from_millis(700), ..ProbeTimeouts::default() },
        chromium: Some(chromium),
        authorities: SiteAuthorities::Browsers,
        about_us: String::new(),
    };
    let clock = Arc::new(ManualClock::at(DateTime::UNIX_EPOCH));
    Probe::new(settings, clock).unwrap().look(&DOMAIN.parse().unwrap(), None, &[]).await.screenshot
}

#[tokio::test]
async fn a_browser_that_hangs_is_ended_with_its_children() {
    let directory = tempfile::tempdir().unwrap();
    let pids = directory.path().join("pids");
    let hanging = format!("sleep 600 & echo $! $$ $HOME > {}; wait", pids.display());
    let picture = picture_by(script(directory.path(), &hanging)).await;
    assert_eq!(picture.unwrap_err(), WhyNone::TimedOut { seconds: 0 });
    let text = std::fs::read_to_string(&pids).unwrap();
    let [child, parent, home] = text.split_whitespace().collect::<Vec<_>>()[..] else { panic!("{text}") };
    assert!(!Path::new(home).exists(), "its profile is gone");
    for pid in [child, parent] {
        // Ended, though perhaps it has not come to that yet, or nobody has taken note.
        let mut state = String::new();
        for _ in 0..500 {
            state = std::fs::read_to_string(format!("/proc/{pid}/stat")).unwrap_or_default();
            if state.is_empty() || state.contains(") Z ") {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        assert!(state.is_empty() || state.contains(") Z "), "{pid} {state}");
    }
}

#[tokio::test]
async fn what_a_browser_leaves_is_not_trusted() {
    let directory = tempfile::tempdir().unwrap();
    let failed = |picture: Result<beian_app::Screenshot, WhyNone>| match picture.unwrap_err() {
        WhyNone::Failed(reason) => reason,
        other => panic!("{other:?}"),
    };
    assert!(failed(picture_by(script(directory.path(), "exit 3")).await).contains("exit status: 3"));
    assert!(failed(picture_by(script(directory.path(), "echo nonsense > page.png")).await).contains("PNG"));
    let large = failed(picture_by(script(directory.path(), "head -c 20000000 /dev/zero > page.png")).await);
    assert!(large.contains("at most"), "{large}");
    let missing = Chromium { program: directory.path().join("none"), sandbox: ChromiumSandbox::Off };
    assert_eq!(picture_by(missing).await.unwrap_err(), WhyNone::NotInstalled);
}
