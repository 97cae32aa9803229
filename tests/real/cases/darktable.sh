# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: darktable imagemagick
/usr/bin/convert -size 900x600 gradient:red-blue in.jpg
$RUN darktable-cli in.jpg out.png --core --configdir "$PWD/c" \
  --cachedir "$PWD/k" --disable-opencl --library :memory: -t 4 >log 2>&1
echo "status $?"
/usr/bin/convert out.png rgb:- | cksum
