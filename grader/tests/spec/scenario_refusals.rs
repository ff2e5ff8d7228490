//! One test a refusal: what is changed in the good scenario, where the error
//! is, what it says and what the help says.

use crate::base::refused;

/// `name: [changes], "line:column: message", "part of the help";`
macro_rules! refusals {
    ($($name:ident: [$($from:literal => $to:expr),+], $message:expr, $help:expr;)+) => {$(
        #[test]
        fn $name() {
            let (message, help) = refused(&[$(($from, &$to)),+]);
            assert_eq!(message, $message);
            assert!(help.contains($help), "help: {help}");
        }
    )+};
}

// The text.
refusals! {
    not_yaml: ["title: Two" => "title: \"Two"], "3:8: this is not YAML: invalid indentation in quoted scalar", "quotes";
    tab_as_indentation: ["    args:" => "\targs:"], "8:11: this is not YAML: while scanning a plain scalar, found a tab", "indentation";
    colon_in_plain_text: ["records and" => "records: and"], "3:19: this is not YAML: mapping values are not allowed in this context", "needs quotes";
    second_document: ["hints:" => "---\nhints:"], "27:1: a second document begins here", "one scenario a file";
    anchor: ["title: Two" => "title: &two Two"], "3:8: anchors (`&name`) and aliases (`*name`) are not part of the format", "write the value out";
    alias_of_nothing: ["points: 20" => "points: *p"], "4:9: this is not YAML: while parsing node, found unknown anchor", "";
    tag: ["points: 20" => "points: !!int 20"], "4:9: a tag (`!...`) is not part of the format", "remove it";
    field_given_twice: ["program: forkwrite" => "points: 20"], "5:1: points: is given twice, first on line 4", "remove one";
    entry_field_given_twice: ["kind: regular" => "kind: regular\n      kind: missing"], "15:7: kind: is given twice, first on line 14", "remove one";
    list_as_field_name: ["id: short-writes" => "? [id]\n: short-writes"], "2:3: a field's name must be a plain word", "name: value";
    nested_deep: ["points: 20" => format!("points: {}5{}", "[".repeat(40), "]".repeat(40))], "4:40: nested more than 32 levels deep", "specs/README.md";
    nested_too_deep: ["points: 20" => format!("points: {}", "[".repeat(100_000))], "4:264: this is not YAML: recursion limit exceeded", "brackets";
}

// The shape.
refusals! {
    unknown_version: ["format: 1" => "format: 2"], "1:9: format: version 2 of the format is unknown", "reads version 1";
    version_of_wrong_type: ["format: 1" => "format: one"], "1:9: format: expected a whole number of 0 or more, got \"one\"", "as a number";
    version_missing: ["format: 1\n" => ""], "1:1: field `format` is missing", "add `format:`";
    unknown_field: ["points: 20" => "point: 20"], "4:1: point: unknown field", "did you mean `points`?";
    unknown_field_with_underscore: ["unsolved-in-starter" => "unsolved_in_starter"], "6:1: unsolved_in_starter: unknown field", "did you mean `unsolved-in-starter`?";
    unknown_field_of_nothing_known: ["points: 20" => "colour: red"], "4:1: colour: unknown field", "the fields here are: cases, format,";
    unknown_field_in_case: ["    strategy:" => "    stratgy:"], "17:5: cases[0].stratgy: unknown field", "did you mean `strategy`?";
    merge_key: ["points: 20" => "<<: 20"], "4:1: <<: unknown field", "the fields here are";
    missing_field: ["points: 20\n" => ""], "1:1: field `points` is missing", "add `points:` (Marks for passing";
    missing_field_in_entry: ["  - name: two-records\n    args" => "  - args"], "8:5: cases[0]: field `name` is missing", "add `name:`";
    text_for_number: ["points: 20" => "points: five"], "4:9: points: expected a whole number of 0 or more, got \"five\"", "such as 5";
    quoted_number: ["points: 20" => "points: \"20\""], "4:9: points: expected a whole number of 0 or more, got \"20\"", "leave the quotes out: points: 20";
    negative_number: ["points: 20" => "points: -5"], "4:9: points: expected a whole number of 0 or more, got -5", "as a number";
    fraction: ["points: 20" => "points: 2.5"], "4:9: points: expected a whole number of 0 or more, got 2.5", "as a number";
    number_too_large: ["points: 20" => "points: 4294967296"], "4:9: points: expected a whole number from 0 to 4294967295, got 4294967296", "as a number";
    nothing_for_number: ["points: 20" => "points:"], "4:1: points: expected a whole number of 0 or more, got nothing", "as a number";
    number_for_text: ["title: Two records and a short write" => "title: 5"], "3:8: title: expected a text, got 5", "in quotes";
    text_for_boolean: ["unsolved-in-starter: true" => "unsolved-in-starter: yes"], "6:22: unsolved-in-starter: expected true or false, got \"yes\"", "without quotes";
    fields_for_list: ["  - What does" => "  what: does"], "27:1: hints: expected a list, got fields", "behind `- `";
    list_for_fields: ["    faults:\n      max: 2\n      short-writes: [file]" => "    faults:\n      - max: 2"], "21:5: cases[0].faults: expected fields, got a list", "";
    text_for_fields: ["kind: exhaustive\n      executions: 20000\n      steps: 400" => "exhaustive"], "17:5: cases[0].strategy: expected fields, got \"exhaustive\"", "field: value";
    unknown_word: ["kind: regular" => "kind: reglar"], "14:13: cases[0].file.kind: expected one of regular, missing, missing-folder, fifo, limited, full, got \"reglar\"", "did you mean `regular`?";
    nothing_for_option: ["{ record: a, times: 12 }" => "{ record: a, times: }"], "11:22: cases[0].args[1].times: expected a whole number of 1 or more, got nothing", "as a number";
    status_too_large: ["status: 0" => "status: 256"], "26:38: cases[0].oracles[1].status: expected a whole number from 0 to 255, got 256", "as a number";
    zero_executions: ["executions: 20000" => "executions: 0"], "19:19: cases[0].strategy.executions: expected a whole number of 1 or more, got 0", "such as 5";
    no_hints: ["hints:\n  - What does write(2) return?" => "hints: []"], "27:8: hints: the list is empty", "at least 1 entry";
    no_cases: ["title: Two" => "title: Two"  , "cases:\n" => "cases: []\nx:\n"], "7:8: cases: the list is empty", "at least 1 entry";
}

// The scenario as a whole.
refusals! {
    id_of_another_file: ["id: short-writes" => "id: short"], "2:5: id: the id is `short`, but the file is called short-writes.yaml", "id: short-writes";
    id_that_is_no_name: ["id: short-writes" => "id: ../short"], "2:5: id: \"../short\" is not a name", "hyphens";
    program_that_is_no_name: ["program: forkwrite" => "program: bin/forkwrite"], "5:10: program: \"bin/forkwrite\" is not a name", "hyphens";
    empty_title: ["title: Two records and a short write" => "title: ''"], "3:8: title: the text is empty", "write something";
    title_of_two_lines: ["title: Two records and a short write" => "title: \"a\\nb\""], "3:8: title: more than one line", "one line";
    empty_hint: ["- What does write(2) return?" => "- ' '"], "28:5: hints[0]: the text is empty", "write something";
    case_name_twice: ["hints:" => "  - name: two-records\n    args: []\n    file: { kind: missing }\n    strategy: { kind: exhaustive, executions: 1, steps: 1 }\n    oracles: [{ rule: exit-status, status: 2 }]\nhints:"], "27:11: cases[1].name: `two-records` is also cases[0].name", "its own name";
    case_name_that_is_no_name: ["name: two-records" => "name: Two records"], "8:11: cases[0].name: \"Two records\" is not a name", "hyphens";
}

// Arguments.
refusals! {
    no_arguments: ["args:\n      - file: true\n      - { record: a, times: 12 }\n      - { record: b, times: 20 }" => "args: []"], "9:11: cases[0].args: the list is empty", "usage error";
    argument_of_nothing: ["{ record: a, times: 12 }" => "{}"], "11:9: cases[0].args[1]: an argument without `text`, `record` or `file`", "exactly one";
    argument_of_two_kinds: ["{ record: a, times: 12 }" => "{ record: a, text: b }"], "11:9: cases[0].args[1]: more than one of `text`, `record` and `file`", "exactly one";
    file_false: ["file: true" => "file: false"], "10:15: cases[0].args[0].file: expected true, got false", "file: true";
    file_twice: ["{ record: a, times: 12 }" => "file: true"], "11:15: cases[0].args[1].file: FILE is also args[0]", "once";
    times_without_record: ["{ record: a, times: 12 }" => "{ text: a, times: 12 }"], "11:20: cases[0].args[1].times: goes only with `record`", "`record` for `text`";
    times_zero: ["times: 12" => "times: 0"], "11:29: cases[0].args[1].times: expected a whole number of 1 or more, got 0", "as a number";
    newline_in_record: ["record: a, times: 12" => "record: \"a\\nb\""], "11:19: cases[0].args[1].record: a newline in a record", "adds the newline";
    nul_in_argument: ["record: a, times: 12" => "text: \"a\\0b\""], "11:17: cases[0].args[1].text: a NUL byte in an argument", "NUL";
    argument_too_long: ["times: 12" => "times: 131072"], "11:19: cases[0].args[1].record: the argument has 131072 bytes, 131071 are allowed", "execve(2)";
    argument_far_too_long: ["record: a, times: 12" => "record: aaaaaaaaaaaaaaaaaaaaaaaa, times: 4294967295"], "11:19: cases[0].args[1].record: the argument has 103079215080 bytes, 131071 are allowed", "execve(2)";
    arguments_too_long: ["      - { record: b, times: 20 }" => "      - { record: b, times: 131071 }\n".repeat(9)], "19:9: cases[0].args[9]: the arguments up to here have 1048580 bytes, 1048576 are allowed", "fewer or shorter";
}

// FILE.
refusals! {
    file_that_no_argument_names: ["      - file: true\n" => ""], "12:5: cases[0].file: there is a FILE, but no argument names it", "- file: true";
    content_of_a_missing_file: ["kind: regular" => "kind: missing"], "15:7: cases[0].file.content: goes only with kind regular or limited", "remove content";
    no_content: ["      content: |\n        a line from before\n" => ""], "13:5: cases[0].file: kind regular needs the field `content`", "content: \"\"";
    content_without_newline: ["content: |" => "content: |-"], "15:7: cases[0].file.content: does not end in a newline", "content: |";
    limit_of_a_regular_file: ["kind: regular" => "kind: regular\n      limit-bytes: 30"], "15:7: cases[0].file.limit-bytes: goes only with kind limited", "remove limit-bytes";
    no_limit: ["kind: regular" => "kind: limited"], "13:5: cases[0].file: kind limited needs the field `limit-bytes`", "limit-bytes: 100";
    limit_below_content: ["kind: regular" => "kind: limited\n      limit-bytes: 18"], "15:20: cases[0].file.limit-bytes: is 18, but FILE holds 19 bytes at the start", "raise it";
    limit_that_cuts_nothing: ["kind: regular" => "kind: limited\n      limit-bytes: 53"], "15:20: cases[0].file.limit-bytes: is 53, but all lines together have 53 bytes", "lower it";
}

// Strategy and faults.
refusals! {
    no_budget: ["      executions: 20000\n" => ""], "17:5: cases[0].strategy: kind exhaustive needs the field `executions`", "executions: 20000";
    no_steps: ["      steps: 400\n" => ""], "17:5: cases[0].strategy: kind exhaustive needs the field `steps`", "steps: 400";
    depth_of_exhaustive: ["steps: 400" => "steps: 400\n      depth: 3"], "21:7: cases[0].strategy.depth: goes only with kind pct", "remove depth";
    rounds_of_exhaustive: ["steps: 400" => "steps: 400\n      rounds: 3"], "21:7: cases[0].strategy.rounds: goes only with kind native", "remove rounds";
    pct_without_depth: ["kind: exhaustive" => "kind: pct"], "17:5: cases[0].strategy: kind pct needs the field `depth`", "depth: 3";
    pct_with_preemptions: ["kind: exhaustive" => "kind: pct\n      depth: 3\n      preemptions: 1"], "20:7: cases[0].strategy.preemptions: goes only with kind exhaustive", "remove preemptions";
    native_without_rounds: ["kind: exhaustive\n      executions: 20000\n      steps: 400" => "kind: native"], "17:5: cases[0].strategy: kind native needs the field `rounds`", "rounds: 5";
    native_with_executions: ["kind: exhaustive" => "kind: native\n      rounds: 5"], "20:7: cases[0].strategy.executions: goes only with kind exhaustive or pct", "remove executions";
    native_without_fifo: ["kind: exhaustive\n      executions: 20000\n      steps: 400" => "kind: native\n      rounds: 5"], "18:13: cases[0].strategy.kind: native is only for a FILE of kind fifo", "kind: exhaustive";
    fifo_without_native: ["kind: regular\n      content: |\n        a line from before" => "kind: fifo"], "14:13: cases[0].file.kind: a fifo can only be tried with strategy native", "kind: native";
    native_with_faults: [
        "kind: exhaustive\n      executions: 20000\n      steps: 400" => "kind: native\n      rounds: 5",
        "kind: regular\n      content: |\n        a line from before" => "kind: fifo"
    ], "18:5: cases[0].faults: nothing can be injected with strategy native", "signals";
    no_faults_at_all: ["max: 2" => "max: 0"], "22:12: cases[0].faults.max: expected a whole number of 1 or more, got 0", "as a number";
    faults_without_target: ["      short-writes: [file]\n" => ""], "21:5: cases[0].faults: faults without a target", "interruptions: [file, blocked]";
    fault_target_twice: ["[file]" => "[file, file]"], "23:28: cases[0].faults.short-writes[1]: is given twice", "remove one";
    unknown_fault_target: ["[file]" => "[blocked]"], "23:22: cases[0].faults.short-writes[0]: expected one of file, got \"blocked\"", "one of these words";
    faults_without_file: [
        "      - file: true\n" => "",
        "kind: regular\n      content: |\n        a line from before" => "kind: missing"
    ], "18:5: cases[0].faults: there is no FILE to inject faults at", "- file: true";
}

// Oracles.
refusals! {
    no_oracles: ["oracles:\n      - rule: records\n      - { rule: exit-status, status: 0, only-by-fault: true }" => "oracles: []"], "24:14: cases[0].oracles: the list is empty", "at least 1";
    rule_twice: ["rule: exit-status, status: 0" => "rule: records"], "26:17: cases[0].oracles[1].rule: this rule is judged already", "once a case";
    exit_status_without_status: ["status: 0, " => ""], "26:17: cases[0].oracles[1].rule: exit-status needs the field `status`", "status: 0";
    status_of_another_rule: ["rule: exit-status," => "rule: reaped,"], "26:25: cases[0].oracles[1].status: goes only with rule exit-status", "remove it";
    only_by_fault_without_faults: ["    faults:\n      max: 2\n      short-writes: [file]\n" => ""], "23:41: cases[0].oracles[1].only-by-fault: there are no faults in this case", "add `faults`";
    records_without_record: [
        "{ record: a, times: 12 }" => "text: a",
        "{ record: b, times: 20 }" => "text: b"
    ], "25:15: cases[0].oracles[0].rule: needs a record among the arguments, there are 0", "- record";
    records_without_file: [
        "      - file: true\n" => "",
        "kind: regular\n      content: |\n        a line from before" => "kind: missing",
        "    faults:\n      max: 2\n      short-writes: [file]\n" => "",
        ", only-by-fault: true" => ""
    ], "19:15: cases[0].oracles[0].rule: needs FILE among the arguments", "- file: true";
    records_in_full_file: ["kind: regular\n      content: |\n        a line from before" => "kind: full"], "23:15: cases[0].oracles[0].rule: the records cannot all be in a FILE of this kind", "records-until-full";
    records_in_missing_folder: ["kind: regular\n      content: |\n        a line from before" => "kind: missing-folder"], "23:15: cases[0].oracles[0].rule: the records cannot all be in a FILE of this kind", "status: 1";
    until_full_of_regular_file: ["rule: records" => "rule: records-until-full"], "25:15: cases[0].oracles[0].rule: records-until-full needs a FILE of kind limited or full", "use rule records";
    writers_of_one_record: [
        "      - { record: b, times: 20 }\n" => "",
        "rule: records" => "rule: writers"
    ], "24:15: cases[0].oracles[0].rule: needs at least two records among the arguments, there are 1", "- record";
    shared_lock_of_one_record: [
        "      - { record: b, times: 20 }\n" => "",
        "rule: records" => "rule: shared-lock"
    ], "24:15: cases[0].oracles[0].rule: needs at least two records among the arguments, there are 1", "- record";
    writers_with_native: [
        "kind: exhaustive\n      executions: 20000\n      steps: 400" => "kind: native\n      rounds: 5",
        "kind: regular\n      content: |\n        a line from before" => "kind: fifo",
        "    faults:\n      max: 2\n      short-writes: [file]\n" => "",
        ", only-by-fault: true" => "",
        "rule: records" => "rule: writers"
    ], "19:15: cases[0].oracles[0].rule: cannot be judged with strategy native", "exhaustive or pct";
    unknown_rule: ["rule: records" => "rule: record"], "25:15: cases[0].oracles[0].rule: expected one of records, records-until-full, writers, exit-status, reaped, shared-lock, gate, gate-full, rendezvous, relay, shared-wait, records-of-survivors, death-is-told, got \"record\"", "did you mean `records`?";
}
