//! The picture of an order's way in ARCHITECTURE.md is drawn from the code.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use std::fmt::Write;
use std::path::Path;

use beian_domain::{OrderEvent, OrderState};

/// The machine as a Mermaid diagram: every pair that leads somewhere.
fn diagram() -> String {
    let mut text = String::from("```mermaid\nstateDiagram-v2\n    [*] --> Draft\n");
    let number = "粤ICP备2026000001号-1".parse().unwrap();
    let events = OrderEvent::all(number);
    for state in OrderState::ALL {
        let mut ways = 0;
        for event in &events {
            if let Ok(next) = state.after(event) {
                ways += 1;
                writeln!(text, "    {state:?} --> {next:?}: {}", event.name()).unwrap();
            }
        }
        if ways == 0 {
            writeln!(text, "    {state:?} --> [*]").unwrap();
        }
    }
    text + "```"
}

#[test]
fn the_diagram_in_the_architecture_is_fresh() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ARCHITECTURE.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- order-diagram -->\n", "\n<!-- /order-diagram -->");
    let from = page.find(begin).expect("a mark where the diagram begins") + begin.len();
    let to = from + page[from..].find(end).expect("a mark where the diagram ends");
    let fresh = diagram();
    if page[from..to] != fresh && std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, format!("{}{fresh}{}", &page[..from], &page[to..])).unwrap();
        return;
    }
    assert_eq!(&page[from..to], fresh, "UPDATE=1 cargo nextest run -p beian-domain draws it anew");
}
