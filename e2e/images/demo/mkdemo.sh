#!/bin/bash
# mkdemo.sh OUT.tar: the image docker.io/onggi/demo:1 as a tar that is both an OCI layout and a docker-archive
# (index.json and manifest.json name the same blobs). No registry; the same bytes each time.
#
# Layer 1: Debian's dynamic busybox, the programs of src/ in /bin, and in /demo the files that layer 2 changes.
# Layer 2 shows overlay semantics:
#   /demo/changed   "layer 1" in the first layer, "layer 2" in the second
#   /demo/deleted   only in the first: a whiteout hides it
#   /demo/opaque/   "old" in the first, hidden by an opaque whiteout; "new" in the second
# Scratch folder: $ONGGI_DEMO_WORK, default build/demo-image of the repository.
# Needs bash, python3, musl-gcc or gcc with a static libc, and Debian's busybox package or apt-get to fetch it.
set -euo pipefail
[ $# = 1 ] || { echo "usage: $0 OUT.tar" >&2; exit 2; }
here=$(cd "$(dirname "$0")" && pwd)
work=${ONGGI_DEMO_WORK:-$here/../../../build/demo-image}
mkdir -p "$work"/{bin,debs,roots} "$(dirname "$1")"
work=$(cd "$work" && pwd) roots=$work/roots
. "$here/../lib.sh"
exec 9> "$work/.lock"; flock 9

# tree that has Debian's busybox and libc6: the host if the package is installed, else a download
busybox_source() {
  if [ "$(dpkg-query -W -f '${Status}' busybox 2>/dev/null)" = 'install ok installed' ]; then echo /; return; fi
  deb .bb busybox libc6 && echo "$roots/.bb"
}

compiler() { command -v musl-gcc || command -v gcc || { echo "mkdemo: no musl-gcc and no gcc: apt-get install musl-tools" >&2; exit 1; }; }

build() {
  local base=$roots/base change=$roots/change cc p from
  rm -rf "$roots"; mkdir -p "$base/demo/opaque" "$change/demo/opaque"
  accounts "$base"
  from=$(busybox_source)
  busybox_into "$base" "$from"
  cc=$(compiler)
  for p in escape burn hog lines shm; do
    "$cc" -std=gnu17 -O2 -s -static -Wall -Wextra -Werror -Wl,--build-id=none -o "$base/bin/$p" "$here/src/$p.c"
  done
  echo 'layer 1' | tee "$base/demo/changed" "$base/demo/deleted" > "$base/demo/opaque/old"
  echo 'layer 2' | tee "$change/demo/changed" > "$change/demo/opaque/new"
  : > "$change/demo/.wh.deleted"
  : > "$change/demo/opaque/.wh..wh..opq"
  python3 "$here/pack.py" "$work/demo.tar" "$base" "$change"
}

umask 022
now=$({ cat "$here"/*.* "$here"/src/*.c "$here"/../lib.sh "$here"/../layer.py; "$(compiler)" --version; dpkg-query -W busybox libc6 2>/dev/null || true; } | sha256sum)
if [ ! -f "$work/demo.tar" ] || [ "$(cat "$work/.stamp" 2>/dev/null)" != "$now" ]; then
  build
  echo "$now" > "$work/.stamp"
fi
cp "$work/demo.tar" "$1"
