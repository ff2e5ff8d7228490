//! The corpus of `gate`, `rendezvous` and `relay`, as `corpus` for the
//! assignment itself.

mod support;

use support::corpus::check_all;

#[test]
fn gates_are_judged_rightly() {
    check_all("gate", "wrong");
    check_all("gate", "right");
}

#[test]
fn rendezvous_are_judged_rightly() {
    check_all("rendezvous", "wrong");
    check_all("rendezvous", "right");
}

#[test]
fn relays_are_judged_rightly() {
    check_all("relay", "wrong");
    check_all("relay", "right");
}
