# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gstreamer1.0-tools gstreamer1.0-plugins-base gstreamer1.0-plugins-good
export GST_REGISTRY="$PWD/registry"
gst-inspect-1.0 tee >inspect 2>&1
gst-launch-1.0 -q matroskamux name=mux ! filesink location=in.mkv \
  videotestsrc num-buffers=60 ! video/x-raw,width=160,height=120 ! vp8enc ! \
  queue ! mux. audiotestsrc num-buffers=90 ! vorbisenc ! queue ! mux.
$RUN gst-launch-1.0 -q filesrc location=in.mkv ! decodebin3 name=in \
  in. ! queue ! videoconvert ! filesink location=video.raw \
  in. ! queue ! audioconvert ! filesink location=audio.raw
echo "status $?"
wc -c video.raw audio.raw
