# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: mpv ffmpeg
ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=s=320x240:d=3 \
  -f lavfi -i sine=d=3 -bitexact in.mkv
$RUN mpv --no-config --vo=null --ao=null --untimed --really-quiet in.mkv
echo "status $?"
