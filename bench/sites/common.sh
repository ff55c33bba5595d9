# Sourced by the scripts that start a real program: NAME.sh start ITEMS.jsonl | fill ITEMS.jsonl | stop
# The program holds exactly the items of the file (items.py writes such files); start begins from nothing. What it is made
# of lies in $SITES_STATE/NAME (default: adwatch-sites in the temporary folder; www-data must be able to enter it).
set -euo pipefail
HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
NAME=$(basename "$0" .sh)
STATE=${SITES_STATE:-${TMPDIR:-/tmp}/adwatch-sites}/$NAME
HOST=127.0.0.1
PORT=${SITES_PORT:-0}
export LC_ALL=C.UTF-8
mkdir -p "$STATE"
[ "$PORT" != 0 ] || PORT=$(cat "$STATE/port" 2>/dev/null || python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
BASE=http://$HOST:$PORT

die() { echo "$NAME.sh: $*" >&2; exit 3; }
lacking() { echo "$NAME.sh: $*" >&2; exit 4; } # nothing is wrong here, but the program cannot be had

# need_apt PACKAGE...: install what is missing, without starting services
need_apt() {
    local missing=() one policy=
    for one in "$@"; do dpkg-query -W -f='${Status}' "$one" 2>/dev/null | grep -q 'ok installed' || missing+=("$one"); done
    [ ${#missing[@]} -gt 0 ] || return 0
    [ "$(id -u)" = 0 ] || lacking "install as root: ${missing[*]}"
    policy=/usr/sbin/policy-rc.d
    if [ -e $policy ]; then policy=; else printf '#!/bin/sh\nexit 101\n' >$policy; chmod 755 $policy; fi
    { apt-get update -q && DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${missing[@]}"; } \
        >"$STATE/apt.log" 2>&1 || { [ -z "$policy" ] || rm -f "$policy"; tail -5 "$STATE/apt.log" >&2; lacking "apt-get failed"; }
    [ -z "$policy" ] || rm -f "$policy"
}

# file_of PACKAGE SUFFIX: the installed file whose path ends so
file_of() {
    local found
    found=$(dpkg-query -L "$1" | awk -v end="$2" 'substr($0, length($0) - length(end) + 1) == end && !n++')
    [ -n "$found" ] || die "no $2 in package $1"
    echo "$found"
}

# spawn COMMAND...: run it in a session of its own and remember it with its start time
began() { sed 's/.*) //' "/proc/$1/stat" 2>/dev/null | cut -d' ' -f20; }
spawn() {
    setsid "$@" >>"$STATE/log" 2>&1 </dev/null &
    local pid=$!
    sleep 0.2
    echo "$pid $(began $pid)" >>"$STATE/pids"
}

stop_all() {
    local pid since at one all
    [ -f "$STATE/pids" ] || return 0
    while read -r pid since; do
        [ -n "$since" ] && [ "$(began "$pid")" = "$since" ] || continue # the number may be another's by now
        all=$(ps -o pid= -s "$pid" || true)
        kill "$pid" 2>/dev/null || true
        for at in $(seq 100); do [ "$(began "$pid")" = "$since" ] || break; sleep 0.1; done
        for one in $all; do kill -9 "$one" 2>/dev/null || true; done
    done < <(tac "$STATE/pids")
    rm -f "$STATE/pids" "$STATE/port"
}

# apache ROOT [EXTRA]: Debian's Apache with PHP, configured for itself alone
apache() {
    local program mods one
    program=$(file_of apache2-bin /sbin/apache2)
    mods=$(dirname "$(file_of apache2-bin /mod_dir.so)")
    chmod -R a+rX "$STATE"
    setpriv --reuid=www-data --regid=www-data --clear-groups test -r "$1/index.php" \
        || die "www-data cannot read $1: set SITES_STATE to a folder that it may enter"
    {
        printf 'ServerRoot "%s"\nPidFile "%s/apache.pid"\nListen %s:%s\nServerName %s:%s\nDocumentRoot "%s"\n' \
            "$STATE" "$STATE" "$HOST" "$PORT" "$HOST" "$PORT" "$1"
        for one in mpm_prefork authz_core dir mime rewrite deflate filter setenvif headers alias env; do
            echo "LoadModule ${one}_module $mods/mod_$one.so"
        done
        for one in "$mods"/libphp*.so; do echo "LoadModule php_module $one"; break; done
        cat <<CONF
User www-data
Group www-data
StartServers 2
MaxSpareServers 4
MaxRequestWorkers 8
KeepAlive On
TypesConfig "$(file_of media-types /mime.types)"
DirectoryIndex index.php index.html
AddOutputFilterByType DEFLATE text/html application/json application/rss+xml
ErrorLog "$STATE/apache-error.log"
<FilesMatch "\.php$">
  SetHandler application/x-httpd-php
</FilesMatch>
<Directory "$1">
  Require all granted
  AllowOverride All
  Options FollowSymLinks
</Directory>
$2
CONF
    } >"$STATE/apache.conf"
    spawn "$program" -DFOREGROUND -f "$STATE/apache.conf"
}

answers() {
    for _ in $(seq 240); do
        curl -fs -o /dev/null -m 20 "$1" && return 0
        sleep 0.5
    done
    tail -5 "$STATE/log" >&2
    return 1
}

# main VERB [ITEMS]: site_start and site_fill ITEMS come from the script, CHECK is a page that answers
main() {
    case "${1:-}" in
        start)
            [ -r "${2:-}" ] || die "usage: $NAME.sh start ITEMS.jsonl"
            stop_all
            echo "$PORT" >"$STATE/port"
            : >"$STATE/log"
            trap 'rc=$?; [ $rc -eq 0 ] || stop_all' EXIT
            site_start
            site_fill "$(realpath "$2")"
            answers "$BASE$CHECK" || die "$BASE$CHECK does not answer"
            echo "$BASE" ;;
        fill)
            [ -r "${2:-}" ] || die "usage: $NAME.sh fill ITEMS.jsonl"
            site_fill "$(realpath "$2")" ;;
        stop) stop_all ;;
        *) die "usage: $NAME.sh start ITEMS.jsonl | fill ITEMS.jsonl | stop" ;;
    esac
}
