#!/usr/bin/env bash
# Misago (GPL-2.0), a forum of Django and React, from its packages, in Chinese, served by gunicorn with a PostgreSQL of its own.
. "$(dirname "$0")/common.sh"
CHECK=/robots.txt
PYTHON=$STATE/venv/bin/python

site_start() {
    local wanted="misago==0.39.6 gunicorn" as=()
    need_apt postgresql
    if [ "$(cat "$STATE/wanted" 2>/dev/null)" != "$wanted" ]; then
        rm -rf "$STATE/venv"
        python3 -m venv "$STATE/venv"
        # shellcheck disable=SC2086
        "$STATE/venv/bin/pip" install -q $wanted >"$STATE/pip.log" 2>&1 || { tail -5 "$STATE/pip.log" >&2; lacking "pip failed"; }
        echo "$wanted" >"$STATE/wanted"
    fi
    rm -rf "$STATE/site" "$STATE/pg"
    mkdir -p "$STATE/site" "$STATE/pg"
    # PostgreSQL does not run as root
    [ "$(id -u)" != 0 ] || { as=(setpriv --reuid=nobody --regid=nogroup --clear-groups); chown nobody:nogroup "$STATE/pg"; }
    local server
    server=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -1)
    (cd "$STATE/pg" && "${as[@]}" "$server/initdb" -D "$STATE/pg/data" -U misago -A trust -E UTF8 --no-sync) >>"$STATE/log" 2>&1 \
        || die "initdb failed, see $STATE/log"
    # reached by its socket in this folder only
    spawn "${as[@]}" "$server/postgres" -D "$STATE/pg/data" -k "$STATE/pg" -c listen_addresses= -c fsync=off
    for _ in $(seq 100); do "$server/createdb" -h "$STATE/pg" -U misago misago >>"$STATE/log" 2>&1 && break; sleep 0.2; done
    cp "$HERE/misago_settings.py" "$STATE/site/settings.py"
    cp "$HERE/fill_misago.py" "$STATE/site/"
    cd "$STATE/site"
    export DJANGO_SETTINGS_MODULE=settings
    "$PYTHON" -m django migrate -v 0 >>"$STATE/log" 2>&1 || die "migrate failed, see $STATE/log"
    "$PYTHON" -m django collectstatic --noinput -v 0 >>"$STATE/log" 2>&1 || die "collectstatic failed, see $STATE/log"
    spawn "$PYTHON" -m gunicorn -b "$HOST:$PORT" -w 2 --threads 2 --no-control-socket settings:application
}

site_fill() {
    (cd "$STATE/site" && DJANGO_SETTINGS_MODULE=settings "$PYTHON" fill_misago.py "$1") >>"$STATE/log" 2>&1 \
        || { tail -5 "$STATE/log" >&2; die "filling failed"; }
}
main "$@"
