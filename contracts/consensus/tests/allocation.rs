//! The heap of a contract is 1 MiB and never freed: a full epoch must leave room.

use inktensor_consensus::liquid_alpha::LiquidAlpha;
use inktensor_consensus::{epoch, BondRule, Entries, EpochInput, Parameters, Row};
use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

/// Counts every byte that a thread asks for; what it gives back does not count.
struct Counting;

thread_local! {
    static ALLOCATED: Cell<usize> = const { Cell::new(0) };
}

fn count(bytes: usize) {
    ALLOCATED.with(|total| total.set(total.get() + bytes));
}

// SAFETY: every call goes to the system's allocator unchanged.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size);
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

#[test]
fn a_full_epoch_allocates_a_quarter_of_a_contracts_heap() {
    const UIDS: u16 = 256;
    const VALIDATORS: u16 = 64;
    let by_uid = |f: fn(u16) -> u64| (0..UIDS).map(f).collect::<Vec<_>>();
    let uids: Vec<u16> = (0..UIDS).collect();
    let values: Vec<Vec<u16>> = (0..VALIDATORS)
        .map(|row| uids.iter().map(|uid| (row + 1).wrapping_mul(uid.wrapping_mul(257) ^ 0x1234) | 1).collect())
        .collect();
    let rows: Vec<Row<'_>> = (0..VALIDATORS)
        .zip(&values)
        .map(|(uid, values)| (uid, Entries::new(&uids, values)))
        .map(|(uid, entries)| Row { uid, weights: entries, bonds: entries, committed: Some(9) })
        .collect();
    let permits: Vec<bool> = (0..UIDS).map(|uid| uid < VALIDATORS).collect();
    let (stake, updated, registered) =
        (by_uid(|uid| u64::from(256 - uid) * 1_000_000_007), by_uid(|_| 9), by_uid(|_| 1));
    for bonds in [BondRule::Classic, BondRule::Yuma3, BondRule::LiquidYuma3(LiquidAlpha::default())] {
        let input = EpochInput {
            uids: UIDS,
            current_block: 10,
            last_epoch_block: 5,
            stake: &stake,
            last_update: &updated,
            registered: &registered,
            bonds_from: &registered,
            permits: &permits,
            owner: Some(0),
            rows: &rows,
            parameters: Parameters { bonds, bonds_penalty: 30_000, ..Parameters::default() },
        };
        let before = ALLOCATED.get();
        let outcome = epoch(&input).unwrap();
        let full = outcome.bonds.rows().filter(|row| row.uids.len() > 250).count() == usize::from(VALIDATORS);
        let allocated = ALLOCATED.get() - before;
        assert!(full, "the case has a full matrix");
        println!("{bonds:?}: {allocated} bytes");
        assert!(allocated < 256 << 10, "{allocated} bytes");
    }
}
