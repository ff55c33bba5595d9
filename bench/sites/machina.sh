#!/usr/bin/env bash
# A forum by django-machina (BSD licence) from its packages, in Chinese, served by gunicorn with SQLite.
. "$(dirname "$0")/common.sh"
CHECK=/robots.txt
PYTHON=$STATE/venv/bin/python

site_start() {
    local wanted="django==5.2.* django-machina==1.3.1 whoosh==2.7.4 gunicorn"
    if [ "$(cat "$STATE/wanted" 2>/dev/null)" != "$wanted" ]; then
        rm -rf "$STATE/venv"
        python3 -m venv "$STATE/venv"
        # shellcheck disable=SC2086
        "$STATE/venv/bin/pip" install -q $wanted >"$STATE/pip.log" 2>&1 || { tail -5 "$STATE/pip.log" >&2; lacking "pip failed"; }
        echo "$wanted" >"$STATE/wanted"
    fi
    rm -rf "$STATE/site"
    mkdir -p "$STATE/site"
    cp "$HERE/machina_settings.py" "$STATE/site/settings.py"
    cp "$HERE/fill_machina.py" "$STATE/site/"
    cd "$STATE/site"
    DJANGO_SETTINGS_MODULE=settings "$PYTHON" -m django migrate -v 0 >>"$STATE/log" 2>&1 || die "migrate failed, see $STATE/log"
    DJANGO_SETTINGS_MODULE=settings spawn "$PYTHON" -m gunicorn -b "$HOST:$PORT" -w 2 --threads 2 --no-control-socket settings:application
}

site_fill() {
    (cd "$STATE/site" && DJANGO_SETTINGS_MODULE=settings "$PYTHON" fill_machina.py "$1") >>"$STATE/log" 2>&1 \
        || { tail -5 "$STATE/log" >&2; die "filling failed"; }
}
main "$@"
