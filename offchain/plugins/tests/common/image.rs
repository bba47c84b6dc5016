//! Plans and verdicts as they lie in an evaluator's memory, by the canonical ABI.

/// Where an image begins in memory.
pub const BASE: u32 = 0x10_0000;

#[derive(Debug, Clone)]
pub enum Of {
    Contribution(u32),
    Asset(String),
}

pub fn asset(name: &str) -> Of {
    Of::Asset(name.to_owned())
}

#[derive(Debug, Clone)]
pub enum Ask {
    Sampled { asset: String, count: u32, length: u32 },
    Spans(Vec<(Of, u64, u32)>),
    Embeddings(Vec<String>),
    TextClasses(Vec<String>),
    RowClasses(Vec<Vec<i32>>),
}

pub fn sampled(asset: &str, count: u32, length: u32) -> Ask {
    Ask::Sampled { asset: asset.to_owned(), count, length }
}

struct Image(Vec<u8>);

impl Image {
    /// Room for `size` bytes; returns its address.
    fn room(&mut self, align: usize, size: usize) -> u32 {
        let at = self.0.len().next_multiple_of(align);
        self.0.resize(at + size, 0);
        BASE + at as u32
    }

    fn put(&mut self, at: u32, bytes: &[u8]) {
        let at = (at - BASE) as usize;
        self.0[at..at + bytes.len()].copy_from_slice(bytes);
    }

    fn words(&mut self, at: u32, words: &[u32]) {
        words.iter().zip((at..).step_by(4)).for_each(|(word, at)| self.put(at, &word.to_le_bytes()));
    }

    fn text(&mut self, at: u32, text: &[u8]) {
        let place = self.room(1, text.len());
        self.put(place, text);
        self.words(at, &[place, text.len() as u32]);
    }

    /// A list at `at` of items of `size` bytes, each written by `write`.
    fn list<T>(&mut self, at: u32, align: usize, size: usize, items: &[T], write: impl Fn(&mut Self, u32, &T)) {
        let place = self.room(align, size * items.len());
        self.words(at, &[place, items.len() as u32]);
        items.iter().zip((place..).step_by(size)).for_each(|(item, at)| write(self, at, item));
    }

    fn source(&mut self, at: u32, of: &Of) {
        match of {
            Of::Contribution(index) => self.words(at, &[0, *index]),
            Of::Asset(name) => {
                self.words(at, &[1]);
                self.text(at + 4, name.as_bytes());
            }
        }
    }

    fn question(&mut self, at: u32, (of, ask): &(Of, Ask)) {
        self.source(at, of);
        let (task, payload) = (at + 12, at + 16);
        let texts = |image: &mut Self, texts: &[String]| {
            image.list(payload, 4, 8, texts, |image, at, text| image.text(at, text.as_bytes()));
        };
        match ask {
            Ask::Sampled { asset, count, length } => {
                self.words(task, &[0, 0]);
                self.text(payload + 4, asset.as_bytes());
                self.words(payload + 12, &[*count, *length]);
            }
            Ask::Spans(spans) => {
                self.words(task, &[0, 1]);
                self.list(payload + 4, 8, 32, spans, |image, at, (of, offset, length)| {
                    image.source(at, of);
                    image.put(at + 16, &offset.to_le_bytes());
                    image.words(at + 24, &[*length]);
                });
            }
            Ask::Embeddings(of) => {
                self.words(task, &[1]);
                texts(self, of);
            }
            Ask::TextClasses(of) => {
                self.words(task, &[2]);
                texts(self, of);
            }
            Ask::RowClasses(rows) => {
                self.words(task, &[3]);
                self.list(payload, 4, 8, rows, |image, at, row| {
                    image.list(at, 4, 4, row, |image, at, feature| image.put(at, &feature.to_le_bytes()));
                });
            }
        }
    }
}

/// What `plan` returns.
pub fn plan(questions: &[(Of, Ask)], memo: &[u8]) -> Vec<u8> {
    let mut image = Image(Vec::new());
    let at = image.room(8, 24);
    image.list(at + 4, 4, 36, questions, Image::question);
    image.text(at + 12, memo);
    image.0
}

/// What `score` returns: a merit or a fault for each contribution.
pub fn verdicts(verdicts: &[Result<u64, &str>]) -> Vec<u8> {
    let mut image = Image(Vec::new());
    let at = image.room(8, 24);
    image.list(at + 4, 8, 16, verdicts, |image, at, verdict| match verdict {
        Ok(merit) => image.put(at + 8, &merit.to_le_bytes()),
        Err(reason) => {
            image.words(at, &[1]);
            image.text(at + 8, reason.as_bytes());
        }
    });
    image.0
}
