//! The helper that git starts for `credential.helper=connect`; everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    connect::cli::git_credential_main()
}
