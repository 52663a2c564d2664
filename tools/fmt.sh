#!/bin/sh
# fmt.sh: formats Java (google-java-format), C (clang-format) and Go (gofmt) in place.
set -eu
cd "$(dirname "$0")/.."
mvn -q -B spotless:apply
git ls-files '*.c' '*.h' | xargs -r clang-format -i
git ls-files '*.go' | xargs -r gofmt -w
