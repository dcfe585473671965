#!/bin/sh
# One backup: backup.sh BACKUPS ERASED, with the program's settings in the environment and its folder as the current one.
# A dated, encrypted backup goes to the folder BACKUPS, a dated copy of who was erased to the folder ERASED: a backup
# brings back whoever was erased after it, unless that list survives it. Nothing old is deleted before the new is whole.
set -eu
umask 077
backups=$1
erased=$2
now=$(date -u +%Y-%m-%dT%H%M%SZ)

node src/start.js backup "$backups/bli-med-$now.backup"
if [ -e "$DATA_DIR/erased.log" ]; then
  cp "$DATA_DIR/erased.log" "$erased/.copying"
  sync "$erased/.copying"
  mv "$erased/.copying" "$erased/erased-$now.log"
fi

# A backup lives for 30 days, and each list of the erased longer than every backup from before it.
find "$backups" -maxdepth 1 -name 'bli-med-*.backup' -mtime +29 -delete
find "$erased" -maxdepth 1 -name 'erased-*.log' -mtime +59 -delete
