#!/bin/bash
# Run once by PostgreSQL's image when its volume is empty: a database and a login each for AdWatch and for Airflow.
# DATABASES and SECRETS name others, and another folder of their passwords.
set -euo pipefail
secrets=${SECRETS:-/run/secrets}

for name in ${DATABASES:-adwatch airflow}; do
    psql -v ON_ERROR_STOP=1 -v name="$name" -v password="$(cat "$secrets/${name}_database_password")" \
        --username "$POSTGRES_USER" --dbname postgres <<'SQL'
CREATE ROLE :"name" LOGIN PASSWORD :'password';
CREATE DATABASE :"name" OWNER :"name" ENCODING 'UTF8' TEMPLATE template0 LC_COLLATE 'C' LC_CTYPE 'C.UTF-8';
REVOKE ALL ON DATABASE :"name" FROM PUBLIC;
SQL
done
