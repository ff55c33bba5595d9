#!/bin/sh
# Sends what has changed in the store to the search index, every half minute, until it is told to end.
trap 'exit 0' TERM INT
while :; do
    adwatch index push || echo "index push ended in $?; tried again in 30 s" >&2
    sleep 30 &
    wait $!
done
