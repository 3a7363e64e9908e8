//! The page by which people find their way in an archive, in both languages.

use beian_domain::{LoginName, Text};
use beian_store::Order;
use chrono::{DateTime, TimeDelta, Utc};

/// An order in the index.
pub(super) struct OrderLine {
    number: String,
    kind: Text,
    state: &'static str,
    domain: String,
    filed_as: String,
    pictures: Vec<String>,
}

impl OrderLine {
    pub(super) fn new(order: &Order, pictures: Vec<String>) -> Self {
        Self {
            number: order.number.to_string(),
            kind: order.kind.label(),
            state: order.state().slug(),
            domain: order.domain().map(|domain| domain.as_unicode().to_owned()).unwrap_or_default(),
            filed_as: order.filed_as.as_ref().map(ToString::to_string).unwrap_or_default(),
            pictures,
        }
    }
}

/// The files beside orders and records, with what each holds.
const FILES: [(&str, &str, &str); 8] = [
    ("account.json", "账号", "Account"),
    ("notices.json", "站内信", "Inbox"),
    ("resources.json", "可备案资源", "Resources"),
    ("authorization-codes.json", "备案授权码", "Authorization codes"),
    ("members.json", "成员与代办", "Members and agents"),
    ("transfers.json", "备案转移", "Transfers"),
    ("audit.json", "审计记录", "Audit trail"),
    ("manifest.json", "每个文件的 SHA-256", "SHA-256 of every file"),
];

/// The page. Records come as number, domain and path.
pub(super) fn page(
    login: &LoginName,
    at: DateTime<Utc>,
    orders: &[OrderLine],
    records: &[(String, String, String)],
) -> String {
    let day = (at + TimeDelta::hours(8)).format("%Y-%m-%d %H:%M");
    let link = |path: &str, text: &str| format!("<a href=\"{}\">{}</a>", escaped(path), escaped(text));
    let mut page = format!(
        "<!doctype html>\n<html lang=\"zh-CN\"><head><meta charset=\"utf-8\"><title>备案存档 {0}</title></head><body>\n\
         <h1>备案存档 / Archive: {0}</h1>\n<p>{day} (UTC+8)</p>\n<h2>订单 / Orders</h2>\n<ul>\n",
        escaped(login.as_str())
    );
    for order in orders {
        let OrderLine { number, kind, state, domain, filed_as, pictures } = order;
        page.push_str(&format!(
            "<li>{} {} / {} — {} {} {}",
            link(&format!("orders/{number}/order.json"), number),
            escaped(&kind.zh),
            escaped(&kind.en),
            escaped(domain),
            escaped(filed_as),
            state,
        ));
        for picture in pictures {
            page.push_str(&format!("<br>{}", link(picture, picture)));
        }
        page.push_str("</li>\n");
    }
    page.push_str("</ul>\n<h2>备案记录 / Records</h2>\n<ul>\n");
    for (number, domain, path) in records {
        page.push_str(&format!("<li>{} {}</li>\n", link(path, number), escaped(domain)));
    }
    page.push_str("</ul>\n<h2>其他 / Other</h2>\n<ul>\n");
    for (path, zh, en) in FILES {
        page.push_str(&format!("<li>{} / {}</li>\n", link(path, zh), escaped(en)));
    }
    page.push_str("</ul>\n</body></html>\n");
    page
}

fn escaped(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            other => safe.push(other),
        }
    }
    safe
}
