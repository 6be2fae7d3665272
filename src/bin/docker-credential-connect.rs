//! What Docker and Podman ask for the password of a registry; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    connect::cli::docker_credential_main()
}
