//! Validator rows by all uids, u16 entries, of which some are absent.
//!
//! An absent entry and a stored zero differ: a bond decays under a zero weight and is dropped under an absent one.

use alloc::vec::Vec;

const ABSENT: u32 = u32::MAX;

/// Dense rows of optional u16 entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Matrix {
    width: usize,
    cells: Vec<u32>,
}

impl Matrix {
    /// All entries absent.
    pub(crate) fn absent(height: usize, width: usize) -> Self {
        Self { width, cells: alloc::vec![ABSENT; height.saturating_mul(width)] }
    }

    fn index(&self, row: usize, column: usize) -> usize {
        row.saturating_mul(self.width).saturating_add(column)
    }

    /// The entry, or nothing where it is absent.
    pub(crate) fn get(&self, row: usize, column: usize) -> Option<u16> {
        self.cells.get(self.index(row, column)).and_then(|cell| u16::try_from(*cell).ok())
    }

    /// Stores an entry, or removes it.
    pub(crate) fn set(&mut self, row: usize, column: usize, value: Option<u16>) {
        let index = self.index(row, column);
        if let Some(cell) = self.cells.get_mut(index) {
            *cell = value.map_or(ABSENT, u32::from);
        }
    }

    /// Present entries of a row, columns ascending.
    pub(crate) fn row(&self, row: usize) -> impl Iterator<Item = (u16, u16)> + '_ {
        let start = self.index(row, 0);
        let cells = self.cells.get(start..start.saturating_add(self.width)).unwrap_or_default();
        (0..=u16::MAX).zip(cells).filter_map(|(column, cell)| Some((column, u16::try_from(*cell).ok()?)))
    }
}
