#!/bin/sh
# Runs once, when Gradescope makes the autograder's image.
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install --yes --no-install-recommends gcc libc6-dev make

# For submissions that are Cargo packages: Ubuntu has rustup from 24.04 on.
if apt-cache show rustup >/dev/null 2>&1; then
    apt-get install --yes --no-install-recommends rustup
    rustup default stable
else
    echo "this image has no rustup: Cargo packages will not build" >&2
fi
