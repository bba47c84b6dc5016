//! What an evaluator may call: `materials`, to look at contributions and assets, and `journal`, to say something.

use thiserror::Error;
use wasmtime::component::Linker;
use wasmtime::{StoreContextMut, Trap};

use crate::bindings::{Source, interface};
use crate::call::State;

/// A wrong use of the host, in words that follow the name of the call.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct Misuse(pub String);

pub(crate) fn link(linker: &mut Linker<State>) -> wasmtime::Result<()> {
    let mut materials = linker.instance(&interface("materials"))?;
    materials.func_wrap("size", |mut store: StoreContextMut<'_, State>, (of,): (Source,)| {
        charge(&mut store, 0)?;
        Ok((store.data().read(&of)?.len() as u64,))
    })?;
    materials.func_wrap(
        "read",
        |mut store: StoreContextMut<'_, State>, (of, offset, length): (Source, u64, u32)| {
            let limit = store.data().limits.read;
            if length > limit {
                return Err(Misuse(format!("reads {length} bytes at once, the limit is {limit}")).into());
            }
            let bytes = store.data().read(&of)?;
            let start = usize::try_from(offset).unwrap_or(usize::MAX).min(bytes.len());
            let end = start.saturating_add(length as usize).min(bytes.len());
            charge(&mut store, (end - start) as u64)?;
            Ok((store.data().read(&of)?[start..end].to_vec(),))
        },
    )?;
    let mut journal = linker.instance(&interface("journal"))?;
    journal.func_wrap("log", |mut store: StoreContextMut<'_, State>, (line,): (String,)| {
        charge(&mut store, line.len() as u64)?;
        store.data_mut().journal.log(&line);
        Ok(())
    })
}

/// Takes the fuel of a call that hands over some bytes.
fn charge(store: &mut StoreContextMut<'_, State>, bytes: u64) -> wasmtime::Result<()> {
    let limits = store.data().limits;
    let fuel = limits.host_fuel.saturating_add(bytes.saturating_mul(limits.byte_fuel));
    let left = store.get_fuel()?.checked_sub(fuel).ok_or(Trap::OutOfFuel)?;
    store.set_fuel(left)
}
