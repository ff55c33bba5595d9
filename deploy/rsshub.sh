#!/bin/sh
# A real RSSHub on loopback, a program of its own (AGPL-3.0, unmodified), from the packages that rsshub/package-lock.json names.
#   deploy/rsshub.sh start [FOLDER]   installs it once, starts it, prints its URL on the last line and returns when it answers
#   deploy/rsshub.sh stop  [FOLDER]   ends it
# FOLDER (default var/rsshub) holds packages (0.6 GB, Node 24 among them), pid and log. Needs npm and curl. Variables:
# ADWATCH_RSSHUB_PORT (default: 1200), and whatever RSSHub itself reads, such as WEIBO_COOKIES, CHROMIUM_EXECUTABLE_PATH.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
verb=${1:-start}
folder=${2:-var/rsshub}
die() { echo "rsshub.sh: $*" >&2; exit 3; }
lacking() { echo "rsshub.sh: $*" >&2; exit 4; } # nothing is wrong here, but there can be no server

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

# the file alone proves nothing: the number may be another process's by now
running() {
    [ -f "$folder/pid" ] && pid=$(cat "$folder/pid") && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null \
        && tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qF "$folder/server.mjs"
}

stop() {
    running || { echo "rsshub.sh: none is running in $folder" >&2; rm -f "$folder/pid"; return 0; }
    kill "$pid"
    for _ in $(seq 40); do kill -0 "$pid" 2>/dev/null || break; sleep 0.25; done
    ! running || kill -9 "$pid"
    rm -f "$folder/pid"
}

fetch() {
    for tool in npm curl; do command -v "$tool" >/dev/null || lacking "$tool is missing"; done
    cp "$here/rsshub/server.mjs" "$folder/"
    if [ -f "$folder/.installed" ] && cmp -s "$here/rsshub/package-lock.json" "$folder/.installed"; then return 0; fi
    cp "$here/rsshub/package.json" "$here/rsshub/package-lock.json" "$folder/"
    (cd "$folder" && PUPPETEER_SKIP_DOWNLOAD=1 PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1 \
        npm ci --omit=dev --ignore-scripts --no-audit --no-fund) > "$folder/npm.log" 2>&1 \
        || { tail -5 "$folder/npm.log" >&2; lacking "npm cannot install it, see $folder/npm.log"; }
    cp "$here/rsshub/package-lock.json" "$folder/.installed"
}

case $verb in
    stop) stop; exit 0 ;;
    start) ;;
    *) die "start or stop" ;;
esac

port=${ADWATCH_RSSHUB_PORT:-1200}
url=http://127.0.0.1:$port
if running; then cat "$folder/url"; exit 0; fi
rm -f "$folder/pid"
fetch
NO_LOGFILES=1 PORT=$port setsid "$folder/node_modules/.bin/node" "$folder/server.mjs" > "$folder/log" 2>&1 < /dev/null &
echo $! > "$folder/pid"
echo "$url" > "$folder/url"
for _ in $(seq 480); do
    if grep -q "^READY $port" "$folder/log" && curl -fs "$url/healthz" >/dev/null 2>&1; then echo "$url"; exit 0; fi
    running || { tail -5 "$folder/log" >&2; rm -f "$folder/pid"; die "it ended while starting; see $folder/log"; }
    sleep 0.25
done
die "no answer at $url within two minutes; see $folder/log"
