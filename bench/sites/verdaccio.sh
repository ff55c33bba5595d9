#!/usr/bin/env bash
# Verdaccio (MIT licence) from its packages: a catalogue with search whose pages a script makes in the browser; its list
# holds only the rows that show.
. "$(dirname "$0")/common.sh"
CHECK=/-/verdaccio/data/packages
VERSION=6.8.0

site_start() {
    command -v npm >/dev/null || lacking "npm is missing: apt-get install npm"
    if [ "$(cat "$STATE/wanted" 2>/dev/null)" != "$VERSION" ]; then
        rm -rf "$STATE/npm"
        mkdir -p "$STATE/npm"
        # a version in the place of a tag that not every mirror of the registry has
        echo '{"name": "site", "version": "1.0.0", "private": true, "overrides": {"node-fetch": "2.7.0"}}' >"$STATE/npm/package.json"
        (cd "$STATE/npm" && npm install --no-audit --no-fund --ignore-scripts "verdaccio@$VERSION") >"$STATE/npm.log" 2>&1 \
            || { tail -5 "$STATE/npm.log" >&2; lacking "npm failed"; }
        echo "$VERSION" >"$STATE/wanted"
    fi
    rm -rf "$STATE/site"
    mkdir -p "$STATE/site"
    cat >"$STATE/site/config.yaml" <<CONF
storage: $STATE/site/storage
web: {title: 目录}
auth: {htpasswd: {file: $STATE/site/htpasswd, max_users: -1}}
uplinks: {}
packages: {'**': {access: \$all, publish: \$all, unpublish: \$all}}
log: {type: stdout, format: pretty, level: warn}
CONF
    spawn node "$STATE/npm/node_modules/verdaccio/bin/verdaccio" --config "$STATE/site/config.yaml" --listen "$HOST:$PORT"
    answers "$BASE$CHECK" || die "$BASE does not answer"
}

site_fill() {
    python3 "$HERE/fill_verdaccio.py" "$BASE" "$1" >>"$STATE/log" 2>&1 || { tail -5 "$STATE/log" >&2; die "filling failed"; }
}
main "$@"
