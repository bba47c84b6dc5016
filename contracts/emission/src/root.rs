//! The root: 64 hotkeys with much stake, whose weights over subnets divide emission between them.
//!
//! A hotkey takes a free place, or that of the member with the least stake if it has more. Members are known by the
//! hotkey's number, so that one who swaps his hotkey keeps place and weights. Once a day anyone may turn the root: the
//! stake of the members and the weights that they have set become the weights of subnets, by the rule of
//! [`inktensor_consensus::root`]. They do so while a tenth of all stake stands behind them; with less, all subnets weigh
//! the same, so that nobody divides the emission of a young network with a few rao before others vote. A weight is for one
//! life of a subnet, so whoever opens a subnet under the netuid of a dissolved one begins without any.

use crate::network::Network;
use ink::{
    prelude::vec::Vec,
    storage::{traits::ManualKey, Lazy, Mapping},
};
use inktensor_consensus::{
    root::{shares, RootRule},
    Entries,
};
use inktensor_primitives::{
    emission::{EmissionError, RootRow, MAX_ROOT, ROOT_QUORUM, ROOT_RATE_LIMIT_MS},
    limits::MAX_SUBNETS,
    HotkeyId, Netuid,
};

/// Members and when their weights count next.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[ink::scale_derive(Encode, Decode, TypeInfo)]
#[cfg_attr(feature = "std", derive(ink::storage::traits::StorageLayout))]
pub struct Members {
    /// Numbers of their hotkeys, at most 64. The place of one that was replaced is the next one's.
    pub hotkeys: Vec<HotkeyId>,
    /// Chain time in ms from which the root may be turned.
    pub due_ms: u64,
}

impl Members {
    /// Errors: `AlreadyRootMember`.
    pub fn check_stranger(&self, hotkey: HotkeyId) -> Result<(), EmissionError> {
        if self.hotkeys.contains(&hotkey) {
            return Err(EmissionError::AlreadyRootMember);
        }
        Ok(())
    }

    /// Errors: `NotRootMember`.
    pub fn check_member(&self, hotkey: HotkeyId) -> Result<(), EmissionError> {
        if !self.hotkeys.contains(&hotkey) {
            return Err(EmissionError::NotRootMember);
        }
        Ok(())
    }

    /// Whether the next one to join replaces another.
    pub fn full(&self) -> bool {
        self.hotkeys.len() >= MAX_ROOT
    }

    /// Takes a hotkey in; the one that it replaces where the root is full. `stakes` holds those of the members and then
    /// the newcomer's; it is not looked at while there is a free place. Of equal members the first goes.
    /// Errors: `NotEnoughStake`.
    pub fn join(&mut self, hotkey: HotkeyId, stakes: &[u64]) -> Result<Option<HotkeyId>, EmissionError> {
        if !self.full() {
            self.hotkeys.push(hotkey);
            return Ok(None);
        }
        let newcomer = stakes.last().copied().unwrap_or(0);
        let (least, member) = stakes
            .iter()
            .zip(&mut self.hotkeys)
            .min_by_key(|(stake, _)| **stake)
            .ok_or(EmissionError::NotEnoughStake)?;
        if *least >= newcomer {
            return Err(EmissionError::NotEnoughStake);
        }
        Ok(Some(core::mem::replace(member, hotkey)))
    }
}

/// The root's storage.
#[ink::storage_item]
#[derive(Debug, Default)]
pub struct Root {
    members: Lazy<Members, ManualKey<0x454d_4906>>,
    rows: Mapping<HotkeyId, RootRow, ManualKey<0x454d_4907>>,
}

impl Root {
    /// The members.
    pub fn members(&self) -> Members {
        self.members.get_or_default()
    }

    /// Stores the members.
    pub fn set_members(&mut self, members: &Members) {
        self.members.set(members);
    }

    /// Weights of one member.
    pub fn row(&self, hotkey: HotkeyId) -> Option<RootRow> {
        self.rows.get(hotkey)
    }

    /// Stores the weights of one member.
    pub fn set_row(&mut self, hotkey: HotkeyId, row: &RootRow) {
        self.rows.insert(hotkey, row);
    }

    /// Forgets the weights of one that is no member any more.
    pub fn forget(&mut self, hotkey: HotkeyId) {
        self.rows.remove(hotkey);
    }

    /// Parts of emission of the subnets in the network's columns by the root's weights, Q32.32 each. None where less
    /// than one part in ten of `all_stake` stands behind these weights. `stakes` are the members'.
    pub fn shares(&self, network: &Network, members: &Members, stakes: &[u64], all_stake: u64) -> Vec<u64> {
        let mut rows = Vec::with_capacity(members.hotkeys.len());
        let mut behind: u64 = 0;
        for (member, stake) in members.hotkeys.iter().zip(stakes) {
            let row = self.row(*member).map(|row| counted(&row, network)).unwrap_or_default();
            if row.1.iter().any(|weight| *weight > 0) {
                behind = behind.saturating_add(*stake);
            }
            rows.push(row);
        }
        if behind == 0 || behind < all_stake.div_ceil(ROOT_QUORUM) {
            return Vec::new();
        }
        let rows: Vec<Entries<'_>> = rows.iter().map(|(places, weights)| Entries::new(places, weights)).collect();
        // At most 128 subnets take part.
        let width = u16::try_from(network.netuids.len()).unwrap_or(u16::MAX);
        shares(stakes, &rows, width, RootRule::default())
    }
}

/// Checks the form of weights. None at all take back those that were set. Errors: `MalformedWeights`.
pub fn check(netuids: &[Netuid], weights: &[u16]) -> Result<(), EmissionError> {
    let ascending = netuids.windows(2).all(|pair| pair.first() < pair.last());
    if netuids.len() != weights.len() || netuids.len() > usize::from(MAX_SUBNETS) || !ascending {
        return Err(EmissionError::MalformedWeights);
    }
    Ok(())
}

/// Checks that a member may set weights again. Errors: `RootRateLimited`.
pub fn check_rate(last: Option<&RootRow>, now_ms: u64) -> Result<(), EmissionError> {
    if last.is_some_and(|row| now_ms < row.set_ms.saturating_add(ROOT_RATE_LIMIT_MS)) {
        return Err(EmissionError::RootRateLimited);
    }
    Ok(())
}

/// Weights for the lives of subnets that take part now. Errors: `NotActive` where one of them takes no part.
pub fn row(network: &Network, netuids: Vec<Netuid>, weights: Vec<u16>, now_ms: u64) -> Result<RootRow, EmissionError> {
    let mut generations = Vec::with_capacity(netuids.len());
    for netuid in &netuids {
        generations.push(network.generation(*netuid).ok_or(EmissionError::NotActive)?);
    }
    Ok(RootRow { netuids, generations, weights, set_ms: now_ms })
}

/// What of a row counts: places in the network's columns, ascending, and the weights. A subnet that takes no part any
/// more, or whose netuid has another subnet, drops out.
fn counted(row: &RootRow, network: &Network) -> (Vec<u16>, Vec<u16>) {
    let mut places = Vec::with_capacity(row.netuids.len());
    let mut weights = Vec::with_capacity(row.netuids.len());
    let mut place: usize = 0;
    for (at, netuid) in row.netuids.iter().enumerate() {
        while network.netuids.get(place).is_some_and(|next| next < netuid) {
            place = place.saturating_add(1);
        }
        if network.netuids.get(place) == Some(netuid) && network.generations.get(place) == row.generations.get(at) {
            // At most 128 subnets take part.
            places.push(u16::try_from(place).unwrap_or(u16::MAX));
            weights.push(row.weights.get(at).copied().unwrap_or(0));
        }
    }
    (places, weights)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn network(lives: &[(Netuid, u32)]) -> Network {
        let mut network = Network::default();
        for (netuid, generation) in lives {
            network.admit(*netuid, *generation).unwrap();
        }
        network
    }

    fn full() -> Members {
        Members { hotkeys: (100..164).collect(), due_ms: 0 }
    }

    proptest! {
        #[test]
        fn the_root_holds_those_with_the_most_stake(stakes in prop::collection::vec(0u64..200, 64..100)) {
            let mut members = Members::default();
            for hotkey in 0..u32::try_from(stakes.len()).unwrap() {
                let asked: Vec<u64> =
                    members.hotkeys.iter().chain([&hotkey]).map(|hotkey| stakes[*hotkey as usize]).collect();
                let before = members.clone();
                match members.join(hotkey, &asked) {
                    Ok(Some(replaced)) => prop_assert!(stakes[replaced as usize] < stakes[hotkey as usize]),
                    Ok(None) => prop_assert!(!before.full()),
                    Err(refusal) => {
                        prop_assert_eq!(refusal, EmissionError::NotEnoughStake);
                        prop_assert_eq!(&members, &before);
                    }
                }
            }
            let mut held: Vec<u64> = members.hotkeys.iter().map(|hotkey| stakes[*hotkey as usize]).collect();
            let mut most = stakes;
            held.sort_unstable();
            most.sort_unstable();
            prop_assert_eq!(&held[..], &most[most.len() - 64..]);
        }
    }

    #[test]
    fn a_full_root_gives_way_to_more_stake_only() {
        let mut members = full();
        let mut stakes = vec![10; 65];
        assert_eq!(members.join(7, &stakes), Err(EmissionError::NotEnoughStake));
        stakes[64] = 11;
        stakes[2] = 9;
        assert_eq!(members.join(7, &stakes), Ok(Some(102)));
        assert_eq!((members.hotkeys[2], members.hotkeys.len()), (7, 64));
    }

    #[test]
    fn members_are_told_from_strangers() {
        let members = full();
        assert_eq!(members.check_stranger(100), Err(EmissionError::AlreadyRootMember));
        assert_eq!(members.check_member(99), Err(EmissionError::NotRootMember));
        assert_eq!((members.check_stranger(99), members.check_member(163)), (Ok(()), Ok(())));
    }

    #[test]
    fn weights_have_a_form() {
        assert_eq!(check(&[1, 2, 9], &[0, 5, 65_535]), Ok(()));
        assert_eq!(check(&[], &[]), Ok(()));
        let many: Vec<u16> = (0..129).collect();
        assert_eq!(check(&many[..128], &many[..128]), Ok(()));
        for (netuids, weights) in [(&[1, 1][..], &[1, 1][..]), (&[2, 1], &[1, 1]), (&[1], &[]), (&many, &many)] {
            assert_eq!(check(netuids, weights), Err(EmissionError::MalformedWeights));
        }
    }

    #[test]
    fn weights_are_set_once_in_the_rate_limit() {
        let row = RootRow { set_ms: 5, ..Default::default() };
        assert_eq!(check_rate(None, 0), Ok(()));
        assert_eq!(check_rate(Some(&row), 5 + ROOT_RATE_LIMIT_MS - 1), Err(EmissionError::RootRateLimited));
        assert_eq!(check_rate(Some(&row), 5 + ROOT_RATE_LIMIT_MS), Ok(()));
    }

    #[test]
    fn a_weight_is_for_one_life_of_a_subnet() {
        let row = row(&network(&[(1, 1), (4, 2), (6, 3)]), vec![1, 4, 6], vec![10, 40, 60], 0).unwrap();
        // Subnet 4 was dissolved, 6 is another subnet by now, and 0 and 5 are new.
        let later = network(&[(0, 4), (1, 1), (5, 5), (6, 6)]);
        assert_eq!(counted(&row, &later), (vec![1], vec![10]));
    }

    #[test]
    fn only_subnets_that_take_part_are_weighed() {
        assert_eq!(row(&network(&[(1, 1)]), vec![1, 2], vec![1, 1], 0), Err(EmissionError::NotActive));
    }

    #[ink::test]
    fn emission_follows_the_weights_of_stake() {
        let mut root = Root::default();
        let mut network = network(&[(1, 1), (2, 1), (3, 1)]);
        let members = Members { hotkeys: vec![10, 11, 12], due_ms: 0 };
        let mut weights = |root: &Root, stakes: &[u64], all_stake| {
            let shares = root.shares(&network, &members, stakes, all_stake);
            network.weigh(&shares);
            network.weights.clone()
        };
        assert_eq!(weights(&root, &[5, 5, 5], 15), [1, 1, 1]);
        let vote =
            |netuid, weight| RootRow { netuids: vec![netuid], generations: vec![1], weights: vec![weight], set_ms: 0 };
        root.set_row(10, &vote(1, 9));
        root.set_row(11, &vote(2, 1));
        root.set_row(12, &vote(3, 0));
        let both = weights(&root, &[30, 10, 1_000], 1_040);
        assert!(both == [1, 1, 1], "those who abstain stand behind nothing: {both:?}");
        let both = weights(&root, &[30, 10, 360], 400);
        assert!(both[0] > 3 * both[1] && both[1] > 0 && both[2] == 0, "{both:?}");
        assert_eq!(weights(&root, &[30, 10, 361], 401), [1, 1, 1]);
        assert_eq!(weights(&root, &[0, 10, 0], 10)[..1], [0]);
        assert_eq!(weights(&root, &[0, 0, 0], 0), [1, 1, 1]);
        root.forget(10);
        root.forget(11);
        assert_eq!(weights(&root, &[30, 10, 0], 40), [1, 1, 1]);
    }
}
