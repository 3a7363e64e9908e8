//! What a site's robots.txt says to us (RFC 9309).

/// Most bytes of a file that are read; what is behind them does not count (2.5).
pub(crate) const MOST_BYTES: usize = 500 * 1024;
/// By what sites call us.
pub(crate) const OUR_TOKEN: &str = "beian";

/// The rules of a site for us.
#[derive(Debug, Default)]
pub(crate) struct Robots {
    rules: Vec<Rule>,
}

#[derive(Debug, Clone)]
struct Rule {
    allows: Allows,
    /// As paths are compared: see [`comparable`].
    pattern: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Allows {
    Yes,
    No,
}

impl Robots {
    /// Reads a file: the groups that name us, or else those for everybody.
    pub(crate) fn read(text: &str) -> Self {
        let (mut ours, mut everybodys) = (None::<Vec<Rule>>, Vec::new());
        // Whom the group is for, and whether it has had rules: then the next line with a name begins another.
        let (mut is_ours, mut is_everybodys, mut has_rules) = (false, false, false);
        for line in text.trim_start_matches('\u{feff}').split(['\r', '\n']) {
            let line = line.split('#').next().unwrap_or_default();
            let Some((key, value)) = line.split_once(':') else { continue };
            let value = value.trim();
            let allows = match key.trim().to_ascii_lowercase().as_str() {
                "user-agent" => {
                    if has_rules {
                        (is_ours, is_everybodys, has_rules) = (false, false, false);
                    }
                    if value.starts_with('*') {
                        is_everybodys = true;
                    } else if product(value).eq_ignore_ascii_case(OUR_TOKEN) {
                        is_ours = true;
                        ours.get_or_insert_default();
                    }
                    continue;
                }
                "allow" => Allows::Yes,
                "disallow" => Allows::No,
                // Sitemaps and other words of theirs belong to no group.
                _ => continue,
            };
            has_rules = true;
            if value.is_empty() {
                continue;
            }
            let rule = Rule { allows, pattern: comparable(value) };
            if is_everybodys {
                everybodys.push(rule.clone());
            }
            if is_ours {
                ours.get_or_insert_default().push(rule);
            }
        }
        Self { rules: ours.unwrap_or(everybodys) }
    }

    /// Whether we may ask for a path (with its query). The rule with the longest pattern decides; of two that are as
    /// long, the one that allows.
    pub(crate) fn allow(&self, path: &str) -> bool {
        let path = comparable(path);
        let matching = self.rules.iter().filter(|rule| matches(&rule.pattern, &path));
        let best = matching.max_by_key(|rule| (rule.pattern.len(), rule.allows == Allows::Yes));
        best.is_none_or(|rule| rule.allows == Allows::Yes)
    }
}

/// The name of a program, without its version.
fn product(value: &str) -> &str {
    let end = value.find(|c: char| !c.is_ascii_alphabetic() && c != '_' && c != '-').unwrap_or(value.len());
    &value[..end]
}

/// A path or a pattern in the one form in which they are compared (2.2.2): what needs no escape has none, all else has.
fn comparable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let bytes = text.as_bytes();
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%')
            .then(|| bytes.get(at + 1..at + 3))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        let (value, length) = escaped.map_or((byte, 1), |value| (value, 3));
        let is_unreserved = value.is_ascii_alphanumeric() || b"-._~".contains(&value);
        if is_unreserved || (escaped.is_none() && value.is_ascii_graphic()) {
            out.push(char::from(value));
        } else {
            out.push_str(&format!("%{value:02X}"));
        }
        at += length;
    }
    out
}

/// Whether a path begins as a pattern says, in which `*` is anything and `$` at the end is the end.
fn matches(pattern: &str, path: &str) -> bool {
    let (pattern, ends) = match pattern.strip_suffix('$') {
        Some(pattern) => (pattern, true),
        None => (pattern, false),
    };
    let mut parts = pattern.split('*');
    let Some(mut rest) = parts.next().and_then(|first| path.strip_prefix(first)) else { return false };
    let mut parts: Vec<&str> = parts.collect();
    let last = if ends { parts.pop() } else { None };
    // The earliest place for each part leaves most to those behind it.
    for part in parts {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    match (ends, last) {
        (false, _) => true,
        (true, Some(last)) => rest.ends_with(last),
        (true, None) => rest.is_empty(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn allows(file: &str, path: &str) -> bool {
        Robots::read(file).allow(path)
    }

    /// The examples of RFC 9309, with our name in the place of theirs.
    #[test]
    fn the_examples_of_the_standard_hold() {
        // 2.2.2
        for (pattern, path, is_match) in [
            ("/foo/bar?baz=quz", "/foo/bar?baz=quz", true),
            ("/foo/bar?baz=https://foo.bar", "/foo/bar?baz=https://foo.bar", true),
            ("/foo/bar/ツ", "/foo/bar/%E3%83%84", true),
            ("/foo/bar/%E3%83%84", "/foo/bar/ツ", true),
            ("/foo/bar/%e3%83%84", "/foo/bar/%E3%83%84", true),
            ("/foo/bar/%62%61%7A", "/foo/bar/baz", true),
            ("/foo%2Fbar", "/foo/bar", false),
            // 2.2.3
            ("/path/file-with-a-%2A.html", "/path/file-with-a-x.html", false),
            ("/*.gif$", "/a/b.gif", true),
            ("/*.gif$", "/a/b.gif?x", false),
            ("/$", "/", true),
            ("/$", "/a", false),
            ("/*", "/", true),
            ("*", "/", true),
        ] {
            let file = format!("User-agent: beian\nDisallow: {pattern}\n");
            assert_eq!(allows(&file, path), !is_match, "{pattern} {path}");
        }
        // 5.1
        let simple = "User-Agent: *\nDisallow: *.gif$\nDisallow: /example/\nAllow: /publications/\n\n\
                      User-Agent: foobot\nDisallow:/\nAllow:/example/page.html\nAllow:/example/allowed.gif\n\n\
                      User-Agent: barbot\nUser-Agent: bazbot\nDisallow: /example/page.html\n\n\
                      User-Agent: quxbot\n";
        assert!(allows(simple, "/") && !allows(simple, "/a.gif") && !allows(simple, "/example/"));
        for (bot, page, allowed) in [
            ("foobot", "/", false),
            ("foobot", "/example/page.html", true),
            ("foobot", "/example/disallowed.gif", false),
            ("barbot", "/example/page.html", false),
            ("bazbot", "/a.gif", true),
            ("quxbot", "/example/page.html", true),
        ] {
            let file = simple.replace(bot, "Beian/2.0");
            assert_eq!(allows(&file, page), allowed, "{bot} {page}");
        }
        // 5.2
        let longest = "User-Agent: beian\nAllow: /example/page/\nDisallow: /example/page/disallowed.gif\n";
        assert!(allows(longest, "/example/page/x") && !allows(longest, "/example/page/disallowed.gif"));
    }

    #[test]
    fn a_group_is_ours_by_our_name_alone_and_groups_of_one_name_are_one() {
        let two = "user-agent: beian\ndisallow: /a\n\nuser-agent: other\ndisallow: /\n\nuser-agent: BEIAN\ndisallow: /b";
        assert!(!allows(two, "/a") && !allows(two, "/b") && allows(two, "/c"));
        assert!(allows("user-agent: beianbot\ndisallow: /", "/"), "another's name that begins like ours");
        assert!(allows("disallow: /", "/"), "a rule of nobody");
        assert!(allows("user-agent: *\ndisallow:", "/"), "an empty rule is none");
        let equal = "user-agent: *\ndisallow: /\nallow: /";
        assert!(allows(equal, "/"), "of two that are as long, the one that allows");
        let between = "\u{feff}User-agent : *\r\nSitemap: https://x/\r\nDisallow: / # all\r\n";
        assert!(!allows(between, "/"));
        for nothing in ["", "<html>", "\0\u{1}", "user-agent", ":", "user-agent: *"] {
            assert!(allows(nothing, "/"), "{nothing}");
        }
        let long = format!("user-agent: *\ndisallow: /{}x", "*a".repeat(50_000));
        assert!(allows(&long, &format!("/{}", "a".repeat(2_000))));
    }

    /// The same without any cleverness: every way to divide the path is tried.
    fn naive(pattern: &[u8], path: &[u8]) -> bool {
        match pattern {
            [] => true,
            b"$" => path.is_empty(),
            [b'*', rest @ ..] => (0..=path.len()).any(|at| naive(rest, &path[at..])),
            [first, rest @ ..] => path.first() == Some(first) && naive(rest, &path[1..]),
        }
    }

    proptest! {
        #[test]
        fn patterns_match_as_if_every_way_was_tried(pattern in "/?[ab*]{0,8}\\$?", path in "/[ab]{0,10}") {
            prop_assert_eq!(matches(&pattern, &path), naive(pattern.as_bytes(), path.as_bytes()));
        }

        #[test]
        fn no_file_makes_it_panic(file in "\\PC{0,300}", path in "\\PC{0,60}") {
            let _ = allows(&file, &path);
        }
    }
}
