//! `beian`: see the library of the same name.

use std::process::ExitCode;

/// Threads free what others have allocated all the time, which the system's is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    beian::main()
}
