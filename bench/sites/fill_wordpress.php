<?php
// Makes a WordPress site hold exactly the items of a file (see items.py): php fill_wordpress.php ROOT ITEMS.jsonl BASE_URL
// What is there already keeps its post and address, what the file has not is deleted.
[$_, $root, $file, $base] = $argv;
$_SERVER['HTTP_HOST'] = parse_url($base, PHP_URL_HOST); $_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REQUEST_METHOD'] = 'GET'; $_SERVER['REQUEST_URI'] = '/';
require "$root/wp-load.php";
require_once ABSPATH.'wp-admin/includes/image.php';

function plain($text) { return str_replace('[', '&#91;', htmlspecialchars($text, ENT_NOQUOTES, 'UTF-8')); }
function seller($name) {
  foreach (get_users() as $user) if ($user->display_name === $name) return $user->ID;
  return wp_insert_user(['user_login' => 'seller'.crc32($name), 'user_pass' => wp_generate_password(),
    'display_name' => $name, 'nickname' => $name, 'role' => 'author']);
}
function category($name) { $found = get_term_by('name', $name, 'category'); return $found ? $found->term_id : wp_insert_term($name, 'category')['term_id']; }
function picture($id, $path) {
  $there = get_post_thumbnail_id($id);
  if ($there && $path && get_post_meta($there, 'from', true) === $path) return;
  if ($there) wp_delete_attachment($there, true);
  if (!$path) return;
  $up = wp_upload_bits(basename($path), null, file_get_contents($path));
  $made = wp_insert_attachment(['post_mime_type' => 'image/png', 'post_title' => basename($path), 'post_status' => 'inherit'], $up['file'], $id);
  wp_update_attachment_metadata($made, wp_generate_attachment_metadata($made, $up['file']));
  update_post_meta($made, 'from', $path); set_post_thumbnail($id, $made);
}
function comments($id, $said) {
  $there = [];
  foreach (get_comments(['post_id' => $id]) as $one) $there[$one->comment_author.$one->comment_date_gmt] = $one->comment_ID;
  foreach ($said as $one) {
    $when = gmdate('Y-m-d H:i:s', strtotime($one['posted']));
    if (isset($there[$one['author'].$when])) { unset($there[$one['author'].$when]); continue; }
    wp_insert_comment(wp_slash(['comment_post_ID' => $id, 'comment_author' => $one['author'], 'comment_content' => $one['text'],
      'comment_date_gmt' => $when, 'comment_date' => get_date_from_gmt($when), 'comment_approved' => 1]));
  }
  foreach ($there as $gone) wp_delete_comment($gone, true);
}

$items = array_map(fn ($line) => json_decode($line, true), file($file, FILE_IGNORE_NEW_LINES | FILE_SKIP_EMPTY_LINES));
$wanted = array_column($items, 'id');
foreach (get_posts(['numberposts' => -1, 'post_status' => 'any']) as $post)
  if (!in_array($post->post_name, $wanted, true)) wp_delete_post($post->ID, true);
foreach ($items as $item) {
  $when = gmdate('Y-m-d H:i:s', strtotime($item['posted']));
  $price = isset($item['price']) ? number_format($item['price'], 2, '.', '') : null;
  $body = '<!-- wp:paragraph --><p>'.nl2br(plain($item['text'])).'</p><!-- /wp:paragraph -->';
  if ($price) $body .= '<!-- wp:paragraph {"className":"price"} --><p class="price">价格：¥'.$price.'</p><!-- /wp:paragraph -->';
  $there = get_page_by_path($item['id'], OBJECT, 'post');
  $post = ['post_title' => plain($item['title']), 'post_content' => $body, 'post_status' => 'publish', 'post_name' => $item['id'],
    'post_author' => seller($item['seller']), 'post_category' => [category($item['category'])],
    'post_date' => get_date_from_gmt($when), 'post_date_gmt' => $when];
  if ($there && $there->post_content === $body && $there->post_title === $post['post_title'] && $there->post_date_gmt === $when) $id = $there->ID;
  else $id = wp_insert_post(wp_slash($there ? ['ID' => $there->ID] + $post : $post), true);
  if (is_wp_error($id)) { fwrite(STDERR, $item['id'].': '.$id->get_error_message()."\n"); exit(1); }
  update_post_meta($id, 'item_id', $item['id']);
  if ($price) update_post_meta($id, 'price', $price); else delete_post_meta($id, 'price');
  picture($id, isset($item['image']) ? dirname($file).'/'.$item['image'] : null);
  comments($id, $item['comments']);
}
echo count($items), " posts\n";
