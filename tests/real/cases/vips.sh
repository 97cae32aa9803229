# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: libvips-tools ffmpeg
export VIPS_CONCURRENCY=4
vips black a.v 1500 1500 --bands 3
vips gaussnoise n.v 1500 1500
$RUN vips gaussblur n.v b.v 4
echo "status $?"
$RUN vips resize b.v c.png 0.6
echo "status $?"
$RUN vipsthumbnail c.png -s 300 -o d.jpg
echo "status $?"
$RUN vips conv b.v e.tif "$(printf '3 3\n1 1 1\n1 1 1\n1 1 1\n' >m.mat; echo m.mat)"
echo "status $?"
