#!/usr/bin/env bash
# MediaWiki (GPL) from Debian's packages, on Apache with PHP and SQLite, in Chinese; robots.txt in Wikipedia's manner.
. "$(dirname "$0")/common.sh"
CHECK='/w/api.php?action=query&meta=siteinfo&format=json'
export MW_CONFIG_FILE=$STATE/conf/LocalSettings.php

root_of() { (cd "$(dirname "$(file_of mediawiki /maintenance/install.php)")/.." && pwd); }

site_start() {
    need_apt mediawiki php-sqlite3 php-cli php-intl php-mbstring php-xml php-gd libapache2-mod-php
    local root one
    root=$(root_of)
    rm -f "$STATE/kept.json"
    for one in data conf images www; do rm -rf "${STATE:?}/$one"; mkdir -p "$STATE/$one"; done
    php "$root/maintenance/install.php" --confpath "$STATE/conf" --dbtype sqlite --dbpath "$STATE/data" --dbname wiki \
        --server "$BASE" --scriptpath /w --lang zh-cn --skins Vector --pass loopback-only-12 街角百货维基 Admin \
        >>"$STATE/log" 2>&1 || die "install.php failed, see $STATE/log"
    cat >>"$STATE/conf/LocalSettings.php" <<PHP

\$wgArticlePath = '/wiki/\$1'; \$wgUsePathInfo = true;
\$wgUploadDirectory = '$STATE/images'; \$wgUploadPath = '/images';
\$wgJobRunRate = 0; \$wgPingback = false; \$wgMainCacheType = CACHE_DB;
PHP
    printf 'User-agent: *\nDisallow: /w/index.php\nDisallow: /wiki/Special:\nAllow: /w/api.php\n' >"$STATE/www/robots.txt"
    echo '<?php header("Location: /wiki/");' >"$STATE/www/index.php"
    chown -R www-data "$STATE/data" "$STATE/images"
    apache "$STATE/www" "SetEnv MW_CONFIG_FILE \"$MW_CONFIG_FILE\"
Alias /w \"$root\"
Alias /wiki \"$root/index.php\"
<Directory \"$root\">
  Require all granted
</Directory>"
}

site_fill() {
    local root one
    root=$(root_of)
    {
        python3 "$HERE/pages_mediawiki.py" "$1" "$STATE/kept.json" "$STATE/gone.txt" >"$STATE/pages.xml"
        while read -r one; do # an import gives a page to the editor whom it names where the wiki knows him
            php "$root/maintenance/createAndPromote.php" --force "$one" "loopback-$RANDOM$RANDOM" </dev/null
        done <"$STATE/sellers.txt"
        php "$root/maintenance/deleteBatch.php" "$STATE/gone.txt"
        php "$root/maintenance/importDump.php" --no-updates --username-prefix='' "$STATE/pages.xml"
        php "$root/maintenance/rebuildall.php"
        php "$root/maintenance/initSiteStats.php" --update
        php "$root/maintenance/runJobs.php"
        chown -R www-data "$STATE/data"
    } >>"$STATE/log" 2>&1 || { tail -5 "$STATE/log" >&2; die "filling failed"; }
}
main "$@"
