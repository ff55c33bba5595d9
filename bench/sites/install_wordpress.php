<?php
// An empty WordPress site in Chinese, ready for fill_wordpress.php: php install_wordpress.php ROOT BASE_URL
[$_, $root, $base] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($base, PHP_URL_HOST); $_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET'; $_SERVER['REQUEST_URI'] = '/';
define('WP_INSTALLING', true);
require "$root/wp-load.php";
require_once ABSPATH.'wp-admin/includes/upgrade.php';
function wp_new_blog_notification() {}
wp_install('街角闲置', 'admin', 'admin@example.com', true, '', wp_generate_password(), 'zh_CN');
foreach (get_posts(['post_type' => ['post', 'page'], 'post_status' => 'any', 'numberposts' => -1]) as $post) wp_delete_post($post->ID, true);
update_option('timezone_string', 'Asia/Shanghai');
update_option('comment_moderation', 0); update_option('comment_previously_approved', 0);
update_option('posts_per_page', 10); update_option('posts_per_rss', 10);
global $wp_rewrite; $wp_rewrite->set_permalink_structure('/archives/%postname%/'); $wp_rewrite->flush_rules(false);
