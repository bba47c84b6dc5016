//! What a sandbox without an operating system lacks: an allocator, and someone to tell of a panic.

use alloc::string::ToString;
use core::panic::PanicInfo;

#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// The message goes to the operator, and the call ends as the evaluator's fault.
#[panic_handler]
fn panic(info: &PanicInfo<'_>) -> ! {
    crate::log(&info.to_string());
    core::arch::wasm32::unreachable()
}
