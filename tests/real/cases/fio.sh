# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: fio
$RUN fio --name=a --filename=f --size=4m --rw=randrw --thread --numjobs=4 \
  --bs=4k --output=out --ioengine=psync --group_reporting
echo "status $?"
$RUN fio --name=a --filename=f --size=2m --rw=randrw --thread --numjobs=2 \
  --bs=4k --output=out --ioengine=posixaio --iodepth=8
echo "status $?"
