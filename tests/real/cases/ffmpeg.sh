# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: ffmpeg
$RUN ffmpeg -nostdin -loglevel error -f lavfi \
  -i testsrc=s=320x240:r=25:d=6 -f lavfi -i sine=d=6 -threads 4 \
  -c:v libx264 -preset veryfast -c:a aac -bitexact out.mp4
echo "status $?"
$RUN ffmpeg -nostdin -loglevel error -threads 4 -i out.mp4 -threads 4 \
  -vf scale=160:120 -c:v mpeg4 -bitexact -f framemd5 - | tail -n 3
