#!/bin/sh
# Makes the passwords, keys and certificates of deploy/compose/compose.yml, each once; what is there is left as it is.
#   deploy/compose/secrets.sh [FOLDER]      FOLDER: secrets/ beside this file
# Needs openssl. The folder may be entered by its owner only; containers see single files of it. Elasticsearch insists on a
# password file that only its own user (1000) may read: run this as that user or as root.
set -eu

folder=${1:-$(dirname "$0")/secrets}
days=${ADWATCH_CERTIFICATE_DAYS:-825}
command -v openssl >/dev/null || { echo "secrets.sh: openssl is missing; install it" >&2; exit 3; }
user=$(id -u)
case $user in
    0 | 1000) ;;
    *) echo "secrets.sh: run it as root or as the user 1000, who must own Elasticsearch's password file" >&2; exit 2 ;;
esac
umask 077
mkdir -p "$folder"
chmod 700 "$folder"
cd "$folder"

# keep NAME: writes what comes in, unless the file is there
keep() { if [ -s "$1" ]; then cat >/dev/null; else cat > "$1.new" && mv "$1.new" "$1"; fi; }
password() { openssl rand -hex 24; }

for name in elastic_password kibana_system_password kibana_encryption_key adwatch_search_password \
    postgres_password adwatch_database_password airflow_database_password redis_password \
    airflow_jwt_secret airflow_api_secret; do
    password | tr -d '\n' | keep "$name"
done
openssl rand -base64 32 | tr '+/' '-_' | tr -d '\n' | keep airflow_fernet_key

printf 'postgresql://adwatch:%s@postgresql:5432/adwatch' "$(cat adwatch_database_password)" | keep adwatch_database_url
airflow=$(cat airflow_database_password)
printf 'postgresql+psycopg2://airflow:%s@postgresql:5432/airflow' "$airflow" | keep airflow_database_url
printf 'db+postgresql://airflow:%s@postgresql:5432/airflow' "$airflow" | keep airflow_result_backend
printf 'redis://:%s@redis:6379/0' "$(cat redis_password)" | keep airflow_broker_url
printf 'requirepass %s\nsave ""\nappendonly no\n' "$(cat redis_password)" | keep redis.conf

if [ ! -s ca.crt ]; then
    openssl req -x509 -newkey rsa:3072 -nodes -sha256 -days "$days" -subj "/CN=AdWatch internal CA" \
        -addext "basicConstraints=critical,CA:TRUE,pathlen:0" -addext "keyUsage=critical,keyCertSign,cRLSign" \
        -keyout ca.key -out ca.crt 2>/dev/null
fi
for name in elasticsearch kibana; do
    [ -s "$name.crt" ] && continue
    printf 'subjectAltName=DNS:%s,DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth\n' "$name" > "$name.ext"
    openssl req -newkey rsa:3072 -nodes -sha256 -subj "/CN=$name" -keyout "$name.key" -out "$name.csr" 2>/dev/null
    openssl x509 -req -sha256 -in "$name.csr" -CA ca.crt -CAkey ca.key -CAcreateserial -days "$days" \
        -extfile "$name.ext" -out "$name.crt" 2>/dev/null
    rm -f "$name.csr" "$name.ext"
done

# the folder keeps others out; inside a container whoever is there must be able to read
find . -type f -exec chmod 444 {} +
chmod 400 elastic_password ca.key
[ "$user" = 0 ] && chown 1000 elastic_password
echo "secrets.sh: $(pwd): $(find . -type f | wc -l) files; ca.key signs new certificates: keep it elsewhere"
