# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: libreoffice-writer-nogui libreoffice-calc-nogui
seq 300 | sed 's/.*/&,line &,&/' >in.csv
$RUN soffice --headless -env:UserInstallation="file://$PWD/profile" \
  --convert-to ods in.csv >log 2>&1
echo "status $?"
unzip -p in.ods content.xml | cksum
