//! What a scenario file and a rubric file may say: the YAML's own shape.
//!
//! The types are flat on purpose: an error in a field then has a line and a
//! column of its own. Rules that span fields are in [`super::validate`].

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The version of the format that this grader reads.
pub const FORMAT: u32 = 1;

/// One scenario: `specs/EXERCISE/ID.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Scenario {
    /// Version of the format; 1.
    pub format: u32,
    /// Name of the scenario, the file's name without `.yaml`.
    pub id: String,
    /// One line for reports: what the scenario shows.
    pub title: String,
    /// Marks for passing; there is no part credit within a scenario.
    pub points: u32,
    /// Name of the program of the exercise that is run.
    pub program: String,
    /// True if the unrepaired starter must lose this scenario.
    pub unsolved_in_starter: bool,
    /// The set-ups that all have to pass.
    #[schemars(length(min = 1))]
    pub cases: Vec<Case>,
    /// Questions that lead to the repair, vaguest first.
    #[schemars(length(min = 1))]
    pub hints: Vec<String>,
}

/// One set-up of a scenario: arguments, FILE, what is tried, what is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Case {
    /// Name of the case, unique within the scenario.
    pub name: String,
    /// The program's arguments.
    pub args: Vec<Argument>,
    /// What the argument FILE is.
    pub file: File,
    /// How schedules are chosen.
    pub strategy: Strategy,
    /// What is injected; nothing if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub faults: Option<Faults>,
    /// What is judged.
    #[schemars(length(min = 1))]
    pub oracles: Vec<Oracle>,
}

/// An argument: a text, the name of FILE, or a long record.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Argument {
    /// The argument itself.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// A record: like `text`, and judged as a record by the `records` oracle.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
    /// The name of the case's FILE is put here. Must be `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<bool>,
    /// With `record`: the record is that text this many times over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub times: Option<u32>,
}

/// What FILE is before the program starts.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// The kind of file.
    pub kind: FileKind,
    /// For `regular` and `limited`: what it holds at the start, whole lines.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub content: Option<String>,
    /// With `content`: FILE holds that text this many times over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub times: Option<u32>,
    /// For `limited`: no file of the program may grow beyond this size
    /// (RLIMIT_FSIZE, setrlimit(2)), in bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub limit_bytes: Option<u64>,
}

impl File {
    /// None.
    pub const MISSING: Self = Self {
        kind: FileKind::Missing,
        content: None,
        times: None,
        limit_bytes: None,
    };
}

/// The kinds of FILE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    /// A regular file with `content`.
    Regular,
    /// No such file yet; the folder exists.
    Missing,
    /// Neither the file nor its folder exists.
    MissingFolder,
    /// A FIFO with a slow reader; `native` strategy only.
    Fifo,
    /// A regular file that cannot grow beyond `limit-bytes`.
    Limited,
    /// `/dev/full`: every write fails with ENOSPC (full(4)).
    Full,
}

/// How the schedules of a case are chosen.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Strategy {
    /// The kind of strategy.
    pub kind: StrategyKind,
    /// For `exhaustive`: at most this many preemptions a schedule; no bound
    /// if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preemptions: Option<u32>,
    /// For `exhaustive`: the budget, after which the verdict says so. For
    /// `pct`: how many executions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub executions: Option<u32>,
    /// For `pct`: the bug depth d (Burckhardt et al., ASPLOS 2010).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub depth: Option<u32>,
    /// For `exhaustive` and `pct`: steps of one execution, after which it
    /// counts as an endless loop.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub steps: Option<u32>,
    /// For `native`: how often the program is run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1))]
    pub rounds: Option<u32>,
}

/// The kinds of strategy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StrategyKind {
    /// Every schedule within the bounds.
    Exhaustive,
    /// Random priorities with a fixed seed.
    Pct,
    /// No control: the real kernel's schedule under a storm of real signals.
    Native,
}

/// Faults that are injected, and how many in one execution.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Faults {
    /// At most this many faults in one execution.
    #[schemars(range(min = 1))]
    pub max: u32,
    /// Where writes may end short: they return 1, half, or all but one of
    /// the bytes asked for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub short_writes: Vec<ShortWriteTarget>,
    /// Which calls SIGUSR1 may interrupt.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub interruptions: Vec<InterruptionTarget>,
    /// Which waits may end for nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wake_ups: Vec<WakeUpTarget>,
    /// Who may be killed by SIGKILL.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub deaths: Vec<DeathTarget>,
}

/// A wait that may end for nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WakeUpTarget {
    /// A wait on a futex, which returns 0 although nobody has woken it.
    Futex,
}

/// A process that may be killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DeathTarget {
    /// A child, at every scheduling point from before its first write to FILE
    /// to the release of its lock after it.
    Writer,
}

/// Where a write may end short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ShortWriteTarget {
    /// Writes to FILE.
    File,
}

/// A call that SIGUSR1 may interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum InterruptionTarget {
    /// Writes to FILE, before anything is transferred.
    File,
    /// Any call that has blocked: waiting for a lock, for a child, for data.
    Blocked,
}

/// One thing that is judged.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Oracle {
    /// What is judged.
    pub rule: Rule,
    /// For `exit-status`: the status that the program must end with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<u8>,
    /// For `gate`, `rendezvous` and `relay`: FILE may end early, even in the
    /// middle of a line.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub partial: bool,
    /// For `shared-wait`: the rule that says when a process has to wait.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Rule>,
    /// Judge this only if every execution without a fault satisfies it, so
    /// that the scenario does not fail for another scenario's reason.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub only_by_fault: bool,
}

/// The rules. Deadlock, endless loops and death by a signal are judged in
/// every case, without being named.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The old content is kept; each record stands in FILE as one whole line,
    /// exactly once; nothing else does.
    Records,
    /// FILE starts with the old content, then holds the whole records that
    /// fitted, and at the most a beginning of one more.
    RecordsUntilFull,
    /// Each record is written by a process of its own, and in at least one
    /// execution all of them live before the first one writes.
    Writers,
    /// The exit status is `status`; a status other than 0 comes with a
    /// message on standard error.
    ExitStatus,
    /// Every child has been reaped when the parent exits, and no process is
    /// left behind.
    Reaped,
    /// One lock in MAP_SHARED memory that was mapped before the first fork: a
    /// writer that finds it held sleeps on it in the kernel, two writers are
    /// never inside at once, and it is not destroyed before its last use.
    SharedLock,
    /// FILE holds the lines of `gate`, each whole and once: after no line are
    /// more than K processes inside.
    Gate,
    /// In at least one execution K processes are inside at once.
    GateFull,
    /// FILE holds the lines of `rendezvous`, each whole and once: all arrive
    /// before one departs, all depart before one arrives again.
    Rendezvous,
    /// FILE holds the lines of `relay`, each whole and once, in turn.
    Relay,
    /// In at least one execution a process that has to wait at the gate, at
    /// the barrier or for its turn sleeps in the kernel, on a primitive in
    /// MAP_SHARED memory that was mapped before the first fork.
    SharedWait,
    /// Where a process was killed: as `records`, but its record may be missing
    /// as a whole.
    RecordsOfSurvivors,
    /// Where a child was killed: P0 exits with status 1.
    DeathIsTold,
}

/// The exercise's rubric: `specs/EXERCISE/rubric.yaml`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Rubric {
    /// Version of the format; 1.
    pub format: u32,
    /// Name of the exercise, the folder's name.
    pub exercise: String,
    /// One line for reports.
    pub title: String,
    /// Name of the program: of the binary in a Cargo package, of the file
    /// that `make` produces.
    pub program: String,
    /// What all scenarios that are not a bonus add up to.
    pub max_points: u32,
    /// The scenarios in the order in which they are run and shown.
    #[schemars(length(min = 1))]
    pub scenarios: Vec<RubricEntry>,
}

/// One line of the rubric.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RubricEntry {
    /// The scenario's id.
    pub id: String,
    /// The scenario's points, once more, so that a change shows in one place.
    pub points: u32,
    /// True if the points come on top of `max-points`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub bonus: bool,
}
