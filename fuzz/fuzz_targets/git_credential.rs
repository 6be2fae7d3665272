//! What git writes to its helper, or whoever pretends to be git: nothing breaks, what is read fits into lines again and
//! comes back as it was, and a place has a host that no other reader takes for another.

#![no_main]

use connect::git::credential::{end_of, read, write};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|input: &[u8]| {
    let Ok(description) = read(input) else { return };
    let lines = write(&description).expect("what came in lines fits into lines");
    let again = read(&lines).expect("what was written reads");
    assert_eq!(*write(&again).expect("and is written again"), *lines);
    assert_eq!(end_of(&lines), None, "an answer has no empty line in it");
    if let Ok(place) = description.place() {
        assert!(!place.host.is_empty() && !place.protocol.is_empty());
        assert!(!place.host.contains(['\n', '\r', '\0', '/', '\\', '@', '?', '#', ' ']));
    }
});
