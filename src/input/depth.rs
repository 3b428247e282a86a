use std::ops::Range;

/// How deep lists, tables and dotted keys may be nested in one another. Descriptions need five.
const LIMIT: usize = 48;

/// The first place where values are nested too deeply to be read safely.
///
/// Reading and dropping nested values takes stack for each step. The parser limits brackets and the parts of one key each on its own, but not
/// their product; so both are counted together here, before parsing.
pub(super) fn too_deep(text: &str) -> Option<Range<usize>> {
    let bytes = text.as_bytes();
    let mut open: Vec<(u8, usize)> = Vec::new();
    let (mut depth, mut dots, mut i) = (0, 0, 0);
    while i < bytes.len() {
        match bytes[i] {
            b'#' => {
                i = bytes[i..].iter().position(|b| *b == b'\n').map_or(bytes.len(), |n| i + n);
                continue;
            }
            quote @ (b'"' | b'\'') => {
                i = end_of_string(bytes, i, quote);
                continue;
            }
            b'.' => dots += 1,
            bracket @ (b'[' | b'{') => {
                open.push((bracket, 1 + dots));
                depth += 1 + dots;
                dots = 0;
                if depth > LIMIT {
                    return Some(i..i + 1);
                }
            }
            bracket @ (b']' | b'}') => {
                // A bracket that does not match is a fault for the parser, and closes nothing.
                if let Some((_, steps)) = open.pop_if(|(opened, _)| *opened == bracket - 2) {
                    depth -= steps;
                }
                dots = 0;
            }
            b',' | b'\n' => dots = 0,
            _ => {}
        }
        i += 1;
    }
    None
}

/// The first byte after the string that begins at `start`; a string that is not closed ends with its line, or with the text.
fn end_of_string(bytes: &[u8], start: usize, quote: u8) -> usize {
    let long = bytes[start..].starts_with(&[quote; 3]);
    let mut i = start + if long { 3 } else { 1 };
    while i < bytes.len() {
        match bytes[i] {
            b'\\' if quote == b'"' => i += 1,
            b'\n' if !long => return i,
            b if b == quote && !long => return i + 1,
            b if b == quote && bytes[i..].starts_with(&[quote; 3]) => {
                // Up to two quotation marks may stand directly before the closing three.
                let run = bytes[i..].iter().take(5).take_while(|b| **b == quote).count();
                return i + run;
            }
            _ => {}
        }
        i += 1;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::too_deep;

    #[test]
    fn brackets_in_texts_and_comments_do_not_count() {
        let brackets = "[{".repeat(100);
        for text in [
            format!("a = \"{brackets}\""),
            format!("a = '{brackets}'"),
            format!("a = \"\"\"\n{brackets}\"\n\"\"\"\""),
            format!("a = '''\n{brackets}\n'''"),
            format!("# {brackets}\na = 1"),
            format!("a = \"\\\"{brackets}\""),
        ] {
            assert_eq!(too_deep(&text), None, "{text}");
        }
    }

    #[test]
    fn lists_tables_and_dotted_keys_count_together() {
        assert!(too_deep(&"[".repeat(10_000)).is_some());
        assert!(too_deep(&"a = {".repeat(10_000)).is_some());
        assert!(too_deep(&"a.b.c.d.e.f.g.h = {".repeat(7)).is_some());
        assert!(too_deep(&format!("a = '''{}'''{}", "[".repeat(99), "[".repeat(49))).is_some());
        assert_eq!(too_deep("a = [[1], [2]]\n".repeat(1000).as_str()), None);
        assert_eq!(too_deep(&"]".repeat(1000)), None);
    }
}
