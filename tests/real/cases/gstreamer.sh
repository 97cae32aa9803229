# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gstreamer1.0-tools gstreamer1.0-plugins-base
export GST_REGISTRY="$PWD/registry"
gst-inspect-1.0 tee >inspect 2>&1
$RUN gst-launch-1.0 -q \
  videotestsrc num-buffers=200 ! \
  video/x-raw,format=I420,width=160,height=120 ! tee name=video ! \
  queue name=copy ! filesink location=video.raw \
  video. ! queue name=convert ! videoconvert n-threads=2 ! \
  video/x-raw,format=RGB ! filesink location=rgb.raw \
  video. ! queue name=drop ! fakesink sync=false \
  audiotestsrc num-buffers=300 ! audio/x-raw,channels=1 ! tee name=audio ! \
  queue name=listen ! filesink location=audio.raw \
  audio. ! queue name=double ! audioconvert ! audio/x-raw,channels=2 ! \
  filesink location=stereo.raw
echo "status $?"
cksum video.raw rgb.raw audio.raw stereo.raw
rm ./*.raw
