# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: x265 ffmpeg
ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=s=320x240:r=25:d=2 \
  -pix_fmt yuv420p in.y4m
$RUN x265 --log-level error --pools 4 --preset fast in.y4m -o out.hevc
echo "status $?"
ffmpeg -nostdin -loglevel error -i out.hevc -f framemd5 - | grep -vc '^#'
