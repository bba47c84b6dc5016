//! Small plots of text.

const EIGHTHS: [char; 9] = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉', '█'];
const LEVELS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// A bar of at most `width` characters: `value` out of `most`, to an eighth of a character.
pub fn bar(value: u64, most: u64, width: usize) -> String {
    let eighths = (u128::from(value) * width as u128 * 8).checked_div(u128::from(most)).unwrap_or(0);
    let eighths = usize::try_from(eighths).unwrap_or(usize::MAX).min(width * 8);
    let mut bar: String = std::iter::repeat_n('█', eighths / 8).collect();
    if eighths % 8 > 0 {
        bar.push(EIGHTHS[eighths % 8]);
    }
    bar
}

/// One character for each value, the highest for `most`; a blank for nothing.
pub fn sparkline(values: &[u64], most: u64) -> String {
    let level = |value: &u64| match (u128::from(*value) * 7).checked_div(u128::from(most)) {
        Some(level) if *value > 0 => LEVELS[usize::try_from(level).unwrap_or(7).min(7)],
        _ => ' ',
    };
    values.iter().map(level).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_in_proportion() {
        assert_eq!(bar(0, 10, 4), "");
        assert_eq!(bar(10, 10, 4), "████");
        assert_eq!(bar(5, 10, 4), "██");
        assert_eq!(bar(1, 32, 4), "▏");
        assert_eq!(bar(99, 10, 2), "██");
        assert_eq!(bar(3, 0, 2), "");
    }

    #[test]
    fn lines_show_the_course() {
        assert_eq!(sparkline(&[0, 1, 70, 35], 70), " ▁█▄");
        assert_eq!(sparkline(&[0, 3], 0), "  ");
    }
}
