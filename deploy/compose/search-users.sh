#!/bin/sh
# Gives Elasticsearch's users their passwords: kibana_system its own, and adwatch, which may do what adwatch_writer may
# (deploy/elasticsearch-roles.yml). Run again it sets the same once more.
#   search-users.sh URL SECRETS CA      SECRETS: the folder of the password files; CA: its certificate
set -eu

url=$1 secrets=$2 ca=$3
umask 077
login=$(mktemp)
trap 'rm -f "$login"' EXIT
printf 'user = "elastic:%s"\n' "$(cat "$secrets/elastic_password")" > "$login" # no password in the list of processes

# put PATH: the body comes on standard input
put() { curl -fsS --cacert "$ca" -K "$login" -X PUT -H 'Content-Type: application/json' --data-binary @- "$url$1"; echo; }

printf '{"password":"%s"}' "$(cat "$secrets/kibana_system_password")" | put /_security/user/kibana_system/_password
printf '{"password":"%s","roles":["adwatch_writer"]}' "$(cat "$secrets/adwatch_search_password")" | put /_security/user/adwatch
