//! The shapes that the tiles of a product may have.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;
use wgpu::Limits;

use super::{ROWS, Source, Style};

/// How a matrix product is cut into workgroups and lanes. Which tile is fastest depends on the device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tile {
    style: Style,
    /// Lanes side by side in a workgroup, and one below the other.
    lanes: [usize; 2],
    /// Rows of a lane.
    lines: usize,
    /// Columns of a lane, in fours.
    fours: usize,
}

/// Text that names no tile.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{0:?} is no tile. Tiles are named like \"shared 64x64 by 4x4\", see `Tile::all`")]
pub struct UnknownTile(pub String);

impl Tile {
    const REGISTER: [Self; 3] = [Self::register(8, 2), Self::register(4, 2), Self::register(4, 4)];

    const SHARED: [Self; 5] = [
        Self::shared([16, 16], 4, 1),
        Self::shared([8, 8], 8, 2),
        Self::shared([16, 16], 8, 1),
        Self::shared([8, 16], 8, 2),
        Self::shared([16, 16], 8, 2),
    ];

    const fn register(lines: usize, fours: usize) -> Self {
        Self { style: Style::Register, lanes: [1, 8], lines, fours }
    }

    const fn shared(lanes: [usize; 2], lines: usize, fours: usize) -> Self {
        Self { style: Style::Shared, lanes, lines, fours }
    }

    /// The tiles of a style; the first is the one that serves where nothing was measured.
    pub fn all(style: Style) -> &'static [Self] {
        match style {
            Style::Register => &Self::REGISTER,
            Style::Shared => &Self::SHARED,
        }
    }

    /// The tile that serves where nothing was measured.
    pub(crate) fn of(style: Style) -> Self {
        match style {
            Style::Register => Self::REGISTER[0],
            Style::Shared => Self::SHARED[0],
        }
    }

    /// The style of kernels that it belongs to.
    pub fn style(self) -> Style {
        self.style
    }

    /// Rows that a workgroup makes.
    pub(crate) fn rows(self) -> usize {
        self.lanes[1] * self.lines
    }

    /// Columns that a workgroup makes; matrix widths are padded to a multiple of this many floats.
    pub(crate) fn columns(self) -> usize {
        self.lanes[0] * self.fours * 4
    }

    /// Row counts are padded to a multiple of this.
    pub(crate) fn padding(self) -> usize {
        self.rows().max(ROWS)
    }

    /// Gate and up rows alternate in runs of this many in a gated weight, so that one lane holds both of a pair.
    pub(crate) fn interleave(self) -> usize {
        match self.style {
            Style::Register => 4,
            Style::Shared => 2 * self.lanes[0],
        }
    }

    /// Rounds of a lane's loops for each vec4 of depth, times 4.
    pub(crate) fn rounds(self) -> usize {
        match self.style {
            Style::Register => 4,
            // One for every four vec4s, and one for each of them.
            Style::Shared => 5,
        }
    }

    /// Whether a device has the lanes and the workgroup memory.
    pub(crate) fn fits(self, limits: &Limits) -> bool {
        let lanes = self.lanes[0] * self.lanes[1];
        let staged = match self.style {
            Style::Register => 0,
            Style::Shared => (self.rows() + self.columns() + 4) * 4 * size_of::<[f32; 4]>(),
        };
        lanes <= limits.max_compute_invocations_per_workgroup as usize
            && lanes <= limits.max_compute_workgroup_size_x as usize
            && staged <= limits.max_compute_workgroup_storage_size as usize
    }

    /// Sets the numbers of a source that uses the tile.
    pub(super) fn shapes(self, source: Source) -> Source {
        let source = source.with("LINES", "{r}", self.lines).with("FOURS", "{c}", self.fours);
        let lanes = self.lanes[0] * self.lanes[1];
        match self.style {
            Style::Register => source.with("HALVES", "{h}", self.fours / 2),
            Style::Shared => source
                .constant("ACROSS", self.lanes[0])
                .constant("DOWN", self.lanes[1])
                .with("A_STEPS", "{p}", self.rows() * 4 / lanes)
                .with("W_STEPS", "{q}", self.columns() * 4 / lanes),
        }
    }
}

impl fmt::Display for Tile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let style = match self.style {
            Style::Register => "register",
            Style::Shared => "shared",
        };
        write!(f, "{style} {}x{} by {}x{}", self.rows(), self.columns(), self.lines, 4 * self.fours)
    }
}

impl FromStr for Tile {
    type Err = UnknownTile;

    fn from_str(name: &str) -> Result<Self, UnknownTile> {
        let mut all = Self::REGISTER.into_iter().chain(Self::SHARED);
        all.find(|tile| tile.to_string() == name).ok_or_else(|| UnknownTile(name.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking

    use super::*;

    #[test]
    fn tiles_are_known_by_their_names() {
        for style in [Style::Register, Style::Shared] {
            for tile in Tile::all(style) {
                assert_eq!(tile.to_string().parse::<Tile>().unwrap(), *tile);
            }
        }
        assert_eq!("shared 1x1 by 1x1".parse::<Tile>(), Err(UnknownTile("shared 1x1 by 1x1".into())));
    }

    /// The least that WebGPU promises holds the tiles that serve where nothing was measured.
    #[test]
    fn some_tile_fits_every_device() {
        for style in [Style::Register, Style::Shared] {
            assert!(Tile::of(style).fits(&Limits::default()));
        }
        let none = Limits { max_compute_workgroup_storage_size: 1024, ..Limits::default() };
        assert!(!Tile::of(Style::Shared).fits(&none));
    }
}
