#!/usr/bin/env bash
# Submits a class: a job array that grades it, and a job that merges. Prints
# both jobs' numbers, one a line.
set -euo pipefail

if [ $# -ne 3 ]; then
    echo "error: $# arguments instead of three" >&2
    echo "help: submit.sh CLASS RESULTS SHARDS, with GRADER=PATH-OF-THE-GRADER" >&2
    exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$2"
CLASS=$(cd "$1" && pwd)
RESULTS=$(cd "$2" && pwd)
export CLASS RESULTS SHARDS=$3
export GRADER=${GRADER:?set it to the path of the grader, on all nodes}
export GRADE_OPTIONS=${GRADE_OPTIONS-} MERGE_OPTIONS=${MERGE_OPTIONS-}

# SBATCH_OPTIONS, such as a partition or a time limit, is several words.
# shellcheck disable=SC2086
array=$(sbatch --parsable --array="1-$SHARDS" --output="$RESULTS/part-%a.log" \
    ${SBATCH_OPTIONS-} "$here/grade.sbatch")
# shellcheck disable=SC2086
merge=$(sbatch --parsable --dependency="afterany:${array%%;*}" \
    --output="$RESULTS/merge.log" ${SBATCH_OPTIONS-} "$here/merge.sbatch")
printf '%s\n' "${array%%;*}" "${merge%%;*}"
