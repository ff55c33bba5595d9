#!/usr/bin/env bash
# WordPress (GPL) from Debian's packages, on Apache with PHP and MariaDB, in Chinese.
. "$(dirname "$0")/common.sh"
CHECK='/wp-json/wp/v2/posts?per_page=1'
PHP_QUIET=(php -d error_reporting='E_ALL & ~E_DEPRECATED & ~E_NOTICE & ~E_WARNING')

site_start() {
    need_apt wordpress wordpress-l10n wordpress-theme-twentytwentythree libapache2-mod-php php-cli \
        php-mysql php-gd php-xml php-mbstring php-curl mariadb-server-core mariadb-client-core
    local www=$STATE/www db=$STATE/db socket=$STATE/db.sock
    rm -rf "$www" "$db" "$socket"
    mkdir -p "$www"
    [ ${#socket} -le 100 ] || die "$STATE is too long for a socket (107 bytes): set SITES_STATE"
    cp -rL "$(dirname "$(file_of wordpress /wp-load.php)")/." "$www/"
    rm -f "$www/.htaccess" "$www/wp-config.php"
    mkdir -p "$www/wp-content/uploads" "$www/wp-content/mu-plugins"
    mariadb-install-db --no-defaults --user=root --datadir="$db" --skip-test-db \
        --auth-root-authentication-method=normal >>"$STATE/log" 2>&1 || die "mariadb-install-db failed, see $STATE/log"
    spawn mariadbd --no-defaults --user=root --datadir="$db" --socket="$socket" --pid-file="$STATE/mariadb.pid" \
        --skip-networking --innodb-buffer-pool-size=64M --performance-schema=off --character-set-server=utf8mb4
    for _ in $(seq 240); do
        mariadb --no-defaults -uroot -S "$socket" -e "CREATE DATABASE IF NOT EXISTS wp;
            CREATE USER IF NOT EXISTS wp@localhost IDENTIFIED BY 'wp'; GRANT ALL ON wp.* TO wp@localhost" 2>>"$STATE/log" && break
        sleep 0.5
    done
    cat >"$www/wp-config.php" <<PHP
<?php
define('DB_NAME', 'wp'); define('DB_USER', 'wp'); define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:$socket'); define('DB_CHARSET', 'utf8mb4'); define('DB_COLLATE', '');
define('WP_HOME', '$BASE'); define('WP_SITEURL', '$BASE');
define('WP_HTTP_BLOCK_EXTERNAL', true); define('DISABLE_WP_CRON', true); define('AUTOMATIC_UPDATER_DISABLED', true);
foreach (['AUTH_KEY', 'SECURE_AUTH_KEY', 'LOGGED_IN_KEY', 'NONCE_KEY', 'AUTH_SALT', 'SECURE_AUTH_SALT', 'LOGGED_IN_SALT',
  'NONCE_SALT'] as \$name) define(\$name, 'loopback only '.\$name);
\$table_prefix = 'wp_';
if (!defined('ABSPATH')) define('ABSPATH', __DIR__.'/');
require_once ABSPATH.'wp-settings.php';
PHP
    printf '%s\n' 'RewriteEngine On' 'RewriteBase /' 'RewriteRule ^index\.php$ - [L]' 'RewriteCond %{REQUEST_FILENAME} !-f' \
        'RewriteCond %{REQUEST_FILENAME} !-d' 'RewriteRule . /index.php [L]' >"$www/.htaccess"
    cat >"$www/wp-content/mu-plugins/price.php" <<'PHP'
<?php // the custom fields price and item_id stand in the answers of the REST interface too
add_action('init', function () {
  foreach (['price', 'item_id'] as $name)
    register_post_meta('post', $name, ['type' => 'string', 'single' => true, 'show_in_rest' => true]);
});
PHP
    "${PHP_QUIET[@]}" "$HERE/install_wordpress.php" "$www" "$BASE" >>"$STATE/log" 2>&1 || die "installing failed, see $STATE/log"
    apache "$www" "php_admin_value error_reporting 4437"
}

site_fill() {
    "${PHP_QUIET[@]}" "$HERE/fill_wordpress.php" "$STATE/www" "$1" "$BASE" >>"$STATE/log" 2>&1 \
        || { tail -5 "$STATE/log" >&2; die "filling failed"; }
    chown -R www-data "$STATE/www/wp-content/uploads"
}
main "$@"
