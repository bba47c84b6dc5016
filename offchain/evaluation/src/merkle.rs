//! Merkle trees over a list of digests.
//!
//! A leaf is the digest that the caller made, under a tag of its own. Neighbours are joined in pairs, level by level:
//! `blake2b-256("inktensor/merkle/node/1" ‖ left ‖ right)`; the last one of an odd level moves up as it is. The root is
//! `blake2b-256("inktensor/merkle/root/1" ‖ leaves ‖ top)`, the number of leaves as u64 little-endian: it fixes the
//! tree's form, so that no inner node can pass for a leaf.

use blake2::Digest as _;

use crate::digest::{Blake2b256, Digest};

const NODE: &[u8] = b"inktensor/merkle/node/1";
const ROOT: &[u8] = b"inktensor/merkle/root/1";

/// The root over `leaves`; None without leaves.
pub(crate) fn root(leaves: &[Digest]) -> Option<Digest> {
    let top = levels(leaves).last()?.first().copied()?;
    Some(sealed(leaves.len() as u64, top))
}

/// The neighbours that lead from leaf `index` to the root, from below; None if there is no such leaf.
pub(crate) fn path(leaves: &[Digest], index: usize) -> Option<Vec<Digest>> {
    if index >= leaves.len() {
        return None;
    }
    let neighbour = |(height, level): (usize, &Vec<Digest>)| level.get((index >> height) ^ 1).copied();
    Some(levels(leaves).iter().enumerate().filter_map(neighbour).collect())
}

/// The root over `count` leaves of which `leaf` is number `index`, with these neighbours; None if they do not fit such a
/// tree.
pub(crate) fn climb(leaf: Digest, index: u64, count: u64, path: &[Digest]) -> Option<Digest> {
    if index >= count {
        return None;
    }
    let (mut node, mut place, mut width) = (leaf, index, count);
    let mut neighbours = path.iter();
    while width > 1 {
        if place ^ 1 < width {
            let neighbour = *neighbours.next()?;
            node = if place.is_multiple_of(2) { joined(node, neighbour) } else { joined(neighbour, node) };
        }
        (place, width) = (place / 2, width.div_ceil(2));
    }
    neighbours.next().is_none().then(|| sealed(count, node))
}

/// All levels, the leaves first, the top last.
fn levels(leaves: &[Digest]) -> Vec<Vec<Digest>> {
    let mut levels = vec![leaves.to_vec()];
    while let Some(below) = levels.last().filter(|level| level.len() > 1) {
        let above = below.chunks(2).map(|pair| match *pair {
            [left, right] => joined(left, right),
            _ => pair[0],
        });
        let above = above.collect();
        levels.push(above);
    }
    levels
}

fn joined(left: Digest, right: Digest) -> Digest {
    Digest(Blake2b256::new().chain_update(NODE).chain_update(left.0).chain_update(right.0).finalize().into())
}

fn sealed(count: u64, top: Digest) -> Digest {
    Digest(Blake2b256::new().chain_update(ROOT).chain_update(count.to_le_bytes()).chain_update(top.0).finalize().into())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking

    use proptest::prelude::*;

    use super::*;

    fn leaves(count: usize) -> Vec<Digest> {
        (0..count).map(|index| Digest::of(&index.to_le_bytes())).collect()
    }

    /// The tree of five leaves, written out.
    #[test]
    fn the_last_of_an_odd_level_moves_up() {
        let leaf = leaves(5);
        let hash = |parts: &[&[u8]]| Digest::of(&parts.concat());
        let node = |left: Digest, right: Digest| hash(&[b"inktensor/merkle/node/1", &left.0, &right.0]);
        let four = node(node(leaf[0], leaf[1]), node(leaf[2], leaf[3]));
        let top = node(four, leaf[4]);
        let expected = hash(&[b"inktensor/merkle/root/1", &5u64.to_le_bytes(), &top.0]);
        assert_eq!(root(&leaf), Some(expected));
        assert_eq!(path(&leaf, 4), Some(vec![four]));
        assert_eq!(root(&[]), None);
        assert_eq!(path(&leaf, 5), None);
    }

    proptest! {
        #[test]
        fn every_leaf_climbs_to_the_root_and_nothing_else_does(count in 1usize..70, index: prop::sample::Index, twist in 0usize..6) {
            let leaf = leaves(count);
            let top = root(&leaf);
            let index = index.index(count);
            let way = path(&leaf, index).unwrap();
            let (place, total) = (index as u64, count as u64);
            prop_assert_eq!(climb(leaf[index], place, total, &way), top);
            let mut longer = way.clone();
            longer.push(leaf[0]);
            let shorter = &way[..way.len().saturating_sub(1)];
            let forged = match twist {
                0 => climb(Digest([9; 32]), place, total, &way),
                1 => climb(leaf[index], place, total + 1, &way),
                2 => climb(leaf[index], place + 1, total, &way),
                3 => climb(leaf[index], place, total, &longer),
                4 if count > 1 => climb(leaf[index], place, total, shorter),
                _ => climb(leaf[index], total, total, &way),
            };
            prop_assert_ne!(forged, top);
        }
    }
}
