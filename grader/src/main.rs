//! The grader's command line.

fn main() -> std::process::ExitCode {
    grader::cli::run().into()
}
