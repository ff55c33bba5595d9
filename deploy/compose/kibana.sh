#!/bin/bash
# Starts Kibana with its password and keys in its keystore: its image reads no files of secrets.
set -euo pipefail
cd /usr/share/kibana

[ -f config/kibana.keystore ] || bin/kibana-keystore create
bin/kibana-keystore add --force --stdin elasticsearch.password < /run/secrets/kibana_system_password
for name in xpack.security.encryptionKey xpack.encryptedSavedObjects.encryptionKey xpack.reporting.encryptionKey; do
    bin/kibana-keystore add --force --stdin "$name" < /run/secrets/kibana_encryption_key
done
exec /usr/local/bin/kibana-docker
