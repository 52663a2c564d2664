# lib.sh, sourced by roots.sh and demo/mkdemo.sh: root file systems from Debian packages.
# Expects $work (downloads go to $work/debs) and $roots (root file systems are made in $roots/NAME).

# fetch PKG: leaves PKG's file in WORKDIR/debs; a machine without package lists gets them first
fetch() {
  compgen -G "$work/debs/$1_*.deb" >/dev/null && return
  local get=(apt-get download -q -o APT::Sandbox::User=root "$1")
  (cd "$work/debs" && { "${get[@]}" || { apt-get update -q && "${get[@]}"; }; }) >"$work/apt.log" 2>&1 ||
    { echo "roots: cannot download $1: $(tail -1 "$work/apt.log")" >&2; exit 1; }
}

# deb ROOT PKG...: unpacks packages, without maintainer scripts and documentation
deb() {
  local to=$roots/$1 p; shift
  mkdir -p "$to"
  for p in "$@"; do
    fetch "$p"
    dpkg-deb --fsys-tarfile "$(compgen -G "$work/debs/${p}_*.deb" | head -1)" | tar -C "$to" -x \
      --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' --exclude='./usr/share/lintian/*'
  done
}

# accounts DIR: /etc/passwd and the like, and the directories that every image has
accounts() {
  mkdir -p "$1"/{bin,sbin,etc,dev,proc,sys,tmp,root,home,run,var/log,var/tmp,usr/bin,usr/sbin,mnt}
  chmod 1777 "$1/tmp" "$1/var/tmp"
  chmod 700 "$1/root"
  ln -sfn ../run "$1/var/run"
  printf '%s\n' root:x:0:0:root:/root:/bin/sh daemon:x:1:1:daemon:/usr/sbin:/bin/false bin:x:2:2:bin:/bin:/bin/false \
    sys:x:3:3:sys:/dev:/bin/false mail:x:8:8:mail:/var/mail:/bin/false www-data:x:33:33:www-data:/var/www:/bin/false \
    operator:x:37:37:operator:/var:/bin/false nobody:x:65534:65534:nobody:/home:/bin/false > "$1/etc/passwd"
  printf '%s\n' root:x:0: daemon:x:1: bin:x:2: sys:x:3: adm:x:4: tty:x:5: mail:x:8: www-data:x:33: operator:x:37: \
    users:x:100: nogroup:x:65534: > "$1/etc/group"
  printf 'hosts: files dns\n' > "$1/etc/nsswitch.conf"
  printf '127.0.0.1 localhost\n' > "$1/etc/hosts"
  printf '#!/bin/sh\n' > "$1/etc/profile"
  echo localhost > "$1/etc/hostname"
}

# busybox_into DIR FROM: Debian's dynamic busybox and its libraries, taken from the tree FROM. Not busybox-static:
# its shell runs applets without exec of /bin/ls and the like, which critest's MaskedPaths spec needs.
# Applets are hard links, so that unpackers meet some.
busybox_into() {
  local lib=lib/x86_64-linux-gnu l a
  mkdir -p "$1/$lib" "$1/lib64"
  cp -pL "$2/bin/busybox" "$1/bin/"
  for l in libc.so.6 libresolv.so.2 libm.so.6 libnss_dns.so.2 libnss_files.so.2 ld-linux-x86-64.so.2; do
    cp -pL "$2/$lib/$l" "$1/$lib/"
  done
  ln -sfn "../$lib/ld-linux-x86-64.so.2" "$1/lib64/ld-linux-x86-64.so.2"
  for a in $("$1/bin/busybox" --list); do
    case $a in busybox | linuxrc) ;; *) ln -f "$1/bin/busybox" "$1/bin/$a" ;; esac
  done
  ln -sfn ../../bin/env "$1/usr/bin/env"
}
