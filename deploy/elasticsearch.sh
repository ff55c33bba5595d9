#!/bin/sh
# A real Elasticsearch for tests and trials, on free loopback ports, as an unprivileged user.
#   deploy/elasticsearch.sh start  [FOLDER]   without security; prints its URL on the last line and returns when it answers
#   deploy/elasticsearch.sh secure [FOLDER]   with security: TLS (FOLDER/ca.crt), the users elastic, writer, reader, none,
#                                             all with the password in FOLDER/password, the roles of elasticsearch-roles.yml
#   deploy/elasticsearch.sh certificate FOLDER DAYS   another certificate for it, from the same authority; taken over in seconds
#   deploy/elasticsearch.sh stop   [FOLDER]   ends it
# FOLDER (default var/elasticsearch) holds the server, configuration, data and logs; a second start there uses them again.
# Needs Maven, a JDK (17 or newer), unzip, curl; openssl for security. Variables: ADWATCH_ES_VERSION, ADWATCH_ES_HEAP,
# ADWATCH_ES_PORT (the next number is taken too), ADWATCH_ES_USER (who runs it when root starts it), ADWATCH_ES_SERVER
# (folder where the server lies unpacked or is unpacked, for several FOLDERs), ADWATCH_ES_NAMES (of the certificate),
# ADWATCH_ES_OWNER (a process: the server ends with it), ADWATCH_ES_NODE (settings of a node of a cluster, one a line: its
# name, its roles, how it finds the others).
set -eu

VERSION=${ADWATCH_ES_VERSION:-8.19.2}
HEAP=${ADWATCH_ES_HEAP:-1g}
ARTIFACT=org.elasticsearch.distribution.integ-test-zip:elasticsearch:$VERSION:zip
here=$(cd "$(dirname "$0")" && pwd)
verb=${1:-start}
folder=${2:-var/elasticsearch}

die() { echo "elasticsearch.sh: $*" >&2; exit 3; }
lacking() { echo "elasticsearch.sh: $*" >&2; exit 4; } # nothing is wrong here, but there can be no server

# the server refuses to run as root: then another user runs it
user=''
[ "$(id -u)" != 0 ] || user=${ADWATCH_ES_USER:-nobody}
as_user() { if [ -n "$user" ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }

mkdir -p "$folder"
folder=$(cd "$folder" && pwd)
if ! as_user test -x "$folder"; then # a checkout below a folder that only root may enter
    folder=${TMPDIR:-/tmp}/adwatch-elasticsearch-$(printf %s "$folder" | cksum | cut -d' ' -f1)
    mkdir -p "$folder"
    as_user test -x "$folder" || die "$user may not enter $folder; name another folder or ADWATCH_ES_USER"
fi

# the file alone proves nothing: the number may be another process's by now
running() {
    [ -f "$folder/pid" ] && pid=$(cat "$folder/pid") && [ -n "$pid" ] && kill -0 "$pid" 2>/dev/null \
        && tr '\0' ' ' < "/proc/$pid/cmdline" | grep -qF "$folder/logs/"
}

stop() {
    running || { echo "elasticsearch.sh: none is running in $folder" >&2; rm -f "$folder/pid"; return 0; }
    kill "$pid"
    kill -CONT "$pid"
    for _ in $(seq 60); do kill -0 "$pid" 2>/dev/null || break; sleep 0.5; done
    ! running || kill -9 "$pid"
    rm -f "$folder/pid"
}

fetch() {
    for tool in mvn java unzip curl sha1sum python3; do
        command -v "$tool" >/dev/null \
            || lacking "$tool is missing; install it, or set ADWATCH_TEST_SEARCH_URL to a server of yours"
    done
    [ ! -x "$server/bin/elasticsearch" ] || return 0
    mvn -q -B dependency:get -Dtransitive=false "-Dartifact=$ARTIFACT" > "$folder/maven.log" 2>&1 \
        || { tail -5 "$folder/maven.log" >&2; lacking "Maven cannot fetch $ARTIFACT"; }
    repository=$(mvn -q -B help:evaluate -Dexpression=settings.localRepository -DforceStdout 2>/dev/null \
        | sed 's/\x1b\[[0-9;]*m//g')
    [ -d "$repository" ] || repository=$HOME/.m2/repository
    zip=$repository/org/elasticsearch/distribution/integ-test-zip/elasticsearch/$VERSION/elasticsearch-$VERSION.zip
    [ -f "$zip" ] || die "$zip is not where Maven keeps it"
    [ -f "$zip.sha1" ] || die "$zip has no .sha1 beside it; delete it and try again"
    [ "$(sha1sum "$zip" | cut -c1-40)" = "$(cut -c1-40 "$zip.sha1")" ] || die "$zip does not match its .sha1; delete both"
    rm -rf "$server.new"
    mkdir -p "$server.new"
    unzip -q -o "$zip" -d "$server.new"
    mv "$server.new/elasticsearch-$VERSION" "$server"
    rmdir "$server.new"
}

certificate() { # DAYS: how long it holds; negative: it ended so many days ago
    openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/http.key.new" \
        -out "$folder/http.csr" -subj /CN=localhost 2>/dev/null
    printf 'subjectAltName=%s\n' "${ADWATCH_ES_NAMES:-IP:127.0.0.1,DNS:localhost}" > "$folder/http.ext"
    openssl x509 -req -in "$folder/http.csr" -CA "$folder/ca.crt" -CAkey "$folder/ca.key" -CAcreateserial \
        -days "$1" -extfile "$folder/http.ext" -out "$folder/http.crt.new" 2>/dev/null
    chmod 600 "$folder/http.key.new"
    [ -z "$user" ] || chown "$user" "$folder/http.key.new"
    mv "$folder/http.key.new" "$config/http.key"
    mv "$folder/http.crt.new" "$config/http.crt"
}

secure() {
    command -v openssl >/dev/null || die "openssl is missing; it makes the certificates"
    openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout "$folder/ca.key" -out "$folder/ca.crt" \
        -days 30 -subj "/CN=AdWatch test authority" 2>/dev/null
    certificate 30
    (umask 077; python3 -c 'import secrets; print(secrets.token_urlsafe(18))' > "$folder/password")
    cat "$here/elasticsearch-roles.yml" > "$config/roles.yml"
    ES_PATH_CONF=$config "$server/bin/elasticsearch-keystore" create >/dev/null
    tr -d '\n' < "$folder/password" \
        | ES_PATH_CONF=$config "$server/bin/elasticsearch-keystore" add -x bootstrap.password >/dev/null
    for name in writer reader none; do
        ES_PATH_CONF=$config "$server/bin/elasticsearch-users" useradd "$name" -p "$(cat "$folder/password")" \
            -r "adwatch_$name" >/dev/null
    done
    cat >> "$config/elasticsearch.yml" <<YML
xpack.security.enabled: true
xpack.security.http.ssl.enabled: true
xpack.security.http.ssl.certificate: http.crt
xpack.security.http.ssl.key: http.key
xpack.security.transport.ssl.enabled: false
resource.reload.interval.high: 1s
YML
}

configure() {
    port=${ADWATCH_ES_PORT:-$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')}
    transport=$((port + 1))
    [ -n "${ADWATCH_ES_PORT:-}" ] \
        || transport=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
    rm -rf "$config"
    cp -R "$server/config" "$config"
    rm -f "$config/elasticsearch.keystore"
    mkdir -p "$config/jvm.options.d"
    sed -i "s#logs/#$folder/logs/#g" "$config/jvm.options"
    printf -- '-Xms%s\n-Xmx%s\n' "$HEAP" "$HEAP" > "$config/jvm.options.d/heap.options"
    cat > "$config/elasticsearch.yml" <<YML
cluster.name: adwatch-test
${ADWATCH_ES_NODE:-discovery.type: single-node}
network.host: 127.0.0.1
http.port: $port
transport.port: $transport
path.data: $folder/data
path.logs: $folder/logs
path.repo: $folder/snapshots
YML
    if [ "$verb" = secure ]; then secure; else echo 'xpack.security.enabled: false' >> "$config/elasticsearch.yml"; fi
    if [ "$verb" = secure ]; then scheme=https; else scheme=http; fi
    echo "$scheme://127.0.0.1:$port" > "$folder/url"
}

answers() {
    if [ "$verb" = secure ]; then
        printf 'user = "elastic:%s"\ncacert = "%s"\n' "$(cat "$folder/password")" "$folder/ca.crt" \
            | curl -fs -K - "$url/_cluster/health?wait_for_status=yellow&timeout=1s" >/dev/null 2>&1
    else
        curl -fs "$url/_cluster/health?wait_for_status=yellow&timeout=1s" >/dev/null 2>&1
    fi
}

config=$folder/config
server=${ADWATCH_ES_SERVER:-$folder}/elasticsearch-$VERSION
case $verb in
    stop) stop; exit 0 ;;
    certificate) certificate "${3:?how many days it holds}"; exit 0 ;;
    start | secure) ;;
    *) die "start, secure, certificate or stop" ;;
esac

if running; then cat "$folder/url"; exit 0; fi
rm -f "$folder/pid"
fetch
ES_JAVA_HOME=$(dirname "$(dirname "$(readlink -f "$(command -v java)")")")
ES_PATH_CONF=$config
ES_TMPDIR=$folder/tmp
export ES_JAVA_HOME ES_PATH_CONF ES_TMPDIR
mkdir -p "$folder/data" "$folder/logs" "$folder/snapshots" "$folder/tmp"
[ -f "$config/elasticsearch.yml" ] && [ -f "$folder/url" ] || configure
url=$(cat "$folder/url")
[ -z "$user" ] || chown -R "$user" "$config" "$folder/data" "$folder/logs" "$folder/snapshots" "$folder/tmp"
if [ -n "$user" ]; then chown "$user" "$folder"; fi
as_user "$server/bin/elasticsearch" -d -p "$folder/pid" > "$folder/start.log" 2>&1 \
    || { tail -5 "$folder/start.log" >&2; die "it did not start; see $folder/logs and $folder/start.log"; }
pid=$(cat "$folder/pid")
if [ -n "${ADWATCH_ES_OWNER:-}" ]; then
    # shellcheck disable=SC2016
    setsid sh -c 'while kill -0 "$1" 2>/dev/null && kill -0 "$2" 2>/dev/null; do sleep 1; done
        ! kill -0 "$2" 2>/dev/null || kill -9 "$2"' owner "$ADWATCH_ES_OWNER" "$pid" </dev/null >/dev/null 2>&1 &
fi
for _ in $(seq 480); do
    if answers; then echo "$url"; exit 0; fi
    running || die "it ended while starting; see $folder/logs"
    sleep 0.25
done
die "no answer at $url within two minutes; see $folder/logs"
