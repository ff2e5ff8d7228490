#!/bin/sh
# Unpacks what was handed in and grades it. The scores are the last line that
# is printed.
set -eu
rm -rf submission
mkdir submission
if [ -e handin.zip ]; then
    unzip -q handin.zip -d submission
else
    for handin in handin.tar.gz handin.tgz handin.tar; do
        [ -e "$handin" ] || continue
        tar xf "$handin" -C submission --no-same-owner
        break
    done
fi
code=0
sh autograde/grade autolab=- submission || code=$?
case $code in
0 | 1 | 5) exit 0 ;;
*) exit "$code" ;;
esac
