# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gstreamer1.0-tools gstreamer1.0-plugins-base
# needs: gstreamer1.0-plugins-good gstreamer1.0-plugins-bad python3-gi
# needs: gir1.2-gstreamer-1.0
export GST_REGISTRY="$PWD/registry"
gst-inspect-1.0 tee >inspect 2>&1
$RUN gst-launch-1.0 -q compositor name=mix ! video/x-raw,width=320,height=240 ! \
  videoconvert ! vp8enc threads=2 deadline=1 ! matroskamux name=mux ! \
  filesink location=out.mkv \
  videotestsrc num-buffers=40 ! queue ! mix. \
  videotestsrc num-buffers=40 pattern=ball ! queue ! mix. \
  audiomixer name=am ! audioconvert ! vorbisenc ! queue ! mux. \
  audiotestsrc num-buffers=60 ! queue ! am. audiotestsrc num-buffers=60 freq=880 ! queue ! am.
echo "status $?"
for _ in 1 2 3; do
  $RUN gst-launch-1.0 -q playbin uri="file://$PWD/out.mkv" video-sink=fakesink audio-sink=fakesink
  echo "status $?"
done
$RUN gst-launch-1.0 -q uridecodebin3 uri="file://$PWD/out.mkv" name=d d. ! queue ! fakesink d. ! queue ! fakesink
echo "status $?"
$RUN gst-discoverer-1.0 out.mkv >disc
echo "status $?"
cat >seek.py - <<'END'
import gi, sys
gi.require_version("Gst", "1.0")
from gi.repository import Gst, GLib
Gst.init(None)
p = [Gst.parse_launch("filesrc location=out.mkv ! decodebin name=d d. ! queue ! fakesink sync=false d. ! queue ! fakesink sync=false") for _ in range(3)]
for _ in range(5):
    for q in p:
        q.set_state(Gst.State.PAUSED)
    for q in p:
        q.get_state(5 * Gst.SECOND)
    for q in p:
        q.seek_simple(Gst.Format.TIME, Gst.SeekFlags.FLUSH, Gst.SECOND // 2)
        q.set_state(Gst.State.PLAYING)
    for q in p:
        q.get_bus().timed_pop_filtered(5 * Gst.SECOND, Gst.MessageType.EOS | Gst.MessageType.ERROR)
        q.set_state(Gst.State.NULL)
print("done")
END
$RUN /usr/bin/python3 seek.py
echo "status $?"
