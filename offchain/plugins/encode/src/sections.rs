//! The sections of a component. Custom ones say nothing about what it does: names, and which tools of which versions made
//! it.

/// Bytes before the first section: magic number, version and layer.
const HEADER: usize = 8;

/// The section of a component that holds its exports.
const EXPORTS: u8 = 11;

/// A module or component without its custom sections, and without those of what is inside it. None where the bytes are
/// neither.
pub(crate) fn strip(bytes: &[u8]) -> Option<Vec<u8>> {
    let (header, mut rest) = bytes.split_at_checked(HEADER)?;
    let inside_component = header[6] == 1;
    let mut stripped = header.to_vec();
    while !rest.is_empty() {
        let (id, content, after) = section(rest)?;
        rest = after;
        match id {
            0 => {}
            // A module or a component inside of a component.
            1 | 4 if inside_component => append(&mut stripped, id, &strip(content)?),
            _ => append(&mut stripped, id, content),
        }
    }
    Some(stripped)
}

/// Whether a component exports something. None where the bytes are no component.
pub(crate) fn exports(component: &[u8]) -> Option<bool> {
    let mut rest = component.get(HEADER..)?;
    while !rest.is_empty() {
        let (id, _, after) = section(rest)?;
        if id == EXPORTS {
            return Some(true);
        }
        rest = after;
    }
    Some(false)
}

/// The first section of some, its content, and those after it.
fn section(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&id, after) = bytes.split_first()?;
    let (size, after) = number(after)?;
    let (content, after) = after.split_at_checked(size)?;
    Some((id, content, after))
}

/// Appends a section.
fn append(bytes: &mut Vec<u8>, id: u8, content: &[u8]) {
    bytes.push(id);
    let mut size = content.len();
    while size >= 0x80 {
        // The low seven bits.
        bytes.push(size as u8 | 0x80);
        size >>= 7;
    }
    bytes.push(size as u8);
    bytes.extend_from_slice(content);
}

/// A number in LEB128 of at most five bytes, and what follows it.
fn number(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let length = bytes.iter().take(5).position(|byte| byte & 0x80 == 0)? + 1;
    let (digits, rest) = bytes.split_at(length);
    let value = digits.iter().rev().fold(0u64, |value, digit| value << 7 | u64::from(digit & 0x7f));
    Some((usize::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    const MODULE: [u8; 8] = *b"\0asm\x01\0\0\0";
    const COMPONENT: [u8; 8] = *b"\0asm\x0d\0\x01\0";

    fn file(header: [u8; 8], sections: &[(u8, &[u8])]) -> Vec<u8> {
        let mut bytes = header.to_vec();
        sections.iter().for_each(|&(id, content)| append(&mut bytes, id, content));
        bytes
    }

    #[test]
    fn custom_sections_go_wherever_they_are_and_nothing_else() {
        let code = vec![7; 300];
        let module = |names: &[u8]| file(MODULE, &[(0, names), (1, &code), (4, &[1, 2]), (0, names)]);
        let stripped = file(MODULE, &[(1, &code), (4, &[1, 2])]);
        assert_eq!(strip(&module(&[9; 200])), Some(stripped.clone()));
        let whole =
            file(COMPONENT, &[(1, &module(b"name")), (0, b"producers"), (7, &[3]), (4, &file(COMPONENT, &[(0, b"")]))]);
        assert_eq!(strip(&whole), Some(file(COMPONENT, &[(1, &stripped), (7, &[3]), (4, &COMPONENT)])));
        assert_eq!(strip(&whole[..whole.len() - 1]), None);
        assert_eq!(strip(b"\0asm"), None);
    }
}
