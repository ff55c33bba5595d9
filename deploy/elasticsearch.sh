#!/bin/sh
# Starts a real Elasticsearch for the tests on a free loopback port, as an unprivileged user, without security.
#   deploy/elasticsearch.sh start [FOLDER]   prints its URL on the last line and returns when it answers
#   deploy/elasticsearch.sh stop  [FOLDER]   ends it
# FOLDER (default var/elasticsearch) holds the server, its data and logs. Needs Maven, a JDK (17 or newer), unzip, curl.
set -eu

VERSION=${ADWATCH_ES_VERSION:-8.19.2}
HEAP=${ADWATCH_ES_HEAP:-1g}
ARTIFACT=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip
verb=${1:-start}
folder=${2:-var/elasticsearch}

die() { echo "elasticsearch.sh: $*" >&2; exit 3; }

stop() {
    [ -f "$folder/pid" ] || { echo "not running" >&2; return 0; }
    pid=$(cat "$folder/pid")
    kill "$pid" 2>/dev/null || true
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
    kill -9 "$pid" 2>/dev/null || true
    rm -f "$folder/pid" "$folder/url"
}

if [ "$verb" = stop ]; then stop; exit 0; fi
[ "$verb" = start ] || die "start or stop"

for tool in mvn java unzip curl sha1sum; do
    command -v "$tool" >/dev/null || die "$tool is missing; install it, or set ADWATCH_TEST_SEARCH_URL to a server of yours"
done
mkdir -p "$folder"
folder=$(cd "$folder" && pwd)

if [ -f "$folder/pid" ] && kill -0 "$(cat "$folder/pid")" 2>/dev/null; then cat "$folder/url"; exit 0; fi

server=$folder/elasticsearch-$VERSION
if [ ! -x "$server/bin/elasticsearch" ]; then
    mvn -q -B dependency:get -Dtransitive=false "-Dartifact=$ARTIFACT" >&2 || die "the server cannot be fetched by Maven"
    repository=$(mvn -q -B help:evaluate -Dexpression=settings.localRepository -DforceStdout 2>/dev/null \
        | sed 's/\x1b\[[0-9;]*m//g')
    [ -d "$repository" ] || repository=$HOME/.m2/repository
    zip=$repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch/$VERSION/elasticsearch-$VERSION.zip
    [ -f "$zip" ] || die "$zip is not where Maven keeps it"
    [ "$(sha1sum "$zip" | cut -c1-40)" = "$(cut -c1-40 "$zip.sha1")" ] || die "$zip does not match its .sha1"
    unzip -q -o "$zip" -d "$folder"
fi

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
transport=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
mkdir -p "$folder/data" "$folder/logs" "$folder/snapshots"
cat > "$server/config/elasticsearch.yml" <<YML
cluster.name: adwatch-test
discovery.type: single-node
network.host: 127.0.0.1
http.port: $port
transport.port: $transport
path.data: $folder/data
path.logs: $folder/logs
path.repo: $folder/snapshots
xpack.security.enabled: false
YML
mkdir -p "$server/config/jvm.options.d"
printf -- '-Xms%s\n-Xmx%s\n' "$HEAP" "$HEAP" > "$server/config/jvm.options.d/heap.options"

home=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
rm -f "$folder/pid"
set -- env "ES_JAVA_HOME=$home" "$server/bin/elasticsearch" -d -p "$folder/pid"
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
    user=${ADWATCH_ES_USER:-nobody}
    chown -R "$user" "$folder"
    runuser -u "$user" -- test -w "$folder/data" || die "$folder lies in a folder that $user may not enter; name another"
    set -- runuser -u "$user" -- "$@"
fi
"$@" > "$folder/logs/start.log" 2>&1 || { tail -5 "$folder/logs/start.log" >&2; die "it did not start; see $folder/logs"; }

for _ in $(seq 120); do
    if curl -fs "http://127.0.0.1:$port/_cluster/health?wait_for_status=yellow&timeout=1s" >/dev/null 2>&1; then
        echo "http://127.0.0.1:$port" | tee "$folder/url"
        exit 0
    fi
    kill -0 "$(cat "$folder/pid" 2>/dev/null || echo 0)" 2>/dev/null || die "it ended while starting; see $folder/logs"
    sleep 0.5
done
die "no answer on port $port within a minute; see $folder/logs"
