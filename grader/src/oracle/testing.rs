//! A small language for made-up executions.

use crate::fault::Fault;
use crate::operation::{Call, Object, Operation, TaskName};
use crate::oracle::Facts;
use crate::trace::{
    Ending, Execution, ExitStatus, LockDestroyed, LockPlace, LockSleep, Outcome, Step, Task,
};

/// An execution in the making. P0 is there from the start, FILE is missing
/// and the ending is `Finished` unless said otherwise.
pub(crate) struct Run(Execution);

/// An operation.
pub(crate) fn operation(call: Call, object: Object, amount: Option<u64>) -> Operation {
    Operation::new(call, object, amount)
}

/// Facts about these records and an old content.
pub(crate) fn facts(initial: &str, records: &[&str]) -> Facts {
    Facts {
        records: records.iter().map(|r| r.as_bytes().to_vec()).collect(),
        initial: initial.as_bytes().to_vec(),
        ..Facts::default()
    }
}

impl Run {
    pub(crate) fn new() -> Self {
        let first = Task {
            name: TaskName::process(0),
            parent: None,
            born: None,
            status: None,
            waiting_for: None,
        };
        Self(Execution {
            preemptions: 0,
            sights: Vec::new(),
            steps: Vec::new(),
            tasks: vec![first],
            ending: Ending::Finished,
            file: None,
            stdout: Vec::new(),
            stderr: Vec::new(),
            unreaped: Vec::new(),
            left_behind: Vec::new(),
            lock_sleeps: Vec::new(),
            locks_destroyed: Vec::new(),
        })
    }

    pub(crate) fn done(self) -> Execution {
        self.0
    }

    /// Any step.
    pub(crate) fn step(mut self, process: u32, operation: Operation, outcome: Outcome) -> Self {
        self.0.steps.push(Step {
            task: TaskName::process(process),
            operation,
            fault: None,
            outcome,
        });
        self
    }

    /// The last step happened under this fault.
    pub(crate) fn fault(mut self, fault: Fault) -> Self {
        self.0.steps.last_mut().expect("a step").fault = Some(fault);
        self
    }

    /// P0 forks `child`.
    pub(crate) fn fork(self, child: u32) -> Self {
        let fork = operation(Call::Fork, Object::Process(child), None);
        let mut run = self.step(0, fork, Outcome::Returned(1));
        run.0.tasks.push(Task {
            name: TaskName::process(child),
            parent: Some(TaskName::process(0)),
            born: Some(run.0.steps.len() - 1),
            status: None,
            waiting_for: None,
        });
        run
    }

    /// `process` has a thread more.
    pub(crate) fn thread(mut self, process: u32, thread: u32) -> Self {
        let mut task = self.0.tasks[0].clone();
        task.name = TaskName { process, thread };
        self.0.tasks.push(task);
        self
    }

    /// A write to FILE: bytes asked for, what came back.
    pub(crate) fn write(self, process: u32, asked: u64, result: i64) -> Self {
        let write = operation(Call::Write, Object::File, Some(asked));
        self.step(process, write, Outcome::Returned(result))
    }

    /// `process` sleeps on a lock at `place`.
    pub(crate) fn sleep(self, process: u32, place: LockPlace) -> Self {
        let wait = operation(Call::FutexWait, Object::Nothing, None);
        let mut run = self.step(process, wait, Outcome::Blocked);
        run.0.lock_sleeps.push(LockSleep {
            step: run.0.steps.len() - 1,
            task: TaskName::process(process),
            place,
        });
        run
    }

    /// `process`, in its last step, destroyed the lock at that place.
    pub(crate) fn destroyed(mut self, process: u32, mapping: u32, offset: u64) -> Self {
        self.0.locks_destroyed.push(LockDestroyed {
            step: self.0.steps.len() - 1,
            task: TaskName::process(process),
            mapping,
            offset,
        });
        self
    }

    /// `process` is blocked for good.
    pub(crate) fn waits(mut self, process: u32, waiting_for: Operation) -> Self {
        self.task(process).waiting_for = Some(waiting_for);
        self
    }

    /// `process` ends.
    pub(crate) fn end(self, process: u32, status: ExitStatus) -> Self {
        let exit = operation(Call::Exit, Object::Nothing, None);
        let mut run = self.step(process, exit, Outcome::Ended(status));
        run.task(process).status = Some(status);
        run
    }

    /// `process` exits with `status`.
    pub(crate) fn exit(self, process: u32, status: i32) -> Self {
        self.end(process, ExitStatus::Exited(status))
    }

    pub(crate) fn ending(mut self, ending: Ending) -> Self {
        self.0.ending = ending;
        self
    }

    pub(crate) fn file(mut self, content: &str) -> Self {
        self.0.file = Some(content.as_bytes().to_vec());
        self
    }

    pub(crate) fn stderr(mut self, text: &str) -> Self {
        self.0.stderr = text.as_bytes().to_vec();
        self
    }

    pub(crate) fn unreaped(mut self, process: u32) -> Self {
        self.0.unreaped.push(TaskName::process(process));
        self
    }

    pub(crate) fn left_behind(mut self, process: u32) -> Self {
        self.0.left_behind.push(TaskName::process(process));
        self
    }

    fn task(&mut self, process: u32) -> &mut Task {
        let name = TaskName::process(process);
        let task = self.0.tasks.iter_mut().find(|task| task.name == name);
        task.expect("the process was forked")
    }
}
