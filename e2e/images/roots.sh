#!/bin/bash
# roots.sh WORKDIR BIG(0|1): WORKDIR/roots/NAME for each layer of the critest images (push.py packs them).
# Up to date if this folder's files and the compiler have not changed.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
work=$1 big=$2 roots=$1/roots
. "$here/lib.sh"

stamp() { { gcc --version; cat "$here"/roots.sh "$here"/lib.sh "$here"/layer.py "$here"/src/*.c; } | sha256sum; }
now=$(stamp)
up_to_date() { [ "$(cat "$work/.$1.stamp" 2>/dev/null)" = "$now" ]; }
done_with() { echo "$now" > "$work/.$1.stamp"; }
fresh() { rm -rf "${roots:?}/$1" "$work/layers/$1".*; mkdir -p "$roots/$1"; }

busybox_root() {
  fresh busybox; fresh .bb
  local r=$roots/busybox
  accounts "$r"
  deb .bb busybox libc6
  busybox_into "$r" "$roots/.bb"
  install -m755 "$work/bin/tools" "$r/bin/ipcs"
  ln -f "$r/bin/ipcs" "$r/bin/pgrep"
}

small_roots() {
  fresh pause; install -m755 "$work/bin/pause" "$roots/pause/pause"
  fresh nonewprivs; install -m4755 "$work/bin/nnp" "$roots/nonewprivs/nnp"
  fresh group; mkdir -p "$roots"/group/{etc,home/default-user}
  { cat "$roots/busybox/etc/passwd"; echo default-user:x:1000:1000::/home/default-user:/bin/sh; } > "$roots/group/etc/passwd"
  { cat "$roots/busybox/etc/group"; echo default-user:x:1000:; echo group-defined-in-image:x:50000:default-user; } > "$roots/group/etc/group"
}

# nginx_conf DIR PORT
nginx_conf() {
  mkdir -p "$1/etc/nginx"
  cat > "$1/etc/nginx/nginx.conf" <<EOF
user www-data; worker_processes 1; pid /run/nginx.pid; error_log /dev/stderr warn;
events { worker_connections 128; }
http { default_type text/html; access_log /dev/stdout; server { listen $2; listen [::]:$2; root /srv/www; index index.html; } }
EOF
}

nginx_roots() {
  fresh webbase; deb webbase libc6 libcrypt1 zlib1g libpcre2-8-0 libssl3 libexpat1 libuuid1
  rm -rf "$roots"/webbase/usr/lib/x86_64-linux-gnu/{gconv,engines-3,ossl-modules} "$roots/webbase/etc/ld.so.conf.d"
  fresh nginx; deb nginx nginx
  local r=$roots/nginx
  rm -rf "$r/etc/nginx" "$r/usr/share/nginx/modules-available"
  mkdir -p "$r"/{var/lib/nginx/{body,proxy,fastcgi,uwsgi,scgi},var/log/nginx,run,srv/www}
  printf '<html><head><title>Welcome to nginx!</title></head><body><h1>It works</h1></body></html>\n' > "$r/srv/www/index.html"
  nginx_conf "$r" 80
  fresh hostnet; nginx_conf "$roots/hostnet" 12003
}

httpd_root() {
  fresh httpd; fresh .ap
  deb httpd libapr1 libaprutil1; deb .ap apache2-bin
  local r=$roots/httpd m modules='mpm_event authz_core dir mime'
  mkdir -p "$r"/{usr/local/bin,usr/lib/apache2/modules,etc/httpd,srv/www,run/httpd}
  cp -a "$roots/.ap/usr/sbin/apache2" "$r/usr/local/bin/httpd"
  for m in $modules; do cp -a "$roots/.ap/usr/lib/apache2/modules/mod_$m.so" "$r/usr/lib/apache2/modules/"; done
  printf 'text/html html\n' > "$r/etc/httpd/mime.types"
  printf '<html><body><h1>It works!</h1></body></html>\n' > "$r/srv/www/index.html"
  {
    for m in $modules; do echo "LoadModule ${m}_module /usr/lib/apache2/modules/mod_$m.so"; done
    printf '%s\n' 'ServerRoot /etc/httpd' 'Listen 80' 'PidFile /run/httpd/httpd.pid' 'DefaultRuntimeDir /run/httpd' \
      'Mutex file:/run/httpd default' 'User www-data' 'Group www-data' 'TypesConfig /etc/httpd/mime.types' \
      'ErrorLog /dev/stderr' 'LogLevel notice' 'DirectoryIndex index.html' 'DocumentRoot /srv/www' \
      '<Directory /srv/www>' ' Require all granted' '</Directory>'
  } > "$r/etc/httpd/httpd.conf"
}

# six layers of Debian packages, about 30,000 files
big_roots() {
  local i
  for i in 1 2 3 4 5 6; do fresh big$i; done
  deb big1 base-files libc6 libc-bin bash coreutils dpkg perl-base tar gzip sed grep findutils util-linux libssl3 zlib1g
  deb big2 python3.11-minimal libpython3.11-minimal libpython3.11-stdlib libpython3.11 python3.11-dev libpython3.11-dev perl-modules-5.36 libperl5.36 git
  deb big3 gcc-12 cpp-12 g++-12 libstdc++-12-dev libgcc-12-dev binutils-x86-64-linux-gnu libc6-dev linux-libc-dev
  deb big4 openjdk-17-jre-headless
  deb big5 libllvm14 libicu72 golang-1.19-src
  deb big6 nginx redis-server redis-tools postgresql-15 postgresql-client-15 vim-common vim-runtime
}

umask 022
if ! up_to_date small; then
  for p in pause nnp tools; do gcc -Os -s -static -Wall -Wextra -Werror -Wl,--build-id=none -o "$work/bin/$p" "$here/src/$p.c"; done
  busybox_root; small_roots; nginx_roots; httpd_root
  done_with small
fi
if [ "$big" = 1 ] && ! up_to_date big; then big_roots; done_with big; fi
