//! The program: hands over to the command line and gives its exit code to the system.
//!
//! Everything else is in the library, so that tests and benches start the real application.
//! Invariant: nothing is decided here.

use std::process::ExitCode;

fn main() -> ExitCode {
    smartqueue::main()
}
