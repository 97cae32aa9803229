# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: vlc-bin vlc-plugin-base ffmpeg
ffmpeg -nostdin -loglevel error -f lavfi -i testsrc=s=320x240:d=3 \
  -f lavfi -i sine=d=3 -bitexact in.mkv
chmod 777 . && chmod 666 in.mkv
su nobody -s /bin/sh -c "HOME=$PWD exec $RUN vlc -I dummy --no-one-instance \
  -V dummy -A dummy --play-and-exit in.mkv" >log 2>&1
echo "status $?"
