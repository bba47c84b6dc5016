//! How a model is written down: which tensor, or which part of one, plays which role in the computation.
//!
//! Roles have the same names in all families, and matrices of roles are `[outputs, inputs]`. What a family makes of
//! that (prefixes, fused or transposed tensors) ends here.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::architecture::Architecture;
use super::container::is_supported;
use super::error::{ModelError, printable};
use super::files::Files;

/// The part of a stored tensor that plays a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum View {
    Whole,
    /// Some indices of the first dimension.
    Rows {
        first: usize,
        count: usize,
    },
    /// Some columns of a matrix, which become rows.
    Columns {
        first: usize,
        count: usize,
    },
}

/// Where the weights of a role are.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    /// Name of the tensor.
    pub tensor: String,
    /// Shape that the tensor must have.
    pub stored: Vec<usize>,
    view: View,
}

impl Slot {
    /// Shape of the weights.
    pub(super) fn shape(&self) -> Vec<usize> {
        match (self.view, self.stored.as_slice()) {
            (View::Columns { count, .. }, [inputs, ..]) => vec![count, *inputs],
            (View::Rows { count, .. }, [_, rest @ ..]) => [&[count], rest].concat(),
            (_, shape) => shape.to_vec(),
        }
    }

    /// Whether the role is the whole tensor as it lies.
    pub(super) fn is_whole(&self) -> bool {
        self.view == View::Whole
    }

    /// The role's weights among those of its tensor.
    pub(super) fn pick<'a>(&self, tensor: &'a [f32]) -> Cow<'a, [f32]> {
        let width: usize = self.stored.iter().skip(1).product();
        match self.view {
            View::Whole => Cow::Borrowed(tensor),
            View::Rows { first, count } => Cow::Borrowed(&tensor[first * width..(first + count) * width]),
            View::Columns { first, count } => {
                let column = |column| tensor.iter().skip(column).step_by(width);
                Cow::Owned((first..first + count).flat_map(column).copied().collect())
            }
        }
    }
}

/// What the configuration says: the computation, and where its weights are.
#[derive(Debug)]
pub(super) struct Plan {
    pub architecture: Architecture,
    /// By role.
    pub slots: BTreeMap<String, Slot>,
    /// Tensors that may be there and are not read: buffers, and what serves other tasks.
    unused: BTreeSet<String>,
}

impl Plan {
    pub(super) fn new(architecture: Architecture) -> Self {
        Self { architecture, slots: BTreeMap::new(), unused: BTreeSet::new() }
    }

    /// A tensor that plays a role as it is.
    pub(super) fn whole(&mut self, role: &str, tensor: &str, shape: &[usize]) {
        self.slot(role, tensor, shape, View::Whole);
    }

    /// Some rows of a tensor.
    pub(super) fn rows(&mut self, role: &str, tensor: &str, shape: &[usize], [first, count]: [usize; 2]) {
        self.slot(role, tensor, shape, View::Rows { first, count });
    }

    /// A product: `tensor.weight`, and `tensor.bias` where there is one.
    pub(super) fn linear(&mut self, role: &str, tensor: &str, [outputs, inputs]: [usize; 2], bias: bool) {
        self.whole(&format!("{role}.weight"), &format!("{tensor}.weight"), &[outputs, inputs]);
        if bias {
            self.whole(&format!("{role}.bias"), &format!("{tensor}.bias"), &[outputs]);
        }
    }

    /// A norm: `tensor.weight`, and `tensor.bias` where there is one.
    pub(super) fn norm(&mut self, role: &str, tensor: &str, width: usize, bias: bool) {
        self.whole(&format!("{role}.gain"), &format!("{tensor}.weight"), &[width]);
        if bias {
            self.whole(&format!("{role}.bias"), &format!("{tensor}.bias"), &[width]);
        }
    }

    /// A product with bias whose matrix lies transposed, beside those of other roles: `count` of `outputs` columns.
    pub(super) fn columns(&mut self, role: &str, tensor: &str, stored: [usize; 2], [first, count]: [usize; 2]) {
        self.slot(&format!("{role}.weight"), &format!("{tensor}.weight"), &stored, View::Columns { first, count });
        self.rows(&format!("{role}.bias"), &format!("{tensor}.bias"), &[stored[1]], [first, count]);
    }

    /// A tensor that may be there and is not read.
    pub(super) fn unused(&mut self, tensor: impl Into<String>) {
        self.unused.insert(tensor.into());
    }

    fn slot(&mut self, role: &str, tensor: &str, stored: &[usize], view: View) {
        self.slots.insert(role.to_owned(), Slot { tensor: tensor.to_owned(), stored: stored.to_vec(), view });
    }

    /// Number of weights. With the bounds of all families it stays far below 2^64.
    pub(super) fn parameters(&self) -> u64 {
        let count = |slot: &Slot| slot.shape().iter().map(|&size| size as u64).product::<u64>();
        self.slots.values().map(count).sum()
    }

    /// Checks that the tensors of the files are those of the plan, without reading their weights.
    pub(super) fn check(&self, files: &Files) -> Result<(), ModelError> {
        let mut expected = BTreeSet::new();
        for slot in self.slots.values() {
            let name = || slot.tensor.clone();
            let (_, info) = files.find(&slot.tensor).ok_or_else(|| ModelError::MissingTensor { name: name() })?;
            if info.shape != slot.stored {
                let (expected, found) = (slot.stored.clone(), info.shape.clone());
                return Err(ModelError::WrongShape { name: name(), expected, found });
            }
            if !is_supported(info.dtype) {
                return Err(ModelError::WrongDtype { name: name(), dtype: info.dtype.to_string() });
            }
            expected.insert(slot.tensor.as_str());
        }
        let known = |name: &str| expected.contains(name) || self.unused.contains(name);
        match files.names().find(|name| !known(name)) {
            Some(name) => Err(ModelError::ExtraTensor { name: printable(name) }),
            None => Ok(()),
        }
    }
}
