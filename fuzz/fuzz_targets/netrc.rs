//! Files of other programs, `.netrc` above all: nothing breaks, and what is cut out is an entry.

#![no_main]

use connect::workflow::adopt::netrc::read;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    for entry in read(text) {
        if let Some(cut) = entry.cut {
            let piece = text.get(cut).expect("whole characters");
            assert!(piece.trim_start().starts_with("machine"));
        }
    }
});
