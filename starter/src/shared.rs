//! Memory, and a lock in it, that all processes share. Nothing here yet.

// TODO 3 (shared memory): after a fork each process has its own copy of every
// variable, so whatever one of them notes down the others never see. Goal: a
// piece of memory in which all of them see the same bytes.

// TODO 4 (the lock): goal: a mutex that lies in that memory and keeps the
// *processes* apart that come to it, even though each of them has but one
// thread. While it is held the others sleep; they do not spin.
