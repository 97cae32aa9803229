# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gegl imagemagick
/usr/bin/convert -size 1200x900 gradient:red-blue in.png
export GEGL_THREADS=4 GEGL_USE_OPENCL=no
$RUN gegl in.png -o out.png -- gaussian-blur std-dev-x=6 std-dev-y=6 \
  unsharp-mask scale-ratio x=0.7 y=0.7 >log 2>&1
echo "status $?"
/usr/bin/convert out.png rgb:- | cksum
