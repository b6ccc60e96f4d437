//! Tells Cargo that a new migration is a reason to compile again: the migrations are embedded in the library.
//!
//! Cargo sees changes of files that were embedded before, but not a file that is new.
//! Invariant: nothing is generated here.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
