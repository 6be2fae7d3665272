//! A forge's answer, at a terminal.

use serde_json::value::RawValue;

/// JSON with indentation, several documents one after the other; anything else as it is. Keys keep their order, and
/// numbers all of their digits.
pub fn body(bytes: &[u8]) -> String {
    let documents = serde_json::Deserializer::from_slice(bytes).into_iter::<Box<RawValue>>();
    let indented: Result<Vec<String>, serde_json::Error> =
        documents.map(|document| document.map(|document| indented(document.get()))).collect();
    indented.map_or_else(|_| String::from_utf8_lossy(bytes).into_owned(), |documents| documents.join("\n"))
}

/// The text of one document, which is known to be JSON.
fn indented(text: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    let (mut depth, mut in_text, mut escaped) = (0_usize, false, false);
    let mut letters = text.chars().filter(|c| !c.is_ascii_control()).peekable();
    while let Some(c) = letters.next() {
        if in_text {
            in_text = escaped || c != '"';
            escaped = c == '\\' && !escaped;
            out.push(c);
            continue;
        }
        match c {
            ' ' => {}
            '"' => {
                in_text = true;
                out.push(c);
            }
            '{' | '[' => {
                out.push(c);
                while letters.next_if_eq(&' ').is_some() {}
                match letters.next_if(|next| matches!(next, '}' | ']')) {
                    Some(close) => out.push(close),
                    None => {
                        depth += 1;
                        new_line(&mut out, depth);
                    }
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                new_line(&mut out, depth);
                out.push(c);
            }
            ',' => {
                out.push(c);
                new_line(&mut out, depth);
            }
            ':' => out.push_str(": "),
            other => out.push(other),
        }
    }
    out
}

fn new_line(out: &mut String, depth: usize) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_it_is_read_best() {
        let text = "{\"z\":[1,12345678901234567890,{}, [ ]],\n\t\"a\":\"x: {\\\"y\\\", \\\\\",\"b\":true}\n[]";
        let wanted = "{\n  \"z\": [\n    1,\n    12345678901234567890,\n    {},\n    []\n  ],\n  \
                      \"a\": \"x: {\\\"y\\\", \\\\\",\n  \"b\": true\n}\n[]";
        assert_eq!(body(text.as_bytes()), wanted);
        for other in ["", "Retry later\n", "<html>", "{\"a\":"] {
            assert_eq!(body(other.as_bytes()), other);
        }
    }

    proptest::proptest! {
        #[test]
        fn it_says_the_same(text in "[ -~]{0,10}", number: i64) {
            let value = serde_json::json!({ "k": [text, { "n": number }, null] });
            let shown = body(value.to_string().as_bytes());
            proptest::prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&shown).ok(), Some(value));
        }
    }
}
