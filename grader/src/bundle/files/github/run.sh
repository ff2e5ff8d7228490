#!/bin/sh
# The action's one step: a summary, annotations, and a failure if marks are lost.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
sh "$here/grade" github="$GITHUB_STEP_SUMMARY" "$GITHUB_WORKSPACE/${SUBMISSION:-.}"
