#!/bin/sh
# find-go.sh: prints the folder of a `go` that understands our go.mod files: the one on PATH or in /usr/local/go if it is
# new enough, else the toolchain that an older `go` (Debian 12 has 1.19) fetches as the Go module golang.org/toolchain,
# checked against the checksum database like every module. docs/adr/0002 says why.
set -eu
wanted=1.26.2

new_enough() { # new_enough GO
  have=$(GOTOOLCHAIN=local "$1" env GOVERSION 2>/dev/null | sed 's/^go//; s/[^0-9.].*//')
  [ -n "$have" ] && [ "$(printf '%s\n%s\n' "$wanted" "$have" | sort -V | head -n 1)" = "$wanted" ]
}

any=
for go in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go-*/bin/go; do
  [ -x "$go" ] || continue
  any=${any:-$go}
  if new_enough "$go"; then
    dirname "$go"
    exit 0
  fi
done
[ -n "$any" ] || {
  echo "Onggi's end-to-end tools need Go: apt-get install golang-go (any version: the rest is fetched), or put Go $wanted on PATH." >&2
  exit 1
}
module="golang.org/toolchain@v0.0.1-go$wanted.linux-amd64"
folder="$("$any" env GOMODCACHE)/$module"
if [ ! -x "$folder/bin/go" ]; then
  GOFLAGS=-mod=mod GO111MODULE=on "$any" mod download "$module" >&2
  chmod +x "$folder"/bin/* "$folder"/pkg/tool/*/* # module zips carry no execute bits
fi
echo "$folder/bin"
