//! The code of a Rust file: the same lines, in which comments, texts in quotes and test modules are blank.
//!
//! Laws speak about code; a comment that explains why there is no `HashMap` must not break the law against it.

/// `text` with comments and texts in quotes blanked; line numbers stay.
pub fn without_comments_and_texts(text: &str) -> String {
    let chars: Vec<char> = text.chars().collect();
    let mut out = String::with_capacity(text.len());
    let mut i = 0;
    while i < chars.len() {
        let end = match chars[i] {
            '/' if chars.get(i + 1) == Some(&'/') => line_end(&chars, i),
            '/' if chars.get(i + 1) == Some(&'*') => block_end(&chars, i),
            '"' => text_end(&chars, i),
            'r' if !name_before(&chars, i) && raw_hashes(&chars, i + 1).is_some() => {
                let hashes = raw_hashes(&chars, i + 1).expect("just seen");
                raw_end(&chars, i + 1 + hashes + 1, hashes)
            }
            '\'' => char_end(&chars, i),
            _ => i,
        };
        if end == i {
            out.push(chars[i]);
            i += 1;
        } else {
            out.extend(chars[i..end].iter().map(|c| if *c == '\n' { '\n' } else { ' ' }));
            i = end;
        }
    }
    out
}

fn name_before(chars: &[char], i: usize) -> bool {
    let Some(before) = i.checked_sub(1).map(|j| chars[j]) else { return false };
    // `br"…"` is a raw text too; any other letter before the r makes it the end of a name.
    let byte_text = before == 'b' && !name_before(chars, i - 1);
    (before.is_alphanumeric() || before == '_') && !byte_text
}

fn line_end(chars: &[char], i: usize) -> usize {
    (i..chars.len()).find(|j| chars[*j] == '\n').unwrap_or(chars.len())
}

/// Block comments nest.
fn block_end(chars: &[char], start: usize) -> usize {
    let (mut depth, mut i) = (0, start);
    while i < chars.len() {
        match (chars[i], chars.get(i + 1)) {
            ('/', Some('*')) => (depth, i) = (depth + 1, i + 2),
            ('*', Some('/')) => (depth, i) = (depth - 1, i + 2),
            _ => i += 1,
        }
        if depth == 0 {
            return i;
        }
    }
    chars.len()
}

fn text_end(chars: &[char], start: usize) -> usize {
    let mut i = start + 1;
    while i < chars.len() {
        match chars[i] {
            '\\' => i += 2,
            '"' => return i + 1,
            _ => i += 1,
        }
    }
    chars.len()
}

/// How many `#` stand between an `r` and its quote; nothing if this is no raw text.
fn raw_hashes(chars: &[char], from: usize) -> Option<usize> {
    let hashes = chars[from.min(chars.len())..].iter().take_while(|c| **c == '#').count();
    (chars.get(from + hashes) == Some(&'"')).then_some(hashes)
}

fn raw_end(chars: &[char], from: usize, hashes: usize) -> usize {
    (from..chars.len())
        .find(|i| chars[*i] == '"' && chars[i + 1..].iter().take_while(|c| **c == '#').count() >= hashes)
        .map_or(chars.len(), |i| i + 1 + hashes)
}

/// A character, or a lifetime, which is no text at all.
fn char_end(chars: &[char], i: usize) -> usize {
    match chars.get(i + 1) {
        Some('\\') => (i + 3..chars.len()).find(|j| chars[*j] == '\'').map_or(chars.len(), |j| j + 1),
        Some(_) if chars.get(i + 2) == Some(&'\'') => i + 3,
        _ => i,
    }
}

/// Blanks what stands under `#[cfg(test)]`: a module with its braces, or one item up to its semicolon.
pub fn without_tests(code: &str) -> String {
    let mut out = code.to_owned();
    let mut from = 0;
    while let Some(at) = out[from..].find("#[cfg(test)]").map(|i| i + from) {
        let end = item_end(&out, at);
        let blank: String = out[at..end].chars().map(|c| if c == '\n' { '\n' } else { ' ' }).collect();
        out.replace_range(at..end, &blank);
        from = at + blank.len();
    }
    out
}

fn item_end(code: &str, at: usize) -> usize {
    let mut depth = 0;
    for (i, c) in code[at..].char_indices() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth -= 1;
                if depth <= 0 {
                    return at + i + 1;
                }
            }
            ';' if depth == 0 => return at + i + 1,
            _ => {}
        }
    }
    code.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_code_stays() {
        let check = |text: &str, stays: &str| {
            let code = without_tests(&without_comments_and_texts(text));
            assert_eq!(code.lines().count(), text.lines().count(), "lines of {text}");
            let words: Vec<&str> = code.split_whitespace().collect();
            assert_eq!(words.join(" "), stays, "of {text}");
        };
        check("a // b\nc", "a c");
        check("a /* b /* c */ d */ e", "a e");
        check("f(\"HashMap \\\" x\", y)", "f( , y)");
        check("f(r#\"a \" b\"#, y)", "f( , y)");
        check("f(br\"a\\\", y)", "f(b , y)");
        check("for x in y { var\"t\" }", "for x in y { var }");
        check("let c = '\"'; let d = '\\''; let e: &'a str = \"x\";", "let c = ; let d = ; let e: &'a str = ;");
        check("a\n#[cfg(test)]\nmod tests { fn f() { {} } }\nb", "a b");
        check("#[cfg(test)]\nuse x::{y};\nb", "; b");
    }
}
