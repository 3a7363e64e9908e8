//! Where in a JSON text a value stands. The text was parsed before, so this
//! only has to be right for JSON, and to end for anything else.

use std::ops::Range;

/// The place of the value at a path; of something that is missing, that of the
/// key of its nearest parent.
pub(super) fn place(text: &str, parts: &[&str]) -> Option<Range<usize>> {
    let mut found = None;
    let mut at = 0;
    for (index, part) in parts.iter().enumerate() {
        let Some(member) = members(text, at).into_iter().find(|member| member.is_called(text, part)) else {
            break;
        };
        let is_last = index + 1 == parts.len();
        found = Some(match member.key {
            Some(key) if !is_last => key,
            _ => member.value.clone(),
        });
        at = member.value.start;
    }
    found
}

/// A member of an object, or an element of an array.
struct Member {
    key: Option<Range<usize>>,
    value: Range<usize>,
}

impl Member {
    /// Elements go by their purpose, as materials do.
    fn is_called(&self, text: &str, name: &str) -> bool {
        match &self.key {
            Some(key) => text.get(key.clone()) == Some(&format!("\"{name}\"")),
            None => members(text, self.value.start).iter().any(|member| {
                member.is_called_by_key(text, "purpose")
                    && text.get(member.value.clone()) == Some(&format!("\"{name}\""))
            }),
        }
    }

    fn is_called_by_key(&self, text: &str, name: &str) -> bool {
        self.key.clone().is_some_and(|key| text.get(key) == Some(&format!("\"{name}\"")))
    }
}

/// The members of the object or array that begins at a byte.
fn members(text: &str, at: usize) -> Vec<Member> {
    let bytes = text.as_bytes();
    let mut members = Vec::new();
    let start = skip_space(bytes, at);
    let is_object = match bytes.get(start) {
        Some(b'{') => true,
        Some(b'[') => false,
        _ => return members,
    };
    let mut at = skip_space(bytes, start + 1);
    while let Some(byte) = bytes.get(at) {
        if matches!(byte, b'}' | b']') {
            break;
        }
        let key = is_object.then(|| at..end_of(bytes, at));
        let value_at = match &key {
            // Behind the colon.
            Some(key) => skip_space(bytes, skip_space(bytes, key.end) + 1),
            None => at,
        };
        let end = end_of(bytes, value_at);
        members.push(Member { key, value: value_at..end });
        at = skip_space(bytes, end);
        if bytes.get(at) == Some(&b',') {
            at = skip_space(bytes, at + 1);
        } else {
            break;
        }
    }
    members
}

fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(u8::is_ascii_whitespace) {
        at += 1;
    }
    at
}

/// The byte behind the value that begins at a byte.
fn end_of(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut in_text = false;
    let mut at = start;
    while let Some(byte) = bytes.get(at) {
        at += 1;
        match byte {
            b'\\' if in_text => at += 1,
            b'"' => {
                in_text = !in_text;
                if !in_text && depth == 0 {
                    return at.min(bytes.len());
                }
            }
            _ if in_text => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 0 => return at - 1,
            b'}' | b']' => {
                depth -= 1;
                if depth == 0 {
                    return at;
                }
            }
            b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' if depth == 0 => return at - 1,
            _ => {}
        }
    }
    bytes.len()
}
