//! A table with a line for each place in a sequence: kept for all sequences that are as long at most.

use std::sync::{Mutex, PoisonError};

use wgpu::Buffer;

use super::{Device, EngineError};

/// A table in device memory, made when it is first needed and again when a longer one is.
#[derive(Debug, Default)]
pub(crate) struct PlaceTable(Mutex<Option<(usize, Buffer)>>);

impl PlaceTable {
    /// The table of at least `places` places; `make` makes one, line after line, of as many as it is told.
    pub(crate) fn of<T: bytemuck::NoUninit>(
        &self,
        device: &Device,
        what: &'static str,
        places: usize,
        make: impl FnOnce(usize) -> Vec<T>,
    ) -> Result<Buffer, EngineError> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((known, table)) = kept.as_ref()
            && *known >= places
        {
            return Ok(table.clone());
        }
        // Lengths that grow one by one make a new table now and then only.
        let places = places.next_power_of_two();
        let table = device.upload(what, &make(places))?;
        // One that the device could not have is not kept.
        device.check()?;
        *kept = Some((places, table.clone()));
        Ok(table)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)] // a test fails by panicking

    use std::cell::Cell;

    use super::*;
    use crate::engine::AdapterChoice;

    #[test]
    fn a_table_is_made_again_for_longer_sequences_only() {
        let (device, _) = Device::open(&AdapterChoice::Fastest).unwrap();
        let (table, made) = (PlaceTable::default(), Cell::new(0));
        for places in [3, 1, 4, 5, 8, 2] {
            let make = |count: usize| {
                made.set(made.get() + 1);
                (0..count as u32).collect()
            };
            let buffer = table.of(&device, "a test", places, make).unwrap();
            let found: Vec<u32> = device.run(&[], &buffer, places).unwrap();
            assert_eq!(found, (0..places as u32).collect::<Vec<_>>());
        }
        assert_eq!(made.get(), 2);
    }
}
