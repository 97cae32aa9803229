# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: graphicsmagick
export OMP_NUM_THREADS=4
$RUN gm convert -size 600x600 gradient:red-blue -blur 0x4 -resize 150% rgb:- |
  cksum
