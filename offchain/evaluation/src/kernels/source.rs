//! What a pipeline is made of.

use super::Precision;

/// WGSL with an entry point. Some of it is counted out only when the pipeline is made: drivers unroll short loops only,
/// and what they do not unroll keeps its arrays in memory; on Mesa's software adapters it also adds to the rounds of a
/// lane's loops, which end after 65,535.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Source {
    parts: Vec<&'static str>,
    counts: Vec<Count>,
    stored: Option<Precision>,
    products: Option<Precision>,
    entry: &'static str,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Count {
    name: &'static str,
    mark: Option<&'static str>,
    times: usize,
}

impl Source {
    /// The parts one behind the other.
    pub(crate) fn new(parts: &[&'static str], entry: &'static str) -> Self {
        Self { parts: parts.to_vec(), counts: Vec::new(), stored: None, products: None, entry }
    }

    /// With a constant `name` of `times`; a line that says `mark` stands for as many lines, with numbers from 0 in its
    /// place.
    pub(crate) fn with(mut self, name: &'static str, mark: &'static str, times: usize) -> Self {
        self.counts.push(Count { name, mark: Some(mark), times });
        self
    }

    /// With a constant `name` of `value`.
    pub(crate) fn constant(mut self, name: &'static str, value: usize) -> Self {
        self.counts.push(Count { name, mark: None, times: value });
        self
    }

    /// For weights that are stored as `Stored`.
    pub(crate) fn stored(mut self, precision: Precision) -> Self {
        self.stored = Some(precision);
        self
    }

    /// With products of `Factor`s in a precision: lines that end in `f16 only` or `f32 only` stand there alone.
    pub(crate) fn multiplied(mut self, precision: Precision) -> Self {
        self.products = Some(precision);
        self
    }

    /// Name of the entry point.
    pub(crate) fn entry(&self) -> &'static str {
        self.entry
    }

    /// The WGSL.
    pub(crate) fn text(&self) -> String {
        let constants = self.counts.iter().map(|Count { name, times, .. }| format!("const {name}: u32 = {times}u;\n"));
        let half = [self.stored, self.products].contains(&Some(Precision::F16));
        let mut text = if half { "enable f16;\n" } else { "" }.to_owned();
        text += self.stored.map_or("", Precision::stored);
        text += self.products.map_or("", Precision::factors);
        text.extend(constants);
        for line in self.parts.concat().lines().filter(|line| self.stands(line)) {
            text.extend([line, "\n"]);
        }
        self.counts.iter().fold(text, |text, count| count.out(text))
    }

    /// Whether a line is not one for products in another precision.
    fn stands(&self, line: &str) -> bool {
        match self.products {
            None => true,
            Some(Precision::F32) => !line.ends_with("// f16 only"),
            Some(Precision::F16) => !line.ends_with("// f32 only"),
        }
    }
}

impl Count {
    /// Repeats the lines that say the mark, unless they are comments.
    fn out(&self, text: String) -> String {
        let Some(mark) = self.mark else { return text };
        let mut counted = String::with_capacity(text.len());
        for line in text.lines() {
            if line.starts_with("//") || !line.contains(mark) {
                counted.extend([line, "\n"]);
                continue;
            }
            for n in 0..self.times {
                counted.extend([line.replace(mark, &n.to_string()).as_str(), "\n"]);
            }
        }
        counted
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_counted_out() {
        let source = Source::new(&["// {n}\na[{n}] = b[{n}u * B + {d}u];\n", "done;\n"], "main");
        let text = source.with("A", "{n}", 2).with("B", "{d}", 3).text();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[..3], ["const A: u32 = 2u;", "const B: u32 = 3u;", "// {n}"]);
        assert_eq!(lines[3..6], ["a[0] = b[0u * B + 0u];", "a[0] = b[0u * B + 1u];", "a[0] = b[0u * B + 2u];"]);
        assert_eq!(lines[6..], ["a[1] = b[1u * B + 0u];", "a[1] = b[1u * B + 1u];", "a[1] = b[1u * B + 2u];", "done;"]);
    }

    #[test]
    fn lines_stand_in_their_precision() {
        let text =
            |precision| Source::new(&["a; // f16 only\nb; // f32 only\nc;\n"], "main").multiplied(precision).text();
        let [whole, half] = [Precision::F32, Precision::F16].map(text);
        assert!(whole.ends_with("\nb; // f32 only\nc;\n") && !whole.contains("f16"));
        assert!(half.starts_with("enable f16;\n") && half.ends_with("\na; // f16 only\nc;\n"));
    }
}
