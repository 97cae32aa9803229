# shellcheck shell=sh disable=SC2086,SC2016,SC2154,SC2094,SC2012
# needs: gimp imagemagick
/usr/bin/convert -size 800x600 gradient:red-blue in.png
export GEGL_THREADS=4
timeout 90 $RUN gimp -n -i -d -f -b '(let* ((i (car (gimp-file-load 1 "in.png" "in.png")))
 (d (car (gimp-image-get-active-layer i)))) (plug-in-gauss 1 i d 12 12 0)
 (gimp-file-save 1 i d "out.png" "out.png") (gimp-quit 1))' >log 2>&1
echo "status $?"
ls out.png
